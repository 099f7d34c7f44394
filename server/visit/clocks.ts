import type { AlarmHandlers } from "../alarms/service.ts";
import type { Work } from "../http/context.ts";
import { dayEndAlarm, takeStep } from "./change.ts";
import * as repository from "./repository.ts";

/** What the clocks of visits do. Each looks at the row first: what is over or going on stays as it is. */
export const visitAlarms: AlarmHandlers = {
  [dayEndAlarm]: async (alarm, { tx, now, actor }) => {
    const work: Work = { tx, now, actor, origin: { correlationId: alarm.kind, address: null } };
    const row = await repository.findVisit(tx, alarm.entityId);
    if (!row || !["requested", "waiting", "called"].includes(row.state)) return;
    await takeStep(work, row, {
      action: "miss",
      version: row.version,
      reason: "day-over",
      change: { dueAt: null },
    });
  },
};
