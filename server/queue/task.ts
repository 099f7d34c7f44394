import type { FastifyBaseLogger } from "fastify";
import { z } from "zod";
import type { Database, Tx } from "../db/client.ts";

/** What a task is given; it opens its own transaction as the actor `job`. */
export type TaskContext = {
  db: Database;
  /** The one clock of business rules. */
  clock: () => Date;
  log: TaskLog;
  /** Run `work` in one transaction as this task. */
  asJob: <Result>(work: (tx: Tx) => Promise<Result>) => Promise<Result>;
};
export type TaskLog = Pick<FastifyBaseLogger, "info" | "warn" | "error">;

/**
 * Work that runs after the request that asked for it. It may run twice (a worker died, a database
 * went away in mid-work), so doing it again must change nothing. What it throws is tried again later.
 */
export type Task = (payload: unknown, context: TaskContext) => Promise<void>;

/** A capability registers its tasks by name, as `capability:verb`. */
export type TaskList = Readonly<Record<string, Task>>;

/**
 * When a task runs by the clock: `cron` has five fields, in UTC. A time that passed while no worker
 * ran is made up for once, at the start, when it lies at most `catchUpHours` back; never by default.
 */
export type ScheduledTask = { task: string; cron: string; catchUpHours?: number };

/** A task whose payload is parsed first; one that cannot be parsed is an error of ours and stays visible as a failed job. */
export function task<Payload>(
  schema: z.ZodType<Payload>,
  run: (payload: Payload, context: TaskContext) => Promise<void>,
): Task {
  return async (payload, context) => run(schema.parse(payload), context);
}

/** Payload of a task that runs by the clock. */
export const noPayload = z.unknown();
