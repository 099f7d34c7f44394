/** Prescriptions: queries only. */
import { and, asc, desc, eq, gt, gte, inArray, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { ofPerson } from "../patients/service.ts";
import type { EncounterKind, PrescriptionState } from "./domain.ts";
import {
  pharmacyBatch,
  prescription,
  prescriptionDispense,
  prescriptionLine,
  prescriptionStep,
  prescriptionTalk,
} from "./schema.ts";

export type PrescriptionRow = typeof prescription.$inferSelect;
export type LineRow = typeof prescriptionLine.$inferSelect;
export type DispenseRow = typeof prescriptionDispense.$inferSelect;
export type BatchRow = typeof pharmacyBatch.$inferSelect;
const first = <Row>(rows: Row[]): Row | null => rows[0] ?? null;

export async function newNumber(tx: Tx, day: string): Promise<string> {
  const [row] = await tx.execute<{ number: string }>(
    sql`select nextval('prescription_number')::text as number`,
  );
  return `CF${day.replaceAll("-", "")}${row!.number.padStart(5, "0")}`;
}

export const findPrescription = async (tx: Tx, id: string): Promise<PrescriptionRow | null> =>
  first(await tx.select().from(prescription).where(eq(prescription.id, id)));

export async function insertPrescription(
  tx: Tx,
  row: typeof prescription.$inferInsert,
): Promise<PrescriptionRow> {
  return (await tx.insert(prescription).values(row).returning())[0]!;
}

/** @returns null when somebody changed it meanwhile */
export const updatePrescription = async (
  tx: Tx,
  id: string,
  version: number,
  change: Partial<typeof prescription.$inferInsert>,
): Promise<PrescriptionRow | null> =>
  first(
    await tx
      .update(prescription)
      .set({ ...change, version: version + 1 })
      .where(and(eq(prescription.id, id), eq(prescription.version, version)))
      .returning(),
  );

export const findLines = (tx: Tx, ids: readonly string[]): Promise<LineRow[]> =>
  ids.length === 0
    ? Promise.resolve([])
    : tx
        .select()
        .from(prescriptionLine)
        .where(inArray(prescriptionLine.prescriptionId, [...ids]))
        .orderBy(asc(prescriptionLine.prescriptionId), asc(prescriptionLine.position));

export async function replaceLines(
  tx: Tx,
  prescriptionId: string,
  rows: readonly Omit<typeof prescriptionLine.$inferInsert, "prescriptionId">[],
): Promise<void> {
  await tx.delete(prescriptionLine).where(eq(prescriptionLine.prescriptionId, prescriptionId));
  if (rows.length > 0)
    await tx.insert(prescriptionLine).values(rows.map((one) => ({ ...one, prescriptionId })));
}

export const insertStep = (tx: Tx, row: typeof prescriptionStep.$inferInsert) =>
  tx.insert(prescriptionStep).values(row);
export const findSteps = (tx: Tx, prescriptionId: string) =>
  tx
    .select()
    .from(prescriptionStep)
    .where(eq(prescriptionStep.prescriptionId, prescriptionId))
    .orderBy(asc(prescriptionStep.id));

export const insertTalk = (tx: Tx, row: typeof prescriptionTalk.$inferInsert) =>
  tx.insert(prescriptionTalk).values(row);
export const findTalk = (tx: Tx, prescriptionId: string) =>
  tx
    .select()
    .from(prescriptionTalk)
    .where(eq(prescriptionTalk.prescriptionId, prescriptionId))
    .orderBy(asc(prescriptionTalk.at), asc(prescriptionTalk.id));

/** Of a house in some states, whoever waits longest first. */
export const findInStates = (
  tx: Tx,
  institutionId: string,
  states: readonly PrescriptionState[],
  since: Date,
): Promise<PrescriptionRow[]> =>
  tx
    .select()
    .from(prescription)
    .where(
      and(
        eq(prescription.institutionId, institutionId),
        inArray(prescription.state, [...states]),
        gt(prescription.updatedAt, since),
      ),
    )
    .orderBy(asc(prescription.reviewDueAt), asc(prescription.id))
    .limit(200);

export const findOfDoctor = (
  tx: Tx,
  institutionId: string,
  doctorId: string,
  since: Date,
): Promise<PrescriptionRow[]> =>
  tx
    .select()
    .from(prescription)
    .where(
      and(
        eq(prescription.institutionId, institutionId),
        eq(prescription.doctorId, doctorId),
        gt(prescription.updatedAt, since),
      ),
    )
    .orderBy(desc(prescription.updatedAt))
    .limit(100);

/** A patient's signed ones, newest first. */
export const findOfPatient = (tx: Tx, patientId: string, since: Date): Promise<PrescriptionRow[]> =>
  tx
    .select()
    .from(prescription)
    .where(
      and(
        ofPerson(prescription.patientId, patientId),
        gte(prescription.signedAt, since),
        sql`${prescription.state} not in ('draft', 'returned')`,
      ),
    )
    .orderBy(desc(prescription.signedAt))
    .limit(50);

export type EncounterRow = {
  kind: EncounterKind;
  id: string;
  patient_id: string;
  since: string | null;
  prescription_id: string | null;
  last_id: string | null;
  last_at: string | null;
};
/** Visits at a house in which one may prescribe now. */
export const findEncounters = async (
  tx: Tx,
  institutionId: string,
  doctorId: string,
): Promise<EncounterRow[]> => [
  ...(await tx.execute<EncounterRow>(sql`
    select e.kind, e.id, e.patient_id, e.since, p.id as prescription_id, l.id as last_id, l.signed_at as last_at
    from (
      select 'appointment'::text as kind, a.id, a.patient_id, a.called_at as since from appointment a
        where a.institution_id = ${institutionId} and a.state = 'in-consultation'
      union all select 'consult', c.id, c.patient_id, c.started_at from consult c
        where c.inviting_institution_id = ${institutionId} and c.state in ('in-session', 'interrupted', 'opinion-pending', 'signed', 'acknowledged')
      union all select 'fever-visit', f.id, f.patient_id, f.arrived_at from fever_visit f
        where f.institution_id = ${institutionId} and f.ended_at is null and f.seen_by is not null
      union all select 'video-visit', v.id, v.patient_id, v.started_at from visit v
        where v.institution_id = ${institutionId} and v.state = 'in-visit' and v.decision = 'eligible' and v.doctor_id = ${doctorId}
    ) e
    left join lateral (select p.id from prescription p where p.encounter_id = e.id and p.encounter_kind::text = e.kind
      and p.state not in ('cancelled', 'expired') order by p.created_at desc limit 1) p on true
    left join lateral (select p.id, p.signed_at from prescription p where p.patient_id = any (app.same_person(e.patient_id)) and p.institution_id = ${institutionId}
      and p.state in ('approved', 'dispensed', 'collected') order by p.signed_at desc limit 1) l on true
    order by e.since desc nulls last, e.id limit 100`)),
];

/** Medicines of earlier prescriptions of the house that are not used up. */
export const findPrescribed = (tx: Tx, patientId: string, institutionId: string, now: Date) =>
  tx.execute<{
    medicine: { zh: string; en: string; atc: string };
    code: string;
    dose: number;
    frequency: string;
  }>(
    sql`select medicine, code, dose, frequency from app.prescribed_medicines(${patientId}::uuid, ${institutionId}::uuid, ${now.toISOString()}::timestamptz)`,
  );

export async function openByCode(tx: Tx, codeIndex: Buffer, now: Date): Promise<string | null> {
  const [row] = await tx.execute<{ id: string | null }>(
    sql`select app.open_prescription(${codeIndex}, ${now.toISOString()}::timestamptz) as id`,
  );
  return row?.id ?? null;
}

export const findDispense = async (tx: Tx, prescriptionId: string): Promise<DispenseRow | null> =>
  first(
    await tx
      .select()
      .from(prescriptionDispense)
      .where(eq(prescriptionDispense.prescriptionId, prescriptionId)),
  );
export async function insertDispense(
  tx: Tx,
  row: typeof prescriptionDispense.$inferInsert,
): Promise<void> {
  await tx.insert(prescriptionDispense).values(row);
}
export const updateDispense = async (
  tx: Tx,
  prescriptionId: string,
  change: Partial<typeof prescriptionDispense.$inferInsert>,
): Promise<DispenseRow | null> =>
  first(
    await tx
      .update(prescriptionDispense)
      .set(change)
      .where(eq(prescriptionDispense.prescriptionId, prescriptionId))
      .returning(),
  );

export const findBatches = (tx: Tx, institutionId: string): Promise<BatchRow[]> =>
  tx
    .select()
    .from(pharmacyBatch)
    .where(eq(pharmacyBatch.institutionId, institutionId))
    .orderBy(asc(pharmacyBatch.medicineCode), asc(pharmacyBatch.expiresOn));
/** Batches of some medicines, those that expire first first; whoever wants them too waits. */
export const lockBatches = (
  tx: Tx,
  institutionId: string,
  codes: readonly string[],
  today: string,
): Promise<BatchRow[]> =>
  tx
    .select()
    .from(pharmacyBatch)
    .where(
      and(
        eq(pharmacyBatch.institutionId, institutionId),
        inArray(pharmacyBatch.medicineCode, [...codes]),
        gt(pharmacyBatch.expiresOn, today),
        gt(pharmacyBatch.quantity, 0),
      ),
    )
    .orderBy(asc(pharmacyBatch.expiresOn), asc(pharmacyBatch.id))
    .for("update");
/** More, or with a negative number less, of a batch; the database keeps it above nothing. */
export const moveStock = (tx: Tx, batchId: string, by: number) =>
  tx
    .update(pharmacyBatch)
    .set({ quantity: sql`${pharmacyBatch.quantity} + ${by}` })
    .where(eq(pharmacyBatch.id, batchId));
export const upsertBatch = (tx: Tx, row: typeof pharmacyBatch.$inferInsert) =>
  tx
    .insert(pharmacyBatch)
    .values(row)
    .onConflictDoUpdate({
      target: [pharmacyBatch.institutionId, pharmacyBatch.medicineCode, pharmacyBatch.batchNumber],
      set: { quantity: row.quantity, expiresOn: row.expiresOn },
    });
