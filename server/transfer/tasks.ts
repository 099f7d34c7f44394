import { noPayload, type ScheduledTask, type TaskList, task } from "../queue/task.ts";
import { positionsKeptHours } from "./domain.ts";
import * as repository from "./repository.ts";

/** Coordinates of a journey are forgotten a day after the hand-over. Running twice changes nothing. */
export const transferTasks: TaskList = {
  "transfer:forget": task(noPayload, async (_, context) => {
    const before = new Date(context.clock().getTime() - positionsKeptHours * 3_600_000);
    await context.asJob((tx) => repository.forgetPositions(tx, before));
  }),
};

export const transferSchedule: readonly ScheduledTask[] = [
  { task: "transfer:forget", cron: "23 * * * *" },
];
