/**
 * Frees the jobs of workers that died. The queue by itself would wait four hours; here every runner
 * writes a sign of life, and the others free what a silent one had taken. All times are the
 * database's own, so clocks of machines may differ.
 */
import type { Pool } from "pg";
import type { TaskLog } from "./task.ts";

export type Heartbeat = {
  /** Stops and takes the runner off the list; repeatable. */
  close: () => Promise<void>;
};

export type HeartbeatOptions = {
  pool: Pool;
  runnerId: string;
  /** Ids under which this runner locks jobs; they may change while it runs. */
  workerIds: () => string[];
  /** Jobs that run here right now. */
  activeJobIds: () => string[];
  log: TaskLog;
  beatMs: number;
  /** A runner that was silent for this long is dead; at least three beats. */
  deadAfterMs: number;
};

/** The sign-of-life table lies in the queue's own schema: no other role needs it. */
export async function prepareHeartbeat(pool: Pool): Promise<void> {
  const client = await pool.connect();
  try {
    // Two replicas may come up together; `if not exists` alone is not safe then.
    await client.query("select pg_advisory_lock(7105221)");
    await client.query(`create table if not exists jobs.runner (
      id text primary key, worker_ids text[] not null, beat_at timestamptz not null)`);
  } finally {
    await client.query("select pg_advisory_unlock(7105221)").catch(() => {});
    client.release();
  }
}

export function startHeartbeat(options: HeartbeatOptions): Heartbeat {
  const { pool, runnerId, workerIds, activeJobIds, log, beatMs, deadAfterMs } = options;
  let beating: Promise<void> | null = null;
  let closed = false;

  const beat = async () => {
    await pool.query(
      `insert into jobs.runner (id, worker_ids, beat_at) values ($1, $2, clock_timestamp())
       on conflict (id) do update set worker_ids = excluded.worker_ids, beat_at = excluded.beat_at`,
      [runnerId, workerIds()],
    );
    const { rows } = await pool.query<{ worker_ids: string[] }>(
      `delete from jobs.runner where beat_at < clock_timestamp() - make_interval(secs => $1) returning worker_ids`,
      [deadAfterMs / 1000],
    );
    // Also whoever is on no list at all: a runner that died before its first beat.
    const { rows: strays } = await pool.query<{ locked_by: string }>(
      `select distinct locked_by from graphile_worker._private_jobs
       where locked_by is not null and locked_at < clock_timestamp() - make_interval(secs => $1)
         and not exists (select 1 from jobs.runner r where locked_by = any (r.worker_ids))`,
      [deadAfterMs / 1000],
    );
    // And what this runner took but does not run: the answer was lost on a line that broke.
    await pool.query(
      `update graphile_worker._private_jobs set locked_at = null, locked_by = null
       where locked_by = any ($2) and not (id = any ($3::bigint[]))
         and locked_at < clock_timestamp() - make_interval(secs => $1)`,
      [deadAfterMs / 1000, workerIds(), activeJobIds()],
    );
    const dead = [...rows.flatMap((row) => row.worker_ids), ...strays.map((row) => row.locked_by)];
    if (dead.length === 0) return;
    await pool.query("select graphile_worker.force_unlock_workers($1)", [dead]);
    log.warn({ workers: dead.length }, "freed the jobs of workers that died");
  };
  const tick = () => {
    if (closed || beating) return;
    beating = beat()
      .catch((error: unknown) => log.warn({ err: error }, "the queue's sign of life failed"))
      .finally(() => {
        beating = null;
      });
  };
  tick();
  const timer = setInterval(tick, beatMs);
  timer.unref();
  return {
    close: async () => {
      if (closed) return;
      closed = true;
      clearInterval(timer);
      await beating;
      await pool.query("delete from jobs.runner where id = $1", [runnerId]).catch(() => {});
    },
  };
}
