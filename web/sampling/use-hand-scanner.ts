import { useEffect, useRef } from "react";

/** Keys of a scanner come faster than any finger. */
const fastestFingerMs = 60;
const shortestCode = 4;

/** A handheld scanner is a keyboard that types fast and ends with Enter; it works wherever the focus is. */
export function useHandScanner(onScan: (text: string) => void): void {
  const latest = useRef(onScan);
  latest.current = onScan;
  useEffect(() => {
    let typed = "";
    let last = 0;
    const press = (event: KeyboardEvent) => {
      const into = event.target as HTMLElement | null;
      if (into?.closest("input, textarea, select")) return;
      const now = performance.now();
      if (now - last > fastestFingerMs) typed = "";
      last = now;
      if (event.key === "Enter") {
        if (typed.length >= shortestCode) {
          event.preventDefault();
          latest.current(typed);
        }
        typed = "";
      } else if (event.key.length === 1) typed += event.key;
    };
    addEventListener("keydown", press, true);
    return () => removeEventListener("keydown", press, true);
  }, []);
}
