import { readCursor, writeCursor } from "./cursor.ts";
import { includesOf } from "./includes.ts";
import { countSql, pageSql, partsOf } from "./page-sql.ts";
import { type Plan, planOf } from "./plan.ts";
import type { SearchRequest } from "./request.ts";
import type { Compiler } from "./sql-rows.ts";
import { createStatement } from "./statement.ts";
import {
  ask,
  type FoundResource,
  foundResource,
  type Row,
  type SearchContext,
  type SearchTx,
  visible,
} from "./transaction.ts";
import { resolveValueSets } from "./value-set.ts";

export type SearchPage = {
  readonly matches: readonly FoundResource[];
  readonly included: readonly FoundResource[];
  readonly total: number | undefined;
  /** Value of `_cursor` for the next page; undefined on the last. */
  readonly next: string | undefined;
  /** More was to be included than one answer carries: say so in an OperationOutcome. */
  readonly includesCut: boolean;
};

/** An estimate counts up to here, and asks the planner beyond. */
const COUNTED_FOR_ESTIMATE = 1000;

/**
 * Runs a search inside a transaction whose settings `fhir.enter` has set.
 * @throws DomainError `fhir.search-page`, `fhir.search-refused` for a value set that is not here
 */
export async function runSearch(
  tx: SearchTx,
  asked: SearchRequest,
  context: SearchContext,
): Promise<SearchPage> {
  const cursor = readCursor(asked);
  const request = await resolveValueSets(tx, asked, context);
  const total = await totalOf(tx, request, context);
  if (request.summary === "count") {
    return { matches: [], included: [], total, next: undefined, includesCut: false };
  }
  const rows: Row[] = [];
  const plan = await planOf(tx, request, () => compilerOf(context), cursor);
  for (const part of partsOf(plan, cursor)) {
    const left = request.count + 1 - rows.length;
    if (left <= 0) break;
    const compiler = compilerOf(context);
    const text = pageSql(request, plan, part, cursor, left, compiler);
    rows.push(...(await ask(tx, text, compiler.statement)));
  }
  const shown = rows.slice(0, request.count);
  const last = shown.at(-1);
  const next =
    rows.length > shown.length && last
      ? writeCursor(asked, {
          key: last.key,
          values: valuesOf(plan, request).map((_, index) => last[`v${index}`] ?? null),
        })
      : undefined;
  const matches = shown.map(foundResource);
  const { included, isCut } = await includesOf(tx, request, matches, context.seen ?? visible);
  return { matches, included, total, next, includesCut: isCut };
}

/** What a row is ordered by beside its key. */
const valuesOf = (plan: Plan, { sort }: SearchRequest): readonly unknown[] =>
  plan.by === "stream" ? [plan.stream] : sort;

function compilerOf({ now, seen = visible }: SearchContext): Compiler {
  return { statement: createStatement(), now, seen };
}

async function totalOf(
  tx: SearchTx,
  request: SearchRequest,
  context: SearchContext,
): Promise<number | undefined> {
  if (request.total === "none" && request.summary !== "count") return undefined;
  const isEstimate = request.total === "estimate" && request.summary !== "count";
  const compiler = compilerOf(context);
  const text = countSql(request, isEstimate ? COUNTED_FOR_ESTIMATE : undefined, compiler);
  const [row] = await ask(tx, text, compiler.statement);
  const counted = Number(row?.total ?? 0);
  if (!isEstimate || counted < COUNTED_FOR_ESTIMATE) return counted;
  const whole = compilerOf(context);
  const [plan] = await ask(
    tx,
    `EXPLAIN (FORMAT JSON) ${countSql(request, undefined, whole)}`,
    whole.statement,
  );
  return Math.max(counted, plannedRows(plan?.["QUERY PLAN"]));
}

/** Rows that the planner expects below the count. */
function plannedRows(plan: unknown): number {
  const parsed = (typeof plan === "string" ? JSON.parse(plan) : plan) as
    | { Plan?: { Plans?: { "Plan Rows"?: number }[] } }[]
    | undefined;
  return Math.round(parsed?.[0]?.Plan?.Plans?.at(-1)?.["Plan Rows"] ?? 0);
}
