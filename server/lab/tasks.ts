import { z } from "zod";
import type { Services } from "../http/context.ts";
import { noPayload, type ScheduledTask, type TaskList, task } from "../queue/task.ts";
import { followRelease, tellRecalls, tellResults } from "./follow-up.ts";
import { casesTask, tellRecallsTask, tellResultsTask } from "./tell.ts";

const ofPlate = z.object({ plateId: z.uuid() });

/** What follows reception and release. Each looks at the rows as they are: running twice changes nothing. */
export const labTasks = (services: Services): TaskList => ({
  [tellRecallsTask]: task(noPayload, async (_, { asJob, clock }) => {
    // A surge's pools are many: in bites, so that nobody waits for the last one.
    while ((await asJob((tx) => tellRecalls(tx, services.vault, clock()))) > 0);
  }),
  [tellResultsTask]: task(ofPlate, async ({ plateId }, { asJob, clock }) => {
    await asJob((tx) => tellResults(tx, services.vault, plateId, clock()));
  }),
  [casesTask]: task(ofPlate, async ({ plateId }, { asJob, clock }) => {
    await asJob((tx) => followRelease(services, tx, plateId, clock()));
  }),
});

/** Voided tubes recall people too; whoever voided them does not know of this list. */
export const labSchedule: readonly ScheduledTask[] = [{ task: tellRecallsTask, cron: "* * * * *" }];
