import { createTogether } from "../db/together.ts";

/** What a function of the database says of one item of a batch. */
export type BatchRow<Answer> = { place: number; problem: string | null; answer: Answer | null };

/** Enough that a flood needs few commits, few enough that nobody waits for a long one. */
const mostItems = 50;
const mostRunning = 2;

/**
 * Writes that arrive while the database is busy go together in the next statement, each judged by itself; a
 * quiet hour has batches of one.
 * @param order items of two batches are taken in this order, so that none waits crosswise
 */
export function createBatch<Item, Answer>(options: {
  order: (item: Item) => string;
  run: (items: readonly Item[]) => Promise<readonly BatchRow<Answer>[]>;
}): (item: Item) => Promise<BatchRow<Answer>> {
  type Waiting = {
    item: Item;
    resolve: (row: BatchRow<Answer>) => void;
    reject: (error: unknown) => void;
  };
  const run = async (batch: Waiting[]): Promise<void> => {
    // Of one sender the order stays as it was sent.
    const sorted = batch.toSorted((left, right) =>
      options.order(left.item).localeCompare(options.order(right.item)),
    );
    try {
      const rows = await options.run(sorted.map((one) => one.item));
      for (const row of rows) sorted[row.place]?.resolve(row);
    } catch (error) {
      // What one of them broke is not the others' fault.
      if (sorted.length > 1) for (const one of sorted) await run([one]);
      else for (const one of sorted) one.reject(error);
    }
  };
  const push = createTogether<Waiting>({ most: mostItems, atOnce: mostRunning, run });
  return (item) => new Promise((resolve, reject) => push({ item, resolve, reject }));
}
