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
const lookEveryMs = 500;
/** A rush is worked off in batches, each a transaction of its own. */
const batch = 50;
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
  log: TaskLog;
}): Alarms {
  const { db, clock, handlers, log } = options;
  const kinds = Object.keys(handlers);
  const actor: Actor = { kind: "job", task: "alarms", language: "zh-CN" };
  const stop = new AbortController();

  const fireBatch = () =>
    db.withActor(actor, async (tx) => {
      const now = clock();
      const due = await takeDue(tx, kinds, now, batch);
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
    for (;;) {
      const done = await fireBatch();
      total += done;
      if (done < batch || stop.signal.aborted) return total;
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
