/** Video visits: queries only. */
import { and, asc, desc, eq, gt, inArray, sql } from "drizzle-orm";
import { attachment } from "../attachments/schema.ts";
import { signedResident } from "../booking/schema.ts";
import type { Tx } from "../db/client.ts";
import { openStates, type VisitState } from "./domain.ts";
import { visit, visitDuty, visitPresence, visitStep } from "./schema.ts";

export type VisitRow = typeof visit.$inferSelect;
export type StepRow = typeof visitStep.$inferSelect;
const first = <Row>(rows: Row[]): Row | null => rows[0] ?? null;

/** Human-readable, unique in the alliance: `SF` + date + sequence. */
export async function newNumber(tx: Tx, day: string): Promise<string> {
  const [row] = await tx.execute<{ number: string }>(
    sql`select nextval('visit_number')::text as number`,
  );
  return `SF${day.replaceAll("-", "")}${row!.number.padStart(5, "0")}`;
}

export const findVisit = async (tx: Tx, id: string): Promise<VisitRow | null> =>
  first(await tx.select().from(visit).where(eq(visit.id, id)));

export async function insertVisit(tx: Tx, row: typeof visit.$inferInsert): Promise<VisitRow> {
  return (await tx.insert(visit).values(row).returning())[0]!;
}

/** @returns null when somebody changed it meanwhile */
export const updateVisit = async (
  tx: Tx,
  id: string,
  version: number,
  change: Partial<typeof visit.$inferInsert>,
): Promise<VisitRow | null> =>
  first(
    await tx
      .update(visit)
      .set({ ...change, version: version + 1 })
      .where(and(eq(visit.id, id), eq(visit.version, version)))
      .returning(),
  );

export const insertStep = (tx: Tx, row: typeof visitStep.$inferInsert) =>
  tx.insert(visitStep).values(row);
export const findSteps = (tx: Tx, visitId: string): Promise<StepRow[]> =>
  tx.select().from(visitStep).where(eq(visitStep.visitId, visitId)).orderBy(asc(visitStep.id));

/** Of a house: what is open, whoever waits longest first, and what was over since. */
export const findOfHouse = (tx: Tx, institutionId: string, since: Date): Promise<VisitRow[]> =>
  tx
    .select()
    .from(visit)
    .where(
      and(
        eq(visit.institutionId, institutionId),
        sql`(${inArray(visit.state, [...openStates])} or ${gt(visit.updatedAt, since)})`,
      ),
    )
    .orderBy(asc(visit.waitingAt), asc(visit.id))
    .limit(300);

export const findOfPatients = (
  tx: Tx,
  patientIds: readonly string[],
  since: Date,
): Promise<VisitRow[]> =>
  patientIds.length === 0
    ? Promise.resolve([])
    : tx
        .select()
        .from(visit)
        .where(and(inArray(visit.patientId, [...patientIds]), gt(visit.requestedAt, since)))
        .orderBy(desc(visit.requestedAt))
        .limit(50);

export async function countAhead(tx: Tx, visitId: string): Promise<number> {
  const [row] = await tx.execute<{ ahead: number }>(
    sql`select app.visits_ahead(${visitId}::uuid) as ahead`,
  );
  return row?.ahead ?? 0;
}

/** Who waits at a house: their places may have moved. */
export const findWaiting = (tx: Tx, institutionId: string) =>
  tx.execute<{ visit_id: string; patient_id: string }>(
    sql`select visit_id, patient_id from app.visit_waiting(${institutionId}::uuid)`,
  );

/** Doctors who receive by video now, with how many come before. */
export const findDoctors = (tx: Tx, now: Date) =>
  tx.execute<{ institution_id: string; doctor_id: string; ahead: number }>(
    sql`select institution_id, doctor_id, ahead from app.visit_doctors(${now.toISOString()}::timestamptz)`,
  );

export const findSigned = async (tx: Tx, patientIds: readonly string[]) =>
  first(
    await tx
      .select({ institutionId: signedResident.institutionId, doctorId: signedResident.doctorId })
      .from(signedResident)
      .where(
        and(
          inArray(signedResident.patientId, [...patientIds]),
          sql`${signedResident.endedOn} is null`,
        ),
      ),
  );

export const findDuty = async (tx: Tx, institutionId: string, doctorId: string) =>
  first(
    await tx
      .select()
      .from(visitDuty)
      .where(and(eq(visitDuty.institutionId, institutionId), eq(visitDuty.doctorId, doctorId))),
  );
export const putDuty = (tx: Tx, row: typeof visitDuty.$inferInsert) =>
  tx
    .insert(visitDuty)
    .values(row)
    .onConflictDoUpdate({
      target: [visitDuty.institutionId, visitDuty.doctorId],
      set: { since: row.since, until: row.until },
    });

/** @returns false when the node had said it before */
export async function insertPresence(
  tx: Tx,
  row: typeof visitPresence.$inferInsert,
): Promise<boolean> {
  const filed = await tx
    .insert(visitPresence)
    .values(row)
    .onConflictDoNothing()
    .returning({ id: visitPresence.id });
  return filed.length > 0;
}

export type Present = { subject: string | null; role: string | null; type: string; at: Date };
/** The last word about each person of a room. */
export async function findPresent(tx: Tx, visitId: string): Promise<Present[]> {
  const rows = await tx
    .selectDistinctOn([visitPresence.subject], {
      subject: visitPresence.subject,
      role: visitPresence.role,
      type: visitPresence.type,
      at: visitPresence.at,
    })
    .from(visitPresence)
    .where(
      and(
        eq(visitPresence.visitId, visitId),
        inArray(visitPresence.type, ["peer-joined", "peer-left", "peer-removed"]),
      ),
    )
    .orderBy(visitPresence.subject, desc(visitPresence.at), desc(visitPresence.id));
  return rows;
}

export const findFiles = (tx: Tx, visitId: string) =>
  tx
    .select({
      id: attachment.id,
      name: attachment.name,
      purpose: attachment.purpose,
      mediaType: attachment.mediaType,
      state: attachment.state,
      at: attachment.createdAt,
    })
    .from(attachment)
    .where(and(eq(attachment.consultId, visitId), eq(attachment.state, "complete")))
    .orderBy(asc(attachment.createdAt), asc(attachment.id));

export type { VisitState };
