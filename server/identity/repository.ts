import { and, eq, gt, isNull, or, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { institutionName } from "../directory/schema.ts";
import { patientContact } from "../patients/schema.ts";
import {
  authChallenge,
  passkey,
  person,
  phoneCode,
  roleAssignment,
  rolePermission,
  session,
  staffAccount,
} from "./schema.ts";

export type SessionRow = typeof session.$inferSelect;
export type StaffAccountRow = typeof staffAccount.$inferSelect;

export async function insertSession(tx: Tx, row: typeof session.$inferInsert): Promise<SessionRow> {
  const [created] = await tx.insert(session).values(row).returning();
  return created!;
}

/**
 * A live session by the hash of its token. The token before the last rotation stays good until the
 * new one has come back: an answer that was lost on the way must not sign anybody out.
 */
export async function findSession(
  tx: Tx,
  tokenHash: Buffer,
  now: Date,
): Promise<SessionRow | null> {
  const [found] = await tx
    .select()
    .from(session)
    .where(
      and(
        or(eq(session.tokenHash, tokenHash), eq(session.previousTokenHash, tokenHash)),
        isNull(session.revokedAt),
        gt(session.expiresAt, now),
      ),
    );
  if (!found) return null;
  const settled = now.getTime() - found.rotatedAt.getTime() > 60_000;
  const forget = settled && found.previousTokenHash && found.tokenHash.equals(tokenHash);
  // Its owner sees when a session was last used, to the minute.
  const seen = now.getTime() - found.lastSeenAt.getTime() > 60_000;
  if (forget || seen) {
    await tx
      .update(session)
      .set({ ...(forget ? { previousTokenHash: null } : {}), ...(seen ? { lastSeenAt: now } : {}) })
      .where(eq(session.id, found.id));
  }
  return found;
}

/** Give a session a new token, if nobody else just did; two tabs may try at once. */
export async function rotateToken(
  tx: Tx,
  row: SessionRow,
  change: Partial<typeof session.$inferInsert>,
): Promise<boolean> {
  const rows = await tx
    .update(session)
    .set(change)
    .where(and(eq(session.id, row.id), eq(session.tokenHash, row.tokenHash)))
    .returning({ id: session.id });
  return rows.length > 0;
}

export async function updateSession(
  tx: Tx,
  id: string,
  change: Partial<typeof session.$inferInsert>,
): Promise<void> {
  await tx.update(session).set(change).where(eq(session.id, id));
}

/** What a person may do at an institution, with the person's name; null without any valid role there. */
export async function findStaffAt(
  tx: Tx,
  personId: string,
  institutionId: string,
  now: Date,
): Promise<{ name: string; permissions: Set<string> } | null> {
  const rows = await tx
    .select({ name: person.name, permission: rolePermission.permission })
    .from(roleAssignment)
    .innerJoin(person, eq(person.id, roleAssignment.personId))
    .leftJoin(rolePermission, eq(rolePermission.roleCode, roleAssignment.roleCode))
    .where(
      and(
        eq(roleAssignment.personId, personId),
        eq(roleAssignment.institutionId, institutionId),
        or(isNull(roleAssignment.validUntil), gt(roleAssignment.validUntil, now)),
      ),
    );
  const [first] = rows;
  if (!first) return null;
  return {
    name: first.name,
    permissions: new Set(rows.flatMap((row) => (row.permission ? [row.permission] : []))),
  };
}

/** Institutions where a person holds roles, in the order they were given; names in the asked language. */
export async function findPosts(
  tx: Tx,
  personId: string,
  language: string,
  now: Date,
): Promise<{ id: string; slug: string; name: string; roles: string[] }[]> {
  const rows = await tx.execute<{ id: string; slug: string; name: string; roles: string[] }>(sql`
    select i.id, i.slug, coalesce(
        (select n.name from ${institutionName} n where n.institution_id = i.id and n.language = ${language} order by n.position limit 1),
        (select n.name from ${institutionName} n where n.institution_id = i.id order by n.position limit 1), i.slug) as name,
      array_agg(r.role_code order by r.id) as roles
    from ${roleAssignment} r join institution i on i.id = r.institution_id
    where r.person_id = ${personId} and (r.valid_until is null or r.valid_until > ${now.toISOString()}::timestamptz)
    group by i.id, i.slug order by i.slug`);
  return [...rows];
}

export async function findAccount(tx: Tx, loginName: string): Promise<StaffAccountRow | null> {
  const [found] = await tx
    .select()
    .from(staffAccount)
    .where(eq(staffAccount.loginName, loginName))
    .for("update");
  return found ?? null;
}

export async function findAccountByPerson(
  tx: Tx,
  personId: string,
): Promise<StaffAccountRow | null> {
  const [found] = await tx
    .select()
    .from(staffAccount)
    .where(eq(staffAccount.personId, personId))
    .for("update");
  return found ?? null;
}

export async function updateAccount(
  tx: Tx,
  personId: string,
  change: Partial<typeof staffAccount.$inferInsert>,
): Promise<void> {
  await tx.update(staffAccount).set(change).where(eq(staffAccount.personId, personId));
}

export async function insertChallenge(
  tx: Tx,
  row: typeof authChallenge.$inferInsert,
): Promise<string> {
  const [created] = await tx.insert(authChallenge).values(row).returning({ id: authChallenge.id });
  return created!.id;
}

export async function findChallenge(
  tx: Tx,
  id: string,
  now: Date,
): Promise<typeof authChallenge.$inferSelect | null> {
  const [found] = await tx
    .select()
    .from(authChallenge)
    .where(and(eq(authChallenge.id, id), gt(authChallenge.expiresAt, now)));
  return found ?? null;
}

/** Take a challenge: it is good once. */
export async function takeChallenge(
  tx: Tx,
  id: string,
  now: Date,
): Promise<typeof authChallenge.$inferSelect | null> {
  const [taken] = await tx
    .delete(authChallenge)
    .where(and(eq(authChallenge.id, id), gt(authChallenge.expiresAt, now)))
    .returning();
  return taken ?? null;
}

/** Patients whose pages a phone may open. */
export async function findPatientsOfPhone(
  tx: Tx,
  phoneIndex: Buffer,
): Promise<{ patientId: string; relation: string; isPerson: boolean }[]> {
  // Every registration of each person; the one under which he goes on comes first and is the one shown.
  const rows = await tx.execute<{ patient_id: string; relation: string; is_person: boolean }>(sql`
    select distinct on (o.id) o.id as patient_id, c.relation, o.id = app.person_of(o.id) as is_person
    from ${patientContact} c cross join lateral unnest(app.same_person(c.patient_id)) o(id)
    where c.phone_index = ${phoneIndex} and c.may_sign_in
    order by o.id, (c.relation = 'self') desc, (c.relation = 'guardian') desc, c.created_at`);
  return rows
    .map((row) => ({
      patientId: row.patient_id,
      relation: row.relation,
      isPerson: row.is_person,
    }))
    .toSorted((a, b) => Number(b.isPerson) - Number(a.isPerson));
}

export async function findPhoneCode(tx: Tx, phoneIndex: Buffer) {
  const [found] = await tx
    .select()
    .from(phoneCode)
    .where(eq(phoneCode.phoneIndex, phoneIndex))
    .for("update");
  return found ?? null;
}

export async function savePhoneCode(tx: Tx, row: typeof phoneCode.$inferInsert): Promise<void> {
  await tx
    .insert(phoneCode)
    .values(row)
    .onConflictDoUpdate({ target: phoneCode.phoneIndex, set: row });
}

export async function countPhoneCodeAttempt(tx: Tx, phoneIndex: Buffer): Promise<void> {
  await tx
    .update(phoneCode)
    .set({ attempts: sql`${phoneCode.attempts} + 1` })
    .where(eq(phoneCode.phoneIndex, phoneIndex));
}

/** A code is good once; the row stays for the day's counts. */
export async function spendPhoneCode(tx: Tx, phoneIndex: Buffer, now: Date): Promise<void> {
  await tx
    .update(phoneCode)
    .set({ expiresAt: now, attempts: 0 })
    .where(eq(phoneCode.phoneIndex, phoneIndex));
}

/** Demo people need no second factor while the demo is on; everyone else may do nothing before one is set up. */
export async function hasSecondFactor(tx: Tx, personId: string, demo: boolean): Promise<boolean> {
  const rows = await tx.execute(sql`
    select 1 from ${person} p left join ${staffAccount} a on a.person_id = p.id
    where p.id = ${personId} and ((p.demo and ${demo}) or a.totp_confirmed_at is not null
      or exists (select 1 from ${passkey} k where k.person_id = p.id))`);
  return rows.length > 0;
}

export async function findPerson(
  tx: Tx,
  personId: string,
): Promise<typeof person.$inferSelect | null> {
  const [found] = await tx.select().from(person).where(eq(person.id, personId));
  return found ?? null;
}

export async function setChallenge(tx: Tx, id: string, challenge: string): Promise<void> {
  await tx.update(authChallenge).set({ challenge }).where(eq(authChallenge.id, id));
}
