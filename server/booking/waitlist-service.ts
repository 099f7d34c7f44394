import { randomBytes } from "node:crypto";
import { and, asc, eq, sql } from "drizzle-orm";
import { trace } from "../audit/service.ts";
import type { Vault } from "../crypto/vault.ts";
import type { Tx } from "../db/client.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Work } from "../http/context.ts";
import type { PatientActor, StaffActor } from "../identity/domain.ts";
import { announce } from "../outbox/service.ts";
import type { ContactRelation } from "../patients/domain.ts";
import { enqueue } from "../queue/enqueue.ts";
import { tellAppointment } from "./announce.ts";
import { findSegments } from "./availability-repository.ts";
import type { Channel } from "./domain.ts";
import { refusal } from "./problem.ts";
import * as repository from "./repository.ts";
import { appointment, clinicSchedule, segment, waitlistEntry } from "./schema.ts";
import { offerText, tellByPhone } from "./texts.ts";
import { bookingCode, offerDeadline } from "./waiting.ts";

export const offerTask = "booking:offer";

/** A seat of this day came back: whoever waits first is asked, after commit. */
export async function offerNextOf(work: Work, scheduleId: string, day: string): Promise<void> {
  await enqueue(work.tx, {
    task: offerTask,
    payload: { scheduleId, day },
    jobKey: `offer:${scheduleId}:${day}`,
  });
}

/**
 * Wait for a seat of a full day. First come, first served.
 * @throws DomainError `booking.not-full`, `booking.already-booked`, `request.not-found`
 */
export async function joinWaitlist(
  work: Work<PatientActor | StaffActor>,
  input: {
    scheduleId: string;
    day: string;
    patientId: string;
    relation: ContactRelation;
    channel: Channel;
  },
): Promise<{ id: string }> {
  const { tx, actor, origin, now } = work;
  const [schedule] = await tx
    .select()
    .from(clinicSchedule)
    .where(eq(clinicSchedule.id, input.scheduleId));
  if (!schedule?.active) throw new DomainError("request.not-found");
  const segments = (
    await findSegments(tx, { departmentId: schedule.departmentId, day: input.day }, now)
  ).filter((one) => one.scheduleId === schedule.id && !one.stopped && new Date(one.startsAt) > now);
  if (segments.length === 0) throw refusal("over");
  if (segments.some((one) => one.left > 0 || one.releaseAt)) {
    throw new DomainError("booking.not-full");
  }
  const [added] = await tx
    .insert(waitlistEntry)
    .values({
      scheduleId: schedule.id,
      institutionId: schedule.institutionId,
      departmentId: schedule.departmentId,
      day: input.day,
      patientId: input.patientId,
      state: "waitlisted",
      channel: input.channel,
      bookedByPersonId: actor.kind === "staff" ? actor.personId : null,
      bookedByPhoneIndex: actor.kind === "patient" ? actor.phoneIndex : null,
      relation: input.relation,
    })
    .onConflictDoNothing()
    .returning({ id: waitlistEntry.id });
  if (!added) throw refusal("already-booked");
  await trace(tx, actor, origin, {
    action: "waitlist.join",
    entityType: "waitlist-entry",
    entityId: added.id,
    patientId: input.patientId,
  });
  await announce(
    tx,
    { topic: "appointment", id: added.id, version: 0 },
    { patientIds: [input.patientId] },
  );
  return added;
}

/** Wait no longer. An offer that stands is declined by cancelling its appointment. */
export async function withdraw(
  work: Work<PatientActor | StaffActor>,
  id: string,
): Promise<{ ok: true }> {
  const { tx, actor, origin, now } = work;
  const [row] = await tx
    .update(waitlistEntry)
    .set({ state: "withdrawn", endedAt: now })
    .where(and(eq(waitlistEntry.id, id), eq(waitlistEntry.state, "waitlisted")))
    .returning();
  if (!row) {
    const [known] = await tx.select().from(waitlistEntry).where(eq(waitlistEntry.id, id));
    if (!known) throw new DomainError("request.not-found");
    if (known.state !== "withdrawn") throw refusal("step");
    return { ok: true };
  }
  await trace(tx, actor, origin, {
    action: "waitlist.withdraw",
    entityType: "waitlist-entry",
    entityId: id,
    patientId: row.patientId,
  });
  return { ok: true };
}

/**
 * Offer free seats of a day to those who wait, in order of arrival. Each offer is a hold with a
 * deadline before the visit; who may not book any more (another booking, a block), or whom a fever clinic sees
 * first, is passed over.
 * Run by one job at a time per schedule and day; doing it again offers nothing twice.
 */
export async function offerSeats(
  tx: Tx,
  input: { scheduleId: string; day: string; now: Date; vault: Vault },
): Promise<number> {
  const { scheduleId, day, now } = input;
  await tx.execute(
    sql`select pg_advisory_xact_lock(hashtextextended(${`offer:${scheduleId}:${day}`}, 7))`,
  );
  const entries = await tx
    .select()
    .from(waitlistEntry)
    .where(
      and(
        eq(waitlistEntry.scheduleId, scheduleId),
        eq(waitlistEntry.day, day),
        eq(waitlistEntry.state, "waitlisted"),
        sql`(app.fever_block_until(${waitlistEntry.patientId}, ${now.toISOString()}) is null or exists (select 1
          from clinic_schedule c where c.id = ${waitlistEntry.scheduleId} and c.kind = 'fever-clinic'))`,
      ),
    )
    .orderBy(asc(waitlistEntry.position))
    .limit(50);
  if (entries.length === 0) return 0;
  const segments = await tx
    .select()
    .from(segment)
    .where(and(eq(segment.scheduleId, scheduleId), eq(segment.day, day)))
    .orderBy(asc(segment.startsAt));
  const policy = await repository.findPolicy(tx, entries[0]!.institutionId, day);
  let offered = 0;
  for (const entry of entries) {
    for (const one of segments) {
      const until = one.stoppedAt ? null : offerDeadline(policy, now, one.startsAt);
      if (!until) continue;
      const held = await repository.holdSeat(tx, {
        segmentId: one.id,
        patientId: entry.patientId,
        channel: entry.channel,
        relation: entry.relation,
        newCode: () => bookingCode(randomBytes(6)),
        now,
        until,
      });
      if (held.problem === "full" || held.problem === "not-released") continue;
      if (!held.id) break;
      await tx
        .update(appointment)
        .set({
          offered: true,
          bookedByPersonId: entry.bookedByPersonId,
          bookedByPhoneIndex: entry.bookedByPhoneIndex,
        })
        .where(eq(appointment.id, held.id));
      await tx
        .update(waitlistEntry)
        .set({ state: "offered", appointmentId: held.id, offerUntil: until })
        .where(eq(waitlistEntry.id, entry.id));
      const [row] = await repository.findAppointments(tx, sql`a.id = ${held.id}`, 1);
      await tellAppointment(tx, row!);
      await tellByPhone(tx, input.vault, row!, {
        kind: "booking-offer",
        words: offerText(row!, until),
        once: "offer",
        now,
        call: { kind: "waitlist-offer", dueAt: until },
      });
      offered += 1;
      break;
    }
  }
  return offered;
}
