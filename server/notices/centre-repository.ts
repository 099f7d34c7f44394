/** Queries of the notice centre: what was told to a person or in a house, and what is held. */
import { and, desc, eq, gte, inArray, isNull, lt, lte, ne, type SQL, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import type { NoticeRow } from "./repository.ts";
import { notice, noticePolicy, staffQuiet } from "./schema.ts";

export type Addressee = {
  personId: string;
  institutionId: string | null;
  timeZone: string | null;
  quietFrom: number;
  quietTo: number;
  digestMinutes: number[];
  urgency: string | null;
};

/** Where each is told, and when he is not to be rung. */
export async function findAddressees(
  tx: Tx,
  thing: { entityType: string; entityId: string },
  people: readonly string[],
  now: Date,
): Promise<Addressee[]> {
  const ids = sql.join(
    people.map((id) => sql`${id}::uuid`),
    sql`, `,
  );
  const rows = await tx.execute<Addressee>(
    sql`select person_id as "personId", institution_id as "institutionId", time_zone as "timeZone", quiet_from as "quietFrom", quiet_to as "quietTo",
      digest_minutes as "digestMinutes", urgency from app.notice_addressees(${thing.entityType}, ${thing.entityId}, array[${ids}], ${now.toISOString()}::timestamptz)`,
  );
  return [...rows];
}

/** When a patient's telephone is left alone, at the place that looks after him. */
export async function findPatientQuiet(
  tx: Tx,
  patientId: string,
  now: Date,
): Promise<{ timeZone: string; fromMinute: number; toMinute: number } | null> {
  const [row] = await tx.execute<{ timeZone: string; fromMinute: number; toMinute: number }>(
    sql`select time_zone as "timeZone", quiet_from as "fromMinute", quiet_to as "toMinute" from app.patient_quiet(${patientId}::uuid, ${now.toISOString()}::timestamptz)`,
  );
  return row ?? null;
}

export type CentreFilter = {
  /** Whose: the reader's own, or everybody's of the house. */
  of: { personId: string } | { institutionId: string };
  since: Date;
  until: Date | null;
  unacknowledged: boolean;
  kinds: readonly string[] | null;
  /** Beginning of a referral's or consult's number. */
  number: string | null;
  limit: number;
};

/** Newest first, one row of each thing that was told: in a house many were told the same. */
export async function findTold(
  tx: Tx,
  filter: CentreFilter,
): Promise<(NoticeRow & { toldTo: number })[]> {
  const where: SQL[] = [gte(notice.at, filter.since)];
  if ("personId" in filter.of) where.push(eq(notice.personId, filter.of.personId));
  // What went into somebody's message of counts is seen there; in a house each thing is one row.
  else
    where.push(
      eq(notice.institutionId, filter.of.institutionId),
      isNull(notice.digestId),
      ne(notice.kind, "digest"),
    );
  if (filter.until) where.push(lt(notice.at, filter.until));
  if (filter.unacknowledged) where.push(isNull(notice.ackAt));
  const words: SQL[] = [];
  if (filter.kinds)
    words.push(filter.kinds.length > 0 ? inArray(notice.kind, [...filter.kinds]) : sql`false`);
  if (filter.number) words.push(sql`${notice.detail} ->> 'number' ilike ${`%${filter.number}%`}`);
  if (words.length > 0) where.push(sql`(${sql.join(words, sql` or `)})`);
  const once = tx
    .selectDistinctOn([notice.entityId, notice.kind, notice.dedupeKey], {
      id: notice.id,
      toldTo:
        sql<number>`count(*) over (partition by ${notice.entityId}, ${notice.kind}, ${notice.dedupeKey})::int`.as(
          "told_to",
        ),
    })
    .from(notice)
    .where(and(...where))
    .orderBy(notice.entityId, notice.kind, notice.dedupeKey, notice.id)
    .as("once");
  const rows = await tx
    .select({ row: notice, toldTo: once.toldTo })
    .from(once)
    .innerJoin(notice, eq(notice.id, once.id))
    .orderBy(desc(notice.at), desc(notice.id))
    .limit(filter.limit);
  return rows.map(({ row, toldTo }) => ({ ...row, toldTo }));
}

/** How many of the own are new and not held. */
export async function countFresh(tx: Tx, personId: string): Promise<number> {
  const [row] = await tx
    .select({ n: sql<number>`count(*)::int` })
    .from(notice)
    .where(
      and(
        eq(notice.personId, personId),
        isNull(notice.readAt),
        isNull(notice.digestId),
        sql`(${notice.heldUntil} is null or ${notice.releasedAt} is not null)`,
      ),
    );
  return row?.n ?? 0;
}

/** One that the reader may see. */
export async function findOne(tx: Tx, id: string): Promise<NoticeRow | null> {
  const [row] = await tx.select().from(notice).where(eq(notice.id, id));
  return row ?? null;
}

/** @returns the row as it stands; null when it is nobody's of this house */
export async function acknowledge(tx: Tx, id: string, now: Date): Promise<NoticeRow | null> {
  const rows = await tx.execute<{ id: string }>(
    sql`select id from app.acknowledge_notice(${id}::uuid, ${now.toISOString()}::timestamptz)`,
  );
  if (rows.length === 0) return null;
  const [row] = await tx.select().from(notice).where(eq(notice.id, id));
  return row ?? null;
}

/** One process at a time releases, so that what is gathered for a person becomes one message. Until the transaction ends. */
export async function takeTurn(tx: Tx): Promise<boolean> {
  const [row] = await tx.execute<{ mine: boolean }>(
    sql`select pg_try_advisory_xact_lock(hashtext('notices:release')) as mine`,
  );
  return row?.mine ?? false;
}

/** Held notices whose time has come and that no other process is at. */
export async function takeReleased(tx: Tx, now: Date, limit: number): Promise<NoticeRow[]> {
  return tx
    .select()
    .from(notice)
    .where(and(lte(notice.heldUntil, now), isNull(notice.releasedAt)))
    .orderBy(notice.personId, notice.heldUntil, notice.id)
    .limit(limit)
    .for("update", { skipLocked: true });
}

export async function markReleased(
  tx: Tx,
  ids: readonly string[],
  releasedAt: Date,
  digestId: string | null,
): Promise<void> {
  await tx
    .update(notice)
    .set({ releasedAt, ...(digestId ? { digestId } : {}) })
    .where(inArray(notice.id, [...ids]));
}

export async function insertDigest(
  tx: Tx,
  row: typeof notice.$inferInsert,
): Promise<{ id: string; detail: unknown } | null> {
  const rows = await tx
    .insert(notice)
    .values(row)
    .onConflictDoNothing()
    .returning({ id: notice.id, detail: notice.detail });
  return rows[0] ?? null;
}

/** What is older than its house keeps it. @returns how many went */
export async function deleteOld(tx: Tx, now: Date, defaultDays: number): Promise<number> {
  const gone = await tx.execute(sql`
    delete from notice n where n.at < ${now.toISOString()}::timestamptz - make_interval(days => coalesce((select p.kept_days from notice_policy p
      where p.institution_id = n.institution_id and p.valid_from <= ${now.toISOString()}::timestamptz::date order by p.valid_from desc limit 1), ${defaultDays})::int)
      and (n.held_until is null or n.released_at is not null)`);
  return gone.count;
}

export type QuietRow = typeof staffQuiet.$inferSelect;
export async function findQuiet(tx: Tx, personId: string): Promise<QuietRow | null> {
  const [row] = await tx.select().from(staffQuiet).where(eq(staffQuiet.personId, personId));
  return row ?? null;
}
export async function saveQuiet(tx: Tx, row: typeof staffQuiet.$inferInsert): Promise<void> {
  const { personId: _own, ...change } = row;
  await tx
    .insert(staffQuiet)
    .values(row)
    .onConflictDoUpdate({ target: staffQuiet.personId, set: change });
}

export type NoticePolicyRow = typeof noticePolicy.$inferSelect;
export async function findPolicies(tx: Tx, institutionId: string): Promise<NoticePolicyRow[]> {
  return tx
    .select()
    .from(noticePolicy)
    .where(eq(noticePolicy.institutionId, institutionId))
    .orderBy(desc(noticePolicy.validFrom));
}
/** The row that counts on a day; null: the product's own numbers. */
export async function findPolicyOn(
  tx: Tx,
  institutionId: string,
  day: string,
): Promise<NoticePolicyRow | null> {
  const [row] = await tx
    .select()
    .from(noticePolicy)
    .where(and(eq(noticePolicy.institutionId, institutionId), lte(noticePolicy.validFrom, day)))
    .orderBy(desc(noticePolicy.validFrom))
    .limit(1);
  return row ?? null;
}
/** @returns false when that day has a row */
export async function insertPolicy(
  tx: Tx,
  row: typeof noticePolicy.$inferInsert,
): Promise<boolean> {
  return (await tx.insert(noticePolicy).values(row).onConflictDoNothing()).count > 0;
}
