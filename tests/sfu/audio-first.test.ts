import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type AudioFirstState,
  initialState,
  type LineSample,
  MAX_SWITCHES,
  SWITCH_WINDOW_MS,
  settle,
  step,
} from "../../sfu/quality/audio-first.ts";

const SECOND = 1_000;
const good: LineSample = { loss: 0, rttMs: 60, availableBps: 2_000_000, limited: false };
const lossy: LineSample = { ...good, loss: 0.05 };
const queued: LineSample = { ...good, rttMs: 900 };
const narrow: LineSample = { ...good, availableBps: 250_000, limited: true };
const starved: LineSample = { ...good, availableBps: 90_000, limited: true };

type Change = { atSeconds: number; level: string; code: string };

/** Feeds one sample a second and lists what changed. */
function run(
  samples: readonly LineSample[],
  from: { state: AudioFirstState; nowMs: number } = { state: initialState(0), nowMs: 0 },
) {
  let { state, nowMs } = from;
  const changes: Change[] = [];
  for (const sample of samples) {
    nowMs += SECOND;
    const result = step(state, sample, nowMs);
    state = result.state;
    if (result.action) changes.push({ atSeconds: nowMs / SECOND, ...result.action });
  }
  return { state, nowMs, changes };
}

const times = (count: number, sample: LineSample) => Array<LineSample>(count).fill(sample);

describe("going down", () => {
  test("a good line changes nothing", () => {
    expect(run(times(300, good)).changes).toEqual([]);
  });

  test.each([
    ["loss", lossy],
    ["a queue that fills", queued],
  ])("%s lowers video first, then puts it off", (_, bad) => {
    const { changes, state } = run([...times(10, good), ...times(10, bad)]);
    expect(changes.map((change) => change.code)).toEqual(["line-video-lowered", "line-video-off"]);
    expect(state.level).toBe("off");
    expect(changes[1]!.atSeconds).toBeLessThanOrEqual(10 + 6);
  });

  test("too little bandwidth for both puts video off, too little for full video lowers it", () => {
    expect(run([...times(10, good), ...times(15, starved)]).state.level).toBe("off");
    const { state, changes } = run([...times(10, good), ...times(15, narrow)]);
    expect(state.level).toBe("low");
    expect(changes).toHaveLength(1);
  });

  test("bandwidth is not judged while it is still being measured", () => {
    expect(run(times(5, starved)).changes).toEqual([]);
  });

  test("one bad second is not enough", () => {
    expect(run([...times(10, good), lossy, ...times(10, good)]).changes).toEqual([]);
  });
});

describe("coming back", () => {
  const thin = run([...times(10, good), ...times(60, lossy)]);

  test("video is back within 20 s of a good line, and full soon after", () => {
    const { changes } = run(times(40, good), thin);
    expect(changes.map((change) => change.code)).toEqual(["line-video-back", "line-video-full"]);
    expect(changes[0]!.atSeconds - thin.nowMs / SECOND).toBeLessThanOrEqual(20);
    expect(changes[1]!.atSeconds - thin.nowMs / SECOND).toBeLessThanOrEqual(20);
  });

  test("a line that is only good for moments keeps it off", () => {
    const moments = Array.from({ length: 20 }, () => [...times(4, good), ...times(2, lossy)]);
    expect(run(moments.flat(), thin).changes).toEqual([]);
  });

  test("a relapse makes the next wait longer, within bounds", () => {
    const back = run(times(8, good), { state: thin.state, nowMs: thin.nowMs });
    const first = run(times(30, good), thin).changes[0]!.atSeconds - thin.nowMs / SECOND;
    const relapsed = run(times(70, lossy), run(times(12, good), back));
    expect(relapsed.state.level).toBe("off");
    const second = run(times(40, good), relapsed).changes[0]!.atSeconds - relapsed.nowMs / SECOND;
    expect(second).toBeGreaterThan(first);
    expect(second).toBeLessThanOrEqual(20);
  });

  test("without any packets to judge by, time alone brings it back", () => {
    const silent: LineSample = {
      loss: undefined,
      rttMs: undefined,
      availableBps: undefined,
      limited: false,
    };
    expect(run(times(30, silent), thin).state.level).toBe("full");
  });

  test("what an outage did to the counters is not held against the line", () => {
    const before = run(times(20, good));
    const gone: LineSample = { ...good, loss: 0.9 };
    const late = { state: before.state, nowMs: before.nowMs + 30 * SECOND };
    expect(run([gone, gone, gone, ...times(20, good)], late).changes).toEqual([]);
    const short = { state: settle(before.state, before.nowMs), nowMs: before.nowMs };
    expect(run([gone, gone, gone, ...times(20, good)], short).changes).toEqual([]);
    expect(run(times(20, lossy), short).state.level).toBe("off");
  });

  test("what was before a lost line counts for nothing", () => {
    const bad = run([...times(10, good), lossy, lossy]);
    const after = step(bad.state, lossy, bad.nowMs + 60 * SECOND);
    expect(after.action).toBeNull();
  });
});

describe("never flapping", () => {
  const sample = fc.constantFrom(good, lossy, queued, narrow, starved);
  const stretch = fc.tuple(sample, fc.integer({ min: 1, max: 40 }));

  test("whatever the line does, video goes off or comes back at most twice a minute", () => {
    fc.assert(
      fc.property(fc.array(stretch, { maxLength: 40 }), (stretches) => {
        const { changes } = run(stretches.flatMap(([one, count]) => times(count, one)));
        const switches = changes.filter((change) =>
          ["line-video-off", "line-video-back"].includes(change.code),
        );
        for (const { atSeconds } of switches) {
          const within = switches.filter(
            (other) =>
              other.atSeconds >= atSeconds &&
              other.atSeconds < atSeconds + SWITCH_WINDOW_MS / SECOND,
          );
          expect(within.length).toBeLessThanOrEqual(MAX_SWITCHES);
        }
      }),
    );
  });

  test("whatever was before, a line that stays good has full video in the end", () => {
    fc.assert(
      fc.property(fc.array(stretch, { maxLength: 20 }), (stretches) => {
        const before = run(stretches.flatMap(([one, count]) => times(count, one)));
        expect(run(times(120, good), before).state.level).toBe("full");
      }),
    );
  });

  test("levels change by one step, and every change has the code that fits", () => {
    const codes = {
      "full>low": "line-video-lowered",
      "low>off": "line-video-off",
      "off>low": "line-video-back",
      "low>full": "line-video-full",
    };
    fc.assert(
      fc.property(fc.array(stretch, { maxLength: 20 }), (stretches) => {
        let level = "full";
        for (const change of run(stretches.flatMap(([one, count]) => times(count, one))).changes) {
          expect(codes[`${level}>${change.level}` as keyof typeof codes]).toBe(change.code);
          level = change.level;
        }
      }),
    );
  });
});
