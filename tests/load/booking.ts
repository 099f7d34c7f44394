/**
 * Booking's numbers over HTTP against the server as a process and a PostgreSQL that writes to disk:
 * confirmations beside the least that a sale needs, and the week strip of a large hospital.
 */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbedded } from "../../server/db/embedded.ts";
import { migrate } from "../../server/db/migrate.ts";
import { generateSecrets } from "../../server/secrets.ts";
import { confirmAll, percentile, rawAll } from "./booking/clients.ts";
import { queuePlaces } from "./booking/queue.ts";
import { releaseRush } from "./booking/release.ts";
import { type BenchServer, startServer } from "./booking/server.ts";
import { buildWorld, csrfToken, prepareHolds, type World } from "./booking/world.ts";
import { type BenchResult, result, type Suite } from "./suite.ts";

const CLIENTS = 200;
const PORT = 18_480;

export const suite: Suite = {
  name: "booking",
  describe:
    "confirmations beside raw SQL, the week strip, a release of 500 seats, places of 5,000 phones",
  minutes: 5,
  async run({ root, quick, log }) {
    const folder = mkdtempSync(join(tmpdir(), "yilian-booking-"));
    chmodSync(folder, 0o711);
    const database = await startEmbedded({ dataDir: folder, secrets: generateSecrets() });
    try {
      const urls = await database.createDatabase("bench");
      await migrate({ ownerUrl: urls.owner, jobsUrl: urls.jobs, log: () => {} });
      log("Building the hospital.");
      const world = await buildWorld(urls.admin, {
        departments: quick ? 4 : 20,
        doctors: 15,
        days: quick ? 7 : 30,
        segmentsPerDay: 16,
        // Eighty patients a doctor and day.
        seats: 5,
      });
      const server = await startServer({ root, urls, dataDir: folder, port: PORT });
      const { url } = server;
      let replica: BenchServer | null = null;
      try {
        const results = [
          ...(await confirmations(world, urls.admin, quick, log)),
          ...(await weekStrip(world, quick, log)),
          ...(await releaseRush(world, url, quick, log)),
          ...(await queuePlaces(world, [url], quick, log)),
        ];
        replica = await startServer({ root, urls, dataDir: folder, port: PORT + 1 });
        return [...results, ...(await queuePlaces(world, [url, replica.url], quick, log))];
      } finally {
        await replica?.stop();
        await server.stop();
        await world.admin.end();
      }
    } finally {
      await database.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** Raw, ours, ours, raw: what a noisy machine does to one half it does to the other. */
async function confirmations(
  world: World,
  adminUrl: string,
  quick: boolean,
  log: (line: string) => void,
): Promise<BenchResult[]> {
  const sales = quick ? 1_000 : 6_000;
  const url = `http://127.0.0.1:${PORT}`;
  await confirmAll(url, await prepareHolds(world, 0, 500), CLIENTS);
  const raw: number[] = [];
  const ours: number[] = [];
  const millis: number[] = [];
  const refused = new Map<string, number>();
  for (const [round, turn] of ["raw", "ours", "ours", "raw", "raw", "ours"].entries()) {
    if (turn === "raw") {
      raw.push(await rawAll(adminUrl, world.segments, sales, CLIENTS));
      log(`raw transactions: ${Math.round(raw.at(-1)!)} a second`);
      continue;
    }
    const buyers = await prepareHolds(world, 10_000 + round * sales, sales);
    const rush = await confirmAll(url, buyers, CLIENTS);
    ours.push(rush.perSecond);
    millis.push(...rush.millis);
    for (const [code, count] of rush.refused) refused.set(code, (refused.get(code) ?? 0) + count);
    log(`confirmations: ${Math.round(rush.perSecond)} a second of ${buyers.length}`);
  }
  const [sold] = await world.admin<
    { oversold: number; twice: number; lost: number; untraced: number }[]
  >`
    select
      (select count(*)::int from (select segment_id from appointment where state = 'booked' group by segment_id
        having count(*) > (select capacity from segment g where g.id = segment_id)) x) as oversold,
      (select count(*)::int from (select segment_id, seat_number from appointment where state = 'booked'
        group by 1, 2 having count(*) > 1) x) as twice,
      (select count(*)::int from appointment a where state = 'booked' and not exists
        (select 1 from seat s where s.appointment_id = a.id and s.held_until is null)) as lost,
      (select count(*)::int from appointment a where state = 'booked' and not exists
        (select 1 from audit_event e where e.entity_id = a.id::text and e.action = 'appointment.confirm')) as untraced`;
  const median = (values: number[]) => percentile(values, 0.5);
  const other = [...refused].filter(([code]) => code !== "booking.full");
  if (other.length > 0) log(`refused: ${other.map((pair) => pair.join(" ")).join(", ")}`);
  return [
    result(
      "confirmed bookings, ratio to raw SQL",
      round2(median(ours) / median(raw)),
      "ratio",
      ">= 0.4",
    ),
    result("confirmed bookings", Math.round(median(ours)), "a second"),
    result("raw transactions", Math.round(median(raw)), "a second"),
    result("a confirmation, p99 with 200 at once", Math.round(percentile(millis, 0.99)), "ms"),
    result("segments oversold", sold!.oversold, "segments", "== 0"),
    result("seats sold twice", sold!.twice, "seats", "== 0"),
    result("bookings without their seat", sold!.lost, "bookings", "== 0"),
    result("bookings without a trace", sold!.untraced, "bookings", "== 0"),
    result(
      "errors other than full",
      other.reduce((sum, [, count]) => sum + count, 0),
      "errors",
      "== 0",
    ),
  ];
}

/** Thirty days of one department, drawn anew each time, as a patient's page asks for it. */
async function weekStrip(
  world: World,
  quick: boolean,
  log: (line: string) => void,
): Promise<BenchResult[]> {
  const millis: number[] = [];
  for (let turn = 0; turn < (quick ? 20 : 100); turn += 1) {
    const department = world.departments[turn % world.departments.length]!;
    const at = performance.now();
    const answer = await fetch(
      `http://127.0.0.1:${PORT}/api/booking/availability?departmentId=${department}&from=${world.from}&days=30`,
      { headers: { cookie: "__Host-yilian=bench-session-1", "x-csrf-token": csrfToken } },
    );
    const body = (await answer.json()) as { days: { left: number }[] };
    millis.push(performance.now() - at);
    if (answer.status !== 200 || !body.days.some((day) => day.left > 0))
      throw new Error(`the week strip does not answer: ${answer.status}`);
  }
  log(`week strip: ${Math.round(percentile(millis, 0.5))} ms`);
  return [
    result(
      "30-day strip of a department, hospital of 300 doctors, p95",
      Math.round(percentile(millis, 0.95)),
      "ms",
      "<= 50",
    ),
  ];
}

const round2 = (value: number) => Math.round(value * 100) / 100;
