/** The server dies in the middle of a rush: what it acknowledged is there, the rest can be asked again. */
import { randomUUID } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type BenchServer, startServer } from "../load/booking/server.ts";
import {
  type Buyer,
  buildWorld,
  csrfToken,
  prepareHolds,
  type World,
} from "../load/booking/world.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { freePorts } from "../support/stack.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const buyerCount = 200;
/** So many are acknowledged before the server dies; the others are on their way. */
const killAfter = 40;

let database: TestDatabase;
let dataDir: string;
let world: World;
let server: BenchServer;
let start: () => Promise<BenchServer>;

beforeAll(async () => {
  database = await createTestDatabase();
  dataDir = mkdtempSync(join(tmpdir(), "yilian-kill-"));
  chmodSync(dataDir, 0o711);
  const port = await freePorts(1);
  start = () => startServer({ root, urls: database, dataDir, port });
  world = await buildWorld(database.admin, {
    departments: 1,
    doctors: 2,
    days: 1,
    segmentsPerDay: 4,
    seats: 5,
  });
  server = await start();
}, 60_000);
afterAll(async () => {
  await server?.stop();
  await world?.admin.end();
  await database?.drop();
  rmSync(dataDir, { recursive: true, force: true });
});

const confirm = (buyer: Buyer, key: string) =>
  fetch(`${server.url}/api/appointments/${buyer.appointment}/confirm`, {
    method: "POST",
    headers: {
      cookie: `__Host-yilian=${buyer.secret}`,
      "x-csrf-token": csrfToken,
      "x-forwarded-for": buyer.address,
      "content-type": "application/json",
      "idempotency-key": key,
    },
    body: "{}",
  });

it("keeps what was acknowledged, and does what was not once when it is asked again", {
  timeout: 60_000,
}, async () => {
  const buyers = (await prepareHolds(world, 0, buyerCount)).map((buyer) => ({
    buyer,
    key: randomUUID(),
  }));
  const acknowledged = new Set<string>();
  let killed: Promise<void> | null = null;
  await Promise.all(
    buyers.map(async ({ buyer, key }) => {
      const answer = await confirm(buyer, key).catch(() => null);
      if (answer?.status !== 200) return;
      acknowledged.add(buyer.appointment);
      if (acknowledged.size >= killAfter) killed ??= server.kill();
    }),
  );
  await killed;
  expect(acknowledged.size).toBeGreaterThanOrEqual(killAfter);
  const booked = await world.admin<{ id: string }[]>`
    select a.id from appointment a join seat s on s.appointment_id = a.id and s.held_until is null where a.state = 'booked'`;
  const kept = new Set(booked.map((row) => row.id));
  expect([...acknowledged].filter((id) => !kept.has(id))).toEqual([]);
  // What is half done is not there: each has its trace and its message, or nothing at all.
  const [half] = await world.admin<{ count: number }[]>`
    select count(*)::int as count from appointment a where (a.state = 'booked')::int <>
      (select count(*) from audit_event e where e.entity_id = a.id::text and e.action = 'appointment.confirm')`;
  expect(half!.count).toBe(0);

  server = await start();
  for (const { buyer, key } of buyers) {
    const answer = await confirm(buyer, key);
    expect([answer.status, (await answer.json()).state]).toEqual([200, "booked"]);
  }
  const [all] = await world.admin<{ booked: number; traces: number; told: number }[]>`
    select (select count(*)::int from appointment where state = 'booked') as booked,
      (select count(*)::int from audit_event where action = 'appointment.confirm') as traces,
      (select count(*)::int from outbox_event where topic = 'appointment') as told`;
  expect(all).toEqual({ booked: buyers.length, traces: buyers.length, told: buyers.length });
});
