/** What was held is told when its time has come: once, whoever else is at it, also after a restart. */
import type { Tx } from "../db/client.ts";
import { announce } from "../outbox/service.ts";
import * as repository from "./centre-repository.ts";
import type { NoticeRow } from "./repository.ts";

const batch = 2000;

/**
 * Release what is due, in one transaction: the rows are stamped, and what was gathered becomes one message of
 * counts a person. A process that dies in between leaves everything as it was; of two at once one has its turn.
 * @returns how many were released
 */
export async function releaseHeld(tx: Tx, now: Date): Promise<number> {
  if (!(await repository.takeTurn(tx))) return 0;
  const rows = await repository.takeReleased(tx, now, batch);
  const people = Map.groupBy(rows, (row) => row.personId);
  for (const [personId, own] of people) {
    const gathered = Map.groupBy(
      own.filter((row) => row.heldFor === "digest"),
      (row) => `${row.institutionId}:${row.heldUntil!.toISOString()}`,
    );
    for (const [time, told] of gathered) await gather(tx, personId, time, told, now);
    const quiet = own.filter((row) => row.heldFor !== "digest");
    if (quiet.length > 0)
      await repository.markReleased(
        tx,
        quiet.map((row) => row.id),
        now,
        null,
      );
    await announce(tx, { topic: "notice", id: personId, version: 0 }, { personIds: [personId] });
  }
  return rows.length;
}

/** One message instead of many: how many of which kind, no number and no name. */
async function gather(
  tx: Tx,
  personId: string,
  time: string,
  rows: readonly NoticeRow[],
  now: Date,
): Promise<void> {
  const counts: Record<string, number> = {};
  for (const row of rows) counts[row.kind] = (counts[row.kind] ?? 0) + 1;
  const ids = rows.map((row) => row.id);
  const first = rows[0]!;
  const digest = await repository.insertDigest(tx, {
    personId,
    kind: "digest",
    entityType: "digest",
    entityId: personId,
    detail: { counts, count: rows.length },
    // Rows of one time that came in another batch have a message of their own: nothing is dropped.
    dedupeKey: `digest:${time}:${ids[0]}`,
    at: now,
    institutionId: first.institutionId,
    urgency: "routine",
  });
  await repository.markReleased(tx, ids, now, digest?.id ?? null);
}
