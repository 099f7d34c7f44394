import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { publishAhead, publishSegments } from "../../server/booking/publish-service.ts";
import { publishSchedule, publishTasks } from "../../server/booking/publish-tasks.ts";
import { loadDemo } from "../../server/demo/load.ts";
import { systemActor } from "../../server/identity/session-service.ts";
import { startQueue } from "../../server/queue/queue.ts";
import { buildTestApp, type TestApp } from "../support/app.ts";
import { eventually, silent } from "./kit.ts";

let test: TestApp;
beforeAll(async () => {
  test = await buildTestApp();
});
afterAll(() => test.close());

const system = systemActor("test");
const count = (what: ReturnType<typeof sql>) =>
  test.services.db.withActor(system, async (tx) => {
    const [row] = await tx.execute<{ n: number }>(what);
    return row!.n;
  });

describe("the demo's clinics", () => {
  it.each(["2026-11-23", "2026-11-24", "2026-12-06"])("have free seats on %s", async (day) => {
    const free = await count(sql`select count(distinct g.schedule_id)::int n from seat s
      join segment g on g.id = s.segment_id
      where g.day = ${day} and s.appointment_id is null and s.public_from <= ${`${day}T00:00:00+08:00`}`);
    expect(free).toBeGreaterThanOrEqual(4);
  });

  it("are open round the clock for fever, also before the first day's hours begin", async () => {
    const hours = await count(sql`select count(*)::int n from segment
      where kind = 'fever-clinic' and starts_at >= '2026-11-23T00:00:00+08:00' and starts_at < '2026-11-25T00:00:00+08:00'`);
    expect(hours).toBe(48);
  });

  it("come once, and come back to a demo database of a time before booking", async () => {
    const before = await count(sql`select count(*)::int n from seat`);
    expect(await loadDemo(test.services)).toBe(false);
    expect(await count(sql`select count(*)::int n from seat`)).toBe(before);
    const past = postgres(test.database.admin, { max: 1, onnotice: () => {} });
    await past`truncate clinic_schedule, booking_policy, signed_resident, tube_batch cascade`;
    await past`delete from role_assignment where person_id = ${test.ids.people.get("lumin")!}`;
    await past`delete from staff_account where person_id = ${test.ids.people.get("lumin")!}`;
    await past.end();
    expect(await loadDemo(test.services)).toBe(false);
    expect(await count(sql`select count(*)::int n from seat`)).toBe(before);
    await expect(test.as("lumin")).resolves.toBeDefined();
  });
});

/** A clinic of our own: Mondays to Sundays 08:00 to 10:00, seats by `capacity`. */
async function newSchedule(
  change: { doctor?: string; capacity?: number; department?: string; institution?: string } = {},
): Promise<{ id: string; institutionId: string }> {
  const institutionId = test.ids.institutions.get(change.institution ?? "jingan-central")!;
  return test.services.db.withActor(system, async (tx) => {
    const [row] = await tx.execute<{ id: string }>(sql`insert into clinic_schedule
      (institution_id, department_id, practitioner_id, kind, name_zh, name_en, place, segment_minutes)
      select ${institutionId}, d.id, ${change.doctor ? test.ids.people.get(change.doctor)! : null}, 'clinic',
        ${randomUUID()}, 'Clinic', '1', 30 from department d
      where d.institution_id = ${institutionId} order by d.slug desc limit 1 returning id`);
    await tx.execute(sql`insert into schedule_rule (schedule_id, weekday, start_minute, end_minute, capacity, valid_from)
      select ${row!.id}, n, 480, 600, ${change.capacity ?? 2}, '2026-01-01' from generate_series(1, 7) n`);
    return { id: row!.id, institutionId };
  });
}
const publish = (id: string, from = "2027-01-04", days = 5) =>
  test.services.db.withActor(system, (tx) => publishSegments(tx, id, from, days));
const seatsOf = (id: string) =>
  count(sql`select count(*)::int n from seat s join segment g on g.id = s.segment_id
    where g.schedule_id = ${id}`);

describe("the demo, loaded at any hour", () => {
  it.each([
    ["late on a Saturday evening", "2026-11-28T14:40:00Z", "2026-11-28", "2026-11-29"],
    ["after midnight on a public holiday", "2027-02-05T16:30:00Z", "2027-02-06", "2027-02-07"],
  ])(
    "has seats for today and tomorrow: %s",
    async (_, now, today, tomorrow) => {
      const other = await buildTestApp({ now: new Date(now) });
      const free = async (day: string) => {
        const [row] = await other.services.db.withActor(system, (tx) =>
          tx.execute<{
            n: number;
          }>(sql`select count(*)::int n from seat s join segment g on g.id = s.segment_id
          where (g.starts_at at time zone 'Asia/Shanghai')::date = ${day} and g.starts_at > ${now}
            and s.public_from <= ${now}`),
        );
        return row!.n;
      };
      try {
        // Late in the evening it is the fever clinic that is open, until its last segment of the day begins.
        expect(await free(today)).toBeGreaterThanOrEqual(4);
        expect(await free(tomorrow)).toBeGreaterThan(20);
      } finally {
        await other.close();
      }
    },
    90_000,
  );
});

describe("publishing", () => {
  it("opens once, whoever publishes at the same moment", async () => {
    const { id } = await newSchedule();
    const all = await Promise.all([publish(id), publish(id), publish(id)]);
    expect(all.map((one) => one.segments).sort()).toEqual([0, 0, 20]);
    expect(all.map((one) => one.kept).sort()).toEqual([0, 20, 20]);
    expect(await seatsOf(id)).toBe(40);
    expect(await publish(id)).toMatchObject({ segments: 0, seats: 0, kept: 20, clashes: [] });
  });

  it("never changes what is open: another capacity counts for days that are still to come", async () => {
    const { id } = await newSchedule();
    await publish(id, "2027-01-04", 2);
    await test.services.db.withActor(system, (tx) =>
      tx.execute(sql`update schedule_rule set capacity = 7 where schedule_id = ${id}`),
    );
    expect(await publish(id, "2027-01-04", 3)).toMatchObject({ segments: 4, seats: 28, kept: 8 });
    expect(await seatsOf(id)).toBe(2 * 8 + 7 * 4);
  });

  it("gives a session that is added later tickets of its own", async () => {
    const { id } = await newSchedule({ capacity: 10 });
    await publish(id, "2027-01-04", 1);
    await test.services.db.withActor(system, (tx) =>
      tx.execute(
        sql`update schedule_rule set capacity = 3, start_minute = 420 where schedule_id = ${id}`,
      ),
    );
    await publish(id, "2027-01-04", 1);
    const twice = await count(sql`select count(*)::int n from segment a join segment b
      on a.schedule_id = b.schedule_id and a.day = b.day and a.id <> b.id
      and int4range(a.first_ticket, a.first_ticket + a.capacity) && int4range(b.first_ticket, b.first_ticket + b.capacity)
      where a.schedule_id = ${id}`);
    expect(twice).toBe(0);
    expect(await seatsOf(id)).toBe(46);
  });

  it("leaves out what the doctor does elsewhere, day by day, and opens the rest", async () => {
    const here = await newSchedule({ doctor: "wuqihang" });
    const there = await newSchedule({ doctor: "wuqihang", institution: "huadong" });
    await publish(here.id, "2027-03-01", 1);
    const published = await publish(there.id, "2027-03-01", 2);
    expect(published.segments).toBe(4);
    expect(published.clashes.map((one) => [one.day, one.why])).toEqual(
      Array(4).fill(["2027-03-01", "doctor"]),
    );
  });

  it("gives a doctor's hour to one of two clinics that publish at the same moment", async () => {
    const pair = [
      await newSchedule({ doctor: "shenyiming" }),
      await newSchedule({ doctor: "shenyiming", institution: "huadong" }),
    ];
    const all = await Promise.all(pair.map(({ id }) => publish(id, "2027-03-01", 3)));
    expect(all.reduce((sum, one) => sum + one.segments, 0)).toBe(12);
    expect(all.reduce((sum, one) => sum + one.clashes.length, 0)).toBe(12);
  });

  it("keeps public holidays closed, and says which", async () => {
    const { id } = await newSchedule();
    const published = await publish(id, "2026-12-31", 2);
    expect(published.segments).toBe(4);
    expect(published.closed).toEqual([{ day: "2027-01-01", reason: "元旦", holiday: true }]);
  });

  it("takes the policy of each day", async () => {
    const { id, institutionId } = await newSchedule({ capacity: 10, institution: "rehab-3" });
    await test.services.db.withActor(system, (tx) =>
      tx.execute(sql`insert into booking_policy (institution_id, valid_from, priority_percent, hotline_percent)
        values (${institutionId}, '2027-01-05', 20, 30)`),
    );
    await publish(id, "2027-01-04", 2);
    const pools = await test.services.db.withActor(system, (tx) =>
      tx.execute(sql`select g.day::text, s.pool, count(*)::int n from seat s join segment g on g.id = s.segment_id
        where g.schedule_id = ${id} group by 1, 2 order by 1, 2`),
    );
    expect([...pools].map((row) => Object.values(row))).toEqual([
      ["2027-01-04", "public", 20],
      ["2027-01-04", "priority", 20],
      ["2027-01-05", "public", 20],
      ["2027-01-05", "priority", 8],
      ["2027-01-05", "hotline", 12],
    ]);
  });

  it("opens nothing for whoever does not manage the institution's schedules", async () => {
    const { id } = await newSchedule();
    const actor = (institution: string, permissions: string[]) => ({
      kind: "staff" as const,
      personId: test.ids.people.get("guxiaowen")!,
      institutionId: test.ids.institutions.get(institution)!,
      permissions: new Set(permissions),
      sessionId: "s",
      name: "顾晓雯",
      language: "zh-CN" as const,
    });
    // Her right is at another hospital, whatever her session says.
    const foreign = actor("xuhui-central", ["booking.manage"]);
    await expect(
      test.services.db.withActor(foreign, (tx) => publishSegments(tx, id, "2027-01-04", 1)),
    ).rejects.toMatchObject({ code: "request.not-found" });
    expect(await seatsOf(id)).toBe(0);
  });
});

describe("the nightly job", () => {
  it("opens what is missing after days off, once", async () => {
    const { id, institutionId } = await newSchedule();
    const run = (now: string) =>
      publishTasks["booking:publish"]!(null, {
        db: test.services.db,
        clock: () => new Date(now),
        log: silent,
        asJob: (work) =>
          test.services.db.withActor({ kind: "job", task: "t", language: "zh-CN" }, work),
      });
    await run("2027-03-01T16:20:00Z");
    // 21 days of four half hours, from the second of March on.
    expect(await seatsOf(id)).toBe(21 * 8);
    await run("2027-03-06T16:20:00Z");
    expect(await seatsOf(id)).toBe(26 * 8);
    await run("2027-03-06T16:20:00Z");
    expect(await seatsOf(id)).toBe(26 * 8);
    const stopped = await test.services.db.withActor(system, async (tx) => {
      await tx.execute(sql`update clinic_schedule set active = false where id = ${id}`);
      return publishAhead(tx, { id, institutionId }, new Date("2027-03-06T16:20:00Z"));
    });
    expect(stopped.kept).toBe(21 * 4);
    await run("2027-03-20T16:20:00Z");
    expect(await seatsOf(id)).toBe(26 * 8);
  });

  it("runs at the start when the machine was off at its hour", async () => {
    const admin = postgres(test.database.admin, { max: 1, onnotice: () => {} });
    const start = (tasks: string[]) =>
      startQueue({
        jobsUrl: test.database.jobs,
        db: test.services.db,
        clock: test.services.clock,
        tasks: {
          "booking:publish": async () => {
            tasks.push("published");
          },
        },
        schedule: publishSchedule,
        log: silent,
      });
    const first: string[] = [];
    const queue = await start(first);
    await queue.close();
    expect(first).toEqual([]);
    await admin`update graphile_worker._private_known_crontabs
      set known_since = now() - interval '9 days', last_execution = now() - interval '9 days'`;
    // The nights within what is made up for: two in the hour after the night's own time, else one.
    const [{ cron, catchUpHours = 0 } = { cron: "" }] = publishSchedule;
    const [minute, ofHour] = cron.split(" ").map(Number);
    const now = Date.now();
    const tonight = new Date(now).setUTCHours(ofHour!, minute!, 0, 0);
    const nights = [0, 1, 2, 3]
      .map((days) => tonight - days * 24 * 3_600_000)
      .filter((at) => at <= now && at > now - catchUpHours * 3_600_000);
    const later: string[] = [];
    const again = await start(later);
    await eventually("the missed nights are made up for", () => later.length >= nights.length);
    await again.close();
    await admin.end();
    expect(later).toEqual(nights.map(() => "published"));
  });
});
