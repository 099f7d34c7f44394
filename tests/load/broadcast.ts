/**
 * What a large audience gets, and what a thin line: how far the stream is behind live, how long the switch to the stage
 * and back takes, what slides and sound weigh on the wire, and what of the sound is made up at 5% loss. Real Chromium
 * with the product's own page code, a real media node.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { thinBytes as SLIDE_BYTES } from "../../server/teaching/slides-domain.ts";
import { type Actor, createStage, type Stage } from "../sfu/support/browser.ts";
import { type NodeProcess, startNodeProcess } from "../sfu/support/process.ts";
import { createSharedLine, type Shape } from "../sfu/support/shared-line.ts";
import { ask, buildListener, createDoor, streamToken } from "./broadcast/listener.ts";
import { type BenchContext, type BenchResult, result, type Suite } from "./suite.ts";

const teaching = { kind: "teaching" };
const FPS = 15;
const SIZE = { width: 640, height: 360, framesPerSecond: FPS };
/** The number on a picture begins anew after so many. */
const NUMBERS = 4_096;
/** The thin line of the requirements. */
const THIN: Shape = { latencyMs: 75, kilobitsPerSecond: 300, loss: 5, queuePackets: 50 };
const SLIDE_EVERY_MS = 30_000;
const SWITCH_LIMIT_MS = 15_000;

export const suite: Suite = {
  name: "broadcast",
  describe: "HLS behind live, stage to stream and back, slides and sound on a thin line",
  minutes: 8,
  async run(context) {
    const node = await startNodeProcess();
    const door = createDoor("lecture", () => node.url, randomBytes(SLIDE_BYTES));
    const stage = await createStage(node.url, {
      rtcPorts: node.rtcPorts,
      api: (request, response) => void door.answer(request, response),
    });
    try {
      const bench = { ...context, node, stage, door };
      return [...(await stream(bench)), ...(await thinLine(bench))];
    } finally {
      await stage.close();
      await node.close();
    }
  },
};

type Bench = BenchContext & {
  node: NodeProcess;
  stage: Stage;
  door: ReturnType<typeof createDoor>;
};

const speaks = (bench: Bench, room: string): Promise<Actor> =>
  bench.stage.person({
    ...{ room, sub: "presenter", name: "王主任", ...SIZE },
    claims: { ...teaching, role: "presenter", pub: ["audio", "video"] },
  });

async function stream(bench: Bench): Promise<BenchResult[]> {
  const { node, stage, door, quick, log } = bench;
  const presenter = await speaks(bench, "lecture");
  await presenter.call("join");
  const script = await buildListener();
  const page = await (await stage.browser.newContext()).newPage();
  if (process.env.PAGE_LOG) page.on("console", (line) => log(`listener: ${line.text()}`));
  await page.goto(stage.origin);
  await page.addScriptTag({ content: script });
  await ask(page, "begin", "lecture");
  await until(page, "stream");
  // A first viewer waits for the encoder; whoever comes later does not.
  await sleep(quick ? 5_000 : 10_000);
  const pieces = newestPieces(node.url, quick ? 6_000 : 20_000);
  const behind: number[] = [];
  const dated: number[] = [];
  for (let look = 0; look < (quick ? 10 : 40); look++) {
    const drawn = await presenter.page.evaluate(() => ({
      frames: globalThis.harness.people.get("presenter")!.partner.frames,
      atMs: Date.now(),
    }));
    const shown = await ask(page, "streamed");
    if (shown && shown.number !== null) {
      const frames = (((drawn.frames - shown.number) % NUMBERS) + NUMBERS) % NUMBERS;
      behind.push((frames * 1_000) / FPS + shown.atMs - drawn.atMs);
      if (shown.dateMs !== null) dated.push(shown.atMs - shown.dateMs - behind.at(-1)!);
    }
    await sleep(500);
  }
  const newest = await pieces;
  const toStage: Switch[] = [];
  const back: Switch[] = [];
  for (let turn = 0; turn < (quick ? 1 : 5); turn++) {
    door.onStage = true;
    toStage.push(await switched(page, "stage"));
    await sleep(2_000);
    door.onStage = false;
    back.push(await switched(page, "stream"));
    await sleep(2_000);
  }
  log(`to the stage ${told(toStage)}; back to the stream ${told(back)} (picture/sound, ms)`);
  await presenter.do("leave");
  await page.context().close();
  return [
    result("HLS, newest piece behind live, worst", worst(newest) / 1_000, "s", "<= 6"),
    result("HLS, the page's player behind live, median", median(behind) / 1_000, "s", "<= 6"),
    result("HLS, the page's player behind live, worst", worst(behind) / 1_000, "s", "<= 6"),
    result("HLS, date-time against what is shown, worst", worst(dated.map(Math.abs)), "ms"),
    result("stream to stage, sound and picture, worst", latest(toStage), "s", "<= 3"),
    result("stage to stream, sound and picture, worst", latest(back), "s", "<= 3"),
  ];
}

/** When the newest piece could be had, against the time of its end. */
async function newestPieces(nodeUrl: string, forMs: number): Promise<number[]> {
  const headers = { authorization: `Bearer ${await streamToken("lecture")}` };
  const known = new Set<string>();
  const behind: number[] = [];
  for (const end = performance.now() + forMs; performance.now() < end; await sleep(50)) {
    const text = await (await fetch(`${nodeUrl}/broadcast/lecture/index.m3u8`, { headers })).text();
    const seenMs = Date.now();
    const isFirst = known.size === 0;
    const entry = /#EXTINF:([\d.]+),\s+#EXT-X-PROGRAM-DATE-TIME:(\S+)\s+(\S+\.ts)/g;
    for (const [, seconds, date, name] of text.matchAll(entry)) {
      if (known.has(name!)) continue;
      known.add(name!);
      if (!isFirst) behind.push(seenMs - Date.parse(date!) - Number(seconds) * 1_000);
    }
  }
  return behind;
}

type Switch = { picture: number; sound: number };

/** From the word that somebody is on the stage, or not any more, to what is seen and heard there. */
async function switched(page: Actor["page"], way: "stage" | "stream"): Promise<Switch> {
  const beganMs = await ask(page, "change", way === "stage");
  const seen = await until(page, way);
  const at = (what: string) => seen.find((one) => one.way === way && one.what === what)!.atMs;
  return { picture: at("picture") - beganMs, sound: at("sound") - beganMs };
}

async function until(page: Actor["page"], way: string) {
  for (const end = performance.now() + SWITCH_LIMIT_MS; performance.now() < end; await sleep(50)) {
    const seen = await ask(page, "seen");
    if (seen.filter((one) => one.way === way).length === 2) return seen;
  }
  throw new Error(`nothing came by the ${way}: ${JSON.stringify(await ask(page, "seen"))}`);
}

async function thinLine(bench: Bench): Promise<BenchResult[]> {
  const { stage, quick, log } = bench;
  const room = "thin";
  const line = createSharedLine();
  const presenter = await speaks(bench, room);
  const listener = await stage.personBehind(
    {
      ...{ room, sub: "clinic", name: "扎西岗乡卫生院", camera: false, microphone: false },
      claims: { ...teaching, role: "viewer", pub: [], org: "扎西岗乡卫生院" },
      listen: "slides-and-sound",
    },
    line,
  );
  try {
    await presenter.call("join");
    line.shape(THIN);
    await listener.call("join");
    await listener.call("untilFlows", "presenter", "sound");
    await sleep(quick ? 3_000 : 10_000);
    const from = { ...(await sound(listener)), ...line.carried(), atMs: performance.now() };
    const seconds = quick ? 30 : 300;
    const slides: number[] = [];
    let besideSlides = 0;
    for (let shown = 0; shown * SLIDE_EVERY_MS < seconds * 1_000; shown++) {
      const before = await sound(listener);
      slides.push(await fetchSlide(listener));
      besideSlides += (await sound(listener)).concealed - before.concealed;
      await sleep(from.atMs + (shown + 1) * SLIDE_EVERY_MS - performance.now());
    }
    const to = { ...(await sound(listener)), ...line.carried(), atMs: performance.now() };
    const kbit = (bytes: number) => (bytes * 8) / (to.atMs - from.atMs);
    const made = (100 * (to.concealed - from.concealed)) / (to.samples - from.samples);
    log(
      `${slides.length} slides of ${SLIDE_BYTES / 1_000} kB took ${slides.map(Math.round).join(", ")} ms; ${to.lost - from.lost} packets never came, ${to.nacks - from.nacks} asked again; ${besideSlides} of ${to.concealed - from.concealed} concealed samples beside slides`,
    );
    const what = `slides and sound, ${seconds / 60} min, a slide of ${SLIDE_BYTES / 1_000} kB each 30 s, 5% loss`;
    return [
      result(`${what}, to the clinic`, kbit(to.downBytes - from.downBytes), "kbit/s", "<= 64"),
      result(`${what}, from the clinic`, kbit(to.upBytes - from.upBytes), "kbit/s"),
      result(`${what}, concealed samples`, made, "%", "<= 0.5"),
      result(`${what}, a slide there, worst`, worst(slides) / 1_000, "s"),
    ];
  } finally {
    for (const one of [presenter, listener]) await one.page.context().close();
    line.close();
  }
}

/** All that the listener's browser has played by now. */
async function sound(listener: Actor) {
  return await listener.page.evaluate(async (sub) => {
    const sum = { samples: 0, concealed: 0, lost: 0, nacks: 0 };
    const { link } = globalThis.harness.client(sub).debug;
    for (const consumer of link.session?.consumers.values() ?? []) {
      if (consumer.kind !== "audio") continue;
      for (const stat of (await consumer.rtpReceiver?.getStats())?.values() ?? []) {
        if (stat.type !== "inbound-rtp") continue;
        sum.samples += stat.totalSamplesReceived ?? 0;
        sum.concealed += stat.concealedSamples ?? 0;
        sum.lost += stat.packetsLost ?? 0;
        sum.nacks += stat.nackCount ?? 0;
      }
    }
    return sum;
  }, listener.sub);
}

const fetchSlide = (listener: Actor): Promise<number> =>
  listener.page.evaluate(async () => {
    const began = performance.now();
    await (await fetch("/api/slide", { cache: "no-store" })).arrayBuffer();
    return performance.now() - began;
  });

const worst = (values: readonly number[]) => Math.max(...values);
const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;
const latest = (all: readonly Switch[]) =>
  worst(all.map(({ picture, sound }) => Math.max(picture, sound))) / 1_000;
const told = (all: readonly Switch[]) =>
  all.map(({ picture, sound }) => `${picture}/${sound}`).join(", ");
