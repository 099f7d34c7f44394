import type { Services } from "../../http/context.ts";
import { stillCounts } from "../../smart/service.ts";
import { resourceTypes } from "../definitions/types.ts";
import { callerParameter, type StoreContext, seenPredicate } from "../store/caller.ts";
import type { StoreTx } from "../store/database.ts";
import { auditSeen } from "../store/search-seam.ts";
import { bulkCaller, inStore, placeOf } from "./context.ts";
import type { ExportPlan } from "./export-request.ts";
import type { BulkFiles } from "./files.ts";
import { advance, type BulkJob, cancel, findJob } from "./job.ts";

export type ExportFile = {
  readonly type: string;
  readonly name: string;
  readonly count: number;
  readonly bytes: number;
};
export type ExportCursor = {
  /** Types that hold anything, in the order in which they are written; then what was deleted. */
  readonly types: readonly string[];
  readonly at: number;
  readonly key: string;
  readonly files: readonly ExportFile[];
};

const rowsPerPage = 500;
/** The list of deleted resources, as a type of its own at the end. */
export const deletedName = "deleted";

/**
 * Goes on with an export where it was until it is done or was cancelled. A page is written to its file
 * first and then noted, so that a page that was not noted is written again in its place. Before each page it
 * is asked whether the system that began it still counts.
 */
export async function runExport(
  services: Services,
  files: BulkFiles,
  tenant: string,
  id: string,
): Promise<void> {
  const place = await placeOf(services, tenant);
  const own = () => place.context(bulkCaller(tenant));
  let job = await inStore(place, own(), (tx) =>
    findJob<ExportPlan, ExportCursor>(tx, own(), id, "export"),
  );
  while (job && (job.state === "waiting" || job.state === "running")) {
    const now: BulkJob<ExportPlan, ExportCursor> = job;
    const context: StoreContext = { ...place.context(now.caller), base: now.plan.base };
    // A system that was ended takes nothing more along, whenever it began.
    if (now.caller.kind === "client" && !(await stillCounts(services, now.caller.actor)))
      await inStore(place, own(), (tx) => cancel(tx, own(), id));
    else if (now.cursor.types === undefined) {
      const cursor = await inStore(place, context, (tx) => begin(tx, context, now.plan));
      await inStore(place, own(), (tx) => advance(tx, own(), now, { state: "running", cursor }));
    } else await nextPage(now, now.cursor as ExportCursor, context);
    job = await inStore(place, own(), (tx) =>
      findJob<ExportPlan, ExportCursor>(tx, own(), id, "export"),
    );
  }
  if (job?.state === "cancelled") await files.remove(id);

  async function nextPage(
    at: BulkJob<ExportPlan, ExportCursor>,
    cursor: ExportCursor,
    context: StoreContext,
  ): Promise<void> {
    const type = cursor.types[cursor.at];
    if (type === undefined) {
      await inStore(place, own(), (tx) => advance(tx, own(), at, { state: "done" }));
      return;
    }
    const page = await inStore(place, context, (tx) =>
      pageOf(tx, context, at.plan, type, cursor.key),
    );
    const before = cursor.files.find((one) => one.type === type);
    let written = cursor.files;
    if (page.lines.length > 0) {
      const name = `${type}.ndjson`;
      const bytes = await files.writeAt(
        id,
        name,
        before?.bytes ?? 0,
        Buffer.from(`${page.lines.join("\n")}\n`),
      );
      const file = { type, name, bytes, count: (before?.count ?? 0) + page.lines.length };
      written = [...cursor.files.filter((one) => one.type !== type), file];
    }
    const next: ExportCursor =
      page.last === null
        ? { ...cursor, files: written, at: cursor.at + 1, key: "0" }
        : { ...cursor, files: written, key: page.last };
    await inStore(place, own(), (tx) =>
      advance(tx, own(), at, { cursor: next, done: type === deletedName ? 0 : page.lines.length }),
    );
  }
}

/** Types of which there is anything at all. */
async function begin(tx: StoreTx, context: StoreContext, plan: ExportPlan): Promise<ExportCursor> {
  const rows = await tx.unsafe(
    `SELECT t.type FROM unnest($2::text[]) WITH ORDINALITY t(type, n)
     WHERE EXISTS (SELECT 1 FROM resource r WHERE r.tenant = $1 AND r.type = t.type) ORDER BY t.n`,
    [context.tenant, plan.types ?? [...resourceTypes()].sort()],
  );
  const types = rows.map((row) => String(row.type));
  return { types: plan.since ? [...types, deletedName] : types, at: 0, key: "0", files: [] };
}

/** One page by key: what is written meanwhile is met once, as it stands then. */
async function pageOf(
  tx: StoreTx,
  context: StoreContext,
  plan: ExportPlan,
  type: string,
  after: string,
): Promise<{ lines: string[]; last: string | null }> {
  const isDeleted = type === deletedName;
  const rows = await tx.unsafe(
    `SELECT r.key, r.type, r.id, r.content::text AS text FROM resource r
     WHERE r.tenant = $1 AND ${isDeleted ? "r.type = ANY ($2::text[]) AND r.deleted" : "r.type = $2 AND NOT r.deleted"}
       AND r.key > $3::bigint AND ($4::timestamptz IS NULL OR r.last_updated > $4)
       AND ($5::boolean OR r.patients <> '{}') AND ($6::text[] IS NULL OR r.patients && $6)
       AND ${seenPredicate}
     ORDER BY r.key LIMIT ${rowsPerPage}`,
    [
      context.tenant,
      isDeleted ? (plan.types ?? [...resourceTypes()]) : type,
      after,
      plan.since,
      plan.level === "system",
      plan.patients,
    ],
  );
  // Whose records left is said as for any reading.
  if (rows.length > 0)
    await auditSeen(
      tx,
      callerParameter(context),
      "export",
      isDeleted ? null : type,
      null,
      rows as unknown as { key: string }[],
      [],
    );
  const last = rows.length === rowsPerPage ? String(rows.at(-1)!.key) : null;
  if (!isDeleted) return { lines: rows.map((row) => String(row.text)), last };
  // One Bundle per line, its entries as requests (Bulk Data 2, "deleted").
  const bundle = {
    resourceType: "Bundle",
    type: "transaction",
    entry: rows.map((row) => ({ request: { method: "DELETE", url: `${row.type}/${row.id}` } })),
  };
  return { lines: rows.length > 0 ? [JSON.stringify(bundle)] : [], last };
}
