import { setTimeout as delay } from "node:timers/promises";
import type { FastifyBaseLogger } from "fastify";
import type { Database } from "../db/client.ts";
import type { Actor } from "../identity/domain.ts";
import { findByIds, findIdsAfter, findNewestId, type OutboxEvent } from "./repository.ts";
import { createSeenIds } from "./seen-ids.ts";

export type OutboxListener = {
  /** Ends LISTEN and waits for the event that is being handled; repeatable. */
  close: () => Promise<void>;
};

export type OutboxListenerOptions = {
  db: Database;
  /** Called one event after the other; an error is logged and the next event follows. */
  onEvent: (event: OutboxEvent) => void | Promise<void>;
  log: Pick<FastifyBaseLogger, "warn" | "error">;
  /** How often missed events are looked for although nothing was heard. */
  sweepMs?: number;
};

const channel = "yilian_outbox";
const batchSize = 500;
const retryDelayMs = 500;
const actor: Actor = { kind: "system", reason: "outbox", language: "zh-CN" };

/**
 * Hear of every committed change from now on, also of those committed while the database's line was
 * down. At least once: after a break an event may come a second time.
 *
 * Each replica of the server listens for itself, so each tells its own sockets and no message bus
 * stands between them.
 * @throws the database's error when it cannot be reached at the start
 */
export async function startOutboxListener(options: OutboxListenerOptions): Promise<OutboxListener> {
  const { db, onEvent, log, sweepMs = 5_000 } = options;
  const announced = new Set<number>();
  let missed = false;
  let running: Promise<void> | null = null;
  let closed = false;
  let retryTimer: NodeJS.Timeout | undefined;
  // Whoever connects later reads what is there: history is not told again.
  const seen = createSeenIds(await db.withActor(actor, findNewestId));
  for (const id of await db.withActor(actor, (tx) => findIdsAfter(tx, seen.from, 10_000))) {
    seen.add(id);
  }

  const handle = async (ids: number[]) => {
    const fresh = ids.filter((id) => !seen.has(id));
    if (fresh.length === 0) return;
    for (const event of await db.withActor(actor, (tx) => findByIds(tx, fresh))) {
      if (closed) return;
      try {
        await onEvent(event);
      } catch (error) {
        log.error({ err: error, eventId: event.id }, "outbox event could not be handled");
      }
      seen.add(event.id);
    }
  };

  const catchUp = async () => {
    for (let from = seen.from; !closed; ) {
      const ids = await db.withActor(actor, (tx) => findIdsAfter(tx, from, batchSize));
      await handle(ids);
      const last = ids.at(-1);
      if (last === undefined || ids.length < batchSize) return;
      from = last;
    }
  };

  const work = async () => {
    while (!closed && (missed || announced.size > 0)) {
      if (missed) {
        missed = false;
        await catchUp();
      } else {
        const ids = [...announced].sort((left, right) => left - right).slice(0, batchSize);
        for (const id of ids) announced.delete(id);
        await handle(ids);
      }
    }
  };

  const wake = () => {
    if (closed || running) return;
    running = work().then(
      () => {
        running = null;
        if (missed || announced.size > 0) wake();
      },
      (error: unknown) => {
        running = null;
        // The database is away: whatever was announced is found again by reading what was missed.
        log.warn({ err: error }, "outbox is waiting for the database");
        missed = true;
        clearTimeout(retryTimer);
        if (!closed) retryTimer = setTimeout(wake, retryDelayMs);
      },
    );
  };
  const sweep = () => {
    missed = true;
    wake();
  };

  const listening = await db.plain.listen(
    channel,
    (payload) => {
      const id = Number(payload);
      if (!Number.isSafeInteger(id)) return;
      announced.add(id);
      wake();
    },
    // At the start and after every reconnection.
    sweep,
  );
  const sweepTimer = setInterval(sweep, sweepMs);
  sweepTimer.unref();

  return {
    close: async () => {
      if (closed) return;
      closed = true;
      clearInterval(sweepTimer);
      clearTimeout(retryTimer);
      // With the database away there is nobody to tell; closing the client ends the line.
      await Promise.race([listening.unlisten().catch(() => {}), delay(1000, null, { ref: false })]);
      await running;
    },
  };
}
