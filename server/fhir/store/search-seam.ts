/** Where the store meets validation and search; they are folders of their own. */
import { DomainError } from "../../errors/domain-error.ts";
import {
  compartmentOf,
  everything,
  type FoundResource,
  linksOf,
  indexRows as makeRows,
  meetsInMemory,
  parseSearch,
  runSearch,
  type SearchRequest,
} from "../search/service.ts";
import { visible } from "../search/transaction.ts";
import { validateResource as validate } from "../validation/validate.ts";
import { callerParameter, hidesSubscriptions, type StoreContext } from "./caller.ts";
import type { StoreTx } from "./database.ts";
import type { FhirResource } from "./resource.ts";
import { withheldOf } from "./withheld.ts";

export type ValidationIssue = {
  readonly severity: "error" | "warning" | "information";
  readonly code: string;
  readonly expression?: string;
  readonly diagnostics: string;
};
/** Faults of a resource by R4's definitions. */
export const validateResource: (resource: unknown) => readonly ValidationIssue[] = (resource) =>
  validate(resource as never);

/** Rows of the index tables, for `fhir.write_index`. */
export const indexRows = (resource: FhirResource, base: string): unknown =>
  makeRows(resource as never, [base]);

export type Match = { readonly id: string; readonly version: number };

/**
 * Resources of a type that meet criteria, for conditional interactions; `fhir.enter` was called.
 * @param criteria the query as sent, e.g. `identifier=urn:a|1&active=true`
 * @param limit how many are of interest
 * @throws DomainError of the search, `fhir.request` for criteria that ask nothing
 */
export async function matchesOf(
  tx: StoreTx,
  context: StoreContext,
  type: string,
  criteria: string,
  limit: number,
): Promise<readonly Match[]> {
  const request = criteriaRequest(context, type, criteria);
  const asked: SearchRequest = { ...request, count: limit, includes: [], total: "none" };
  const page = await runSearch(tx, { ...asked, summary: "false" }, { now: context.at });
  return page.matches;
}

function criteriaRequest(context: StoreContext, type: string, criteria: string): SearchRequest {
  const request = parseSearch(type, [...new URLSearchParams(criteria)], {
    strict: true,
    base: context.base,
  });
  if (request.tests.length === 0)
    throw new DomainError("fhir.request", { reason: "the criteria ask nothing" });
  return request;
}

/**
 * Which of resources that are not stored yet meet criteria; those that cannot be judged before they are
 * stored do not.
 * @throws DomainError of the search
 */
export function unstoredMatches<Resource extends FhirResource>(
  context: StoreContext,
  type: string,
  criteria: string,
  resources: readonly Resource[],
): Resource[] {
  const request = criteriaRequest(context, type, criteria);
  return resources.filter((one) => meetsInMemory(one as never, request, context.base) === true);
}

export type SearchEntry = FoundResource & { readonly mode: "match" | "include" };
export type FoundPage = {
  readonly entries: readonly SearchEntry[];
  readonly total: number | null;
  readonly links: readonly (readonly [relation: string, url: string])[];
  /** What the caller must know beside the entries: codes of an OperationOutcome. */
  readonly remarks: readonly { readonly code: string; readonly text: string }[];
  readonly request: SearchRequest;
  /** What consent hides from the caller of the one patient whom the search names, of the types it asks. */
  readonly withheld: number;
};

/**
 * One page of a search, with its audit row in the same transaction.
 * @throws DomainError of the search
 */
export async function searchPage(
  tx: StoreTx,
  context: StoreContext,
  type: string | null,
  pairs: readonly (readonly [string, string])[],
  strict: boolean,
): Promise<FoundPage> {
  const request = parseSearch(type, pairs, { strict, base: context.base });
  const caller = callerParameter(context);
  // Sent ahead of the search in one go; the search would find nothing without it.
  const entered = tx.unsafe("SELECT fhir.enter($1::text::jsonb)", [caller], { prepare: true });
  const patient = namedPatient(context, request);
  const [page, withheld] = await Promise.all([
    runSearch(tx, request, {
      now: context.at,
      seen: seenIn(context, request.types.length === 0 && hidesSubscriptions(context)),
    }),
    patient === null ? 0 : withheldOf(tx, context, patient, request.types),
    entered,
  ]);
  const entries = [
    ...page.matches.map((one): SearchEntry => ({ ...one, mode: "match" })),
    ...page.included.map((one): SearchEntry => ({ ...one, mode: "include" })),
  ];
  // Goes out with the commit, which fails when it does.
  void auditSeen(tx, caller, "search", type, null, entries, pairs).catch(() => {});
  return {
    entries,
    total: page.total ?? null,
    links: linksOf(`${context.base}${type ? `/${type}` : ""}`, request, page).map((link) => [
      link.relation,
      link.url,
    ]),
    remarks: [
      ...request.ignored.map((name) => ({
        code: "not-supported",
        text: `${name} was left out of the search`,
      })),
      ...(page.includesCut
        ? [{ code: "too-costly", text: "More was to be included than one page carries" }]
        : []),
    ],
    request,
    withheld,
  };
}

/** Of another institution's first page about one patient: whom the search names, else null. */
function namedPatient({ caller, tenant }: StoreContext, request: SearchRequest): string | null {
  if (caller.institution === tenant || caller.purpose === "emergency" || request.cursor)
    return null;
  const named = new Set<string>();
  for (const test of request.tests) {
    if (test.kind === "id" && test.ids.length === 1 && request.types.join() === "Patient")
      named.add(test.ids[0]!);
    if (test.kind !== "reference" || test.not || test.values.length !== 1) continue;
    for (const target of test.values[0]!.targets) {
      const id = /^Patient\/([A-Za-z0-9.-]{1,64})$/.exec(target)?.[1];
      if (id) named.add(id);
    }
  }
  const [only] = named;
  return named.size === 1 ? only! : null;
}

/**
 * What the caller may see of a row, for a search over many: whoever is limited to people has their rows
 * compared first, which costs a fraction of judging each.
 */
function seenIn({ caller }: StoreContext, withoutSubscriptions: boolean) {
  const { limits } = caller;
  const isOfPeople = limits?.length && limits.every(({ people }) => people !== null);
  return (alias: string): string => {
    const parts = [
      ...(isOfPeople ? [`${alias}.patients <@ (SELECT fhir.people())`] : []),
      ...(withoutSubscriptions ? [`${alias}.type <> 'Subscription'`] : []),
      visible(alias),
    ];
    return parts.length === 1 ? visible(alias) : `(${parts.join(" AND ")})`;
  };
}

/** Whose data were shown, as one audit row. */
export async function auditSeen(
  tx: StoreTx,
  caller: string,
  interaction: string,
  type: string | null,
  id: string | null,
  shown: readonly { readonly key: string }[],
  pairs: readonly (readonly [string, string])[],
): Promise<void> {
  await tx.unsafe(
    `SELECT fhir.audit($1::text::jsonb, $2, $3, $4, 'ok',
       (SELECT array_agg(DISTINCT p) FROM resource r, unnest(r.patients) p WHERE r.key = ANY ($5::text::bigint[])),
       NULL, $6)`,
    [
      caller,
      interaction,
      type,
      id,
      `{${shown.map((one) => one.key).join(",")}}`,
      pairs.map(([name, value]) => `${name}=${value}`).join("&"),
    ],
    { prepare: true },
  );
}

export { compartmentOf, everything };
