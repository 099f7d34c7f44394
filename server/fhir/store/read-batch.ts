import { createTogether } from "../../db/together.ts";
import type { StoreDatabase, StoreRow } from "./database.ts";

export type AskedRead = {
  /** As callerParameter() gives it. */
  readonly caller: string;
  readonly type: string;
  readonly id: string;
  readonly version: number | null;
};

/** Each is judged and noted by itself; `fhir.read` sets who asks before it looks. */
const statement = `SELECT i.n, r.status, r.version, r.last_updated, r.content
  FROM jsonb_to_recordset($1::text::jsonb) AS i(n int, caller jsonb, type text, id text, version int),
    LATERAL fhir.read(i.caller, i.type, i.id, i.version) r`;
/** A statement of so many is still short, and two at a time keep the database busy. */
const mostItems = 24;
const mostRunning = 2;

/**
 * Reads that arrive while the database is busy go together in the next statement: what a read costs is
 * mostly its transaction, which writes a row of the trace. A quiet hour has statements of one.
 */
export function createReads(database: StoreDatabase): (asked: AskedRead) => Promise<StoreRow> {
  type Waiting = {
    asked: AskedRead;
    resolve: (row: StoreRow) => void;
    reject: (error: unknown) => void;
  };
  const run = async (batch: readonly Waiting[]): Promise<void> => {
    try {
      const items = batch.map(({ asked: { caller, ...rest } }, n) => {
        const named = JSON.stringify({ n, ...rest });
        return `${named.slice(0, -1)},"caller":${caller}}`;
      });
      const rows = await database.single(statement, [`[${items.join(",")}]`]);
      for (const row of rows) batch[row.n]!.resolve(row);
    } catch (error) {
      // What one of them broke is not the others' fault.
      if (batch.length > 1) for (const one of batch) await run([one]);
      else batch[0]!.reject(error);
    }
  };
  const push = createTogether<Waiting>({ most: mostItems, atOnce: mostRunning, run });
  return (asked) =>
    new Promise((resolve, reject) => {
      push({ asked, resolve, reject });
    });
}
