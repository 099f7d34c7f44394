import { describe, expect, it } from "vitest";
import { linearFit, mostWithin, nextLevel } from "../load/sfu/fit.ts";
import { parseOffer, writeAnswer } from "../load/sfu/sdp.ts";

describe("the sfu bench's arithmetic", () => {
  it("fits a line and says how well it fits", () => {
    const straight = linearFit([1, 10, 100].map((x) => [x, 2 + 0.25 * x] as const));
    expect(straight.slope).toBeCloseTo(0.25, 10);
    expect(straight.intercept).toBeCloseTo(2, 10);
    expect(straight.rSquared).toBeCloseTo(1, 10);
    // By hand: slope 1.5, intercept 1/3, squared residuals 2/3 of 31/6.
    const bent = linearFit([
      [0, 0],
      [1, 2.5],
      [2, 3],
    ]);
    expect(bent).toMatchObject({ slope: 1.5 });
    expect(bent.intercept).toBeCloseTo(1 / 3, 10);
    expect(bent.rSquared).toBeCloseTo(1 - 2 / 3 / (31 / 6), 10);
    expect(() => linearFit([[3, 1]])).toThrow();
  });

  it("closes in on the highest level that holds, for every capacity", () => {
    const ladder = [1, 25, 50, 100, 200, 400];
    for (let capacity = 1; capacity < 400; capacity += 7) {
      const held: number[] = [];
      const broke: number[] = [];
      for (;;) {
        const level = nextLevel(held, broke, ladder, 25);
        if (level === null) break;
        expect([...held, ...broke]).not.toContain(level);
        (level <= capacity ? held : broke).push(level);
      }
      const found = Math.max(...held);
      expect(found).toBeLessThanOrEqual(capacity);
      expect(capacity - found).toBeLessThan(25);
    }
  });

  it("finds the fullest stretch of time", () => {
    expect(mostWithin([], 1_000)).toBe(0);
    expect(mostWithin([0, 1_000, 2_000], 1_000)).toBe(1);
    expect(mostWithin([0, 900, 1_800, 1_850, 1_899, 1_900], 1_000)).toBe(4);
  });
});

describe("the sfu bench's SDP", () => {
  const offer = [
    "v=0",
    "a=group:BUNDLE a v",
    "a=fingerprint:sha-256 aa:bb",
    "m=audio 9 UDP/TLS/RTP/SAVPF 111",
    "a=mid:a",
    "a=ice-ufrag:oT/U",
    "a=ice-pwd:secret",
    "a=rtpmap:111 opus/48000/2",
    "a=candidate:2 1 udp 2015363583 fd00::2 32822 typ host",
    "a=candidate:1 1 udp 2015363327 192.0.2.2 37361 typ host",
    "m=video 9 UDP/TLS/RTP/SAVPF 96 97",
    "a=mid:v",
    "a=rtpmap:96 VP8/90000",
    "a=rtcp-fb:96 transport-cc",
    "a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    "",
  ].join("\r\n");

  it("reads where to connect, and answers each section without bandwidth estimation", () => {
    const read = parseOffer(offer);
    expect(read.remote).toEqual({
      ip: "192.0.2.2",
      port: 37361,
      ufrag: "oT/U",
      password: "secret",
      fingerprint: "AA:BB",
    });
    const peer = { id: "v1", port: 5, ufrag: "u", password: "p", fingerprint: "CC:DD" };
    const answer = writeAnswer(read, peer);
    expect(answer.match(/^m=\w+ 9 UDP\/TLS\/RTP\/SAVPF \d+\r$/gm)).toHaveLength(2);
    expect(answer).toContain("a=group:BUNDLE a v\r\n");
    expect(answer).toContain("a=rtcp-fb:96 nack pli\r\n");
    expect(answer).not.toMatch(/extmap|transport-cc|remb|rtx/);
  });

  it("refuses an offer without a candidate", () => {
    expect(() => parseOffer(offer.replaceAll(/a=candidate.*\r\n/g, ""))).toThrow("candidate");
  });
});
