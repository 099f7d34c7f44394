import type { WorkerPool, WorkerSlot } from "../transports/workers.ts";

/** A worker is relieved from here on (parts of what it should carry), until it carries no more than that. */
const OVER = 1.2;
/** Another one takes people up to here. */
const ROOM = 0.9;
/** People who are asked to come anew at a time. */
const MOST_PEOPLE = 5;

/** Media of a room on this node, of which some people may be asked to come anew. */
export type Relievable = {
  /** @returns how many people were asked, or will be at most */
  relieve(slot: WorkerSlot, streams: number, mostPeople: number): Promise<number>;
};

type Load = Pick<WorkerSlot, "consumers">;

/**
 * How many streams should leave which worker now. Pure. Nothing moves while no other worker has
 * room: a worker that carries too much is better than two that do.
 * @param relieved workers that were being relieved until now
 */
export function planRelief<Slot extends Load>(
  slots: readonly Slot[],
  limit: number,
  relieved: ReadonlySet<Slot>,
): Map<Slot, number> {
  const plan = new Map<Slot, number>();
  let room = slots.reduce(
    (sum, { consumers }) => sum + Math.max(0, Math.floor(limit * ROOM) - consumers),
    0,
  );
  for (const slot of [...slots].sort((a, b) => b.consumers - a.consumers)) {
    const isOver = slot.consumers > limit * (relieved.has(slot) ? 1 : OVER);
    const streams = Math.min(slot.consumers - limit, room);
    if (!isOver || streams <= 0) continue;
    plan.set(slot, streams);
    room -= streams;
  }
  return plan;
}

/**
 * Looks every few seconds for workers that carry too much, as streams have come to the people that
 * they were given, and asks a few of these people to come anew: they are placed where there is room.
 */
export function createRelief(options: {
  pool: WorkerPool;
  limit: number;
  everyMs: number;
  places: () => readonly Relievable[];
}): { close(): void } {
  const { pool, limit, everyMs, places } = options;
  let relieved: ReadonlySet<WorkerSlot> = new Set();

  async function look(): Promise<void> {
    const plan = planRelief(pool.live, limit, relieved);
    relieved = new Set(plan.keys());
    for (const [slot, streams] of plan) {
      let people = MOST_PEOPLE;
      for (const place of places()) {
        if (people <= 0) break;
        people -= await place.relieve(slot, streams, people);
      }
    }
  }

  let isLooking = false;
  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    look()
      .catch(() => {})
      .finally(() => {
        isLooking = false;
      });
  }, everyMs);
  timer.unref();
  return { close: () => clearInterval(timer) };
}
