import { sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";

export type NewJob = {
  /** Name of a registered task. */
  task: string;
  /** Identifiers only: job rows are not encrypted and not under row policies. */
  payload: Readonly<Record<string, string | number | boolean | null>>;
  /** Not before this instant; at once when left out. */
  runAt?: Date;
  /** A waiting job of the same key is replaced, so that one thing waits once. */
  jobKey?: string;
};

/** Queue a job in the transaction of the change that needs it: both commit, or neither. */
export async function enqueue(tx: Tx, job: NewJob): Promise<void> {
  await tx.execute(
    sql`select jobs.enqueue(${job.task}, ${JSON.stringify(job.payload)}::json, ${job.runAt?.toISOString() ?? null}::timestamptz, ${job.jobKey ?? null})`,
  );
}
