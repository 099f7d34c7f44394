/**
 * Three people in one room, in real Chromium over a real worker: what is asserted are decoded
 * frames, numbers read from pixels, received packets and sound energy, not elements.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Actor, createStage, cuttableLine, goodLine, type Stage } from "./support/browser.ts";
import { startNode } from "./support/node.ts";

const doctor = { role: "specialist", private: true, moderator: true };
const size = { width: 640, height: 360, framesPerSecond: 15 };
const room = "browser";

let node: Awaited<ReturnType<typeof startNode>>;
let stage: Stage;
let a: Actor;
let b: Actor;
let p: Actor;

beforeAll(async () => {
  node = await startNode();
  stage = await createStage(node.config.publicUrl);
  a = await stage.person({ room, sub: "a", name: "王医生", claims: doctor, ...size });
  b = await stage.person({ room, sub: "b", name: "扎西", claims: doctor, delayMs: 200, ...size });
  // The patient's line is emulated, so that it can be cut.
  p = await stage.person(
    { room, sub: "p", name: "卓玛", claims: { role: "patient" }, delayMs: 400, ...size },
    cuttableLine,
  );
  await Promise.all([a, b, p].map((person) => person.call("join")));
});
afterAll(async () => {
  await stage?.close();
  await node?.close();
});

/** The number of packets that have come from somebody, after some more could have come. */
async function packetsOver(listener: Actor, from: string, other: string): Promise<number> {
  const before = await listener.call("flow", from);
  // Time is told by what flows: sound of the other has gone on meanwhile.
  for (let turn = 0; turn < 10; turn++) await listener.call("untilFlows", other, "sound");
  const after = await listener.call("flow", from);
  return after.packets - before.packets;
}

test("all see moving pictures of all others and hear them", async () => {
  for (const person of [a, b, p]) {
    for (const from of ["a", "b", "p"].filter((sub) => sub !== person.sub)) {
      await person.call("untilFlows", from);
    }
  }
  await expect.poll(async () => await p.call("frameNumber", "a")).not.toBeNull();
  const first = await p.call("frameNumber", "a");
  await expect.poll(async () => await p.call("frameNumber", "a")).not.toBe(first);
  await expect
    .poll(async () => (await p.call("flow", "a")).energy, { timeout: 10_000 })
    .toBeGreaterThan(0.001);
  await a.until(`state.speaker !== null`);
});

test("a picture comes as large as its tile, and not at all when it is not seen", async () => {
  const { peerId } = await a.call("state");
  await p.do("setTile", peerId, "video", { width: 640, height: 360, visible: true });
  await b.do("setTile", peerId, "video", { width: 640, height: 360, visible: true });
  await expect.poll(async () => (await p.call("flow", "a")).height, { timeout: 20_000 }).toBe(360);
  await p.do("setTile", peerId, "video", { width: 640, height: 360, visible: false });
  await p.until(`state.peers.find((peer) => peer.sub === "a").camera.held === "unseen"`);
  await p.do("setTile", peerId, "video", { width: 640, height: 360, visible: true });
  await p.call("untilFlows", "a", "video");
});

test("a shared screen arrives at its full size, and goes", async () => {
  await a.do("shareScreen", true);
  await p.until(`state.peers.find((peer) => peer.sub === "a").screen?.held === null`);
  await expect
    .poll(async () => (await p.call("flow", "a", "screen")).height, { timeout: 10_000 })
    .toBe(360);
  await a.do("shareScreen", false);
  await p.until(`state.peers.find((peer) => peer.sub === "a").screen === null`);
});

test("in a private talk not a packet of the doctors' sound reaches the patient", async () => {
  await a.do("startPrivateTalk");
  await p.until(`state.privateState.active && state.privateState.by.name === "王医生"`);
  await p.until(`state.peers.filter((peer) => peer.audio.held === "private").length === 2`);
  await b.until(`state.peers.find((peer) => peer.sub === "p").audio.held === "private"`);
  await b.call("untilFlows", "a", "sound");
  await p.call("untilFlows", "a", "video");
  const before = await p.call("flow", "a");
  for (let turn = 0; turn < 10; turn++) await b.call("untilFlows", "a", "sound");
  expect((await p.call("flow", "a")).packets - before.packets).toBe(0);
  expect(await packetsOver(b, "p", "a")).toBe(0);
  await a.do("endPrivateTalk");
  await p.call("untilFlows", "a");
});

test("an interpreter is heard by whoever chooses, the floor gets quieter", async () => {
  await b.do("leave");
  b = await stage.person({
    room,
    sub: "b",
    name: "扎西",
    claims: { role: "interpreter", pub: ["audio", "video", "interpretation"] },
    ...size,
  });
  await b.call("join");
  await b.do("interpret", "bo");
  await p.until(`state.interpretation.channels[0]?.channel === "bo"`);
  await p.do("chooseInterpretation", "bo");
  await p.until(`state.peers.find((peer) => peer.sub === "b").interpretation !== null`);
  await p.until(`state.peers.find((peer) => peer.sub === "a").audio.volume === 0.2`);
  await p.do("chooseInterpretation", null);
  await p.until(`state.peers.find((peer) => peer.sub === "a").audio.volume === 1`);
});

test("a moderator mutes a microphone; its owner sees it and can speak again", async () => {
  const { peerId } = await p.call("state");
  await a.do("mute", peerId);
  await p.until(`state.local.audio.muted && !state.local.audio.on`);
  await a.until(`state.peers.find((peer) => peer.sub === "p").audio.held === "muted"`);
  await p.do("setMicrophone", true);
  await a.call("untilFlows", "p", "sound");
});

test("a thin line puts video off and keeps sound; both sides are told; it comes back", async () => {
  await p.do("simulateThinLine", true);
  await p.until(`state.video.up === "off" && state.video.down === "off"`);
  await a.until(`state.peers.find((peer) => peer.sub === "p").line === "thin"`);
  await a.until(`state.notices.some((notice) => notice.code === "line-video-off")`);
  await a.until(`state.peers.find((peer) => peer.sub === "p").camera.held === "line"`);
  await p.call("untilFlows", "a", "sound");
  await a.call("untilFlows", "p", "sound");
  await p.do("simulateThinLine", false);
  await p.until(`state.video.up !== "off" && state.video.down !== "off"`, 30_000);
  await p.call("untilFlows", "a", "video");
  await a.call("untilFlows", "p", "video");
});

test("a handshake that overtakes its own signalling message is completed all the same", async () => {
  const d = await stage.person({ room, sub: "d", name: "次仁", ...size });
  await d.page.evaluate(() => {
    const signal = globalThis.harness.client("d").debug.link.signal!;
    const request = signal.request;
    signal.request = async (name, ...rest) => {
      // Until the browser itself is through with the handshake.
      const { link } = globalThis.harness.client("d").debug;
      while (name === "transport:connect" && link.session?.recv.connectionState !== "connected") {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return await request(name, ...rest);
    };
  });
  await d.call("join");
  await d.call("untilFlows", "a");
  await a.call("untilFlows", "d");
  await d.do("leave");
  await d.page.context().close();
});

test("a lost line is told to the others and heals without a click", async () => {
  await p.setLine({ latencyMs: 0, offline: true });
  await p.until(`state.connection === "reconnecting"`);
  await a.until(`state.peers.find((peer) => peer.sub === "p").line === "gone"`);
  // The node's own patience with a silent line ends; nothing comes through meanwhile.
  const before = await a.call("flow", "p");
  await a.call("untilFlows", "b", "sound");
  const { peerId } = await p.call("state");
  await p.setLine(goodLine);
  await p.until(`state.connection === "joined"`);
  expect((await p.call("state")).peerId).toBe(peerId);
  await p.call("untilFlows", "a");
  await a.call("untilFlows", "p");
  expect((await a.call("flow", "p")).packets).toBeGreaterThan(before.packets);
});

test("a killed worker is survived without a click", async () => {
  for (const pid of node.workerPids) process.kill(pid, "SIGKILL");
  await Promise.all(
    [a, p].map((person) =>
      person.until(
        `state.notices.some((notice) => notice.code === "moved") && state.connection === "joined"`,
      ),
    ),
  );
  await a.call("untilFlows", "p");
  await p.call("untilFlows", "a");
});

test("a restarted node is entered anew with a fresh token", async () => {
  const { config } = node;
  const { peerId } = await a.call("state");
  const { tokens } = stage;
  await node.close();
  node = await startNode(config);
  await expect.poll(() => stage.tokens, { timeout: 20_000 }).toBeGreaterThanOrEqual(tokens + 2);
  for (const person of [a, p]) {
    await person.until(`state.connection === "joined" && state.peers.length >= 1`);
  }
  expect((await a.call("state")).peerId).not.toBe(peerId);
  await a.call("untilFlows", "p");
  await p.call("untilFlows", "a");
});
