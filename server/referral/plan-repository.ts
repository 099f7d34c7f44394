/** Versions of an alliance's ways: queries only. */
import { and, asc, desc, eq, inArray, lte, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { alliance, allianceMember, department } from "../directory/schema.ts";
import type { ReferralUrgency } from "./domain.ts";
import type { PlanCase } from "./plan-domain.ts";
import { alliancePlan } from "./schema.ts";
import type { ReferralState } from "./states.ts";

export type PlanRow = typeof alliancePlan.$inferSelect;
const first = <Row>(rows: Row[]): Row | null => rows[0] ?? null;

/** Specialty alliances that a house is in. */
export const findAlliancesOf = (tx: Tx, institutionId: string) =>
  tx
    .select({
      id: alliance.id,
      name: alliance.name,
      nameEn: alliance.nameEn,
    })
    .from(alliance)
    .innerJoin(allianceMember, eq(allianceMember.allianceId, alliance.id))
    .where(and(eq(alliance.kind, "specialty"), eq(allianceMember.institutionId, institutionId)))
    .orderBy(asc(alliance.name));

export const findMembers = (tx: Tx, allianceIds: readonly string[]) =>
  allianceIds.length === 0
    ? Promise.resolve([])
    : tx
        .select()
        .from(allianceMember)
        .where(inArray(allianceMember.allianceId, [...allianceIds]));

export const findDepartmentsOf = (tx: Tx, institutionIds: readonly string[]) =>
  institutionIds.length === 0
    ? Promise.resolve([])
    : tx
        .select()
        .from(department)
        .where(inArray(department.institutionId, [...institutionIds]))
        .orderBy(asc(department.specialtyCode), asc(department.name));

export const findPlan = async (tx: Tx, id: string): Promise<PlanRow | null> =>
  first(await tx.select().from(alliancePlan).where(eq(alliancePlan.id, id)));

/** All versions of some alliances, newest first. */
export const findPlans = (tx: Tx, allianceIds: readonly string[]): Promise<PlanRow[]> =>
  allianceIds.length === 0
    ? Promise.resolve([])
    : tx
        .select()
        .from(alliancePlan)
        .where(inArray(alliancePlan.allianceId, [...allianceIds]))
        .orderBy(desc(alliancePlan.version));

/** The version that counts on a day. */
export const findPlanOn = async (
  tx: Tx,
  allianceId: string,
  day: string,
): Promise<PlanRow | null> =>
  first(
    await tx
      .select()
      .from(alliancePlan)
      .where(
        and(
          eq(alliancePlan.allianceId, allianceId),
          eq(alliancePlan.state, "published"),
          lte(alliancePlan.validFrom, day),
        ),
      )
      .orderBy(
        desc(alliancePlan.validFrom),
        sql`${alliancePlan.publishedAt} desc nulls last`,
        desc(alliancePlan.version),
      )
      .limit(1),
  );

/** The last day from which a published version counts. */
export const findLastDay = async (tx: Tx, allianceId: string): Promise<string | null> =>
  first(
    await tx
      .select({ day: sql<string | null>`max(${alliancePlan.validFrom})::text` })
      .from(alliancePlan)
      .where(and(eq(alliancePlan.allianceId, allianceId), eq(alliancePlan.state, "published"))),
  )?.day ?? null;

export async function insertPlan(
  tx: Tx,
  row: Omit<typeof alliancePlan.$inferInsert, "version">,
): Promise<PlanRow> {
  // Two who begin at once get two numbers.
  await tx.execute(sql`select pg_advisory_xact_lock(7105223, hashtext(${row.allianceId}))`);
  const version = sql<number>`(select coalesce(max(p.version), 0) + 1 from alliance_plan p where p.alliance_id = ${row.allianceId})`;
  return (
    await tx
      .insert(alliancePlan)
      .values({ ...row, version })
      .returning()
  )[0]!;
}

export const updateDraft = async (
  tx: Tx,
  id: string,
  change: Pick<PlanRow, "content" | "note" | "validFrom">,
): Promise<PlanRow | null> =>
  first(
    await tx
      .update(alliancePlan)
      .set(change)
      .where(and(eq(alliancePlan.id, id), eq(alliancePlan.state, "draft")))
      .returning(),
  );

/** @returns null when somebody was faster */
export const publishPlan = async (
  tx: Tx,
  id: string,
  change: Pick<PlanRow, "publishedBy" | "publishedAt" | "validFrom">,
): Promise<PlanRow | null> =>
  first(
    await tx
      .update(alliancePlan)
      .set({ ...change, state: "published" })
      .where(and(eq(alliancePlan.id, id), eq(alliancePlan.state, "draft")))
      .returning(),
  );

export type PastCase = PlanCase & { urgency: ReferralUrgency; state: ReferralState };
/** Past referrals of an alliance without their persons, newest first. */
export const findCases = (tx: Tx, allianceId: string, most: number): Promise<PastCase[]> =>
  tx.execute(sql`select * from app.alliance_cases(${allianceId}, ${most})`) as Promise<PastCase[]>;
