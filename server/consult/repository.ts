import { and, asc, desc, eq, inArray, isNotNull, isNull, notInArray, or, sql } from "drizzle-orm";
import { attachment } from "../attachments/schema.ts";
import type { Tx } from "../db/client.ts";
import { practitioner } from "../directory/schema.ts";
import { person } from "../identity/schema.ts";
import { closedStates } from "./domain.ts";
import {
  consult,
  consultConsent,
  consultGuest,
  consultMessage,
  consultOpinion,
  consultParticipant,
  consultStep,
  consultStill,
} from "./schema.ts";

export type ConsultRow = typeof consult.$inferSelect;
export type ConsentRow = typeof consultConsent.$inferSelect;
export type OpinionRow = typeof consultOpinion.$inferSelect;
export type ParticipantRow = typeof consultParticipant.$inferSelect & {
  name: string;
  title: string | null;
  practisingSince: string | null;
};

export async function insertConsult(
  tx: Tx,
  row: Omit<typeof consult.$inferInsert, "number">,
  day: string,
): Promise<ConsultRow> {
  const number = sql<string>`${`HZ${day.replaceAll("-", "")}-`} || lpad(nextval('consult_number')::text, 4, '0')`;
  const [created] = await tx
    .insert(consult)
    .values({ ...row, number })
    .returning();
  return created!;
}

export async function findConsult(tx: Tx, id: string): Promise<ConsultRow | null> {
  const [found] = await tx.select().from(consult).where(eq(consult.id, id));
  return found ?? null;
}

/** The consult as it is now, held until the end of the transaction: whoever changes it waits. */
export async function holdConsult(tx: Tx, seen: ConsultRow): Promise<ConsultRow> {
  const [held] = await tx.select().from(consult).where(eq(consult.id, seen.id)).for("update");
  return held ?? seen;
}

/** Change a consult that is still at `version`; null when someone else was first. */
export async function updateConsult(
  tx: Tx,
  id: string,
  version: number,
  change: Partial<typeof consult.$inferInsert>,
): Promise<ConsultRow | null> {
  const [changed] = await tx
    .update(consult)
    .set({ ...change, version: version + 1 })
    .where(and(eq(consult.id, id), eq(consult.version, version)))
    .returning();
  return changed ?? null;
}

/** Note that an alarm rang. No change that a page has to know of: the version stays. */
export async function markEscalated(tx: Tx, id: string, at: Date): Promise<void> {
  await tx.update(consult).set({ escalatedAt: at }).where(eq(consult.id, id));
}

/** When the reader's own side filed it: each side's lists are its own. */
const ownArchivedAt = sql`case when ${consult.invitingInstitutionId} = app.institution()
  then ${consult.invitingArchivedAt} else ${consult.invitedArchivedAt} end`;

export async function listMine(tx: Tx, personId: string): Promise<ConsultRow[]> {
  return tx
    .select()
    .from(consult)
    .where(
      and(
        notInArray(consult.state, [...closedStates]),
        isNull(ownArchivedAt),
        or(
          eq(consult.requesterId, personId),
          sql`exists (select 1 from ${consultParticipant} p where p.consult_id = ${consult.id} and p.person_id = ${personId})`,
        ),
      ),
    )
    .limit(200);
}

/** The desk's queue: everything that was sent to this institution and is not over. */
export async function listForDesk(tx: Tx, institutionId: string): Promise<ConsultRow[]> {
  return tx
    .select()
    .from(consult)
    .where(
      and(
        eq(consult.invitedInstitutionId, institutionId),
        isNotNull(consult.submittedAt),
        notInArray(consult.state, ["draft", "archived", "cancelled", "declined"]),
        isNull(consult.invitedArchivedAt),
      ),
    )
    .limit(500);
}

export async function listArchive(
  tx: Tx,
  personId: string,
  institutionId: string,
  wholeInstitution: boolean,
): Promise<ConsultRow[]> {
  const mine = or(
    eq(consult.requesterId, personId),
    sql`exists (select 1 from ${consultParticipant} p where p.consult_id = ${consult.id} and p.person_id = ${personId})`,
  );
  const whole = or(
    eq(consult.invitingInstitutionId, institutionId),
    and(eq(consult.invitedInstitutionId, institutionId), isNotNull(consult.submittedAt)),
  );
  return tx
    .select()
    .from(consult)
    .where(
      and(
        or(inArray(consult.state, ["archived", "cancelled", "declined"]), isNotNull(ownArchivedAt)),
        wholeInstitution ? whole : mine,
      ),
    )
    .orderBy(desc(consult.updatedAt))
    .limit(100);
}

export async function insertStep(tx: Tx, row: typeof consultStep.$inferInsert): Promise<void> {
  await tx.insert(consultStep).values(row);
}

export async function findSteps(
  tx: Tx,
  consultId: string,
): Promise<(typeof consultStep.$inferSelect)[]> {
  return tx
    .select()
    .from(consultStep)
    .where(eq(consultStep.consultId, consultId))
    .orderBy(asc(consultStep.id));
}

export async function findConsents(tx: Tx, consultId: string): Promise<ConsentRow[]> {
  return tx
    .select()
    .from(consultConsent)
    .where(eq(consultConsent.consultId, consultId))
    .orderBy(asc(consultConsent.recordedAt));
}

export async function insertConsent(
  tx: Tx,
  row: typeof consultConsent.$inferInsert,
): Promise<ConsentRow> {
  const [created] = await tx.insert(consultConsent).values(row).returning();
  return created!;
}

/** Take back consents that stand: one, or all of a kind. What follows is done by the row's trigger. */
export async function withdrawConsents(
  tx: Tx,
  consultId: string,
  which: { id: string } | { kind: ConsentRow["kind"] },
  at: Date,
): Promise<ConsentRow[]> {
  return tx
    .update(consultConsent)
    .set({ withdrawnAt: at })
    .where(
      and(
        eq(consultConsent.consultId, consultId),
        "id" in which ? eq(consultConsent.id, which.id) : eq(consultConsent.kind, which.kind),
        eq(consultConsent.given, true),
        isNull(consultConsent.withdrawnAt),
      ),
    )
    .returning();
}

export async function findParticipants(
  tx: Tx,
  consultIds: readonly string[],
): Promise<ParticipantRow[]> {
  if (consultIds.length === 0) return [];
  const rows = await tx
    .select({
      row: consultParticipant,
      name: person.name,
      title: practitioner.title,
      practisingSince: practitioner.practisingSince,
    })
    .from(consultParticipant)
    .innerJoin(person, eq(person.id, consultParticipant.personId))
    .leftJoin(practitioner, eq(practitioner.personId, consultParticipant.personId))
    .where(inArray(consultParticipant.consultId, [...consultIds]))
    .orderBy(desc(consultParticipant.lead), asc(consultParticipant.createdAt));
  return rows.map(({ row, ...rest }) => ({ ...row, ...rest }));
}

export async function insertParticipants(
  tx: Tx,
  rows: (typeof consultParticipant.$inferInsert)[],
): Promise<void> {
  if (rows.length > 0) await tx.insert(consultParticipant).values(rows);
}

/** Everyone but the attending doctor leaves the list; the new list follows. */
export async function deleteInvitedParticipants(tx: Tx, consultId: string): Promise<void> {
  await tx
    .delete(consultParticipant)
    .where(
      and(
        eq(consultParticipant.consultId, consultId),
        sql`${consultParticipant.role} <> 'attending'`,
      ),
    );
}

export async function findOpinion(
  tx: Tx,
  consultId: string,
): Promise<(OpinionRow & { editorName: string | null }) | null> {
  const [found] = await tx
    .select({ row: consultOpinion, editorName: person.name })
    .from(consultOpinion)
    .leftJoin(person, eq(person.id, consultOpinion.editedBy))
    .where(eq(consultOpinion.consultId, consultId));
  return found ? { ...found.row, editorName: found.editorName } : null;
}

export async function insertOpinion(
  tx: Tx,
  row: typeof consultOpinion.$inferInsert,
): Promise<void> {
  await tx.insert(consultOpinion).values(row).onConflictDoNothing();
}

export async function updateOpinion(
  tx: Tx,
  consultId: string,
  version: number,
  change: Partial<typeof consultOpinion.$inferInsert>,
): Promise<OpinionRow | null> {
  const [changed] = await tx
    .update(consultOpinion)
    .set(change)
    .where(and(eq(consultOpinion.consultId, consultId), eq(consultOpinion.version, version)))
    .returning();
  return changed ?? null;
}

export async function findMessages(tx: Tx, consultId: string) {
  return tx
    .select({ row: consultMessage, name: person.name })
    .from(consultMessage)
    .innerJoin(person, eq(person.id, consultMessage.byPersonId))
    .where(eq(consultMessage.consultId, consultId))
    .orderBy(asc(consultMessage.at));
}

export async function insertMessage(
  tx: Tx,
  row: typeof consultMessage.$inferInsert,
): Promise<void> {
  await tx.insert(consultMessage).values(row);
}

export async function findAttachments(
  tx: Tx,
  consultId: string,
): Promise<(typeof attachment.$inferSelect)[]> {
  return tx
    .select()
    .from(attachment)
    .where(eq(attachment.consultId, consultId))
    .orderBy(asc(attachment.createdAt));
}

export async function findGuests(
  tx: Tx,
  consultId: string,
): Promise<(typeof consultGuest.$inferSelect)[]> {
  return tx
    .select()
    .from(consultGuest)
    .where(eq(consultGuest.consultId, consultId))
    .orderBy(asc(consultGuest.createdAt));
}

export async function insertGuest(tx: Tx, row: typeof consultGuest.$inferInsert): Promise<string> {
  const [created] = await tx.insert(consultGuest).values(row).returning({ id: consultGuest.id });
  return created!.id;
}

export async function revokeGuest(
  tx: Tx,
  consultId: string,
  id: string,
  at: Date,
): Promise<boolean> {
  const rows = await tx
    .update(consultGuest)
    .set({ revokedAt: at })
    .where(and(eq(consultGuest.id, id), eq(consultGuest.consultId, consultId)))
    .returning({ id: consultGuest.id });
  return rows.length > 0;
}

export async function insertStill(tx: Tx, row: typeof consultStill.$inferInsert): Promise<string> {
  const [created] = await tx
    .insert(consultStill)
    .values(row)
    .onConflictDoNothing()
    .returning({ id: consultStill.id });
  if (created) return created.id;
  const [existing] = await tx
    .select({ id: consultStill.id })
    .from(consultStill)
    .where(eq(consultStill.attachmentId, row.attachmentId));
  return existing!.id;
}

export type Meeting = { personId: string; consultId: string; start: Date; end: Date };

/** Meetings that already fill the time of these people, at whichever institution. */
export async function findMeetings(
  tx: Tx,
  personIds: readonly string[],
  from: Date,
): Promise<Meeting[]> {
  if (personIds.length === 0) return [];
  const people = sql.join(
    personIds.map((id) => sql`${id}::uuid`),
    sql`, `,
  );
  const rows = await tx.execute<{ person: string; consult: string; start: string; end: string }>(
    sql`select person_id as person, consult_id as consult, extract(epoch from starts) * 1000 as start, extract(epoch from ends) * 1000 as end
      from app.meetings_of(array[${people}], ${from.toISOString()}::timestamptz)`,
  );
  return rows.map((row) => ({
    personId: row.person,
    consultId: row.consult,
    start: new Date(Number(row.start)),
    end: new Date(Number(row.end)),
  }));
}

/** Whoever sets a time for one of these people waits for the other who does. */
export async function lockTimes(tx: Tx, personIds: readonly string[]): Promise<void> {
  for (const id of [...new Set(personIds)].sort())
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`meeting:${id}`}, 0))`);
}

/** Whether the media node last reported this person as let in (a definer function: people do not read reports). */
export async function isInRoom(tx: Tx, consultId: string, subject: string): Promise<boolean> {
  const [row] = await tx.execute<{ inside: boolean }>(
    sql`select app.is_in_room(${consultId}::uuid, ${subject}) as inside`,
  );
  return row?.inside ?? false;
}
