import { and, eq, ilike, inArray, or, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { patient, patientContact, patientInstitution } from "./schema.ts";

export type PatientRow = typeof patient.$inferSelect;
export type ContactRow = typeof patientContact.$inferSelect;
export type PatientRecord = { row: PatientRow; contacts: ContactRow[] };

export async function findPatients(tx: Tx, ids: readonly string[]): Promise<PatientRecord[]> {
  if (ids.length === 0) return [];
  const rows = await tx
    .select()
    .from(patient)
    .where(inArray(patient.id, [...ids]));
  const contacts = await tx
    .select()
    .from(patientContact)
    .where(inArray(patientContact.patientId, [...ids]));
  return rows.map((row) => ({
    row,
    contacts: contacts.filter((contact) => contact.patientId === row.id),
  }));
}

/** Patients without their telephones: a queue names people and calls nobody. */
export async function findPatientRows(tx: Tx, ids: readonly string[]): Promise<PatientRow[]> {
  if (ids.length === 0) return [];
  return tx
    .select()
    .from(patient)
    .where(inArray(patient.id, [...ids]));
}

export async function findPatient(tx: Tx, id: string): Promise<PatientRecord | null> {
  const [found] = await findPatients(tx, [id]);
  return found ?? null;
}

/** Ids of patients of the reader's institution by part of a name, by ID index or by phone index; newest first. */
export async function searchPatients(
  tx: Tx,
  query: { name: string; residentIdIndex: Buffer | null; phoneIndex: Buffer | null },
): Promise<string[]> {
  const like = `%${query.name.replace(/[\\%_]/g, "\\$&")}%`;
  const rows = await tx
    .select({ id: patient.id })
    .from(patient)
    .where(
      or(
        ilike(patient.fullName, like),
        ilike(patient.fullNameBo, like),
        query.residentIdIndex ? eq(patient.residentIdIndex, query.residentIdIndex) : undefined,
        query.phoneIndex
          ? sql`exists (select 1 from ${patientContact} c where c.patient_id = ${patient.id} and c.phone_index = ${query.phoneIndex})`
          : undefined,
      ),
    )
    .orderBy(sql`${patient.updatedAt} desc`)
    .limit(30);
  return rows.map((row) => row.id);
}

/** Link the reader's institution to the person who has this ID anywhere in the alliance; null when nobody has. */
export async function linkByResidentId(tx: Tx, residentIdIndex: Buffer): Promise<string | null> {
  const [row] = await tx.execute<{ id: string | null }>(
    sql`select app.link_patient(${residentIdIndex}) as id`,
  );
  return row?.id ?? null;
}

export async function insertPatient(tx: Tx, row: typeof patient.$inferInsert): Promise<PatientRow> {
  const [created] = await tx.insert(patient).values(row).returning();
  await tx.insert(patientInstitution).values({
    patientId: created!.id,
    institutionId: created!.managingInstitutionId,
    source: "registration",
  });
  return created!;
}

export async function insertContacts(
  tx: Tx,
  rows: (typeof patientContact.$inferInsert)[],
): Promise<void> {
  if (rows.length > 0) await tx.insert(patientContact).values(rows);
}

/** Phones of people who may sign in for a patient, for notices. */
export async function findSignInContacts(tx: Tx, patientId: string): Promise<ContactRow[]> {
  return tx
    .select()
    .from(patientContact)
    .where(and(eq(patientContact.patientId, patientId), eq(patientContact.maySignIn, true)));
}
