import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  firstPace,
  LEAST_PIECE_BYTES,
  MOST_PIECE_BYTES,
  nextPace,
  type Pace,
  PIECE_MS,
} from "../../web/api/upload-pace.ts";

type Line = { kilobitsPerSecond: number; roundTripMs: number };
const HEADER_BYTES = 900;

/** How long the answer to a piece takes on a line that carries nothing else. */
const tookMs = ({ kilobitsPerSecond, roundTripMs }: Line, bytes: number) =>
  roundTripMs + ((bytes + HEADER_BYTES) * 8) / kilobitsPerSecond;

/** Sends a file over a line; what was sent when, and how long the line was busy with each piece. */
function send(line: Line, fileBytes: number) {
  let pace: Pace = firstPace(tookMs(line, 0));
  const pieces: { bytes: number; busyMs: number; restMs: number }[] = [];
  let [sent, nowMs] = [0, 0];
  while (sent < fileBytes) {
    const bytes = Math.min(pace.pieceBytes, fileBytes - sent);
    const took = tookMs(line, bytes);
    pieces.push({ bytes, busyMs: took - line.roundTripMs, restMs: pace.restMs });
    nowMs += pace.restMs + took;
    sent += bytes;
    pace = nextPace(pace, { bytes, tookMs: took });
  }
  return { pieces, seconds: nowMs / 1000 };
}

const MEGABYTE = 1024 * 1024;
const thin: Line = { kilobitsPerSecond: 300, roundTripMs: 150 };

describe("a file beside a conversation", () => {
  it("never occupies a line for long, whatever line it is", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 150, max: 100_000 }),
        fc.integer({ min: 1, max: 600 }),
        (kilobitsPerSecond, roundTripMs) => {
          const { pieces } = send({ kilobitsPerSecond, roundTripMs }, 2 * MEGABYTE);
          // The first piece knows nothing of the line; the smallest one is what it is.
          const leastMs = ((LEAST_PIECE_BYTES + HEADER_BYTES) * 8) / kilobitsPerSecond;
          for (const { busyMs } of pieces.slice(1))
            expect(busyMs).toBeLessThanOrEqual(Math.max(leastMs, 2 * PIECE_MS));
        },
      ),
    );
  });

  it("leaves at least a quarter of the time to others", () => {
    for (const line of [thin, { kilobitsPerSecond: 2_000, roundTripMs: 40 }]) {
      const { pieces, seconds } = send(line, 4 * MEGABYTE);
      const busyMs = pieces.reduce((sum, piece) => sum + piece.busyMs, 0);
      expect(busyMs / 1000 / seconds).toBeLessThan(3 / 4);
    }
  });

  it("brings 4 MB over 300 kbit/s within five minutes, and over a good line within seconds", () => {
    expect(send(thin, 4 * MEGABYTE).seconds).toBeLessThan(300);
    expect(send({ kilobitsPerSecond: 20_000, roundTripMs: 30 }, 4 * MEGABYTE).seconds).toBeLessThan(
      6,
    );
  });

  it("gives way at once when an answer is late, and comes back step by step", () => {
    const settled = send(thin, MEGABYTE).pieces.at(-2)!;
    const before: Pace = { ...firstPace(150), pieceBytes: settled.bytes };
    const late = nextPace(before, { bytes: settled.bytes, tookMs: 5_000 });
    expect(late.pieceBytes).toBeLessThanOrEqual(Math.max(LEAST_PIECE_BYTES, settled.bytes / 4 + 1));
    expect(late.restMs).toBe(1_000);
    const quick = nextPace(late, { bytes: late.pieceBytes, tookMs: 151 });
    expect(quick.pieceBytes).toBe(2 * late.pieceBytes);
  });

  it("stays within its bounds with any measurement", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1, max: 1e7, noNaN: true }),
        fc.array(
          fc.record({
            bytes: fc.integer({ min: 1, max: MOST_PIECE_BYTES }),
            tookMs: fc.double({ min: 0, max: 1e7, noNaN: true }),
          }),
        ),
        (roundTripMs, measured) => {
          let pace = firstPace(roundTripMs);
          for (const one of measured) {
            pace = nextPace(pace, one);
            expect(pace.pieceBytes).toBeGreaterThanOrEqual(LEAST_PIECE_BYTES);
            expect(pace.pieceBytes).toBeLessThanOrEqual(MOST_PIECE_BYTES);
            expect(Number.isInteger(pace.pieceBytes)).toBe(true);
            expect(pace.restMs).toBeGreaterThanOrEqual(0);
            expect(pace.restMs).toBeLessThanOrEqual(1_000);
          }
        },
      ),
    );
  });
});
