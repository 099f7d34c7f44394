/**
 * A session of three speakers recorded from the node's order to the replay that a listener opens: a real worker and
 * ffmpegs on the node's side, a real server with its jobs and a real PostgreSQL on the other. Judged by decoding: every
 * two seconds each speaker's picture flashes and a tone sounds.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { flashesIn, skews, tonesIn } from "../sfu/support/marks.ts";
import { MARK_EVERY_MS } from "../sfu/support/speaker.ts";
import type { Stream } from "./recording/captured.ts";
import { type Lecture, startLecture } from "./recording/lecture.ts";
import { cpuSeconds } from "./sfu/processes.ts";
import { type BenchContext, type BenchResult, result, type Suite } from "./suite.ts";

const SPEAKERS = 3;
const SKEW = "<= 80";
/** How many marks at each end are judged. */
const MARKS = 5;
/** Who speaks changes this often. */
const TURN_MS = 20_000;
const QUICK_TURN_MS = 10_000;

export const suite: Suite = {
  name: "recording",
  describe:
    "five minutes (--long: thirty) of three speakers: skew, gaps, CPU, when the replay is there",
  minutes: 8,
  run,
};

async function run(context: BenchContext): Promise<BenchResult[]> {
  const { quick, long, log } = context;
  const seconds = quick ? 30 : long ? 1_800 : 300;
  const folder = mkdtempSync(join(tmpdir(), "yilian-recording-"));
  const lecture = await startLecture(context.root, folder, SPEAKERS);
  try {
    // What the node costs without a recording; before and after, so that what drifts is seen.
    const restMs = quick ? 3_000 : 15_000;
    const before = await rate(lecture.nodePids, restMs);
    await lecture.goLive();
    const began = performance.now();
    const cpu = { node: 0, ffmpeg: new Map<number, number>() };
    const nodeFrom = cpuSeconds(lecture.nodePids);
    let turn = -1;
    while (performance.now() - began < seconds * 1_000) {
      const next = Math.floor((performance.now() - began) / (quick ? QUICK_TURN_MS : TURN_MS));
      if (next !== turn) lecture.talks(next % SPEAKERS);
      turn = next;
      await sleep(500);
      for (const pid of await lecture.ffmpegPids()) cpu.ffmpeg.set(pid, secondsOf(pid));
    }
    const lasted = (performance.now() - began) / 1_000;
    cpu.node = cpuSeconds(lecture.nodePids) - nodeFrom;
    const ffmpeg = [...cpu.ffmpeg.values()].reduce((sum, one) => sum + one, 0) / lasted;
    log(
      `${Math.round(lasted)} s recorded by ${cpu.ffmpeg.size} ffmpegs; the node took ${before.toFixed(3)} of a core before and ${(cpu.node / lasted).toFixed(3)} meanwhile`,
    );
    const readyS = await lecture.endAndWait();
    log(`the replay was there ${readyS.toFixed(1)} s after the end`);
    const after = await rate(lecture.nodePids, restMs);
    const node = Math.max(0, cpu.node / lasted - Math.min(before, after));

    const captured = await lecture.captured();
    const results = judgeCapture(captured.streams, lecture.subs);
    const mixed = await judgeMix(lecture, captured.fromMs, folder, log);
    return [
      ...results,
      result("gaps that the node named", captured.namedGaps, "gaps", "== 0"),
      ...mixed,
      result("CPU of recording while live, all of it", ffmpeg + node, "cores", "<= 0.25"),
      result("CPU of recording while live, ffmpegs", ffmpeg, "cores"),
      result("CPU of recording while live, share of the node", node, "cores"),
      result(
        "the node without a recording, before and after, apart",
        Math.abs(after - before),
        "cores",
      ),
      result(`replay of ${seconds / 60} min there after the end`, readyS, "s", "<= 300"),
    ];
  } finally {
    await lecture.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** CPU of processes over a while, in cores. */
async function rate(pids: readonly number[], restMs: number): Promise<number> {
  const [from, began] = [cpuSeconds(pids), performance.now()];
  await sleep(restMs);
  return ((cpuSeconds(pids) - from) * 1_000) / (performance.now() - began);
}

/** One that ended between the question and the look has used nothing since. */
function secondsOf(pid: number): number {
  try {
    return cpuSeconds([pid]);
  } catch {
    return 0;
  }
}

const worst = (values: readonly number[]) =>
  values.length === 0 ? Number.NaN : Math.round(Math.max(...values.map(Math.abs)));

function judgeCapture(streams: readonly Stream[], subs: readonly string[]): BenchResult[] {
  const fits = subs.map((sub) => {
    const of = (kind: string) => streams.find((one) => one.sub === sub && one.kind === kind)!;
    const fit = skews(of("video").marksMs, of("audio").marksMs);
    return { first: fit.slice(0, MARKS), last: fit.slice(-MARKS) };
  });
  const total = (of: (stream: Stream) => number) => streams.reduce((sum, one) => sum + of(one), 0);
  return [
    result(
      "captured, skew at the start, worst speaker",
      worst(fits.flatMap(({ first }) => first)),
      "ms",
      SKEW,
    ),
    result(
      "captured, skew at the end, worst speaker",
      worst(fits.flatMap(({ last }) => last)),
      "ms",
      SKEW,
    ),
    result(
      "captured, gaps within streams",
      total(({ gaps }) => gaps),
      "gaps",
      "== 0",
    ),
    result(
      "captured, frames missing",
      total(({ missing }) => missing),
      "frames",
      "== 0",
    ),
    result(
      "captured, new parts after the first",
      total(({ parts }) => parts - 1),
      "parts",
      "== 0",
    ),
  ];
}

/** The replay as a listener gets it. Whose mark it is follows from its time. */
async function judgeMix(
  lecture: Lecture,
  zeroMs: number,
  folder: string,
  log: (line: string) => void,
): Promise<BenchResult[]> {
  const bytes = await lecture.replay();
  const file = join(folder, "replay.mp4");
  writeFileSync(file, bytes);
  const flashes = (await flashesIn(bytes)).flashes;
  const tones = await tonesIn(bytes);
  const phase = (ms: number) =>
    (((ms + zeroMs - lecture.markZeroMs) % MARK_EVERY_MS) + MARK_EVERY_MS) % MARK_EVERY_MS;
  const speakerOf = (ms: number) => Math.round((phase(ms) * SPEAKERS) / MARK_EVERY_MS) % SPEAKERS;
  const first: number[] = [];
  const last: number[] = [];
  let shown = 0;
  for (let index = 0; index < SPEAKERS; index++) {
    const own = (times: readonly number[]) => times.filter((ms) => speakerOf(ms) === index);
    const fit = skews(own(flashes), own(tones));
    if (fit.length > 0) shown++;
    first.push(...fit.slice(0, MARKS));
    last.push(...fit.slice(-MARKS));
  }
  const { stdout } = await promisify(execFile)("ffprobe", [
    ...["-v", "error", "-show_entries", "stream=codec_name,duration", "-of", "csv=p=0", file],
  ]);
  log(
    `replay: ${stdout.trim().replaceAll("\n", ", ")}; ${(bytes.length / 1e6).toFixed(1)} MB; ${flashes.length} flashes, ${tones.length} tones`,
  );
  // A tone is heard of every speaker all the time, a flash seen of who is shown.
  const holes = tones.filter(
    (ms, index) => index > 0 && ms - tones[index - 1]! > MARK_EVERY_MS / SPEAKERS + 100,
  );
  return [
    result("speakers seen in the replay", shown, "speakers", `== ${SPEAKERS}`),
    result("replay, skew at the start, worst speaker", worst(first), "ms", SKEW),
    result("replay, skew at the end, worst speaker", worst(last), "ms", SKEW),
    result("replay, marks that are not heard", holes.length, "marks", "== 0"),
  ];
}
