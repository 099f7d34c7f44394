import { z } from "zod";
import { findWithPermission } from "../identity/service.ts";
import { notify } from "../notices/service.ts";
import { type TaskList, task } from "../queue/task.ts";
import { resultClockTask } from "./action-service.ts";
import * as repository from "./repository.ts";

/** Results are due in 4–6 hours: when they are not there by then, the house hears of it. Late runs stay silent when they came. */
export function feverTasks(): TaskList {
  return {
    [resultClockTask]: task(z.object({ visitId: z.uuid() }), async ({ visitId }, context) => {
      const now = context.clock();
      await context.asJob(async (tx) => {
        const row = await repository.findVisit(tx, visitId);
        if (!row || row.resultAt || !row.resultDueAt || now < row.resultDueAt || row.endedAt)
          return;
        // The laboratory's word comes back to the visit by its tube.
        if (row.sampleId && (await repository.findSampleResult(tx, row.sampleId))) return;
        await notify(tx, {
          personIds: await findWithPermission(tx, row.institutionId, "fever.see", now),
          kind: "fever-result-overdue",
          entityType: "fever-visit",
          entityId: row.id,
          dedupeKey: `fever-result:${row.id}:${row.sampledAt?.getTime()}`,
          at: now,
        });
      });
    }),
  };
}
