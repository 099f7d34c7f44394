/**
 * What the page costs the operator. Counted is the time in which the page waits for the operator and not
 * for an answer of the caller: finding the person, what, where, when, confirming, with the server's time.
 * The three questions and the consent are talk. A press is a key that does something, a field that is
 * filled in, or a click.
 */
import { useCallback, useEffect, useRef } from "react";

type Effort = { operatorMs: number; operatorActions: number };

export function useEffort(start: Effort, counting: boolean): () => Effort {
  const kept = useRef({
    ms: start.operatorMs,
    actions: start.operatorActions,
    since: 0,
    field: "",
  });
  useEffect(() => {
    const own = kept.current;
    own.ms = Math.max(own.ms, start.operatorMs);
    own.actions = Math.max(own.actions, start.operatorActions);
  }, [start.operatorMs, start.operatorActions]);
  useEffect(() => {
    const own = kept.current;
    if (!counting) return;
    own.since = performance.now();
    return () => {
      own.ms += performance.now() - own.since;
      own.since = 0;
    };
  }, [counting]);
  useEffect(() => {
    const own = kept.current;
    const key = (event: KeyboardEvent) => {
      if (event.repeat || ["Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
      const target = event.target as HTMLElement;
      const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
      if (!typing || event.key === "Enter" || event.key === "Tab") {
        own.actions += 1;
        own.field = "";
        return;
      }
      // A number that is typed is one thing to do, however many digits it has.
      const field = target.id || "field";
      if (own.field !== field) own.actions += 1;
      own.field = field;
    };
    const click = (event: PointerEvent) => {
      if (event.isTrusted) own.actions += 1;
    };
    addEventListener("keydown", key, true);
    addEventListener("pointerdown", click, true);
    return () => {
      removeEventListener("keydown", key, true);
      removeEventListener("pointerdown", click, true);
    };
  }, []);
  return useCallback(() => {
    const own = kept.current;
    const running = own.since > 0 ? performance.now() - own.since : 0;
    return {
      operatorMs: Math.round(own.ms + running),
      operatorActions: own.actions,
    };
  }, []);
}
