import { randomBytes } from "node:crypto";
import { sql } from "drizzle-orm";
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { bookingCode, confirm, hold } from "../booking/service.ts";
import { distanceMetres, positionOf } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { sentence } from "../errors/registry.ts";
import type { Work } from "../http/context.ts";
import type { PatientActor } from "../identity/domain.ts";
import { localDay } from "../patients/service.ts";
import type {
  groupBody,
  groupList,
  groupView,
  myTests,
  testBookingAnswer,
  testBookingBody,
  testChangeBody,
  testSites,
} from "./contract.ts";
import type { GroupKind } from "./domain.ts";
import * as repository from "./repository.ts";
import { samplingGroup } from "./schema.ts";
import { institutionNames, iso, isoOrNull, siteName } from "./view.ts";

type Patient = Work<PatientActor>;

/**
 * Sites that take bookings: the nearest first for whoever says where he is, else the one with the next free seat.
 * @param from a locality or an institution; one that is not known counts as not said
 */
export async function listTestSites(
  { tx, now }: Work,
  from: string | null = null,
): Promise<z.input<typeof testSites>> {
  const at = now.toISOString();
  const here = from ? await positionOf(tx, from) : null;
  const rows = await repository.findSites(
    tx,
    sql`s.schedule_id is not null and (s.closes_at is null or s.closes_at > ${at})`,
  );
  const free = await tx.execute<{ scheduleId: string; next: string | null; today: number }>(sql`
    select g.schedule_id as "scheduleId", min(g.starts_at) as next, count(*) filter (where g.day = ${localDay(now)})::int as today
    from segment g join seat s on s.segment_id = g.id
    where g.kind = 'test' and g.starts_at > ${at} and g.day <= ${localDay(now)}::date + 7 and g.stopped_at is null and s.public_from <= ${at}
      and (s.appointment_id is null or s.held_until <= ${at}) and (s.free_from is null or s.free_from <= ${at})
    group by g.schedule_id`);
  const waiting = await tx.execute<{ siteId: string; waiting: number }>(
    sql`select site_id as "siteId", waiting::int from app.waiting_at_sites(${localDay(now)})`,
  );
  const nameOf = await institutionNames(
    tx,
    rows.map((row) => row.institutionId),
  );
  const sites = rows.map((row) => {
    const open = free.find((one) => one.scheduleId === row.scheduleId);
    return {
      id: row.id,
      name: siteName(row),
      institution: nameOf(row.institutionId),
      place: row.place,
      departmentId: row.departmentId,
      purpose: row.purpose,
      opensAt: iso(row.opensAt),
      closesAt: isoOrNull(row.closesAt),
      nextFree: isoOrNull(open?.next ?? null),
      leftToday: open?.today ?? 0,
      waiting: waiting.find((one) => one.siteId === row.id)?.waiting ?? 0,
      distanceMetres:
        here && row.latitude !== null && row.longitude !== null
          ? Math.round(distanceMetres(here, { latitude: row.latitude, longitude: row.longitude }))
          : null,
    };
  });
  const far = (site: { distanceMetres: number | null }) =>
    site.distanceMetres ?? Number.MAX_SAFE_INTEGER;
  return {
    sites: sites.sort(
      (left, right) =>
        far(left) - far(right) || (left.nextFree ?? "9").localeCompare(right.nextFree ?? "9"),
    ),
  };
}

/**
 * Book one segment for several people at once: all of them or nobody, or whoever fits. Each gets an own
 * answer; with `all` nothing is kept when one does not fit.
 * @throws DomainError `sampling.none-fit` with the sentences of those who do not
 */
export async function bookTests(
  work: Patient,
  input: z.output<typeof testBookingBody>,
): Promise<z.input<typeof testBookingAnswer>> {
  const { tx, actor, origin } = work;
  const people = [];
  const names = await namesOf(
    work,
    input.people.map((one) => one.patientId),
  );
  const asked = new Map(input.people.map((one) => [one.patientId, one]));
  for (const one of asked.values()) {
    try {
      const held = await hold(work, {
        segmentId: input.segmentId,
        patientId: one.patientId,
        relation: one.relation,
        channel: "phone-web",
      });
      people.push({ ...one, appointmentId: held.appointment.id, problem: null });
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      people.push({
        ...one,
        appointmentId: null,
        problem: sentence(error.code, actor.language, error.params),
      });
    }
  }
  const fitting = people.filter((one) => one.appointmentId !== null);
  if (fitting.length === 0 || (input.mode === "all" && fitting.length < people.length))
    throw new DomainError("sampling.none-fit", {
      who: people
        .filter((one) => one.problem)
        .map((one) => `${names.get(one.patientId) ?? ""}: ${one.problem}`),
    });
  for (const one of fitting) {
    await confirm(work, one.appointmentId!);
    await tx.execute(sql`
      update test_registration set purpose = ${one.purpose}, priority = coalesce(${one.priority}::test_priority_reason, priority), version = version + 1
      where appointment_id = ${one.appointmentId}`);
    await trace(tx, actor, origin, {
      action: "sampling.book",
      entityType: "appointment",
      entityId: one.appointmentId,
      patientId: one.patientId,
      detail: { purpose: one.purpose, lane: one.priority !== null },
    });
  }
  return {
    booked: fitting.length,
    people: people.map(({ patientId, appointmentId, problem }) => ({
      patientId,
      name: names.get(patientId) ?? "",
      appointmentId,
      problem,
    })),
  };
}

async function namesOf({ tx }: Work, ids: readonly string[]): Promise<Map<string, string>> {
  const rows = await tx.execute<{ id: string; name: string | null }>(sql`
    select id, coalesce(full_name, full_name_bo) as name from patient where id in (${sql.join(
      ids.map((one) => sql`${one}`),
      sql`, `,
    )})`);
  return new Map(rows.map((row) => [row.id, row.name ?? ""]));
}

/** Coming tests of mine and of those I book for, and the last month's. Results are the cards' business. */
export async function listMyTests({ tx, actor, now }: Patient): Promise<z.input<typeof myTests>> {
  if (actor.patientIds.length === 0) return { tests: [] };
  const rows = await tx.execute<{
    id: string;
    appointmentId: string | null;
    patientId: string;
    patientName: string | null;
    siteId: string;
    code: string;
    expectedAt: string;
    state: z.input<typeof myTests>["tests"][number]["state"];
    purpose: z.input<typeof myTests>["tests"][number]["purpose"];
    priority: z.input<typeof myTests>["tests"][number]["priority"];
    sampledAt: string | null;
  }>(sql`
    select r.id, r.appointment_id as "appointmentId", r.patient_id as "patientId", coalesce(p.full_name, p.full_name_bo) as "patientName",
      r.site_id as "siteId", r.code, r.expected_at as "expectedAt", r.state, r.purpose, r.priority, r.sampled_at as "sampledAt"
    from test_registration r join patient p on p.id = r.patient_id
    where r.state <> 'cancelled' and r.day > ${localDay(now)}::date - 30 order by r.expected_at desc limit 100`);
  const ids = [...new Set(rows.map((row) => row.siteId))];
  const sites =
    ids.length > 0
      ? await repository.findSites(
          tx,
          sql`s.id in (${sql.join(
            ids.map((one) => sql`${one}`),
            sql`, `,
          )})`,
        )
      : [];
  return {
    tests: rows.map(({ patientId, patientName, siteId, ...row }) => {
      const site = sites.find((one) => one.id === siteId)!;
      return {
        ...row,
        patient: { id: patientId, name: patientName ?? "" },
        site: siteName(site),
        place: site.place,
        feverPlace: site.feverPlace,
        expectedAt: iso(row.expectedAt),
        sampledAt: isoOrNull(row.sampledAt),
      };
    }),
  };
}

/** Why somebody comes and whether he goes first, until he is there. */
export async function changeTest(
  work: Patient,
  id: string,
  input: z.output<typeof testChangeBody>,
): Promise<{ ok: true }> {
  const { tx, actor, origin } = work;
  const [row] = await tx.execute<{ patientId: string }>(sql`
    update test_registration set purpose = ${input.purpose}, priority = ${input.priority}::test_priority_reason, version = version + 1
    where id = ${id} and state = 'registered' returning patient_id as "patientId"`);
  if (!row) throw new DomainError("sampling.illegal-step");
  await trace(tx, actor, origin, {
    action: "sampling.change",
    entityType: "test-registration",
    entityId: id,
    patientId: row.patientId,
  });
  return { ok: true };
}

type GroupRow = {
  id: string;
  code: string;
  kind: GroupKind;
  name: string;
  siteId: string;
  segmentId: string | null;
  day: string;
  closed: boolean;
  members: number;
};

async function viewGroups(
  { tx }: Patient,
  rows: readonly GroupRow[],
  own: boolean,
): Promise<z.input<typeof groupView>[]> {
  if (rows.length === 0) return [];
  const list = (ids: readonly string[]) =>
    sql.join(
      ids.map((one) => sql`${one}`),
      sql`, `,
    );
  const sites = await repository.findSites(
    tx,
    sql`s.id in (${list(rows.map((row) => row.siteId))})`,
  );
  const segments = rows.flatMap((row) => row.segmentId ?? []);
  const starts =
    segments.length > 0
      ? await tx.execute<{ id: string; startsAt: string }>(
          sql`select id, starts_at as "startsAt" from segment where id in (${list(segments)})`,
        )
      : [];
  return rows.map((row) => {
    const site = sites.find((one) => one.id === row.siteId)!;
    const start = starts.find((one) => one.id === row.segmentId);
    return {
      ...row,
      site: siteName(site),
      place: site.place,
      startsAt: start ? iso(start.startsAt) : null,
      own,
    };
  });
}

/** Groups that this phone made. */
export async function listGroups(work: Patient): Promise<z.input<typeof groupList>> {
  const rows = await work.tx.execute<GroupRow>(sql`
    select g.id, g.code, g.kind, g.name, g.site_id as "siteId", g.segment_id as "segmentId", g.day::text as day, g.closed_at is not null as closed,
      (select members::int from app.group_of_code(g.code)) as members
    from sampling_group g where g.owner_phone_index = app.phone_index() and g.day > ${localDay(work.now)}::date - 30 order by g.day desc limit 20`);
  return { groups: await viewGroups(work, rows, true) };
}

/** Make a family, company or class that comes together; whoever has the code may join. */
export async function createGroup(
  work: Patient,
  input: z.output<typeof groupBody>,
): Promise<z.input<typeof groupView>> {
  const { tx, actor, origin, now } = work;
  if (input.day < localDay(now)) throw new DomainError("sampling.group-closed");
  const [site] = await repository.findSites(tx, sql`s.id = ${input.siteId}`);
  if (!site) throw new DomainError("request.not-found");
  if (input.segmentId) {
    const [segment] = await tx.execute(
      sql`select 1 from segment where id = ${input.segmentId} and schedule_id = ${site.scheduleId} and day = ${input.day}`,
    );
    if (!segment) throw new DomainError("request.not-found");
  }
  const code = `G${bookingCode(randomBytes(6)).slice(0, 5)}`;
  await tx.insert(samplingGroup).values({ ...input, code, ownerPhoneIndex: actor.phoneIndex });
  await trace(tx, actor, origin, {
    action: "sampling.group",
    entityType: "sampling-group",
    detail: { kind: input.kind },
  });
  return readGroup(work, code);
}

/** What a code stands for: where and when, never who. @throws DomainError `sampling.group-unknown` */
export async function readGroup(work: Patient, code: string): Promise<z.input<typeof groupView>> {
  const [row] = await work.tx.execute<GroupRow & { own: boolean }>(sql`
    select g.id, g.code, g.kind, g.name, g.site_id as "siteId", g.segment_id as "segmentId", g.day::text as day, g.closed, g.members::int as members,
      exists (select 1 from sampling_group o where o.id = g.id) as own
    from app.group_of_code(${code.replace(/\s/gu, "")}) g`);
  if (!row) throw new DomainError("sampling.group-unknown");
  const { own, ...rest } = row;
  const [view] = await viewGroups(work, [rest], own);
  return view!;
}

/** @throws DomainError `sampling.group-unknown`, `sampling.group-closed`, `permission.denied` */
export async function joinGroup(
  work: Patient,
  code: string,
  patientIds: readonly string[],
): Promise<z.input<typeof groupView>> {
  const { tx, actor, origin, now } = work;
  for (const patientId of patientIds) {
    const [answer] = await tx.execute<{ id: string | null; problem: string | null }>(sql`
      select group_id as id, problem from app.join_group(${code.replace(/\s/gu, "")}, ${patientId}, ${localDay(now)}, ${now.toISOString()})`);
    if (answer?.problem === "unknown") throw new DomainError("sampling.group-unknown");
    if (answer?.problem === "closed") throw new DomainError("sampling.group-closed");
    if (answer?.problem) throw new DomainError("permission.denied");
    await trace(tx, actor, origin, {
      action: "sampling.join",
      entityType: "sampling-group",
      entityId: answer?.id ?? null,
      patientId,
    });
  }
  return readGroup(work, code);
}
