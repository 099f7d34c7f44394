import type { z } from "zod";
import { findInstitutions } from "../directory/service.ts";
import type { Services, Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { findPeopleNames } from "../identity/service.ts";
import { ageOn, findPatients, localDay } from "../patients/service.ts";
import { assess, formularyOf, linesOf, lookAtPatient, newSince } from "./assess.ts";
import { sidesOf } from "./change.ts";
import { lineChanges } from "./changes.ts";
import type { lineView, prescriptionSummary, prescriptionView } from "./contract.ts";
import { openWarnings, possibleActions } from "./domain.ts";
import type { LineRow, PrescriptionRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { signatureOf } from "./signature.ts";

export const viewLine = (row: LineRow): z.input<typeof lineView> => ({
  position: row.position,
  code: row.medicineCode,
  dose: row.dose,
  frequency: row.frequency,
  days: row.days,
  quantity: row.quantity,
  instructions: row.instructions,
  zh: row.medicine.zh,
  en: row.medicine.en,
  atc: row.medicine.atc,
  strength: row.medicine.strength,
  unit: row.medicine.unit,
  route: row.medicine.route,
});

/** Patients by id as lists show them. */
export async function patientsOf(
  { tx, now }: Pick<Work, "tx" | "now">,
  ids: readonly string[],
): Promise<Map<string, z.input<typeof prescriptionSummary>["patient"]>> {
  const records = await findPatients(tx, [...new Set(ids)]);
  return new Map(
    records.map(({ row }) => {
      const age = row.birthDate ? ageOn(row.birthDate, localDay(now)) : null;
      return [
        row.id,
        {
          id: row.id,
          name: row.fullName ?? row.fullNameBo ?? row.unknownNote ?? "—",
          sex: row.sex,
          ageMonths: age ? age.years * 12 + (age.months % 12) : null,
        },
      ];
    }),
  );
}

export async function viewSummaries(
  work: Pick<Work, "tx" | "now">,
  rows: readonly PrescriptionRow[],
): Promise<z.input<typeof prescriptionSummary>[]> {
  const { tx } = work;
  const patients = await patientsOf(
    work,
    rows.map((row) => row.patientId),
  );
  const people = await findPeopleNames(tx, [...new Set(rows.map((row) => row.doctorId))]);
  const houses = await findInstitutions(tx, [...new Set(rows.map((row) => row.institutionId))]);
  const lines = await repository.findLines(
    tx,
    rows.map((row) => row.id),
  );
  return rows.map((row) => ({
    id: row.id,
    number: row.number,
    version: row.version,
    state: row.state,
    kind: row.kind,
    channel: row.channel,
    patient: patients.get(row.patientId) ?? {
      id: row.patientId,
      name: "—",
      sex: "unknown",
      ageMonths: null,
    },
    doctor: { id: row.doctorId, name: people.get(row.doctorId) ?? "" },
    house: {
      id: row.institutionId,
      name: houses.find((one) => one.id === row.institutionId)?.name ?? "",
    },
    medicines: lines
      .filter((one) => one.prescriptionId === row.id)
      .map((one) => `${one.medicine.zh} ${one.medicine.strength}`),
    signedAt: row.signedAt?.toISOString() ?? null,
    reviewDueAt: row.reviewDueAt?.toISOString() ?? null,
    validUntil: row.validUntil?.toISOString() ?? null,
    updatedAt: row.updatedAt.toISOString(),
  }));
}

/** The whole of one, with what speaks against it as of now. */
export async function viewPrescription(
  services: Services,
  work: Work<StaffActor>,
  row: PrescriptionRow,
): Promise<z.input<typeof prescriptionView>> {
  const { tx, actor } = work;
  const [summary] = await viewSummaries(work, [row]);
  const rows = await repository.findLines(tx, [row.id]);
  const formulary = await formularyOf(work, row);
  const open = ["draft", "pending-review", "returned"].includes(row.state);
  const own = row.institutionId === actor.institutionId;
  const kept =
    open && own ? await lookAtPatient(services, work, row, row.facts.typed, formulary) : row.facts;
  const fresh = open && own ? assess(formulary, row, linesOf(rows), kept.seen) : row.warnings;
  const added = row.signedAt === null ? [] : newSince(row.warnings, fresh).map((one) => one.key);
  const steps = await repository.findSteps(tx, row.id);
  const talk = await repository.findTalk(tx, row.id);
  const dispense = await repository.findDispense(tx, row.id);
  const names = await findPeopleNames(tx, [
    ...new Set(
      [...steps, ...talk].flatMap((one) => one.personId ?? []).concat(row.reviewedBy ?? []),
    ),
  ]);
  const signature = await signatureOf(work, row);
  const [pharmacy] = dispense ? await findInstitutions(tx, [dispense.institutionId]) : [];
  const before = row.repeatOf ? await repository.findLines(tx, [row.repeatOf]) : null;
  return {
    ...summary!,
    encounterKind: row.encounterKind,
    encounterId: row.encounterId,
    diagnoses: row.diagnoses,
    lines: rows.map(viewLine),
    typed: row.facts.typed,
    facts: {
      ageMonths: kept.seen.ageMonths,
      sex: kept.seen.sex,
      weightKg: kept.seen.weightKg,
      egfr: kept.seen.egfr,
      pregnant: kept.seen.pregnant,
      breastFeeding: kept.seen.breastFeeding,
      allergies: kept.seen.allergies,
      takes: kept.seen.takes?.map(({ text }) => ({ text })) ?? null,
      recordRead: kept.recordRead,
    },
    assessment: row.assessment,
    chartNote: row.chartNote,
    patientSigned: row.patientSigned,
    guardianPresent: row.guardianPresent,
    specialistPresent: row.specialistPresent,
    note: row.note,
    validDays: row.validDays,
    warnings: fresh.map((one) => ({
      ...one,
      isNew: added.includes(one.key),
      reason: row.overruled[one.key] ?? null,
    })),
    open: openWarnings(fresh, new Map(Object.entries(row.overruled))).length,
    signature: signature && {
      ...signature,
      keyRevokedAt: signature.keyRevokedAt?.toISOString() ?? null,
    },
    reviewer: row.reviewedBy ? { id: row.reviewedBy, name: names.get(row.reviewedBy) ?? "" } : null,
    reviewedAt: row.reviewedAt?.toISOString() ?? null,
    returnReason: row.returnReason,
    returnNote: row.returnNote,
    endReason: row.endReason,
    talk: talk.map((one) => ({
      by: names.get(one.personId) ?? "",
      text: one.text,
      at: one.at.toISOString(),
    })),
    steps: steps.map((one) => ({
      action: one.action,
      by: one.personId ? (names.get(one.personId) ?? "") : null,
      reason: one.reason,
      at: one.at.toISOString(),
    })),
    dispense: dispense && {
      house: pharmacy?.name ?? "",
      preparedAt: dispense.preparedAt.toISOString(),
      method: dispense.method,
      deliveryState: dispense.deliveryState,
      carrier: dispense.carrier,
      trackingNumber: dispense.trackingNumber,
      trackingText: dispense.trackingText,
      collectedAt: dispense.collectedAt?.toISOString() ?? null,
      byProxy: dispense.proxyName !== null,
      taken: dispense.taken.map(({ position, medicineCode, quantity, instead }) => {
        const medicine = formulary.formulary.find(medicineCode);
        return {
          position,
          zh: medicine?.zh ?? medicineCode,
          en: medicine?.en ?? medicineCode,
          quantity,
          instead,
        };
      }),
    },
    changed:
      before && row.state === "draft"
        ? lineChanges(formulary.formulary, before, rows, fresh)
        : null,
    actions: possibleActions(row.state, sidesOf(actor, row)),
  };
}
