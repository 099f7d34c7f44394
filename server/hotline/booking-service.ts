/** Booking by telephone: the same inventory and rules as on the phone, and a confirmation that reaches everybody. */
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import {
  assistHold,
  confirm,
  enterRoom,
  findAppointmentView,
  listAppointmentsOf,
  type ReleaseRooms,
  waitForCaller,
} from "../booking/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Services, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { findPatients } from "../patients/service.ts";
import { changeCall, loadCall } from "./call-service.ts";
import { countLetters, viewCall } from "./call-view.ts";
import type {
  callAppointments,
  callView,
  confirmBody,
  holdBody,
  leaveBody,
  letterList,
  printedBody,
} from "./contract.ts";
import type { CallRow } from "./repository.ts";
import * as repository from "./repository.ts";

export const addressContext = "hotline_letter.address";
type View = z.input<typeof callView>;

/** What is booked for the caller's patient, wherever; only while on the line and with the patient's word. */
export async function listForCall(
  work: Work<StaffActor>,
  id: string,
): Promise<z.input<typeof callAppointments>> {
  const { tx, actor, origin, now } = work;
  const row = await loadCall(work, id);
  if (row.state !== "open" || row.holderId !== actor.personId)
    throw new DomainError("hotline.held-elsewhere");
  if (!row.patientId) throw new DomainError("hotline.no-person");
  const appointments = await listAppointmentsOf(tx, row.patientId, now);
  await trace(tx, actor, origin, {
    action: "hotline.appointments",
    entityType: "hotline-call",
    entityId: id,
    patientId: row.patientId,
    purpose: "treatment",
    detail: { rows: appointments.length },
  });
  return { appointments };
}

/** @throws DomainError `hotline.no-person`, `hotline.flagged`, `hotline.questions-first` */
function assertReady(
  row: CallRow,
  actor: StaffActor,
): asserts row is CallRow & { patientId: string } {
  if (!row.patientId) throw new DomainError("hotline.no-person");
  if (row.flagged && row.takenOverBy !== actor.personId) throw new DomainError("hotline.flagged");
  if (!row.screenedAt || !row.consentAt) throw new DomainError("hotline.questions-first");
}

/**
 * Hold a seat for the caller's patient. The database asks the same: questions first, consent heard.
 * @throws DomainError as `assistHold`, {@link assertReady}, `changeCall`
 */
export async function holdForCall(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  input: z.output<typeof holdBody>,
): Promise<View> {
  assertPermission(work.actor, "booking.assist");
  const row = await changeCall(work, id, input, async (before) => {
    assertReady(before, work.actor);
    const { appointment } = await assistHold(work, {
      segmentId: input.segmentId,
      patientId: before.patientId,
      relation: before.callerRelation,
      channel: "hotline",
      consent: "spoken",
    });
    return {
      appointmentId: appointment.id,
      confirmWay: null,
      draft: {
        ...before.draft,
        step: "confirm",
        day: appointment.day,
        segmentId: input.segmentId,
      },
    };
  });
  return viewCall(services, work, row);
}

/**
 * The hour of release: a place in the waiting room for the caller's patient, the same one as a phone would
 * get. Asking again gives the same place.
 * @throws DomainError as `enterRoom`, {@link assertReady}, `changeCall`
 */
export async function enterRoomForCall(
  services: Services,
  work: Work<StaffActor>,
  rooms: Pick<ReleaseRooms, "entered">,
  id: string,
  input: z.output<typeof holdBody>,
): Promise<View> {
  assertPermission(work.actor, "booking.assist");
  const row = await changeCall(work, id, input, async (before) => {
    assertReady(before, work.actor);
    const { placeId, roomId } = await enterRoom(work, {
      segmentId: input.segmentId,
      patientId: before.patientId,
    });
    rooms.entered(roomId, placeId);
    return {
      draft: { ...before.draft, step: "room", segmentId: input.segmentId, placeId, roomId },
    };
  });
  await trace(work.tx, work.actor, work.origin, {
    action: "hotline.room",
    entityType: "hotline-call",
    entityId: id,
    patientId: row.patientId,
  });
  return viewCall(services, work, row);
}

/**
 * The caller does not stay on the line: the call ends, the seat is taken when the place is admitted, and the
 * patient hears of it as he wishes to be told.
 * @throws DomainError `hotline.questions-first` without a place, as {@link assertReady}, `changeCall`
 */
export async function leaveWaiting(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  input: z.output<typeof leaveBody>,
): Promise<View> {
  const { actor, now } = work;
  assertPermission(actor, "booking.assist");
  const row = await changeCall(work, id, input, async (before) => {
    assertReady(before, actor);
    const { placeId, roomId, segmentId } = before.draft;
    if (!placeId || !roomId || !segmentId) throw new DomainError("booking.no-waiting-room");
    await waitForCaller(work, {
      placeId,
      roomId,
      segmentId,
      patientId: before.patientId,
      relation: before.callerRelation,
      anyTime: input.anyTime,
    });
    return {
      state: "ended",
      outcome: "waiting-room",
      endedAt: now,
      operatorMs: Math.max(before.operatorMs, input.operatorMs),
      operatorActions: Math.max(before.operatorActions, input.operatorActions),
    };
  });
  return viewCall(services, work, row);
}

/**
 * Confirm what is held, and say how the patient has it in writing. Confirming twice changes nothing.
 * @throws DomainError `booking.lapsed`, `hotline.no-address`, as `changeCall`
 */
export async function confirmForCall(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  input: z.output<typeof confirmBody>,
): Promise<View> {
  const { tx, actor, now } = work;
  assertPermission(actor, "booking.assist");
  const row = await changeCall(work, id, input, async (before) => {
    assertReady(before, actor);
    if (!before.appointmentId) throw new DomainError("request.not-found");
    await confirm(work, before.appointmentId);
    if (input.way === "post") {
      const [record] = await findPatients(tx, [before.patientId]);
      const address = input.address ?? record?.row.address;
      if (!address) throw new DomainError("hotline.no-address");
      await repository.insertLetter(tx, {
        institutionId: actor.institutionId,
        appointmentId: before.appointmentId,
        patientId: before.patientId,
        addressCipher: services.vault.seal(addressContext, address),
        wantedBy: actor.personId,
        wantedAt: now,
      });
    }
    return {
      confirmWay: input.way,
      draft: { ...before.draft, step: "done" },
      operatorMs: Math.max(before.operatorMs, input.operatorMs),
      operatorActions: Math.max(before.operatorActions, input.operatorActions),
    };
  });
  await trace(tx, actor, work.origin, {
    action: "hotline.confirm",
    entityType: "hotline-call",
    entityId: id,
    patientId: row.patientId,
    detail: { way: input.way, operatorMs: row.operatorMs, operatorActions: row.operatorActions },
  });
  return viewCall(services, work, row);
}

/** Confirmations that are to be posted. What was cancelled meanwhile is not. */
export async function listLetters(
  { vault }: Services,
  work: Work<StaffActor>,
): Promise<z.input<typeof letterList>> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "booking.assist");
  const rows = await repository.findLetters(tx);
  const people = await findPatients(tx, [...new Set(rows.map((row) => row.patientId))]);
  const letters = [];
  for (const row of rows) {
    const appointment = await findAppointmentView(tx, row.appointmentId, now);
    if (appointment?.state !== "booked") continue;
    const language = people.find((one) => one.row.id === row.patientId)?.row.language ?? "zh-CN";
    letters.push({
      id: row.id,
      address: vault.open(addressContext, row.addressCipher),
      appointment,
      language: language as "zh-CN",
      wantedAt: row.wantedAt.toISOString(),
    });
  }
  if (letters.length > 0)
    await trace(tx, actor, origin, {
      action: "hotline.letters",
      entityType: "hotline-letter",
      detail: { rows: letters.length },
    });
  return { letters };
}

/** These were printed and go into the post. */
export async function markPrinted(
  work: Work<StaffActor>,
  { ids }: z.output<typeof printedBody>,
): Promise<{ left: number }> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "booking.assist");
  const rows = await repository.markPrinted(tx, ids, actor.personId, now);
  for (const row of rows)
    await trace(tx, actor, origin, {
      action: "hotline.letter-printed",
      entityType: "hotline-letter",
      entityId: row.id,
      patientId: row.patientId,
    });
  return { left: await countLetters(tx) };
}
