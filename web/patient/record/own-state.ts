/** What the phone knows of one's own record, event by event. Pure. */
import type { OwnEvent, OwnRecord } from "../../../server/records/own-contract.ts";

type Item = OwnRecord["items"][number];
export type OwnSource = Omit<OwnRecord["sources"][number], "state"> & {
  /** Null: it has not answered yet. */
  readonly state: OwnRecord["sources"][number]["state"] | null;
};
export type OwnState = {
  readonly isOpen: boolean;
  readonly isWhole: boolean;
  readonly sources: readonly OwnSource[];
  readonly items: ReadonlyMap<string, Item>;
  /** What an earlier reading told: shown until this one is whole. */
  readonly earlier: ReadonlyMap<string, Item>;
};
export const emptyOwn: OwnState = {
  isOpen: false,
  isWhole: false,
  sources: [],
  items: new Map(),
  earlier: new Map(),
};

export function withOwnEvent(state: OwnState, event: OwnEvent): OwnState {
  switch (event.type) {
    case "start":
      return {
        isOpen: true,
        isWhole: false,
        sources: event.sources.map((one) => ({ ...one, state: null })),
        items: new Map(),
        earlier: new Map([...state.earlier, ...state.items]),
      };
    case "items":
      return {
        ...state,
        items: new Map([
          ...state.items,
          ...event.items.map((one): [string, Item] => [one.key, one]),
        ]),
      };
    case "source":
      return {
        ...state,
        sources: state.sources.map((one) =>
          one.code === event.source ? { ...one, state: event.state } : one,
        ),
      };
    case "end":
      return { ...state, isWhole: true, earlier: new Map() };
  }
}

/** The newest first, whatever came first. */
export const itemsOf = ({ items, earlier }: OwnState): readonly Item[] =>
  [...new Map([...earlier, ...items]).values()].sort((a, b) =>
    (b.date ?? "").localeCompare(a.date ?? ""),
  );
