import { STATUS_CODES } from "node:http";
import type { FastifyRequest } from "fastify";
import { DomainError } from "../../errors/domain-error.ts";
import { exactText } from "../store/json.ts";
import type { Operation } from "../store/operation.ts";
import { eachString } from "../store/resource.ts";
import { runOperations } from "../store/run.ts";
import { assertMayWrite } from "../store/service.ts";
import { type Answer, type BundleEntry, bundleText, etagOf } from "./answer.ts";
import { type Endpoint, getAnswer } from "./get.ts";
import { type Prefer, pairsOf, safe } from "./options.ts";
import { refused } from "./outcome.ts";
import { operationOf } from "./write.ts";

const entriesMax = 10_000;
const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const;
type Entry = {
  readonly method: (typeof methods)[number];
  /** Below the endpoint's base: decoded segments, and the query as sent. */
  readonly path: readonly string[];
  readonly url: string;
  readonly operation: Operation | null;
  readonly ifNoneMatch: string | undefined;
  readonly ifModifiedSince: string | undefined;
};
type Raw = {
  fullUrl?: unknown;
  resource?: unknown;
  request?: Record<string, unknown>;
};

/**
 * A batch (each entry for itself) or a transaction (all or nothing, in R4's order: DELETE, POST,
 * PUT and PATCH, GET). Answers stand in the order in which the entries came.
 * @throws DomainError
 */
export async function bundleAnswer(
  endpoint: Endpoint,
  body: unknown,
  prefer: Prefer,
  request: FastifyRequest,
): Promise<Answer> {
  const bundle = body as { resourceType?: unknown; type?: unknown; entry?: unknown } | null;
  if (
    bundle?.resourceType !== "Bundle" ||
    (bundle.type !== "batch" && bundle.type !== "transaction")
  )
    throw new DomainError("fhir.request", {
      reason: "the body is no Bundle of type batch or transaction",
    });
  const raw = bundle.entry ?? [];
  if (!Array.isArray(raw)) throw new DomainError("fhir.request", { reason: "entry is no list" });
  if (raw.length > entriesMax)
    throw new DomainError("fhir.request", { reason: `a Bundle has at most ${entriesMax} entries` });
  const entries =
    bundle.type === "batch"
      ? await batch(endpoint, raw as Raw[], prefer, request)
      : await transaction(endpoint, raw as Raw[], prefer);
  return {
    status: 200,
    text: bundleText({ type: `${bundle.type}-response`, entries }),
  };
}

async function batch(
  endpoint: Endpoint,
  raw: readonly Raw[],
  prefer: Prefer,
  request: FastifyRequest,
): Promise<BundleEntry[]> {
  const answers: BundleEntry[] = [];
  for (const [index, one] of raw.entries()) {
    try {
      const entry = entryOf(one, index, endpoint.context.base);
      answers.push(
        entry.operation
          ? written(
              (await endpoint.store.write(endpoint.context, "batch", [entry.operation]))[0]!,
              endpoint,
              prefer,
            )
          : asEntry(await readOf(endpoint, entry)),
      );
    } catch (error) {
      const { status, outcome } = refused(error, request);
      answers.push({ response: { status: statusLine(status), outcome } });
    }
  }
  return answers;
}

async function transaction(
  endpoint: Endpoint,
  raw: readonly Raw[],
  prefer: Prefer,
): Promise<BundleEntry[]> {
  const { store, context } = endpoint;
  const entries = raw.map((one, index) => entryOf(one, index, context.base));
  const operations = entries.flatMap(({ operation }, index) =>
    operation ? [{ ...operation, place: `Bundle.entry[${index}].resource` }] : [],
  );
  if (operations.length > 0) assertMayWrite(context);
  const names = new Set<string>();
  for (const { fullUrl } of operations) {
    if (fullUrl === null) continue;
    if (names.has(fullUrl))
      throw new DomainError("fhir.request", { reason: "two entries have the same fullUrl" });
    names.add(fullUrl);
  }
  assertResolved(operations);
  return store.transaction(context, async (tx) => {
    const results = await runOperations(tx, context, "transaction", operations);
    const answers: BundleEntry[] = [];
    let position = 0;
    for (const entry of entries) {
      if (entry.operation) {
        answers.push(written(results[position]!, endpoint, prefer));
        position += 1;
      } else answers.push(asEntry(await readOf(endpoint, entry, tx)));
    }
    return answers;
  });
}

/**
 * What only an entry could mean must be one that is there afterwards: it would point nowhere.
 * @throws DomainError `fhir.request`
 */
function assertResolved(operations: readonly Operation[]): void {
  const kept = new Set(
    operations.flatMap(({ fullUrl, method }) => (fullUrl && method !== "DELETE" ? [fullUrl] : [])),
  );
  for (const { resource, place } of operations) {
    // A Bundle kept as it is has entries of its own.
    if (!resource || resource.resourceType === "Bundle") continue;
    eachString(resource, (_holder, key, text) => {
      if (key !== "reference" || !/^urn:uuid:/i.test(text)) return;
      if (!kept.has(text.split("#", 1)[0]!))
        throw new DomainError("fhir.request", {
          reason: `${place} refers to ${safe(text)}, and no entry that is written has this fullUrl`,
        });
    });
  }
}

function readOf(
  endpoint: Endpoint,
  entry: Entry,
  tx?: Parameters<typeof getAnswer>[4],
): Promise<Answer> {
  return getAnswer(
    endpoint,
    entry.path,
    pairsOf(entry.url),
    { ifNoneMatch: entry.ifNoneMatch, ifModifiedSince: entry.ifModifiedSince },
    tx,
  );
}

function entryOf(raw: Raw, index: number, base: string): Entry {
  const fail = (why: string): never => {
    throw new DomainError("fhir.request", { reason: `entry ${index} ${why}` });
  };
  const request = raw?.request;
  const method = methods.find((one) => one === request?.method) ?? fail("has no request.method");
  if (typeof request?.url !== "string") return fail("has no request.url");
  const text = (name: string) =>
    typeof request[name] === "string" ? (request[name] as string) : undefined;
  const url = request.url.startsWith(`${base}/`)
    ? request.url.slice(base.length + 1)
    : request.url.replace(/^\//, "");
  if (/^[a-z][a-z0-9+.-]*:/i.test(url) || url.startsWith("/")) return fail("points elsewhere");
  const [pathText = "", query = ""] = splitOnce(url, "?");
  const path = segmentsOf(pathText, fail);
  const [type = "", id = null] = path;
  const common = {
    method,
    path,
    url,
    ifNoneMatch: text("ifNoneMatch"),
    ifModifiedSince: text("ifModifiedSince"),
  };
  if (method === "GET" || method === "HEAD") return { ...common, operation: null };
  const isOperation = id?.startsWith("$") || id?.startsWith("_") || type.startsWith("$");
  if (path.length > 2 || isOperation) return fail("is an operation, which bundles do not take");
  if (method === "POST" && id !== null) return fail("creates a resource under an id, which is PUT");
  if (raw.fullUrl !== undefined && typeof raw.fullUrl !== "string")
    return fail("has a fullUrl that is no text");
  const operation = operationOf({
    method,
    type,
    id: method === "POST" ? null : id,
    query,
    body: raw.resource,
    ifMatch: text("ifMatch"),
    ifNoneMatch: text("ifNoneMatch"),
    ifNoneExist: text("ifNoneExist"),
    fullUrl: raw.fullUrl as string | undefined,
  });
  return { ...common, operation };
}

function segmentsOf(path: string, fail: (why: string) => never): string[] {
  try {
    return path.split("/").map(decodeURIComponent);
  } catch {
    return fail("has an address that cannot be read");
  }
}

function splitOnce(text: string, by: string): [string, string] {
  const at = text.indexOf(by);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

function written(
  result: Awaited<ReturnType<typeof runOperations>>[number],
  { context }: Endpoint,
  prefer: Prefer,
): BundleEntry {
  const { status, type, id, version, resource } = result;
  if (status === "deleted" || status === "absent")
    return { response: { status: statusLine(204), ...(version ? { etag: etagOf(version) } : {}) } };
  return {
    fullUrl: `${context.base}/${type}/${id}`,
    ...(prefer.return === "representation" && resource ? { text: exactText(resource) } : {}),
    response: {
      status: statusLine(status === "created" ? 201 : 200),
      location: `${type}/${id}/_history/${version}`,
      etag: etagOf(version!),
      ...(status === "matched" ? {} : { lastModified: context.at.toISOString() }),
    },
  };
}

function asEntry(answer: Answer): BundleEntry {
  return {
    text: answer.text,
    response: {
      status: statusLine(answer.status),
      ...(answer.version ? { etag: etagOf(answer.version) } : {}),
      ...(answer.lastModified ? { lastModified: answer.lastModified.toISOString() } : {}),
    },
  };
}

const statusLine = (status: number): string => `${status} ${STATUS_CODES[status] ?? ""}`.trim();
