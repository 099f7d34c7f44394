import { useCallback, useEffect, useReducer, useRef, useState } from "react";
import type { RecordEvent } from "../../server/records/record-contract.ts";
import { type ApiError, asApiError } from "../api/client.ts";
import { emptyRecord, type RecordState, withEvent } from "./state.ts";
import { readRecord } from "./stream.ts";

/** A source that is down is asked again by itself so often, while somebody looks at the page. */
const againMs = 15_000;

export type RecordView = {
  readonly state: RecordState;
  readonly error: ApiError | null;
  readonly isReading: boolean;
  /** Codes of sources that are being asked again. */
  readonly asking: ReadonlySet<string>;
  readonly reload: () => void;
  readonly askAgain: (source: string) => void;
  readonly openInEmergency: (reason: string) => void;
};

/** A patient's record from all houses, as they answer. */
export function useRecord(patientId: string): RecordView {
  const [state, tell] = useReducer(
    (before: RecordState, { event, isAgain }: { event: RecordEvent; isAgain: boolean }) =>
      withEvent(before, event, isAgain),
    emptyRecord,
  );
  const [emergency, setEmergency] = useState<string | null>(null);
  const [turn, setTurn] = useState(0);
  const [error, setError] = useState<ApiError | null>(null);
  const [isReading, setReading] = useState(true);
  const [asking, setAsking] = useState<ReadonlySet<string>>(new Set());
  const ends = useRef(new AbortController());

  useEffect(() => {
    const controller = new AbortController();
    ends.current = controller;
    void turn;
    setReading(true);
    setError(null);
    readRecord(patientId, { emergency, signal: controller.signal }, (event) =>
      tell({ event, isAgain: false }),
    )
      .catch((cause: unknown) => {
        if (!controller.signal.aborted) setError(asApiError(cause));
      })
      .finally(() => {
        if (!controller.signal.aborted) setReading(false);
      });
    return () => controller.abort();
  }, [patientId, emergency, turn]);

  const askAgain = useCallback(
    (source: string) => {
      const { signal } = ends.current;
      setAsking((before) => new Set(before).add(source));
      readRecord(patientId, { source, emergency, signal }, (event) =>
        tell({ event, isAgain: true }),
      )
        .catch((cause: unknown) => {
          if (!signal.aborted) setError(asApiError(cause));
        })
        .finally(() => setAsking((before) => new Set([...before].filter((one) => one !== source))));
    },
    [patientId, emergency],
  );

  const down = state.sources
    // What its house has paused is not asked again by itself.
    .filter((one) => one.outcome?.state === "down" && one.outcome.fault !== "paused")
    .map((one) => one.code)
    .join(" ");
  useEffect(() => {
    if (down === "" || isReading) return;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible")
        for (const code of down.split(" ")) askAgain(code);
    }, againMs);
    return () => clearInterval(timer);
  }, [down, isReading, askAgain]);

  return {
    state,
    error,
    isReading,
    asking,
    reload: () => setTurn((before) => before + 1),
    askAgain,
    openInEmergency: setEmergency,
  };
}
