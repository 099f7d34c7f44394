/**
 * Where a frame lies in time. A sender's reports (RTCP SR) tie the timestamps of its streams to its
 * own clock, the same for its sound and picture; the quickest report ties that clock to ours. So sound
 * and picture of one person fit as they were taken, whatever way each of them came. Pure.
 */

/** One report: `rtp` was the timestamp of the stream when the sender's clock showed `ntpMs`. */
export type SenderReport = { ntpMs: number; rtp: number; arrivedMs: number };

/** How long a report counts for the distance between the clocks, which drift. */
const WINDOW_MS = 60_000;
/** A report that lies further off belongs to another layer, whose timestamps began elsewhere. */
const SAME_STREAM_MS = 3_000;

/** Sender's clock of one person. */
export class SenderClock {
  private delays: { arrivedMs: number; delayMs: number }[] = [];

  hear({ ntpMs, arrivedMs }: SenderReport): void {
    this.delays.push({ arrivedMs, delayMs: arrivedMs - ntpMs });
    this.delays = this.delays.filter((one) => arrivedMs - one.arrivedMs < WINDOW_MS);
  }

  /** Milliseconds from the sender's clock to ours; null before the first report. */
  get offsetMs(): number | null {
    if (this.delays.length === 0) return null;
    return Math.min(...this.delays.map(({ delayMs }) => delayMs));
  }
}

/** Timestamps of one stream. */
export class StreamClock {
  readonly clockRate: number;
  private readonly sender: SenderClock;
  private reports: SenderReport[] = [];

  constructor(clockRate: number, sender: SenderClock) {
    this.clockRate = clockRate;
    this.sender = sender;
  }

  hear(report: SenderReport): void {
    this.reports = [...this.reports.slice(-15), report];
    this.sender.hear(report);
  }

  /**
   * @param rtp timestamp of a frame
   * @param nearMs about when it came, on our clock
   * @returns when it was taken, on our clock; `nearMs` where no report fits
   */
  timeOf(rtp: number, nearMs: number): number {
    const { offsetMs } = this.sender;
    if (offsetMs === null) return nearMs;
    for (const report of this.reports.toReversed()) {
      const timeMs = report.ntpMs + this.between(report.rtp, rtp) + offsetMs;
      if (Math.abs(timeMs - nearMs) < SAME_STREAM_MS) return timeMs;
    }
    return nearMs;
  }

  /** Milliseconds from one timestamp to another; timestamps are 32 bits and run over. */
  private between(from: number, to: number): number {
    return (((to - from) | 0) / this.clockRate) * 1000;
  }
}

/** Milliseconds since 1970 of an NTP time (RFC 3550, 4). */
export function ntpToMs(seconds: number, fraction: number): number {
  return (seconds - 2_208_988_800) * 1000 + (fraction / 2 ** 32) * 1000;
}
