import { Agent } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { type BenchResult, result } from "../suite.ts";
import { percentile } from "./clients.ts";
import { ask, makePeople, type Person } from "./people.ts";
import type { World } from "./world.ts";

/** What a sale took of its buyer's time once it was his turn, ms. */
const phases: { asked: number; choosing: number; hold: number; confirm: number }[] = [];
/** What became of somebody at the release. */
type End = "sold" | "full" | string;
type Release = { department: string; day: string; segments: readonly string[]; at: number };

/** The machine's limit of open files: more people share a connection one after the other. */
const sockets = 2_000;
/** From this long before the release people press the button. */
const earlyMs = 10_000;

/** Everybody wants a seat of the same day at the same moment, and each is answered. */
export async function releaseRush(
  world: World,
  url: string,
  quick: boolean,
  log: (line: string) => void,
): Promise<BenchResult[]> {
  const size = quick ? { people: 2_000, seats: 100 } : { people: 20_000, seats: 500 };
  const people = await makePeople(world.admin, "release", size.people);
  await world.admin`analyze`;
  const release = await prepareRelease(world, size.seats, Date.now() + earlyMs + 3_000);
  const agent = new Agent({ keepAlive: true, maxSockets: sockets });
  await delay(release.at - earlyMs - Date.now());
  const began = performance.now();
  const ends = await Promise.all(
    people.map(async (person) => {
      // They come within the seconds around the release, most of them before it.
      await delay(Math.random() * earlyMs * 1.2);
      return wantSeat(agent, url, release, person).catch((error: Error) => error.message);
    }),
  );
  const took = (performance.now() - began - earlyMs) / 1000;
  const health = await fetch(`${url}/healthz`);
  agent.destroy();
  const counts = new Map<End, number>();
  for (const end of ends) counts.set(end, (counts.get(end) ?? 0) + 1);
  log(
    `release: ${[...counts].map((pair) => pair.join(" ")).join(", ")}, ${took.toFixed(1)} s after the release`,
  );
  for (const name of ["asked", "choosing", "hold", "confirm"] as const) {
    const values = phases.map((phase) => phase[name]);
    log(
      `${name}: p50 ${Math.round(percentile(values, 0.5))}, p99 ${Math.round(percentile(values, 0.99))}`,
    );
  }
  const [seen] = await world.admin<
    { sold: number; twice: number; ms: number[]; most: number; admitted: number }[]
  >`
    select count(*)::int as sold, (count(*) - count(distinct a.segment_id::text || a.seat_number))::int as twice,
      array_agg((extract(epoch from a.confirmed_at - p.admitted_at) * 1000)::int) as ms,
      max(p.number) as most, (select count(*)::int from release_place where admitted_at is not null) as admitted
    from appointment a join release_room r on r.department_id = a.department_id and r.day = a.day
      join release_place p on p.room_id = r.id and p.patient_id = a.patient_id
    where a.department_id = ${release.department} and a.state = 'booked'`;
  const sold = counts.get("sold") ?? 0;
  const full = counts.get("full") ?? 0;
  return [
    result(
      `sold, ${size.people} people for ${size.seats} seats`,
      seen!.sold,
      "seats",
      `== ${size.seats}`,
    ),
    result("told that they were sold one", sold, "people", `== ${size.seats}`),
    result("seats sold twice at the release", seen!.twice, "seats", "== 0"),
    result("neither sold nor told that it is full", people.length - sold - full, "people", "== 0"),
    result("server up after the release", health.status === 200 ? 1 : 0, "yes", "== 1"),
    result("sold after admission, p99", Math.round(percentile(seen!.ms, 0.99)), "ms", "<= 2000"),
    result("highest number that was sold a seat", seen!.most, "place"),
    result("everybody answered after the release", Math.round(took * 10) / 10, "s"),
  ];
}

/** A department's day whose seats become everybody's at an instant. */
async function prepareRelease({ admin }: World, seats: number, at: number): Promise<Release> {
  const [department] = await admin<{ id: string }[]>`
    insert into department (institution_id, slug, name, specialty_code)
    select id, 'release', '放号科', '03' from institution limit 1 returning id`;
  const [schedule] = await admin<{ id: string }[]>`
    insert into clinic_schedule (institution_id, department_id, kind, name_zh, name_en, place, segment_minutes)
    select institution_id, id, 'clinic', '门诊', 'Clinic', '1 层', 30 from department where id = ${department!.id} returning id`;
  const day = new Date(at + 14 * 86_400_000).toISOString().slice(0, 10);
  const segments = await admin<{ id: string }[]>`
    insert into segment (schedule_id, institution_id, department_id, kind, day, starts_at, ends_at, capacity, first_ticket, cancel_until)
    select c.id, c.institution_id, c.department_id, 'clinic', ${day}, ${day}::timestamptz + n * interval '30 minutes',
      ${day}::timestamptz + (n + 1) * interval '30 minutes', ${seats / 20}, n * ${seats / 20} + 1, ${day}::date
    from clinic_schedule c, generate_series(0, 19) n where c.id = ${schedule!.id} returning id`;
  await admin`
    insert into seat (segment_id, department_id, day, number, pool, pool_from, public_from)
    select g.id, g.department_id, g.day, n, 'public', ${new Date(at)}, ${new Date(at)} from segment g, generate_series(1, ${seats / 20}::int) n
    where g.schedule_id = ${schedule!.id}`;
  return { department: department!.id, day, segments: segments.map((row) => row.id), at };
}

/** As a page does it: into the waiting room, wait, hold, confirm; another time when the wished one is gone. */
async function wantSeat(agent: Agent, url: string, release: Release, person: Person): Promise<End> {
  let wished = release.segments[Math.floor(Math.random() * release.segments.length)]!;
  const entered = await ask(
    agent,
    url,
    person,
    "POST",
    `/api/booking/waiting-room/${wished}/${person.patient}`,
    {},
  );
  if (entered.body.code === "booking.no-waiting-room") return "full";
  if (entered.status !== 200) return `enter ${entered.status} ${String(entered.body.code)}`;
  for (;;) {
    const place = await ask(
      agent,
      url,
      person,
      "GET",
      `/api/booking/waiting-room/${String(entered.body.placeId)}`,
    );
    if (place.status !== 200) return `place ${place.status} ${String(place.body.code)}`;
    if (place.body.admitted) break;
    if (place.body.soldOut || place.body.closed) return "full";
    await delay(Number(place.body.askAgainMs));
  }
  const turn = performance.now();
  for (let asked = 1; ; asked += 1) {
    const began = performance.now();
    const held = await ask(agent, url, person, "POST", "/api/appointments/hold", {
      segmentId: wished,
      patientId: person.patient,
      relation: "self",
    });
    if (held.status === 200) {
      const { id } = (held.body as { appointment: { id: string } }).appointment;
      const confirming = performance.now();
      const sold = await ask(agent, url, person, "POST", `/api/appointments/${id}/confirm`, {});
      const end = performance.now();
      phases.push({
        asked,
        choosing: began - turn,
        hold: confirming - began,
        confirm: end - confirming,
      });
      return sold.status === 200 ? "sold" : `confirm ${sold.status} ${String(sold.body.code)}`;
    }
    // Came too late for the own turn: in at the end, as the page does.
    if (held.body.code === "booking.waiting-room") return wantSeat(agent, url, release, person);
    if (held.body.code !== "booking.full") return `hold ${held.status} ${String(held.body.code)}`;
    const next = await freeSegment(agent, url, release, person);
    if (!next) return "full after admission";
    wished = next;
  }
}

async function freeSegment(
  agent: Agent,
  url: string,
  { department, day }: Release,
  person: Person,
): Promise<string | null> {
  const { body } = await ask(
    agent,
    url,
    person,
    "GET",
    `/api/booking/segments?departmentId=${department}&day=${day}`,
  );
  const free = (body as { schedules: { segments: { id: string; state: string }[] }[] }).schedules
    .flatMap(({ segments }) => segments)
    .filter(({ state }) => state === "free");
  return free[Math.floor(Math.random() * free.length)]?.id ?? null;
}
