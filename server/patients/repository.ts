import { and, eq, ilike, inArray, isNull, or, type SQL, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import type { Tx } from "../db/client.ts";
import { patient, patientContact, patientInstitution, patientLink } from "./schema.ts";

export type PatientRow = typeof patient.$inferSelect;
export type ContactRow = typeof patientContact.$inferSelect;
/**
 * A person as a registration shows him. Of a registration that goes on under another the row has that
 * one's facts under the id that was asked for: nothing else that names the old id is re-written.
 */
export type PatientRecord = {
  row: PatientRow;
  contacts: ContactRow[];
  /** All registrations of the person; the one that goes on is the first. */
  registrations: readonly string[];
};

/** Rows of the person whom this id names, whichever registration they were written for. */
export const ofPerson = (column: PgColumn, patientId: string): SQL =>
  sql`${column} = any(app.same_person(${patientId}::uuid))`;

/** The same for several people. */
export const ofPeople = (column: PgColumn, patientIds: readonly string[]): SQL =>
  sql`${column} in (select unnest(app.same_person(one)) from unnest(${sql.param([...patientIds])}::uuid[]) one)`;

/** The registration under which the person goes on; of who was never joined, the id itself. */
export async function personOf(tx: Tx, patientId: string): Promise<string> {
  const [row] = await tx.execute<{ id: string }>(
    sql`select app.person_of(${patientId}::uuid) as id`,
  );
  return row!.id;
}

/** All registrations of the person, the one that goes on first. */
export async function registrationsOf(tx: Tx, patientId: string): Promise<string[]> {
  const [row] = await tx.execute<{ ids: string[] }>(
    sql`select app.same_person(${patientId}::uuid) as ids`,
  );
  return row!.ids;
}

type Joined = { duplicateId: string; survivorId: string };
/** Links between these registrations and others; almost always none. */
export async function findLinks(tx: Tx, ids: readonly string[]): Promise<Joined[]> {
  const list = sql.param([...ids]);
  return tx
    .select({ duplicateId: patientLink.duplicateId, survivorId: patientLink.survivorId })
    .from(patientLink)
    .where(
      and(
        isNull(patientLink.separatedAt),
        sql`(${patientLink.duplicateId} = any(${list}::uuid[]) or ${patientLink.survivorId} = any(${list}::uuid[])
          or ${patientLink.survivorId} in (select app.person_of(one) from unnest(${list}::uuid[]) one))`,
      ),
    );
}

export async function findPatients(tx: Tx, ids: readonly string[]): Promise<PatientRecord[]> {
  if (ids.length === 0) return [];
  const joined = await findLinks(tx, ids);
  if (joined.length === 0) return findRegistrations(tx, ids);
  const known = await findRegistrations(tx, [
    ...new Set([...ids, ...joined.flatMap((one) => [one.duplicateId, one.survivorId])]),
  ]);
  return known
    .filter((one) => ids.includes(one.row.id))
    .map((one) => personSeen(one, known, joined));
}

/** A registration with the facts of the person and everybody's telephones. */
function personSeen(
  one: PatientRecord,
  known: readonly PatientRecord[],
  joined: readonly Joined[],
): PatientRecord {
  const root = joined.find((link) => link.duplicateId === one.row.id)?.survivorId ?? one.row.id;
  const registrations = [
    root,
    ...joined.filter((link) => link.survivorId === root).map((link) => link.duplicateId),
  ];
  const person = known.find((each) => each.row.id === root) ?? one;
  const contacts: ContactRow[] = [];
  for (const each of registrations.flatMap(
    (id) => known.find((record) => record.row.id === id)?.contacts ?? [],
  ))
    if (!contacts.some((before) => isSameContact(before, each))) contacts.push(each);
  return { row: { ...person.row, id: one.row.id }, contacts, registrations };
}

const isSameContact = (one: ContactRow, other: ContactRow) =>
  one.relation === other.relation &&
  one.phoneIndex.equals(other.phoneIndex) &&
  one.maySignIn === other.maySignIn;

/** Registrations as they were written, each for itself: what a record store keeps of them. */
export async function findRegistrations(tx: Tx, ids: readonly string[]): Promise<PatientRecord[]> {
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
    registrations: [row.id],
  }));
}

/** Patients without their telephones: a queue names people and calls nobody. */
export async function findPatientRows(tx: Tx, ids: readonly string[]): Promise<PatientRow[]> {
  if (ids.length === 0) return [];
  const joined = await findLinks(tx, ids);
  const wanted = [...new Set([...ids, ...joined.map((one) => one.survivorId)])];
  const rows = await tx.select().from(patient).where(inArray(patient.id, wanted));
  return rows
    .filter((row) => ids.includes(row.id))
    .map((row) => {
      const root = joined.find((one) => one.duplicateId === row.id)?.survivorId;
      return { ...(rows.find((one) => one.id === root) ?? row), id: row.id };
    });
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
    .select({ id: sql<string>`app.person_of(${patient.id})` })
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
  // A registration that goes on under another is found as that one, and once.
  return [...new Set(rows.map((row) => row.id))];
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
  const rows = await tx
    .select()
    .from(patientContact)
    .where(and(ofPerson(patientContact.patientId, patientId), eq(patientContact.maySignIn, true)));
  // The same telephone on both registrations rings once.
  return rows.filter(
    (row, index) => rows.findIndex((one) => one.phoneIndex.equals(row.phoneIndex)) === index,
  );
}
