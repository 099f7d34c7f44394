import type { ScheduledTask, TaskList } from "../queue/task.ts";
import { cleanUnfinished } from "./service.ts";
import type { AttachmentStore } from "./store.ts";

export function attachmentTasks(store: AttachmentStore): TaskList {
  return {
    "attachments:clean": async (_, { asJob, clock, log }) => {
      const removed = await asJob((tx) => cleanUnfinished(tx, clock(), store));
      if (removed > 0) log.info({ removed }, "unfinished uploads were taken out");
    },
  };
}

export const attachmentSchedule: readonly ScheduledTask[] = [
  { task: "attachments:clean", cron: "37 3 * * *" },
];
