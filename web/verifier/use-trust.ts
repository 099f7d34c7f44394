import { useCallback, useEffect, useState } from "react";
import { keptTrust, refreshTrust, type Trust } from "./trust.ts";

const refreshEveryMilliseconds = 10 * 60_000;
/** Read within this time, the keys are the newest there are. */
const freshMilliseconds = 15 * 60_000;

/** What this verifier believes: what is kept at once, what is newest as soon as there is a line. */
export function useTrust() {
  const [trust, setTrust] = useState<Trust | null>(null);
  const [reading, setReading] = useState(true);
  const refresh = useCallback(async () => {
    setReading(true);
    const found = await refreshTrust(Date.now()).catch(() => null);
    if (found) setTrust(found);
    setReading(false);
  }, []);
  useEffect(() => {
    void keptTrust().then((kept) => {
      if (kept) setTrust((known) => known ?? kept);
      return refresh();
    });
    const again = () => void refresh();
    const timer = setInterval(again, refreshEveryMilliseconds);
    addEventListener("online", again);
    return () => {
      clearInterval(timer);
      removeEventListener("online", again);
    };
  }, [refresh]);
  const fresh = trust !== null && Date.now() - trust.readAt < freshMilliseconds;
  return { trust, reading, fresh, refresh };
}
