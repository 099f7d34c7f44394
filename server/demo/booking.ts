/** Booking in the demo: schedules, opened through the service that administrators and the clock use. */
import { and, eq, isNull, sql } from "drizzle-orm";
import {
  bookingPolicy,
  clinicSchedule,
  scheduleException,
  scheduleRule,
  signedResident,
} from "../booking/schema.ts";
import { publishAhead, publishSegments } from "../booking/service.ts";
import { addDays, localDay } from "../calendar/domain.ts";
import type { Tx } from "../db/client.ts";
import { department, institution } from "../directory/schema.ts";
import type { Services } from "../http/context.ts";
import { systemActor } from "../identity/service.ts";
import {
  type DemoSchedule,
  demoAddresses,
  demoPolicies,
  demoSchedules,
  demoSigned,
} from "./booking-schedules.ts";
import { demoHolidays, demoInstitutions } from "./institutions.ts";
import type { DemoIds } from "./load.ts";

/** Rules and policies of the demo count from here on. */
const demoSince = "2026-01-01";
const timeZone = "Asia/Shanghai";

/**
 * Load the demo's schedules and open them, in a database that has none yet: a new one, or one of a
 * time before booking. @returns false when there are schedules
 */
export async function loadDemoBooking(services: Services, ids: DemoIds): Promise<boolean> {
  return services.db.withActor(systemActor("demo"), async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(7105221)`);
    const [existing] = await tx.select({ id: clinicSchedule.id }).from(clinicSchedule).limit(1);
    if (existing) return false;
    const today = localDay(services.clock().getTime(), timeZone);
    await insertAddresses(tx, ids);
    await insertSigned(tx, ids, today);
    const schedules = [];
    for (const one of demoSchedules)
      schedules.push({ one, id: await insertSchedule(tx, ids, one, today) });
    await insertPolicies(tx, ids);
    for (const { one, id } of schedules) {
      // A clinic that crosses midnight is open this morning by yesterday's hours.
      if (one.hours.some(([, end]) => end > 24 * 60))
        await publishSegments(tx, id, addDays(today, -1), 1);
      const institutionId = ids.institutions.get(one.institution)!;
      await publishAhead(tx, { id, institutionId }, services.clock());
    }
    return true;
  });
}

async function insertSchedule(
  tx: Tx,
  ids: DemoIds,
  one: DemoSchedule,
  today: string,
): Promise<string> {
  const institutionId = ids.institutions.get(one.institution)!;
  const [unit] = await tx
    .select({ id: department.id })
    .from(department)
    .where(and(eq(department.institutionId, institutionId), eq(department.slug, one.department)));
  const [row] = await tx
    .insert(clinicSchedule)
    .values({
      institutionId,
      departmentId: unit!.id,
      practitionerId: one.doctor ? ids.people.get(one.doctor)! : null,
      kind: one.kind,
      nameZh: one.names[0],
      nameEn: one.names[1],
      nameBo: one.names[2],
      place: one.place,
      placeEn: one.placeEn,
      placeBo: one.placeBo,
      feeCents: one.feeCents,
      segmentMinutes: one.segmentMinutes,
    })
    .returning({ id: clinicSchedule.id });
  const scheduleId = row!.id;
  await tx.insert(scheduleRule).values(
    one.weekdays.flatMap((weekday) =>
      one.hours.map(([startMinute, endMinute]) => ({
        scheduleId,
        weekday,
        startMinute,
        endMinute,
        capacity: one.capacity,
        validFrom: demoSince,
      })),
    ),
  );
  const exceptions = [
    ...(one.away
      ? [{ day: addDays(today, one.away.afterDays), closed: true, reason: one.away.reason }]
      : []),
    ...(one.holidayCapacity
      ? holidaysOf(one.institution).map((day) => ({
          day,
          closed: false,
          capacity: one.holidayCapacity!,
          reason: "节日值班",
        }))
      : []),
  ];
  if (exceptions.length > 0)
    await tx
      .insert(scheduleException)
      .values(exceptions.map((exception) => ({ scheduleId, ...exception })));
  return scheduleId;
}

function holidaysOf(slug: string): string[] {
  const calendar = demoInstitutions.find((one) => one.slug === slug)!.calendar;
  const days = demoHolidays
    .filter(([own]) => own === calendar || own === calendar.split("-")[0])
    .map(([, day]) => day);
  return [...new Set(days)];
}

async function insertPolicies(tx: Tx, ids: DemoIds): Promise<void> {
  await tx.insert(bookingPolicy).values(
    demoPolicies.map(([slug, change]) => ({
      institutionId: ids.institutions.get(slug)!,
      validFrom: demoSince,
      ...change,
    })),
  );
}

async function insertAddresses(tx: Tx, ids: DemoIds): Promise<void> {
  for (const [slug, address, latitude, longitude] of demoAddresses)
    await tx
      .update(institution)
      .set({ address, latitude, longitude })
      .where(and(eq(institution.id, ids.institutions.get(slug)!), isNull(institution.address)));
}

async function insertSigned(tx: Tx, ids: DemoIds, today: string): Promise<void> {
  const rows = demoSigned.flatMap(([patient, slug, doctor]) => {
    const patientId = ids.patients.get(patient);
    return patientId
      ? [
          {
            patientId,
            institutionId: ids.institutions.get(slug)!,
            doctorId: ids.people.get(doctor)!,
            signedOn: addDays(today, -400),
          },
        ]
      : [];
  });
  if (rows.length > 0) await tx.insert(signedResident).values(rows).onConflictDoNothing();
}
