/**
 * Tells this replica's pages what happens in the broadcasts they watch. The database says that something
 * was written (NOTIFY); what, is read here, several entries at a time, and sent as one batch. Pointers
 * travel in the notice itself and are never kept.
 */
import { z } from "zod";
import type { EntryBatch, Pointer } from "../../timeline/entries.ts";
import type { Database } from "../db/client.ts";
import type { Actor } from "../identity/domain.ts";
import { findAfter, findPositions, type KeptEntry, type Position } from "./timeline-repository.ts";

const channel = "yilian_teaching";
const actor: Actor = { kind: "system", reason: "timeline", language: "zh-CN" };
/** Entries wait so long for others to go with them. */
const flushMs = 150;
/** In a flood fewer and larger batches: hundreds of pages are told by one process. */
const floodFlushMs = 400;
/** As many are read at once; the rest goes with the next batch. */
const batchMost = 1_000;
/** Missed notices are looked for so often. */
const sweepMs = 5_000;
/** Nobody reads faster; pages get the newest and the number of the others. */
export const chatPerSecond = 10;

const pointer = z.object({
  sessionId: z.uuid(),
  personId: z.uuid(),
  name: z.string(),
  surface: z.string(),
  at: z.tuple([z.number(), z.number()]).nullable(),
});

export type TimelineListeners = {
  entries: (toAll: EntryBatch, toStage: EntryBatch) => void;
  pointer: (pointer: Pointer) => void;
  /** Broadcasts that somebody here watches. */
  watched: () => readonly string[];
};

export type TimelineRelay = {
  /** From now on entries of this broadcast are told. @returns up to where it is known */
  open: (sessionId: string) => Promise<Position>;
  point: (pointer: Pointer) => void;
  start: (listeners: TimelineListeners) => Promise<void>;
  close: () => Promise<void>;
};

type Known = Position & { chats: number; chatsAt: number };

export function createTimelineRelay(options: {
  db: Database;
  onError: (error: unknown) => void;
}): TimelineRelay {
  const { db, onError } = options;
  const known = new Map<string, Known>();
  const dirty = new Set<string>();
  let listeners: TimelineListeners | null = null;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | null = null;
  let listening: { unlisten: () => Promise<void> } | null = null;
  let sweepTimer: NodeJS.Timeout | undefined;
  let closed = false;
  let flooded = false;

  const fresh = (position: Position): Known => ({
    ...position,
    chats: chatPerSecond,
    chatsAt: performance.now(),
  });

  const flush = async () => {
    const ids = [...dirty].filter((id) => known.has(id));
    dirty.clear();
    if (ids.length === 0 || !listeners) return;
    const told = await db.withActor(actor, async (tx) => {
      const positions = await findPositions(tx, ids);
      const list: { id: string; run: number; kept: KeptEntry[] }[] = [];
      for (const id of ids) {
        const now = positions.get(id);
        const before = known.get(id);
        if (!now || !before) continue;
        // A rehearsal is over: pages of its timeline are told the new one and read again.
        if (now.run !== before.run) Object.assign(before, { run: now.run, seq: 0 });
        else if (now.seq <= before.seq) continue;
        list.push({ id, run: now.run, kept: await findAfter(tx, id, before.seq, batchMost) });
      }
      return list;
    });
    flooded = false;
    for (const { id, run, kept } of told) {
      const before = known.get(id);
      if (!before) continue;
      const after = before.seq;
      const through = kept.at(-1)?.entry.seq ?? after;
      const read = withinReading(kept, before, performance.now());
      const batch = { sessionId: id, run, after, through, skippedChats: kept.length - read.length };
      before.seq = through;
      if (batch.skippedChats > 0) flooded = true;
      listeners.entries(
        {
          ...batch,
          entries: read.filter((one) => !one.stageOnly).map((one) => one.entry),
        },
        { ...batch, entries: read.map((one) => one.entry) },
      );
      if (kept.length === batchMost) dirty.add(id);
    }
  };

  const plan = () => {
    if (timer || running || closed) return;
    timer = setTimeout(
      () => {
        timer = undefined;
        running = flush()
          .catch(onError)
          .finally(() => {
            running = null;
            if (dirty.size > 0) plan();
          });
      },
      flooded ? floodFlushMs : flushMs,
    );
    timer.unref();
  };

  const sweep = () => {
    if (!listeners) return;
    const watched = new Set(listeners.watched());
    for (const id of known.keys())
      if (watched.has(id)) dirty.add(id);
      else known.delete(id);
    if (dirty.size > 0) plan();
  };

  const hear = (payload: string) => {
    const [kind, ...rest] = payload.split(":");
    const text = rest.join(":");
    if (kind === "e" && known.has(text)) {
      dirty.add(text);
      plan();
    }
    if (kind !== "p") return;
    const parsed = pointer.safeParse(JSON.parse(text));
    if (parsed.success) listeners?.pointer(parsed.data);
  };

  return {
    open: async (sessionId) => {
      const here = known.get(sessionId);
      if (here) return { run: here.run, seq: here.seq };
      const positions = await db.withActor(actor, (tx) => findPositions(tx, [sessionId]));
      const position = positions.get(sessionId) ?? { run: 1, seq: 0 };
      if (!known.has(sessionId)) known.set(sessionId, fresh(position));
      return position;
    },
    point: (position) => {
      db.plain`select pg_notify(${channel}, ${`p:${JSON.stringify(position)}`})`.catch(onError);
    },
    start: async (given) => {
      listeners = given;
      listening = await db.plain.listen(channel, hear, sweep);
      sweepTimer = setInterval(sweep, sweepMs);
      sweepTimer.unref();
    },
    close: async () => {
      if (closed) return;
      closed = true;
      clearTimeout(timer);
      clearInterval(sweepTimer);
      await Promise.race([
        listening?.unlisten().catch(() => {}),
        new Promise((resolve) => setTimeout(resolve, 1_000).unref()),
      ]);
      await running;
    },
  };
}

/** Without the lines of chat that nobody could read: a few a second, the newest. */
function withinReading(kept: readonly KeptEntry[], known: Known, nowMs: number): KeptEntry[] {
  const refilled = known.chats + ((nowMs - known.chatsAt) / 1_000) * chatPerSecond;
  known.chats = Math.min(chatPerSecond, refilled);
  known.chatsAt = nowMs;
  const chats = kept.filter(({ entry }) => entry.kind === "chat").length;
  let tooMany = Math.max(0, chats - Math.floor(known.chats));
  known.chats -= chats - tooMany;
  return kept.filter(({ entry }) => {
    if (entry.kind !== "chat" || tooMany === 0) return true;
    tooMany -= 1;
    return false;
  });
}
