import { useQuery } from "@tanstack/react-query";
import type { CentreView, MessageList, QuietView } from "../../server/notices/centre-contract.ts";
import { api } from "../api/client.ts";

export type CentreFilter = {
  of: "mine" | "house";
  open: boolean;
  /** Kinds whose words hold what was typed; null: nothing was. */
  kinds: readonly string[] | null;
  typed: string;
};

/** Read again when something is told to the reader; what is told to others of the house, every half minute. */
export const useCentre = (filter: CentreFilter) =>
  useQuery({
    queryKey: ["notice", "centre", filter],
    queryFn: ({ signal }) => {
      const query = new URLSearchParams({ of: filter.of, unacknowledged: String(filter.open) });
      if (filter.kinds) {
        query.set("kinds", filter.kinds.join(","));
        query.set("number", filter.typed.trim());
      }
      return api.get<CentreView>(`/api/notices/centre?${query.toString()}`, signal);
    },
    refetchInterval: filter.of === "house" ? 30_000 : 60_000,
    placeholderData: (before) => before,
  });

export const quietKey = ["notice", "quiet"];
export const useQuiet = () =>
  useQuery({
    queryKey: quietKey,
    queryFn: ({ signal }) => api.get<QuietView>("/api/notices/quiet", signal),
  });

export const useMessages = (enabled: boolean) =>
  useQuery({
    queryKey: ["notice", "messages"],
    queryFn: ({ signal }) => api.get<MessageList>("/api/notices/messages", signal),
    enabled,
  });
