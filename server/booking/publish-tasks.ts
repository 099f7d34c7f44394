import { noPayload, type ScheduledTask, type TaskList, task } from "../queue/task.ts";
import { publishAhead } from "./publish-service.ts";
import { forgetRooms } from "./release-repository.ts";
import { findActiveSchedules } from "./schedule-repository.ts";

const roomsKeptMs = 7 * 86_400_000;

/**
 * Opens every active schedule as far ahead as its institution's policy looks. Each one in its own
 * transaction, so that a schedule that cannot be published keeps no other one closed. After days off it
 * opens all that is missing.
 */
export const publishTasks: TaskList = {
  "booking:publish": task(noPayload, async (_, { asJob, clock, log }) => {
    const schedules = await asJob((tx) => findActiveSchedules(tx));
    const failed: unknown[] = [];
    for (const schedule of schedules) {
      try {
        const published = await asJob((tx) => publishAhead(tx, schedule, clock()));
        if (published.clashes.length > 0)
          log.warn(
            { schedule: schedule.id, clashes: published.clashes.length },
            "some segments were not opened: the doctor is held elsewhere at that time",
          );
      } catch (error) {
        failed.push(error);
      }
    }
    await asJob((tx) => forgetRooms(tx, new Date(clock().getTime() - roomsKeptMs)));
    // The queue keeps the failure and tries again; what was opened stays.
    if (failed.length > 0) throw failed[0];
  }),
};

/** Every night at 00:20 in Shanghai, and at the start when a night was missed. */
export const publishSchedule: readonly ScheduledTask[] = [
  { task: "booking:publish", cron: "20 16 * * *", catchUpHours: 25 },
];
