import { and, eq, inArray, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { agreement, holiday, institution, workingHours } from "./schema.ts";

export type InstitutionRow = typeof institution.$inferSelect & {
  name: string;
  nameBo: string | null;
  nameEn: string | null;
};

/** Institutions with their first name in each language. */
export async function findInstitutions(tx: Tx, ids?: readonly string[]): Promise<InstitutionRow[]> {
  const name = (language: string) =>
    sql<
      string | null
    >`(select n.name from institution_name n where n.institution_id = ${institution.id} and n.language = ${language} order by n.position limit 1)`;
  const rows = await tx
    .select({ row: institution, zh: name("zh-CN"), bo: name("bo"), en: name("en") })
    .from(institution)
    .where(ids ? (ids.length > 0 ? inArray(institution.id, [...ids]) : sql`false`) : undefined)
    .orderBy(institution.slug);
  return rows.map(({ row, zh, bo, en }) => ({
    ...row,
    name: zh ?? row.slug,
    nameBo: bo,
    nameEn: en,
  }));
}

/** The agreement under which one institution may invite the other on a day; null without a valid one. */
export async function findAgreement(
  tx: Tx,
  invitingId: string,
  invitedId: string,
  day: string,
): Promise<typeof agreement.$inferSelect | null> {
  const [found] = await tx
    .select()
    .from(agreement)
    .where(
      and(
        eq(agreement.invitingInstitutionId, invitingId),
        eq(agreement.invitedInstitutionId, invitedId),
      ),
    );
  if (!found || found.signedOn > day || (found.validUntil !== null && found.validUntil < day))
    return null;
  return found;
}

export async function findAgreementsOf(
  tx: Tx,
  invitingId: string,
): Promise<(typeof agreement.$inferSelect)[]> {
  return tx.select().from(agreement).where(eq(agreement.invitingInstitutionId, invitingId));
}

/** Whom an institution usually asks: the highest level it has a valid agreement with; null without any. */
export async function findUsualInvited(
  tx: Tx,
  invitingId: string,
  day: string,
): Promise<string | null> {
  const [found] = await tx
    .select({ id: institution.id })
    .from(agreement)
    .innerJoin(institution, eq(institution.id, agreement.invitedInstitutionId))
    .where(
      and(
        eq(agreement.invitingInstitutionId, invitingId),
        sql`${agreement.signedOn} <= ${day} and coalesce(${agreement.validUntil} >= ${day}, true)`,
      ),
    )
    // The enum's order is the order of levels, tertiary first.
    .orderBy(institution.level, institution.slug)
    .limit(1);
  return found?.id ?? null;
}

export type Calendar = {
  institutionId: string;
  timeZone: string;
  hours: { weekday: number; startMinute: number; endMinute: number }[];
  holidays: { day: string; name: string; nameBo: string | null; nameEn: string | null }[];
};

/** Working hours and holidays of an institution between two local days (inclusive). */
export async function findCalendar(
  tx: Tx,
  institutionId: string,
  fromDay: string,
  toDay: string,
): Promise<Calendar> {
  const [row] = await tx.select().from(institution).where(eq(institution.id, institutionId));
  const hours = await tx
    .select()
    .from(workingHours)
    .where(eq(workingHours.institutionId, institutionId));
  // `CN-54` keeps the national days of `CN` and its own.
  const calendars = row ? [row.holidayCalendar, row.holidayCalendar.split("-")[0]!] : [];
  const holidays = calendars.length
    ? await tx
        .select()
        .from(holiday)
        .where(
          and(
            inArray(holiday.calendar, calendars),
            sql`${holiday.day} between ${fromDay} and ${toDay}`,
          ),
        )
    : [];
  return { institutionId, timeZone: row?.timeZone ?? "Asia/Shanghai", hours, holidays };
}
