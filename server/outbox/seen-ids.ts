/**
 * Which events were handled. Ids are taken when a row is written but rows appear when they commit,
 * so a smaller id may turn up after a larger one: after a break the last `windowSize` ids are looked
 * at again, and the handled ones among them are remembered. Pure.
 */
export type SeenIds = {
  /** Read again from above this id. */
  readonly from: number;
  has: (id: number) => boolean;
  add: (id: number) => void;
};

/** @param newest id up to which nothing is to be read, as of the start */
export function createSeenIds(newest: number, windowSize = 1000): SeenIds {
  let highest = newest;
  const handled = new Set<number>();
  const floor = () => Math.max(0, highest - windowSize);
  return {
    get from() {
      return floor();
    },
    has: (id) => handled.has(id),
    add: (id) => {
      handled.add(id);
      if (id <= highest) return;
      highest = id;
      if (handled.size > windowSize * 2) {
        for (const old of handled) if (old <= floor()) handled.delete(old);
      }
    },
  };
}
