import { useQuery } from "@tanstack/react-query";
import type { CardAnswer, MyPaperCodes, MyResult, MyResults } from "../../server/cards/contract.ts";
import { api, asApiError } from "../api/client.ts";
import { localStore } from "../api/local-store.ts";
import type { Tone } from "../design/components/status.tsx";
import { check, clock, retry, warning } from "../design/icons.ts";
import { type Kept, useMine } from "../patient/my-consults.ts";

export type { MyResult };

/** My tests and those of the people whom this phone books for; without a line what it has kept. */
export const useMyResults = () => useMine<MyResults>("results");
export const useMyPaperCodes = () => useMine<MyPaperCodes>("paper-codes");

/** The signed card of a result. Once opened it is kept: it is needed where there is no line. */
export function useCard(result: MyResult | undefined) {
  const id = result?.id ?? "";
  return useQuery({
    queryKey: ["my", "card", id],
    enabled: result?.hasCard === true,
    retry: 0,
    refetchOnReconnect: "always",
    queryFn: async ({ signal }): Promise<Kept<CardAnswer>> => {
      const key = `my:card:${id}`;
      try {
        const answer = await api.get<CardAnswer>(`/api/my/results/${id}/card`, signal);
        void localStore.write(key, { ...answer, keptAt: new Date().toISOString() });
        return { ...answer, keptAt: null };
      } catch (cause) {
        const kept = asApiError(cause).isLine
          ? await localStore.read<Kept<CardAnswer>>(key)
          : undefined;
        if (!kept) throw cause;
        return kept;
      }
    },
  });
}

/** Whether a negative result is older than the policy's hours. */
export function isOver(result: MyResult, now: number): boolean {
  return result.validUntil !== null && Date.parse(result.validUntil) <= now;
}

export const looks: Record<MyResult["state"], { tone: Tone; icon: string }> = {
  negative: { tone: "good", icon: check },
  positive: { tone: "bad", icon: warning },
  waiting: { tone: "info", icon: clock },
  again: { tone: "warn", icon: retry },
};
