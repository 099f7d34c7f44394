/** The clock of a line to a house outside, and the job that it wakes: no clock waits for somebody else's server. */
import { z } from "zod";
import { type AlarmHandlers, putAlarm } from "../alarms/service.ts";
import type { Services } from "../http/context.ts";
import { enqueue } from "../queue/enqueue.ts";
import { type TaskList, task } from "../queue/task.ts";
import { leaseMs } from "./domain.ts";
import { alarmKey, syncReferral } from "./sync-service.ts";

const syncTask = "referral:outside";

/** Rung: the job is queued, and the clock set again for the case that whoever takes it dies. */
export const outsideAlarms: AlarmHandlers = {
  "referral:outside": async (alarm, { tx, now }) => {
    await putAlarm(tx, {
      kind: alarm.kind,
      entityId: alarm.entityId,
      key: alarmKey(alarm.entityId),
      dueAt: new Date(now.getTime() + leaseMs),
    });
    await enqueue(tx, {
      task: syncTask,
      payload: { referralId: alarm.entityId },
      jobKey: `referral-outside:${alarm.entityId}`,
    });
  },
};

export const outsideTasks = (services: Services): TaskList => ({
  [syncTask]: task(z.object({ referralId: z.uuid() }), async ({ referralId }) => {
    await syncReferral(services, referralId);
  }),
});
