/** What the page knows of a record, event by event. Pure. */
import type {
  RecordEvent,
  RecordItem,
  RecordSection,
  SourceView,
} from "../../server/records/record-contract.ts";

type SourceEvent = Extract<RecordEvent, { type: "source" }>;
export type SourceLine = SourceView & {
  /** Null: it has not answered yet. */
  readonly outcome: SourceEvent | null;
};
export type RecordState = {
  readonly isOpen: boolean;
  readonly isUnjoined: boolean;
  readonly isEmergency: boolean;
  readonly sources: readonly SourceLine[];
  readonly items: ReadonlyMap<string, RecordItem>;
};
export const emptyRecord: RecordState = {
  isOpen: false,
  isUnjoined: false,
  isEmergency: false,
  sources: [],
  items: new Map(),
};

/** @param isAgain one source is asked again: what the others said stays */
export function withEvent(state: RecordState, event: RecordEvent, isAgain: boolean): RecordState {
  if (event.type === "start") {
    const fresh = event.sources.map((one) => ({ ...one, outcome: null }));
    return {
      ...(isAgain ? { ...state, items: withoutCopies(state, fresh) } : emptyRecord),
      isOpen: true,
      isUnjoined: event.isUnjoined,
      isEmergency: event.isEmergency,
      sources: isAgain
        ? state.sources.map((one) => fresh.find((two) => two.code === one.code) ?? one)
        : fresh,
    };
  }
  if (event.type === "source")
    return {
      ...state,
      sources: state.sources.map((one) =>
        one.code === event.source ? { ...one, outcome: event } : one,
      ),
    };
  if (event.type === "items") {
    const items = new Map(state.items);
    for (const item of event.items) items.set(item.key, joined(items.get(item.key), item));
    return { ...state, items };
  }
  return state;
}

/** What was shown from a copy is told anew when its source is asked again; what others said of it stays. */
function withoutCopies(state: RecordState, again: readonly SourceView[]): RecordState["items"] {
  const copied = state.sources
    .filter((one) => one.outcome?.copyAt && again.some((two) => two.code === one.code))
    .map((one) => one.code);
  if (copied.length === 0) return state.items;
  return new Map(
    [...state.items].filter(([, item]) => item.sources.some((one) => !copied.includes(one.code))),
  );
}

/** The server joins what came in one go; what is asked again alone is joined here. */
function joined(before: RecordItem | undefined, item: RecordItem): RecordItem {
  if (!before) return item;
  const others = before.sources.filter(
    (one) => !item.sources.some((two) => two.code === one.code && two.reference === one.reference),
  );
  return { ...item, isHigh: item.isHigh || before.isHigh, sources: [...item.sources, ...others] };
}

/** What still holds first, then the newest. */
export function sectionOf(state: RecordState, section: RecordSection): RecordItem[] {
  return [...state.items.values()]
    .filter((item) => item.section === section)
    .sort(
      (a, b) =>
        Number(b.isHigh) - Number(a.isHigh) ||
        Number(a.isPast) - Number(b.isPast) ||
        (b.date ?? "").localeCompare(a.date ?? ""),
    );
}

export type Series = {
  readonly key: string;
  readonly latest: RecordItem;
  /** Numbers by time, the oldest first; those without a number are not among them. */
  readonly points: readonly RecordItem[];
  /** Middle of the person's own earlier values; null with fewer than three. */
  readonly own: number | null;
};

/** Results as trends, critical ones first, then the most lately measured. */
export function seriesOf(state: RecordState): Series[] {
  const groups = new Map<string, RecordItem[]>();
  for (const item of state.items.values())
    if (item.section === "results" && item.result) {
      const list = groups.get(item.result.series) ?? [];
      list.push(item);
      groups.set(item.result.series, list);
    }
  return [...groups]
    .map(([key, list]) => {
      const byTime = list.sort((a, b) => (a.date ?? "").localeCompare(b.date ?? ""));
      const points = byTime.filter((one) => one.result?.value !== null);
      return { key, latest: byTime.at(-1)!, points, own: ownValue(points) };
    })
    .sort(
      (a, b) =>
        Number(b.latest.isHigh) - Number(a.latest.isHigh) ||
        (b.latest.date ?? "").localeCompare(a.latest.date ?? ""),
    );
}

function ownValue(points: readonly RecordItem[]): number | null {
  const earlier = points
    .slice(0, -1)
    .map((one) => one.result?.value ?? 0)
    .sort((a, b) => a - b);
  if (earlier.length < 3) return null;
  const middle = Math.floor(earlier.length / 2);
  const value =
    earlier.length % 2 === 1 ? earlier[middle]! : (earlier[middle - 1]! + earlier[middle]!) / 2;
  return Math.round(value * 10) / 10;
}
