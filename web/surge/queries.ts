import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { z } from "zod";
import type {
  MySurgePlaces,
  SurgeBoard,
  sizingAnswer,
  sizingQuery,
  surgeBody,
  surgeList,
  surgeView,
} from "../../server/surge/contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";

export type Board = SurgeBoard;
export type Site = Board["sites"][number];
export type Station = Site["stations"][number];
export type Surge = z.infer<typeof surgeView>;
export type Surges = z.infer<typeof surgeList>;
export type SurgeForm = z.input<typeof surgeBody>;
export type Sizing = z.infer<typeof sizingAnswer>;

/** The socket tells of changes; without it the board is asked for so often. */
const askAgainMs = 15_000;

export const useSurges = () =>
  useQuery({
    queryKey: ["surge", "list"],
    queryFn: ({ signal }) => api.get<Surges>("/api/surges", signal),
  });

export const useBoard = (id: string) =>
  useQuery({
    queryKey: ["surge", id],
    queryFn: ({ signal }) => api.get<Board>(`/api/surges/${id}/board`, signal),
    refetchInterval: askAgainMs,
    refetchOnReconnect: "always",
  });

export const useSizing = (plan: z.input<typeof sizingQuery> | null) =>
  useQuery<Sizing>({
    queryKey: ["surge", "sizing", plan],
    enabled: plan !== null,
    placeholderData: (before) => before,
    queryFn: ({ signal }) =>
      api.get<Sizing>(
        `/api/surges/sizing?${new URLSearchParams(Object.entries(plan!).map(([name, value]) => [name, String(value)]))}`,
        signal,
      ),
  });

/** Where this phone's people go; asked for while somebody waits. */
export const useMyPlaces = () =>
  useQuery({
    queryKey: ["my", "surge"],
    queryFn: ({ signal }) => api.get<MySurgePlaces>("/api/my/surge", signal),
    refetchInterval: askAgainMs,
    refetchOnReconnect: "always",
  });

function useSurgeWrite<Variables, Answer>(
  write: (variables: Variables, key: string) => Promise<Answer>,
  onDone?: (answer: Answer) => void,
) {
  const client = useQueryClient();
  return useWrite(write, {
    onDone: async (answer) => {
      onDone?.(answer);
      await client.invalidateQueries({ queryKey: ["surge"] });
    },
  });
}

export const usePrepare = (onDone: (surge: Surge) => void) =>
  useSurgeWrite((body: SurgeForm, key) => api.post<Surge>("/api/surges", body, key), onDone);
export const useStep = () =>
  useSurgeWrite(({ id, step }: { id: string; step: "open" | "close" }, key) =>
    api.post<Surge>(`/api/surges/${id}/${step}`, {}, key),
  );
export const useStaff = () =>
  useSurgeWrite((id: string, key) =>
    api.post<{ seated: number }>(`/api/surges/${id}/staff`, { personIds: null }, key),
  );
