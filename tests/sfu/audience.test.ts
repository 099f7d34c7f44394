/**
 * A teaching room over a real worker, by signalling: who is told of whom, who gets what, and what
 * the server's orders change. Media of pages are in the browser test.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { ConsumerInfo, Entry } from "../../sfu/protocol.ts";
import { type CallbackSink, createCallbackSink, order, startNode } from "./support/node.ts";
import { createGuest, type Guest, microphone } from "./support/socket.ts";

type Joined = Extract<Entry, { state: "joined" }>;
type Sitting = Guest & { entry: Joined };

const CAPACITY = 12;

let sink: CallbackSink;
let node: Awaited<ReturnType<typeof startNode>>;
let room = "";
let rooms = 0;
const guests: Guest[] = [];

beforeAll(async () => {
  sink = await createCallbackSink();
  node = await startNode({
    serverUrl: sink.url,
    teachingCapacity: CAPACITY,
    turn: { urls: ["turns:turn.example.org:5349?transport=tcp"], secret: "turn" },
  });
});
afterAll(async () => {
  await node.close();
  await sink.close();
});
afterEach(() => {
  for (const guest of guests.splice(0)) guest.close();
});

async function enter(sub: string, claims: object, message: object = {}): Promise<Sitting> {
  const one = await createGuest(node.address.url);
  guests.push(one);
  const entry = await one.join({ room, sub, name: sub, kind: "teaching", ...claims }, message);
  return Object.assign(one, { entry: entry as Joined });
}

const speaks = { role: "presenter", pub: ["audio", "video", "screen"] };
const hosts = { role: "cohost", pub: ["audio", "video"], moderator: true };
const viewer = { role: "viewer", pub: [], org: "萨迦县人民医院" };
const demand = { pub: ["audio", "video"] };

function newRoom(): void {
  room = `lecture-${++rooms}`;
}

const send = async (from: Sitting, source: string, channel?: string): Promise<string> => {
  const stream = microphone(from.entry.media!.send.id, source, channel);
  await from.get("producer:create", stream);
  return stream.id;
};

/** What a listener has been told of a stream so far. */
function consumerOf(listener: Sitting, producerId: string): ConsumerInfo | undefined {
  return [
    ...listener.entry.consumers,
    ...(listener.entry.media?.consumers ?? []),
    ...listener.heard("consumer:new").flatMap(({ consumers }) => consumers),
  ].find((info) => info.producerId === producerId);
}

/** Waits until the worker has been asked for all that was ordered before. */
async function told(type: string, fits: (data: Record<string, unknown>) => boolean = () => true) {
  const find = () =>
    sink.events.filter((event) => event.room === room && event.type === type && fits(event.data));
  await expect.poll(() => find().length, { timeout: 15_000 }).toBeGreaterThan(0);
  return find();
}

describe("what may not be done", () => {
  test("a viewer who claims the stage is refused, and reported once", async () => {
    newRoom();
    const presenter = await enter("presenter", speaks);
    const p = await enter("p", viewer);
    for (const source of ["audio", "lecture", "audio"]) {
      const answer = await p.ask("producer:create", microphone(p.entry.media!.send.id, source));
      expect(answer).toMatchObject({ ok: false, error: { code: "forbidden" } });
    }
    const still = { attachmentId: "x", name: "x", width: 1, height: 1, sha256: "a".repeat(64) };
    const stroke = { id: "s", tool: "pen", colour: "red", width: 0.004, points: [[0, 0]] };
    for (const [name, message] of [
      ["still:announce", still],
      ["still:annotate", { attachmentId: "x", stroke }],
      ["still:show", { attachmentId: null }],
      ["moderation:mute", { peerId: presenter.entry.peerId, source: "audio" }],
      ["moderation:remove", { peerId: presenter.entry.peerId }],
      ["rollcall:set", { entries: [] }],
      ["private:start", {}],
    ] as const) {
      expect(await p.ask(name, message)).toMatchObject({ error: { code: "forbidden" } });
    }
    const claims = await told("stage-claimed");
    expect(claims).toHaveLength(1);
    expect(claims[0]!.peer?.sub).toBe("p");
    expect(presenter.heard("peer:joined")).toEqual([]);
  });

  test("chat is not the node's; orders need the server's token, a room and a teaching room", async () => {
    newRoom();
    const presenter = await enter("presenter", speaks);
    const message = { text: "x", channel: "room", id: crypto.randomUUID() };
    expect(await presenter.ask("chat:send", message)).toMatchObject({
      error: { code: "forbidden" },
    });
    const { url } = node.address;
    const bare = await fetch(`${url}/rooms/${room}/promote`, { method: "POST", body: "{}" });
    expect(bare.status).toBe(403);
    expect(await order(url, room, "promote", { sub: "p", pub: ["everything"] })).toBe(400);
    expect(await order(url, room, "promote", { sub: "p", pub: [] })).toBe(400);
    expect(await order(url, "nowhere", "promote", { sub: "p", ...demand })).toBe(404);
    newRoom();
    const doctor = await enter("doctor", { kind: "consult" });
    expect(await order(url, room, "promote", { sub: "p", ...demand })).toBe(409);
    expect(await doctor.ask("listen:choose", { way: "sound-only" })).toMatchObject({ ok: false });
  });

  test("a room has one kind, and its audience an end; the stage has its places", async () => {
    newRoom();
    await enter("presenter", speaks);
    await expect(enter("x", { ...viewer, kind: "consult" })).rejects.toThrow("forbidden");
    await Promise.all(Array.from({ length: CAPACITY }, (_, at) => enter(`v${at}`, viewer)));
    await expect(enter("late", viewer)).rejects.toThrow("room-full");
    expect((await enter("panel", speaks)).entry.snapshot.peers).toHaveLength(2);
  });
});

describe("an audience", () => {
  test("is counted, not listed: nobody hears of a listener, the stage gets figures", async () => {
    newRoom();
    const host = await enter("host", hosts);
    const presenter = await enter("presenter", speaks);
    const a = await enter("a", viewer);
    const b = await enter("b", { ...viewer, org: "扎西岗乡卫生院" }, { listen: "sound-only" });
    expect(b.entry.snapshot.peers.map((peer) => peer.sub)).toEqual(["host", "presenter", "b"]);
    expect(b.entry.snapshot).toMatchObject({
      kind: "teaching",
      stage: { pub: [], moderator: false },
      listening: { chosen: "sound-only", effective: "sound-only" },
      audience: null,
    });
    // Behind closed firewalls: the same ice servers as in a consult, and TCP candidates.
    expect(b.entry.media!.iceServers[0]!.urls[0]).toMatch(/^turns:/);
    expect(b.entry.media!.recv.iceCandidates.map(({ protocol }) => protocol)).toContain("tcp");
    const figures = await host.hear("audience:summary", (summary) => summary.people === 2);
    expect(figures).toMatchObject({
      sites: 2,
      ways: { full: 1, "slides-and-sound": 0, "sound-only": 1 },
      lines: { good: 2 },
    });
    b.close();
    const trouble = await host.hear("audience:summary", (summary) => summary.lines.gone === 1);
    expect(trouble.worst).toMatchObject([{ org: "扎西岗乡卫生院", people: 1, gone: 1 }]);
    await presenter.hear("audience:summary", (summary) => summary.lines.gone === 1);
    expect(presenter.heard("audience:summary").every(({ worst }) => worst.length === 0)).toBe(true);
    expect(a.heard("audience:summary")).toEqual([]);
    for (const one of [host, presenter, a]) {
      const names = one.heard("peer:joined").map(({ peer }) => peer.sub);
      expect(names.filter((sub) => sub !== "presenter")).toEqual([]);
      expect(one.heard("peer:updated").filter(({ peer }) => peer.sub === "b")).toEqual([]);
    }
    const [quality] = await told("audience-quality");
    expect(quality!.data).toMatchObject({ others: 0 });
    await told("peer-joined");
  });

  test("hears lecture tracks, the stage the conversation; both are asked for when needed", async () => {
    newRoom();
    const presenter = await enter("presenter", speaks);
    const host = await enter("host", hosts);
    const audio = await send(presenter, "audio");
    expect(presenter.entry.snapshot.lectureNeeded).toBe(false);
    await host.hear("consumer:new", ({ consumers }) => consumers[0]?.producerId === audio);
    const p = await enter("p", viewer);
    await presenter.hear("lecture:demand", ({ needed }) => needed);
    // Until the lecture track is there, the conversation's is better than silence.
    expect(consumerOf(p, audio)).toMatchObject({ held: null });
    const lecture = await send(presenter, "lecture");
    await p.hear("consumer:new", ({ consumers }) => consumers[0]?.producerId === lecture);
    expect(consumerOf(p, lecture)!.rtpParameters.codecs[0]!.rtcpFeedback).toContainEqual({
      type: "nack",
      parameter: "",
    });
    await p.hear("consumer:closed", ({ consumerId }) => consumerId === consumerOf(p, audio)!.id);
    const late = await enter("late", viewer);
    expect(consumerOf(late, lecture)).toBeDefined();
    expect(consumerOf(late, audio)).toBeUndefined();
    expect(consumerOf(host, lecture)).toBeUndefined();
  });

  test("gets the last two voices, one in the lower ways, and back without new streams", async () => {
    newRoom();
    const presenter = await enter("presenter", speaks);
    const panel = await Promise.all(["x", "y"].map((sub) => enter(sub, speaks)));
    const p = await enter("p", viewer);
    const tracks: string[] = [];
    for (const one of [presenter, ...panel]) {
      await send(one, "audio");
      tracks.push(await send(one, "lecture"));
    }
    const late = await enter("late", viewer, { listen: "slides-and-sound" });
    const flowing = (one: Sitting) => {
      const held = new Map<string, string | null>();
      for (const id of tracks) {
        const info = consumerOf(one, id);
        if (info) held.set(info.id, info.held);
      }
      for (const { consumerId, held: reason } of one.heard("consumer:held")) {
        if (held.has(consumerId)) held.set(consumerId, reason);
      }
      return [...held.values()].filter((reason) => reason === null).length;
    };
    await expect.poll(() => flowing(p)).toBe(2);
    await expect.poll(() => flowing(late)).toBe(1);
    const before = late.heard("consumer:new").length;
    await late.get("listen:choose", { way: "full" });
    await expect.poll(() => flowing(late)).toBe(2);
    await late.get("listen:choose", { way: "sound-only" });
    await expect.poll(() => flowing(late)).toBe(1);
    expect(late.heard("consumer:new")).toHaveLength(before);
    expect(late.heard("consumer:closed")).toEqual([]);
    expect(late.heard("listen:way").map(({ effective }) => effective)).toEqual([
      "full",
      "sound-only",
    ]);
  });

  test("keeps the chosen interpretation in every way; alone where there is room for one", async () => {
    newRoom();
    const presenter = await enter("presenter", speaks);
    const interpreter = await enter("i", { role: "interpreter", pub: ["audio", "interpretation"] });
    const p = await enter("p", viewer, { listen: "sound-only" });
    await send(presenter, "audio");
    const lecture = await send(presenter, "lecture");
    const channel = await send(interpreter, "interpretation", "bo");
    await p.hear("interpretation:channels", ({ channels }) => channels[0]?.channel === "bo");
    await p.hear("consumer:new", ({ consumers }) => consumers[0]?.producerId === lecture);
    await p.get("interpretation:choose", { channel: "bo" });
    await p.hear("consumer:new", ({ consumers }) => consumers[0]?.producerId === channel);
    const floor = consumerOf(p, lecture)!.id;
    const isHeld = (held: string | null) =>
      p.heard("consumer:held").some((one) => one.consumerId === floor && one.held === held);
    await expect.poll(() => isHeld("last-n")).toBe(true);
    await interpreter.get("producer:pause", { producerId: channel });
    const last = () => p.heard("consumer:held").findLast((one) => one.consumerId === floor);
    await expect.poll(() => last()?.held).toBeNull();
    expect(consumerOf(p, channel)!.rtpParameters.codecs[0]!.rtcpFeedback).toContainEqual({
      type: "nack",
      parameter: "",
    });
  });
});

describe("the stage, by order of the server", () => {
  test("promotion and back in the same session: told to all, streams closed on the way back", async () => {
    newRoom();
    const { url } = node.address;
    const presenter = await enter("presenter", speaks);
    const p = await enter("p", viewer);
    const q = await enter("q", viewer);
    const voice = await send(presenter, "audio");
    const lecture = await send(presenter, "lecture");
    await p.hear("consumer:new", ({ consumers }) => consumers[0]?.producerId === lecture);
    expect(await order(url, room, "promote", { sub: "p", pub: ["audio"] })).toBe(200);
    await p.hear("stage:changed", ({ pub }) => pub.join() === "audio");
    await p.hear("lecture:demand", ({ needed }) => needed);
    for (const one of [presenter, q]) await one.hear("peer:joined", ({ peer }) => peer.sub === "p");
    await p.hear("consumer:new", ({ consumers }) => consumers[0]?.producerId === voice);
    await p.hear("consumer:closed", (one) => one.consumerId === consumerOf(p, lecture)!.id);
    const audio = await send(p, "audio");
    await send(p, "lecture");
    expect(
      await p.ask("producer:create", microphone(p.entry.media!.send.id, "interpretation", "bo")),
    ).toMatchObject({ error: { code: "forbidden" } });
    await presenter.hear("consumer:new", ({ consumers }) => consumers[0]?.producerId === audio);
    await told("peer-promoted", ({ pub }) => Array.isArray(pub) && pub.includes("audio"));
    expect(await order(url, room, "demote", { sub: "p" })).toBe(200);
    await p.hear("stage:changed", ({ pub }) => pub.length === 0);
    await presenter.hear("peer:left", ({ reason }) => reason === "demoted");
    await presenter.hear(
      "consumer:closed",
      (one) => one.consumerId === consumerOf(presenter, audio)!.id,
    );
    expect(await p.ask("producer:create", microphone(p.entry.media!.send.id))).toMatchObject({
      error: { code: "forbidden" },
    });
    await told("peer-demoted");
    expect(p.heard("session:removed")).toEqual([]);
  });

  test("a presenter's crash: the stage learns it, the co-host takes over, the place is kept", async () => {
    newRoom();
    const { url } = node.address;
    const presenter = await enter("presenter", { ...speaks, moderator: true });
    const cohost = await enter("cohost", { ...speaks, role: "cohost" });
    const p = await enter("p", viewer);
    await send(presenter, "audio");
    await send(cohost, "audio");
    await send(cohost, "lecture");
    presenter.close();
    await cohost.hear("peer:updated", ({ peer }) => peer.sub === "presenter" && peer.away);
    expect(
      await order(url, room, "promote", { sub: "cohost", pub: ["audio"], moderator: true }),
    ).toBe(200);
    await cohost.hear("stage:changed", ({ moderator }) => moderator);
    await cohost.hear("audience:summary", ({ people }) => people === 1);
    await p.hear("peer:updated", ({ peer }) => peer.sub === "cohost" && peer.moderator);
    expect(
      await order(url, room, "promote", { sub: "presenter", pub: ["audio"], moderator: false }),
    ).toBe(200);
    // The page comes back with the rights of its token, which is older than the order.
    const again = await enter("presenter", {
      ...speaks,
      moderator: true,
      iat: Math.floor(Date.now() / 1000) - 1,
    });
    expect(again.entry.snapshot.stage).toEqual({ pub: ["audio"], moderator: false });
    expect(again.entry.snapshot.peers.filter((peer) => peer.sub === "presenter")).toHaveLength(1);
    await cohost.hear("peer:left", ({ peerId }) => peerId === presenter.entry.peerId);
  });
});
