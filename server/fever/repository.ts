import { and, asc, desc, eq, gt, inArray, isNull, lte, or, sql } from "drizzle-orm";
import { segment } from "../booking/schema.ts";
import type { Tx } from "../db/client.ts";
import { infectiousReport } from "../reporting/schema.ts";
import { awayFeverStates, feverVisitStates, type SampleResult } from "./domain.ts";
import {
  feverAnswer,
  feverBlock,
  feverMeasurement,
  feverPolicy,
  feverRoom,
  feverScreening,
  feverSite,
  feverStay,
  feverStep,
  feverTransfer,
  feverVisit,
} from "./schema.ts";

export type PolicyRow = typeof feverPolicy.$inferSelect;
export type SiteRow = typeof feverSite.$inferSelect;
export type ScreeningRow = typeof feverScreening.$inferSelect;
export type AnswerRow = typeof feverAnswer.$inferSelect;
export type BlockRow = typeof feverBlock.$inferSelect;
export type VisitRow = typeof feverVisit.$inferSelect;
export type MeasurementRow = typeof feverMeasurement.$inferSelect;
export type StayRow = typeof feverStay.$inferSelect;
export type TransferRow = typeof feverTransfer.$inferSelect;
export type StepRow = typeof feverStep.$inferSelect;

const first = <Row>(rows: Row[]): Row | null => rows[0] ?? null;

/** The version that counts for a region on a day; null where there is none. */
export async function findPolicyOn(tx: Tx, region: string, day: string): Promise<PolicyRow | null> {
  return first(
    await tx
      .select()
      .from(feverPolicy)
      .where(
        and(
          eq(feverPolicy.region, region),
          eq(feverPolicy.state, "published"),
          lte(feverPolicy.validFrom, day),
        ),
      )
      .orderBy(desc(feverPolicy.validFrom), desc(feverPolicy.version))
      .limit(1),
  );
}
export const findPolicies = (tx: Tx): Promise<PolicyRow[]> =>
  tx.select().from(feverPolicy).orderBy(asc(feverPolicy.region), desc(feverPolicy.version));
export const findPolicy = async (tx: Tx, id: string): Promise<PolicyRow | null> =>
  first(await tx.select().from(feverPolicy).where(eq(feverPolicy.id, id)));
export async function insertPolicy(
  tx: Tx,
  row: typeof feverPolicy.$inferInsert,
): Promise<PolicyRow> {
  return (await tx.insert(feverPolicy).values(row).returning())[0]!;
}
export async function publishPolicy(
  tx: Tx,
  id: string,
  publishedBy: string,
  publishedAt: Date,
): Promise<PolicyRow | null> {
  return first(
    await tx
      .update(feverPolicy)
      .set({ state: "published", publishedBy, publishedAt })
      .where(eq(feverPolicy.id, id))
      .returning(),
  );
}

export const findSites = (tx: Tx, ids?: readonly string[]): Promise<SiteRow[]> =>
  tx
    .select()
    .from(feverSite)
    .where(ids ? inArray(feverSite.institutionId, [...ids]) : undefined);
export const findSite = async (tx: Tx, institutionId: string): Promise<SiteRow | null> =>
  first(await tx.select().from(feverSite).where(eq(feverSite.institutionId, institutionId)));

/** Departments of bookable fever clinics, by institution. */
export async function findFeverDepartments(tx: Tx): Promise<Map<string, string>> {
  const rows = await tx.execute<{ institutionId: string; departmentId: string }>(
    sql`select institution_id as "institutionId", min(department_id::text) as "departmentId" from clinic_schedule
      where kind = 'fever-clinic' and active group by institution_id`,
  );
  return new Map(rows.map((row) => [row.institutionId, row.departmentId]));
}

/** The segments of some institutions' fever clinics that begin soonest and have a seat left. */
export async function findFreeSegments(
  tx: Tx,
  institutionIds: readonly string[],
  now: Date,
): Promise<{ id: string; departmentId: string; day: string }[]> {
  if (institutionIds.length === 0) return [];
  return tx
    .select({ id: segment.id, departmentId: segment.departmentId, day: segment.day })
    .from(segment)
    .where(
      and(
        inArray(segment.institutionId, [...institutionIds]),
        eq(segment.kind, "fever-clinic"),
        isNull(segment.stoppedAt),
        gt(segment.startsAt, now),
        sql`exists (select 1 from seat s where s.segment_id = ${segment.id} and s.public_from <= ${now.toISOString()}
          and (s.appointment_id is null or s.held_until <= ${now.toISOString()})
          and (s.free_from is null or s.free_from <= ${now.toISOString()}))`,
      ),
    )
    .orderBy(asc(segment.startsAt))
    .limit(3);
}

export async function insertScreening(
  tx: Tx,
  row: typeof feverScreening.$inferInsert,
  answers: readonly { question: string; value: string }[],
): Promise<ScreeningRow> {
  const [created] = await tx.insert(feverScreening).values(row).returning();
  if (answers.length > 0)
    await tx
      .insert(feverAnswer)
      .values(answers.map((one) => ({ ...one, screeningId: created!.id })));
  return created!;
}
export const findScreening = async (tx: Tx, id: string): Promise<ScreeningRow | null> =>
  first(await tx.select().from(feverScreening).where(eq(feverScreening.id, id)));
/** Newest first, since an instant. */
export async function findScreeningsOf(
  tx: Tx,
  patientIds: readonly string[],
  since: Date,
): Promise<ScreeningRow[]> {
  if (patientIds.length === 0) return [];
  return tx
    .select()
    .from(feverScreening)
    .where(
      and(inArray(feverScreening.patientId, [...patientIds]), gt(feverScreening.answeredAt, since)),
    )
    .orderBy(desc(feverScreening.answeredAt))
    .limit(50);
}
export const findAnswers = (tx: Tx, screeningId: string): Promise<AnswerRow[]> =>
  tx.select().from(feverAnswer).where(eq(feverAnswer.screeningId, screeningId));

export async function blockForFever(
  tx: Tx,
  screeningId: string,
  until: Date,
  now: Date,
): Promise<string | null> {
  const [row] = await tx.execute<{ id: string | null }>(
    sql`select app.block_for_fever(${screeningId}, ${until.toISOString()}, ${now.toISOString()}) as id`,
  );
  return row?.id ?? null;
}
/** @returns the patient whose block it was; null when there is none to lift */
export async function liftBlock(
  tx: Tx,
  id: string,
  reason: string,
  now: Date,
): Promise<string | null> {
  const [row] = await tx.execute<{ id: string | null }>(
    sql`select app.lift_fever_block(${id}, ${reason}, ${now.toISOString()}) as id`,
  );
  return row?.id ?? null;
}
/** The seat of a fever clinic that is kept for somebody, held or booked, the next one. */
export async function findAlternative(
  tx: Tx,
  patientId: string,
  now: Date,
): Promise<{
  institutionId: string;
  state: "held" | "booked";
  startsAt: string;
  heldUntil: string | null;
} | null> {
  const [row] = await tx.execute<{
    institutionId: string;
    state: "held" | "booked";
    startsAt: string;
    heldUntil: string | null;
  }>(sql`select institution_id as "institutionId", state, starts_at as "startsAt", held_until as "heldUntil"
    from app.fever_alternative(${patientId}, ${now.toISOString()})`);
  return row ?? null;
}

/** The visit's swab as a tube of the own house. Null and no problem: the code is none of ours. */
export async function takeSample(
  tx: Tx,
  input: { visitId: string; tube: string; code: string; day: string; now: Date },
): Promise<{ tubeId: string | null; problem: string | null }> {
  const [row] = await tx.execute<{ tubeId: string | null; problem: string | null }>(sql`
    select tube_id as "tubeId", problem from app.take_fever_sample(${input.visitId}, ${input.tube}, ${input.code}, ${input.day},
      ${input.now.toISOString()})`);
  return row!;
}

/** What the laboratory released of a visit's tube. */
export async function findSampleResult(
  tx: Tx,
  tubeId: string,
): Promise<{ says: SampleResult; at: string } | null> {
  const [row] = await tx.execute<{ says: SampleResult; at: string }>(
    sql`select says, at from app.fever_sample_result(${tubeId})`,
  );
  return row ?? null;
}

/** Blocks that count now, as far as the reader may see them. */
export async function findBlocks(
  tx: Tx,
  now: Date,
  patientIds?: readonly string[],
): Promise<BlockRow[]> {
  if (patientIds?.length === 0) return [];
  return tx
    .select()
    .from(feverBlock)
    .where(
      and(
        isNull(feverBlock.liftedAt),
        gt(feverBlock.until, now),
        patientIds ? inArray(feverBlock.patientId, [...patientIds]) : undefined,
      ),
    )
    .orderBy(desc(feverBlock.since))
    .limit(100);
}

export async function admit(
  tx: Tx,
  patientId: string | null,
  code: string | null,
  now: Date,
): Promise<string | null> {
  const [row] = await tx.execute<{ id: string | null }>(
    sql`select app.admit_to_fever(${patientId}::uuid, ${code}, ${now.toISOString()}) as id`,
  );
  return row?.id ?? null;
}
export async function insertVisit(tx: Tx, row: typeof feverVisit.$inferInsert): Promise<VisitRow> {
  return (await tx.insert(feverVisit).values(row).returning())[0]!;
}
export const findVisit = async (tx: Tx, id: string): Promise<VisitRow | null> =>
  first(await tx.select().from(feverVisit).where(eq(feverVisit.id, id)));
/** Change one that is still at `version`; null when someone else was first. */
export async function updateVisit(
  tx: Tx,
  id: string,
  version: number,
  change: Partial<typeof feverVisit.$inferInsert>,
): Promise<VisitRow | null> {
  return first(
    await tx
      .update(feverVisit)
      .set({ ...change, version: version + 1 })
      .where(and(eq(feverVisit.id, id), eq(feverVisit.version, version)))
      .returning(),
  );
}
/** Of an institution: those that go on, and those of the last hours. */
export async function findVisitsAt(
  tx: Tx,
  institutionId: string,
  since: Date,
): Promise<VisitRow[]> {
  const running = feverVisitStates.filter((state) => !awayFeverStates.includes(state));
  return tx
    .select()
    .from(feverVisit)
    .where(
      and(
        eq(feverVisit.institutionId, institutionId),
        or(inArray(feverVisit.state, running), gt(feverVisit.updatedAt, since)),
      ),
    )
    .orderBy(asc(feverVisit.arrivedAt))
    .limit(200);
}
export async function findVisitsOf(
  tx: Tx,
  patientIds: readonly string[],
  since: Date,
): Promise<VisitRow[]> {
  if (patientIds.length === 0) return [];
  return tx
    .select()
    .from(feverVisit)
    .where(and(inArray(feverVisit.patientId, [...patientIds]), gt(feverVisit.arrivedAt, since)))
    .orderBy(desc(feverVisit.arrivedAt))
    .limit(50);
}
export async function findMeasurements(
  tx: Tx,
  visitIds: readonly string[],
): Promise<MeasurementRow[]> {
  if (visitIds.length === 0) return [];
  return tx
    .select()
    .from(feverMeasurement)
    .where(inArray(feverMeasurement.visitId, [...visitIds]))
    .orderBy(asc(feverMeasurement.id));
}
export async function insertMeasurement(
  tx: Tx,
  row: typeof feverMeasurement.$inferInsert,
): Promise<void> {
  await tx.insert(feverMeasurement).values(row);
}
export async function linkCriticalValue(tx: Tx, id: number, criticalValueId: string) {
  await tx.update(feverMeasurement).set({ criticalValueId }).where(eq(feverMeasurement.id, id));
}

export const findRooms = (tx: Tx, institutionId: string) =>
  tx
    .select()
    .from(feverRoom)
    .where(and(eq(feverRoom.institutionId, institutionId), feverRoom.active))
    .orderBy(asc(feverRoom.kind), asc(feverRoom.name));
export const findAllRooms = (tx: Tx, institutionId: string) =>
  tx
    .select()
    .from(feverRoom)
    .where(eq(feverRoom.institutionId, institutionId))
    .orderBy(desc(feverRoom.active), asc(feverRoom.kind), asc(feverRoom.name));
export async function insertRoom(
  tx: Tx,
  row: Pick<typeof feverRoom.$inferInsert, "institutionId" | "name" | "kind">,
): Promise<string> {
  return (await tx.insert(feverRoom).values(row).returning({ id: feverRoom.id }))[0]!.id;
}
/** @returns whether the institution has it */
export async function updateRoom(
  tx: Tx,
  institutionId: string,
  id: string,
  change: { name?: string | undefined; active?: boolean | undefined },
): Promise<boolean> {
  const rows = await tx
    .update(feverRoom)
    .set(change)
    .where(and(eq(feverRoom.id, id), eq(feverRoom.institutionId, institutionId)))
    .returning({ id: feverRoom.id });
  return rows.length > 0;
}
export async function updateEntrance(
  tx: Tx,
  institutionId: string,
  { zh, en, bo }: { zh: string; en: string; bo: string },
): Promise<void> {
  await tx
    .update(feverSite)
    .set({ entranceZh: zh, entranceEn: en, entranceBo: bo })
    .where(eq(feverSite.institutionId, institutionId));
}
/** Stays that still keep a room: somebody is in it, or it waits for disinfection. */
export async function findOpenStays(tx: Tx, roomIds: readonly string[]): Promise<StayRow[]> {
  if (roomIds.length === 0) return [];
  return tx
    .select()
    .from(feverStay)
    .where(and(inArray(feverStay.roomId, [...roomIds]), isNull(feverStay.disinfectedAt)));
}
/** Into a room; out of the one before, which then waits for disinfection. */
export async function enterRoom(tx: Tx, visitId: string, roomId: string, now: Date): Promise<void> {
  await tx
    .update(feverStay)
    .set({ until: now })
    .where(and(eq(feverStay.visitId, visitId), isNull(feverStay.until)));
  await tx.insert(feverStay).values({ visitId, roomId, since: now });
}
export async function disinfectStay(
  tx: Tx,
  id: string,
  disinfectedBy: string,
  now: Date,
): Promise<StayRow | null> {
  return first(
    await tx
      .update(feverStay)
      // Never before the patient left, whichever server's clock was ahead then.
      .set({
        disinfectedAt: sql`greatest(${feverStay.until}, ${now.toISOString()}::timestamptz)`,
        disinfectedBy,
      })
      .where(
        and(
          eq(feverStay.id, id),
          isNull(feverStay.disinfectedAt),
          sql`${feverStay.until} is not null`,
        ),
      )
      .returning(),
  );
}

export const findTransfer = async (tx: Tx, visitId: string): Promise<TransferRow | null> =>
  first(await tx.select().from(feverTransfer).where(eq(feverTransfer.visitId, visitId)));
export async function insertTransfer(tx: Tx, row: typeof feverTransfer.$inferInsert) {
  await tx.insert(feverTransfer).values(row);
}
export async function updateTransfer(
  tx: Tx,
  visitId: string,
  change: Partial<typeof feverTransfer.$inferInsert>,
): Promise<TransferRow | null> {
  return first(
    await tx
      .update(feverTransfer)
      .set(change)
      .where(eq(feverTransfer.visitId, visitId))
      .returning(),
  );
}
/** Vehicles to or from an institution whose way is not over, or ended lately. */
export const findTransfersOf = (
  tx: Tx,
  institutionId: string,
  since: Date,
): Promise<TransferRow[]> =>
  tx
    .select()
    .from(feverTransfer)
    .where(
      and(
        or(
          eq(feverTransfer.fromInstitutionId, institutionId),
          eq(feverTransfer.toInstitutionId, institutionId),
        ),
        or(isNull(feverTransfer.disinfectedAt), gt(feverTransfer.disinfectedAt, since)),
      ),
    )
    .orderBy(asc(feverTransfer.orderedAt));

export async function insertStep(tx: Tx, row: typeof feverStep.$inferInsert): Promise<void> {
  await tx.insert(feverStep).values(row);
}
export const findSteps = (tx: Tx, visitId: string): Promise<StepRow[]> =>
  tx.select().from(feverStep).where(eq(feverStep.visitId, visitId)).orderBy(asc(feverStep.id));

/** Clock of a report as far as its reader may see it. */
export async function findReportHead(tx: Tx, id: string) {
  return first(
    await tx
      .select({
        diseaseName: infectiousReport.diseaseName,
        state: infectiousReport.state,
        urgent: infectiousReport.urgent,
        dueAt: infectiousReport.dueAt,
        escalationLevel: infectiousReport.escalationLevel,
      })
      .from(infectiousReport)
      .where(eq(infectiousReport.id, id)),
  );
}
/** When a report's clock ends; null when it does not run any more or is not the reader's. */
export async function findReportDue(tx: Tx, id: string): Promise<Date | null> {
  const row = await findReportHead(tx, id);
  return row && row.state !== "filed" && row.state !== "withdrawn" ? row.dueAt : null;
}

export type Coming = {
  id: string;
  patientId: string;
  ticket: string;
  startsAt: string;
  endsAt: string;
};
const coming = sql`select a.id, a.patient_id as "patientId", a.ticket, a.starts_at as "startsAt", a.ends_at as "endsAt"
  from appointment a join clinic_schedule c on c.id = a.schedule_id`;
const comingStates = sql`c.kind = 'fever-clinic' and a.state in ('booked', 'checked-in', 'waiting', 'passed', 'no-show')
  and not exists (select 1 from fever_visit v where v.appointment_id = a.id)`;
/** Appointments of a fever clinic whose people have not come to the desk yet, around an instant. */
export const findComing = (
  tx: Tx,
  institutionId: string,
  from: Date,
  until: Date,
): Promise<Coming[]> =>
  tx.execute<Coming>(sql`${coming} where a.institution_id = ${institutionId} and ${comingStates} and a.state <> 'no-show'
    and a.ends_at > ${from.toISOString()} and a.starts_at < ${until.toISOString()} order by a.starts_at, a.ticket limit 100`);
export const findComingById = async (tx: Tx, institutionId: string, id: string) =>
  first(
    await tx.execute<Coming>(
      sql`${coming} where a.institution_id = ${institutionId} and a.id = ${id} and ${comingStates}`,
    ),
  );
/** The appointment of somebody who comes on a day, at whatever hour. */
export const findComingOf = async (tx: Tx, institutionId: string, patientId: string, day: string) =>
  first(
    await tx.execute<Coming>(
      sql`${coming} where a.institution_id = ${institutionId} and a.patient_id = ${patientId} and a.day = ${day} and ${comingStates} limit 1`,
    ),
  );
