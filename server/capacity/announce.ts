import type { Tx } from "../db/client.ts";
import { announce } from "../outbox/service.ts";
import { enqueue } from "../queue/enqueue.ts";
import type { HoldRow } from "./repository.ts";

export const holdEndsTask = "capacity:hold-ends";
export const switchTask = "capacity:switch";

/** A bed map has changed: pages of the house read it again. */
export async function tellBeds(tx: Tx, unitId: string, institutionId: string): Promise<void> {
  await announce(
    tx,
    { topic: "capacity", id: unitId, version: 0 },
    { institutionIds: [institutionId] },
  );
}

/** A hold was made, made longer or ended: the house whose bed it is hears it, and who asked for it. */
export async function tellHold(tx: Tx, hold: HoldRow): Promise<void> {
  await announce(
    tx,
    { topic: "bed-hold", id: hold.id, version: hold.version },
    { institutionIds: [...new Set([hold.institutionId, hold.heldByInstitutionId])] },
    { referenceId: hold.referenceId, outcome: hold.outcome },
  );
}

/** When its time is over, or at once for one that has ended: it is closed, and whoever asked is told. */
export async function awaitEnd(tx: Tx, hold: HoldRow, now: Date): Promise<void> {
  await enqueue(tx, {
    task: holdEndsTask,
    payload: { holdId: hold.id },
    runAt: hold.outcome === null ? hold.until : now,
    jobKey: `bed-hold:${hold.id}`,
  });
}
