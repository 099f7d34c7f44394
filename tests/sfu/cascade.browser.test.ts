/**
 * A lecture on two nodes: the presenter at home, two listeners whose media lies on an edge node in
 * a process of its own. What is asserted are decoded frames, and bytes that crossed the line.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Actor, createStage, type Stage } from "./support/browser.ts";
import { createLinkProxy } from "./support/link-proxy.ts";
import { startNode } from "./support/node.ts";
import { type NodeProcess, startNodeProcess } from "./support/process.ts";

const room = "county";
const silent = { camera: false, microphone: false };

let home: Awaited<ReturnType<typeof startNode>>;
let edge: NodeProcess;
let proxy: Awaited<ReturnType<typeof createLinkProxy>>;
let stage: Stage;
let presenter: Actor;
let listeners: Actor[];

beforeAll(async () => {
  proxy = await createLinkProxy();
  [home, edge] = await Promise.all([
    startNode({ linkSteadyMs: 300, replanMs: 300 }),
    startNodeProcess({ SFU_LINK_URL: proxy.url, SFU_WORKERS: "1" }),
  ]);
  proxy.to(Number(new URL(edge.url).port));
  stage = await createStage(home.config.publicUrl);
  presenter = await stage.person({
    ...{ room, sub: "presenter", name: "王主任" },
    claims: { kind: "teaching", role: "presenter", pub: ["audio", "video"], moderator: true },
    ...{ width: 640, height: 360, framesPerSecond: 15 },
  });
  const viewer = async (sub: string) =>
    await stage.person({
      ...{ room, sub, name: sub, ...silent },
      claims: { kind: "teaching", role: "viewer", pub: [], site: proxy.url },
    });
  listeners = [await viewer("one"), await viewer("two")];
});
afterAll(async () => {
  await stage?.close();
  await edge?.close();
  await home?.close();
  await proxy?.close();
});

/** What the presenter's page has sent by now, and what has crossed the line. */
async function bytes(): Promise<{ sent: number[]; crossed: number }> {
  const sent = await presenter.page.evaluate(async () => {
    const session = globalThis.harness.client("presenter").debug.link.session;
    const byLayer: number[] = [];
    for (const stat of (await session?.send.getStats())?.values() ?? []) {
      if (stat.type !== "outbound-rtp" || stat.kind !== "video") continue;
      const layer = Number(/\d+/.exec(stat.rid ?? "")?.[0] ?? 0);
      byLayer[layer] = stat.bytesSent + stat.headerBytesSent;
    }
    return byLayer;
  });
  const lines = await home.lineBytes();
  return { sent, crossed: lines.get(proxy.url)?.sentBytes ?? 0 };
}

test("both listeners see and hear over the edge", async () => {
  for (const actor of [presenter, ...listeners]) await actor.call("join");
  for (const listener of listeners) await listener.call("untilFlows", "presenter");
});

test("one copy crosses the line, and of its layers those that somebody needs", async () => {
  const { peerId } = await presenter.call("state");
  const show = async (width: number, height: number) => {
    for (const listener of listeners) {
      await listener.do("setTile", peerId, "video", { width, height, visible: true });
    }
  };
  const ratio = async (layer: number) => {
    const before = await bytes();
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const after = await bytes();
    const sent = after.sent.map((now, index) => now - (before.sent[index] ?? 0));
    const crossed = after.crossed - before.crossed;
    if (process.env.LOG_LEVEL) console.error({ sent, crossed });
    return {
      others: sent.filter((_, index) => index !== layer),
      own: crossed / (sent[layer] ?? 0),
    };
  };
  await show(160, 90);
  await expect
    .poll(async () => (await listeners[0]!.call("flow", "presenter")).height, { timeout: 20_000 })
    .toBe(180);
  await expect.poll(async () => (await ratio(0)).own, { timeout: 30_000 }).toBeLessThan(1.5);
  await show(640, 360);
  await expect
    .poll(async () => (await listeners[1]!.call("flow", "presenter")).height, { timeout: 30_000 })
    .toBe(360);
  // Nobody needs the small picture any more: not on the line, and not from the presenter.
  await expect.poll(async () => Math.max(...(await ratio(1)).others), { timeout: 30_000 }).toBe(0);
  expect((await ratio(1)).own).toBeLessThan(1.3);
});

test("a cut of the link that heals is not noticed", async () => {
  await proxy.cut();
  await proxy.heal();
  for (const listener of listeners) await listener.call("untilFlows", "presenter");
  const late = await stage.person({
    ...{ room, sub: "late", name: "late", ...silent },
    claims: { kind: "teaching", role: "viewer", pub: [], site: proxy.url },
  });
  await late.call("join");
  await late.call("untilFlows", "presenter");
  await late.page.close();
});

test("an edge that is killed gives its people to the home node, without a click", async () => {
  await edge.kill();
  for (const listener of listeners) await listener.call("untilFlows", "presenter", "both", 30_000);
  expect((await home.lineBytes()).size).toBe(0);
});

test("an edge that is back gets its people again, without a click", async () => {
  await edge.start();
  for (const listener of listeners) {
    await listener.until('state.notices.filter(({ code }) => code === "moved").length > 1', 30_000);
    await listener.until('state.connection === "joined"');
    await listener.call("untilFlows", "presenter", "both", 30_000);
  }
  expect((await home.lineBytes()).get(proxy.url)?.sentBytes).toBeGreaterThan(0);
});

test("three nodes: streams go from edge to edge over home; home's death moves the room, without a click", async () => {
  const [capital, east, west] = await Promise.all([
    startNodeProcess({ SFU_WORKERS: "1" }),
    startNodeProcess({ SFU_WORKERS: "1" }),
    startNodeProcess({ SFU_WORKERS: "1" }),
  ]);
  try {
    stage.nodeUrl = capital.url;
    const member = async (sub: string, site: string, pub: ("audio" | "video")[]) =>
      await stage.person({
        ...{ room: "three", sub, name: sub, ...(pub.length > 0 ? {} : silent) },
        claims: { kind: "teaching", role: pub.length > 0 ? "presenter" : "viewer", pub, site },
        ...{ width: 320, height: 180, framesPerSecond: 10 },
      });
    const speaker = await member("speaker", east.url, ["audio", "video"]);
    const viewers = [
      await member("viewer-east", east.url, []),
      await member("viewer-west", west.url, []),
    ];
    for (const actor of [speaker, ...viewers]) await actor.call("join");
    for (const viewer of viewers) await viewer.call("untilFlows", "speaker", "both", 30_000);
    await capital.kill();
    // What the server does once it has missed the node's heartbeats.
    stage.nodeUrl = west.url;
    for (const viewer of viewers) {
      await viewer.until('state.connection === "joined"', 30_000);
      await viewer.call("untilFlows", "speaker", "both", 30_000);
    }
  } finally {
    stage.nodeUrl = home.config.publicUrl;
    await Promise.all([capital.close(), east.close(), west.close()]);
  }
}, 150_000);
