import { useEffect, useRef } from "react";

/** After this long without a key another code begins. */
const pauseMs = 2000;
const shortestCode = 4;

/** A handheld scanner is a keyboard that ends with Enter; it works wherever the focus is, if in no field. */
export function useHandScanner(onScan: (text: string) => void): void {
  const latest = useRef(onScan);
  latest.current = onScan;
  useEffect(() => {
    let typed = "";
    let last = 0;
    const press = (event: KeyboardEvent) => {
      const into = event.target as HTMLElement | null;
      if (into?.closest("input, textarea, select") || event.ctrlKey || event.metaKey) return;
      if (event.timeStamp - last > pauseMs) typed = "";
      last = event.timeStamp;
      if (event.key === "Enter") {
        if (typed.length >= shortestCode) {
          event.preventDefault();
          latest.current(typed);
        }
        typed = "";
      } else if (/^[\w:/-]$/u.test(event.key)) typed += event.key;
    };
    addEventListener("keydown", press, true);
    return () => removeEventListener("keydown", press, true);
  }, []);
}
