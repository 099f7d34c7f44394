import type { Services } from "../http/context.ts";
import type { ScheduledTask, TaskList } from "../queue/task.ts";
import { indexStores } from "./locator-service.ts";
import { applyWaiting } from "./own-rules.ts";

const indexTask = "records:index";
const choicesTask = "records:choices";

/** What a crash or another process left out of the record locator, and choices that stores have not followed. */
export const recordTasks = (services: Services): TaskList => ({
  [indexTask]: () => indexStores(services),
  [choicesTask]: () => applyWaiting(services),
});
export const recordSchedule: readonly ScheduledTask[] = [
  { task: indexTask, cron: "* * * * *" },
  { task: choicesTask, cron: "* * * * *" },
];
