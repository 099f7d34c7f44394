/** What a schedule administrator may do with the own institution's schedules. */
import { and, eq } from "drizzle-orm";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission } from "../http/context.ts";
import { overlappingWeekday } from "./clashes.ts";
import { daysAhead } from "./policies.ts";
import { planSchedule, publishSegments } from "./publish-service.ts";
import type {
  ExceptionBody,
  ManageOverview,
  NewScheduleBody,
  Preview,
  PublishedView,
  Range,
  ScheduleBody,
  ScheduleDetail,
  ScheduleView,
  WeekBody,
} from "./schedule-contract.ts";
import * as manage from "./schedule-manage-repository.ts";
import { findExceptions, findPolicies, findRules, findSchedule } from "./schedule-repository.ts";
import {
  type NamedSchedules,
  previewView,
  publishedClashes,
  scheduleView,
  weeksOf,
} from "./schedule-view.ts";
import { assertNotPast, note, type StaffWork, todayOf } from "./schedule-work.ts";
import { clinicSchedule, scheduleException } from "./schema.ts";

/** All schedules of the institution, with whom new ones can be made for. @throws DomainError `permission.denied` */
export async function manageOverviewOf(work: StaffWork): Promise<ManageOverview> {
  assertPermission(work.actor, "booking.manage");
  const { tx, actor } = work;
  const today = await todayOf(work);
  const departments = await manage.findDepartmentsWithDoctors(tx, actor.institutionId);
  const rows = await manage.findScheduleRows(tx, actor.institutionId, today);
  return {
    today,
    daysAhead: daysAhead(await findPolicies(tx, actor.institutionId), today),
    departments: departments.map((row) => ({
      id: row.id,
      name: { zh: row.name, en: row.nameEn, bo: row.nameBo },
      doctors: row.doctors.map(({ id, name, title }) => ({ id, name, title })),
    })),
    schedules: rows.map(scheduleView),
  };
}

/** @throws DomainError `permission.denied`, `schedule.doctor`, `schedule.exists` */
export async function createSchedule(
  work: StaffWork,
  body: NewScheduleBody,
): Promise<ScheduleView> {
  assertPermission(work.actor, "booking.manage");
  const { tx, actor } = work;
  const departments = await manage.findDepartmentsWithDoctors(tx, actor.institutionId);
  const unit = departments.find((one) => one.id === body.departmentId);
  if (!unit || (body.doctorId && !unit.doctors.some((one) => one.id === body.doctorId)))
    throw new DomainError("schedule.doctor");
  const values = {
    institutionId: actor.institutionId,
    departmentId: body.departmentId,
    practitionerId: body.doctorId,
    kind: body.kind,
    ...columnsOf(body),
  };
  if (await manage.hasNamesake(tx, values, null)) throw new DomainError("schedule.exists");
  const [row] = await tx
    .insert(clinicSchedule)
    .values(values)
    .onConflictDoNothing()
    .returning({ id: clinicSchedule.id });
  if (!row) throw new DomainError("schedule.exists");
  await note(work, "create", row.id);
  return readSchedule(work, row.id);
}

/** @throws DomainError `permission.denied`, `request.not-found`, `schedule.exists` */
export async function changeSchedule(
  work: StaffWork,
  id: string,
  body: ScheduleBody,
): Promise<ScheduleView> {
  const schedule = await ownSchedule(work, id);
  if (await manage.hasNamesake(work.tx, { ...schedule, nameZh: body.name.zh }, id))
    throw new DomainError("schedule.exists");
  await work.tx
    .update(clinicSchedule)
    .set({ ...columnsOf(body), active: body.active })
    .where(eq(clinicSchedule.id, id));
  await note(work, "change", id, { active: body.active });
  return readSchedule(work, id);
}

/** @throws DomainError `permission.denied`, `request.not-found` */
export async function readScheduleDetail(work: StaffWork, id: string): Promise<ScheduleDetail> {
  await ownSchedule(work, id);
  const today = await todayOf(work);
  const open = await manage.countOpenByDay(work.tx, id, today);
  return {
    schedule: await readSchedule(work, id),
    today,
    weeks: weeksOf(await findRules(work.tx, id), today),
    exceptions: (await findExceptions(work.tx, id, today, "9999-12-31")).map((one) => ({
      day: one.day,
      closed: one.closed,
      capacity: one.capacity,
      reason: one.reason,
      open: open.get(one.day) ?? 0,
    })),
  };
}

/** @throws DomainError `permission.denied`, `request.not-found`, `schedule.past`, `schedule.overlap` */
export async function setWeek(
  work: StaffWork,
  id: string,
  body: WeekBody,
): Promise<ScheduleDetail> {
  await ownSchedule(work, id);
  await assertNotPast(work, body.validFrom);
  const weekday = overlappingWeekday(body.rules);
  if (weekday !== null) throw new DomainError("schedule.overlap", { weekday });
  await manage.replaceWeek(work.tx, id, body.validFrom, body.rules);
  await note(work, "week", id, { validFrom: body.validFrom, lines: body.rules.length });
  return readScheduleDetail(work, id);
}

/** @throws DomainError `permission.denied`, `request.not-found`, `schedule.past` */
export async function setException(
  work: StaffWork,
  id: string,
  day: string,
  body: ExceptionBody,
): Promise<ScheduleDetail> {
  await ownSchedule(work, id);
  await assertNotPast(work, day);
  await work.tx
    .insert(scheduleException)
    .values({ scheduleId: id, day, ...body })
    .onConflictDoUpdate({
      target: [scheduleException.scheduleId, scheduleException.day],
      set: body,
    });
  await note(work, "exception", id, { day, closed: body.closed });
  return readScheduleDetail(work, id);
}

/** Take an exception back. @throws DomainError `permission.denied`, `request.not-found`, `schedule.past` */
export async function removeException(
  work: StaffWork,
  id: string,
  day: string,
): Promise<ScheduleDetail> {
  await ownSchedule(work, id);
  await assertNotPast(work, day);
  await work.tx
    .delete(scheduleException)
    .where(and(eq(scheduleException.scheduleId, id), eq(scheduleException.day, day)));
  await note(work, "exception-removed", id, { day });
  return readScheduleDetail(work, id);
}

/** What publishing would open. @throws DomainError `permission.denied`, `request.not-found`, `schedule.past` */
export async function previewSchedule(work: StaffWork, id: string, range: Range): Promise<Preview> {
  await ownSchedule(work, id);
  await assertNotPast(work, range.from);
  const plan = await planSchedule(work.tx, id, range.from, range.days, work.now);
  return previewView(plan, await named(work, plan.clashes), range);
}

/** Open days now. @throws DomainError `permission.denied`, `request.not-found`, `schedule.past` */
export async function publishSchedule(
  work: StaffWork,
  id: string,
  range: Range,
): Promise<PublishedView> {
  await ownSchedule(work, id);
  await assertNotPast(work, range.from);
  const done = await publishSegments(work.tx, id, range.from, range.days, work.now);
  await note(work, "publish", id, { ...range, segments: done.segments, seats: done.seats });
  return {
    segments: done.segments,
    seats: done.seats,
    kept: done.kept,
    clashes: publishedClashes(done.clashes, await named(work, done.clashes)),
  };
}

async function ownSchedule({ tx, actor }: StaffWork, id: string) {
  assertPermission(actor, "booking.manage");
  const schedule = await findSchedule(tx, id);
  // Everybody may read what can be booked; only the own ones are managed.
  if (!schedule || schedule.institutionId !== actor.institutionId)
    throw new DomainError("request.not-found");
  return schedule;
}

async function readSchedule(work: StaffWork, id: string): Promise<ScheduleView> {
  const today = await todayOf(work);
  const [row] = await manage.findScheduleRows(work.tx, work.actor.institutionId, today, id);
  if (!row) throw new DomainError("request.not-found");
  return scheduleView(row);
}

function columnsOf(body: Pick<ScheduleBody, "name" | "place" | "feeCents" | "segmentMinutes">) {
  return {
    nameZh: body.name.zh,
    nameEn: body.name.en,
    nameBo: body.name.bo || null,
    place: body.place,
    feeCents: body.feeCents,
    segmentMinutes: body.segmentMinutes,
  };
}

async function named(
  { tx }: StaffWork,
  clashes: readonly { otherScheduleId: string }[],
): Promise<NamedSchedules> {
  const ids = [...new Set(clashes.map((one) => one.otherScheduleId))];
  const rows = await manage.findScheduleNames(tx, ids);
  const institutions = await findInstitutions(
    tx,
    rows.map((row) => row.institutionId),
  );
  return new Map(
    rows.map((row) => {
      const where = institutions.find((one) => one.id === row.institutionId);
      const institution = {
        zh: where?.name ?? "",
        en: where?.nameEn ?? null,
        bo: where?.nameBo ?? null,
      };
      return [row.id, { ...row, institution }];
    }),
  );
}
