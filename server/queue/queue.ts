import { randomUUID } from "node:crypto";
import { EventEmitter } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import {
  Logger,
  parseCronItems,
  type Runner,
  run,
  type WorkerEvents,
  type TaskList as WorkerTasks,
} from "graphile-worker";
import { Pool } from "pg";
import type { Database } from "../db/client.ts";
import type { Actor } from "../identity/domain.ts";
import { prepareHeartbeat, startHeartbeat } from "./heartbeat.ts";
import { withoutValues } from "./safe-error.ts";
import type { ScheduledTask, Task, TaskList, TaskLog } from "./task.ts";

export type Queue = {
  /** Finishes the jobs that run (a job that takes too long is given back), then ends; repeatable. */
  close: () => Promise<void>;
};

export type QueueOptions = {
  /** Connection of the role that owns the queue. */
  jobsUrl: string;
  db: Database;
  clock: () => Date;
  tasks: TaskList;
  schedule?: readonly ScheduledTask[];
  log: TaskLog;
  /** Jobs at once in this process. */
  concurrency?: number;
  beatMs?: number;
  deadAfterMs?: number;
};

/** The queue is told of new jobs at once; this is how soon it sees one whose time has come. */
const pollIntervalMs = 400;
const restartDelayMs = 1_000;
const closeLimitMs = 10_000;
const hourMs = 60 * 60_000;

/**
 * Run jobs: those that a request left behind ({@link enqueue}) and those of the clock. Any number of
 * processes may; each job is taken by one. Survives a restart of the database.
 * @throws the database's error when it cannot be reached at the start
 */
export async function startQueue(options: QueueOptions): Promise<Queue> {
  const { jobsUrl, tasks, schedule = [], log, concurrency = 4, beatMs = 5_000 } = options;
  const { deadAfterMs = 30_000 } = options;
  const pool = new Pool({ connectionString: jobsUrl, max: concurrency + 4 });
  // Without handlers a connection that breaks would end the process.
  const onBroken = (error: Error) => log.warn({ err: error }, "a connection of the queue broke");
  pool.on("error", onBroken);
  pool.on("connect", (client) => client.on("error", onBroken));
  const runnerId = randomUUID();
  // Jobs are locked under the id of the pool of workers, not of one worker; a restart makes a new one.
  const poolIds = new Set<string>();
  const events: WorkerEvents = new EventEmitter();
  const activeJobs = new Set<string>();
  events.on("pool:create", ({ workerPool }) => poolIds.add(workerPool.id));
  events.on("job:start", ({ job }) => activeJobs.add(job.id));
  events.on("job:complete", ({ job }) => activeJobs.delete(job.id));

  const start = () =>
    run({
      pgPool: pool,
      schema: "graphile_worker",
      taskList: workerTasks(options),
      parsedCronItems: parseCronItems(
        schedule.map(({ task, cron, catchUpHours = 0 }) => ({
          task,
          match: cron,
          identifier: task,
          // One of each waits, however long nobody worked.
          options: { jobKey: task, maxAttempts: 3, backfillPeriod: catchUpHours * hourMs },
        })),
      ),
      concurrency,
      pollInterval: pollIntervalMs,
      noHandleSignals: true,
      // Without batches, a lost line while a job is signed off ends the process: nobody catches it.
      preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
      events,
      logger: quietLogger(log),
    });

  for (const { task } of schedule) {
    if (!tasks[task]) throw new Error(`No task is registered as "${task}"`);
  }
  let closed = false;
  let runner: Runner;
  try {
    await prepareHeartbeat(pool);
    runner = await start();
  } catch (error) {
    await pool.end();
    throw error;
  }
  const heartbeat = startHeartbeat({
    pool,
    runnerId,
    workerIds: () => [...poolIds],
    activeJobIds: () => [...activeJobs],
    log,
    beatMs,
    deadAfterMs,
  });

  const supervise = async () => {
    for (;;) {
      await runner.promise.catch((error: unknown) =>
        log.error({ err: error }, "the queue stopped"),
      );
      while (!closed) {
        await delay(restartDelayMs, null, { ref: false });
        if (closed) return;
        try {
          runner = await start();
          break;
        } catch (error) {
          log.warn({ err: error }, "the queue is waiting for the database");
        }
      }
      if (closed) return;
    }
  };
  const supervised = supervise();

  return {
    close: async () => {
      if (closed) return;
      closed = true;
      // With the database away the library would try for long; its jobs are freed by the others then.
      const stopped = Promise.all([runner.stop().catch(() => {}), supervised]);
      await Promise.race([stopped, delay(closeLimitMs, null, { ref: false })]);
      await heartbeat.close();
      await pool.end();
    },
  };
}

function workerTasks({ db, clock, tasks, log }: QueueOptions): WorkerTasks {
  const wrap = (name: string, task: Task) => async (payload: unknown) => {
    const actor: Actor = { kind: "job", task: name, language: "zh-CN" };
    try {
      await task(payload, { db, clock, log, asJob: (work) => db.withActor(actor, work) });
    } catch (error) {
      // The message is kept with the job, where no row policy guards it.
      throw withoutValues(error);
    }
  };
  return Object.fromEntries(Object.entries(tasks).map(([name, task]) => [name, wrap(name, task)]));
}

/** Only what someone has to look at; the library's own account of every job is left out. */
function quietLogger(log: TaskLog): Logger {
  return new Logger(() => (level, message, meta) => {
    if (level === "error") log.error({ err: meta?.error }, message);
    else if (level === "warning") log.warn(message);
  });
}
