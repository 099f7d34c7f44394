import { eq, sql } from "drizzle-orm";
import { z } from "zod";
import type { Vault } from "../crypto/vault.ts";
import type { Tx } from "../db/client.ts";
import { enqueue } from "../queue/enqueue.ts";
import { noPayload, type ScheduledTask, type TaskList, task } from "../queue/task.ts";
import { tellAppointment } from "./announce.ts";
import { callersTask, serveCallers } from "./caller-wait-service.ts";
import * as repository from "./repository.ts";
import { appointment } from "./schema.ts";
import {
  confirmedText,
  hospitalNames,
  minutesFrom,
  nearText,
  noName,
  tellByPhone,
} from "./texts.ts";
import { offerSeats, offerTask } from "./waitlist-service.ts";

/** From this place on a patient is told to come near (issue: "when 3 are ahead"). */
export const nearAhead = 3;

/** What the clock does for booking. Each looks at the rows as they are: running twice changes nothing. */
export const bookingTasks = ({ vault }: { vault: Vault }): TaskList => ({
  [offerTask]: task(
    z.object({ scheduleId: z.uuid(), day: z.iso.date() }),
    async (payload, { asJob, clock }) => {
      await asJob((tx) => offerSeats(tx, { ...payload, now: clock(), vault }));
    },
  ),
  "booking:sweep": task(noPayload, async (_, { asJob, clock }) => {
    const now = clock();
    await asJob(async (tx) => {
      await sweepHolds(tx, now);
      await confirmByPhone(tx, vault, now);
      await markAbsent(tx, now);
    });
    // By itself: what fails for one of them must not keep the others from being told.
    await asJob((tx) => serveCallers(tx, vault, now));
  }),
  [callersTask]: task(noPayload, async (_, { asJob, clock }) => {
    await asJob((tx) => serveCallers(tx, vault, clock()));
  }),
  "booking:near": task(
    z.object({ scheduleId: z.uuid(), day: z.iso.date() }),
    async ({ scheduleId, day }, { asJob, clock }) => {
      await asJob((tx) => tellNear(tx, vault, scheduleId, day, clock()));
    },
  ),
});

export const bookingSchedule: readonly ScheduledTask[] = [
  { task: "booking:sweep", cron: "* * * * *" },
];

/** Holds that nobody confirmed: told to their people, and their seats offered to who waits. */
export async function sweepHolds(tx: Tx, now: Date): Promise<number> {
  const rows = await tx.execute<{
    id: string;
    version: number;
    institution_id: string;
    patient_id: string;
    schedule_id: string;
    day: string;
  }>(sql`select id, version, institution_id, patient_id, schedule_id, day::text as day
    from app.sweep_holds(${now.toISOString()})`);
  for (const row of rows) {
    await tellAppointment(tx, {
      id: row.id,
      version: row.version,
      institutionId: row.institution_id,
      patientId: row.patient_id,
    });
    await enqueue(tx, {
      task: offerTask,
      payload: { scheduleId: row.schedule_id, day: row.day },
      jobKey: `offer:${row.schedule_id}:${row.day}`,
    });
  }
  return rows.length;
}

/** Confirmations go out after the rush, not in it. */
export async function confirmByPhone(tx: Tx, vault: Vault, now: Date): Promise<number> {
  const rows = await repository.findAppointments(
    tx,
    sql`a.state = 'booked' and a.told_at is null and a.confirmed_at > ${new Date(now.getTime() - 86_400_000).toISOString()}`,
    500,
  );
  const names = await hospitalNames(tx, rows);
  for (const row of rows) {
    await tellByPhone(tx, vault, row, {
      kind: "booking-confirmed",
      words: confirmedText(row, names.get(row.institutionId) ?? noName, now),
      once: `confirmed:${row.segmentId}`,
      now,
    });
    await tx.update(appointment).set({ toldAt: now }).where(eq(appointment.id, row.id));
  }
  return rows.length;
}

/** Who has not come by the end of the tolerated delay has not come. A stopped clinic never counts. */
export async function markAbsent(tx: Tx, now: Date): Promise<number> {
  const rows = await repository.findAppointments(
    tx,
    sql`a.state = 'booked' and g.stopped_at is null
      and greatest(a.starts_at + make_interval(mins => b.late_minutes + g.delay_minutes), a.ends_at) < ${now.toISOString()}`,
    500,
  );
  for (const row of rows) {
    await tx
      .update(appointment)
      .set({ state: "no-show", endedAt: now, version: sql`${appointment.version} + 1` })
      .where(eq(appointment.id, row.id));
    await tellAppointment(tx, { ...row, version: row.version + 1 });
  }
  return rows.length;
}

/** Come near: once for each who has few ahead. */
export async function tellNear(
  tx: Tx,
  vault: Vault,
  scheduleId: string,
  day: string,
  now: Date,
): Promise<number> {
  const waiting = (await repository.findQueue(tx, scheduleId, day)).filter(
    (one) => one.state === "waiting",
  );
  let told = 0;
  for (const [ahead, one] of waiting.slice(0, nearAhead + 1).entries()) {
    if (one.nearToldAt) continue;
    const [row] = await repository.findAppointments(tx, sql`a.id = ${one.id}`, 1);
    await tellByPhone(tx, vault, row!, {
      kind: "booking-near",
      words: nearText(row!, ahead),
      once: `near:${row!.queueKey}`,
      now,
      call: { kind: "near", dueAt: minutesFrom(now, 10) },
    });
    await tx.update(appointment).set({ nearToldAt: now }).where(eq(appointment.id, one.id));
    told += 1;
  }
  return told;
}
