import type { Resource } from "@medplum/fhirtypes";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fromFhirLocation } from "../../fhir-mappings/location.ts";
import { fromFhirSchedule } from "../../fhir-mappings/schedule.ts";
import { fromFhirSlot } from "../../fhir-mappings/slot.ts";
import { provinceOf } from "../../server/booking/openings-domain.ts";
import { snapshotMs } from "../../server/booking/openings-service.ts";
import { systemActor } from "../../server/identity/session-service.ts";
import { buildTestApp, type TestApp } from "../support/app.ts";
import { problemsOf } from "./definitions.ts";

let test: TestApp;
beforeAll(async () => {
  test = await buildTestApp();
});
afterAll(() => test.close());

const path = (url: string) => new URL(url).pathname;
const manifest = async () => (await test.anonymous.get("/fhir/$bulk-publish")).body;
async function lines(type: string, state?: string): Promise<Resource[]> {
  const { output } = await manifest();
  const wanted = output.filter(
    (one: { type: string; extension?: { state: string[] } }) =>
      one.type === type && (!state || one.extension?.state.includes(state)),
  );
  const found: Resource[] = [];
  for (const one of wanted) {
    const { raw } = await test.anonymous.get(path(one.url));
    // Every line ends, no line is empty.
    expect(raw.body === "" || raw.body.endsWith("\n")).toBe(true);
    for (const line of raw.body.split("\n").slice(0, -1)) found.push(JSON.parse(line));
  }
  return found;
}
const slots = async () => (await lines("Slot")).map(fromFhirSlot);
const change = (what: ReturnType<typeof sql>) =>
  test.services.db.withActor(systemActor("test"), (tx) => tx.execute(what));
/** What is given out is at most this old; the clock moves on. */
const later = (ms = snapshotMs) => {
  test.clock.now = new Date(test.clock.now.getTime() + ms);
};

describe("the manifest", () => {
  it.each([undefined, "application/json", "application/fhir+json", "text/csv"])(
    "is JSON for anybody who asks, whatever Accept says (%s)",
    async (accept) => {
      const answer = await test.anonymous.get("/fhir/$bulk-publish", accept ? { accept } : {});
      expect(answer.status).toBe(200);
      expect(answer.headers["content-type"]).toContain("application/json");
      expect(answer.headers["access-control-allow-origin"]).toBe("*");
      expect(answer.body).toMatchObject({
        transactionTime: "2026-11-23T10:00:00+08:00",
        request: "http://localhost:8080/fhir/$bulk-publish",
        error: [],
      });
    },
  );

  it("names places, clinics and slots of each province, and every file is there", async () => {
    const { output } = await manifest();
    expect(
      output.map((one: { type: string; extension: { state: string[] } }) => [
        one.type,
        one.extension.state[0],
      ]),
    ).toEqual([
      ["Location", "SH"],
      ["Location", "XZ"],
      ["Schedule", "SH"],
      ["Schedule", "XZ"],
      ["Slot", "SH"],
      ["Slot", "XZ"],
    ]);
    for (const { url } of output) {
      const answer = await test.anonymous.get(path(url), { accept: "application/fhir+ndjson" });
      expect(answer.status).toBe(200);
      expect(answer.headers["content-type"]).toContain("application/fhir+ndjson");
    }
    expect((await test.anonymous.get("/fhir/openings/Slot-ZZ.ndjson")).status).toBe(404);
    expect((await test.anonymous.get("/fhir/openings/$bulk-publish")).status).toBe(400);
  });

  it("may be kept for half a minute, and is not sent twice", async () => {
    for (const url of ["/fhir/$bulk-publish", "/fhir/openings/Slot-SH.ndjson"]) {
      const first = await test.anonymous.get(url);
      const seconds = /max-age=(\d+)/.exec(String(first.headers["cache-control"]))?.[1];
      expect(Number(seconds) * 1000 + snapshotMs).toBeLessThanOrEqual(60_000);
      const etag = String(first.headers.etag);
      const again = await test.anonymous.get(url, { "if-none-match": `W/${etag}` });
      expect([again.status, again.raw.body]).toEqual([304, ""]);
      expect((await test.anonymous.get(url, { "if-none-match": '"x"' })).status).toBe(200);
    }
  });
});

describe("the files", () => {
  it("are valid R4, and what the maps read back", async () => {
    const all = [...(await lines("Location")), ...(await lines("Schedule"))];
    const some = (await lines("Slot")).filter((_, index) => index % 97 === 0);
    for (const resource of [...all, ...some]) expect(problemsOf(resource)).toEqual([]);
    const [held] = (await change(sql`select count(distinct g.institution_id)::int as places,
      count(distinct g.schedule_id)::int as clinics from segment g where g.day <= '2026-12-08' and g.ends_at > '2026-11-23T02:00:00Z'
        and exists (select 1 from seat s where s.segment_id = g.id and s.public_from <= '2026-11-23T02:00:00Z')`)) as unknown as [
      { places: number; clinics: number },
    ];
    expect(all.length).toBe(held.places + held.clinics);
    expect(held.clinics).toBeGreaterThan(10);
    expect(some.length).toBeGreaterThan(20);
  });

  it("hang together: every slot has its clinic, every clinic its place", async () => {
    const places = (await lines("Location")).map(fromFhirLocation);
    const clinics = (await lines("Schedule")).map(fromFhirSchedule);
    const found = await slots();
    const placeIds = new Set(places.map((one) => one.id));
    const clinicIds = new Set(clinics.map((one) => one.id));
    expect(clinics.filter((one) => !placeIds.has(one.institutionId))).toEqual([]);
    expect(found.filter((one) => !clinicIds.has(one.scheduleId))).toEqual([]);
    expect(new Set(found.map((one) => one.scheduleId))).toEqual(clinicIds);
    expect(places.find((one) => one.slug === "sakya-chc")).toMatchObject({
      province: "XZ",
      phone: "0892-8242120",
    });
    expect((await lines("Location", "XZ")).length).toBe(1);
  });

  it("write times as people there read them, with seconds and offset", async () => {
    const [slot] = (await lines("Slot", "SH")) as { start?: string; end?: string }[];
    expect(slot!.start).toMatch(/^2026-11-23T\d\d:\d0:00\+08:00$/);
    expect(slot!.end).toMatch(/^2026-11-23T\d\d:\d0:00\+08:00$/);
  });

  it("count the seats that the public may take, and lead to the page where they are booked", async () => {
    const [row] =
      await change(sql`select g.id, i.phone, g.department_id, g.practitioner_id as doctor, g.day::text as day,
        count(*) filter (where s.public_from <= '2026-11-23T02:00:00Z')::int as open, count(*)::int as all
      from segment g join seat s on s.segment_id = g.id join institution i on i.id = g.institution_id
      where g.practitioner_id is not null and g.day = '2026-11-26' and i.slug = 'xuhui-central'
      group by g.id, i.id order by g.starts_at, g.id limit 1`);
    const segment = row as Record<"id" | "phone" | "department_id" | "doctor" | "day", string> & {
      open: number;
      all: number;
    };
    const slot = (await slots()).find((one) => one.segmentId === segment.id)!;
    // Half is kept for family doctors until the day before.
    expect(segment.open).toBeLessThan(segment.all);
    expect(slot).toMatchObject({ status: "free", capacity: segment.open });
    expect(slot.bookingLink).toBe(
      `http://localhost:8080/book/${segment.department_id}?day=${segment.day}&doctor=${segment.doctor}&segment=${segment.id}`,
    );
    expect(slot.bookingPhone).toBe(segment.phone);
    expect(segment.phone).toMatch(/^0\d{2,3}-\d{7,8}$/);
  });

  it("say nothing of what is over, stopped or not released", async () => {
    const over = (await slots()).filter((one) => one.start <= test.clock.now);
    expect(over).toEqual([]);
    const days = new Set(
      (await lines("Slot")).map((one) => (one as { start: string }).start.slice(0, 10)),
    );
    // Released fourteen days ahead at 07:00; it is ten in the morning. A fever clinic's day goes on past midnight.
    expect([...days].sort().at(-1)).toBe("2026-12-08");
    expect(days.has("2026-12-09")).toBe(false);
    const [stop] = (await slots()).filter((one) => one.bookingLink);
    await change(
      sql`update segment set stopped_at = now(), stop_reason = 'x' where id = ${stop!.segmentId}`,
    );
    later();
    expect((await slots()).some((one) => one.segmentId === stop!.segmentId)).toBe(false);
  });

  it("show a taken seat as busy, a lapsed hold and a seat that has rested as free again", async () => {
    const [slot] = (await slots()).filter((one) => one.bookingLink && one.capacity >= 2);
    const patient = await test.as("13800138003");
    const person = (await patient.get("/api/session")).body.patients[0].id;
    const held = await patient.post("/api/appointments/hold", {
      segmentId: slot!.segmentId,
      patientId: person,
    });
    expect(held.status).toBe(200);
    const of = async () =>
      Object.fromEntries(
        (await slots())
          .filter((one) => one.segmentId === slot!.segmentId)
          .map((one) => [one.status, one.capacity]),
      );
    // Until the snapshot is over, what was given out stands.
    expect(await of()).toEqual({ free: slot!.capacity });
    later();
    expect(await of()).toEqual({ free: slot!.capacity - 1, busy: 1 });
    later(16 * 60_000);
    expect(await of()).toEqual({ free: slot!.capacity });
  });

  it("never name anybody who booked", async () => {
    for (const type of ["Location", "Schedule", "Slot"])
      expect(JSON.stringify(await lines(type))).not.toContain("周桂英");
  });
});

describe("provinces", () => {
  it.each([
    ["上海市静安区平顺路 525 号", "SH"],
    ["西藏自治区日喀则市萨迦县", "XZ"],
    ["内蒙古自治区", "NM"],
    ["平顺路 525 号", null],
    [null, null],
  ])("reads %s as %s", (address, province) => {
    expect(provinceOf(address)).toBe(province);
  });
});
