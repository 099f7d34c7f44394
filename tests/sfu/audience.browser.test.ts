/**
 * A lecture in real Chromium over a real worker: a presenter, a listener on a good line and one on a
 * line that becomes thin. What is asserted are decoded frames, received packets and the encoder's own
 * figures.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Actor, createStage, cuttableLine, type Stage } from "./support/browser.ts";
import { order, startNode } from "./support/node.ts";

const teaching = { kind: "teaching" };
const size = { width: 640, height: 360, framesPerSecond: 15 };
const silent = { camera: false, microphone: false, ...size };
const room = "lecture";

let node: Awaited<ReturnType<typeof startNode>>;
let stage: Stage;
let presenter: Actor;
let host: Actor;
let full: Actor;
let thin: Actor;

beforeAll(async () => {
  node = await startNode();
  stage = await createStage(node.config.publicUrl);
  presenter = await stage.person({
    room,
    sub: "presenter",
    name: "王主任",
    claims: { ...teaching, role: "presenter", pub: ["audio", "video", "screen"] },
    ...size,
  });
  host = await stage.person({
    room,
    sub: "host",
    name: "主持",
    claims: { ...teaching, role: "cohost", pub: ["audio", "video"], moderator: true },
    ...size,
    // Two voices that never pause would take the floor from each other in turn.
    camera: false,
    microphone: false,
  });
  full = await stage.person({
    room,
    sub: "full",
    name: "萨迦县医院",
    claims: { ...teaching, role: "viewer", pub: [], org: "萨迦县人民医院" },
    ...silent,
  });
  thin = await stage.person(
    {
      room,
      sub: "thin",
      name: "扎西岗乡卫生院",
      claims: { ...teaching, role: "viewer", pub: [], org: "扎西岗乡卫生院" },
      ...silent,
    },
    cuttableLine,
  );
});
afterAll(async () => {
  await stage?.close();
  await node?.close();
});

/** What one of a person's own senders does, from the browser's counters. */
async function sender(actor: Actor, source: string) {
  return await actor.page.evaluate(
    async ([sub, name]) => {
      const producer = globalThis.harness
        .client(sub)
        .debug.link.session?.producers.get(name as "audio");
      if (!producer?.rtpSender) return null;
      for (const stat of (await producer.rtpSender.getStats()).values()) {
        if (stat.type !== "outbound-rtp") continue;
        return { packets: stat.packetsSent, bytes: stat.bytesSent };
      }
      return null;
    },
    [actor.sub, source] as const,
  );
}

test("a rehearsal sends nothing twice; with an audience the lecture track begins", async () => {
  await presenter.call("join");
  await host.call("join");
  await host.call("untilFlows", "presenter");
  expect(await sender(presenter, "lecture")).toBeNull();
  await full.call("join");
  await full.until(`state.kind === "teaching" && !state.stage.on && state.me !== null`);
  await full.call("untilFlows", "presenter");
  await full.until(`state.peers.find((peer) => peer.sub === "presenter").lecture?.held === null`);
  await full.until(`state.peers.find((peer) => peer.sub === "presenter").audio === null`);
  expect(await host.call("state")).toMatchObject({ peers: [{ sub: "presenter", lecture: null }] });
});

test("a listener's page waits for what has to be sent again, the stage does not", async () => {
  const targets = async (actor: Actor) =>
    await actor.page.evaluate((sub) => {
      const { consumers } = globalThis.harness.client(sub).debug.link.session!;
      return [...consumers.values()]
        .filter((consumer) => consumer.kind === "audio")
        .map(
          ({ rtpReceiver }) => (rtpReceiver as { jitterBufferTarget?: number }).jitterBufferTarget,
        );
    }, actor.sub);
  await expect.poll(async () => [...new Set(await targets(full))]).toEqual([550]);
  expect(await targets(host)).not.toContain(550);
});

test("the lecture track is light: frames of 40 ms at 24 kbit/s, beside the conversation's", async () => {
  const look = async () => ({
    lecture: (await sender(presenter, "lecture"))!,
    conversation: (await sender(presenter, "audio"))!,
  });
  const first = await look();
  let last = first;
  while (last.lecture.packets < first.lecture.packets + 100) last = await look();
  const packets = last.lecture.packets - first.lecture.packets;
  const twice = last.conversation.packets - first.conversation.packets;
  expect(Math.round(twice / packets)).toBe(2);
  // 24 kbit/s in frames of 40 ms are 120 bytes each.
  expect((last.lecture.bytes - first.lecture.bytes) / packets).toBeLessThan(140);
});

/** Frames that came from the presenter while sound went on for a while. */
async function meanwhile(listener: Actor, turns = 10) {
  const before = await listener.call("flow", "presenter");
  for (let turn = 0; turn < turns; turn++) {
    await listener.call("untilFlows", "presenter", "sound");
  }
  const after = await listener.call("flow", "presenter");
  return { frames: after.frames - before.frames };
}

/** How often a listener has asked for lost packets of the presenter's voice. */
async function requestsForLostSound(listener: Actor): Promise<number> {
  return await listener.page.evaluate(async (sub) => {
    const client = globalThis.harness.client(sub);
    const { peers } = client.getSnapshot();
    const track = peers.find((peer) => peer.sub === "presenter")?.lecture;
    const consumer = track && client.debug.link.session?.consumers.get(track.consumerId);
    for (const stat of (await consumer?.rtpReceiver?.getStats())?.values() ?? []) {
      if (stat.type === "inbound-rtp") return stat.nackCount;
    }
    return 0;
  }, listener.sub);
}

const camera = `state.peers.find((peer) => peer.sub === "presenter").camera`;

test("what is chosen is what comes: sound only has no picture, and full has it again", async () => {
  await full.do("listen", "sound-only");
  await full.until(`state.listening.effective === "sound-only" && ${camera}.held === "way"`);
  await full.call("untilFlows", "presenter", "sound");
  await expect.poll(async () => (await meanwhile(full)).frames, { timeout: 30_000 }).toBe(0);
  const { consumerId } = (await full.call("state")).peers.find((one) => one.camera)!.camera!;
  await full.do("listen", "full");
  await full.until(`${camera}.held === null`);
  await full.call("untilFlows", "presenter", "video");
  expect((await full.call("state")).peers.find((one) => one.camera)!.camera).toMatchObject({
    consumerId,
  });
});

test("a thin line falls to slides and sound by itself, sound goes on, and it comes back", async () => {
  await thin.call("join");
  await thin.call("untilFlows", "presenter");
  await thin.setLine({ latencyMs: 100, kilobitsPerSecond: 160, loss: 8 });
  await thin.until(
    `state.listening.effective === "slides-and-sound" && ${camera}.held === "line"`,
    60_000,
  );
  expect((await thin.call("state")).listening.chosen).toBe("full");
  await expect
    .poll(async () => (await host.call("state")).audience, { timeout: 30_000 })
    .toMatchObject({ people: 2, worst: [{ org: "扎西岗乡卫生院", thin: 1, gone: 0 }] });
  await thin.call("untilFlows", "presenter", "sound");
  // What was on its way when pictures were stopped still comes.
  await expect.poll(async () => (await meanwhile(thin)).frames, { timeout: 30_000 }).toBe(0);
  // What the line loses of the lecture track is asked for again.
  await expect.poll(async () => await requestsForLostSound(thin)).toBeGreaterThan(0);
  expect((await full.call("state")).listening.effective).toBe("full");
  await full.call("untilFlows", "presenter", "video");
  await thin.setLine(cuttableLine);
  await thin.until(`state.listening.effective === "full"`, 60_000);
  await thin.call("untilFlows", "presenter");
}, 150_000);

test("a listener comes to the stage and goes back in the same page", async () => {
  const { peerId } = await full.call("state");
  expect(await order(node.config.publicUrl, room, "promote", { sub: "full", pub: ["audio"] })).toBe(
    200,
  );
  await full.until(`state.stage.on && state.stage.pub.join() === "audio"`);
  await full.do("setMicrophone", true);
  await presenter.call("untilFlows", "full", "sound");
  await full.until(`state.peers.find((peer) => peer.sub === "presenter").audio?.held === null`);
  await full.call("untilFlows", "presenter");
  // The rest of the audience hears them by the lecture track.
  await thin.until(`state.peers.find((peer) => peer.sub === "full")?.lecture?.held === null`);
  await thin.call("untilFlows", "full", "sound");
  await order(node.config.publicUrl, room, "demote", { sub: "full" });
  await full.until(`!state.stage.on && !state.local.audio.on && state.local.audio.stream === null`);
  await presenter.until(`!state.peers.some((peer) => peer.sub === "full")`);
  await full.call("untilFlows", "presenter");
  expect((await full.call("state")).peerId).toBe(peerId);
});

test("a listener's line that is lost and found heals in the same session", async () => {
  const { peerId } = await thin.call("state");
  await thin.setLine({ latencyMs: 0, offline: true });
  await thin.until(`state.connection === "reconnecting"`);
  await host.until(`state.audience.lines.gone === 1`);
  await thin.setLine(cuttableLine);
  await thin.until(`state.connection === "joined"`);
  await thin.call("untilFlows", "presenter");
  expect((await thin.call("state")).peerId).toBe(peerId);
  await host.until(`state.audience.lines.gone === 0`);
});

test("when the audience has gone, the microphone is sent once again", async () => {
  await full.do("leave");
  await thin.do("leave");
  await host.until(`state.audience.people === 0`);
  await expect.poll(async () => await sender(presenter, "lecture"), { timeout: 30_000 }).toBeNull();
  await host.call("untilFlows", "presenter", "sound");
});
