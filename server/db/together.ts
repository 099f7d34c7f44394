/**
 * Work that arrives while the database is busy goes together in the next turn: a rush needs few
 * transactions, and a quiet hour has turns of one.
 * @param options.most items of one turn; few enough that nobody waits for a long one
 * @param options.atOnce turns that run side by side
 * @param options.run settles each of its items and never rejects
 */
export function createTogether<Item>(options: {
  readonly most: number;
  readonly atOnce: number;
  readonly run: (items: Item[]) => Promise<void>;
}): (item: Item) => void {
  const queue: Item[] = [];
  let running = 0;
  const pump = () => {
    while (running < options.atOnce && queue.length > 0) {
      running += 1;
      void options.run(queue.splice(0, options.most)).finally(() => {
        running -= 1;
        pump();
      });
    }
  };
  return (item) => {
    queue.push(item);
    pump();
  };
}
