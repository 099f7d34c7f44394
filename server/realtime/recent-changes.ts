import type { Changed } from "./contract.ts";

/**
 * Changes of the last minutes. A page reads first and connects afterwards; what happened in between
 * is told to it when it connects. Told twice does no harm: a page only reads again. Pure.
 */
export type RecentChanges = {
  add: (rooms: readonly string[], change: Changed, atMs: number) => void;
  /** Changes that concern any of these rooms, oldest first, each once. */
  of: (rooms: readonly string[], nowMs: number) => Changed[];
};

/**
 * @param keepMs longer than a page needs from its first answer to its socket, on a thin line
 * @param most the oldest are forgotten beyond this number
 */
export function createRecentChanges(keepMs = 120_000, most = 2_000): RecentChanges {
  const kept: { rooms: readonly string[]; change: Changed; atMs: number }[] = [];
  const forget = (nowMs: number) => {
    while (kept.length > most || (kept[0] && kept[0].atMs < nowMs - keepMs)) kept.shift();
  };
  return {
    add: (rooms, change, atMs) => {
      kept.push({ rooms, change, atMs });
      forget(atMs);
    },
    of: (rooms, nowMs) => {
      forget(nowMs);
      const wanted = new Set(rooms);
      const found = new Map<string, Changed>();
      for (const one of kept) {
        if (one.rooms.some((room) => wanted.has(room))) {
          found.set(`${one.change.topic} ${one.change.id}`, one.change);
        }
      }
      return [...found.values()];
    },
  };
}
