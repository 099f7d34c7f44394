/** What nodes report, who may see and order it, and where rooms and people go. */
import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { sql } from "drizzle-orm";
import { SignJWT } from "jose";
import { afterAll, beforeAll, expect, it } from "vitest";
import { systemActor } from "../../server/identity/session-service.ts";
import { alarmsOf, bestNode } from "../../server/media/domain.ts";
import { createMediaService } from "../../server/media/service.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

let test: TestApp;
let manager: Client;
let nurse: Client;
beforeAll(async () => {
  test = await buildTestApp();
  [manager, nurse] = (await Promise.all([test.as("zhenglan"), test.as("caiyufen")])) as [
    Client,
    Client,
  ];
});
afterAll(() => test.close());

async function report(path: "heartbeat" | "events", payload: unknown): Promise<number> {
  const body = JSON.stringify(payload);
  const token = await new SignJWT({ body_sha256: createHash("sha256").update(body).digest("hex") })
    .setProtectedHeader({ alg: "HS256" })
    .setIssuer("sfu")
    .setAudience("server")
    .setExpirationTime("1m")
    .sign(new TextEncoder().encode(test.sfuSecret));
  const answer = await test.app.inject({
    ...{ method: "POST", url: `/internal/sfu/${path}`, payload: body },
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
  });
  return answer.statusCode;
}
const beat = (name: string, region: string, changes: object = {}) => ({
  ...{ node: `http://127.0.0.1:9/${name}`, publicUrl: `http://127.0.0.1:9/${name}` },
  ...{ linkUrl: `http://127.0.0.1:9/link-${name}`, region, boot: "first", version: "1" },
  ...{ workers: 1, rooms: 0, peers: 0, load: 0.1, draining: false },
  figures: {
    ...{ workers: [{ pid: 1, cpu: 0.2, consumers: 3 }], expectedWorkers: 2 },
    ...{ people: 0, consumers: 3, inBps: 1, outBps: 2 },
    links: [{ node: "http://127.0.0.1:9/x", state: "down", inBps: 0, outBps: 0, loss: 0 }],
  },
  ...changes,
});
const board = async () =>
  (await manager.get("/api/media/board")).body as never as {
    nodes: { id: string; drain: string; alive: boolean }[];
    alarms: { kind: string; nodeId: string }[];
    lines: { org: string; samples: number; people: number; lossDown: number }[];
  };

it("is for whoever manages media alone; a node is emptied by order until it starts anew", async () => {
  expect((await nurse.get("/api/media/board")).status).toBe(403);
  expect(await report("heartbeat", beat("a", "east"))).toBe(200);
  const id = encodeURIComponent(beat("a", "east").node);
  expect((await nurse.post(`/api/media/nodes/${id}/drain`, {})).status).toBe(403);
  expect((await manager.post("/api/media/nodes/nobody/drain", {})).status).toBe(404);
  expect((await manager.post(`/api/media/nodes/${id}/drain`, {})).status).toBe(200);
  const stateOf = async () =>
    (await board()).nodes.find((node) => node.id === beat("a", "").node)?.drain;
  expect(await stateOf()).toBe("asked");
  await report("heartbeat", beat("a", "east", { draining: true }));
  expect(await stateOf()).toBe("empty");
  await report("heartbeat", beat("a", "east", { boot: "second" }));
  expect(await stateOf()).toBe("no");
  expect((await board()).alarms.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(["worker-died", "link-down"]),
  );
});

it("lines of a house are summed over five minutes, of single people and of audiences", async () => {
  const at = test.clock.now.toISOString();
  const person = {
    org: "萨迦县人民医院",
    line: "thin",
    lossUp: 0,
    lossDown: 0.02,
    rttMs: 80,
    concealed: null,
  };
  const site = {
    org: "萨迦县人民医院",
    people: 3,
    thin: 1,
    gone: 0,
    unheard: 0,
    lossDown: 0.06,
    rttMs: 100,
    concealed: 0,
  };
  const events = [
    { id: "q1", at, room: null, type: "quality", peer: null, data: person },
    {
      id: "q2",
      at,
      room: null,
      type: "audience-quality",
      peer: null,
      data: { sites: [site], others: 0 },
    },
    { id: "q3", at, room: null, type: "quality", peer: null, data: { org: 7 } },
  ];
  expect(await report("events", { node: "n", events })).toBe(200);
  const line = (await board()).lines.find(({ org }) => org === "萨迦县人民医院");
  expect(line).toMatchObject({ samples: 4, people: 3 });
  expect(line?.lossDown).toBeCloseTo(0.05);
});

it("a region's people get their site there; a room avoids a node that is being emptied", async () => {
  const institution = test.ids.institutions.get("xuhui-central")!;
  expect((await nurse.put(`/api/media/regions/${institution}`, { region: "west" })).status).toBe(
    403,
  );
  expect((await manager.put(`/api/media/regions/${institution}`, { region: "west" })).status).toBe(
    200,
  );
  await report("heartbeat", beat("a", "east", { load: 0 }));
  await report("heartbeat", beat("b", "west", { load: 0.5 }));
  const media = createMediaService({ secret: test.sfuSecret, clock: () => test.clock.now });
  const sites = await test.services.db.withActor(systemActor("test"), async (tx) => [
    await media.siteOf(tx, institution, { id: beat("a", "").node }),
    await media.siteOf(tx, institution, { id: beat("b", "").node }),
    await media.siteOf(tx, null, { id: beat("a", "").node }),
  ]);
  expect(sites).toEqual([{ site: beat("b", "").linkUrl }, {}, {}]);
});

it("a dead node's room is placed once, whoever asks; what the node still has is sent there", async () => {
  const room = randomUUID();
  const orders: string[] = [];
  const partitioned = createServer((request, response) => {
    orders.push(`${request.method} ${request.url}`);
    response.end();
  }).listen(0, "127.0.0.1");
  await once(partitioned, "listening");
  const url = `http://127.0.0.1:${(partitioned.address() as AddressInfo).port}`;
  const lost = beat("lost", "far", { node: url, publicUrl: url, load: 0, rooms: 1 });
  const media = createMediaService({ secret: test.sfuSecret, clock: () => test.clock.now });
  const place = async (hold: Promise<void> = Promise.resolve()) =>
    await test.services.db.withActor(systemActor("test"), async (tx) => {
      const { id } = await media.nodeOf(tx, room);
      await hold;
      return id;
    });
  await report("heartbeat", beat("a", "east", { load: 0.4 }));
  await report("heartbeat", beat("b", "west", { load: 0.5 }));
  await report("heartbeat", lost);
  expect(await place()).toBe(url);
  test.clock.now = new Date(test.clock.now.getTime() + 60_000);
  await report("heartbeat", beat("a", "east", { load: 0.4 }));
  await report("heartbeat", beat("b", "west", { load: 0.5 }));
  const gate = Promise.withResolvers<void>();
  const first = place(gate.promise);
  const holds = async (what: string) =>
    (
      await test.services.db.withActor(systemActor("test"), (tx) =>
        tx.execute<{ held: boolean }>(sql`select exists (${sql.raw(what)}) as held`),
      )
    )[0]?.held;
  const writing =
    "select from pg_locks where relation = 'media_room'::regclass and mode = 'RowExclusiveLock'";
  const waiting =
    "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
  await expect.poll(() => holds(writing)).toBe(true);
  // Another page asks while the first is not done, and would choose otherwise by now.
  await report("heartbeat", beat("b", "west", { load: 0.1 }));
  const second = place();
  await expect.poll(() => holds(waiting)).toBe(true);
  gate.resolve();
  expect(await first).toBe(beat("a", "").node);
  expect(await second).toBe(beat("a", "").node);
  await report("heartbeat", lost);
  await expect.poll(() => orders).toContain(`POST /rooms/${room}/move`);
  partitioned.close();
});

it("placement and alarms, as rules", () => {
  const now = new Date("2026-11-23T04:00:00Z");
  const node = (id: string, changes: object = {}) => ({
    ...{ id, region: "r", linkUrl: "", load: 0.1, draining: false, lastSeenAt: now },
    ...{ workers: 2, figures: null },
    ...changes,
  });
  expect(bestNode([node("a", { load: 0.5 }), node("b")], null, now)?.id).toBe("b");
  expect(bestNode([node("a", { region: "s", load: 0.5 }), node("b")], "s", now)?.id).toBe("a");
  expect(bestNode([node("a", { draining: true })], null, now)).toBeUndefined();
  const silent = new Date(now.getTime() - 60_000);
  expect(bestNode([node("a", { lastSeenAt: silent })], null, now)).toBeUndefined();
  const kinds = alarmsOf([node("a", { lastSeenAt: silent }), node("b", { load: 0.9 })], now);
  expect(kinds.map(({ kind }) => kind)).toEqual(["node-silent", "load-high"]);
});
