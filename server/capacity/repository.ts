import { and, asc, desc, eq, gte, inArray, isNull, type SQL, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { department } from "../directory/schema.ts";
import { person, role, roleAssignment } from "../identity/schema.ts";
import {
  bed,
  bedDisinfection,
  bedHold,
  bedStay,
  bedUnit,
  capacityPolicy,
  modeSwitch,
  modeSwitchTransfer,
  staffAbsence,
} from "./schema.ts";

export type UnitRow = typeof bedUnit.$inferSelect;
export type BedRow = typeof bed.$inferSelect;
export type HoldRow = typeof bedHold.$inferSelect;
export type StayRow = typeof bedStay.$inferSelect;
export type AbsenceRow = typeof staffAbsence.$inferSelect;
export type SwitchRow = typeof modeSwitch.$inferSelect;
export type TransferRow = typeof modeSwitchTransfer.$inferSelect;
export type DisinfectionRow = typeof bedDisinfection.$inferSelect;

export const findDepartments = (tx: Tx, institutionId: string) =>
  tx
    .select()
    .from(department)
    .where(eq(department.institutionId, institutionId))
    .orderBy(asc(department.slug));
export const findDepartmentsById = (tx: Tx, ids: readonly string[]) =>
  ids.length === 0
    ? Promise.resolve([])
    : tx
        .select()
        .from(department)
        .where(inArray(department.id, [...ids]));

export const findUnits = (tx: Tx, institutionId: string): Promise<UnitRow[]> =>
  tx
    .select()
    .from(bedUnit)
    .where(eq(bedUnit.institutionId, institutionId))
    .orderBy(asc(bedUnit.nameZh), asc(bedUnit.id));
export async function findUnit(tx: Tx, id: string): Promise<UnitRow | null> {
  return (await tx.select().from(bedUnit).where(eq(bedUnit.id, id)))[0] ?? null;
}
export async function findBed(tx: Tx, id: string): Promise<BedRow | null> {
  return (await tx.select().from(bed).where(eq(bed.id, id)))[0] ?? null;
}
/** As people count: 2 before 10. */
const byLabel = [sql`length(${bed.label})`, asc(bed.label)] as const;
export const findBeds = (tx: Tx, unitIds: readonly string[]): Promise<BedRow[]> =>
  unitIds.length === 0
    ? Promise.resolve([])
    : tx
        .select()
        .from(bed)
        .where(inArray(bed.unitId, [...unitIds]))
        .orderBy(...byLabel);
export const findOpenStays = (tx: Tx, unitIds: readonly string[]): Promise<StayRow[]> =>
  unitIds.length === 0
    ? Promise.resolve([])
    : tx
        .select()
        .from(bedStay)
        .where(and(inArray(bedStay.unitId, [...unitIds]), isNull(bedStay.until)));
export async function findStay(tx: Tx, id: string): Promise<StayRow | null> {
  return (await tx.select().from(bedStay).where(eq(bedStay.id, id)))[0] ?? null;
}
/** Holds that hold at an instant. */
export const findLiveHolds = (tx: Tx, unitIds: readonly string[], now: Date): Promise<HoldRow[]> =>
  unitIds.length === 0
    ? Promise.resolve([])
    : tx
        .select()
        .from(bedHold)
        .where(
          and(
            inArray(bedHold.unitId, [...unitIds]),
            isNull(bedHold.outcome),
            sql`${bedHold.until} > ${now.toISOString()}`,
          ),
        )
        .orderBy(asc(bedHold.until));
export async function findHold(tx: Tx, id: string): Promise<HoldRow | null> {
  return (await tx.select().from(bedHold).where(eq(bedHold.id, id)))[0] ?? null;
}
/** The open hold of a reference, or else its last one. */
export async function findHoldOf(tx: Tx, referenceId: string): Promise<HoldRow | null> {
  const [row] = await tx
    .select()
    .from(bedHold)
    .where(eq(bedHold.referenceId, referenceId))
    .orderBy(sql`${bedHold.outcome} is null desc`, desc(bedHold.since), desc(bedHold.createdAt))
    .limit(1);
  return row ?? null;
}

/** One row of a function of the database. */
export async function call<Row extends Record<string, unknown>>(tx: Tx, query: SQL): Promise<Row> {
  const [row] = (await tx.execute<Row>(query)) as readonly Row[];
  return row!;
}
const instant = (at: Date) => sql`${at.toISOString()}::timestamptz`;

export const holdFree = (
  tx: Tx,
  ask: {
    institutionId: string;
    departmentId: string;
    kind: string | null;
    patientId: string;
    purpose: string;
    referenceId: string;
    hours: number | null;
    now: Date;
  },
) =>
  call<{
    outcome: string;
    hold_id: string | null;
    holder: string | null;
    holder_until: string | null;
  }>(
    tx,
    sql`select outcome, hold_id, holder, holder_until from app.hold_bed(${ask.institutionId}::uuid, ${ask.departmentId}::uuid, ${ask.kind}::text, ${ask.patientId}::uuid,
      ${ask.purpose}::text, ${ask.referenceId}::uuid, ${ask.hours}::integer, ${instant(ask.now)})`,
  );
export const extend = (tx: Tx, id: string, until: Date, reason: string, now: Date) =>
  call<{ outcome: string; latest: string | null }>(
    tx,
    sql`select outcome, latest from app.extend_hold(${id}::uuid, ${instant(until)}, ${reason}::text, ${instant(now)})`,
  );
export const release = (tx: Tx, id: string, reason: string, now: Date) =>
  call<{ outcome: string }>(
    tx,
    sql`select app.release_hold(${id}::uuid, ${reason}::text, ${instant(now)}) as outcome`,
  );
export const admit = (
  tx: Tx,
  ask: {
    bedId: string | null;
    patientId: string | null;
    holdId: string | null;
    expectedDischargeOn: string | null;
    overQuotaReason: string | null;
    now: Date;
  },
) =>
  call<{ outcome: string; stay_id: string | null }>(
    tx,
    sql`select outcome, stay_id from app.admit_to_bed(${ask.bedId}::uuid, ${ask.patientId}::uuid, ${ask.holdId}::uuid, ${ask.expectedDischargeOn}::date,
      ${ask.overQuotaReason}::text, ${instant(ask.now)})`,
  );
export const leave = (tx: Tx, stayId: string, at: Date) =>
  call<{ outcome: string }>(
    tx,
    sql`select app.leave_bed(${stayId}::uuid, ${instant(at)}) as outcome`,
  );
export const expectDischarge = (tx: Tx, stayId: string, day: string | null) =>
  call<{ done: boolean }>(
    tx,
    sql`select app.expect_discharge(${stayId}::uuid, ${day}::date) as done`,
  );
export const resolveDisplaced = (
  tx: Tx,
  ask: {
    id: string;
    destination: string;
    toUnitId: string | null;
    toName: string | null;
    now: Date;
  },
) =>
  call<{ outcome: string }>(
    tx,
    sql`select app.resolve_displaced(${ask.id}::uuid, ${ask.destination}::text, ${ask.toUnitId}::uuid, ${ask.toName}::text, ${instant(ask.now)}) as outcome`,
  );

export type CountRow = {
  unit_id: string;
  institution_id: string;
  department_id: string;
  name_zh: string;
  name_en: string;
  name_bo: string | null;
  kind: string;
  mode: string;
  clearing: boolean;
  touched_at: string;
  stale: boolean;
  beds: number;
  occupied: number;
  held: number;
  cleaning: number;
  out_of_use: number;
  priority_left: number;
  absent: number;
  uncovered: number;
  beds_per_absence: number;
  leaves_on: string[];
  today: string;
};
export const findCounts = (
  tx: Tx,
  institutionIds: readonly string[] | null,
  now: Date,
): Promise<readonly CountRow[]> =>
  tx.execute<CountRow>(
    sql`select unit_id, institution_id, department_id, name_zh, name_en, name_bo, kind, mode, clearing, touched_at, stale, beds, occupied, held, cleaning, out_of_use,
      priority_left, absent, uncovered, beds_per_absence, array_to_json(leaves_on)::jsonb as leaves_on, today::text as today
      from app.capacity_counts(${institutionIds === null ? null : sql`array[${sql.join(institutionIds.length ? institutionIds.map((one) => sql`${one}::uuid`) : [sql`null::uuid`], sql`, `)}]`}, ${instant(now)})`,
  ) as unknown as Promise<readonly CountRow[]>;

/** A unit whose beds are about to change: whoever wants one of them waits. */
export const lockUnit = (tx: Tx, id: string) =>
  tx.execute(sql`select id from bed_unit where id = ${id}::uuid for no key update`);
export const touchUnit = (tx: Tx, id: string, now: Date) =>
  tx.update(bedUnit).set({ touchedAt: now }).where(eq(bedUnit.id, id));

export const findAbsences = (
  tx: Tx,
  institutionId: string,
  fromDay: string,
): Promise<AbsenceRow[]> =>
  tx
    .select()
    .from(staffAbsence)
    .where(
      and(
        eq(staffAbsence.institutionId, institutionId),
        gte(staffAbsence.toDay, fromDay),
        isNull(staffAbsence.cancelledAt),
      ),
    )
    .orderBy(asc(staffAbsence.fromDay), asc(staffAbsence.id));

/** Who works in the house now, by name. */
export const findColleagues = (tx: Tx, institutionId: string, now: Date) =>
  tx
    .select({
      id: person.id,
      name: person.name,
      role: sql<string>`min(${role.nameZh})`,
      roleEn: sql<string>`min(${role.nameEn})`,
      roleBo: sql<string | null>`min(${role.nameBo})`,
    })
    .from(roleAssignment)
    .innerJoin(person, eq(person.id, roleAssignment.personId))
    .innerJoin(role, eq(role.code, roleAssignment.roleCode))
    .where(
      and(
        eq(roleAssignment.institutionId, institutionId),
        sql`(${roleAssignment.validUntil} is null or ${roleAssignment.validUntil} > ${now.toISOString()})`,
      ),
    )
    .groupBy(person.id, person.name)
    .orderBy(asc(person.name), asc(person.id));

export const findPolicies = (tx: Tx, institutionId: string) =>
  tx
    .select()
    .from(capacityPolicy)
    .where(eq(capacityPolicy.institutionId, institutionId))
    .orderBy(desc(capacityPolicy.validFrom));
export const policyOn = (tx: Tx, institutionId: string, now: Date) =>
  call<{
    hold_hours: number;
    max_hold_hours: number;
    priority_percent: number;
    beds_per_absence: number;
    average_stay_days: number;
    stale_hours: number;
    emergency_purposes: string;
    valid_from: string | null;
  }>(tx, sql`select (app.capacity_policy_of(${institutionId}::uuid, ${instant(now)})).*`);

/** Orders of a house, those that still run before all others, then the newest; and how many there are. */
export async function findSwitches(
  tx: Tx,
  institutionId: string,
  most: number,
): Promise<{ rows: SwitchRow[]; total: number }> {
  const ofHouse = eq(modeSwitch.institutionId, institutionId);
  const rows = await tx
    .select()
    .from(modeSwitch)
    .where(ofHouse)
    .orderBy(
      inArray(modeSwitch.state, ["ended", "cancelled"]),
      desc(modeSwitch.orderedAt),
      desc(modeSwitch.id),
    )
    .limit(most);
  return { rows, total: await tx.$count(modeSwitch, ofHouse) };
}
export async function findSwitch(tx: Tx, id: string): Promise<SwitchRow | null> {
  return (await tx.select().from(modeSwitch).where(eq(modeSwitch.id, id)))[0] ?? null;
}
/** One step further, unless somebody else has taken one. */
export async function stepSwitch(
  tx: Tx,
  row: SwitchRow,
  change: Partial<typeof modeSwitch.$inferInsert>,
): Promise<boolean> {
  const rows = await tx
    .update(modeSwitch)
    .set({ ...change, version: row.version + 1 })
    .where(and(eq(modeSwitch.id, row.id), eq(modeSwitch.version, row.version)))
    .returning({ id: modeSwitch.id });
  return rows.length > 0;
}
export const findTransfers = (tx: Tx, switchIds: readonly string[]): Promise<TransferRow[]> =>
  switchIds.length === 0
    ? Promise.resolve([])
    : tx
        .select()
        .from(modeSwitchTransfer)
        .where(inArray(modeSwitchTransfer.switchId, [...switchIds]))
        .orderBy(asc(modeSwitchTransfer.createdAt), asc(modeSwitchTransfer.id));
export async function findTransfer(tx: Tx, id: string): Promise<TransferRow | null> {
  return (
    (await tx.select().from(modeSwitchTransfer).where(eq(modeSwitchTransfer.id, id)))[0] ?? null
  );
}
export const findDisinfections = (
  tx: Tx,
  switchIds: readonly string[],
): Promise<DisinfectionRow[]> =>
  switchIds.length === 0
    ? Promise.resolve([])
    : tx
        .select()
        .from(bedDisinfection)
        .where(inArray(bedDisinfection.switchId, [...switchIds]))
        .orderBy(asc(bedDisinfection.disinfectedAt));
/** Everybody who was in these stays, with the bed. */
export const findStaysById = (tx: Tx, ids: readonly string[]): Promise<StayRow[]> =>
  ids.length === 0
    ? Promise.resolve([])
    : tx
        .select()
        .from(bedStay)
        .where(inArray(bedStay.id, [...ids]));

type Change<Row> = { [Key in keyof Row]?: Row[Key] | undefined };
export const updateBed = (tx: Tx, id: string, change: Change<typeof bed.$inferInsert>) =>
  tx.update(bed).set(change).where(eq(bed.id, id));
export const updateUnit = (tx: Tx, id: string, change: Change<typeof bedUnit.$inferInsert>) =>
  tx.update(bedUnit).set(change).where(eq(bedUnit.id, id));
export async function insertAbsence(
  tx: Tx,
  row: typeof staffAbsence.$inferInsert,
): Promise<string> {
  const [made] = await tx.insert(staffAbsence).values(row).returning({ id: staffAbsence.id });
  return made!.id;
}
export async function updateAbsence(
  tx: Tx,
  institutionId: string,
  id: string,
  change: Change<typeof staffAbsence.$inferInsert>,
): Promise<boolean> {
  const rows = await tx
    .update(staffAbsence)
    .set(change)
    .where(
      and(
        eq(staffAbsence.id, id),
        eq(staffAbsence.institutionId, institutionId),
        isNull(staffAbsence.cancelledAt),
      ),
    )
    .returning({ id: staffAbsence.id });
  return rows.length > 0;
}

export const appointmentsQuery = (departmentId: string, from: Date, to: Date): SQL =>
  sql`select app.department_appointments(${departmentId}::uuid, ${instant(from)}, ${instant(to)}) as count`;
/** Ended or over, and nobody has heard of it. */
export const findUntold = (tx: Tx, now: Date): Promise<HoldRow[]> =>
  tx
    .select()
    .from(bedHold)
    .where(
      sql`${bedHold.toldAt} is null and (${bedHold.outcome} is not null or ${bedHold.until} <= ${now.toISOString()})`,
    )
    .orderBy(asc(bedHold.until))
    .limit(500);
/** Closes it when its time is over, and says once that it has ended; null for one that was told or still holds. */
export async function closeHold(tx: Tx, id: string, now: Date): Promise<HoldRow | null> {
  const rows = (await tx.execute(
    sql`select id from app.close_bed_hold(${id}::uuid, ${instant(now)})`,
  )) as readonly unknown[];
  return rows.length > 0 ? findHold(tx, id) : null;
}
/** Confirmed switches whose time has come. */
export const findDueSwitches = (tx: Tx, now: Date): Promise<SwitchRow[]> =>
  tx
    .select()
    .from(modeSwitch)
    .where(
      and(eq(modeSwitch.state, "confirmed"), sql`${modeSwitch.plannedAt} <= ${now.toISOString()}`),
    );
