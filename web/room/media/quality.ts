import type { QualitySample } from "../../../sfu/protocol.ts";

/** What is looked at: the two transports and which track belongs to which stream. */
type Measured = {
  readonly send: Statistics;
  readonly recv: Statistics;
  readonly consumers: ReadonlyMap<string, { readonly id: string; readonly track: { id: string } }>;
};
type Statistics = { getStats(): Promise<{ values(): Iterable<unknown> }> };

type Stat = Record<string, unknown> & { id: string; type: string };
type Counters = Record<string, number>;

/** A line that does worse than this since the last report is reported at once. */
const REPORTED_LOSS = 0.02;
const REPORTED_RTT_RISE_MS = 200;
/** Fewer packets say nothing. */
const FEWEST_PACKETS = 20;

/** Turns the browser's running totals into what happened since the last report. */
export class QualityMeter {
  private before = new Map<string, Counters>();
  private beforeAt = 0;
  private shortestRttMs = Number.POSITIVE_INFINITY;

  /**
   * @param everyMs how far apart reports are while all is well; trouble is reported at once
   * @returns null at the first look, which has nothing to compare with, and when none is due
   */
  async take(session: Measured, nowMs: number, everyMs = 0): Promise<QualitySample | null> {
    const [send, recv] = await Promise.all([session.send.getStats(), session.recv.getStats()]);
    const intervalMs = nowMs - this.beforeAt;
    const isFirst = this.beforeAt === 0;
    const seen = new Map<string, Counters>();
    const uplink = this.uplink([...send.values()] as Stat[], intervalMs, seen);
    const consumers = this.consumers(session, [...recv.values()] as Stat[], intervalMs, seen);
    const rttMs = roundTripMs([...recv.values()] as Stat[]);
    const sample = {
      intervalMs: Math.min(60_000, intervalMs),
      uplink,
      downlink: { ...(rttMs === undefined ? {} : { rttMs }), consumers },
    };
    // Looks are a second apart, give or take; what is not reported now is part of the next one.
    if (!isFirst && intervalMs < everyMs - 500 && !this.isTroubled(sample)) return null;
    this.before = seen;
    this.beforeAt = nowMs;
    return isFirst || intervalMs < 100 ? null : sample;
  }

  private isTroubled({ downlink: { rttMs, consumers } }: QualitySample): boolean {
    this.shortestRttMs = Math.min(this.shortestRttMs, rttMs ?? Number.POSITIVE_INFINITY);
    if (rttMs !== undefined && rttMs > this.shortestRttMs + REPORTED_RTT_RISE_MS) return true;
    return consumers.some(({ received, lost, nacked = 0, samples = 0, ...sound }) => {
      const concealed = (sound.concealed ?? 0) - (sound.silentConcealed ?? 0);
      if ((sound.freezes ?? 0) > 0 || concealed > samples * REPORTED_LOSS) return true;
      const packets = received + Math.max(0, lost);
      return packets >= FEWEST_PACKETS && Math.max(lost, nacked) > packets * REPORTED_LOSS;
    });
  }

  reset(): void {
    this.before.clear();
    this.beforeAt = 0;
    this.shortestRttMs = Number.POSITIVE_INFINITY;
  }

  private uplink(
    stats: Stat[],
    intervalMs: number,
    seen: Map<string, Counters>,
  ): QualitySample["uplink"] {
    let bytes = 0;
    let limited = false;
    let fps = 0;
    for (const stat of stats) {
      if (stat.type !== "outbound-rtp") continue;
      const delta = this.delta(stat, ["bytesSent", "headerBytesSent"], seen, "send");
      bytes += delta("bytesSent") + delta("headerBytesSent");
      if (stat.kind !== "video" || stat.active === false) continue;
      if (stat.qualityLimitationReason === "bandwidth") limited = true;
      fps = Math.max(fps, number(stat.framesPerSecond) ?? 0);
    }
    const pair = selectedPair(stats);
    const rttMs = roundTripMs(stats);
    const availableBps = number(pair?.availableOutgoingBitrate);
    return {
      bitrateBps: perSecond(bytes * 8, intervalMs),
      limited,
      ...(fps > 0 ? { fps } : {}),
      ...(rttMs === undefined ? {} : { rttMs }),
      ...(availableBps === undefined ? {} : { availableBps }),
    };
  }

  private consumers(
    session: Measured,
    stats: Stat[],
    intervalMs: number,
    seen: Map<string, Counters>,
  ): QualitySample["downlink"]["consumers"] {
    const byTrack = new Map<string, string>();
    for (const consumer of session.consumers.values()) byTrack.set(consumer.track.id, consumer.id);
    return stats.flatMap((stat) => {
      const consumerId = byTrack.get(String(stat.trackIdentifier));
      if (stat.type !== "inbound-rtp" || !consumerId) return [];
      const delta = this.delta(
        stat,
        [
          "packetsReceived",
          "packetsLost",
          "nackCount",
          "bytesReceived",
          "totalSamplesReceived",
          "concealedSamples",
          "silentConcealedSamples",
          "freezeCount",
          "totalFreezesDuration",
        ],
        seen,
        "recv",
      );
      const common = {
        consumerId,
        received: Math.max(0, delta("packetsReceived")),
        lost: delta("packetsLost"),
        nacked: Math.max(0, delta("nackCount")),
        jitterMs: Math.min(600_000, (number(stat.jitter) ?? 0) * 1000),
        bitrateBps: perSecond(delta("bytesReceived") * 8, intervalMs),
      };
      if (stat.kind === "audio") {
        return {
          ...common,
          samples: Math.max(0, delta("totalSamplesReceived")),
          concealed: Math.max(0, delta("concealedSamples")),
          silentConcealed: Math.max(0, delta("silentConcealedSamples")),
        };
      }
      return {
        ...common,
        fps: number(stat.framesPerSecond) ?? 0,
        freezes: Math.max(0, delta("freezeCount")),
        frozenMs: Math.min(600_000, Math.max(0, delta("totalFreezesDuration") * 1000)),
      };
    });
  }

  private delta(stat: Stat, names: string[], seen: Map<string, Counters>, side: string) {
    const key = `${side}/${stat.id}`;
    const before = this.before.get(key) ?? {};
    const now: Counters = {};
    for (const name of names) now[name] = number(stat[name]) ?? 0;
    seen.set(key, now);
    return (name: string) => (now[name] ?? 0) - (before[name] ?? 0);
  }
}

function selectedPair(stats: Stat[]): Stat | undefined {
  const transport = stats.find((stat) => stat.type === "transport");
  const id = transport?.selectedCandidatePairId;
  const pairs = stats.filter((stat) => stat.type === "candidate-pair");
  return pairs.find((pair) => pair.id === id) ?? pairs.find((pair) => pair.nominated === true);
}

function roundTripMs(stats: Stat[]): number | undefined {
  const seconds = number(selectedPair(stats)?.currentRoundTripTime);
  return seconds === undefined ? undefined : Math.min(600_000, seconds * 1000);
}

function perSecond(amount: number, intervalMs: number): number {
  return intervalMs > 0 ? Math.max(0, (amount * 1000) / intervalMs) : 0;
}

function number(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}
