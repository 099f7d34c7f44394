/** Beds kept free for one person for a while: asked for, made longer, given back, taken. */
import { trace } from "../audit/service.ts";
import type { Tx } from "../db/client.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Work } from "../http/context.ts";
import { awaitEnd, tellBeds, tellHold } from "./announce.ts";
import { alternativesTo, namesOf } from "./counts-service.ts";
import type { BedHoldPurpose, BedUnitKind } from "./domain.ts";
import type { HoldRow, StayRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { wordsOfTime } from "./texts.ts";

export type HoldAsk = {
  institutionId: string;
  departmentId: string;
  /** Left out: any but intensive care and isolation; for an infectious disease isolation, or a unit for the emergency. */
  kind?: BedUnitKind | undefined;
  patientId: string;
  purpose: BedHoldPurpose;
  /** What it is held for; the same reference holds one bed however often it asks. */
  referenceId: string;
  /** Default: the house's policy, 24 h. */
  hours?: number | undefined;
};

/**
 * Holds one free bed of a department, in one statement of the database. Asks no permission of its own: the
 * database asks that the house is the own one or an ally's and that the patient may be seen; whoever calls
 * asks whether this actor may do this kind of thing.
 * @throws DomainError `capacity.full` with who holds the next bed (institution and until when, never for
 *   whom) and alternatives, `capacity.no-unit`, `capacity.emergency-mode`, `capacity.priority-kept`,
 *   `capacity.held-elsewhere`, `capacity.patient-held`, `permission.denied`
 */
export async function holdBed(work: Work, ask: HoldAsk): Promise<HoldRow> {
  const { tx, actor, origin, now } = work;
  const answer = await repository.holdFree(tx, {
    ...ask,
    kind: ask.kind ?? null,
    hours: ask.hours ?? null,
    now,
  });
  if (answer.outcome !== "held" && answer.outcome !== "again")
    throw await refusalOf(work, ask, answer);
  const hold = (await repository.findHold(tx, answer.hold_id!))!;
  if (answer.outcome === "again") return hold;
  await trace(tx, actor, origin, {
    action: "bed.hold",
    entityType: "bed-hold",
    entityId: hold.id,
    patientId: hold.patientId,
    purpose: "treatment",
    detail: { purpose: hold.purpose, unitId: hold.unitId },
  });
  await awaitEnd(tx, hold, now);
  await tellHold(tx, hold);
  return hold;
}

async function refusalOf(
  { tx, actor, now }: Work,
  ask: HoldAsk,
  answer: { outcome: string; holder: string | null; holder_until: string | null },
): Promise<DomainError> {
  if (answer.outcome === "denied") return new DomainError("permission.denied");
  const until = answer.holder_until ? new Date(answer.holder_until) : null;
  const holder = answer.holder ? await namesOf(tx, answer.holder) : null;
  if (answer.outcome === "priority") return new DomainError("capacity.priority-kept");
  if (answer.outcome === "patient-held" || answer.outcome === "elsewhere")
    return new DomainError(
      answer.outcome === "elsewhere" ? "capacity.held-elsewhere" : "capacity.patient-held",
      { holder, until: until?.toISOString() ?? null, untilWords: wordsOfTime(until) },
    );
  const alternatives = await alternativesTo(tx, {
    ...ask,
    fromInstitutionId: actor.kind === "staff" ? actor.institutionId : ask.institutionId,
    now,
  });
  const beside = { alternatives: alternatives.list, alternativesWords: alternatives.words };
  if (answer.outcome === "closed") return new DomainError("capacity.no-unit", beside);
  if (answer.outcome === "emergency") return new DomainError("capacity.emergency-mode", beside);
  return new DomainError("capacity.full", {
    holder,
    until: until?.toISOString() ?? null,
    untilWords: wordsOfTime(until),
    ...beside,
  });
}

/**
 * Longer, because the patient has set off. Saying the same twice changes nothing.
 * @throws DomainError `permission.denied` for anybody but who asked for it and the house whose bed it is,
 *   `capacity.hold-ended`, `capacity.hold-order` when it would not be later, `capacity.hold-too-long`
 */
export async function extendHold(
  { tx, actor, origin, now }: Work,
  ask: { holdId: string; until: Date; reason: string },
): Promise<HoldRow> {
  const { outcome, latest } = await repository.extend(tx, ask.holdId, ask.until, ask.reason, now);
  if (outcome === "denied") throw new DomainError("permission.denied");
  if (outcome === "ended") throw new DomainError("capacity.hold-ended");
  if (outcome === "order") throw new DomainError("capacity.hold-order");
  if (outcome === "too-long")
    throw new DomainError("capacity.hold-too-long", {
      latest: latest ? new Date(latest).toISOString() : null,
      latestWords: wordsOfTime(latest ? new Date(latest) : null),
    });
  const hold = (await repository.findHold(tx, ask.holdId))!;
  if (outcome === "again") return hold;
  await trace(tx, actor, origin, {
    action: "bed.hold-extend",
    entityType: "bed-hold",
    entityId: hold.id,
    patientId: hold.patientId,
    purpose: "treatment",
  });
  await awaitEnd(tx, hold, now);
  await tellHold(tx, hold);
  return hold;
}

/** Given back. One that has ended before stays as it ended. @throws DomainError `permission.denied` */
export async function releaseHold(
  { tx, actor, origin, now }: Work,
  ask: { holdId: string; reason: string },
): Promise<HoldRow> {
  const { outcome } = await repository.release(tx, ask.holdId, ask.reason, now);
  if (outcome === "denied") throw new DomainError("permission.denied");
  const hold = (await repository.findHold(tx, ask.holdId))!;
  if (outcome === "again") return hold;
  await trace(tx, actor, origin, {
    action: "bed.hold-release",
    entityType: "bed-hold",
    entityId: hold.id,
    patientId: hold.patientId,
    purpose: "treatment",
    detail: { outcome: hold.outcome },
  });
  await awaitEnd(tx, hold, now);
  await tellHold(tx, hold);
  return hold;
}

/**
 * The person for whom it was held has come. Asks no permission of its own but that it is the house's bed.
 * Into another free bed of the house when one is named. Admitting twice gives the same stay.
 * @throws DomainError `permission.denied`, `capacity.hold-ended`, `capacity.bed-not-free`,
 *   `capacity.patient-in-bed`, `capacity.emergency-mode`
 */
export async function admitHold(
  work: Work,
  ask: { holdId: string; bedId?: string | undefined; expectedDischargeOn?: string | undefined },
): Promise<StayRow> {
  const { tx, actor, origin, now } = work;
  const answer = await repository.admit(tx, {
    bedId: ask.bedId ?? null,
    patientId: null,
    holdId: ask.holdId,
    expectedDischargeOn: ask.expectedDischargeOn ?? null,
    overQuotaReason: null,
    now,
  });
  const stay = await stayOf(work, answer);
  const hold = (await repository.findHold(tx, ask.holdId))!;
  if (answer.outcome === "again") return stay;
  await trace(tx, actor, origin, {
    action: "bed.admit",
    entityType: "bed-stay",
    entityId: stay.id,
    patientId: stay.patientId,
    purpose: "treatment",
    detail: { holdId: hold.id },
  });
  await awaitEnd(tx, hold, now);
  await tellHold(tx, hold);
  return stay;
}

/** What the database answered to an admission. @throws DomainError as {@link admitHold} */
export async function stayOf(
  { tx }: Work,
  { outcome, stay_id }: { outcome: string; stay_id: string | null },
): Promise<StayRow> {
  if (outcome === "denied") throw new DomainError("permission.denied");
  if (outcome === "ended") throw new DomainError("capacity.hold-ended");
  if (outcome === "not-free") throw new DomainError("capacity.bed-not-free");
  if (outcome === "patient-in-bed") throw new DomainError("capacity.patient-in-bed");
  if (outcome === "emergency")
    throw new DomainError("capacity.emergency-mode", { alternatives: [], alternativesWords: "" });
  if (outcome === "priority") throw new DomainError("capacity.priority-kept");
  return (await repository.findStay(tx, stay_id!))!;
}

/**
 * Out of the bed, which is to be cleaned. Asks no permission of its own but that it is the house's bed.
 * Leaving twice changes nothing. @throws DomainError `permission.denied`, `capacity.stay-time`
 */
export async function discharge(
  { tx, actor, origin, now }: Work,
  ask: { stayId: string; at?: Date | undefined },
): Promise<StayRow> {
  const at = ask.at ?? now;
  if (at > now) throw new DomainError("capacity.stay-time");
  const { outcome } = await repository.leave(tx, ask.stayId, at);
  if (outcome === "denied") throw new DomainError("permission.denied");
  if (outcome === "order") throw new DomainError("capacity.stay-time");
  const stay = (await repository.findStay(tx, ask.stayId))!;
  if (outcome === "again") return stay;
  await trace(tx, actor, origin, {
    action: "bed.discharge",
    entityType: "bed-stay",
    entityId: stay.id,
    patientId: stay.patientId,
    purpose: "treatment",
  });
  await tellBeds(tx, stay.unitId, stay.institutionId);
  return stay;
}

/** The open hold of a reference, or else its last one, ended; null where the reader sees none. */
export const findHold = (tx: Tx, referenceId: string): Promise<HoldRow | null> =>
  repository.findHoldOf(tx, referenceId);
