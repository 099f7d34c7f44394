/** The number that is kept for a referral: held from the quota of the house that is asked, booked when it says yes. */
import { putAlarm } from "../alarms/service.ts";
import {
  appointmentState,
  cancel,
  confirm,
  confirmKept,
  hold,
  keepHeld,
} from "../booking/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { asOurJob } from "./change.ts";
import type { ReferralRow } from "./repository.ts";

/**
 * Hold a seat of the house that is asked, until it has answered.
 * @throws DomainError those of booking's `hold`, `booking.lapsed`
 */
export async function keepSeat(
  work: Work<StaffActor>,
  row: ReferralRow,
  input: { segmentId: string; until: Date },
): Promise<{ appointmentId: string; heldUntil: Date }> {
  const held = await hold(work, {
    segmentId: input.segmentId,
    patientId: row.patientId,
    relation: "self",
    channel: "community-doctor",
    consent: "referral",
  });
  const appointmentId = held.appointment.id;
  const heldUntil = await keepHeld(work, {
    appointmentId,
    referralId: row.id,
    until: input.until,
  });
  return { appointmentId, heldUntil };
}

/**
 * Book a number of the desk's own house. A referral desk runs no clinic: whoever calls has asked whether it may
 * book this referral, and our own job takes the seat. The number of before goes back with the same transaction:
 * nobody has two, and whoever gets no second one keeps the first.
 * @returns the appointment's id
 * @throws DomainError those of booking's `hold`, `permission.denied` for another house's clinic
 */
export async function bookSeat(
  work: Work<StaffActor>,
  row: ReferralRow,
  segmentId: string,
): Promise<string> {
  return asOurJob(work, async () => {
    await releaseSeat(work, row);
    const { appointment } = await hold(work, {
      segmentId,
      patientId: row.patientId,
      relation: "self",
      channel: "window",
      consent: "referral",
    });
    if (appointment.institution.id !== work.actor.institutionId)
      throw new DomainError("permission.denied");
    await confirm(work, appointment.id);
    return appointment.id;
  });
}

/** The number that was kept becomes an appointment. @returns false when there is none, or it had lapsed */
export async function bookKept(work: Work<StaffActor>, row: ReferralRow): Promise<boolean> {
  if (!row.appointmentId) return false;
  return confirmKept(work, {
    appointmentId: row.appointmentId,
    referralId: row.id,
    patientId: row.patientId,
  });
}

/** Our own clock gives the number back, in a moment: not everybody who ends a referral has a hand in a clinic. */
export async function giveSeatBack(work: Work, row: ReferralRow): Promise<void> {
  if (!row.appointmentId) return;
  await putAlarm(work.tx, {
    kind: "referral:give-seat-back",
    entityId: row.id,
    key: `referral:${row.id}:give-seat-back:${row.appointmentId}`,
    dueAt: work.now,
  });
}

/** The clock's own hand. */
export async function releaseSeat(work: Work, row: ReferralRow): Promise<void> {
  if (!row.appointmentId) return;
  try {
    await cancel(work, row.appointmentId, "referral");
  } catch (error) {
    // Come, seen or cancelled before: there is nothing to give back.
    if (!(error instanceof DomainError) || error.code !== "booking.step") throw error;
  }
}

/** What has become of a number that was booked: nobody came, it is gone, or it stands. */
export async function seatState(
  work: Work,
  appointmentId: string,
): Promise<"no-show" | "lost" | "stands"> {
  const state = await appointmentState(work.tx, appointmentId);
  if (state === "no-show") return "no-show";
  return state === null || state === "cancelled" || state === "clinic-stopped" ? "lost" : "stands";
}
