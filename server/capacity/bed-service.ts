/** The beds of the own wards: who lies where, who is awaited, what is being cleaned. */
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { ageOn, findPatients, localDay, type PatientRecord } from "../patients/service.ts";
import { tellBeds } from "./announce.ts";
import type {
  BedAction,
  BedsView,
  BedView,
  expectedBody,
  newUnitBody,
  unitBody,
} from "./contract.ts";
import { capacityOf } from "./counts-service.ts";
import { bedStateAt } from "./domain.ts";
import { stayOf } from "./hold-service.ts";
import type { BedRow, HoldRow, StayRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { bed, bedUnit } from "./schema.ts";

type Staff = Work<StaffActor>;

/** Every unit of the house with its beds. @throws DomainError `permission.denied` */
export async function readBeds(work: Staff): Promise<BedsView> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "capacity.view");
  const [place] = await findInstitutions(tx, [actor.institutionId]);
  const units = await repository.findUnits(tx, actor.institutionId);
  const unitIds = units.map((one) => one.id);
  const beds = await repository.findBeds(tx, unitIds);
  const stays = await repository.findOpenStays(tx, unitIds);
  const holds = await repository.findLiveHolds(tx, unitIds, now);
  const people = await findPatients(tx, [
    ...new Set([...stays, ...holds].map((one) => one.patientId)),
  ]);
  const holders = await findInstitutions(tx, [
    ...new Set(holds.map((one) => one.heldByInstitutionId)),
  ]);
  const departments = await repository.findDepartments(tx, actor.institutionId);
  const namesOf = (id: string) => {
    const found = departments.find((one) => one.id === id);
    return { zh: found?.name ?? "", en: found?.nameEn ?? null, bo: found?.nameBo ?? null };
  };
  await trace(tx, actor, origin, {
    action: "bed-place.map",
    entityType: "bed-unit",
    entityId: actor.institutionId,
    purpose: "treatment",
    detail: { rows: people.length },
  });
  const capacity = await capacityOf(tx, { institutionIds: [actor.institutionId], now });
  const viewed = (row: BedRow) =>
    viewBed(row, {
      stay: stays.find((one) => one.bedId === row.id),
      hold: holds.find((one) => one.bedId === row.id),
      person: (id) => viewBedPatient(people, id, now),
      holder: (id) => {
        const found = holders.find((one) => one.id === id);
        return { zh: found?.name ?? "", en: found?.nameEn ?? null, bo: found?.nameBo ?? null };
      },
      now,
    });
  return {
    at: now.toISOString(),
    today: localDay(now, place?.timeZone),
    departments: capacity.map((one) => ({
      ...one,
      units: one.units.map((unit) => ({
        ...unit,
        bedList: beds.filter((row) => row.unitId === unit.unitId).map(viewed),
      })),
    })),
    closedUnits: units
      .filter((one) => !one.active)
      .map((one) => ({
        id: one.id,
        name: { zh: one.nameZh, en: one.nameEn, bo: one.nameBo },
        department: namesOf(one.departmentId),
      })),
    allDepartments: departments.map(({ id }) => ({ id, name: namesOf(id) })),
  };
}

/** Who lies in a bed, as the ward calls him; null where the reader may not see him. */
export function viewBedPatient(people: readonly PatientRecord[], id: string, now: Date) {
  const found = people.find((one) => one.row.id === id)?.row;
  if (!found) return null;
  return {
    id,
    name: found.fullName ?? found.fullNameBo ?? found.unknownNote ?? "—",
    sex: found.sex,
    ageYears: found.birthDate ? (ageOn(found.birthDate, localDay(now))?.years ?? null) : null,
  };
}

function viewBed(
  row: BedRow,
  known: {
    stay: StayRow | undefined;
    hold: HoldRow | undefined;
    person: (id: string) => ReturnType<typeof viewBedPatient>;
    holder: (id: string) => { zh: string; en: string | null; bo: string | null };
    now: Date;
  },
): BedView {
  const { stay, hold } = known;
  const state = bedStateAt(
    {
      outOfUse: row.outOfUseSince !== null,
      occupied: stay !== undefined,
      cleaning: row.cleaningSince !== null,
      heldUntil: hold?.until ?? null,
    },
    known.now,
  );
  const since =
    state === "out-of-use" ? row.outOfUseSince : state === "cleaning" ? row.cleaningSince : null;
  return {
    id: row.id,
    label: row.label,
    state,
    since: since?.toISOString() ?? null,
    reason: row.outOfUseReason,
    stay: stay
      ? {
          id: stay.id,
          patient: known.person(stay.patientId),
          since: stay.since.toISOString(),
          source: stay.source,
          expectedDischargeOn: stay.expectedDischargeOn,
        }
      : null,
    hold: hold
      ? {
          id: hold.id,
          patient: known.person(hold.patientId),
          purpose: hold.purpose,
          since: hold.since.toISOString(),
          until: hold.until.toISOString(),
          heldBy: known.holder(hold.heldByInstitutionId),
          extendedReason: hold.extendedReason,
        }
      : null,
  };
}

/**
 * In at the ward's own door. A bed that is kept for referrals is taken with a reason only.
 * @throws DomainError `permission.denied`, `capacity.bed-not-free`, `capacity.patient-in-bed`,
 *   `capacity.priority-kept`, `capacity.emergency-mode`
 */
export async function admitDirectly(
  work: Staff,
  bedId: string,
  ask: {
    patientId: string;
    expectedDischargeOn: string | null;
    overQuotaReason: string | null;
  },
): Promise<StayRow> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "capacity.manage");
  const answer = await repository.admit(tx, { ...ask, bedId, holdId: null, now });
  const stay = await stayOf(work, answer);
  if (answer.outcome === "again") return stay;
  await trace(tx, actor, origin, {
    action: "bed.admit",
    entityType: "bed-stay",
    entityId: stay.id,
    patientId: stay.patientId,
    purpose: "treatment",
    detail: ask.overQuotaReason ? { overQuota: true } : {},
  });
  await tellBeds(tx, stay.unitId, stay.institutionId);
  return stay;
}

/** The day somebody is expected to leave, for the forecast. @throws DomainError `request.not-found` */
export async function expectDischarge(
  { tx, actor, origin }: Staff,
  stayId: string,
  { expectedDischargeOn }: z.output<typeof expectedBody>,
): Promise<void> {
  assertPermission(actor, "capacity.manage");
  const { done } = await repository.expectDischarge(tx, stayId, expectedDischargeOn);
  const stay = done ? await repository.findStay(tx, stayId) : null;
  if (!stay) throw new DomainError("request.not-found");
  await trace(tx, actor, origin, {
    action: "bed.expect",
    entityType: "bed-stay",
    entityId: stayId,
    patientId: stay.patientId,
    purpose: "treatment",
  });
  await tellBeds(tx, stay.unitId, stay.institutionId);
}

/**
 * Cleaned, out of use, back in use. Saying it twice changes nothing.
 * @throws DomainError `request.not-found`, `capacity.bed-in-use`, `capacity.disinfect-first`
 */
export async function actOnBed(work: Staff, bedId: string, body: BedAction): Promise<void> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "capacity.manage");
  const found = await repository.findBed(tx, bedId);
  if (!found || found.institutionId !== actor.institutionId)
    throw new DomainError("request.not-found");
  await repository.lockUnit(tx, found.unitId);
  const change =
    body.action === "cleaned"
      ? { cleaningSince: null }
      : body.action === "back-in-use"
        ? { outOfUseSince: null, outOfUseReason: null }
        : { outOfUseSince: found.outOfUseSince ?? now, outOfUseReason: body.reason };
  await repository.updateBed(tx, bedId, change);
  await repository.touchUnit(tx, found.unitId, now);
  await trace(tx, actor, origin, {
    action: `bed-place.${body.action}`,
    entityType: "bed",
    entityId: bedId,
  });
  await tellBeds(tx, found.unitId, actor.institutionId);
}

/** A new ward or unit with its beds. @throws DomainError `request.not-found`, `capacity.name-taken` */
export async function addUnit(
  { tx, actor, origin, now }: Staff,
  body: z.output<typeof newUnitBody>,
): Promise<{ id: string }> {
  assertPermission(actor, "capacity.manage");
  const departments = await repository.findDepartments(tx, actor.institutionId);
  if (!departments.some((one) => one.id === body.departmentId))
    throw new DomainError("request.not-found");
  const { beds, ...values } = body;
  const [row] = await tx
    .insert(bedUnit)
    .values({ ...values, institutionId: actor.institutionId, touchedAt: now })
    .returning({ id: bedUnit.id });
  const unitId = row!.id;
  await tx
    .insert(bed)
    .values(beds.map((label) => ({ unitId, institutionId: actor.institutionId, label })));
  await trace(tx, actor, origin, {
    action: "bed-place.unit",
    entityType: "bed-unit",
    entityId: unitId,
    detail: { kind: body.kind, beds: beds.length },
  });
  await tellBeds(tx, unitId, actor.institutionId);
  return { id: unitId };
}

/** Rename, close, reopen, further beds. @throws DomainError `request.not-found`, `capacity.bed-in-use`, `capacity.name-taken` */
export async function changeUnit(
  { tx, actor, origin, now }: Staff,
  unitId: string,
  { beds = [], ...change }: z.output<typeof unitBody>,
): Promise<void> {
  assertPermission(actor, "capacity.manage");
  const found = await repository.findUnit(tx, unitId);
  if (!found || found.institutionId !== actor.institutionId)
    throw new DomainError("request.not-found");
  await repository.updateUnit(tx, unitId, { ...change, touchedAt: now });
  if (beds.length > 0)
    await tx
      .insert(bed)
      .values(beds.map((label) => ({ unitId, institutionId: actor.institutionId, label })));
  await trace(tx, actor, origin, {
    action: "bed-place.unit",
    entityType: "bed-unit",
    entityId: unitId,
    detail: { ...change, beds: beds.length },
  });
  await tellBeds(tx, unitId, actor.institutionId);
}

/** The ward says that its beds are as shown: the counts are fresh again. */
export async function confirmCounts({ tx, actor, now }: Staff, unitId: string): Promise<void> {
  assertPermission(actor, "capacity.manage");
  const found = await repository.findUnit(tx, unitId);
  if (!found || found.institutionId !== actor.institutionId)
    throw new DomainError("request.not-found");
  await repository.touchUnit(tx, unitId, now);
  await tellBeds(tx, unitId, actor.institutionId);
}
