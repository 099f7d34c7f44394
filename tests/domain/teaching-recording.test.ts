import { randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { readSealed, sealFile } from "../../server/teaching/recording-crypto.ts";
import {
  decodeFrom,
  type Piece,
  runsOf,
  shotsOf,
  speakersOf,
  type Track,
} from "../../server/teaching/recording-cut.ts";
import { rangeOf } from "../../server/teaching/recording-routes.ts";
import { silenceOf, versionFor } from "../../web/teaching/replay/replay-data.ts";
import { SilentMedia } from "../../web/teaching/replay/silent-media.ts";

const piece = (part: number, number: number, startMs: number, partMs: number): Piece => ({
  ...{ part, number, startMs, partMs },
  durationMs: 6_000,
  headBytes: 400,
  keyMs: partMs,
});
const track = (peerId: string, source: string, pieces: Piece[]): Track => ({
  id: `${peerId}/${source}`,
  peerId,
  source,
  channel: null,
  kind: source === "audio" ? "audio" : "video",
  pieces,
});

describe("cutting a recording", () => {
  test("pieces run on until one is missing, a part ends or the clock has drifted", () => {
    const whole = track("a", "video", [
      piece(0, 1, 16_000, 6_000),
      piece(0, 0, 10_000, 0),
      piece(0, 2, 22_030, 12_000),
      piece(0, 4, 34_030, 24_000),
      piece(1, 0, 50_000, 0),
    ]);
    const runs = runsOf(whole, 10_000);
    expect(runs.map(({ fromMs, untilMs }) => [fromMs, untilMs])).toEqual([
      [0, 12_000],
      [12_030, 18_030],
      [24_030, 30_030],
      [40_000, 46_000],
    ]);
    expect(decodeFrom(runs[0]!, 7_000)).toBe(1);
    expect(decodeFrom(runs[0]!, 5_000)).toBe(0);
  });

  test("the picture follows who speaks, not a cough; a screen comes first", () => {
    const loud = (from: number, until: number) =>
      Float32Array.from({ length: 50 }, (_, step) => (step >= from && step < until ? 5_000 : 0));
    const [a, b] = [loud(5, 20), loud(20, 50)];
    b[10] = 9_000;
    const speakers = speakersOf(
      new Map([
        ["a", a],
        ["b", b],
      ]),
      50,
    );
    expect(speakers.slice(0, 5)).toEqual([null, null, null, null, null]);
    expect(new Set(speakers.slice(5, 20))).toEqual(new Set(["a"]));
    expect(new Set(speakers.slice(20))).toEqual(new Set(["b"]));
    const runs = [
      ...runsOf(track("a", "video", [piece(0, 0, 0, 0), piece(0, 1, 6_000, 6_000)]), 0),
      ...runsOf(track("b", "video", [piece(0, 0, 0, 0)]), 0),
      ...runsOf(track("b", "screen", [piece(0, 0, 9_000, 0)]), 0),
    ];
    expect(
      shotsOf(runs, speakers, 10_000).map(({ run, fromMs, untilMs }) => [
        run?.track.id,
        fromMs,
        untilMs,
      ]),
    ).toEqual([
      ["a/video", 0, 4_000],
      ["b/video", 4_000, 6_000],
      ["a/video", 6_000, 9_000],
      ["b/screen", 9_000, 10_000],
    ]);
  });

  test("ranges of bytes", () => {
    expect(rangeOf("bytes=0-", 10)).toEqual({ from: 0, until: 10 });
    expect(rangeOf("bytes=2-4", 10)).toEqual({ from: 2, until: 5 });
    expect(rangeOf("bytes=-3", 10)).toEqual({ from: 7, until: 10 });
    expect(rangeOf("bytes=8-99", 10)).toEqual({ from: 8, until: 10 });
    expect(rangeOf("bytes=10-", 10)).toBe("unsatisfiable");
    expect(rangeOf("bytes=5-2", 10)).toBe("unsatisfiable");
    expect(rangeOf(undefined, 10)).toBeNull();
    expect(rangeOf("lines=1-2", 10)).toBeNull();
  });

  test("any range of a sealed file reads as it was, and none that was altered", async () => {
    const folder = mkdtempSync(join(tmpdir(), "yilian-sealed-"));
    const plain = randomBytes(200_000);
    const [from, to] = [join(folder, "plain"), join(folder, "sealed")];
    writeFileSync(from, plain);
    const key = randomBytes(32);
    const identity = { fileId: randomUUID(), sizeBytes: plain.length };
    const source = await open(from, "r");
    const target = await open(to, "w+");
    await sealFile(source, target, key, identity);
    const read = async (begin: number, end: number, of = identity, by = key) => {
      const parts: Buffer[] = [];
      for await (const part of readSealed(target, by, of, begin, end)) parts.push(part);
      return Buffer.concat(parts);
    };
    for (const [begin, end] of [
      [0, plain.length],
      [65_530, 65_545],
      [131_072, 131_073],
      [199_999, 200_000],
    ] as const)
      expect((await read(begin, end)).equals(plain.subarray(begin, end))).toBe(true);
    await expect(read(0, 10, { ...identity, fileId: randomUUID() })).rejects.toThrow();
    await expect(read(0, 10, identity, randomBytes(32))).rejects.toThrow();
    await target.write(Buffer.from([1, 2, 3]), 0, 3, 70_000);
    await expect(read(65_536, 65_600)).rejects.toThrow();
    expect((await read(0, 100)).equals(plain.subarray(0, 100))).toBe(true);
    await source.close();
    await target.close();
  });
});

test("a version of a replay: the way that is wanted before the language", () => {
  const version = (name: "full" | "sound", channel: string | null) => ({
    ...{ name, channel, url: `${name}-${channel}`, bytes: 1, type: "video/mp4" },
  });
  const all = [version("full", null), version("sound", null), version("sound", "bo")];
  const urlFor = (name: "full" | "sound", channel: string | null) =>
    versionFor(all, { name, channel })?.url;
  expect(urlFor("sound", "bo")).toBe("sound-bo");
  expect(urlFor("full", "bo")).toBe("full-null");
  expect(urlFor("sound", "en")).toBe("sound-null");
  expect(versionFor([], { name: "full", channel: null })).toBeNull();
});

describe("a replay of which nothing is heard", () => {
  afterEach(() => void vi.useRealTimers());

  test("says why, and waits while something may still come", () => {
    const of = (state: string, failedReason: string | null = null) => ({ state, failedReason });
    expect(silenceOf([], false)).toBe("not-recorded");
    expect(silenceOf([], true)).toBe("failed");
    expect(silenceOf([of("failed", "nothing-captured")], true)).toBe("nothing-captured");
    expect(silenceOf([of("failed", "tampered")], true)).toBe("failed");
    expect(silenceOf([of("failed", "mix"), of("deleted")], true)).toBe("deleted");
    for (const state of ["recording", "processing", "ready"])
      expect(silenceOf([of(state), of("deleted")], true)).toBeNull();
  });

  test("goes by a clock that is played, stopped, jumped in and sped, and ends", async () => {
    vi.useFakeTimers();
    let now = 0;
    const pass = (ms: number) => {
      now += ms;
      vi.advanceTimersByTime(ms);
    };
    const clock = new SilentMedia(10_000, 2, () => now);
    const told: string[] = [];
    for (const type of ["playing", "pause", "seeking", "ended"])
      clock.addEventListener(type, () => told.push(type));
    pass(5_000);
    expect([clock.paused, clock.currentTime]).toEqual([true, 2]);
    await clock.play();
    pass(1_000);
    expect(clock.currentTime).toBe(3);
    clock.playbackRate = 2;
    pass(1_000);
    expect(clock.currentTime).toBe(5);
    clock.pause();
    pass(1_000);
    expect(clock.currentTime).toBe(5);
    clock.currentTime = 99;
    expect(clock.currentTime).toBe(10);
    clock.currentTime = -1;
    await clock.play();
    pass(6_000);
    expect([clock.paused, clock.currentTime]).toEqual([true, 10]);
    expect(told).toEqual(["playing", "pause", "seeking", "seeking", "playing", "pause", "ended"]);
    // Played again, it begins anew.
    await clock.play();
    expect(clock.currentTime).toBe(0);
    clock.pause();
  });
});
