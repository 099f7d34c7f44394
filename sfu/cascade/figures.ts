import type { RoomRegistry } from "../rooms/registry.ts";
import type { WorkerPool } from "../transports/workers.ts";
import type { LinkServer } from "./link-server.ts";
import type { NodeLinks } from "./nodes.ts";
import { Traffic } from "./traffic.ts";
import type { TrunkEnd } from "./trunk-end.ts";

const SAMPLE_MS = 5_000;

/** One node as the media board shows it. */
export type NodeFigures = {
  workers: { pid: number /** Cores in use, 0 to 1. */; cpu: number; consumers: number }[];
  /** Workers that there should be. */
  expectedWorkers: number;
  /** People whose media lies here, of rooms of this node and of others. */
  people: number;
  consumers: number;
  /** From and to people, bits per second. */
  inBps: number;
  outBps: number;
  links: {
    node: string;
    state: string;
    /** Over the lines between the nodes, this node's rooms only: bits per second, parts of 1. */
    outBps: number;
    inBps: number;
    loss: number;
  }[];
};

type Sample = {
  atMs: number;
  cpuMs: Map<number, number>;
  traffic: { inBps: number; outBps: number };
  lines: Map<string, { sentBytes: number; receivedBytes: number; loss: number }>;
};

/** Measures a node every few seconds, from the workers' own counters. */
export function createFigures(options: {
  pool: WorkerPool;
  registry: RoomRegistry;
  links: NodeLinks;
  linkServer: () => LinkServer;
  expectedWorkers: number;
}) {
  const { pool, registry, links, linkServer, expectedWorkers } = options;
  const traffic = new Traffic();
  let before: Sample | null = null;
  let latest: NodeFigures = {
    ...{ workers: [], expectedWorkers, people: 0, consumers: 0, inBps: 0, outBps: 0, links: [] },
  };

  async function sample(): Promise<Sample> {
    const cpuMs = new Map<number, number>();
    for (const { worker } of pool.live) {
      const usage = await worker.getResourceUsage().catch(() => null);
      if (usage) cpuMs.set(worker.pid, usage.ru_utime + usage.ru_stime);
    }
    const lines = await lineBytes();
    const transports = await Promise.all([
      ...registry.all.map(async ({ media }) => await media.home.transports()),
      ...linkServer().hosted.map(async (site) => await site.localTransports()),
    ]);
    return { atMs: Date.now(), cpuMs, lines, traffic: await traffic.look(transports.flat()) };
  }

  async function lineBytes(): Promise<Sample["lines"]> {
    const lines: Sample["lines"] = new Map();
    for (const { node, line } of trunks()) {
      const figures = await line.figures().catch(() => null);
      if (!figures) continue;
      const sum = lines.get(node) ?? { sentBytes: 0, receivedBytes: 0, loss: 0 };
      lines.set(node, {
        sentBytes: sum.sentBytes + figures.sentBytes,
        receivedBytes: sum.receivedBytes + figures.receivedBytes,
        loss: Math.max(sum.loss, figures.loss),
      });
    }
    return lines;
  }

  function trunks(): { node: string; line: TrunkEnd }[] {
    return registry.all.flatMap(({ media }) => media.cascade.lines);
  }

  async function measure(): Promise<void> {
    const now = await sample();
    const then = before ?? now;
    before = now;
    const seconds = Math.max(0.001, (now.atMs - then.atMs) / 1000);
    // A line that is made anew begins to count anew: never below nothing.
    const bps = (later: number, earlier: number) =>
      Math.max(0, Math.round(((later - earlier) * 8) / seconds));
    const hosted = linkServer().hosted;
    latest = {
      workers: pool.live.map(({ worker, consumers }) => ({
        pid: worker.pid,
        cpu: cpuPart(now, then, worker.pid, seconds),
        consumers,
      })),
      expectedWorkers,
      people: registry.localPeople + hosted.reduce((count, site) => count + site.people, 0),
      consumers: pool.live.reduce((count, slot) => count + slot.consumers, 0),
      ...now.traffic,
      links: links.states.map(({ node, state }) => {
        const line = now.lines.get(node);
        const earlier = then.lines.get(node);
        return {
          ...{ node, state },
          outBps: bps(line?.sentBytes ?? 0, earlier?.sentBytes ?? 0),
          inBps: bps(line?.receivedBytes ?? 0, earlier?.receivedBytes ?? 0),
          loss: line?.loss ?? 0,
        };
      }),
    };
  }

  const timer = setInterval(() => void measure().catch(() => {}), SAMPLE_MS);
  timer.unref();
  return {
    get latest() {
      return latest;
    },
    /** Bytes over this node's lines by now, by node; for measurements. */
    lineBytes,
    close: () => clearInterval(timer),
  };
}

function cpuPart(now: Sample, then: Sample, pid: number, seconds: number): number {
  const usedMs = (now.cpuMs.get(pid) ?? 0) - (then.cpuMs.get(pid) ?? now.cpuMs.get(pid) ?? 0);
  return Math.max(0, Math.round((usedMs / 10 / seconds) * 1) / 100);
}
