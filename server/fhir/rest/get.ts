import { DomainError } from "../../errors/domain-error.ts";
import { auditAnswer, isImported } from "../audit/answer.ts";
import type { AskTrace } from "../audit/rows.ts";
import { isStoredType } from "../definitions/types.ts";
import { hidesSubscriptions, type StoreContext } from "../store/caller.ts";
import type { StoreTx } from "../store/database.ts";
import { isId } from "../store/resource.ts";
import { assertScope } from "../store/scopes.ts";
import type { RecordStore } from "../store/service.ts";
import { type Answer, type BundleEntry, bundleText, etagOf, withheldEntry } from "./answer.ts";
import { inForm } from "./form.ts";
import { type Pair, pageOptions, type ResultOptions, safe, splitForm } from "./options.ts";
import { searchAnswer } from "./search.ts";

export type Endpoint = {
  readonly store: RecordStore;
  readonly context: StoreContext;
  /** What the alliance's own services noted of the institution's people, for AuditEvent. */
  readonly alliance?: AskTrace;
};
export type Conditions = {
  readonly ifNoneMatch?: string | undefined;
  readonly ifModifiedSince?: string | undefined;
  /** False: `Prefer: handling=lenient`. */
  readonly strict?: boolean;
};

/**
 * Answers a GET below the endpoint's base, from a request or from an entry of a bundle.
 * @param path segments after the base, decoded, e.g. `["Patient", "1"]`
 * @param tx the transaction of the bundle
 * @throws DomainError
 */
export async function getAnswer(
  endpoint: Endpoint,
  path: readonly string[],
  pairs: readonly Pair[],
  conditions: Conditions = {},
  tx?: StoreTx,
): Promise<Answer> {
  const { form, rest } = splitForm(pairs);
  assertNoSubscriptions(endpoint.context, path, pairs);
  const search = (of: string | null) => {
    assertScope(endpoint.context, of ?? "*", "s");
    assertAboutOne(endpoint.context, pairs);
    return searchAnswer(endpoint, of, pairs, form, conditions.strict ?? true, tx);
  };
  const [type = "", id = "", word, version] = path;
  if (type === "_history" && path.length === 1) {
    assertScope(endpoint.context, "*", "r");
    return historyAnswer(endpoint, null, null, rest, form, tx);
  }
  if (type === "") return search(null);
  assertType(type);
  // The trace is not kept as resources: it is answered from its own rows.
  if (type === "AuditEvent" && !isImported(endpoint.context, path))
    return auditAnswer(endpoint, path, pairs, rest, form, conditions.strict ?? true, tx);
  if (path.length === 1) return search(type);
  assertScope(endpoint.context, type, "r");
  if (id === "_history" && path.length === 2)
    return historyAnswer(endpoint, type, null, rest, form, tx);
  const operation = [id, word ?? ""].find((one) => one.startsWith("$"));
  if (operation && !(word === "$everything" && path.length === 3 && type === "Patient"))
    throw new DomainError("fhir.operation", { operation: safe(operation) });
  if (!isId(id)) throw new DomainError("fhir.request", { reason: "the id is no FHIR id" });
  if (path.length === 2) return readAnswer(endpoint, type, id, null, rest, form, conditions, tx);
  if (word === "_history" && path.length === 3)
    return historyAnswer(endpoint, type, id, rest, form, tx);
  if (word === "_history" && path.length === 4 && version !== undefined) {
    if (!/^\d{1,9}$/.test(version)) throw new DomainError("request.not-found");
    return readAnswer(endpoint, type, id, Number(version), rest, form, conditions, tx);
  }
  if (word === "$everything" && path.length === 3 && type === "Patient")
    return everythingAnswer(endpoint, id, rest, form, tx);
  throw new DomainError("request.not-found");
}

/** @throws DomainError `fhir.type` */
export function assertType(type: string): void {
  if (!isStoredType(type)) throw new DomainError("fhir.type", { type: safe(type) });
}

/**
 * Where an institution's systems are told something is not for everybody who reads records.
 * @throws DomainError `permission.denied`
 */
function assertNoSubscriptions(
  context: StoreContext,
  [type]: readonly string[],
  pairs: readonly Pair[],
): void {
  if (!hidesSubscriptions(context)) return;
  const isAsked =
    type === "Subscription" ||
    pairs.some(([name, value]) => name === "_type" && value.split(",").includes("Subscription"));
  if (isAsked) throw new DomainError("permission.denied", { permission: "record.manage" });
}

const namesPatient = /^(patient|subject|_id|identifier)([.:]|$)/;

/**
 * Breaking the glass of another institution is about a patient that one names, not about everybody's records.
 * @throws DomainError `fhir.request`
 */
function assertAboutOne({ caller, tenant }: StoreContext, pairs: readonly Pair[]): void {
  if (caller.purpose !== "emergency" || caller.institution === tenant) return;
  if (!pairs.some(([name, value]) => namesPatient.test(name) && value !== ""))
    throw new DomainError("fhir.request", { reason: "an emergency access names its patient" });
}

async function readAnswer(
  { store, context }: Endpoint,
  type: string,
  id: string,
  version: number | null,
  rest: readonly Pair[],
  form: ResultOptions,
  conditions: Conditions,
  tx?: StoreTx,
): Promise<Answer> {
  if (rest.length > 0)
    throw new DomainError("fhir.request", {
      reason: `the parameter ${safe(rest[0]![0])} is not known here`,
    });
  const found = await store.read(context, type, id, version, tx);
  if (found.status === "missing") throw new DomainError("request.not-found");
  if (found.status === "gone") throw new DomainError("fhir.gone");
  const known = { version: found.version, lastModified: found.lastUpdated };
  if (isUnchanged(found.version, found.lastUpdated, conditions))
    return { status: 304, text: null, ...known };
  return { status: 200, text: inForm(found.text, form), ...known };
}

/** If-None-Match and If-Modified-Since; the tag is the sharper of the two (RFC 9110). */
function isUnchanged(version: number, lastUpdated: Date, conditions: Conditions): boolean {
  const { ifNoneMatch, ifModifiedSince } = conditions;
  if (ifNoneMatch !== undefined)
    return (
      ifNoneMatch === "*" || ifNoneMatch.split(",").some((tag) => tag.trim() === etagOf(version))
    );
  if (ifModifiedSince === undefined) return false;
  const since = Date.parse(ifModifiedSince);
  return !Number.isNaN(since) && Math.floor(lastUpdated.getTime() / 1000) * 1000 <= since;
}

async function historyAnswer(
  { store, context }: Endpoint,
  type: string | null,
  id: string | null,
  rest: readonly Pair[],
  form: ResultOptions,
  tx?: StoreTx,
): Promise<Answer> {
  if (id === null) assertAboutOne(context, []);
  const options = pageOptions(rest, ["_count", "_since", "_cursor"]);
  const page = await store.history(context, { type, id }, options, tx);
  const path = [type, id, "_history"].filter((one) => one !== null).join("/");
  return {
    status: 200,
    text: bundleText({
      type: "history",
      at: context.at,
      total: page.total,
      links: linksOf(context.base, path, rest, page.next),
      entries: page.entries.map((one): BundleEntry => {
        const url = `${one.type}/${one.id}`;
        return {
          fullUrl: `${context.base}/${url}`,
          text: one.text === null ? null : inForm(one.text, form),
          request: { method: one.method, url: one.method === "POST" ? one.type : url },
          response: {
            status: one.text === null ? "204" : one.version === 1 ? "201" : "200",
            etag: etagOf(one.version),
            lastModified: one.lastUpdated.toISOString(),
          },
        };
      }),
    }),
  };
}

async function everythingAnswer(
  { store, context }: Endpoint,
  id: string,
  rest: readonly Pair[],
  form: ResultOptions,
  tx?: StoreTx,
): Promise<Answer> {
  const options = pageOptions(rest, ["_count", "_since", "_type", "_cursor"]);
  const types = options.value("_type")?.split(",") ?? null;
  for (const type of types ?? []) assertType(type);
  if (options.cursor !== null && !/^\d{1,18}$/.test(options.cursor))
    throw new DomainError("fhir.request", { reason: "the page's address is not ours" });
  const page = await store.everything(context, id, { ...options, types }, tx);
  return {
    status: 200,
    text: bundleText({
      type: "searchset",
      at: context.at,
      total:
        page.next === null && options.cursor === null
          ? page.entries.filter((one) => one.mode === "match").length
          : null,
      links: linksOf(context.base, `Patient/${id}/$everything`, rest, page.next),
      entries: [
        ...page.entries.map(
          (one): BundleEntry => ({
            fullUrl: `${context.base}/${one.type}/${one.id}`,
            text: inForm(one.content, form),
            search: one.mode,
          }),
        ),
        ...(page.withheld > 0 ? [withheldEntry(page.withheld)] : []),
      ],
    }),
  };
}

export function linksOf(
  base: string,
  path: string,
  pairs: readonly Pair[],
  next: string | null,
): [string, string][] {
  const address = (list: readonly Pair[]) => {
    const query = new URLSearchParams(list.map(([name, value]) => [name, value])).toString();
    return `${base}/${path}${query ? `?${query}` : ""}`;
  };
  const others = pairs.filter(([name]) => name !== "_cursor");
  return [
    ["self", address(pairs)],
    ...(next === null
      ? []
      : ([["next", address([...others, ["_cursor", next]])]] as [string, string][])),
  ];
}
