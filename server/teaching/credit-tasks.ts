import { and, gt, inArray, sql } from "drizzle-orm";
import type { Services } from "../http/context.ts";
import { noPayload, type ScheduledTask, type TaskList, task } from "../queue/task.ts";
import { issueOfCourses, issueOfSession } from "./credit-service.ts";
import { teachingSession } from "./schema.ts";

/** A broadcast is looked at this long after its end: attendance of an offline site comes late. */
const lookDays = 30;

export function creditTasks(services: Services): TaskList {
  return {
    "teaching:credits": task(noPayload, async (_, { asJob, clock, log }) => {
      const now = clock();
      const since = new Date(now.getTime() - lookDays * 86_400_000);
      const sessions = await asJob((tx) =>
        tx
          .select()
          .from(teachingSession)
          .where(
            and(
              inArray(teachingSession.state, ["ended", "processing", "published"]),
              gt(teachingSession.endedAt, since),
              sql`${teachingSession.points} > 0`,
            ),
          ),
      );
      let issued = 0;
      for (const session of sessions)
        issued += await asJob((tx) => issueOfSession(services, tx, session, now));
      issued += await asJob((tx) => issueOfCourses(services, tx, now));
      if (issued > 0) log.info({ issued }, "credit certificates were issued");
    }),
  };
}

export const creditSchedule: readonly ScheduledTask[] = [
  { task: "teaching:credits", cron: "*/5 * * * *" },
];
