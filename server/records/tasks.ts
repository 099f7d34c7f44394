import type { Services } from "../http/context.ts";
import type { ScheduledTask, TaskList } from "../queue/task.ts";
import { indexStores } from "./locator-service.ts";
import { applyWaiting } from "./own-rules.ts";
import { dropOldCopies } from "./record-copies.ts";
import { dropOldFaults } from "./source-faults.ts";

const indexTask = "records:index";
const choicesTask = "records:choices";
const copiesTask = "records:copies";
const faultsTask = "records:faults";

/** What a crash or another process left out of the record locator, and choices that stores have not followed. */
export const recordTasks = (services: Services): TaskList => ({
  [indexTask]: () => indexStores(services),
  [choicesTask]: () => applyWaiting(services),
  [copiesTask]: () => dropOldCopies(services),
  [faultsTask]: () => dropOldFaults(services),
});
export const recordSchedule: readonly ScheduledTask[] = [
  { task: indexTask, cron: "* * * * *" },
  { task: choicesTask, cron: "* * * * *" },
  { task: copiesTask, cron: "* * * * *" },
  { task: faultsTask, cron: "17 3 * * *" },
];
