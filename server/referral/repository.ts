/** Rows of episodes, referrals and follow-ups. Queries only. */
import {
  and,
  asc,
  desc,
  eq,
  inArray,
  isNotNull,
  ne,
  notInArray,
  or,
  type SQL,
  sql,
} from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { person } from "../identity/schema.ts";
import { ofPeople, ofPerson } from "../patients/service.ts";
import {
  episode,
  pathway,
  pathwayCriterion,
  referral,
  referralConsent,
  referralMessage,
  referralPolicy,
  referralStep,
} from "./schema.ts";
import { endedReferralStates } from "./states.ts";

export type EpisodeRow = typeof episode.$inferSelect;
export type ReferralRow = typeof referral.$inferSelect;
export type ReferralConsentRow = typeof referralConsent.$inferSelect;
export type StepRow = typeof referralStep.$inferSelect;

const numbered = (prefix: string, sequence: string, day: string) =>
  sql<string>`${`${prefix}${day.replaceAll("-", "")}`} || lpad(nextval(${sequence})::text, 5, '0')`;

export async function insertEpisode(
  tx: Tx,
  row: Omit<typeof episode.$inferInsert, "number">,
  day: string,
): Promise<EpisodeRow> {
  const [created] = await tx
    .insert(episode)
    .values({ ...row, number: numbered("BC", "episode_number", day) })
    .returning();
  return created!;
}

export async function findEpisode(tx: Tx, id: string): Promise<EpisodeRow | null> {
  const [found] = await tx.select().from(episode).where(eq(episode.id, id));
  return found ?? null;
}

export async function findEpisodesOf(tx: Tx, patientIds: readonly string[]): Promise<EpisodeRow[]> {
  if (patientIds.length === 0) return [];
  return tx
    .select()
    .from(episode)
    .where(ofPeople(episode.patientId, patientIds))
    .orderBy(desc(episode.openedAt));
}

/** Change an episode that is still at `version`; null when someone else was first. */
export async function updateEpisode(
  tx: Tx,
  id: string,
  version: number,
  change: Partial<typeof episode.$inferInsert>,
): Promise<EpisodeRow | null> {
  const [changed] = await tx
    .update(episode)
    .set({ ...change, version: version + 1 })
    .where(and(eq(episode.id, id), eq(episode.version, version)))
    .returning();
  return changed ?? null;
}

export async function insertReferral(
  tx: Tx,
  row: Omit<typeof referral.$inferInsert, "number">,
  day: string,
): Promise<ReferralRow> {
  const [created] = await tx
    .insert(referral)
    .values({ ...row, number: numbered("ZZ", "referral_number", day) })
    .returning();
  return created!;
}

export async function findReferral(tx: Tx, id: string): Promise<ReferralRow | null> {
  const [found] = await tx.select().from(referral).where(eq(referral.id, id));
  return found ?? null;
}

/** Change a referral that is still at `version`; null when someone else was first. */
export async function updateReferral(
  tx: Tx,
  id: string,
  version: number,
  change: Partial<typeof referral.$inferInsert>,
): Promise<ReferralRow | null> {
  const [changed] = await tx
    .update(referral)
    .set({ ...change, version: version + 1 })
    .where(and(eq(referral.id, id), eq(referral.version, version)))
    .returning();
  return changed ?? null;
}

/** Whom an alarm has told: no change that a page has to know of. */
export async function setEscalation(tx: Tx, id: string, level: number): Promise<void> {
  await tx.update(referral).set({ escalationLevel: level }).where(eq(referral.id, id));
}

export async function findReferralsOf(
  tx: Tx,
  which: { episodeIds?: readonly string[]; patientId?: string },
): Promise<ReferralRow[]> {
  const conditions: SQL[] = [];
  if (which.episodeIds) {
    if (which.episodeIds.length === 0) return [];
    conditions.push(inArray(referral.episodeId, [...which.episodeIds]));
  }
  if (which.patientId) conditions.push(ofPerson(referral.patientId, which.patientId));
  return tx
    .select()
    .from(referral)
    .where(and(...conditions))
    .orderBy(asc(referral.createdAt));
}

/** What is open of a patient towards a department: whoever types sees it before he sends. */
export async function findOpenTowards(
  tx: Tx,
  patientId: string,
  direction: ReferralRow["direction"],
): Promise<ReferralRow[]> {
  return tx
    .select()
    .from(referral)
    .where(
      and(
        ofPerson(referral.patientId, patientId),
        eq(referral.direction, direction),
        // Who is home again may go up again.
        notInArray(referral.state, [
          ...endedReferralStates,
          "returned",
          "advised",
          "sent-down",
          "continued-in-community",
        ]),
      ),
    )
    .orderBy(desc(referral.updatedAt));
}

/** What a list shows of a referral; whole rows carry a dozen long texts that no list reads. */
const summaryColumns = {
  id: referral.id,
  number: referral.number,
  episodeId: referral.episodeId,
  patientId: referral.patientId,
  direction: referral.direction,
  urgency: referral.urgency,
  state: referral.state,
  version: referral.version,
  fromInstitutionId: referral.fromInstitutionId,
  toInstitutionId: referral.toInstitutionId,
  toDepartmentId: referral.toDepartmentId,
  requesterId: referral.requesterId,
  requesterPhone: referral.requesterPhone,
  reason: referral.reason,
  impression: referral.impression,
  criteria: referral.criteria,
  respondBy: referral.respondBy,
  heldUntil: referral.heldUntil,
  escalationLevel: referral.escalationLevel,
  submittedAt: referral.submittedAt,
  updatedAt: referral.updatedAt,
  outcome: referral.outcome,
  outcomeReadAt: referral.outcomeReadAt,
} as const;
export type SummaryRow = Pick<ReferralRow, keyof typeof summaryColumns>;

/** Urgency first, then the clock that ends soonest: the very words of the index `referral_queue`. */
const byClock = sql`array_position(array['emergency','urgent','routine']::referral_urgency[], ${referral.urgency}),
  case when ${referral.state} = 'submitted' then ${referral.respondBy} else ${referral.heldUntil} end nulls last, ${referral.submittedAt}`;
/** As words, not as parameters: a plan that is made for any parameter could not use an index that holds these states alone. */
const inDeskState = sql`${referral.state} in ('submitted', 'more-info-asked', 'accepted', 'booked', 'on-the-way', 'no-show', 'cancel-asked')`;
const wardStates = ["arrived", "admitted", "ready-for-down", "sent-down"] as const;

export type ListScope = "desk" | "ward" | "sent";
/** The desk's queue; who lies here by referral and what came home; what this house sent and is not over. */
const inScope = (scope: ListScope, institutionId: string): SQL | undefined =>
  ({
    desk: and(
      eq(referral.toInstitutionId, institutionId),
      isNotNull(referral.submittedAt),
      inDeskState,
    ),
    ward: and(
      eq(referral.toInstitutionId, institutionId),
      isNotNull(referral.submittedAt),
      inArray(referral.state, [...wardStates, "continued-in-community"]),
    ),
    sent: and(
      eq(referral.fromInstitutionId, institutionId),
      or(
        notInArray(referral.state, [...endedReferralStates]),
        and(isNotNull(referral.outcome), sql`${referral.outcomeReadAt} is null`),
      ),
    ),
  })[scope];

/** Number of the referral, or a part of the name as far as the reader may see it. */
const named = (search: string): SQL => {
  const like = `%${search.replace(/[\\%_]/g, "\\$&")}%`;
  return sql`(${referral.number} ilike ${like} or exists (select 1 from patient p where p.id = ${referral.patientId}
    and (p.full_name ilike ${like} or p.full_name_bo ilike ${like})))`;
};

/**
 * A list of a house, its most pressing first, and how long it is in all.
 * @param which.search number or a part of a name; null: everything
 */
export async function listOf(
  tx: Tx,
  scope: ListScope,
  institutionId: string,
  which: { limit: number; search: string | null },
): Promise<{ rows: SummaryRow[]; total: number }> {
  const where = and(
    inScope(scope, institutionId),
    which.search === null ? undefined : named(which.search),
  );
  const order = scope === "desk" ? byClock : desc(referral.updatedAt);
  // Those that are shown come from an index in its order; how many there are is counted over that index alone.
  const all = tx.select({ count: sql<string>`count(*)` }).from(referral).where(where);
  const rows = await tx
    .select({ row: summaryColumns, total: sql<string>`(${all})`.as("total") })
    .from(referral)
    .where(where)
    .orderBy(order)
    .limit(which.limit);
  return { rows: rows.map(({ row }) => row), total: Number(rows[0]?.total ?? 0) };
}

export async function insertStep(tx: Tx, row: typeof referralStep.$inferInsert): Promise<void> {
  await tx.insert(referralStep).values(row);
}

export async function findSteps(tx: Tx, referralIds: readonly string[]): Promise<StepRow[]> {
  if (referralIds.length === 0) return [];
  return tx
    .select()
    .from(referralStep)
    .where(inArray(referralStep.referralId, [...referralIds]))
    .orderBy(asc(referralStep.id));
}

export async function insertMessage(
  tx: Tx,
  row: typeof referralMessage.$inferInsert,
): Promise<void> {
  await tx.insert(referralMessage).values(row);
}

export async function findMessages(tx: Tx, referralId: string) {
  return tx
    .select({ row: referralMessage, name: person.name })
    .from(referralMessage)
    .innerJoin(person, eq(person.id, referralMessage.byPersonId))
    .where(eq(referralMessage.referralId, referralId))
    .orderBy(asc(referralMessage.at), asc(referralMessage.id));
}

export async function insertConsent(
  tx: Tx,
  row: typeof referralConsent.$inferInsert,
): Promise<ReferralConsentRow> {
  const [created] = await tx.insert(referralConsent).values(row).returning();
  return created!;
}

export async function findConsents(tx: Tx, episodeId: string): Promise<ReferralConsentRow[]> {
  return tx
    .select()
    .from(referralConsent)
    .where(eq(referralConsent.episodeId, episodeId))
    .orderBy(asc(referralConsent.recordedAt), asc(referralConsent.id));
}

export async function withdrawConsents(
  tx: Tx,
  episodeId: string,
  recipientId: string,
  now: Date,
): Promise<number> {
  const rows = await tx
    .update(referralConsent)
    .set({ withdrawnAt: now })
    .where(
      and(
        eq(referralConsent.episodeId, episodeId),
        eq(referralConsent.recipientInstitutionId, recipientId),
        eq(referralConsent.given, true),
        sql`${referralConsent.withdrawnAt} is null`,
      ),
    )
    .returning({ id: referralConsent.id });
  return rows.length;
}

/** The newest row that has begun on a day; null: the defaults count. */
export async function findPolicyRow(tx: Tx, institutionId: string, day: string) {
  const [row] = await tx
    .select()
    .from(referralPolicy)
    .where(
      and(
        eq(referralPolicy.institutionId, institutionId),
        sql`${referralPolicy.validFrom} <= ${day}`,
      ),
    )
    .orderBy(desc(referralPolicy.validFrom))
    .limit(1);
  return row ?? null;
}

/** Ways that count on a day, with their criteria; those of an alliance only for its members. */
export async function findPathways(
  tx: Tx,
  which: {
    direction: ReferralRow["direction"];
    institutionId: string;
    day: string;
    /** This one too, though it may be over or of others: a referral was written by it. */
    also?: string | undefined;
  },
) {
  const ways = await tx
    .select()
    .from(pathway)
    .where(
      and(
        eq(pathway.direction, which.direction),
        sql`((${pathway.validFrom} <= ${which.day} and coalesce(${pathway.validUntil} > ${which.day}, true)
          and (${pathway.allianceId} is null or exists (select 1 from alliance_member m where m.alliance_id = ${pathway.allianceId} and m.institution_id = ${which.institutionId})))
          or ${pathway.id} = ${which.also ?? null}::uuid)`,
      ),
    )
    .orderBy(asc(pathway.code));
  const criteria = ways.length
    ? await tx
        .select()
        .from(pathwayCriterion)
        .where(
          inArray(
            pathwayCriterion.pathwayId,
            ways.map((one) => one.id),
          ),
        )
        .orderBy(asc(pathwayCriterion.position))
    : [];
  return ways.map((way) => ({
    ...way,
    criteria: criteria.filter((one) => one.pathwayId === way.id),
  }));
}

/** Whom a way has asked already, oldest first. */
export async function findWay(
  tx: Tx,
  referralId: string,
): Promise<{ institutionId: string; departmentId: string | null }[]> {
  const rows = await tx.execute<{ institution_id: string; department_id: string | null }>(
    sql`select institution_id, department_id from app.referral_way(${referralId})`,
  );
  return rows.map((row) => ({
    institutionId: row.institution_id,
    departmentId: row.department_id,
  }));
}

/** Whether another installation's house wrote it. The table is of referrals outside, which know of this one. */
export async function cameFromOutside(tx: Tx, referralId: string): Promise<boolean> {
  const [row] = await tx.execute<{ outside: boolean }>(
    sql`select app.referral_from_outside(${referralId}) as outside`,
  );
  return row?.outside === true;
}

/** A further draft of the first house towards another one. @returns its id; null when it may not be */
export async function passOn(
  tx: Tx,
  referralId: string,
  target: { institutionId: string; departmentId: string | null },
  at: { day: string; answerBy: Date; now: Date },
): Promise<string | null> {
  const [row] = await tx.execute<{ id: string | null }>(
    sql`select app.pass_referral_on(${referralId}, ${target.institutionId}, ${target.departmentId}::uuid, ${at.day}::date, ${at.answerBy.toISOString()}::timestamptz, ${at.now.toISOString()}::timestamptz) as id`,
  );
  return row?.id ?? null;
}

/** How much is open at each department, and how soon it answers. */
export async function findLoads(tx: Tx, institutionIds: readonly string[]) {
  const rows = await tx.execute<{
    institution_id: string;
    department_id: string | null;
    open: string;
    median_minutes: number | null;
  }>(sql`select * from app.open_referrals(${sql.param([...institutionIds])}::uuid[])`);
  return rows.map((row) => ({
    institutionId: row.institution_id,
    departmentId: row.department_id,
    open: Number(row.open),
    medianMinutes: row.median_minutes === null ? null : Math.round(row.median_minutes),
  }));
}

/** Earlier referrals of a patient that are over, newest first: what is known is filled in from them. */
export async function findLatestOf(tx: Tx, patientId: string): Promise<ReferralRow | null> {
  const [found] = await tx
    .select()
    .from(referral)
    .where(and(ofPerson(referral.patientId, patientId), ne(referral.state, "draft")))
    .orderBy(desc(referral.updatedAt))
    .limit(1);
  return found ?? null;
}

/** When the patients of these referrals are to be brought back. */
export async function findTriggers(
  tx: Tx,
  referralIds: readonly string[],
): Promise<Map<string, ReferralRow["returnTriggers"]>> {
  if (referralIds.length === 0) return new Map();
  const rows = await tx
    .select({ id: referral.id, triggers: referral.returnTriggers })
    .from(referral)
    .where(inArray(referral.id, [...referralIds]));
  return new Map(rows.map((row) => [row.id, row.triggers]));
}

/** Whom these referrals are about, as far as the reader's side of each may know. */
export type Subject = {
  id: string;
  fullName: string | null;
  fullNameBo: string | null;
  sex: string;
  birthDate: string | null;
};
export async function findSubjects(tx: Tx, referralIds: readonly string[]): Promise<Subject[]> {
  if (referralIds.length === 0) return [];
  const rows = await tx.execute<{
    id: string;
    full_name: string | null;
    full_name_bo: string | null;
    sex: string;
    birth_date: string | null;
  }>(
    sql`select id, full_name, full_name_bo, sex, birth_date::text from app.referral_subjects(${sql.param([...referralIds])}::uuid[])`,
  );
  return rows.map((row) => ({
    id: row.id,
    fullName: row.full_name,
    fullNameBo: row.full_name_bo,
    sex: row.sex,
    birthDate: row.birth_date,
  }));
}
