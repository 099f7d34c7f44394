import { setTimeout as delay } from "node:timers/promises";
import { sql } from "drizzle-orm";
import type { Database, Tx } from "../db/client.ts";
import type { Actor } from "../identity/domain.ts";
import type { TaskLog } from "../queue/task.ts";
import { type AlarmRow, markFired, postpone, takeDue } from "./repository.ts";

/** What is done when a clock fires, in the transaction that stamps it. It looks at the row it watches first. */
export type AlarmHandler = (
  alarm: AlarmRow,
  work: { tx: Tx; now: Date; actor: Actor },
) => Promise<void>;
export type AlarmHandlers = Readonly<Record<string, AlarmHandler>>;

export type Alarms = {
  /** Fires everything that is due now; for tests and after the clock was moved. */
  fireDue: () => Promise<number>;
  /** Ends after the batch that runs; repeatable. */
  close: () => Promise<void>;
};

/** People feel seconds: the table is looked at this often, by one indexed question. */
const lookEveryMs = 250;
/** A rush is worked off in batches, each a transaction of its own: small, for what a batch did is told at its end. */
const batch = 25;
/**
 * As after a standstill: so many batches more at once, for each waits for the database most of its time. One begins
 * with the newest: what falls due now is in time, while the others work off what was missed.
 */
const lanesMore = ["oldest", "newest"] as const;
type First = (typeof lanesMore)[number];
/** What went wrong is tried again, later each time. */
const retryMs = [5_000, 30_000, 120_000, 600_000];

/**
 * Watch the clocks. Any number of processes may: each due clock is taken by one and stamped in the
 * transaction of what it did, so that one that dies half-way leaves it for the others.
 */
export function startAlarms(options: {
  db: Database;
  clock: () => Date;
  handlers: AlarmHandlers;
  /**
   * Kinds that write to nothing but what they watch. In a rush several batches of them run at once; of any other two
   * batches could each wait for a bed or a number that the other has locked.
   */
  apart?: readonly string[];
  log: TaskLog;
}): Alarms {
  const { db, clock, handlers, apart = [], log } = options;
  const kinds = Object.keys(handlers);
  const actor: Actor = { kind: "job", task: "alarms", language: "zh-CN" };
  const stop = new AbortController();

  const fireBatch = (of: readonly string[], first: First) =>
    db.withActor(actor, async (tx) => {
      const now = clock();
      const due = await takeDue(tx, of, now, batch, first);
      // Stamped first: a handler that sets the same clock again has the last word.
      await markFired(
        tx,
        due.map((one) => one.id),
        now,
      );
      for (const one of due) {
        // One that cannot be acted on keeps nobody else waiting.
        await tx.execute(sql`savepoint one_alarm`);
        try {
          await handlers[one.kind]!(one, { tx, now, actor });
          await tx.execute(sql`release savepoint one_alarm`);
        } catch (error) {
          await tx.execute(sql`rollback to savepoint one_alarm`);
          const wait = retryMs[Math.min(one.attempts, retryMs.length - 1)]!;
          await postpone(tx, one.id, new Date(now.getTime() + wait));
          log.error(
            { err: error, kind: one.kind, alarmId: one.id },
            "a clock could not be acted on",
          );
        }
      }
      return due.length;
    });

  const fireDue = async () => {
    let total = 0;
    for (let isRush = false; ; isRush = apart.length > 0) {
      const fired = await Promise.allSettled([
        fireBatch(kinds, "oldest"),
        ...(isRush ? lanesMore.map((first) => fireBatch(apart, first)) : []),
      ]);
      // Every lane has ended before anybody hears of a fault: none goes on behind.
      for (const one of fired) if (one.status === "rejected") throw one.reason;
      const done = fired.map((one) => (one.status === "fulfilled" ? one.value : 0));
      total += done.reduce((sum, one) => sum + one, 0);
      if (stop.signal.aborted || done.every((one) => one < batch)) return total;
    }
  };

  const watch = async () => {
    while (!stop.signal.aborted) {
      await fireDue().catch((error: unknown) =>
        log.warn({ err: error }, "the clocks wait for the database"),
      );
      await delay(lookEveryMs, null, { ref: false, signal: stop.signal }).catch(() => {});
    }
  };
  const watching = watch();
  return {
    fireDue,
    close: async () => {
      stop.abort();
      await watching;
    },
  };
}
