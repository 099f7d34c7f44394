/** Bundles: the rules bdl-1 to bdl-12, and what an entry's address says about its resource. */
import { type BundleScope, isObject, type Json, objectsOf, type Run } from "./run.ts";

const ENTRY_REQUEST = new Set(["batch", "transaction", "history"]);
const ENTRY_RESPONSE = new Set(["batch-response", "transaction-response", "history"]);
const RELATIVE_END = /\/([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})$/;

/** Entries by their full address, for references between them. */
export function bundleScope(bundle: Json): BundleScope {
  const byFullUrl = new Map<string, Json>();
  for (const { fullUrl, resource } of objectsOf(bundle.entry)) {
    if (typeof fullUrl === "string" && isObject(resource)) byFullUrl.set(fullUrl, resource);
  }
  return { type: bundle.type, byFullUrl };
}

/** Checks a Bundle beyond its structure and its entries' resources. */
export function checkBundle(bundle: Json, run: Run): void {
  const { type, total, identifier, timestamp } = bundle;
  const entries = objectsOf(bundle.entry);
  const fails = (text: string, below?: string) => run.error("invariant", text, below);
  if (total !== undefined && type !== "searchset" && type !== "history") {
    fails("only a searchset or a history has a total (bdl-1)", "total");
  }
  if (type === "document") {
    if (
      !isObject(identifier) ||
      identifier.system === undefined ||
      identifier.value === undefined
    ) {
      fails("a document has an identifier with system and value (bdl-9)", "identifier");
    }
    if (timestamp === undefined) fails("a document has a date (bdl-10)", "timestamp");
  }
  const first = isObject(entries[0]?.resource) ? entries[0].resource.resourceType : undefined;
  if (type === "document" && first !== "Composition") {
    fails("a document begins with a Composition (bdl-11)", "entry");
  }
  if (type === "message" && first !== "MessageHeader") {
    fails("a message begins with a MessageHeader (bdl-12)", "entry");
  }
  if (type === "document") checkDocument(entries, run);
  const seen = new Set<string>();
  run.path.push("entry", 0);
  entries.forEach((entry, index) => {
    run.path[run.path.length - 1] = index;
    checkEntry(entry, type, run);
    checkAddress(entry, type, seen, run);
  });
  run.path.length -= 2;
}

function checkEntry(entry: Json, type: unknown, run: Run): void {
  const { resource, request, response, search } = entry;
  const fails = (text: string, below?: string) => run.error("invariant", text, below);
  if (resource === undefined && request === undefined && response === undefined) {
    fails("has a resource, a request or a response (bdl-5)");
  }
  if (search !== undefined && type !== "searchset") {
    fails("only entries of a searchset say how they were found (bdl-2)", "search");
  }
  if (typeof type !== "string") return;
  if ((request !== undefined) !== ENTRY_REQUEST.has(type)) {
    fails(
      request === undefined
        ? `an entry of a ${type} has a request (bdl-3)`
        : `an entry of a ${type} has no request (bdl-3)`,
      "request",
    );
  }
  if ((response !== undefined) !== ENTRY_RESPONSE.has(type)) {
    fails(
      response === undefined
        ? `an entry of a ${type} has a response (bdl-4)`
        : `an entry of a ${type} has no response (bdl-4)`,
      "response",
    );
  }
  if (
    isObject(request) &&
    resource === undefined &&
    /^(POST|PUT|PATCH)$/.test(String(request.method))
  ) {
    fails(`a ${request.method} sends a resource`, "resource");
  }
  if (isObject(request) && isObject(resource)) checkRequest(request, resource, run);
}

/** What is sent is what the request's address names. */
function checkRequest({ method, url }: Json, { resourceType, id }: Json, run: Run): void {
  if (typeof url !== "string" || (method !== "POST" && method !== "PUT")) return;
  const [, type, place] =
    /^\/?([A-Z][A-Za-z]*)(?:\/([A-Za-z0-9\-.]{1,64}))?(?:\?.*)?$/.exec(url) ?? [];
  if (!type) return;
  if (type !== resourceType) {
    run.error("value", "names another type than its resource has", "request.url");
  } else if (method === "PUT" && place && place !== id) {
    run.error("value", "names another id than its resource has", "request.url");
  }
}

/** What a document's Composition speaks of comes with it. */
function checkDocument(entries: readonly Json[], run: Run): void {
  const composition = entries[0]?.resource;
  if (!isObject(composition) || composition.resourceType !== "Composition") return;
  const addresses = entries.map(({ fullUrl }) => fullUrl).filter((one) => typeof one === "string");
  const named = [
    composition.subject,
    composition.encounter,
    composition.custodian,
    ...objectsOf(composition.author),
    ...objectsOf(composition.attester).map(({ party }) => party),
    ...sectionEntries(composition.section),
  ];
  for (const one of named) {
    const reference = isObject(one) ? one.reference : undefined;
    // UUIDs are looked for wherever they stand.
    if (typeof reference !== "string" || /^(#|urn:)/.test(reference)) continue;
    const bare = reference.replace(/\/_history\/.*$/, "");
    const isThere = addresses.some((address) => address === bare || address.endsWith(`/${bare}`));
    if (!isThere) {
      run.error(
        "not-found",
        "the Composition refers to what is not in the document",
        "entry[0].resource",
      );
    }
  }
}

function sectionEntries(sections: unknown): Json[] {
  return objectsOf(sections).flatMap(({ entry, section }) => [
    ...objectsOf(entry),
    ...sectionEntries(section),
  ]);
}

function checkAddress(entry: Json, type: unknown, seen: Set<string>, run: Run): void {
  const { fullUrl, resource } = entry;
  if (typeof fullUrl !== "string") return;
  if (fullUrl.includes("/_history/")) {
    run.error("invariant", "names a version, which a fullUrl must not (bdl-8)", "fullUrl");
  }
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:/.test(fullUrl)) {
    run.error("value", "must be an absolute address", "fullUrl");
  }
  if (!isObject(resource)) return;
  const version = isObject(resource.meta) ? resource.meta.versionId : undefined;
  const key = `${fullUrl} ${version ?? ""}`;
  if (type !== "history" && seen.has(key)) {
    run.error("duplicate", "is the address of another entry too (bdl-7)", "fullUrl");
  }
  seen.add(key);
  const place = RELATIVE_END.exec(fullUrl);
  const { id, resourceType } = resource;
  if (!place || !fullUrl.startsWith("http") || typeof id !== "string") return;
  if (place[1] === resourceType && place[2] !== id) {
    // HL7's own messages do so: there the sender's address is of no use to anybody.
    run.report(
      type === "message" ? "warning" : "error",
      "value",
      "names another id than its resource has",
      "fullUrl",
    );
  }
}
