import { randomBytes } from "node:crypto";
import { sql } from "drizzle-orm";
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Work } from "../http/context.ts";
import type { PatientActor, StaffActor } from "../identity/domain.ts";
import type { ContactRelation } from "../patients/domain.ts";
import { tellAppointment, tellQueue } from "./announce.ts";
import type { appointmentAnswer } from "./contract.ts";
import type { Channel } from "./domain.ts";
import { assertDone, refusal } from "./problem.ts";
import type { AppointmentRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { viewAppointments } from "./view.ts";
import { bookingCode, queueKey, restSeconds } from "./waiting.ts";
import { offerNextOf } from "./waitlist-service.ts";

type Answer = z.input<typeof appointmentAnswer>;
const newCode = () => bookingCode(randomBytes(6));
type Booker = PatientActor | StaffActor;

/** @throws DomainError `request.not-found`: what one may not see is not there */
export async function loadAppointment(work: Work, id: string): Promise<AppointmentRow> {
  const [row] = await repository.findAppointments(work.tx, sql`a.id = ${id}`, 1);
  if (!row) throw new DomainError("request.not-found");
  return row;
}

export async function answerOf(work: Work, id: string): Promise<Answer> {
  const [view] = await viewAppointments(work.tx, [await loadAppointment(work, id)], work.now);
  return { appointment: view! };
}

/**
 * Keep a seat for some minutes. Who chooses again in the same department and day lets go of the first.
 * @throws DomainError `booking.full`, `.not-released`, `.already-booked`, `.blocked`, `.too-many-patients`,
 *   `.stopped`, `.over`, `permission.denied`
 */
export async function hold(
  work: Work<Booker>,
  input: {
    segmentId: string;
    patientId: string;
    relation: ContactRelation;
    channel: Channel;
    /** How a patient agreed for whom somebody of the staff books. */
    consent?: string;
  },
): Promise<Answer> {
  const { tx, actor, origin, now } = work;
  const held = await repository.holdSeat(tx, { ...input, newCode, now });
  if (held.problem) throw refusal(held.problem, held.until);
  await trace(tx, actor, origin, {
    action: "appointment.hold",
    entityType: "appointment",
    entityId: held.id,
    patientId: input.patientId,
    detail: {
      channel: input.channel,
      relation: input.relation,
      ...(input.consent ? { consent: input.consent } : {}),
    },
  });
  return answerOf(work, held.id!);
}

/** Make a hold an appointment. For patients at the hour of release there is a shorter way: confirm-batch.ts. */
export async function confirm(work: Work<Booker>, id: string): Promise<Answer> {
  const { tx, actor, origin, now } = work;
  const answer = await repository.confirmSeat(tx, id, now);
  assertDone(answer);
  const row = await loadAppointment(work, id);
  if (answer.done) {
    await tellAppointment(tx, row);
    await trace(tx, actor, origin, {
      action: "appointment.confirm",
      entityType: "appointment",
      entityId: id,
      patientId: row.patientId,
      detail: { channel: row.channel },
    });
  }
  return answerOf(work, id);
}

/**
 * Give a seat back. It rests for a random time; who is on the waitlist is asked first.
 * @throws DomainError `booking.too-late` after the last moment, `booking.step`
 */
export async function cancel(work: Work, id: string, reason: string): Promise<Answer> {
  const { tx, actor, origin, now } = work;
  const before = await loadAppointment(work, id);
  const policy = await repository.findPolicy(tx, before.institutionId, before.day);
  const answer = await repository.cancelSeat(
    tx,
    id,
    reason,
    now,
    restSeconds(policy, Math.random()),
  );
  assertDone(answer);
  if (answer.done) {
    await tellAppointment(tx, { ...before, version: before.version + 1 });
    if (before.state === "waiting") await tellQueue(tx, before);
    await trace(tx, actor, origin, {
      action: "appointment.cancel",
      entityType: "appointment",
      entityId: id,
      patientId: before.patientId,
      detail: { from: before.state },
    });
    if (before.state === "booked") await offerNextOf(work, before.scheduleId, before.day);
  }
  return answerOf(work, id);
}

/** Another time of the same department; the old seat goes only when the new one is there. */
export async function move(work: Work<Booker>, id: string, segmentId: string): Promise<Answer> {
  const { tx, actor, origin, now } = work;
  const before = await loadAppointment(work, id);
  const policy = await repository.findPolicy(tx, before.institutionId, before.day);
  const answer = await repository.moveSeat(
    tx,
    id,
    segmentId,
    now,
    restSeconds(policy, Math.random()),
  );
  assertDone(answer);
  if (answer.done) {
    await tellAppointment(tx, { ...before, version: before.version + 1 });
    await trace(tx, actor, origin, {
      action: "appointment.move",
      entityType: "appointment",
      entityId: id,
      patientId: before.patientId,
    });
    await offerNextOf(work, before.scheduleId, before.day);
  }
  return answerOf(work, id);
}

/**
 * Arrived: into the queue, where the ticket belongs.
 * @param place the code of the poster; null when staff do it
 * @throws DomainError `booking.place`, `booking.too-early`, `booking.step`
 */
export async function checkIn(
  work: Work<Booker>,
  id: string,
  place: string | null,
): Promise<Answer> {
  const { tx, actor, origin, now } = work;
  const row = await loadAppointment(work, id);
  const key = queueKey({ ...row, arrivedAt: now });
  const answer = await repository.checkIn(tx, id, place, key, now);
  assertDone(answer);
  if (answer.done) {
    await tellAppointment(tx, { ...row, version: row.version + 1 });
    await tellQueue(tx, row);
    await trace(tx, actor, origin, {
      action: "appointment.check-in",
      entityType: "appointment",
      entityId: id,
      patientId: row.patientId,
    });
  }
  return answerOf(work, id);
}

/**
 * Keep a held seat longer than the minutes of a hold, for a referral of the same patient to the same house.
 * @returns until when it is kept: never past the visit itself
 * @throws DomainError `booking.lapsed`, `request.not-found`
 */
export async function keepHeld(
  work: Work<StaffActor>,
  input: { appointmentId: string; referralId: string; until: Date },
): Promise<Date> {
  const { tx, now } = work;
  const answer = await repository.keepHeldSeat(tx, { ...input, now });
  if (answer.problem === "lapsed") throw refusal("lapsed");
  if (!answer.keptUntil) throw new DomainError("request.not-found");
  await tellAppointment(tx, await loadAppointment(work, input.appointmentId));
  return answer.keptUntil;
}

/**
 * The number that was kept for a referral becomes an appointment with the word of the desk that takes over.
 * @returns false when it had lapsed meanwhile, or is none of this referral
 */
export async function confirmKept(
  work: Work<StaffActor>,
  input: { appointmentId: string; referralId: string; patientId: string },
): Promise<boolean> {
  const { tx, actor, origin, now } = work;
  const answer = await repository.confirmKeptSeat(tx, { ...input, now });
  if (answer.problem !== null) return false;
  // A referral desk sees no clinic: the database has told of it.
  if (answer.done)
    await trace(tx, actor, origin, {
      action: "appointment.confirm",
      entityType: "appointment",
      entityId: input.appointmentId,
      patientId: input.patientId,
      detail: { for: "referral" },
    });
  return true;
}
