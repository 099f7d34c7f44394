import type { WebRtcTransport } from "mediasoup/types";

/** A worker answers so many questions at once without media being late. */
const MOST_LOOKS = 40;

type Rate = { inBps: number; outBps: number };

/**
 * What people's transports carry. A few are looked at each time, those first whose figures are
 * oldest; whoever was not looked at yet counts as the others do on average.
 */
export class Traffic {
  private known = new Map<WebRtcTransport, Rate>();

  /** @param transports all that there are, of all workers */
  async look(transports: readonly WebRtcTransport[]): Promise<Rate> {
    const connected = transports.filter(
      ({ closed, dtlsState }) => !closed && dtlsState === "connected",
    );
    const fresh = connected.filter((transport) => !this.known.has(transport));
    // The map's order is that of looking, the oldest first; who has gone is forgotten.
    const here = new Set(connected);
    const rest = [...this.known].filter(([transport]) => here.has(transport));
    const turn = [...fresh, ...rest.map(([transport]) => transport)].slice(0, MOST_LOOKS);
    const looked = new Set(turn);
    const next = new Map(rest.filter(([transport]) => !looked.has(transport)));
    const stats = await Promise.all(
      turn.map(async (transport) => await transport.getStats().catch(() => [])),
    );
    for (const [index, transport] of turn.entries()) {
      const stat = stats[index]?.[0];
      if (stat) next.set(transport, { inBps: stat.recvBitrate, outBps: stat.sendBitrate });
    }
    this.known = next;
    const sum = (pick: (rate: Rate) => number) => {
      const total = [...next.values()].reduce((before, rate) => before + pick(rate), 0);
      return Math.round((total * connected.length) / Math.max(1, next.size));
    };
    return { inBps: sum(({ inBps }) => inBps), outBps: sum(({ outBps }) => outBps) };
  }
}
