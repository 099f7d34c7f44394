import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { ConsumerInfo, Entry } from "../../sfu/protocol.ts";
import { clientMessages } from "../../sfu/protocol-schemas.ts";
import {
  adminToken,
  type CallbackSink,
  createCallbackSink,
  roomToken,
  startNode,
} from "./support/node.ts";
import { createGuest, type Guest, microphone } from "./support/socket.ts";

type Joined = Extract<Entry, { state: "joined" }>;

let sink: CallbackSink;
let node: Awaited<ReturnType<typeof startNode>>;
let room = "";
let rooms = 0;
const guests: Guest[] = [];

beforeAll(async () => {
  sink = await createCallbackSink();
  node = await startNode({ serverUrl: sink.url });
});
afterAll(async () => {
  await node.close();
  await sink.close();
});
afterEach(() => {
  for (const guest of guests.splice(0)) guest.close();
});

async function guest(): Promise<Guest> {
  const one = await createGuest(node.address.url);
  guests.push(one);
  return one;
}

/** Somebody in the room of this test. */
async function enter(sub: string, claims: object = {}): Promise<Guest & { entry: Joined }> {
  const one = await guest();
  const entry = await one.join({ room, sub, name: sub, ...claims });
  return Object.assign(one, { entry: entry as Joined });
}

function newRoom(): void {
  room = `room-${++rooms}`;
}

const doctor = { private: true, moderator: true, role: "specialist" };
const patient = { role: "patient" };

/** Waits until the server has been told. */
async function told(type: string, fits: (data: Record<string, unknown>) => boolean = () => true) {
  await expect
    .poll(
      () =>
        sink.events.some((event) => event.room === room && event.type === type && fits(event.data)),
      {
        timeout: 10_000,
      },
    )
    .toBe(true);
}

describe("entering", () => {
  test("a page of another protocol is told so", async () => {
    await expect(createGuest(node.address.url, 0)).rejects.toMatchObject({
      data: { code: "protocol-outdated" },
    });
  });

  test("gives transports, snapshot and a resume key, and tells the others and the server", async () => {
    newRoom();
    const a = await enter("a");
    expect(a.entry.media!.send.iceCandidates.length).toBeGreaterThan(0);
    const b = await enter("b");
    expect(b.entry.snapshot.peers.map((peer) => peer.sub)).toEqual(["a", "b"]);
    await a.hear("peer:joined", ({ peer }) => peer.sub === "b");
    await told("peer-joined");
    expect(sink.authorizations[0]).toMatch(/^Bearer /);
  });

  test("a token is good for one entry; nothing else is answered before", async () => {
    newRoom();
    const a = await guest();
    expect(
      await a.ask("chat:send", { text: "x", channel: "room", id: crypto.randomUUID() }),
    ).toEqual({
      ok: false,
      error: { code: "not-joined" },
    });
    const token = await roomToken({ room });
    const rtpCapabilities = { codecs: [], headerExtensions: [] };
    expect((await a.ask("room:join", { token, rtpCapabilities })).ok).toBe(true);
    const b = await guest();
    expect(await b.ask("room:join", { token, rtpCapabilities })).toMatchObject({
      error: { code: "token-used" },
    });
  });

  test("a session is resumed with its key: same person, streams kept, snapshot anew", async () => {
    newRoom();
    const a = await enter("a");
    const b = await enter("b");
    await a.get("producer:create", microphone(a.entry.media!.send.id));
    a.close();
    await b.hear(
      "peer:updated",
      ({ peer }) => peer.sub === "a" && peer.away && peer.line === "gone",
    );
    const again = await guest();
    const entry = await again.get<Joined>("session:resume", { resumeKey: a.entry.resumeKey });
    expect(entry).toMatchObject({ peerId: a.entry.peerId, media: null });
    expect(entry.transports).toEqual({
      sendId: a.entry.media!.send.id,
      recvId: a.entry.media!.recv.id,
    });
    expect(entry.producers).toHaveLength(1);
    await b.hear("peer:updated", ({ peer }) => peer.sub === "a" && !peer.away);
    expect(await again.ask("session:resume", { resumeKey: "x".repeat(43) })).toMatchObject({
      ok: false,
    });
  });

  test("a page that comes back with a new token takes the place of the lost one", async () => {
    newRoom();
    const a = await enter("a");
    a.close();
    await expect.poll(async () => (await enter("a")).entry.snapshot.peers.length).toBe(1);
  });
});

describe("the lobby", () => {
  test("whoever waits gets nothing but that, until a moderator lets them in", async () => {
    newRoom();
    const host = await enter("host", doctor);
    const family = await guest();
    const entry = await family.join({ room, sub: "family", name: "家属", lobby: true });
    expect(entry).toEqual({
      state: "waiting",
      peerId: expect.any(String),
      resumeKey: expect.any(String),
    });
    const { waiting } = await host.hear("lobby:list", (list) => list.waiting.length === 1);
    expect(await family.ask("session:ping")).toMatchObject({ ok: true });
    for (const [name, body] of [
      ["chat:send", { text: "x", channel: "room", id: crypto.randomUUID() }],
      ["private:end", {}],
      ["lobby:admit", { peerId: entry.peerId }],
    ] as const) {
      expect(await family.ask(name, body)).toMatchObject({ error: { code: "waiting" } });
    }
    await host.get("chat:send", { text: "内部", channel: "room", id: crypto.randomUUID() });
    await host.get("lobby:admit", { peerId: waiting[0]!.id });
    const admitted = (await family.hear("lobby:admitted")) as Joined;
    expect(admitted.media).not.toBeNull();
    expect(family.heard("chat:message")).toEqual([]);
    await told("peer-admitted", (data) => data.by === "host");
  });

  test("refused, or admitted by the server", async () => {
    newRoom();
    const host = await enter("host", doctor);
    const stranger = await guest();
    const { peerId } = await stranger.join({ room, sub: "x", lobby: true });
    expect(await (await enter("p", patient)).ask("lobby:refuse", { peerId })).toMatchObject({
      error: { code: "forbidden" },
    });
    await host.get("lobby:refuse", { peerId });
    await stranger.hear("lobby:refused");
    const family = await guest();
    await family.join({ room, sub: "family", lobby: true });
    const response = await fetch(`${node.address.url}/rooms/${room}/admit`, {
      method: "POST",
      headers: { authorization: `Bearer ${await adminToken()}` },
      body: JSON.stringify({ sub: "family" }),
    });
    expect(response.status).toBe(200);
    await family.hear("lobby:admitted");
  });
});

describe("in the room", () => {
  test("chat: everybody reads the room's, only those who may read the private one", async () => {
    newRoom();
    const a = await enter("a", doctor);
    const p = await enter("p", patient);
    const id = crypto.randomUUID();
    const secret = { text: "只给医生", channel: "private", id: crypto.randomUUID() };
    await a.get("chat:send", { text: "大家好", channel: "room", id });
    await a.get("chat:send", { text: "大家好", channel: "room", id });
    await a.get("chat:send", secret);
    expect(await p.ask("chat:send", { ...secret, id: crypto.randomUUID() })).toMatchObject({
      error: { code: "forbidden" },
    });
    await p.hear("chat:message", ({ message }) => message.text === "大家好");
    const late = await enter("late", patient);
    expect(late.entry.snapshot.chat.map((message) => message.text)).toEqual(["大家好"]);
    const colleague = await enter("b", doctor);
    expect(colleague.entry.snapshot.chat).toHaveLength(2);
    expect(p.heard("chat:message")).toHaveLength(1);
    await told("chat", (data) => data.text === "大家好");
  });

  test("a private talk: the patient's side is held and told who and since when", async () => {
    newRoom();
    const a = await enter("a", doctor);
    const b = await enter("b", { ...doctor, moderator: false });
    const p = await enter("p", patient);
    await a.get("producer:create", microphone(a.entry.media!.send.id));
    await p.get("producer:create", microphone(p.entry.media!.send.id));
    const consumerOf = async (listener: Guest, peerId: string): Promise<ConsumerInfo> =>
      (
        await listener.hear("consumer:new", ({ consumers }) =>
          consumers.some((info) => info.peerId === peerId),
        )
      ).consumers.find((info) => info.peerId === peerId)!;
    const doctorsSoundAtPatient = await consumerOf(p, a.entry.peerId);
    const patientsSoundAtDoctor = await consumerOf(b, p.entry.peerId);
    const doctorsSoundAtDoctor = await consumerOf(b, a.entry.peerId);
    expect(await p.ask("private:start")).toMatchObject({ error: { code: "forbidden" } });
    await a.get("private:start");
    const { state } = await p.hear("private:state", (message) => message.state.active);
    expect(state).toMatchObject({ by: { name: "a" }, members: [] });
    await p.hear(
      "consumer:held",
      (held) => held.consumerId === doctorsSoundAtPatient.id && held.held === "private",
    );
    await b.hear(
      "consumer:held",
      (held) => held.consumerId === patientsSoundAtDoctor.id && held.held === "private",
    );
    expect(
      b.heard("consumer:held").some((held) => held.consumerId === doctorsSoundAtDoctor.id),
    ).toBe(false);
    // Whoever comes meanwhile is held as well.
    const late = await enter("late", patient);
    expect(late.entry.media!.consumers.find((info) => info.peerId === a.entry.peerId)!.held).toBe(
      "private",
    );
    await b.get("private:end");
    await p.hear(
      "consumer:held",
      (held) => held.consumerId === doctorsSoundAtPatient.id && held.held === null,
    );
    await told("private-talk-ended");
  });

  test("an interpreter's channel reaches those who choose it", async () => {
    newRoom();
    const interpreter = await enter("i", { role: "interpreter", pub: ["audio", "interpretation"] });
    const p = await enter("p", patient);
    expect(
      await p.ask("producer:create", microphone(p.entry.media!.send.id, "interpretation", "bo")),
    ).toMatchObject({ error: { code: "forbidden" } });
    await interpreter.get(
      "producer:create",
      microphone(interpreter.entry.media!.send.id, "interpretation", "bo"),
    );
    await p.hear("interpretation:channels", ({ channels }) => channels[0]?.channel === "bo");
    expect(p.heard("consumer:new")).toEqual([]);
    await p.get("interpretation:choose", { channel: "bo" });
    await p.hear("consumer:new", ({ consumers }) => consumers[0]?.source === "interpretation");
    await p.get("interpretation:choose", { channel: null });
    await p.hear("consumer:closed");
  });

  test("a moderator mutes and removes; others may not", async () => {
    newRoom();
    const host = await enter("host", doctor);
    const p = await enter("p", patient);
    const stream = microphone(p.entry.media!.send.id);
    await p.get("producer:create", stream);
    const { peerId } = p.entry;
    expect(await p.ask("moderation:remove", { peerId: host.entry.peerId })).toMatchObject({
      error: { code: "forbidden" },
    });
    await host.get("moderation:mute", { peerId, source: "audio" });
    await p.hear("producer:muted", ({ producerId }) => producerId === stream.id);
    await host.hear("peer:updated", ({ peer }) => peer.producers[0]?.mutedBy === host.entry.peerId);
    await host.get("moderation:remove", { peerId });
    await p.hear("session:removed");
    await host.hear("peer:left", ({ reason }) => reason === "removed");
    const again = await guest();
    expect(await again.ask("session:resume", { resumeKey: p.entry.resumeKey })).toMatchObject({
      error: { code: "session-unknown" },
    });
    await told("peer-removed");
  });

  test("roll-call, stills and drawing are shared, kept for those who come later, and reported", async () => {
    newRoom();
    const a = await enter("a", doctor);
    const p = await enter("p", patient);
    const entries = [{ name: "卓玛", relation: "女儿" }];
    expect(await p.ask("rollcall:set", { entries })).toMatchObject({
      error: { code: "forbidden" },
    });
    await a.get("rollcall:set", { entries });
    await p.hear("rollcall:changed", ({ rollCall }) => rollCall?.entries[0]?.name === "卓玛");
    const still = {
      attachmentId: "still-1",
      name: "皮疹.jpg",
      width: 4000,
      height: 3000,
      sha256: "a".repeat(64),
    };
    await p.get("still:announce", still);
    const stroke = {
      id: "s1",
      tool: "pen",
      colour: "red",
      width: 0.004,
      points: [
        [0.1, 0.1],
        [0.5, 0.5],
      ],
    };
    await a.get("still:annotate", { attachmentId: "still-1", stroke });
    await p.hear("still:annotated", (message) => message.stroke.id === "s1");
    expect(await p.ask("still:annotate", { attachmentId: "still-1", stroke })).toMatchObject({
      error: { code: "forbidden" },
    });
    const late = await enter("late");
    expect(late.entry.snapshot.stills[0]).toMatchObject({ ...still, strokes: [{ id: "s1" }] });
    expect(late.entry.snapshot.rollCall?.entries).toEqual(entries);
    await told("roll-call");
    await told("still");
  });
});

describe("bad input", () => {
  test("every message refuses what it cannot mean, by a code and the field", async () => {
    newRoom();
    const a = await enter("a", doctor);
    const wrong = [
      null,
      7,
      "text",
      [],
      { unknown: true },
      { peerId: { deep: [] } },
      { demands: [1] },
    ];
    for (const name of Object.keys(clientMessages)) {
      if (["room:leave", "session:ping", "private:start", "private:end"].includes(name)) continue;
      for (const body of wrong) {
        const answer = await a.ask(name, body);
        if (answer.ok) throw new Error(`${name} took ${JSON.stringify(body)}`);
        expect(["malformed", "already-joined", "rate-limited"]).toContain(answer.error.code);
        expect(JSON.stringify(answer)).not.toMatch(/stack|Error:|\.ts/);
      }
    }
    expect(await a.ask("no:such", {})).toMatchObject({ ok: false });
    expect(await a.ask("constructor", {})).toMatchObject({ ok: false });
  });

  test("what mediasoup refuses is refused", async () => {
    newRoom();
    const a = await enter("a");
    const stream = microphone(a.entry.media!.send.id);
    for (const request of [
      { ...stream, rtpParameters: { ...stream.rtpParameters, encodings: [] } },
      {
        ...stream,
        rtpParameters: { ...stream.rtpParameters, codecs: [{ mimeType: "x/y", clockRate: 1 }] },
      },
      { ...stream, transportId: a.entry.media!.recv.id },
      { ...stream, transportId: "nothing" },
      { ...stream, kind: "video" },
    ]) {
      expect((await a.ask("producer:create", request)).ok).toBe(false);
    }
    await a.get("producer:create", stream);
  });

  test("too large a message costs the connection, not the node", async () => {
    newRoom();
    const a = await enter("a");
    const cut = new Promise((resolve) => a.socket.once("disconnect", resolve));
    a.socket.emit("chat:send", { text: "x".repeat(200_000), channel: "room", id: "x" });
    await cut;
    expect((await enter("b")).entry.state).toBe("joined");
  });

  test("a flood is slowed down", async () => {
    newRoom();
    const a = await enter("a");
    const answers = await Promise.all(Array.from({ length: 400 }, () => a.ask("session:ping")));
    expect(answers.some((answer) => !answer.ok && answer.error.code === "rate-limited")).toBe(true);
    expect(answers.some((answer) => answer.ok)).toBe(true);
  });

  test("HTTP: health, metrics, and orders only with the server's token", async () => {
    const { url } = node.address;
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect(await (await fetch(`${url}/metrics`)).text()).toContain("sfu_rooms");
    const order = (headers: Record<string, string>, body?: string) =>
      fetch(`${url}/rooms/x/close`, { method: "POST", headers, ...(body ? { body } : {}) });
    expect((await order({})).status).toBe(403);
    expect((await order({ authorization: "Bearer nonsense" })).status).toBe(403);
    const authorization = `Bearer ${await adminToken()}`;
    expect((await order({ authorization })).status).toBe(404);
    expect((await order({ authorization }, "{")).status).toBe(400);
    expect((await order({ authorization }, "x".repeat(20_000))).status).toBe(413);
    expect(
      (await fetch(`${url}/rooms/%E0%A4%A/close`, { method: "POST", headers: { authorization } }))
        .status,
    ).toBe(400);
  });
});

describe("callbacks", () => {
  test("wait while the server is away, and arrive in order and without gaps", async () => {
    newRoom();
    sink.status = 503;
    const a = await enter("a", doctor);
    for (let index = 0; index < 5; index++) {
      await a.get("chat:send", { text: String(index), channel: "room", id: crypto.randomUUID() });
    }
    sink.status = 200;
    await told("chat", (data) => data.text === "4");
    const texts = sink.events
      .filter((event) => event.room === room && event.type === "chat")
      .map((event) => event.data.text);
    expect(texts).toEqual(["0", "1", "2", "3", "4"]);
    expect(sink.heartbeats.at(-1)).toMatchObject({ publicUrl: node.config.publicUrl, workers: 1 });
  });

  test("the server may close a room", async () => {
    newRoom();
    const a = await enter("a");
    await fetch(`${node.address.url}/rooms/${room}/close`, {
      method: "POST",
      headers: { authorization: `Bearer ${await adminToken()}` },
      body: JSON.stringify({ reason: "archived" }),
    });
    expect(await a.hear("room:closed")).toEqual({ reason: "archived" });
    await told("room-closed");
  });
});

describe("a dead worker", () => {
  test("is replaced, and everybody is told to set up media anew on the same session", async () => {
    newRoom();
    const a = await enter("a");
    const b = await enter("b");
    const [pid] = node.workerPids;
    process.kill(pid!, "SIGKILL");
    await Promise.all([a.hear("room:moved"), b.hear("room:moved")]);
    expect(node.workerPids[0]).not.toBe(pid);
    const { rtpCapabilities } = a.heard("node:hello")[0]!;
    const setup = await a.get<{ send: { id: string } }>("media:setup", { rtpCapabilities });
    await a.get("producer:create", microphone(setup.send.id));
    const other = await b.get<{ consumers: ConsumerInfo[] }>("media:setup", { rtpCapabilities });
    expect(other.consumers.map((info) => info.peerId)).toEqual([a.entry.peerId]);
    await told("worker-died");
  });
});
