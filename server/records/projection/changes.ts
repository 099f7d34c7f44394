/** The queue of changes and how far a store is: rows only, in the transaction of whoever works on it. */
import { and, asc, eq, inArray, isNotNull, isNull, sql } from "drizzle-orm";
import type { Tx } from "../../db/client.ts";
import type { ProjectionKind } from "./kinds.ts";
import { recordChange, recordProjection } from "./schema.ts";

export type Change = {
  readonly id: number;
  readonly kind: ProjectionKind;
  readonly entityId: string;
};
export type Walk = { readonly kind: ProjectionKind | null; readonly after: string };

/** Institutions whose stores are hosted here and not paused; a new one begins at the beginning. */
export async function findProjected(tx: Tx): Promise<string[]> {
  await tx.execute(sql`insert into record_projection (institution_id, walk_kind)
    select institution_id, 'directory' from record_store where kind = 'hosted' on conflict do nothing`);
  return findStores(tx, sql`true`);
}

/** Those of them for which there is anything to do. */
export const findWaiting = (tx: Tx): Promise<string[]> =>
  findStores(
    tx,
    sql`(p.walk_kind is not null or exists (select 1 from record_change c where c.institution_id = p.institution_id))`,
  );

async function findStores(tx: Tx, which: ReturnType<typeof sql>): Promise<string[]> {
  const rows = await tx.execute<{
    id: string;
  }>(sql`select p.institution_id as id from record_projection p
    join record_store s on s.institution_id = p.institution_id and s.kind = 'hosted' and s.paused_at is null
    where ${which} order by 1`);
  return rows.map((row) => row.id);
}

/** Takes the store for this transaction; null: somebody else is at it. */
export async function takeStore(tx: Tx, institutionId: string): Promise<Walk | null> {
  const [row] = await tx
    .select()
    .from(recordProjection)
    .where(eq(recordProjection.institutionId, institutionId))
    .for("update", { skipLocked: true });
  return row ? { kind: row.walkKind as ProjectionKind | null, after: row.walkAfter } : null;
}

/** The oldest changes that wait. */
export async function findChanges(tx: Tx, institutionId: string, limit: number): Promise<Change[]> {
  const rows = await tx
    .select({ id: recordChange.id, kind: recordChange.kind, entityId: recordChange.entityId })
    .from(recordChange)
    .where(eq(recordChange.institutionId, institutionId))
    .orderBy(asc(recordChange.id))
    .limit(limit);
  return rows as Change[];
}

export async function removeChanges(tx: Tx, changes: readonly Change[]): Promise<void> {
  if (changes.length > 0)
    await tx.delete(recordChange).where(
      inArray(
        recordChange.id,
        changes.map((one) => one.id),
      ),
    );
}

export async function moveWalk(
  tx: Tx,
  institutionId: string,
  walk: Walk,
  now: Date,
): Promise<void> {
  await tx
    .update(recordProjection)
    .set({
      walkKind: walk.kind,
      walkAfter: walk.after,
      ...(walk.kind === null ? { walkedAt: now } : {}),
    })
    .where(eq(recordProjection.institutionId, institutionId));
}

/** Those that are through walk again from a kind on: what only time has changed is found by looking. */
export async function walkAgain(tx: Tx, from: ProjectionKind): Promise<void> {
  await tx
    .update(recordProjection)
    .set({ walkKind: from, walkAfter: "" })
    .where(and(isNull(recordProjection.walkKind), isNotNull(recordProjection.walkedAt)));
}
