import type { Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { findPeopleNames } from "../identity/service.ts";
import { findPatients } from "../patients/service.ts";
import { viewBedPatient } from "./bed-service.ts";
import type { SwitchView } from "./contract.ts";
import type { SwitchRow } from "./repository.ts";
import * as repository from "./repository.ts";

/** Orders with their lines, as the leaders and the ward of the house see them. */
export async function viewSwitches(
  { tx, actor, now }: Work<StaffActor>,
  rows: readonly SwitchRow[],
): Promise<SwitchView[]> {
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.id);
  const units = await repository.findUnits(tx, actor.institutionId);
  const departments = await repository.findDepartments(tx, actor.institutionId);
  const beds = await repository.findBeds(
    tx,
    units.map((one) => one.id),
  );
  const lines = await repository.findTransfers(tx, ids);
  const stays = await repository.findStaysById(
    tx,
    lines.map((one) => one.stayId),
  );
  const people = await findPatients(tx, [...new Set(lines.map((one) => one.patientId))]);
  const signed = await repository.findDisinfections(tx, ids);
  const names = await findPeopleNames(tx, [
    ...new Set([
      ...rows.flatMap((row) =>
        [row.orderedBy, row.confirmedBy, row.endedBy].filter((one) => one !== null),
      ),
      ...signed.map((one) => one.disinfectedBy),
    ]),
  ]);
  const unitNames = (id: string | null) => {
    const found = units.find((one) => one.id === id);
    return found ? { zh: found.nameZh, en: found.nameEn, bo: found.nameBo } : null;
  };
  const nobody = { zh: "", en: null, bo: null };
  return rows.map((row) => {
    const unit = units.find((one) => one.id === row.unitId);
    const place = departments.find((one) => one.id === unit?.departmentId);
    return {
      id: row.id,
      version: row.version,
      state: row.state,
      unitId: row.unitId,
      unit: unitNames(row.unitId) ?? nobody,
      department: place ? { zh: place.name, en: place.nameEn, bo: place.nameBo } : nobody,
      orderNumber: row.orderNumber,
      reason: row.reason,
      orderedBy: names.get(row.orderedBy) ?? "",
      orderedAt: row.orderedAt.toISOString(),
      own: row.orderedBy === actor.personId,
      plannedAt: row.plannedAt.toISOString(),
      confirmedBy: row.confirmedBy ? (names.get(row.confirmedBy) ?? "") : null,
      confirmedAt: row.confirmedAt?.toISOString() ?? null,
      executedAt: row.executedAt?.toISOString() ?? null,
      emergencyAt: row.emergencyAt?.toISOString() ?? null,
      endOrderedAt: row.endOrderedAt?.toISOString() ?? null,
      endedBy: row.endedBy ? (names.get(row.endedBy) ?? "") : null,
      endedAt: row.endedAt?.toISOString() ?? null,
      cancelReason: row.cancelReason,
      transfers: lines
        .filter((one) => one.switchId === row.id)
        .map((one) => ({
          id: one.id,
          bed:
            beds.find((bed) => bed.id === stays.find((stay) => stay.id === one.stayId)?.bedId)
              ?.label ?? "",
          patient: viewBedPatient(people, one.patientId, now),
          destination: one.destination,
          toUnitId: one.toUnitId,
          toUnit: unitNames(one.toUnitId),
          toName: one.toName,
          resolvedAt: one.resolvedAt?.toISOString() ?? null,
        })),
      beds: beds
        .filter((one) => one.unitId === row.unitId)
        .map((one) => {
          const found = signed.find((sign) => sign.bedId === one.id && sign.switchId === row.id);
          return {
            id: one.id,
            label: one.label,
            disinfectedBy: found ? (names.get(found.disinfectedBy) ?? "") : null,
            disinfectedAt: found?.disinfectedAt.toISOString() ?? null,
            method: found?.method ?? null,
          };
        }),
    };
  });
}
