import { randomUUID } from "node:crypto";
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { io, type Socket } from "socket.io-client";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Actor, GuestActor } from "../../server/identity/domain.ts";
import type { OutboxEvent } from "../../server/outbox/repository.ts";
import {
  type Acknowledgement,
  type Changed,
  type ClientEvents,
  realtimeProtocol,
  type ServerEvents,
} from "../../server/realtime/contract.ts";
import {
  createRealtimeGateway,
  type RealtimeGateway,
  type RealtimeLimits,
} from "../../server/realtime/gateway.ts";
import { createTokenBucket } from "../../server/realtime/rate-limit.ts";
import { createRecentChanges } from "../../server/realtime/recent-changes.ts";
import { roomsOfActor, roomsOfEvent } from "../../server/realtime/rooms.ts";
import { maySeeConsult } from "../../server/realtime/watch-rights.ts";
import {
  type Clone,
  cloneDatabase,
  createWorld,
  eventually,
  silent,
  submitConsult,
  type World,
} from "./kit.ts";

type Page = Socket<ServerEvents, ClientEvents>;

let clone: Clone;
let world: World;
let guest: GuestActor;
beforeAll(async () => {
  clone = await cloneDatabase();
  world = await createWorld(clone.db);
  guest = {
    kind: "guest",
    guestId: randomUUID(),
    consultId: world.consultId,
    sessionId: randomUUID(),
    name: "女儿",
    language: "zh-CN",
  };
});
afterAll(() => clone.close());

let http: HttpServer;
let gateway: RealtimeGateway;
let sessions: Map<string, Actor>;
let dead: Set<string>;
let pages: Page[] = [];

async function open(limits: Partial<RealtimeLimits> = {}) {
  sessions = new Map();
  dead = new Set();
  http = createServer((_, response) => response.end("other"));
  gateway = createRealtimeGateway({
    httpServer: http,
    authenticate: async ({ headers }) => {
      if (headers.cookie === "broken") throw new Error("the database is away");
      // A socket made by hand cannot name a cookie.
      return sessions.get(headers.cookie ?? "") ?? (headers.cookie ? null : world.outsider);
    },
    allowedOrigin: (origin) => origin === "https://ours.example",
    maySeeConsult: (actor, consultId) => maySeeConsult(clone.db, actor, consultId),
    teaching: {
      rights: async () => null,
      open: async () => ({ run: 1, seq: 0 }),
      point: () => {},
    },
    liveSessions: async (ids) => new Set(ids.filter((id) => !dead.has(id))),
    log: silent,
    limits,
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
}
beforeEach(() => open());
afterEach(async () => {
  for (const page of pages) page.close();
  pages = [];
  await gateway.close();
  await new Promise((resolve) => http.close(resolve));
});

const address = () => `http://127.0.0.1:${(http.address() as AddressInfo).port}`;

function connect(actor: Actor | null, more: Record<string, unknown> = {}): Page {
  const cookie = randomUUID();
  if (actor) sessions.set(cookie, actor);
  const page: Page = io(address(), {
    path: "/realtime",
    transports: ["websocket"],
    auth: { protocol: realtimeProtocol },
    extraHeaders: { cookie, origin: "https://ours.example" },
    reconnection: false,
    forceNew: true,
    ...more,
  });
  pages.push(page);
  return page;
}
const connected = (page: Page) =>
  new Promise<Page>((resolve, reject) => {
    page.on("connect", () => resolve(page));
    page.on("connect_error", reject);
  });
const refusal = (page: Page) =>
  new Promise<Error & { data?: { code: string; detail: string } }>((resolve, reject) => {
    page.on("connect_error", resolve);
    page.on("connect", () => reject(new Error("it was let in")));
  });
const heardBy = (page: Page) => {
  const heard: Changed[] = [];
  page.on("changed", (change) => heard.push(change));
  return heard;
};
const watch = (page: Page, payload: unknown) =>
  new Promise<Acknowledgement<null>>((resolve) =>
    page.emit("consult:watch", payload as { consultId: string }, resolve),
  );
const event = (more: Partial<OutboxEvent>): OutboxEvent => ({
  id: 1,
  topic: "consult",
  entityId: world.consultId,
  version: 3,
  institutionIds: [],
  personIds: [],
  patientIds: [],
  detail: {},
  createdAt: new Date(),
  ...more,
});
/** Everything told before has arrived when this answer has. */
const settled = (page: Page) => watch(page, { consultId: randomUUID() });

describe("who is not let in", () => {
  test("nobody without a session", async () => {
    const error = await refusal(connect(null));
    expect(error.data).toMatchObject({ code: "auth.required" });
  });

  test.each([undefined, {}, { protocol: 0 }, { protocol: "1" }, { protocol: 99 }])(
    "a page of another protocol: %j",
    async (auth) => {
      const error = await refusal(connect(world.attending, { auth }));
      expect(error.message).toBe("protocol-outdated");
      expect(error.data?.code).toBe("protocol-outdated");
    },
  );

  test.each(["websocket", "polling"])("a page of another origin, by %s", async (transport) => {
    const extraHeaders = { cookie: "x", origin: "https://evil.example" };
    sessions.set("x", world.attending);
    await refusal(connect(null, { transports: [transport], extraHeaders }));
    expect(gateway.connections()).toBe(0);
  });

  test("nobody while sessions cannot be read; the answer tells no detail", async () => {
    const error = await refusal(connect(null, { extraHeaders: { cookie: "broken" } }));
    expect(error.data).toMatchObject({ code: "service.unavailable" });
    expect(JSON.stringify(error.data)).not.toMatch(/database is away/);
  });

  test("not more tabs of one session than allowed, and not more pages than the replica holds", async () => {
    await gateway.close();
    await new Promise((resolve) => http.close(resolve));
    await open({ connectionsPerSession: 2, connections: 3 });
    await connected(connect(world.attending));
    await connected(connect(world.attending));
    expect((await refusal(connect(world.attending))).data?.code).toBe("request.too-many");
    await eventually("the refused one is gone", () => gateway.connections() === 2);
    await connected(connect(world.specialist));
    await refusal(connect(world.patient));
  });
});

describe("who hears what", () => {
  test("institution, person, patient and guest each hear their own, and nobody else's", async () => {
    const [attending, specialist, outsider, patient, relative] = await Promise.all(
      [world.attending, world.specialist, world.outsider, world.patient, guest].map((actor) =>
        connected(connect(actor)),
      ),
    );
    const heard = [attending, specialist, outsider, patient, relative].map((page) =>
      heardBy(page!),
    );
    gateway.tell(event({ version: 1, institutionIds: [world.sakyaId] }));
    gateway.tell(event({ topic: "notice", version: 2, personIds: [world.specialist.personId] }));
    gateway.tell(event({ topic: "patient", version: 3, patientIds: [world.patientId] }));
    await Promise.all(
      [attending, specialist, outsider, patient, relative].map((page) => settled(page!)),
    );
    const versions = heard.map((changes) => changes.map((change) => change.version));
    // The guest hears of the consult because the topic is its own consult.
    expect(versions).toEqual([[1], [2], [], [3], [1]]);
    expect(heard[0]).toEqual([{ topic: "consult", id: world.consultId, version: 1 }]);
  });

  test("an attachment is told to whoever shows its consult", async () => {
    const page = await connected(connect(world.specialist));
    const heard = heardBy(page);
    const other = event({
      topic: "attachment",
      entityId: randomUUID(),
      detail: { consultId: world.consultId },
    });
    gateway.tell({ ...other, entityId: randomUUID(), detail: { consultId: randomUUID() } });
    expect(await watch(page, { consultId: world.consultId })).toEqual({ ok: true, data: null });
    gateway.tell(other);
    await settled(page);
    expect(heard).toHaveLength(1);
  });

  test("what happened between reading and connecting is told when the page connects", async () => {
    gateway.tell(event({ version: 1, institutionIds: [world.sakyaId] }));
    gateway.tell(event({ version: 2, institutionIds: [world.sakyaId] }));
    gateway.tell(event({ topic: "patient", version: 3, patientIds: [world.patientId] }));
    const late = async (actor: Actor) => {
      const page = connect(actor);
      const heard = heardBy(page);
      await connected(page);
      await settled(page);
      return { page, heard };
    };
    const attending = await late(world.attending);
    const outsider = await late(world.outsider);
    const patient = await late(world.patient);
    // Each thing once, in its newest state, and to nobody whom it does not concern.
    expect(attending.heard).toEqual([{ topic: "consult", id: world.consultId, version: 2 }]);
    expect(outsider.heard).toEqual([]);
    expect(patient.heard.map((change) => change.version)).toEqual([3]);

    const specialist = await late(world.specialist);
    await watch(specialist.page, { consultId: world.consultId });
    await settled(specialist.page);
    expect(specialist.heard.map((change) => change.version)).toEqual([2]);
  });

  test("a consult that one may not see cannot be watched, and is not told apart from one that is not there", async () => {
    for (const actor of [world.outsider, { ...guest, consultId: randomUUID() }]) {
      const page = await connected(connect(actor));
      const foreign = await watch(page, { consultId: world.consultId });
      expect(foreign).toMatchObject({ ok: false, error: { code: "request.not-found" } });
      expect(await watch(page, { consultId: randomUUID() })).toEqual(foreign);
      const heard = heardBy(page);
      gateway.tell(event({}));
      await settled(page);
      expect(heard).toEqual([]);
    }
  });

  test("only the newest watched consults are followed", async () => {
    await gateway.close();
    await new Promise((resolve) => http.close(resolve));
    await open({ watchedConsults: 1 });
    gateway.tell(event({}));
    const page = await connected(connect(world.patient));
    const second = await clone.db.withActor(
      { kind: "system", reason: "t", language: "zh-CN" },
      async (tx) => {
        const [parties] = await clone.admin`select * from consult where id = ${world.consultId}`;
        return submitConsult(tx, {
          patientId: world.patientId,
          invitingInstitutionId: world.sakyaId,
          invitedInstitutionId: world.xuhuiId,
          agreementId: parties?.agreement_id,
          requesterId: parties?.requester_id,
        });
      },
    );
    await watch(page, { consultId: world.consultId });
    await watch(page, { consultId: second });
    const heard = heardBy(page);
    gateway.tell(event({}));
    gateway.tell(event({ entityId: second }));
    await settled(page);
    expect(heard.map((change) => change.id)).toEqual([second]);
  });
});

describe("wrong messages", () => {
  test.each([
    undefined,
    null,
    7,
    "x",
    [],
    {},
    { consultId: 7 },
    { consultId: "not-a-uuid" },
    { consultId: { $ne: null } },
    { consultId: "' or 1=1 --" },
  ])("%j is answered with a code", async (payload) => {
    const page = await connected(connect(world.attending));
    expect(await watch(page, payload)).toMatchObject({
      ok: false,
      error: { code: "request.invalid" },
    });
  });

  test("without an acknowledgement, under an unknown name, with wrong arguments: ignored, the page stays", async () => {
    const page = await connected(connect(world.attending));
    const loose = page as unknown as Socket;
    loose.emit("consult:watch");
    loose.emit("consult:watch", { consultId: world.consultId }, "not a function");
    loose.emit("__proto__", {});
    loose.emit("constructor", {});
    loose.emit("nobody:knows", { deep: { deep: { deep: [] } } });
    expect(await watch(page, { consultId: world.consultId })).toMatchObject({ ok: true });
  });

  test("one that is too large ends the line, and only that one", async () => {
    const other = await connected(connect(world.specialist));
    const page = await connected(connect(world.attending));
    const gone = new Promise((resolve) => page.on("disconnect", resolve));
    page.emit("consult:watch", { consultId: "x".repeat(20_000) }, () => {});
    await gone;
    expect(await watch(other, { consultId: world.consultId })).toMatchObject({ ok: true });
  });

  test("too many are refused with a code, then the line ends", async () => {
    const page = await connected(connect(world.attending));
    const answers: Acknowledgement<null>[] = [];
    const gone = new Promise((resolve) => page.on("disconnect", resolve));
    for (let count = 0; count < 300; count += 1) {
      page.emit("consult:watch", { consultId: world.consultId }, (answer) => answers.push(answer));
    }
    await gone;
    expect(answers.some((answer) => !answer.ok && answer.error.code === "request.too-many")).toBe(
      true,
    );
  });

  test("bytes that are no message end the line; the process stays up", async () => {
    const raw = new WebSocket(
      `${address().replace("http", "ws")}/realtime/?EIO=4&transport=websocket`,
    );
    await new Promise((resolve) => raw.addEventListener("open", resolve));
    raw.send("4999{{{{");
    raw.send(new Uint8Array([1, 2, 3]));
    await new Promise((resolve) => raw.addEventListener("close", resolve));
    await connected(connect(world.attending));
  });
});

describe("frames made by hand", () => {
  const frames: (string | Uint8Array<ArrayBuffer>)[] = [
    "",
    "9",
    "4",
    "42",
    "42[]",
    "42{}",
    "42null",
    "42[null]",
    '42["consult:watch"]',
    '42["consult:watch",null]',
    '42["consult:watch",{"consultId":1},{"more":1}]',
    '42["connect",{}]',
    '42["disconnect"]',
    '42["error",{}]',
    '42["newListener","x"]',
    '42["__proto__",{"x":1}]',
    '42["toString"]',
    '42[{"toString":1}]',
    '4299999999999999999999["consult:watch",{}]',
    "41",
    '44{"message":"x"}',
    "43[]",
    '431["ack to nothing"]',
    "40/admin,{}",
    '40{"protocol":1}',
    '451-["consult:watch",{"_placeholder":true,"num":99}]',
    '459999999-["consult:watch",{"_placeholder":true,"num":0}]',
    '45-1-["x"]',
    `42["consult:watch",${'{"a":['.repeat(2000)}1${"]}".repeat(2000)}]`,
    `42["${"x".repeat(15_000)}"]`,
    "b!!!!",
    new Uint8Array([0]),
    new Uint8Array(5000),
    new Uint8Array([0x34, 0x32, 0xff, 0xfe]),
  ];

  test("leave the process and other pages as they were, before and after the sign-in", async () => {
    const other = await connected(connect(world.specialist));
    for (const signedIn of [false, true]) {
      for (const frame of frames) {
        const raw = new WebSocket(
          `${address().replace("http", "ws")}/realtime/?EIO=4&transport=websocket`,
        );
        const said: string[] = [];
        raw.addEventListener("message", ({ data }) => said.push(String(data)));
        await new Promise((resolve) => raw.addEventListener("open", resolve));
        if (signedIn) raw.send(`40${JSON.stringify({ protocol: realtimeProtocol })}`);
        raw.send(frame);
        raw.send(frame);
        await new Promise((resolve) => setTimeout(resolve, 5));
        raw.close();
        expect(said.join("\n")).not.toMatch(/node_modules|\.ts:\d+|at .* \(/);
      }
    }
    expect(await watch(other, { consultId: world.consultId })).toMatchObject({ ok: true });
    await eventually("the lines are gone", () => gateway.connections() === 1);
  });
});

describe("the end", () => {
  test("a revoked session's pages are told and ended, other sessions stay", async () => {
    const page = await connected(connect(world.attending));
    const other = await connected(connect(world.specialist));
    const told = new Promise((resolve) => page.on("session:ended", resolve));
    const gone = new Promise((resolve) => page.on("disconnect", resolve));
    const { sessionId } = world.attending;
    gateway.tell(event({ topic: "session", entityId: sessionId, detail: { sessionId } }));
    expect(await told).toEqual({ code: "auth.required" });
    await gone;
    expect(other.connected).toBe(true);
  });

  test("a person who moved to another institution is connected again by itself", async () => {
    const page = connect(world.attending, { reconnection: true, reconnectionDelay: 10 });
    await connected(page);
    const again = new Promise((resolve) => page.once("connect", () => resolve(null)));
    const { sessionId } = world.attending;
    gateway.tell(
      event({ topic: "session", entityId: sessionId, detail: { sessionId, reason: "moved" } }),
    );
    await again;
  });

  test("a session that expired is found by looking again", async () => {
    await gateway.close();
    await new Promise((resolve) => http.close(resolve));
    await open({ sessionCheckMs: 30 });
    const page = await connected(connect(world.patient));
    const told = new Promise((resolve) => page.on("session:ended", resolve));
    dead.add(world.patient.sessionId);
    expect(await told).toEqual({ code: "auth.required" });
  });

  test("closing ends the pages, refuses new ones and leaves the HTTP server to its owner", async () => {
    const page = await connected(connect(world.attending));
    const gone = new Promise((resolve) => page.on("disconnect", resolve));
    await gateway.close();
    await gateway.close();
    await gone;
    await refusal(connect(world.specialist));
    expect(await (await fetch(`${address()}/anything`)).text()).toBe("other");
  });
});

describe("pure parts", () => {
  test("rooms of an event without audience", () => {
    const told = {
      topic: "attachment",
      entityId: "a",
      institutionIds: [],
      personIds: [],
      patientIds: [],
    };
    expect(roomsOfEvent({ ...told, detail: null })).toEqual([]);
    expect(roomsOfEvent({ ...told, detail: { consultId: 7 } })).toEqual([]);
    expect(roomsOfEvent({ ...told, detail: { consultId: "c" } })).toEqual(["consult:c"]);
    expect(roomsOfEvent({ ...told, topic: "opinion", detail: {} })).toEqual(["consult:a"]);
    expect(roomsOfActor({ kind: "job", task: "t", language: "en" })).toEqual([]);
  });

  test("recent changes are forgotten by age and by number", () => {
    const recent = createRecentChanges(1000, 2);
    const change = (id: string): Changed => ({ topic: "consult", id, version: 1 });
    for (const [index, id] of ["a", "b", "c"].entries()) recent.add(["room"], change(id), index);
    const ids = (rooms: string[], now: number) => recent.of(rooms, now).map((one) => one.id);
    expect(ids(["room"], 10)).toEqual(["b", "c"]);
    expect(ids(["other"], 10)).toEqual([]);
    expect(ids(["room"], 1002)).toEqual(["c"]);
    expect(ids(["room"], 2000)).toEqual([]);
  });

  test("a bucket gives its burst, then fills slowly, never beyond the brim", () => {
    const take = createTokenBucket({ burst: 2, perSecond: 1 });
    expect([0, 0, 0, 500, 1000, 1000].map((at) => take(at))).toEqual([
      true,
      true,
      false,
      false,
      true,
      false,
    ]);
    expect([60_000, 60_000, 60_000].map((at) => take(at))).toEqual([true, true, false]);
    expect(take(0)).toBe(false);
  });
});
