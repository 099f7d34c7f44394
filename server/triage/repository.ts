import { and, desc, eq, gt, inArray, isNull, lte, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { ofPeople } from "../patients/service.ts";
import type { Facts } from "./facts.ts";
import type { TriageCheckAnswer, TriageOutcome, TriageUrgency } from "./outcomes.ts";
import { triageAssessment, triageOverrule, triageRuleSet } from "./schema.ts";

export type RuleSetRow = typeof triageRuleSet.$inferSelect;
export type AssessmentRow = typeof triageAssessment.$inferSelect;
export type OverruleRow = typeof triageOverrule.$inferSelect;

const first = <Row>(rows: Row[]): Row | null => rows[0] ?? null;

/** The version that counts on a day: the region's own before the alliance's. */
export async function findSetOn(
  tx: Tx,
  regions: readonly string[],
  day: string,
): Promise<RuleSetRow | null> {
  const rows = await tx
    .select()
    .from(triageRuleSet)
    .where(
      and(
        inArray(triageRuleSet.region, [...regions]),
        eq(triageRuleSet.state, "published"),
        lte(triageRuleSet.validFrom, day),
      ),
    )
    .orderBy(
      sql`${triageRuleSet.region} = 'CN'`,
      desc(triageRuleSet.validFrom),
      desc(triageRuleSet.version),
    )
    .limit(1);
  return first(rows);
}
export const findSet = async (tx: Tx, id: string): Promise<RuleSetRow | null> =>
  first(await tx.select().from(triageRuleSet).where(eq(triageRuleSet.id, id)));
export const findSets = (tx: Tx): Promise<RuleSetRow[]> =>
  tx.select().from(triageRuleSet).orderBy(triageRuleSet.region, desc(triageRuleSet.version));

export async function insertSet(
  tx: Tx,
  row: Omit<typeof triageRuleSet.$inferInsert, "version"> & { version?: number },
): Promise<RuleSetRow> {
  const version =
    row.version ??
    sql<number>`(select coalesce(max(s.version), 0) + 1 from triage_rule_set s where s.region = ${row.region})`;
  return (
    await tx
      .insert(triageRuleSet)
      .values({ ...row, version: version as number })
      .returning()
  )[0]!;
}
export const updateDraft = async (
  tx: Tx,
  id: string,
  change: Pick<RuleSetRow, "content" | "note" | "validFrom">,
): Promise<RuleSetRow | null> =>
  first(
    await tx
      .update(triageRuleSet)
      .set(change)
      .where(and(eq(triageRuleSet.id, id), eq(triageRuleSet.state, "draft")))
      .returning(),
  );
export const publishSet = async (
  tx: Tx,
  id: string,
  publishedBy: string,
  publishedAt: Date,
): Promise<RuleSetRow | null> =>
  first(
    await tx
      .update(triageRuleSet)
      .set({ state: "published", publishedBy, publishedAt })
      .where(and(eq(triageRuleSet.id, id), eq(triageRuleSet.state, "draft")))
      .returning(),
  );

export async function insertAssessment(
  tx: Tx,
  row: typeof triageAssessment.$inferInsert,
): Promise<AssessmentRow> {
  return (await tx.insert(triageAssessment).values(row).returning())[0]!;
}
export const findAssessmentRow = async (tx: Tx, id: string): Promise<AssessmentRow | null> =>
  first(await tx.select().from(triageAssessment).where(eq(triageAssessment.id, id)));
export const findAssessmentsOf = (
  tx: Tx,
  patientIds: readonly string[],
  since: Date,
): Promise<AssessmentRow[]> =>
  patientIds.length === 0
    ? Promise.resolve([])
    : tx
        .select()
        .from(triageAssessment)
        .where(
          and(
            ofPeople(triageAssessment.patientId, patientIds),
            gt(triageAssessment.assessedAt, since),
          ),
        )
        .orderBy(desc(triageAssessment.assessedAt))
        .limit(50);
export const findOverrules = (tx: Tx, ids: readonly string[]): Promise<OverruleRow[]> =>
  ids.length === 0
    ? Promise.resolve([])
    : tx
        .select()
        .from(triageOverrule)
        .where(inArray(triageOverrule.assessmentId, [...ids]));

/** @returns null when somebody was faster */
export const insertOverrule = async (
  tx: Tx,
  row: typeof triageOverrule.$inferInsert,
): Promise<OverruleRow | null> =>
  first(await tx.insert(triageOverrule).values(row).onConflictDoNothing().returning());

/** @returns null when it was answered before */
export const answerCheck = async (
  tx: Tx,
  id: string,
  checkAnswer: TriageCheckAnswer,
  checkedAt: Date,
): Promise<AssessmentRow | null> =>
  first(
    await tx
      .update(triageAssessment)
      .set({ checkAnswer, checkedAt })
      .where(and(eq(triageAssessment.id, id), isNull(triageAssessment.checkedAt)))
      .returning(),
  );
/** Home advice whose day has gone by unasked, and since when. */
export const findDueChecks = (tx: Tx, now: Date, since: Date): Promise<AssessmentRow[]> =>
  tx
    .select()
    .from(triageAssessment)
    .where(
      and(
        lte(triageAssessment.checkDueAt, now),
        gt(triageAssessment.checkDueAt, since),
        isNull(triageAssessment.toldAt),
        isNull(triageAssessment.checkedAt),
      ),
    )
    .orderBy(triageAssessment.checkDueAt)
    .limit(200)
    .for("update", { skipLocked: true });
export const markTold = async (tx: Tx, id: string, toldAt: Date): Promise<void> => {
  await tx.update(triageAssessment).set({ toldAt }).where(eq(triageAssessment.id, id));
};

export const findPastCases = (
  tx: Tx,
  most: number,
): Promise<{ facts: Facts; outcome: TriageOutcome; urgency: TriageUrgency }[]> =>
  tx.execute(sql`select facts, outcome, urgency from app.triage_cases(${most})`);

export const countOverruled = (
  tx: Tx,
  since: Date,
): Promise<{ rule: string; fired: number; overruled: number }[]> =>
  tx.execute(
    sql`select rule, fired::int, overruled::int from app.triage_overruled(${since.toISOString()}) order by overruled desc, fired desc, rule`,
  );

export type StepRow = {
  departmentId: string;
  institutionId: string;
  name: string;
  nameEn: string | null;
  nameBo: string | null;
};
/**
 * Where the next visit can be booked: a department that holds clinics, of the specialty, the patient's own
 * institution first; then whatever sees everybody there.
 */
export async function findDepartmentFor(
  tx: Tx,
  input: {
    specialty: string | null;
    community: boolean;
    managingInstitutionId: string;
    ownInstitutionId: string | null;
  },
): Promise<StepRow | null> {
  const wanted = input.community ? "02" : (input.specialty ?? "02");
  const rows = await tx.execute<StepRow>(sql`
    select d.id as "departmentId", d.institution_id as "institutionId", d.name, d.name_en as "nameEn", d.name_bo as "nameBo"
    from department d join institution i on i.id = d.institution_id
    where exists (select 1 from clinic_schedule c where c.department_id = d.id and c.active and c.kind::text not in ('fever-clinic'))
      and d.specialty_code not in ('30', '50')
      and (d.specialty_code = ${wanted} or split_part(d.specialty_code, '.', 1) = split_part(${wanted}, '.', 1))
      and (not ${input.community} or i.level = 'primary')
    order by d.institution_id = ${input.ownInstitutionId ?? input.managingInstitutionId} desc,
      d.institution_id = ${input.managingInstitutionId} desc,
      d.specialty_code = ${wanted} desc,
      (${input.community} or i.level <> 'primary') desc, i.slug, d.name
    limit 1`);
  return first([...rows]);
}
