import { noPayload, type ScheduledTask, type TaskList, task } from "../queue/task.ts";
import { dropSilentCalls } from "./call-service.ts";

/** What the clock does for the hotline: calls whose page fell silent are to be called back. */
export const hotlineTasks: TaskList = {
  "hotline:sweep": task(noPayload, async (_, { asJob, clock }) => {
    await asJob((tx) => dropSilentCalls(tx, clock()));
  }),
};

export const hotlineSchedule: readonly ScheduledTask[] = [
  { task: "hotline:sweep", cron: "* * * * *" },
];
