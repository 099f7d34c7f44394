/**
 * Prescriptions: one MedicationRequest for each medicine from approval on, and one MedicationDispense for each that
 * was filled. What no pharmacist has approved is no medicine of the patient's.
 */
import { and, asc, eq, gt, inArray, isNotNull } from "drizzle-orm";
import {
  type DispenseState,
  toFhirMedicationDispense,
} from "../../../fhir-mappings/medication-dispense.ts";
import {
  type PrescriptionState as RequestState,
  toFhirMedicationRequest,
} from "../../../fhir-mappings/medication-request.ts";
import { codeSystems, identifierSystems } from "../../../fhir-mappings/systems.ts";
import type { PrescriptionState } from "../../prescription/domain.ts";
import { prescription, prescriptionDispense, prescriptionLine } from "../../prescription/schema.ts";
import { practitioners } from "./directory-part.ts";
import { ended, type Projected, type ProjectionPart, shown } from "./projected.ts";

const least = "00000000-0000-0000-0000-000000000000";
/** Lines that an id may have had: a shorter list ends what it had. */
const linesMost = 5;

/** As the record says it; null: it is no medicine of the patient's. */
const requestState: Readonly<Record<PrescriptionState, RequestState | null>> = {
  draft: null,
  "pending-review": null,
  returned: null,
  approved: "in-use",
  dispensed: "in-use",
  collected: "in-use",
  cancelled: "cancelled",
  expired: "stopped",
};

export const prescriptionPart: ProjectionPart = {
  idsAfter: async ({ tx, institutionId }, after, limit) => {
    const rows = await tx
      .select({ id: prescription.id })
      .from(prescription)
      .where(
        and(
          eq(prescription.institutionId, institutionId),
          isNotNull(prescription.reviewedAt),
          gt(prescription.id, after || least),
        ),
      )
      .orderBy(asc(prescription.id))
      .limit(limit);
    return rows.map((row) => row.id);
  },
  project: async ({ tx, institutionId }, ids, gap) => {
    const rows = await tx
      .select()
      .from(prescription)
      .where(
        and(eq(prescription.institutionId, institutionId), inArray(prescription.id, [...ids])),
      );
    const lines = await tx
      .select()
      .from(prescriptionLine)
      .where(inArray(prescriptionLine.prescriptionId, [...ids]));
    const fillings = await tx
      .select()
      .from(prescriptionDispense)
      .where(inArray(prescriptionDispense.prescriptionId, [...ids]));
    const items: Projected[] = [
      ...(await practitioners(tx, [...new Set(rows.map((row) => row.doctorId))])),
    ];
    for (const row of rows) {
      const filling = fillings.find((one) => one.prescriptionId === row.id);
      try {
        for (let position = 0; position < linesMost; position += 1) {
          const line = lines.find(
            (one) => one.prescriptionId === row.id && one.position === position,
          );
          items.push(requestOf(row, line, position), dispenseOf(row, line, position, filling));
        }
      } catch (error) {
        gap(row.id, error);
      }
    }
    return items;
  },
};

type Row = typeof prescription.$inferSelect;
type Line = typeof prescriptionLine.$inferSelect;
type Filling = typeof prescriptionDispense.$inferSelect;

const wordsOf = ({ medicine }: Line) => ({
  system: codeSystems.atc,
  code: medicine.atc,
  text: `${medicine.zh} ${medicine.strength}`,
});
const takenAs = ({ dose, frequency, days, instructions, medicine }: Line) => [
  `${dose}${medicine.unit} ${frequency} × ${days}d${instructions ? `；${instructions}` : ""}`,
];

function requestOf(row: Row, line: Line | undefined, position: number): Projected {
  const id = `${row.id}-${position}`;
  const state = requestState[row.state];
  // One that ended before anybody approved it was never the patient's.
  if (!line || state === null || row.reviewedAt === null || row.returnReason !== null)
    return ended("MedicationRequest", id);
  return shown(
    toFhirMedicationRequest({
      id,
      name: {
        system: identifierSystems.prescriptionNumber,
        value: `${row.number}-${position + 1}`,
      },
      patientId: row.patientId,
      state,
      intent: "order",
      medicine: wordsOf(line),
      authoredAt: row.signedAt?.toISOString() ?? null,
      prescriberId: row.doctorId,
      // A booked visit's Encounter is another system's; the number says which visit it was.
      encounterId: row.encounterKind === "appointment" ? null : row.encounterId,
      dosage: takenAs(line),
      quantity: { value: line.quantity, unit: line.medicine.unit },
      supplyDays: line.days,
    }),
  );
}

function dispenseOf(
  row: Row,
  line: Line | undefined,
  position: number,
  filling: Filling | undefined,
): Projected {
  const id = `${row.id}-${position}`;
  if (!line || !filling) return ended("MedicationDispense", id);
  const taken = filling.taken.filter((one) => one.position === position);
  const state: DispenseState = filling.takenBackAt
    ? "stopped"
    : filling.collectedAt
      ? "collected"
      : "ready";
  return shown(
    toFhirMedicationDispense({
      id,
      name: {
        system: identifierSystems.prescriptionNumber,
        value: `${row.number}-${position + 1}`,
      },
      patientId: row.patientId,
      state,
      medicine: wordsOf(line),
      prescriptionId: id,
      quantity: {
        value: taken.reduce((sum, one) => sum + one.quantity, 0) || line.quantity,
        unit: line.medicine.unit,
      },
      supplyDays: line.days,
      preparedAt: filling.preparedAt.toISOString(),
      handedOverAt: filling.collectedAt?.toISOString() ?? null,
      dosage: takenAs(line),
    }),
  );
}
