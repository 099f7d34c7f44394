import type { Tx } from "../db/client.ts";
import type { Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { announce } from "../outbox/service.ts";
import { enqueue } from "../queue/enqueue.ts";
import { afterQuietHours } from "./domain.ts";

export const tellRecallsTask = "lab:tell-recalls";
export const tellResultsTask = "lab:tell-results";
export const casesTask = "lab:cases";

/** Whoever was just recalled is told after commit: at any hour. */
export async function wakeRecalls(tx: Tx): Promise<void> {
  await enqueue(tx, { task: tellRecallsTask, payload: {}, jobKey: tellRecallsTask });
}

/** What follows a release, after commit: cases at once, "your result is ready" outside the quiet hours. */
export async function wakeRelease(tx: Tx, plateId: string, now: Date): Promise<void> {
  await enqueue(tx, { task: casesTask, payload: { plateId }, jobKey: `${casesTask}:${plateId}` });
  await enqueue(tx, {
    task: tellResultsTask,
    payload: { plateId },
    runAt: afterQuietHours(now),
    jobKey: `${tellResultsTask}:${plateId}`,
  });
}

/** The laboratory's pages read again. */
export async function tellLab({ tx, actor }: Work<StaffActor>, id: string): Promise<void> {
  await announce(tx, { topic: "lab", id, version: 0 }, { institutionIds: [actor.institutionId] });
}

/** The pages of whoever sees to recalls read again. */
export async function tellRecall(tx: Tx, id: string, institutionId: string): Promise<void> {
  await announce(tx, { topic: "recall", id, version: 0 }, { institutionIds: [institutionId] });
}
