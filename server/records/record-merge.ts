/** Items of several institutions as one record: the same thing is one item with all its sources. Pure. */
import type { RecordItem } from "./record-contract.ts";

export type RecordMerge = {
  /** @returns the items that are new or have one more source */
  add(items: readonly RecordItem[]): RecordItem[];
};

/** Which of two tellings of the same thing is shown: what still holds over what is past, then the newer. */
function preferred(one: RecordItem, other: RecordItem): RecordItem {
  if (one.isPast !== other.isPast) return one.isPast ? other : one;
  return (other.date ?? "") > (one.date ?? "") ? other : one;
}

export function createMerge(): RecordMerge {
  const known = new Map<string, RecordItem>();
  return {
    add: (items) => {
      const changed = new Map<string, RecordItem>();
      for (const item of items) {
        const before = known.get(item.key);
        const merged = before ? mergeTwo(before, item) : item;
        if (merged === before) continue;
        known.set(item.key, merged);
        changed.set(item.key, merged);
      }
      return [...changed.values()];
    },
  };
}

/** Provenance is kept: every source with its own reference and date. */
export function mergeTwo(before: RecordItem, item: RecordItem): RecordItem {
  const sources = [...before.sources];
  for (const source of item.sources)
    if (!sources.some((one) => one.code === source.code && one.reference === source.reference))
      sources.push(source);
  if (sources.length === before.sources.length) return before;
  return {
    ...preferred(before, item),
    // A warning of one house is not taken back by another's silence.
    isHigh: before.isHigh || item.isHigh,
    sources,
  };
}
