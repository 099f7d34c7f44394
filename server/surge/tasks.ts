import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Vault } from "../crypto/vault.ts";
import type { Tx } from "../db/client.ts";
import { enqueue } from "../queue/enqueue.ts";
import { noPayload, type ScheduledTask, type TaskList, task } from "../queue/task.ts";
import { balance } from "./balance-service.ts";
import { tellMovedTask } from "./tell.ts";
import { tellMoved } from "./tell-service.ts";

const balanceTask = "surge:balance";
const sweepTask = "surge:sweep";
/** How often people are spread anew while a surge runs. */
const turnSeconds = 10;

/** Spread people from now on, until the surge is over. One turn waits at a time. */
export async function startBalancing(tx: Tx, surgeId: string, runAt?: Date): Promise<void> {
  await enqueue(tx, {
    task: balanceTask,
    payload: { surgeId },
    jobKey: `${balanceTask}:${surgeId}`,
    ...(runAt ? { runAt } : {}),
  });
}

/** A surge spreads its people by the clock; the sweep takes up whatever a dead worker let fall. */
export const surgeTasks = (vault: Vault): TaskList => ({
  [balanceTask]: task(z.object({ surgeId: z.uuid() }), async ({ surgeId }, { asJob, clock }) => {
    const { goesOn } = await balance(asJob, surgeId, clock());
    if (goesOn)
      await asJob((tx) =>
        startBalancing(tx, surgeId, new Date(clock().getTime() + turnSeconds * 1000)),
      );
  }),
  [tellMovedTask]: task(
    z.object({ surgeId: z.uuid(), at: z.iso.datetime() }),
    async ({ surgeId, at }, { asJob, clock }) => {
      await asJob((tx) => tellMoved(tx, vault, surgeId, new Date(at), clock()));
    },
  ),
  [sweepTask]: task(noPayload, async (_, { asJob }) => {
    await asJob(async (tx) => {
      const rows = await tx.execute<{ id: string }>(
        sql`select id from surge where state in ('open', 'closing')`,
      );
      for (const { id } of rows) await startBalancing(tx, id);
    });
  }),
});

export const surgeSchedule: readonly ScheduledTask[] = [{ task: sweepTask, cron: "* * * * *" }];
