import { randomBytes } from "node:crypto";
import { and, eq, gte, sql } from "drizzle-orm";
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Services, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { tellAppointment, tellQueue } from "./announce.ts";
import { clinicRowsOf, findClinicSchedules } from "./clinic-repository.ts";
import { viewClinicRows } from "./clinic-view.ts";
import type { ClinicAction, clinicDay, clinicRow, stopped } from "./contract.ts";
import { cancel, checkIn, loadAppointment } from "./hold-service.ts";
import { placeNamesOf, titlesOf } from "./names.ts";
import { assertDone, refusal } from "./problem.ts";
import * as repository from "./repository.ts";
import { appointment, segment } from "./schema.ts";
import {
  callBefore,
  calledText,
  delayText,
  hospitalNames,
  minutesFrom,
  noName,
  passedText,
  stoppedText,
  tellByPhone,
} from "./texts.ts";
import { bookingCode, requeueKey } from "./waiting.ts";

type ClinicRow = z.input<typeof clinicRow>;

/** One day of the institution's clinics with everybody who comes, in the order of the queue. */
export async function readClinicDay(
  services: Services,
  work: Work<StaffActor>,
  day: string,
): Promise<z.input<typeof clinicDay>> {
  const { tx, actor, origin } = work;
  assertPermission(actor, "booking.clinic");
  const schedules = await findClinicSchedules(tx, actor.institutionId, day);
  const rows = await clinicRowsOf(tx, actor.institutionId, day);
  await trace(tx, actor, origin, {
    action: "clinic.read",
    entityType: "clinic-day",
    entityId: day,
    purpose: "treatment",
    detail: { rows: rows.length },
  });
  const views = await viewClinicRows(services, work, rows);
  return {
    day,
    schedules: schedules.map((schedule) => {
      const own = rows.filter((row) => row.scheduleId === schedule.id);
      const ids = new Set(own.map((row) => row.id));
      const is = (...states: string[]) => own.filter((row) => states.includes(row.state)).length;
      return {
        id: schedule.id,
        name: { zh: schedule.nameZh, en: schedule.nameEn, bo: schedule.nameBo },
        department: {
          zh: schedule.departmentName,
          en: schedule.departmentNameEn,
          bo: schedule.departmentNameBo,
        },
        kind: schedule.kind,
        doctor: schedule.doctorId
          ? {
              id: schedule.doctorId,
              name: schedule.doctorName ?? "",
              title: schedule.doctorTitle ?? "",
              titles: titlesOf(schedule),
            }
          : null,
        place: schedule.place,
        placeNames: placeNamesOf(schedule),
        placeCode: schedule.placeCode,
        delayMinutes: schedule.delayMinutes,
        stopped: schedule.stopped,
        stopReason: schedule.stopReason,
        seats: schedule.seats,
        booked: is("booked", "checked-in", "waiting", "in-consultation", "passed", "completed"),
        waiting: is("waiting"),
        seen: is("completed"),
        rows: views.filter((view) => ids.has(view.id)),
      };
    }),
  };
}

/**
 * The next of the queue comes in; whoever was inside is done. Two nurses at once call two patients.
 * @returns null when nobody waits
 */
export async function callNext(
  services: Services,
  work: Work<StaffActor>,
  scheduleId: string,
  day: string,
): Promise<{ called: ClinicRow | null }> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "booking.clinic");
  await tx
    .update(appointment)
    .set({ state: "completed", endedAt: now, version: sql`${appointment.version} + 1` })
    .where(
      and(
        eq(appointment.scheduleId, scheduleId),
        eq(appointment.day, day),
        eq(appointment.state, "in-consultation"),
      ),
    );
  const [next] = await tx.execute<{ id: string }>(sql`
    select id from appointment where schedule_id = ${scheduleId} and day = ${day} and state = 'waiting'
      and institution_id = ${actor.institutionId}
    order by queue_key limit 1 for update skip locked`);
  if (next) {
    await tx
      .update(appointment)
      .set({
        state: "in-consultation",
        calledAt: now,
        callCount: sql`${appointment.callCount} + 1`,
        version: sql`${appointment.version} + 1`,
      })
      .where(eq(appointment.id, next.id));
    const row = await loadAppointment(work, next.id);
    await tellAppointment(tx, row);
    // On the page and on the screen it shows by itself; who asked for calls is called.
    await tellByPhone(tx, services.vault, row, {
      kind: "booking-called",
      words: calledText(row),
      once: `called:${now.toISOString()}`,
      now,
      call: { kind: "called", dueAt: minutesFrom(now, 5) },
      callOnly: true,
    });
    await trace(tx, actor, origin, {
      action: "appointment.call",
      entityType: "appointment",
      entityId: row.id,
      patientId: row.patientId,
      purpose: "treatment",
    });
  }
  await tellQueue(tx, { scheduleId, day, institutionId: actor.institutionId });
  return { called: next ? await readRow(services, work, next.id) : null };
}

/** What the clinic does with one appointment. @throws DomainError `booking.changed-meanwhile`, `booking.step` */
export async function actOnRow(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  body: ClinicAction,
): Promise<ClinicRow> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "booking.clinic");
  const row = await loadAppointment(work, id);
  if (row.institutionId !== actor.institutionId) throw new DomainError("request.not-found");
  if (row.version !== body.version) throw new DomainError("booking.changed-meanwhile");
  if (body.action === "check-in") await checkIn(work, id, null);
  else if (body.action === "cancel") await cancel(work, id, body.reason);
  else {
    const change = await changeOf(work, row, body.action);
    if (!change) throw refusal("step");
    await tx
      .update(appointment)
      .set({ ...change, version: sql`${appointment.version} + 1` })
      .where(eq(appointment.id, id));
    await tellAppointment(tx, { ...row, version: row.version + 1 });
    await tellQueue(tx, row);
    if (body.action === "pass")
      await tellByPhone(tx, services.vault, row, {
        kind: "booking-passed",
        words: passedText(row),
        once: `passed:${row.version}`,
        now,
        call: { kind: "passed", dueAt: minutesFrom(now, 15) },
      });
    await trace(tx, actor, origin, {
      action: `appointment.${body.action}`,
      entityType: "appointment",
      entityId: id,
      patientId: row.patientId,
      purpose: "treatment",
    });
  }
  return readRow(services, work, id);
}

type Change = Partial<Omit<typeof appointment.$inferInsert, "callCount" | "version">> & {
  callCount?: ReturnType<typeof sql>;
};

async function changeOf(
  { tx, now }: Work<StaffActor>,
  row: repository.AppointmentRow,
  action: "recall" | "pass" | "requeue" | "complete",
): Promise<Change | null> {
  switch (action) {
    case "recall":
      return row.state === "in-consultation"
        ? { calledAt: now, callCount: sql`${appointment.callCount} + 1` }
        : null;
    case "pass":
      return row.state === "in-consultation" || row.state === "waiting"
        ? { state: "passed", calledAt: null }
        : null;
    case "requeue": {
      if (row.state !== "passed") return null;
      const policy = await repository.findPolicy(tx, row.institutionId, row.day);
      const waiting = (await repository.findQueue(tx, row.scheduleId, row.day)).filter(
        (one) => one.state === "waiting",
      );
      const key = requeueKey(
        waiting.map((one) => one.queueKey),
        policy.requeueAfter,
        now.getTime() / 1000,
      );
      return { state: "waiting", queueKey: key, nearToldAt: null };
    }
    case "complete":
      return row.state === "in-consultation" ? { state: "completed", endedAt: now } : null;
  }
}

/** Somebody without an appointment: after those who have one, never turned away by a machine. */
export async function walkIn(
  services: Services,
  work: Work<StaffActor>,
  input: { scheduleId: string; day: string; patientId: string },
): Promise<ClinicRow> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "booking.clinic");
  const made = await repository.walkIn(tx, {
    ...input,
    newCode: () => bookingCode(randomBytes(6)),
    now,
  });
  assertDone(made);
  const row = await loadAppointment(work, made.id!);
  await tellAppointment(tx, row);
  await tellQueue(tx, row);
  await trace(tx, actor, origin, {
    action: "appointment.walk-in",
    entityType: "appointment",
    entityId: row.id,
    patientId: row.patientId,
    purpose: "treatment",
  });
  return readRow(services, work, row.id);
}

/** The doctor is late: everybody's expected time moves, and everybody still to come is told. */
export async function setDelay(
  services: Services,
  work: Work<StaffActor>,
  scheduleId: string,
  input: { day: string; minutes: number },
): Promise<{ told: number }> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "booking.clinic");
  const changed = await tx
    .update(segment)
    .set({ delayMinutes: input.minutes })
    .where(
      and(
        eq(segment.scheduleId, scheduleId),
        eq(segment.institutionId, actor.institutionId),
        eq(segment.day, input.day),
        gte(segment.endsAt, now),
      ),
    )
    .returning({ id: segment.id });
  if (changed.length === 0) throw new DomainError("request.not-found");
  const rows = await repository.findAppointments(
    tx,
    sql`a.schedule_id = ${scheduleId} and a.day = ${input.day} and a.ends_at >= ${now.toISOString()}
      and a.state in ('booked', 'checked-in', 'waiting')`,
    1000,
  );
  for (const row of rows) {
    await tellAppointment(tx, row);
    if (input.minutes > 0)
      await tellByPhone(tx, services.vault, row, {
        kind: "booking-delay",
        words: delayText(row, input.minutes),
        once: `delay:${input.minutes}`,
        now,
        call: { kind: "doctor-late", dueAt: callBefore(now, row.startsAt) },
      });
  }
  await tellQueue(tx, { scheduleId, day: input.day, institutionId: actor.institutionId });
  await trace(tx, actor, origin, {
    action: "clinic.delay",
    entityType: "clinic-schedule",
    entityId: scheduleId,
    detail: { minutes: input.minutes, told: rows.length },
  });
  return { told: rows.length };
}

/**
 * Stop a clinic from an instant on. Nobody is rebooked unasked and nobody is blamed; who has no phone
 * that reads messages is on the list to be called.
 */
export async function stopClinic(
  services: Services,
  work: Work<StaffActor>,
  scheduleId: string,
  input: { day: string; from: string | null; reason: string },
): Promise<z.input<typeof stopped>> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "booking.clinic");
  const from = input.from ? new Date(input.from) : new Date(0);
  const closed = await tx
    .update(segment)
    .set({ stoppedAt: now, stopReason: input.reason })
    .where(
      and(
        eq(segment.scheduleId, scheduleId),
        eq(segment.institutionId, actor.institutionId),
        eq(segment.day, input.day),
        gte(segment.endsAt, from),
        sql`${segment.stoppedAt} is null`,
      ),
    )
    .returning({ id: segment.id });
  if (closed.length === 0) throw new DomainError("request.not-found");
  const rows = await repository.findAppointments(
    tx,
    sql`a.segment_id = any(${`{${closed.map((one) => one.id).join(",")}}`}::uuid[])
      and a.state in ('held', 'booked', 'checked-in', 'waiting', 'passed')`,
    2000,
  );
  const names = await hospitalNames(tx, rows);
  const byTelephone: z.input<typeof stopped>["byTelephone"] = [];
  for (const row of rows) {
    await tx
      .update(appointment)
      .set({
        state: "clinic-stopped",
        endedAt: now,
        endReason: input.reason,
        version: sql`${appointment.version} + 1`,
      })
      .where(eq(appointment.id, row.id));
    await tellAppointment(tx, { ...row, version: row.version + 1 });
    // Who only held a seat sees it on the page where it was held.
    if (row.state === "held") continue;
    const told = await tellByPhone(tx, services.vault, row, {
      kind: "booking-stopped",
      words: stoppedText(row, names.get(row.institutionId) ?? noName),
      once: "stopped",
      now,
      call: { kind: "clinic-stopped", dueAt: callBefore(now, row.startsAt) },
    });
    if (told.call) {
      byTelephone.push({
        appointmentId: row.id,
        name: row.patientName ?? row.patientNameBo ?? "",
        phone: told.phone,
        startsAt: row.startsAt.toISOString(),
      });
    }
  }
  await tellQueue(tx, { scheduleId, day: input.day, institutionId: actor.institutionId });
  await trace(tx, actor, origin, {
    action: "clinic.stop",
    entityType: "clinic-schedule",
    entityId: scheduleId,
    detail: { segments: closed.length, told: rows.length - byTelephone.length },
  });
  return { told: rows.length - byTelephone.length, byTelephone };
}

async function readRow(services: Services, work: Work<StaffActor>, id: string): Promise<ClinicRow> {
  const rows = await clinicRowsOf(work.tx, work.actor.institutionId, null, id);
  const [view] = await viewClinicRows(services, work, rows);
  return view!;
}
