/** AuditEvent at the FHIR API: read and searched, never written. */
import { toFhirAuditEvent } from "../../../fhir-mappings/audit-event.ts";
import { DomainError } from "../../errors/domain-error.ts";
import { type Answer, type BundleEntry, bundleText } from "../rest/answer.ts";
import { inForm } from "../rest/form.ts";
import type { Endpoint } from "../rest/get.ts";
import { linksOf } from "../rest/get.ts";
import type { Pair, ResultOptions } from "../rest/options.ts";
import { safe } from "../rest/options.ts";
import { callerParameter, type StoreContext } from "../store/caller.ts";
import { enter } from "../store/conditions.ts";
import type { StoreTx } from "../store/database.ts";
import { assertScope } from "../store/scopes.ts";
import { idOf } from "./conditions.ts";
import { type AuditRequest, parseAuditSearch, writeCursor } from "./request.ts";
import { countTraces, pageOfTraces, type Traces, traceOfStore, type View } from "./rows.ts";

/**
 * Whose events the caller sees: whoever answers for the institution's records, and its systems, all of
 * them; a patient by his app those about himself.
 * @throws DomainError `permission.denied`
 */
function viewOf(context: StoreContext, letter: "r" | "s"): View {
  const { caller, tenant, base } = context;
  assertScope(context, "AuditEvent", letter);
  const refuse = (): never => {
    throw new DomainError("permission.denied", { permission: "record.manage" });
  };
  if (caller.institution !== tenant) return refuse();
  if (caller.kind === "person" && !caller.manages) return refuse();
  const limits = (caller.limits ?? []).filter(
    ({ types }) => types === null || types.includes("AuditEvent"),
  );
  const isLimited = caller.limits !== null && caller.limits !== undefined;
  const people =
    !isLimited || limits.some((one) => one.people === null)
      ? null
      : limits.flatMap((one) => one.people ?? []);
  return { tenant, base, people };
}

/**
 * Whether an id is one that came with an import: such an event of another system is a resource like others,
 * for whom the trace is.
 * @throws DomainError `permission.denied`
 */
export function isImported(context: StoreContext, [, id]: readonly string[]): boolean {
  if (id === undefined || id === "_history" || idOf(id)) return false;
  viewOf(context, "r");
  return true;
}

/**
 * `/AuditEvent` and `/AuditEvent/<id>`; `path` are the segments after the base.
 * @throws DomainError `permission.denied`, `request.not-found`, those of the search
 */
export function auditAnswer(
  endpoint: Endpoint,
  path: readonly string[],
  pairs: readonly Pair[],
  rest: readonly Pair[],
  form: ResultOptions,
  strict: boolean,
  tx?: StoreTx,
): Promise<Answer> {
  const { store, context, alliance } = endpoint;
  const [, id] = path;
  if (path.length > 2 || id === "_history") throw new DomainError("request.not-found");
  const view = viewOf(context, id === undefined ? "s" : "r");
  const run = (own: StoreTx) => {
    const traces: Traces = {
      records: traceOfStore(own),
      // The alliance's trace knows people by its own numbers: whose they are here is not asked of it.
      ...(view.people === null && alliance ? { alliance } : {}),
    };
    return id === undefined
      ? searched(own, context, traces, view, pairs, form, strict)
      : readOne(own, context, traces, view, id, rest, form);
  };
  return tx ? run(tx) : store.transaction(context, run);
}

async function readOne(
  tx: StoreTx,
  context: StoreContext,
  traces: Traces,
  view: View,
  id: string,
  rest: readonly Pair[],
  form: ResultOptions,
): Promise<Answer> {
  if (rest.length > 0)
    throw new DomainError("fhir.request", {
      reason: `the parameter ${safe(rest[0]![0])} is not known here`,
    });
  await enter(tx, context);
  const request = { ...parseAuditSearch([["_id", id]], true), count: 1 };
  const [row] = idOf(id) ? await pageOfTraces(traces, request, view) : [];
  await note(tx, context, "read", id, row ? "ok" : "missing", row?.facts.patients ?? [], "");
  if (!row) throw new DomainError("request.not-found");
  return {
    status: 200,
    text: inForm(JSON.stringify(toFhirAuditEvent(row.facts)), form),
    version: 1,
    lastModified: new Date(row.facts.at),
  };
}

async function searched(
  tx: StoreTx,
  context: StoreContext,
  traces: Traces,
  view: View,
  pairs: readonly Pair[],
  form: ResultOptions,
  strict: boolean,
): Promise<Answer> {
  const request = parseAuditSearch(pairs, strict);
  await enter(tx, context);
  const total = request.total ? await countTraces(traces, request, view) : null;
  const rows = request.isCountOnly ? [] : await pageOfTraces(traces, request, view);
  const shown = rows.slice(0, request.count);
  const last = shown.at(-1);
  const next =
    last && rows.length > shown.length
      ? writeCursor(request, {
          at: last.at,
          source: last.facts.source,
          key: last.key,
          until: request.cursor?.until ?? context.at.toISOString(),
        })
      : null;
  const people = [...new Set(shown.flatMap(({ facts }) => facts.patients))];
  const query = pairs.map(([name, value]) => `${name}=${value}`).join("&");
  // One row for one question, whatever it showed: looking at the trace is a look like any other.
  await note(tx, context, "search", null, "ok", people, query);
  return {
    status: 200,
    text: bundleText({
      type: "searchset",
      at: context.at,
      total,
      links: linksOf(context.base, "AuditEvent", pairs, next),
      entries: [
        ...shown.map(
          ({ facts }): BundleEntry => ({
            fullUrl: `${context.base}/AuditEvent/${facts.id}`,
            text: inForm(JSON.stringify(toFhirAuditEvent(facts)), form),
            search: "match",
          }),
        ),
        ...leftOut(request),
      ],
    }),
  };
}

function leftOut({ ignored }: AuditRequest): BundleEntry[] {
  if (ignored.length === 0) return [];
  const issue = ignored.map((name) => ({
    severity: "warning",
    code: "not-supported",
    diagnostics: `${name} was left out of the search`,
  }));
  return [{ search: "outcome", text: JSON.stringify({ resourceType: "OperationOutcome", issue }) }];
}

const note = (
  tx: StoreTx,
  context: StoreContext,
  interaction: "read" | "search",
  id: string | null,
  outcome: string,
  patients: readonly string[],
  query: string,
) =>
  tx.unsafe(
    "SELECT fhir.audit($1::text::jsonb, $2, 'AuditEvent', $3, $4, $5::text[], NULL, nullif($6, ''))",
    [callerParameter(context), interaction, id, outcome, [...patients], query],
  );
