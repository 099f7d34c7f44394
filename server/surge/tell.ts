import type { Tx } from "../db/client.ts";
import { enqueue } from "../queue/enqueue.ts";

export const tellMovedTask = "surge:tell-moved";

/** Who was sent elsewhere by a turn hears of it after commit; spreading people does not wait for messages. */
export async function wakeMoved(tx: Tx, surgeId: string, at: Date): Promise<void> {
  await enqueue(tx, {
    task: tellMovedTask,
    payload: { surgeId, at: at.toISOString() },
    jobKey: `${tellMovedTask}:${surgeId}:${at.getTime()}`,
  });
}
