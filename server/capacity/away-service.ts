/** Who is away today, for clocks and desks: whoever is told must be there to hear it. */
import { and, eq, gte, isNull, lte, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { localDay } from "../patients/service.ts";
import type { AwayList } from "./contract.ts";
import { staffAbsence } from "./schema.ts";

export type Away = { personId: string; fromDay: string; toDay: string; coveredBy: string | null };

/**
 * Of some people of a house, who is there today; whoever stands in for one who is away is there in his place.
 * @param people ids, for example of all who hold a permission
 */
export async function whoIsThere(
  tx: Tx,
  institutionId: string,
  people: readonly string[],
  now: Date,
): Promise<{ there: string[]; away: Away[] }> {
  if (people.length === 0) return { there: [], away: [] };
  const [house] = await findInstitutions(tx, [institutionId]);
  const today = localDay(now, house?.timeZone);
  const rows = await tx
    .select({
      personId: staffAbsence.personId,
      fromDay: staffAbsence.fromDay,
      toDay: staffAbsence.toDay,
      coveredBy: staffAbsence.coveredBy,
    })
    .from(staffAbsence)
    .where(
      and(
        eq(staffAbsence.institutionId, institutionId),
        isNull(staffAbsence.cancelledAt),
        lte(staffAbsence.fromDay, today),
        gte(staffAbsence.toDay, today),
      ),
    );
  const gone = new Set(rows.map((row) => row.personId));
  const away = rows.filter((row) => people.includes(row.personId));
  const standIns = away.flatMap((row) =>
    row.coveredBy && !gone.has(row.coveredBy) ? [row.coveredBy] : [],
  );
  return {
    there: [...new Set([...people.filter((id) => !gone.has(id)), ...standIns])],
    away,
  };
}

export type DepartmentAbsence = {
  departmentId: string;
  personId: string;
  person: string;
  fromDay: string;
  toDay: string;
  coveredById: string | null;
  coveredBy: string | null;
  /** How many work in the department, and how many of them are away today. */
  here: number;
  away: number;
};

/** Who of some departments is away today and who stands in; of houses that the reader is allied with. */
export async function absencesOf(
  tx: Tx,
  departmentIds: readonly string[],
  now: Date,
): Promise<DepartmentAbsence[]> {
  if (departmentIds.length === 0) return [];
  const ids = sql.join(
    departmentIds.map((id) => sql`${id}::uuid`),
    sql`, `,
  );
  const rows = await tx.execute<DepartmentAbsence>(
    sql`select department_id as "departmentId", person_id as "personId", person_name as person, from_day::text as "fromDay", to_day::text as "toDay",
      covered_by_id as "coveredById", covered_by_name as "coveredBy", here, away from app.absences_of(array[${ids}], ${now.toISOString()}::timestamptz)`,
  );
  return [...rows];
}

/** For desks, and whoever refers: days and who stands in, no reason. @throws DomainError `permission.denied` */
export async function listAway(
  { tx, actor, now }: Work<StaffActor>,
  departmentIds: readonly string[],
): Promise<AwayList> {
  if (
    !["referral.request", "referral.desk", "referral.ward", "capacity.view"].some((one) =>
      actor.permissions.has(one),
    )
  )
    throw new DomainError("permission.denied", { permission: "capacity.view" });
  return { absences: await absencesOf(tx, departmentIds, now) };
}
