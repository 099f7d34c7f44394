import { sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { announce } from "../outbox/service.ts";
import { calledAhead, longestGapSeconds, type Move, plannedWeight, rebalance } from "./domain.ts";
import * as repository from "./repository.ts";
import { wakeMoved } from "./tell.ts";

/** Opens a transaction of its own: rows are held as shortly as can be. */
export type Transact = <Result>(work: (tx: Tx) => Promise<Result>) => Promise<Result>;

export type Balanced = {
  /** Sent from one table to another. */
  moved: number;
  /** Sent from the hall, or from a table that closed. */
  admitted: number;
  called: number;
  /** False: over, nothing more to do. */
  goesOn: boolean;
};

/**
 * One turn of spreading people: measure the tables, send those without one to one, move the ends of long
 * queues, call the heads. Every step looks at the rows as they are, waits for nobody and may be repeated;
 * newcomers and samplers work on meanwhile.
 */
export async function balance(transact: Transact, surgeId: string, now: Date): Promise<Balanced> {
  const at = now.toISOString();
  await transact((tx) =>
    tx.execute(
      sql`select app.surge_measure(${surgeId}, ${longestGapSeconds}, ${plannedWeight}, ${at})`,
    ),
  );
  await transact((tx) => tx.execute(sql`select app.surge_recount(${surgeId})`));
  const moves = await transact((tx) => planMoves(tx, surgeId));
  const done =
    moves.length > 0
      ? await transact(async (tx) => {
          const rows = await repository.applyMoves(tx, moves, now);
          if (rows.some((one) => one.from !== null)) await wakeMoved(tx, surgeId, now);
          return rows;
        })
      : [];
  return transact(async (tx) => {
    const called = await repository.callNext(tx, surgeId, calledAhead, now);
    await tx.execute(sql`select app.surge_run_out(${surgeId}, ${at})`);
    const [row] = await repository.findSurges(tx, sql`u.id = ${surgeId}`);
    const moved = done.filter((one) => one.from !== null);
    if (row)
      await announce(
        tx,
        { topic: "surge", id: surgeId, version: row.version },
        {
          institutionIds: [row.institutionId],
          patientIds: [...new Set([...done, ...called].map((one) => one.patientId))],
        },
      );
    return {
      moved: moved.length,
      admitted: done.length - moved.length,
      called: called.length,
      goesOn: row?.state === "open" || row?.state === "closing",
    };
  });
}

async function planMoves(tx: Tx, surgeId: string): Promise<Move[]> {
  const stations = await repository.findStations(tx, surgeId);
  const waiting = await repository.findWaiting(tx, surgeId);
  const sites = [...new Set(stations.map((one) => one.siteId))];
  return sites.flatMap((siteId) =>
    rebalance(
      stations.filter((one) => one.siteId === siteId),
      waiting.filter((one) => one.siteId === siteId),
    ),
  );
}
