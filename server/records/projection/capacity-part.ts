/** Wards and their beds as places: what each bed is fit for now, never who lies in one. */
import { and, asc, eq, gt, inArray, isNull } from "drizzle-orm";
import {
  bedStatusOf,
  toFhirBedLocation,
  toFhirUnitLocation,
} from "../../../fhir-mappings/bed-location.ts";
import { bedStateAt } from "../../capacity/domain.ts";
import { bed, bedStay, bedUnit, modeSwitch } from "../../capacity/schema.ts";
import { type Projected, type ProjectionPart, shown } from "./projected.ts";

const least = "00000000-0000-0000-0000-000000000000";

export const capacityPart: ProjectionPart = {
  idsAfter: async ({ tx, institutionId }, after, limit) => {
    const rows = await tx
      .select({ id: bedUnit.id })
      .from(bedUnit)
      .where(and(eq(bedUnit.institutionId, institutionId), gt(bedUnit.id, after || least)))
      .orderBy(asc(bedUnit.id))
      .limit(limit);
    return rows.map((row) => row.id);
  },
  project: async ({ tx, institutionId, now }, ids) => {
    const units = await tx
      .select()
      .from(bedUnit)
      .where(and(eq(bedUnit.institutionId, institutionId), inArray(bedUnit.id, [...ids])));
    if (units.length === 0) return [];
    const unitIds = units.map((one) => one.id);
    const beds = await tx
      .select({ row: bed, stayId: bedStay.id })
      .from(bed)
      .leftJoin(bedStay, and(eq(bedStay.bedId, bed.id), isNull(bedStay.until)))
      .where(inArray(bed.unitId, unitIds));
    const clearing = await tx
      .select({ unitId: modeSwitch.unitId })
      .from(modeSwitch)
      .where(and(inArray(modeSwitch.unitId, unitIds), eq(modeSwitch.state, "clearing")));
    return units.flatMap((unit): Projected[] => {
      const paused =
        unit.mode === "closed-for-disinfection" || clearing.some((one) => one.unitId === unit.id);
      const status = !unit.active ? "inactive" : paused ? "suspended" : "active";
      return [
        shown(
          toFhirUnitLocation({
            id: unit.id,
            institutionId,
            name: { zh: unit.nameZh, en: unit.nameEn, bo: unit.nameBo },
            kind: unit.kind,
            status,
          }),
        ),
        ...beds
          .filter(({ row }) => row.unitId === unit.id)
          .map(({ row, stayId }) =>
            shown(
              toFhirBedLocation({
                id: row.id,
                unitId: unit.id,
                institutionId,
                label: row.label,
                status,
                operational: bedStatusOf(
                  bedStateAt(
                    {
                      outOfUse: row.outOfUseSince !== null,
                      occupied: stayId !== null,
                      cleaning: row.cleaningSince !== null,
                      // A held bed is an unoccupied one: table 0116 has no letter for it.
                      heldUntil: null,
                    },
                    now,
                  ),
                  unit.kind,
                ),
              }),
            ),
          ),
      ];
    });
  },
};
