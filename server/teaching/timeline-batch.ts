import { createTogether } from "../db/together.ts";

/** What a function of the database says of one item of a batch. */
export type BatchRow<Answer> = { place: number; problem: string | null; answer: Answer | null };

/** Enough that a flood needs few commits, few enough that nobody waits for a long one. */
const mostItems = 100;

/**
 * Writes that arrive while the database is busy go together in the next statement, each judged by itself; a
 * quiet hour has batches of one. What belongs to one thing is written by one statement at a time: a second would
 * only wait for its lock, and what was sent first is written first.
 * @param of what an item belongs to
 */
export function createBatch<Item, Answer>(options: {
  of: (item: Item) => string;
  run: (items: readonly Item[]) => Promise<readonly BatchRow<Answer>[]>;
}): (item: Item) => Promise<BatchRow<Answer>> {
  type Waiting = {
    item: Item;
    resolve: (row: BatchRow<Answer>) => void;
    reject: (error: unknown) => void;
  };
  type Line = { push: (waiting: Waiting) => void; waiting: number };
  const lines = new Map<string, Line>();
  const run = async (batch: Waiting[]): Promise<void> => {
    try {
      const rows = await options.run(batch.map((one) => one.item));
      for (const row of rows) batch[row.place]?.resolve(row);
    } catch (error) {
      // What one of them broke is not the others' fault.
      if (batch.length > 1) for (const one of batch) await run([one]);
      else for (const one of batch) one.reject(error);
    }
  };
  const lineOf = (key: string): Line => {
    const line = lines.get(key) ?? {
      push: createTogether<Waiting>({ most: mostItems, atOnce: 1, run }),
      waiting: 0,
    };
    lines.set(key, line);
    return line;
  };
  return async (item) => {
    const key = options.of(item);
    const line = lineOf(key);
    line.waiting += 1;
    try {
      return await new Promise((resolve, reject) => line.push({ item, resolve, reject }));
    } finally {
      line.waiting -= 1;
      if (line.waiting === 0 && lines.get(key) === line) lines.delete(key);
    }
  };
}
