import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { localStore } from "../api/local-store.ts";
import type { PatientView } from "../api/session.ts";

type Help = PatientView["help"];
const keptKey = "my:help";

/** Whom the call button dials. A telephone needs no network: without one the number kept before counts. */
export function useHelp(session: PatientView | null): Help {
  const kept = useQuery({
    queryKey: ["my", "help"],
    enabled: !session,
    queryFn: async () => (await localStore.read<Help>(keptKey)) ?? null,
  });
  useEffect(() => {
    if (session) void localStore.write(keptKey, session.help);
  }, [session]);
  return session ? session.help : (kept.data ?? null);
}
