/** Rows of exports and imports in a record store; `enter` was called in the transaction. */
import type { Caller, StoreContext } from "../store/caller.ts";
import type { StoreRow, StoreTx } from "../store/database.ts";

export const bulkStates = [
  "receiving",
  "waiting",
  "running",
  "done",
  "failed",
  "cancelled",
] as const;
export type BulkState = (typeof bulkStates)[number];
export const openStates: readonly BulkState[] = ["receiving", "waiting", "running"];

export type BulkJob<Plan = unknown, Cursor = unknown> = {
  readonly id: string;
  readonly kind: "export" | "import";
  readonly state: BulkState;
  readonly caller: Caller;
  readonly actor: string;
  readonly request: string;
  readonly plan: Plan;
  readonly cursor: Partial<Cursor>;
  readonly step: number;
  readonly done: number;
  readonly unchanged: number;
  readonly failed: number;
  readonly fault: string | null;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
  readonly expiresAt: Date;
};

export async function insertJob(
  tx: StoreTx,
  context: StoreContext,
  job: {
    id: string;
    kind: BulkJob["kind"];
    state: BulkState;
    request: string;
    plan: object;
    expiresAt: Date;
  },
): Promise<void> {
  await tx.unsafe(
    `INSERT INTO bulk_job (id, tenant, kind, state, caller, actor, request, plan, created_at, expires_at)
     VALUES ($1, $2, $3, $4, $5::text::jsonb, $6, $7, $8::text::jsonb, $9, $10)`,
    [
      job.id,
      context.tenant,
      job.kind,
      job.state,
      JSON.stringify(context.caller),
      context.caller.actor,
      job.request,
      JSON.stringify(job.plan),
      context.at.toISOString(),
      job.expiresAt.toISOString(),
    ],
  );
}

export async function findJob<Plan, Cursor>(
  tx: StoreTx,
  context: StoreContext,
  id: string,
  kind: BulkJob["kind"],
): Promise<BulkJob<Plan, Cursor> | null> {
  const [row] = await tx.unsafe(
    "SELECT * FROM bulk_job WHERE tenant = $1 AND id = $2 AND kind = $3",
    [context.tenant, id, kind],
  );
  return row ? jobOf<Plan, Cursor>(row) : null;
}

/** The newest first. */
export async function listJobs(
  tx: StoreTx,
  context: StoreContext,
  kind: BulkJob["kind"],
  limit: number,
): Promise<BulkJob[]> {
  const rows = await tx.unsafe(
    `SELECT * FROM bulk_job WHERE tenant = $1 AND kind = $2 ORDER BY created_at DESC, id LIMIT ${limit}`,
    [context.tenant, kind],
  );
  return rows.map((row) => jobOf(row));
}

export async function countOpen(
  tx: StoreTx,
  context: StoreContext,
  kind: BulkJob["kind"],
): Promise<number> {
  const [row] = await tx.unsafe(
    "SELECT count(*)::int AS n FROM bulk_job WHERE tenant = $1 AND kind = $2 AND actor = $3 AND state = ANY ($4::text[])",
    [context.tenant, kind, context.caller.actor, openStates],
  );
  return Number(row!.n);
}

export type Progress = {
  readonly state?: BulkState;
  readonly cursor?: object;
  readonly done?: number;
  readonly unchanged?: number;
  readonly failed?: number;
  readonly fault?: string;
};

/**
 * Writes how far a job is; counts are added.
 * @returns the next step, or null when somebody else has moved or ended it
 */
export async function advance(
  tx: StoreTx,
  context: StoreContext,
  job: Pick<BulkJob, "id" | "step">,
  progress: Progress,
): Promise<number | null> {
  const isOver = progress.state !== undefined && !openStates.includes(progress.state);
  const [row] = await tx.unsafe(
    `UPDATE bulk_job SET state = coalesce($4, state), cursor = coalesce($5::text::jsonb, cursor), step = step + 1,
       done = done + $6, unchanged = unchanged + $7, failed = failed + $8, fault = coalesce($9, fault),
       finished_at = coalesce($10::timestamptz, finished_at)
     WHERE tenant = $1 AND id = $2 AND step = $3 AND state IN ('receiving', 'waiting', 'running') RETURNING step`,
    [
      context.tenant,
      job.id,
      job.step,
      progress.state ?? null,
      progress.cursor ? JSON.stringify(progress.cursor) : null,
      progress.done ?? 0,
      progress.unchanged ?? 0,
      progress.failed ?? 0,
      progress.fault ?? null,
      isOver ? context.at.toISOString() : null,
    ],
  );
  return row ? Number(row.step) : null;
}

/** Ends a job whatever step it is at. @returns whether it was under way */
export async function cancel(tx: StoreTx, context: StoreContext, id: string): Promise<boolean> {
  const rows = await tx.unsafe(
    `UPDATE bulk_job SET state = 'cancelled', step = step + 1, finished_at = $3
     WHERE tenant = $1 AND id = $2 AND state IN ('receiving', 'waiting', 'running') RETURNING id`,
    [context.tenant, id, context.at.toISOString()],
  );
  return rows.length > 0;
}

function jobOf<Plan, Cursor>(row: StoreRow): BulkJob<Plan, Cursor> {
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    caller: row.caller,
    actor: row.actor,
    request: row.request,
    plan: row.plan,
    cursor: row.cursor,
    step: Number(row.step),
    done: Number(row.done),
    unchanged: Number(row.unchanged),
    failed: Number(row.failed),
    fault: row.fault,
    createdAt: new Date(row.created_at),
    finishedAt: row.finished_at === null ? null : new Date(row.finished_at),
    expiresAt: new Date(row.expires_at),
  };
}
