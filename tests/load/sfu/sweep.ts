/** One server under more and more viewers of one sender, up to what it can carry. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Engine } from "./engine.ts";
import { nextLevel } from "./fit.ts";
import type { LoadProgram } from "./load.ts";
import { cpuSeconds } from "./processes.ts";

export type Level = {
  readonly viewers: number;
  /** CPU of all the server's processes, in parts of one core. */
  readonly cpu: number;
  /** What the viewers received of payload, in Mbit/s. */
  readonly megabits: number;
  readonly loss: number;
  /** 99 of 100 packets came within this time, less the direct path's median, in milliseconds. */
  readonly addedMs: number;
  /** CPU of the viewers' program, in parts of one core. */
  readonly load: number;
  /** Loss and latency are within the bounds. */
  readonly holds: boolean;
};

export type Pair = { sender: LoadProgram; viewers: LoadProgram };

export type Pace = { warmUpMs: number; windowMs: number };

const LOSS_LIMIT = 0.001;
const ADDED_LIMIT_MS = 20;
/** A window that somebody else on the machine disturbed is measured again. */
const TRIES = 2;
/** A server with time to spare that is late all the same was kept from its core. */
const IDLE_TRIES = 6;
const IDLE_BELOW = 0.6;
const CONNECTING_AT_ONCE = 8;

/** Connects viewers, or lets some go, until there are so many. */
export class Audience {
  private readonly engine: Engine;
  private readonly viewers: LoadProgram;
  private count = 0;

  constructor(engine: Engine, viewers: LoadProgram) {
    this.engine = engine;
    this.viewers = viewers;
  }

  /** @throws {Error} when one cannot connect; it and those after it are not counted */
  async become(count: number): Promise<void> {
    while (this.count > count) await this.engine.detach(this.viewers, `v${--this.count}`);
    while (this.count < count) {
      const more = Math.min(CONNECTING_AT_ONCE, count - this.count);
      const names = Array.from({ length: more }, (_, index) => `v${this.count + index}`);
      await Promise.all(names.map((name) => this.engine.attach(this.viewers, name)));
      this.count += more;
    }
  }
}

/**
 * Measures one level after its warm-up.
 * @throws {Error} when what came is not what was sent, or a viewer got nothing
 */
export async function measure(
  engine: Engine,
  { sender, viewers }: Pair,
  count: number,
  { warmUpMs, windowMs }: Pace,
): Promise<Level> {
  await sleep(warmUpMs);
  const cpuBefore = cpuSeconds(engine.pids());
  const loadBefore = cpuSeconds([viewers.pid]);
  sender.begin();
  viewers.begin();
  await sleep(windowMs);
  const [stats, sent] = await Promise.all([viewers.end(), sender.end()]);
  const cpu = (cpuSeconds(engine.pids()) - cpuBefore) / stats.seconds;
  const load = (cpuSeconds([viewers.pid]) - loadBefore) / stats.seconds;
  if (stats.bad > 0) {
    throw new Error(`${engine.name}: ${stats.bad} of ${stats.checked} packets are not as sent`);
  }
  if (stats.silent > 0) throw new Error(`${engine.name}: ${stats.silent} viewers got nothing`);
  // Sequence numbers cannot show what a server drops before it numbers.
  const inWindow = sent.sentPackets * count * (stats.seconds / sent.seconds);
  const unsent = Math.max(0, 1 - stats.received / inWindow - 0.01);
  const loss = Math.max(1 - stats.received / stats.expected, unsent);
  const addedMs = stats.latencyMs.p99 - stats.directMs.p50;
  return {
    viewers: count,
    cpu,
    megabits: (8 * stats.payloadBytes) / stats.seconds / 1e6,
    loss,
    addedMs,
    load,
    holds: loss < LOSS_LIMIT && addedMs < ADDED_LIMIT_MS,
  };
}

/**
 * Climbs the ladder and closes in on the highest number of viewers that holds.
 * @param resolution viewers between the highest that held and the lowest that did not
 * @returns all levels that were measured, the best try of each
 */
export async function sweep(
  engine: Engine,
  pair: Pair,
  ladder: readonly number[],
  resolution: number,
  pace: Pace,
  log: (line: string) => void,
): Promise<Level[]> {
  const audience = new Audience(engine, pair.viewers);
  const levels: Level[] = [];
  const broke: number[] = [];
  for (;;) {
    const held = levels.filter(({ holds }) => holds).map(({ viewers }) => viewers);
    const next = nextLevel(held, broke, ladder, resolution);
    if (next === null) return levels;
    let best: Level | null = null;
    try {
      await audience.become(next);
      let tries = TRIES;
      for (let attempt = 0; attempt < tries && !best?.holds; attempt++) {
        const level = await measure(engine, pair, next, pace);
        if (!best || level.holds || level.addedMs < best.addedMs) best = level;
        if (level.cpu < IDLE_BELOW) tries = IDLE_TRIES;
      }
    } catch (error) {
      // Beyond what it can carry a server lets nobody in any more, or leaves some without.
      if (held.length === 0) throw error;
      log(`${engine.name}, ${next} viewers: ${error instanceof Error ? error.message : error}`);
    }
    if (best) levels.push(best);
    if (!best?.holds) broke.push(next);
    if (best) log(`${engine.name}, ${describe(best)}`);
  }
}

/** @returns the highest number of viewers that held */
export function capacityOf(levels: readonly Level[]): number {
  return Math.max(0, ...levels.filter(({ holds }) => holds).map(({ viewers }) => viewers));
}

export function describe(level: Level): string {
  const { viewers, cpu, megabits, loss, addedMs, load } = level;
  const percent = (part: number, digits: number) => `${(100 * part).toFixed(digits)}%`;
  return [
    `${viewers} viewers: ${percent(cpu, 1)} of a core for ${megabits.toFixed(1)} Mbit/s`,
    `${percent(cpu / megabits, 3)} per Mbit/s`,
    `loss ${percent(loss, 2)}`,
    `p99 +${addedMs.toFixed(2)} ms`,
    `load ${percent(load, 0)}${level.holds ? "" : ", too much"}`,
  ].join(", ");
}
