import type { Services } from "../http/context.ts";
import type { ScheduledTask, TaskList } from "../queue/task.ts";
import { indexStores } from "./locator-service.ts";

const indexTask = "records:index";

/** What a crash or another process left out of the record locator. */
export const recordTasks = (services: Services): TaskList => ({
  [indexTask]: () => indexStores(services),
});
export const recordSchedule: readonly ScheduledTask[] = [{ task: indexTask, cron: "* * * * *" }];
