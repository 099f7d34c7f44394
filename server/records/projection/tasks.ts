import type { Services } from "../../http/context.ts";
import type { ScheduledTask, TaskList } from "../../queue/task.ts";
import { projectAgain, projectStores, projectTimed } from "./projector.ts";

const projectTask = "records:project";
const againTask = "records:project-again";
/** A long first walk goes on with the next minute's job: a job that runs for ever is one that is lost with its worker. */
const runMs = 45_000;

/** What nobody was woken for: after a crash, after a store was away, and a database that was there before. */
export const projectionTasks = (services: Services): TaskList => ({
  [projectTask]: async (_, { log }) => {
    const until = performance.now() + runMs;
    await projectTimed(services, log);
    await projectStores(services, log, { more: () => performance.now() < until });
  },
  [againTask]: () => projectAgain(services),
});

/** At night by the clock of China: a new day of seats comes near. */
export const projectionSchedule: readonly ScheduledTask[] = [
  { task: projectTask, cron: "* * * * *" },
  { task: againTask, cron: "20 17 * * *", catchUpHours: 24 },
];
