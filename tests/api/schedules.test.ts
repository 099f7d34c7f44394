import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadDemo } from "../../server/demo/load.ts";
import { systemActor } from "../../server/identity/session-service.ts";
import { buildTestApp, type TestApp } from "../support/app.ts";

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
    const { admin } = test.database;
    const { default: postgres } = await import("postgres");
    const past = postgres(admin, { max: 1, onnotice: () => {} });
    await past`truncate clinic_schedule, booking_policy, signed_resident cascade`;
    await past`delete from role_assignment where person_id = ${test.ids.people.get("lumin")!}`;
    await past`delete from staff_account where person_id = ${test.ids.people.get("lumin")!}`;
    await past.end();
    expect(await loadDemo(test.services)).toBe(false);
    expect(await count(sql`select count(*)::int n from seat`)).toBe(before);
    await expect(test.as("lumin")).resolves.toBeDefined();
  });
});
