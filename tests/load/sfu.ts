/**
 * The media engine beside Janus (Debian's package) in one run: the same sender, the same viewers,
 * the same core for the server. Then what our node puts on top of the bare engine, a storm of
 * joins, and what crosses to a second node. docs/capacity.md says how it is measured and what follows from it.
 */
import { startApplication } from "./sfu/application.ts";
import { type Capture, ensureCapture, ONE_MEGABIT } from "./sfu/capture.ts";
import type { Engine } from "./sfu/engine.ts";
import { linearFit } from "./sfu/fit.ts";
import { startJanus } from "./sfu/janus.ts";
import { LoadProgram } from "./sfu/load.ts";
import { startMediasoup } from "./sfu/mediasoup.ts";
import { LOAD_CORE, SERVER_CORE } from "./sfu/processes.ts";
import { ensureProgram } from "./sfu/program.ts";
import { joinStorm } from "./sfu/storm.ts";
import {
  Audience,
  capacityOf,
  describe,
  type Level,
  measure,
  type Pace,
  type Pair,
  sweep,
} from "./sfu/sweep.ts";
import { wanCopies } from "./sfu/wan.ts";
import { type BenchContext, type BenchResult, result, type Suite } from "./suite.ts";

/** What Chromium and both servers agree on by themselves. */
const SRTP_PROFILE = "SRTP_AEAD_AES_256_GCM";
const LADDER = [1, 10, 25, 50, 100, 150, 200, 300, 400, 500, 600, 800, 1_000];
const QUICK_LADDER = [1, 25, 50];
const RESOLUTION = 25;
/** Nobody has a picture before the next key frame; the sender of the comparison makes none on demand. */
const GOP_SECONDS = 2;
const PACE: Pace = { warmUpMs: 2_300, windowMs: 3_000 };
/** Compilers and collectors of a program that has just let many in need a while to come to rest. */
const SETTLED_PACE: Pace = { warmUpMs: 8_000, windowMs: 6_000 };
const QUICK_PACE: Pace = { warmUpMs: 2_300, windowMs: 2_000 };
/** Enough to weigh, and far from what a core can carry. */
const COMPARED_VIEWERS = { whole: 150, quick: 50, janusByDefault: 50 };
const STORM = { viewers: 300, seconds: 10 };
const QUICK_STORM = { viewers: 60, seconds: 2 };
/** Key frames come when they are asked for; this is how long the stream is without one. */
const LONG_GOP_SECONDS = 20;

/** As a browser sends them, from the lowest. */
const LAYERS = [
  { width: 320, height: 180, videoBps: 150_000 },
  { width: 640, height: 360, videoBps: 450_000 },
  { width: 1280, height: 720, videoBps: 1_200_000 },
];

type Bench = BenchContext & { binary: string; captures: readonly Capture[] };
type Runs = { mediasoup: Level[][]; janus: Level[][] };

export const suite: Suite = {
  name: "sfu",
  describe:
    "the media engine beside Janus, our node on top of it, a storm of joins, one copy to an edge",
  minutes: 10,
  async run(context) {
    const binary = await ensureProgram(context.log);
    const capture = await ensureCapture({ ...ONE_MEGABIT, gopSeconds: GOP_SECONDS });
    const bench = { ...context, binary, captures: [capture] };
    context.log(
      `capture: ${(capture.bitsPerSecond / 1e6).toFixed(2)} Mbit/s, ${capture.packetsPerSecond} packets/s, a key frame every ${capture.gopSeconds} s`,
    );
    const runs = await sideBySide(bench);
    return [
      ...compare(runs, context.quick),
      ...(context.quick ? [] : await janusByDefault(bench)),
      ...(await overhead(bench)),
      ...(await storm(bench)),
      ...(context.quick ? [] : await thinLine(bench)),
    ];
  },
};

/** Mediasoup, Janus, Janus, mediasoup: what drifts with time meets both alike. */
async function sideBySide(bench: Bench): Promise<Runs> {
  const runs: Runs = { mediasoup: [], janus: [] };
  const order = bench.quick
    ? (["mediasoup", "janus"] as const)
    : (["mediasoup", "janus", "janus", "mediasoup"] as const);
  const ladder = bench.quick ? QUICK_LADDER : LADDER;
  const pace = bench.quick ? QUICK_PACE : PACE;
  for (const name of order) {
    const start = name === "mediasoup" ? () => startMediasoup() : () => startJanus();
    const levels = await staged(bench, start, (engine, pair) =>
      sweep(engine, pair, ladder, RESOLUTION, pace, bench.log),
    );
    runs[name].push(levels);
  }
  return runs;
}

function compare({ mediasoup, janus }: Runs, quick: boolean): BenchResult[] {
  const common = commonLevels([...mediasoup, ...janus]);
  const cost = (runs: readonly Level[][]) => {
    const levels = runs.flat().filter(({ viewers }) => common.includes(viewers));
    const sum = (of: (level: Level) => number) => levels.reduce((total, one) => total + of(one), 0);
    return (100 * sum(({ cpu }) => cpu)) / sum(({ megabits }) => megabits);
  };
  const fitOf = (runs: readonly Level[][]) =>
    linearFit(
      runs
        .flat()
        .filter(({ holds }) => holds)
        .map(({ viewers, cpu }) => [viewers, 100 * cpu] as const),
    );
  const capacity = (runs: readonly Level[][]) =>
    runs.reduce((sum, levels) => sum + capacityOf(levels), 0) / runs.length;
  const ours = fitOf(mediasoup);
  const theirs = fitOf(janus);
  const latency = (runs: readonly Level[][]) =>
    Math.max(
      ...runs
        .flat()
        .filter(({ viewers }) => viewers === Math.max(...common))
        .map(({ addedMs }) => addedMs),
    );
  return [
    result(
      "CPU per forwarded Mbit/s, mediasoup to Janus",
      cost(mediasoup) / cost(janus),
      "ratio",
      "<= 0.8",
    ),
    result("CPU per forwarded Mbit/s, mediasoup", cost(mediasoup), "% of a core"),
    result("CPU per forwarded Mbit/s, Janus", cost(janus), "% of a core"),
    // A quick run stops long before either is full, and three points are no line.
    ...(quick
      ? []
      : [
          result(
            "capacity on one core, mediasoup to Janus",
            capacity(mediasoup) / capacity(janus),
            "ratio",
            ">= 1.2",
          ),
          result("capacity on one core, mediasoup", capacity(mediasoup), "viewers"),
          result("capacity on one core, Janus", capacity(janus), "viewers"),
        ]),
    result("CPU against viewers, mediasoup, R²", ours.rSquared, "", quick ? null : ">= 0.98"),
    result("CPU against viewers, mediasoup, slope", ours.slope, "% of a core per viewer"),
    result("CPU against viewers, mediasoup, intercept", ours.intercept, "% of a core"),
    result("CPU against viewers, Janus, R²", theirs.rSquared, ""),
    result("CPU against viewers, Janus, slope", theirs.slope, "% of a core per viewer"),
    result("CPU against viewers, Janus, intercept", theirs.intercept, "% of a core"),
    result(
      `added latency at ${Math.max(...common)} viewers, mediasoup, p99`,
      latency(mediasoup),
      "ms",
    ),
    result(`added latency at ${Math.max(...common)} viewers, Janus, p99`, latency(janus), "ms"),
  ];
}

/** Numbers of viewers that held in every run: only these can be compared. */
function commonLevels(runs: readonly Level[][]): number[] {
  const [first = [], ...rest] = runs.map((levels) =>
    levels.filter(({ holds }) => holds).map(({ viewers }) => viewers),
  );
  return first.filter((viewers) => rest.every((one) => one.includes(viewers)));
}

/** Unless told otherwise Janus has a thread for each viewer; the comparison spares it that. */
async function janusByDefault(bench: Bench): Promise<BenchResult[]> {
  const level = await atLevel(bench, () => startJanus(0), COMPARED_VIEWERS.janusByDefault, PACE);
  return [
    result(
      `CPU per forwarded Mbit/s, Janus with a thread per viewer, ${level.viewers} viewers`,
      (100 * level.cpu) / level.megabits,
      "% of a core",
    ),
  ];
}

/** Signalling, tokens and statistics of our node: the same media without and with them. */
async function overhead(bench: Bench): Promise<BenchResult[]> {
  const bare = () => startMediasoup("webrtc");
  const whole = () => startApplication(SERVER_CORE);
  const order = bench.quick ? [bare, whole] : [bare, whole, whole, bare];
  const count = COMPARED_VIEWERS[bench.quick ? "quick" : "whole"];
  const pace = bench.quick ? QUICK_PACE : SETTLED_PACE;
  const cost = { bare: [] as number[], whole: [] as number[] };
  for (const start of order) {
    const level = await atLevel(bench, start, count, pace);
    cost[start === bare ? "bare" : "whole"].push(level.cpu / level.megabits);
  }
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  return [
    // What joining costs is not over by the time a quick run measures.
    result(
      `CPU per forwarded Mbit/s, our node to the bare engine, ${count} viewers`,
      mean(cost.whole) / mean(cost.bare),
      "ratio",
      bench.quick ? null : "<= 1.1",
    ),
  ];
}

async function storm(bench: Bench): Promise<BenchResult[]> {
  const capture = await ensureCapture({ ...ONE_MEGABIT, gopSeconds: LONG_GOP_SECONDS });
  // As it is deployed: this is about the rules of joining, not about one core.
  const application = await startApplication(null);
  try {
    return await withLoad({ ...bench, captures: [capture] }, null, (pair) =>
      joinStorm(application, pair, bench.quick ? QUICK_STORM : STORM, bench.log),
    );
  } finally {
    await application.close();
  }
}

/** What crosses between two nodes for an audience at the other one. */
async function thinLine(bench: Bench): Promise<BenchResult[]> {
  const captures: Capture[] = [];
  for (const [index, layer] of LAYERS.entries()) {
    captures.push(
      await ensureCapture({ ...layer, gopSeconds: GOP_SECONDS, hasSound: index === 0 }),
    );
  }
  return await withLoad({ ...bench, captures }, null, (pair) =>
    wanCopies(pair, captures, { settleMs: 10_000, windowMs: 5_000 }, bench.log),
  );
}

async function atLevel(
  bench: Bench,
  start: () => Promise<Engine>,
  count: number,
  pace: Pace,
): Promise<Level> {
  return await staged(bench, start, async (engine, pair) => {
    await new Audience(engine, pair.viewers).become(count);
    const level = await measure(engine, pair, count, pace);
    bench.log(`${engine.name}, ${describe(level)}`);
    return level;
  });
}

/** A fresh server with the capture flowing in, and viewers that are not there yet. */
async function staged<Outcome>(
  bench: Bench,
  start: () => Promise<Engine>,
  act: (engine: Engine, pair: Pair) => Promise<Outcome>,
): Promise<Outcome> {
  const engine = await start();
  try {
    return await withLoad(bench, LOAD_CORE, async (pair) => {
      await engine.publish(pair.sender);
      return await act(engine, pair);
    });
  } finally {
    await engine.close();
  }
}

async function withLoad<Outcome>(
  { binary, captures }: Bench,
  core: number | null,
  act: (pair: Pair) => Promise<Outcome>,
): Promise<Outcome> {
  const viewers = await LoadProgram.start(binary, SRTP_PROFILE, { core });
  const sender = await LoadProgram.start(binary, SRTP_PROFILE, {
    captures: captures.map(({ path }) => path),
    core,
  });
  try {
    sender.tell(`copy ${await viewers.openControl()}`);
    return await act({ sender, viewers });
  } finally {
    await Promise.all([viewers.stop(), sender.stop()]);
  }
}
