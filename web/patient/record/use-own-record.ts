import { useCallback, useEffect, useReducer, useState } from "react";
import type { OwnEvent } from "../../../server/records/own-contract.ts";
import { type ApiError, asApiError } from "../../api/client.ts";
import { readLines } from "../../api/lines.ts";
import { emptyOwn, withOwnEvent } from "./own-state.ts";

/** One's own record, as each hospital answers; read again by itself when the line comes back. */
export function useOwnRecord(patientId: string) {
  const [state, tell] = useReducer(withOwnEvent, emptyOwn);
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
