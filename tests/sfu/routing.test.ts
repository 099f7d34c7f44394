import { describe, expect, test } from "vitest";
import {
  initialDemand,
  LOWER_AFTER_MS,
  layerForTile,
  NO_LAYER,
  stepDemand,
} from "../../sfu/quality/demand.ts";
import { downlinkLoss } from "../../sfu/quality/samples.ts";
import { lineWord } from "../../sfu/quality/words.ts";
import { noPlace } from "../../sfu/rooms/floor.ts";
import { type Listener, route } from "../../sfu/rooms/routing.ts";

const person = (changes: Partial<Listener> = {}): Listener => ({
  peerId: "p",
  private: false,
  privateAudio: true,
  videoUp: "full",
  videoDown: "full",
  isNewLine: false,
  chosenChannel: null,
  place: noPlace,
  hasLecture: false,
  isOnStage: true,
  chosenWay: "full",
  isInterpreted: false,
  mostCameras: 0,
  ...changes,
});
const doctor = (changes: Partial<Listener> = {}) => person({ private: true, ...changes });
const stream = (source: "audio" | "video" | "screen", paused = false) => ({
  source,
  paused,
  channel: undefined,
});
const held = (...args: Parameters<typeof route>) => {
  const result = route(...args);
  return result.exists ? result.held : "none";
};

describe("a private talk", () => {
  test.each([
    ["a doctor to a doctor", doctor(), doctor(), null],
    ["a doctor to the patient", doctor(), person(), "private"],
    ["the patient to a doctor", person(), doctor(), "private"],
    ["the family to the patient", person(), person(), null],
    [
      "a doctor to one who takes part by text",
      doctor(),
      doctor({ privateAudio: false }),
      "private",
    ],
    [
      "one who takes part by text to the patient",
      doctor({ privateAudio: false }),
      person(),
      "private",
    ],
  ])("sound from %s", (_, speaker, listener, expected) => {
    expect(held(stream("audio"), speaker, listener, true, 0)).toBe(expected);
    expect(held(stream("audio"), speaker, listener, false, 0)).toBeNull();
  });

  test("screens are kept back like sound, faces are not", () => {
    expect(held(stream("screen"), doctor(), person(), true, 2)).toBe("private");
    expect(held(stream("video"), doctor(), person(), true, 2)).toBeNull();
  });
});

describe("the line", () => {
  test("off holds pictures, low keeps the smallest, sound is never held", () => {
    expect(held(stream("video"), person(), person({ videoDown: "off" }), false, 2)).toBe("line");
    expect(held(stream("video"), person({ videoUp: "off" }), person(), false, 2)).toBe("line");
    const low = route(stream("video"), person(), person({ videoDown: "low" }), false, 2);
    expect(low).toMatchObject({ held: null, maxSpatialLayer: 0 });
    for (const level of ["low", "off"] as const) {
      const thin = person({ videoDown: level, videoUp: level });
      expect(held(stream("audio"), thin, thin, false, 0)).toBeNull();
    }
  });

  test("a line that is not known yet begins small", () => {
    const begun = route(stream("video"), person(), person({ isNewLine: true }), false, 2);
    expect(begun).toMatchObject({ maxSpatialLayer: 0 });
  });

  test("an interpreter's channel exists only for those who chose it", () => {
    const channel = { source: "interpretation" as const, paused: false, channel: "bo" };
    expect(route(channel, person(), person(), false, 0)).toEqual({ exists: false });
    expect(held(channel, person(), person({ chosenChannel: "bo" }), false, 0)).toBeNull();
  });

  test("loss of the speaker's own line is not laid on the listener", () => {
    const consumer = { consumerId: "c", received: 95, lost: 5, jitterMs: 0, bitrateBps: 0 };
    const report = {
      intervalMs: 1000,
      uplink: { limited: false, bitrateBps: 0 },
      downlink: { consumers: [consumer] },
    };
    expect(downlinkLoss(report, () => 0.05)).toBeCloseTo(0);
    expect(downlinkLoss(report, () => 0)).toBeCloseTo(0.05);
    expect(downlinkLoss(report, () => undefined)).toBeUndefined();
  });

  test("is told in one word", () => {
    const fine = {
      away: false,
      up: "full",
      down: "full",
      lossUp: 0,
      lossDown: 0,
      rttMs: 80,
    } as const;
    expect(lineWord(fine)).toBe("good");
    expect(lineWord({ ...fine, lossDown: 0.04 })).toBe("fair");
    expect(lineWord({ ...fine, down: "off" })).toBe("thin");
    expect(lineWord({ ...fine, away: true })).toBe("gone");
  });
});

describe("layers", () => {
  const captured = { width: 1280, height: 720 };
  test.each([
    [{ width: 160, height: 90, visible: true }, 0],
    [{ width: 320, height: 180, visible: true }, 0],
    [{ width: 640, height: 360, visible: true }, 1],
    [{ width: 1280, height: 720, visible: true }, 2],
    [{ width: 3840, height: 2160, visible: true }, 2],
    [{ width: 640, height: 360, visible: false }, NO_LAYER],
    [{ width: 0, height: 360, visible: true }, NO_LAYER],
  ])("%o needs layer %i", (tile, layer) => {
    expect(layerForTile(tile, captured)).toBe(layer);
  });

  test("a small capture has fewer layers", () => {
    const small = { width: 640, height: 360 };
    expect(layerForTile({ width: 320, height: 180, visible: true }, small, 2)).toBe(0);
    expect(layerForTile({ width: 640, height: 360, visible: true }, small, 2)).toBe(1);
    expect(layerForTile({ width: 640, height: 360, visible: true }, small, 1)).toBe(0);
  });

  test("a sender goes up at once and down only after a while", () => {
    let state = initialDemand(3);
    let tell: number | null;
    ({ state, tell } = stepDemand(state, 0, 0));
    expect(tell).toBeNull();
    ({ state, tell } = stepDemand(state, 0, LOWER_AFTER_MS));
    expect(tell).toBe(0);
    ({ state, tell } = stepDemand(state, 2, LOWER_AFTER_MS + 1));
    expect(tell).toBe(2);
    // Less for a moment, then as much as before: nothing is told.
    ({ state, tell } = stepDemand(state, 1, LOWER_AFTER_MS + 2));
    ({ state, tell } = stepDemand(state, 2, LOWER_AFTER_MS + 3));
    ({ state, tell } = stepDemand(state, 1, 2 * LOWER_AFTER_MS + 2));
    expect(tell).toBeNull();
  });
});
