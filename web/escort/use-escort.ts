/**
 * What the crew pressed, kept on the phone until the server has it: steps and positions go out in order, each with the
 * time at which it was pressed. What the server refuses for good is dropped, and said.
 */
import { useCallback, useEffect, useRef, useState } from "react";
import type { EscortView } from "../../server/transfer/contract.ts";
import { ApiError, api } from "../api/client.ts";
import { localStore } from "../api/local-store.ts";

export type CrewAction = EscortView["actions"][number];
type Position = {
  at: string;
  latitude: number;
  longitude: number;
  accuracyMetres: number | null;
};
type Waiting =
  | { kind: "step"; key: string; action: CrewAction; at: string }
  | { kind: "position"; key: string; position: Position };
type Kept = { view: EscortView | null; waiting: Waiting[] };

const states: Record<CrewAction, EscortView["state"]> = {
  pickUp: "picked-up",
  depart: "in-transit",
  arrive: "arrived",
};
const next: Record<string, EscortView["actions"]> = {
  "picked-up": ["depart", "arrive"],
  "in-transit": ["arrive"],
  arrived: [],
};
const againMilliseconds = 5000;

/** The page as it will be once what waits has been told. */
function ahead(view: EscortView, waiting: readonly Waiting[]): EscortView {
  let seen = view;
  for (const one of waiting) {
    if (one.kind !== "step" || !seen.actions.includes(one.action)) continue;
    const state = states[one.action];
    seen = {
      ...seen,
      state,
      actions: next[state] ?? [],
      ...(one.action === "depart" ? { departedAt: one.at } : {}),
      ...(one.action === "arrive" ? { arrivedAt: one.at } : {}),
    };
  }
  return seen;
}

export function useEscort(token: string) {
  const place = `escort:${token}`;
  const [kept, setKept] = useState<Kept | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [online, setOnline] = useState(navigator.onLine);
  const now = useRef<Kept>({ view: null, waiting: [] });
  const busy = useRef(false);

  const keep = useCallback(
    (change: Partial<Kept>) => {
      now.current = { ...now.current, ...change };
      setKept(now.current);
      void localStore.write(place, now.current);
    },
    [place],
  );

  const tell = useCallback(
    (one: Waiting): Promise<EscortView> =>
      one.kind === "step"
        ? api.post("/api/escort/steps", { token, action: one.action, at: one.at }, one.key)
        : api.post("/api/escort/positions", { token, positions: [one.position] }, one.key),
    [token],
  );

  const send = useCallback(async () => {
    if (busy.current) return;
    busy.current = true;
    try {
      if (now.current.waiting.length === 0)
        keep({ view: await api.post<EscortView>("/api/escort/view", { token }) });
      for (let one = now.current.waiting[0]; one; one = now.current.waiting[0]) {
        const told = one;
        try {
          const view = await tell(told);
          keep({ view, waiting: now.current.waiting.filter(({ key }) => key !== told.key) });
        } catch (cause) {
          // Refused for good: it is not tried again, and what stands behind it is.
          const refused =
            cause instanceof ApiError &&
            cause.status >= 400 &&
            cause.status < 500 &&
            cause.status !== 429;
          if (!refused) throw cause;
          keep({ waiting: now.current.waiting.filter(({ key }) => key !== told.key) });
          if (cause.code === "transfer.link") {
            keep({ waiting: [] });
            throw cause;
          }
          setError(cause);
          return;
        }
      }
      setError(null);
      setOnline(true);
    } catch (cause) {
      if (cause instanceof ApiError && !cause.isLine) setError(cause);
      else setOnline(false);
    } finally {
      busy.current = false;
    }
  }, [keep, tell, token]);

  useEffect(() => {
    void localStore.read<Kept>(place).then((before) => {
      if (before) {
        now.current = before;
        setKept(before);
      }
      void send();
    });
    const timer = setInterval(() => void send(), againMilliseconds);
    const back = () => void send();
    const gone = () => setOnline(false);
    addEventListener("online", back);
    addEventListener("offline", gone);
    return () => {
      clearInterval(timer);
      removeEventListener("online", back);
      removeEventListener("offline", gone);
    };
  }, [place, send]);

  const put = (one: Waiting) => {
    keep({ waiting: [...now.current.waiting, one] });
    void send();
  };
  return {
    view: kept?.view ? ahead(kept.view, kept.waiting) : null,
    waiting: kept?.waiting.length ?? 0,
    error,
    online,
    press: (action: CrewAction) =>
      put({ kind: "step", key: crypto.randomUUID(), action, at: new Date().toISOString() }),
    share: (position: Position) => put({ kind: "position", key: crypto.randomUUID(), position }),
  };
}
