import { z } from "zod";
import type { Tx } from "../db/client.ts";
import { notify } from "../notices/service.ts";
import {
  noPayload,
  type ScheduledTask,
  type TaskContext,
  type TaskList,
  task,
} from "../queue/task.ts";
import { holdEndsTask, switchTask, tellBeds, tellHold } from "./announce.ts";
import type { HoldRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { execute } from "./switch-service.ts";

/** Hears of every hold that has ended (taken, released, lapsed), once, in the transaction that says so. */
export type HoldEndListener = (tx: Tx, hold: HoldRow, now: Date) => Promise<void>;

/** What the clock does for beds. Each looks at the rows as they are: running twice changes nothing. */
export function capacityTasks(onHoldEnded: readonly HoldEndListener[] = []): TaskList {
  const end = ({ asJob, clock }: TaskContext, holdId: string) =>
    asJob(async (tx) => {
      const now = clock();
      const hold = await repository.closeHold(tx, holdId, now);
      if (!hold) return;
      if (
        hold.heldByPersonId &&
        hold.outcome !== "taken" &&
        hold.endedByPersonId !== hold.heldByPersonId
      )
        await notify(tx, {
          personIds: [hold.heldByPersonId],
          kind: hold.outcome === "lapsed" ? "bed-hold-lapsed" : "bed-hold-released",
          entityType: "bed-hold",
          entityId: hold.id,
          dedupeKey: `bed-hold-ended:${hold.id}`,
          at: now,
        });
      for (const listener of onHoldEnded) await listener(tx, hold, now);
      await tellHold(tx, hold);
    });
  return {
    [holdEndsTask]: task(z.object({ holdId: z.uuid() }), ({ holdId }, context) =>
      end(context, holdId),
    ),
    [switchTask]: task(z.object({ switchId: z.uuid() }), (_, context) => executeDue(context)),
    // What a switch gave back, and whatever a lost job left behind.
    "capacity:sweep": task(noPayload, async (_, context) => {
      const now = context.clock();
      const rows = await context.asJob((tx) => repository.findUntold(tx, now));
      for (const row of rows) await end(context, row.id);
      await executeDue(context);
    }),
  };
}

async function executeDue({ asJob, clock }: TaskContext): Promise<void> {
  const now = clock();
  await asJob(async (tx) => {
    for (const row of await repository.findDueSwitches(tx, now))
      if (await execute(tx, row, now)) await tellBeds(tx, row.unitId, row.institutionId);
  });
}

export const capacitySchedule: readonly ScheduledTask[] = [
  { task: "capacity:sweep", cron: "* * * * *" },
];
