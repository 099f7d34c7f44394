import { putAlarm, stopAlarms } from "../alarms/service.ts";
import { createConsult } from "../consult/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Services, Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { findWithPermission } from "../identity/service.ts";
import { notify } from "../notices/service.ts";
import { localDay } from "../patients/service.ts";
import { giveBedBack, keepBed, keepLonger } from "./bed-service.ts";
import {
  type Acting,
  assertNewest,
  loadReferral,
  personOf,
  stateAfter,
  takeStep,
  writeStep,
} from "./change.ts";
import type { ActionBody } from "./contract.ts";
import { assertNoRing, rungAt } from "./domain.ts";
import { policyOf } from "./policy.ts";
import type { ReferralRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { bookKept, bookSeat, giveSeatBack } from "./seat-service.ts";
import { holdingStates } from "./states.ts";

type Body<Action extends ActionBody["action"]> = Extract<ActionBody, { action: Action }>;

/** The answer has come: nobody is told of its clock any more. */
export const stopRespondClock = (work: Work, row: ReferralRow): Promise<void> =>
  stopAlarms(work.tx, [`referral:${row.id}:respond`], work.now);

/** Tell the doctor who referred, once per version of the row. */
export async function tellSender(
  work: Work<Acting>,
  row: ReferralRow,
  kind: string,
): Promise<void> {
  await notify(work.tx, {
    personIds: [row.requesterId].filter((one) => one !== personOf(work.actor)),
    kind,
    entityType: "referral",
    entityId: row.id,
    detail: { direction: row.direction, state: row.state, number: row.number },
    dedupeKey: `referral:${row.id}:${kind}:${row.version}`,
    at: work.now,
  });
}

export async function tellDesk(work: Work, row: ReferralRow, kind: string): Promise<void> {
  await notify(work.tx, {
    personIds: await findWithPermission(work.tx, row.toInstitutionId!, "referral.desk", work.now),
    kind,
    entityType: "referral",
    entityId: row.id,
    detail: { direction: row.direction, state: row.state, number: row.number },
    dedupeKey: `referral:${row.id}:${kind}:${row.version}`,
    at: work.now,
  });
}

/** Take it over, with a bed when it is wanted, and with the number that the sender had kept. */
export async function accept(
  work: Work<Acting>,
  row: ReferralRow,
  body: Body<"accept">,
): Promise<ReferralRow> {
  const { tx, actor, now } = work;
  const policy = await policyOf(tx, actor.institutionId, localDay(now));
  const medicines = body.medicines ?? row.medicines;
  if (row.direction === "down" && medicines.some((one) => one.available === null))
    throw new DomainError("referral.formulary");
  if (row.direction === "down" && !sameMedicines(medicines, row.medicines))
    throw new DomainError("request.invalid");
  await assertNewest(work, row, body.version);
  const kept = body.bed ? await keepBed(work, row, body.departmentId ?? null) : null;
  const keptUntil = kept?.heldUntil ?? (row.bedHoldId ? row.heldUntil : null);
  const accepted = await takeStep(work, row, {
    action: "accept",
    version: body.version,
    reason: body.answer ?? null,
    change: {
      acceptedAt: now,
      acceptedBy: personOf(actor),
      answer: body.answer ?? null,
      ...(body.departmentId ? { toDepartmentId: body.departmentId } : {}),
      ...(row.direction === "down"
        ? { medicines, formularyCheckedAt: now }
        : { heldUntil: keptUntil, ...kept }),
    },
  });
  await stopRespondClock(work, row);
  // What is kept ends at its time; a yes without a bed or number ends by nobody's clock, but is asked after.
  if (row.direction === "up")
    await putAlarm(tx, {
      kind: keptUntil ? "referral:held" : "referral:unbooked",
      entityId: row.id,
      key: `referral:${row.id}:held`,
      dueAt: keptUntil ?? new Date(now.getTime() + policy.holdHours * 3_600_000),
    });
  await tellSender(work, accepted, "referral-accepted");
  // The number that the sender had kept is the patient's with the same word.
  const { actor: by } = work;
  return row.direction === "up" &&
    by.kind === "staff" &&
    (await bookKept({ ...work, actor: by }, row))
    ? bookedNow(work, accepted)
    : accepted;
}

async function bookedNow(work: Work<Acting>, row: ReferralRow): Promise<ReferralRow> {
  const booked = await takeStep(work, row, {
    action: "book",
    version: row.version,
    change: { heldUntil: null },
  });
  await stopAlarms(work.tx, [`referral:${row.id}:held`], work.now);
  return booked;
}

/** The shelf answers for the medicines that were asked about; it prescribes none. */
function sameMedicines(left: ReferralRow["medicines"], right: ReferralRow["medicines"]): boolean {
  return (
    left.length === right.length &&
    left.every((one, n) => one.text === right[n]?.text && one.dose === right[n]?.dose)
  );
}

/**
 * Back to the sender with advice, before or after it was accepted. An emergency needs a call first.
 * @throws DomainError `referral.call-first`
 */
export async function giveBack(
  work: Work<Acting>,
  row: ReferralRow,
  body: Body<"return"> | Body<"handBack">,
): Promise<ReferralRow> {
  const returned = await takeStep(work, row, {
    action: body.action,
    version: body.version,
    reason: withCall(row, body.reason, body.call),
    change: { answer: body.reason, heldUntil: null, bedHoldId: null },
  });
  await giveBedBack(work, row, body.action);
  await giveSeatBack(work, row);
  await stopClocks(work, row);
  await tellSender(work, returned, "referral-returned");
  return returned;
}

/** @throws DomainError `referral.call-first`: nobody turns an emergency away without having spoken */
function withCall(
  row: ReferralRow,
  reason: string,
  call: { with: string; at: string } | null | undefined,
): string {
  if (!call) {
    if (row.urgency === "emergency") throw new DomainError("referral.call-first");
    return reason;
  }
  return `${reason}（${call.with}，${call.at}）`;
}

export const stopClocks = (work: Work, row: ReferralRow): Promise<void> =>
  stopAlarms(work.tx, [`referral:${row.id}:respond`, `referral:${row.id}:held`], work.now);

/**
 * Pass it on to another house. The patient agrees to the new one first; an emergency goes at once. What came from
 * outside goes on in the name of whoever passes it on: nobody of that house could ask the patient or send it here.
 * @throws DomainError `referral.redirect-ring`, `referral.redirect-limit`, `referral.call-first`
 */
export async function redirect(
  work: Work<StaffActor>,
  row: ReferralRow,
  body: Body<"redirect">,
): Promise<ReferralRow> {
  const { tx, now } = work;
  const target = { institutionId: body.institutionId, departmentId: body.departmentId };
  if (target.institutionId === row.fromInstitutionId) throw new DomainError("referral.same-house");
  // What came from outside is passed on in our own name: another department of ours is chosen by accepting.
  const cameFromOutside = await repository.cameFromOutside(tx, row.id);
  if (cameFromOutside && target.institutionId === row.toInstitutionId)
    throw new DomainError("referral.same-house");
  assertNoRing(await repository.findWay(tx, row.id), target);
  const redirected = await takeStep(work, row, {
    action: "redirect",
    version: body.version,
    reason: withCall(row, body.reason, body.call),
    change: { answer: body.reason, heldUntil: null, bedHoldId: null },
  });
  await giveBedBack(work, row, "redirect");
  await giveSeatBack(work, row);
  await stopClocks(work, row);
  const policy = await policyOf(tx, target.institutionId, localDay(now));
  const answerBy = new Date(now.getTime() + policy.emergencyMinutes * 60_000);
  const nextId = await repository.passOn(tx, row.id, target, { day: localDay(now), answerBy, now });
  if (!nextId) throw new DomainError("permission.denied");
  // An emergency is with the next house in the same moment, and its clock runs.
  if (row.urgency === "emergency") {
    await putAlarm(tx, {
      kind: "referral:respond",
      entityId: nextId,
      key: `referral:${nextId}:respond`,
      dueAt: rungAt(answerBy, "desk", policy),
      detail: { rung: 0 },
    });
    await tellDesk(
      work,
      { ...row, id: nextId, version: 2, toInstitutionId: target.institutionId },
      "referral-emergency",
    );
  }
  await tellSender(work, redirected, "referral-redirected");
  return redirected;
}

/** No journey is needed: it goes on as a remote consult of the same two houses. */
export async function convert(
  work: Work<StaffActor>,
  row: ReferralRow,
  body: Body<"convert">,
): Promise<ReferralRow> {
  const converted = await takeStep(work, row, { action: "convert", version: body.version });
  await stopClocks(work, row);
  await tellSender(work, converted, "referral-converted");
  return converted;
}

/** The sender begins the consult that the desk asked for, with what the referral says. */
export async function beginConsult(
  services: Services,
  work: Work<StaffActor>,
  id: string,
): Promise<{ consultId: string }> {
  const row = await loadReferral(work, id);
  if (row.fromInstitutionId !== work.actor.institutionId)
    throw new DomainError("permission.denied");
  if (row.state !== "converted")
    throw new DomainError("referral.illegal-step", { from: row.state, action: "beginConsult" });
  if (row.consultId) return { consultId: row.consultId };
  const consult = await createConsult(services, work, {
    patientId: row.patientId,
    content: {
      urgency: row.urgency,
      invitedInstitutionId: row.toInstitutionId,
      reason: row.reason,
      complaint: row.reason,
      presentHistory: row.presentHistory,
      pastHistory: row.pastHistory,
      examination: row.examination,
      vitals: row.vitals,
      investigations: row.results,
      provisionalDiagnoses: row.impression,
      treatmentSoFar: row.treatmentSoFar,
      callbackPhone: row.requesterPhone,
    },
  });
  await repository.updateReferral(work.tx, row.id, row.version, {
    consultId: consult.id,
    updatedAt: work.now,
  });
  return { consultId: consult.id };
}

/** A number in a clinic of this house, booked for the patient. */
export async function book(
  work: Work<StaffActor>,
  row: ReferralRow,
  body: Body<"book">,
): Promise<ReferralRow> {
  await stateAfter(work, row, body);
  const appointmentId = await bookSeat(work, row, body.segmentId);
  const booked = await takeStep(work, row, {
    action: "book",
    version: body.version,
    change: { appointmentId, heldUntil: null },
  });
  await stopAlarms(work.tx, [`referral:${row.id}:held`], work.now);
  await tellSender(work, booked, "referral-booked");
  return booked;
}

/** Somebody is on the way: what is kept lasts until he can be there. */
export async function setOff(
  work: Work,
  row: ReferralRow,
  input: { version: number; arrivesAt?: string | null | undefined },
): Promise<ReferralRow> {
  const { tx, now } = work;
  const policy = await policyOf(tx, row.toInstitutionId!, localDay(now));
  const arrives = input.arrivesAt ? new Date(input.arrivesAt) : now;
  const wanted = new Date(
    Math.max(arrives.getTime(), now.getTime()) + policy.holdHours * 3_600_000,
  );
  const heldUntil = row.bedHoldId ? await keepLonger(work, row, wanted) : wanted;
  const gone = await takeStep(work, row, {
    action: "setOff",
    version: input.version,
    change: { setOffAt: now, heldUntil },
  });
  await putAlarm(tx, {
    kind: "referral:held",
    entityId: row.id,
    key: `referral:${row.id}:held`,
    dueAt: heldUntil,
  });
  await tellDesk(work, gone, "referral-set-off");
  return gone;
}

/** The other house is asked whether it may end: an appointment, a bed or a person may stand behind it. */
export async function askCancel(
  work: Work,
  row: ReferralRow,
  input: { version: number; reason: string },
): Promise<ReferralRow> {
  const asked = await takeStep(work, row, {
    action: "askCancel",
    version: input.version,
    reason: input.reason,
  });
  await tellDesk(work, asked, "referral-cancel-asked");
  return asked;
}

/** How it went, told to whoever referred without being asked. */
export async function conclude(
  work: Work<Acting>,
  row: ReferralRow,
  body: Body<"conclude">,
): Promise<ReferralRow> {
  const closed = await takeStep(work, row, {
    action: "conclude",
    version: body.version,
    reason: body.reason,
    change: { outcome: body.reason },
  });
  if (holdingStates.includes(row.state)) {
    await giveBedBack(work, row, "conclude");
    await giveSeatBack(work, row);
  }
  await stopClocks(work, row);
  await tellSender(work, closed, "referral-closed");
  return closed;
}

/** The referring doctor has read the outcome: it leaves the list. */
export async function readOutcome(work: Work<StaffActor>, id: string): Promise<void> {
  const row = await loadReferral(work, id);
  if (row.fromInstitutionId !== work.actor.institutionId || row.outcome === null)
    throw new DomainError("permission.denied");
  if (row.outcomeReadAt) return;
  const changed = await repository.updateReferral(work.tx, id, row.version, {
    outcomeReadAt: work.now,
    updatedAt: work.now,
  });
  if (changed) await writeStep(work, changed, { action: "readOutcome", from: row.state });
}
