/** Rooms on several nodes, workers and links, without a browser: who may, where media goes, what heals. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import { io } from "socket.io-client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  initialLayers,
  layersOfListener,
  STEADY_MS,
  stepLayers,
} from "../../sfu/cascade/layer-demand.ts";
import { NodeLink } from "../../sfu/cascade/link.ts";
import { signLink } from "../../sfu/cascade/link-token.ts";
import { planRelief } from "../../sfu/cascade/relief.ts";
import { createServerClock } from "../../sfu/clock.ts";
import { createLog } from "../../sfu/log.ts";
import type { Entry, MediaSetup } from "../../sfu/protocol.ts";
import { LOWER_AFTER_MS } from "../../sfu/quality/demand.ts";
import { type Movable, whoMoves } from "../../sfu/rooms/moves.ts";
import { createLinkProxy } from "./support/link-proxy.ts";
import { adminToken, createCallbackSink, order, SECRET, startNode } from "./support/node.ts";
import { createGuest, type Guest, microphone } from "./support/socket.ts";

type Joined = Extract<Entry, { state: "joined" }>;
type Node = Awaited<ReturnType<typeof startNode>>;
type Person = Guest & { media: MediaSetup; peerId: string };

let home: Node;
let edge: Node;
const guests: Guest[] = [];
const links: NodeLink[] = [];

beforeAll(async () => {
  [home, edge] = await Promise.all([
    startNode({ workers: 2, consumersPerWorker: 2 }),
    startNode({ workers: 1 }),
  ]);
});
afterAll(async () => {
  for (const link of links) link.close();
  for (const guest of guests) guest.close();
  await Promise.all([home.close(), edge.close()]);
});

async function enter(room: string, sub: string, site?: string, at = home): Promise<Person> {
  const guest = await createGuest(at.address.url);
  guests.push(guest);
  const entry = (await guest.join({ room, sub, name: sub, ...(site ? { site } : {}) })) as Joined;
  return Object.assign(guest, { media: entry.media!, peerId: entry.peerId });
}
const portsOf = ({ recv }: MediaSetup) => new Set(recv.iceCandidates.map(({ port }) => port));
const edgePorts = () => new Set([edge.config.rtcPort]);
async function setUpAgain(guest: Guest): Promise<MediaSetup> {
  const { rtpCapabilities } = guest.heard("node:hello")[0]!;
  return await guest.get<MediaSetup>("media:setup", { rtpCapabilities });
}
function linkFrom(own: string, secret = SECRET): NodeLink {
  const link = new NodeLink({
    ...{ secret, own, boot: crypto.randomUUID(), graceMs: 500, steadyMs: 500 },
    ...{ node: edge.config.linkUrl },
    ...{ log: createLog("silent"), onEvent: () => {}, onLost: () => {} },
  });
  links.push(link);
  return link;
}

describe("who may", () => {
  test.each([
    ["nothing", () => Promise.resolve(undefined)],
    [
      "a proof for another node",
      async () =>
        (
          await signLink(SECRET, {
            from: "http://a.example",
            to: "http://b.example",
            boot: crypto.randomUUID(),
          })
        ).token,
    ],
    [
      "a foreign signature",
      async () =>
        (
          await signLink("another-secret-of-at-least-32-characters", {
            ...{ from: "http://a.example", to: edge.config.linkUrl, boot: crypto.randomUUID() },
          })
        ).token,
    ],
    ["an order's token", async () => await adminToken()],
  ])("a link with %s is refused", async (_, proof) => {
    const socket = io(edge.config.linkUrl, {
      ...{ path: "/link", transports: ["websocket"], forceNew: true, reconnection: false },
      auth: { token: await proof(), isFresh: true, seen: 0 },
    });
    await expect(
      new Promise((resolve, reject) => {
        socket.once("hello", resolve);
        socket.once("connect_error", reject);
      }),
    ).rejects.toThrow("forbidden");
    socket.disconnect();
  });

  test("a proof is good once", async () => {
    const { token } = await signLink(SECRET, {
      ...{ from: "http://once.example", to: edge.config.linkUrl, boot: crypto.randomUUID() },
    });
    const outcomes = [];
    for (let round = 0; round < 2; round++) {
      const socket = io(edge.config.linkUrl, {
        ...{ path: "/link", transports: ["websocket"], forceNew: true, reconnection: false },
        auth: { token, isFresh: true, seen: 0 },
      });
      outcomes.push(
        await new Promise((resolve) => {
          socket.once("hello", () => resolve("hello"));
          socket.once("connect_error", (error) => resolve(error.message));
        }),
      );
      socket.disconnect();
    }
    expect(outcomes).toEqual(["hello", "forbidden"]);
  });

  test("a room belongs to the node that opened it, or that is its home", async () => {
    const rightful = linkFrom("http://rightful.example");
    const thief = linkFrom("http://thief.example");
    expect(await rightful.ready()).toBe(true);
    expect(await thief.ready()).toBe(true);
    await rightful.request("site:open", { room: "claimed" });
    await expect(thief.request("site:open", { room: "claimed" })).rejects.toThrow("forbidden");
    await expect(thief.request("trunk:stop", { room: "claimed", producerId: "x" })).rejects.toThrow(
      "not-found",
    );
    const guest = await createGuest(edge.address.url);
    guests.push(guest);
    await guest.join({ room: "at-home", sub: "x" });
    await expect(thief.request("site:open", { room: "at-home" })).rejects.toThrow("forbidden");
    await expect(
      thief.request("consumer:set", { room: "claimed", id: 7 } as never),
    ).rejects.toThrow("malformed");
  });

  test("draining takes the server's order", async () => {
    expect((await fetch(`${edge.address.url}/drain`, { method: "POST" })).status).toBe(403);
  });
});

describe("a room on several nodes", () => {
  test("media lies where the token says; streams reach both sides; an unknown site means home", async () => {
    const a = await enter("spread", "a");
    await a.get("producer:create", microphone(a.media.send.id));
    const b = await enter("spread", "b", edge.config.linkUrl);
    expect(portsOf(b.media)).toEqual(edgePorts());
    expect(b.media.consumers.map(({ peerId }) => peerId)).toEqual([a.peerId]);
    await b.get("producer:create", microphone(b.media.send.id));
    await a.hear("consumer:new", ({ consumers }) =>
      consumers.some((info) => info.peerId === b.peerId),
    );
    const c = await enter("spread", "c", "http://127.0.0.1:9");
    expect(portsOf(c.media)).not.toEqual(edgePorts());
    expect(c.media.consumers.map(({ peerId }) => peerId).sort()).toEqual(
      [a.peerId, b.peerId].sort(),
    );
  });

  test("a worker of the edge dies: its people alone build anew, there", async () => {
    const a = await enter("shaken", "a");
    await a.get("producer:create", microphone(a.media.send.id));
    const b = await enter("shaken", "b", edge.config.linkUrl);
    process.kill(edge.workerPids[0]!, "SIGKILL");
    await b.hear("room:moved", ({ reason }) => reason === "worker-died");
    expect(a.heard("room:moved")).toEqual([]);
    const again = await setUpAgain(b);
    expect(portsOf(again)).toEqual(edgePorts());
    expect(again.consumers.map(({ peerId }) => peerId)).toEqual([a.peerId]);
  });

  test("a full worker gets no further people, and streams reach the next one", async () => {
    const people = [];
    for (const sub of ["a", "b", "c", "d"]) {
      const person = await enter("crowded", sub);
      await person.get("producer:create", microphone(person.media.send.id));
      people.push(person);
    }
    const ports = new Set(people.flatMap(({ media }) => [...portsOf(media)]));
    expect(ports.size).toBe(2);
    expect(people.at(-1)!.media.consumers).toHaveLength(3);
  });

  test("a node that others are linked to can be stopped", async () => {
    const stopped = await startNode({ workers: 1 });
    const b = await enter("stopped", "b", stopped.config.linkUrl);
    expect(portsOf(b.media)).toEqual(new Set([stopped.config.rtcPort]));
    await stopped.close();
    await b.hear("room:moved", ({ reason }) => reason === "site-lost");
  });

  test("a room that the server has placed elsewhere sends its people there", async () => {
    const a = await enter("stray", "a");
    const cut = new Promise((resolve) => a.socket.once("disconnect", resolve));
    expect(await order(home.address.url, "stray", "move", {})).toBe(200);
    await cut;
    // The page takes this for no end: it asks the server where to go.
    expect(a.heard("room:closed")).toEqual([{ reason: "node-closing" }]);
    expect(await order(home.address.url, "stray", "move", {})).toBe(404);
  });

  test("a drained edge sends its people home; a drained home ends its rooms and takes none", async () => {
    const a = await enter("emptied", "a");
    await a.get("producer:create", microphone(a.media.send.id));
    const b = await enter("emptied", "b", edge.config.linkUrl);
    expect(portsOf(b.media)).toEqual(edgePorts());
    const drain = async (node: Node) =>
      await fetch(`${node.address.url}/drain`, {
        method: "POST",
        headers: { authorization: `Bearer ${await adminToken()}` },
      });
    expect((await drain(edge)).status).toBe(200);
    await b.hear("room:moved", ({ reason }) => reason === "moved");
    const again = await setUpAgain(b);
    expect(portsOf(again)).not.toEqual(edgePorts());
    expect(again.consumers.map(({ peerId }) => peerId)).toEqual([a.peerId]);
    const cut = new Promise((resolve) => a.socket.once("disconnect", resolve));
    expect((await drain(home)).status).toBe(200);
    await cut;
    expect(a.heard("room:closed")).toEqual([{ reason: "node-closing" }]);
    await expect(enter("fresh", "x")).rejects.toThrow("node-closing");
  });
});

describe("people are placed anew", () => {
  const quick = { linkGraceMs: 300, linkSteadyMs: 300, replanMs: 200 };
  let county: Node;
  let clinic: Node;
  let proxy: Awaited<ReturnType<typeof createLinkProxy>>;

  beforeAll(async () => {
    proxy = await createLinkProxy();
    [county, clinic] = await Promise.all([
      startNode({ workers: 2, consumersPerWorker: 4, ...quick }),
      startNode({ workers: 1, consumersPerWorker: 1_000, linkUrl: proxy.url }),
    ]);
    proxy.to(clinic.config.port);
  });
  afterAll(async () => {
    await Promise.all([county.close(), clinic.close()]);
    await proxy.close();
  });
  const isAtClinic = ({ recv }: MediaSetup) =>
    recv.iceCandidates.every(({ port }) => port === clinic.config.rtcPort);

  test("off a worker that came to carry too much, as far as another has room", async () => {
    const people = [];
    for (const sub of ["a", "b", "c", "d"]) {
      people.push(await enter("grown", sub, undefined, county));
    }
    const [before, ...others] = people.map(({ media }) => [...portsOf(media)].join());
    expect(others).toEqual([before, before, before]);
    for (const person of people) {
      await person.get("producer:create", microphone(person.media.send.id));
    }
    const moved = await Promise.race(
      people.map(async (person) => {
        await person.hear("room:moved", ({ reason }) => reason === "moved");
        return person;
      }),
    );
    // What it had goes on until its page comes.
    expect(moved.heard("consumer:closed")).toEqual([]);
    const again = await setUpAgain(moved);
    expect([...portsOf(again)].join()).not.toBe(before);
    expect(again.consumers).toHaveLength(3);
    await moved.get("producer:create", microphone(again.send.id));
    for (const other of people) {
      if (other === moved) continue;
      await other.hear("consumer:new", ({ consumers }) =>
        consumers.some(({ peerId }) => peerId === moved.peerId),
      );
    }
    expect(people.flatMap((person) => person.heard("room:moved"))).toHaveLength(1);
  });

  test("a link cut for longer than its grace: home, and back when it has stood for a while", async () => {
    const a = await enter("cut", "a", undefined, county);
    await a.get("producer:create", microphone(a.media.send.id));
    const b = await enter("cut", "b", proxy.url, county);
    expect(isAtClinic(b.media)).toBe(true);
    await proxy.cut();
    await b.hear("room:moved", ({ reason }) => reason === "site-lost");
    expect(isAtClinic(await setUpAgain(b))).toBe(false);
    await proxy.heal();
    await b.hear("room:moved", ({ reason }) => reason === "moved");
    const back = await setUpAgain(b);
    expect(isAtClinic(back)).toBe(true);
    expect(back.consumers.map(({ peerId }) => peerId)).toEqual([a.peerId]);
    expect(a.heard("room:moved")).toEqual([]);
  });

  test("a half-open link, on which neither side hears of the other's end, is lost as well", async () => {
    const b = await enter("half-open", "b", proxy.url, county);
    expect(isAtClinic(b.media)).toBe(true);
    proxy.freeze();
    await b.hear("room:moved", ({ reason }) => reason === "site-lost");
    expect(isAtClinic(await setUpAgain(b))).toBe(false);
    proxy.thaw();
    await b.hear("room:moved", ({ reason }) => reason === "moved");
    expect(isAtClinic(await setUpAgain(b))).toBe(true);
  });

  test("a node that claims to be an edge and does not know the secret gets nobody", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const own = `http://127.0.0.1:${port}`;
    const asked: unknown[] = [];
    const hostile = new Server(server, { path: "/link", transports: ["websocket"] });
    const greeted = new Promise<void>((resolve) => {
      hostile.on("connection", (socket) => {
        socket.on("ask", (message: unknown) => asked.push(message));
        const boot = crypto.randomUUID();
        const claims = { from: own, to: county.config.linkUrl, boot };
        void signLink("another-secret-of-at-least-32-characters", claims).then(({ token }) => {
          socket.emit("hello", { token, isKept: false });
          resolve();
        });
      });
    });
    const person = await enter("hostile", "x", own, county);
    await greeted;
    expect(isAtClinic(person.media)).toBe(false);
    expect(asked).toEqual([]);
    await hostile.close();
  });

  test("a worker is relieved above a fifth too much, until it carries what it should", () => {
    const [full, half, empty] = [{ consumers: 130 }, { consumers: 60 }, { consumers: 0 }];
    const nobody = new Set<{ consumers: number }>();
    expect(planRelief([full, half], 100, nobody)).toEqual(new Map([[full, 30]]));
    expect(planRelief([{ consumers: 120 }, half], 100, nobody).size).toBe(0);
    const less = { consumers: 115 };
    expect(planRelief([less, half], 100, new Set([less]))).toEqual(new Map([[less, 15]]));
    // Without room elsewhere nothing moves, and never more than there is room for.
    expect(planRelief([full, { consumers: 95 }], 100, nobody).size).toBe(0);
    expect(planRelief([{ consumers: 900 }, empty], 100, nobody)).toEqual(
      new Map([[{ consumers: 900 }, 90]]),
    );
    expect(planRelief([full], 100, nobody).size).toBe(0);
  });

  test("the audience goes first, who speaks stays", () => {
    const person = (name: string, rest: Partial<Movable> = {}) => ({
      name,
      ...{ isOnStage: true, isSpeaking: false, isSending: true, streams: 4, ...rest },
    });
    const people = [
      person("speaks", { isSpeaking: true }),
      person("sends"),
      person("silent", { isSending: false }),
      person("listener", { isOnStage: false, isSending: false }),
    ];
    const names = (streams: number, most: number) =>
      whoMoves(people, streams, most).map(({ name }) => name);
    expect(names(4, 5)).toEqual(["listener"]);
    expect(names(5, 5)).toEqual(["listener", "silent"]);
    expect(names(100, 2)).toEqual(["listener", "silent"]);
    expect(names(100, 5)).toEqual(["listener", "silent", "sends"]);
  });
});

describe("clocks", () => {
  test.each([
    ["ten minutes ahead", 600_000],
    ["ten minutes behind", -600_000],
  ])("a node that is %s goes by the server's time", async (_, skewMs) => {
    const server = await createCallbackSink();
    server.judges = true;
    const node = await startNode({
      ...{ serverUrl: server.url, linkGraceMs: 300 },
      now: () => Date.now() + skewMs,
    });
    try {
      // The first answer may be a refusal, and says what time it is.
      await expect.poll(() => server.heartbeats.length, { timeout: 10_000 }).toBeGreaterThan(0);
      const person = await enter("skewed", "x", edgeOfClocks.config.linkUrl, node);
      expect(portsOf(person.media)).toEqual(new Set([edgeOfClocks.config.rtcPort]));
      await expect
        .poll(() => server.events.find(({ type }) => type === "peer-joined")?.at)
        .toBeDefined();
      const [{ at } = { at: "" }] = server.events.filter(({ type }) => type === "peer-joined");
      expect(Math.abs(Date.parse(at) - Date.now())).toBeLessThan(60_000);
    } finally {
      await node.close();
      await server.close();
    }
  });
  let edgeOfClocks: Node;
  beforeAll(async () => {
    edgeOfClocks = await startNode({ workers: 1 });
  });
  afterAll(async () => await edgeOfClocks.close());

  test("what is a few seconds off is left alone, and so is an answer that took long", () => {
    const clock = createServerClock(() => 1_000_000_000_000);
    const header = (ms: number) => new Date(1_000_000_000_000 + ms).toUTCString();
    clock.hear(header(2_000), 0);
    expect(clock.aheadMs).toBe(0);
    clock.hear(header(60_000), 5_000);
    expect(clock.aheadMs).toBe(0);
    clock.hear(header(-600_000), 200);
    expect(Math.round(clock.aheadMs / 1000)).toBe(599);
    expect(new Date(clock.now()).toUTCString()).toBe(header(-600_000));
    clock.hear("no date", 0);
    expect(Math.round(clock.aheadMs / 1000)).toBe(599);
  });
});

describe("layers", () => {
  test("a layer comes at once and goes after a while", () => {
    let { state, layers } = stepLayers(initialLayers(3, null), new Set([2]), 0);
    expect(layers).toEqual([2]);
    ({ state, layers } = stepLayers(state, new Set([0]), 1));
    expect(layers).toEqual([0, 2]);
    ({ state, layers } = stepLayers(state, new Set([0]), LOWER_AFTER_MS));
    expect(layers).toEqual([0]);
    expect(stepLayers(state, new Set(), 2 * LOWER_AFTER_MS).layers).toEqual([]);
    expect(stepLayers(initialLayers(2, 0), new Set(), 0).layers).toEqual([0, 1]);
  });

  test("those below the wanted one are kept until it has come for good, and in small rooms always", () => {
    expect(layersOfListener(2, 2, STEADY_MS, true)).toEqual([2]);
    expect(layersOfListener(2, 2, STEADY_MS - 1, true)).toEqual([0, 1, 2]);
    expect(layersOfListener(2, 0, STEADY_MS, true)).toEqual([0, 1, 2]);
    expect(layersOfListener(2, undefined, 0, true)).toEqual([0, 1, 2]);
    expect(layersOfListener(2, 2, STEADY_MS, false)).toEqual([0, 1, 2]);
    expect(layersOfListener(-1, undefined, 0, true)).toEqual([]);
  });
});
