/** What the clock does for everybody: the audit chain, and taking out what nobody needs any more. */
import { and, lt, or } from "drizzle-orm";
import { extendChain } from "../audit/service.ts";
import { idempotencyKey } from "../idempotency/schema.ts";
import { authChallenge, phoneCode, session } from "../identity/schema.ts";
import { outboxEvent } from "../outbox/schema.ts";
import type { ScheduledTask, TaskList } from "./task.ts";

const dayMs = 24 * 60 * 60_000;
/** How long a repeated write gets its first answer, and how long an event can still be read. */
export const keptDays = 7;
/** Ended sessions stay for a day, so that a late request is told why. */
export const endedSessionDays = 1;
const chainBatch = 5_000;

export const maintenanceTasks: TaskList = {
  "audit:chain": async (_, { asJob }) => {
    // A full batch means that more waits; each batch is a transaction of its own.
    while ((await asJob((tx) => extendChain(tx, chainBatch))) === chainBatch);
  },
  "idempotency:clean": async (_, { asJob, clock }) => {
    const before = new Date(clock().getTime() - keptDays * dayMs);
    await asJob((tx) => tx.delete(idempotencyKey).where(lt(idempotencyKey.createdAt, before)));
  },
  "outbox:clean": async (_, { asJob, clock }) => {
    const before = new Date(clock().getTime() - keptDays * dayMs);
    await asJob((tx) => tx.delete(outboxEvent).where(lt(outboxEvent.createdAt, before)));
  },
  "identity:clean": async (_, { asJob, clock }) => {
    const now = clock();
    const ended = new Date(now.getTime() - endedSessionDays * dayMs);
    await asJob(async (tx) => {
      await tx
        .delete(session)
        .where(or(lt(session.expiresAt, ended), lt(session.revokedAt, ended)));
      await tx.delete(authChallenge).where(lt(authChallenge.expiresAt, now));
      await tx
        .delete(phoneCode)
        .where(and(lt(phoneCode.expiresAt, now), lt(phoneCode.sentAt, ended)));
    });
  },
};

export const maintenanceSchedule: readonly ScheduledTask[] = [
  { task: "audit:chain", cron: "* * * * *" },
  { task: "idempotency:clean", cron: "7 * * * *" },
  { task: "outbox:clean", cron: "17 * * * *" },
  { task: "identity:clean", cron: "27 * * * *" },
];
