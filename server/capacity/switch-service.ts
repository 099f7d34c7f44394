/** 平战转换: a unit becomes one for an emergency by order of one and confirmation of another. Never shown to patients. */
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import type { Tx } from "../db/client.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { findPatients, localDay } from "../patients/service.ts";
import { enqueue } from "../queue/enqueue.ts";
import { switchTask, tellBeds } from "./announce.ts";
import { viewBedPatient } from "./bed-service.ts";
import type {
  disinfectBody,
  Resolve,
  SwitchList,
  SwitchPreview,
  SwitchStep,
  switchOrderBody,
} from "./contract.ts";
import { type Alternative, alternativesTo, capacityOf } from "./counts-service.ts";
import { addDays, addHours } from "./domain.ts";
import type { StayRow, SwitchRow, UnitRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { bedDisinfection, modeSwitch, modeSwitchTransfer } from "./schema.ts";
import { viewSwitches } from "./switch-view.ts";

type Staff = Work<StaffActor>;
const appointmentDays = 7;
/** What a list shows until more is asked for. */
const switchPage = 100;

/** Units of the house with their modes, and the orders of the last time. @throws DomainError `permission.denied` */
export async function listSwitches(work: Staff, most = switchPage): Promise<SwitchList> {
  const { tx, actor, now } = work;
  if (!actor.permissions.has("capacity.switch")) assertPermission(actor, "capacity.manage");
  const capacity = await capacityOf(tx, { institutionIds: [actor.institutionId], now });
  const { rows, total } = await repository.findSwitches(tx, actor.institutionId, most);
  return {
    units: capacity.flatMap((one) =>
      one.units.map((unit) => ({
        id: unit.unitId,
        name: unit.name,
        department: one.name,
        mode: unit.mode,
        beds: unit.beds,
        free: unit.free,
      })),
    ),
    switches: await viewSwitches(work, rows),
    total,
  };
}

/**
 * What a switch of a unit would do: who has to leave and where each could go, which holds would be given
 * back, how many appointments the department has. Nothing is kept.
 * @throws DomainError `permission.denied`, `request.not-found`
 */
export async function previewSwitch(work: Staff, unitId: string): Promise<SwitchPreview> {
  const { tx, actor, origin, now } = work;
  if (!actor.permissions.has("capacity.switch")) assertPermission(actor, "capacity.manage");
  const unit = await ownUnit(work, unitId);
  const stays = await repository.findOpenStays(tx, [unitId]);
  const beds = await repository.findBeds(tx, [unitId]);
  const holds = await repository.findLiveHolds(tx, [unitId], now);
  const people = await findPatients(
    tx,
    stays.map((one) => one.patientId),
  );
  const holders = await findInstitutions(
    tx,
    holds.map((one) => one.heldByInstitutionId),
  );
  const capacity = await capacityOf(tx, { institutionIds: [actor.institutionId], now });
  const units = capacity.flatMap((one) =>
    one.units
      .filter((other) => other.unitId !== unitId && other.mode === "peace" && other.free > 0)
      .map((other) => ({
        id: other.unitId,
        name: other.name,
        department: one.name,
        kind: other.kind,
        free: other.free,
      })),
  );
  const { list: hospitals } = await alternativesTo(tx, {
    institutionId: actor.institutionId,
    departmentId: unit.departmentId,
    kind: unit.kind,
    fromInstitutionId: actor.institutionId,
    now,
  });
  const elsewhere = hospitals.filter((one) => one.institutionId !== actor.institutionId);
  const suggest = suggestions(unit, units, elsewhere, localDay(now));
  const labelOf = (id: string) => beds.find((one) => one.id === id)?.label ?? "";
  const appointments = await repository.call<{ count: number }>(
    tx,
    repository.appointmentsQuery(unit.departmentId, now, addHours(now, appointmentDays * 24)),
  );
  await trace(tx, actor, origin, {
    action: "bed-switch.preview",
    entityType: "bed-unit",
    entityId: unitId,
    purpose: "treatment",
    detail: { rows: stays.length },
  });
  return {
    unitId,
    name: { zh: unit.nameZh, en: unit.nameEn, bo: unit.nameBo },
    beds: beds.length,
    patients: [...stays]
      .sort(
        (left, right) =>
          beds.findIndex((one) => one.id === left.bedId) -
          beds.findIndex((one) => one.id === right.bedId),
      )
      .map((stay) => ({
        stayId: stay.id,
        bed: labelOf(stay.bedId),
        patient: viewBedPatient(people, stay.patientId, now),
        since: stay.since.toISOString(),
        expectedDischargeOn: stay.expectedDischargeOn,
        suggestion: suggest(stay),
      })),
    units: units.map(({ kind: _, ...one }) => one),
    hospitals: elsewhere.map((one) => ({ name: one.institution, free: one.free })),
    holds: holds.map((one) => {
      const holder = holders.find((place) => place.id === one.heldByInstitutionId);
      return {
        id: one.id,
        bed: labelOf(one.bedId),
        purpose: one.purpose,
        until: one.until.toISOString(),
        heldBy: {
          zh: holder?.name ?? "",
          en: holder?.nameEn ?? null,
          bo: holder?.nameBo ?? null,
        },
      };
    }),
    appointments: appointments.count,
  };
}

/** Who leaves tomorrow anyway goes home; the others fill free beds of the same kind, then any, then another hospital. */
function suggestions(
  unit: UnitRow,
  units: readonly { id: string; kind: string; free: number }[],
  elsewhere: readonly Alternative[],
  today: string,
) {
  const left = new Map(units.map((one) => [one.id, one.free]));
  const order = [...units].sort(
    (one, other) => Number(other.kind === unit.kind) - Number(one.kind === unit.kind),
  );
  return (stay: StayRow): SwitchPreview["patients"][number]["suggestion"] => {
    if (stay.expectedDischargeOn && stay.expectedDischargeOn <= addDays(today, 1))
      return { destination: "home", toUnitId: null, toName: null };
    const place = order.find((one) => (left.get(one.id) ?? 0) > 0);
    if (place) {
      left.set(place.id, left.get(place.id)! - 1);
      return { destination: "unit", toUnitId: place.id, toName: null };
    }
    const hospital = elsewhere[0];
    return hospital
      ? { destination: "other-hospital", toUnitId: null, toName: hospital.institution.zh }
      : { destination: "home", toUnitId: null, toName: null };
  };
}

async function ownUnit({ tx, actor }: Staff, unitId: string): Promise<UnitRow> {
  const unit = await repository.findUnit(tx, unitId);
  if (!unit || unit.institutionId !== actor.institutionId)
    throw new DomainError("request.not-found");
  return unit;
}

/**
 * Order a switch; it counts when somebody else has confirmed it.
 * @throws DomainError `permission.denied`, `request.not-found`, `capacity.order-number`, `capacity.switch-open`, `capacity.switch-step`
 */
export async function orderSwitch(
  work: Staff,
  body: z.output<typeof switchOrderBody>,
): Promise<SwitchList> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "capacity.switch");
  await ownUnit(work, body.unitId);
  const planned = body.plannedAt ? new Date(body.plannedAt) : now;
  const [row] = await tx
    .insert(modeSwitch)
    .values({
      institutionId: actor.institutionId,
      unitId: body.unitId,
      orderNumber: body.orderNumber,
      reason: body.reason,
      orderedBy: actor.personId,
      orderedAt: now,
      plannedAt: planned < now ? now : planned,
    })
    .returning({ id: modeSwitch.id });
  const stays = await repository.findOpenStays(tx, [body.unitId]);
  const lines = body.transfers.flatMap(({ stayId, ...where }) => {
    const stay = stays.find((one) => one.id === stayId);
    return stay
      ? [
          {
            ...where,
            switchId: row!.id,
            institutionId: actor.institutionId,
            stayId,
            patientId: stay.patientId,
          },
        ]
      : [];
  });
  if (lines.length > 0) await tx.insert(modeSwitchTransfer).values(lines);
  await trace(tx, actor, origin, {
    action: "bed-switch.order",
    entityType: "mode-switch",
    entityId: row!.id,
    detail: { orderNumber: body.orderNumber, unitId: body.unitId },
  });
  await tellBeds(tx, body.unitId, actor.institutionId);
  return listSwitches(work);
}

/**
 * Confirm, carry out, take back, end, return to peace.
 * @throws DomainError `permission.denied`, `request.not-found`, `capacity.two-persons`,
 *   `capacity.changed-meanwhile`, `capacity.switch-step`, `capacity.switch-early`,
 *   `capacity.switch-patients`, `capacity.disinfect-first`
 */
export async function stepSwitch(work: Staff, id: string, body: SwitchStep): Promise<SwitchList> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "capacity.switch");
  const row = await repository.findSwitch(tx, id);
  if (!row || row.institutionId !== actor.institutionId) throw new DomainError("request.not-found");
  if (row.version !== body.version) throw new DomainError("capacity.changed-meanwhile");
  if (body.step === "confirm" && row.orderedBy === actor.personId)
    throw new DomainError("capacity.two-persons");
  const change =
    body.step === "confirm"
      ? { state: "confirmed" as const, confirmedBy: actor.personId, confirmedAt: now }
      : body.step === "execute"
        ? { state: "clearing" as const, executedAt: now }
        : body.step === "cancel"
          ? {
              state: "cancelled" as const,
              cancelledBy: actor.personId,
              cancelledAt: now,
              cancelReason: body.reason,
            }
          : body.step === "end"
            ? { state: "disinfecting" as const, endOrderedBy: actor.personId, endOrderedAt: now }
            : { state: "ended" as const, endedBy: actor.personId, endedAt: now };
  if (!(await repository.stepSwitch(tx, row, change)))
    throw new DomainError("capacity.changed-meanwhile");
  if (body.step === "confirm") {
    if (row.plannedAt <= now) await execute(tx, { ...row, version: row.version + 1 }, now);
    else
      await enqueue(tx, {
        task: switchTask,
        payload: { switchId: id },
        runAt: row.plannedAt,
        jobKey: `mode-switch:${id}`,
      });
  }
  await trace(tx, actor, origin, {
    action: `bed-switch.${body.step}`,
    entityType: "mode-switch",
    entityId: id,
    detail: { orderNumber: row.orderNumber },
  });
  await tellBeds(tx, row.unitId, row.institutionId);
  return listSwitches(work);
}

/** Carries out a confirmed switch whose time has come: from then on nobody ordinary is taken. */
export async function execute(tx: Tx, row: SwitchRow, now: Date): Promise<boolean> {
  return repository.stepSwitch(tx, row, { state: "clearing", executedAt: now });
}

/**
 * Somebody leaves a unit that is cleared. The last one makes it a unit for the emergency.
 * @throws DomainError `permission.denied`, `capacity.unit-full`, `capacity.switch-step`
 */
export async function resolveTransfer(work: Staff, id: string, body: Resolve): Promise<SwitchList> {
  const { tx, actor, origin, now } = work;
  if (!actor.permissions.has("capacity.switch")) assertPermission(actor, "capacity.manage");
  const line = await repository.findTransfer(tx, id);
  if (!line) throw new DomainError("request.not-found");
  const { outcome } = await repository.resolveDisplaced(tx, { id, ...body, now });
  if (outcome === "denied") throw new DomainError("permission.denied");
  if (outcome === "full") throw new DomainError("capacity.unit-full");
  if (outcome === "not-yet") throw new DomainError("capacity.switch-step");
  if (outcome === "resolved")
    await trace(tx, actor, origin, {
      action: "bed.displace",
      entityType: "mode-switch-transfer",
      entityId: id,
      patientId: line.patientId,
      purpose: "treatment",
      detail: { destination: body.destination },
    });
  await tellBeds(tx, line.switchId, actor.institutionId);
  return listSwitches(work);
}

/** Signs that a bed was disinfected after the last patient of the emergency. Signing twice changes nothing. */
export async function signDisinfection(
  work: Staff,
  switchId: string,
  { bedId, method }: z.output<typeof disinfectBody>,
): Promise<SwitchList> {
  const { tx, actor, origin, now } = work;
  if (!actor.permissions.has("capacity.manage")) assertPermission(actor, "capacity.switch");
  const row = await repository.findSwitch(tx, switchId);
  if (!row || row.institutionId !== actor.institutionId) throw new DomainError("request.not-found");
  await tx
    .insert(bedDisinfection)
    .values({
      switchId,
      bedId,
      method,
      institutionId: actor.institutionId,
      disinfectedBy: actor.personId,
      disinfectedAt: now,
    })
    .onConflictDoNothing();
  await trace(tx, actor, origin, {
    action: "bed-switch.disinfect",
    entityType: "bed",
    entityId: bedId,
  });
  await tellBeds(tx, row.unitId, row.institutionId);
  return listSwitches(work);
}
