import { useCallback, useEffect, useReducer, useState } from "react";
import type { OwnEvent, OwnRecord } from "../../../server/records/own-contract.ts";
import { type ApiError, asApiError } from "../../api/client.ts";
import { readLines } from "../../api/lines.ts";

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
const empty: OwnState = {
  isOpen: false,
  isWhole: false,
  sources: [],
  items: new Map(),
  earlier: new Map(),
};

/** Pure. */
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

/** One's own record, as each hospital answers; read again by itself when the line comes back. */
export function useOwnRecord(patientId: string) {
  const [state, tell] = useReducer(withOwnEvent, empty);
  const [turn, setTurn] = useState(0);
  const [error, setError] = useState<ApiError | null>(null);
  const [isReading, setReading] = useState(true);
  const reload = useCallback(() => setTurn((before) => before + 1), []);

  useEffect(() => {
    void turn;
    const ends = new AbortController();
    const { signal } = ends;
    setReading(true);
    setError(null);
    readLines<OwnEvent>(`/api/my/record/people/${patientId}/stream`, { signal }, tell)
      .catch((cause: unknown) => {
        if (!signal.aborted) setError(asApiError(cause));
      })
      .finally(() => {
        if (!signal.aborted) setReading(false);
      });
    return () => ends.abort();
  }, [patientId, turn]);

  const isLine = error?.isLine ?? false;
  useEffect(() => {
    if (!isLine) return;
    addEventListener("online", reload);
    return () => removeEventListener("online", reload);
  }, [isLine, reload]);

  return { state, error, isReading, reload };
}

/** The newest first, whatever came first. */
export const itemsOf = ({ items, earlier }: OwnState): readonly Item[] =>
  [...new Map([...earlier, ...items]).values()].sort((a, b) =>
    (b.date ?? "").localeCompare(a.date ?? ""),
  );
