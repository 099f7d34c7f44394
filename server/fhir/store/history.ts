import { DomainError } from "../../errors/domain-error.ts";
import { callerParameter, hidesSubscriptions, type StoreContext } from "./caller.ts";
import { enter } from "./conditions.ts";
import type { StoreTx } from "./database.ts";

export type HistoryScope = { readonly type: string | null; readonly id: string | null };
export type HistoryOptions = {
  readonly count: number;
  readonly since: Date | null;
  /** Where the former page ended, as {@link HistoryPage.next} said. */
  readonly cursor: string | null;
};
export type HistoryEntry = {
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly lastUpdated: Date;
  readonly method: string;
  /** The stored JSON; null for a deletion. */
  readonly text: string | null;
};
export type HistoryPage = {
  readonly entries: readonly HistoryEntry[];
  readonly next: string | null;
  /** Of an instance's history only. */
  readonly total: number | null;
};

const cursorPattern = /^(\d{1,15})\.(\d{1,18})\.(\d{1,9})$/;

/**
 * Versions of a resource, a type or everything, newest first, in pages by key: what is written
 * meanwhile neither repeats nor hides an entry of the pages to come.
 * @throws DomainError `request.not-found` for an instance that never was or is not to be seen
 */
export async function historyOf(
  tx: StoreTx,
  context: StoreContext,
  scope: HistoryScope,
  options: HistoryOptions,
): Promise<HistoryPage> {
  await enter(tx, context);
  const parameters: unknown[] = [context.tenant];
  const bind = (value: unknown) => `$${parameters.push(value)}`;
  const conditions = ["h.tenant = $1"];
  if (scope.type) conditions.push(`h.type = ${bind(scope.type)}`);
  else if (hidesSubscriptions(context)) conditions.push("h.type <> 'Subscription'");
  if (scope.id) conditions.push(`h.id = ${bind(scope.id)}`);
  if (options.since)
    conditions.push(`h.last_updated >= ${bind(options.since.toISOString())}::timestamptz`);
  if (options.cursor) {
    const found = cursorPattern.exec(options.cursor);
    if (!found) throw new DomainError("fhir.request", { reason: "the page's address is not ours" });
    const [at, key, version] = [
      bind(new Date(Number(found[1])).toISOString()),
      bind(found[2]),
      bind(Number(found[3])),
    ];
    conditions.push(
      `(h.last_updated, h.key, h.version) < (${at}::timestamptz, ${key}::bigint, ${version}::int)`,
    );
  }
  const limit = bind(options.count + 1);
  const columns =
    "h.key, h.version, h.type, h.id, h.last_updated, h.method, h.patients, h.content::text AS text";
  const order = "ORDER BY last_updated DESC, key DESC, version DESC";
  const seen = (alias: string) =>
    `((SELECT fhir.unrestricted()) OR fhir.visible(${alias}.type, ${alias}.patients, ${alias}.labels))`;
  // A former version is seen by whom its own labels and the present ones let.
  const rows = await tx.unsafe(
    `SELECT * FROM (
       (SELECT ${columns} FROM resource h WHERE ${conditions.join(" AND ")} AND ${seen("h")} ${order} LIMIT ${limit})
       UNION ALL
       (SELECT ${columns} FROM resource_version h WHERE ${conditions.join(" AND ")} AND ${seen("h")}
          AND ((SELECT fhir.unrestricted()) OR EXISTS (SELECT 1 FROM resource r WHERE r.key = h.key AND ${seen("r")}))
        ${order} LIMIT ${limit})
     ) all_versions ${order} LIMIT ${limit}`,
    parameters,
  );
  const page = rows.slice(0, options.count);
  const last = page.at(-1);
  const patients = [...new Set(page.flatMap((row) => row.patients as string[]))];
  await tx.unsafe(
    "SELECT fhir.audit($1::text::jsonb, 'history', $2, $3, 'ok', $4::text[], NULL, NULL)",
    [callerParameter(context), scope.type, scope.id, patients],
  );
  if (scope.id && page.length === 0 && !options.cursor && !options.since)
    throw new DomainError("request.not-found");
  return {
    entries: page.map((row) => ({
      type: row.type,
      id: row.id,
      version: Number(row.version),
      lastUpdated: new Date(row.last_updated),
      method: row.method,
      text: row.text,
    })),
    next:
      rows.length > options.count && last
        ? `${new Date(last.last_updated).getTime()}.${last.key}.${last.version}`
        : null,
    total: scope.id && !options.since && !options.cursor ? await totalOf(tx, context, scope) : null,
  };
}

async function totalOf(tx: StoreTx, context: StoreContext, scope: HistoryScope): Promise<number> {
  const [row] = await tx.unsafe(
    "SELECT version FROM resource WHERE tenant = $1 AND type = $2 AND id = $3",
    [context.tenant, scope.type, scope.id],
  );
  return Number(row?.version ?? 0);
}
