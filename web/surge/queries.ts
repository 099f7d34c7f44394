import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { z } from "zod";
import type {
  joinAnswer,
  joinBody,
  leaveBody,
  MySurgePlaces,
  openSurges,
  SurgeBoard,
  sizingAnswer,
  sizingQuery,
  surgeBody,
  surgeList,
  surgeView,
  tableList,
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

export type OpenSurge = z.infer<typeof openSurges>["sites"][number];
export type Tables = z.infer<typeof tableList>;

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

/** Sites of tonight; mostly there are none. */
export const useOpenSurges = () =>
  useQuery({
    queryKey: ["my", "surge", "open"],
    queryFn: ({ signal }) => api.get<z.infer<typeof openSurges>>("/api/my/surges", signal),
    staleTime: askAgainMs,
  });

export function useJoinSurge() {
  const client = useQueryClient();
  return useWrite(
    (body: z.input<typeof joinBody>, key) =>
      api.post<z.infer<typeof joinAnswer>>("/api/my/surge", body, key),
    { onDone: () => client.invalidateQueries({ queryKey: ["my"] }) },
  );
}

/** Tables of tonight for a sampler's phone, which has no socket. */
export const useTables = (wanted: boolean) =>
  useQuery({
    queryKey: ["surge", "tables"],
    enabled: wanted,
    queryFn: ({ signal }) => api.get<Tables>("/api/surges/tables", signal),
    refetchInterval: askAgainMs,
  });

/** Take a table, or leave the own one; the answer is the new list. */
export function useTableStep(onDone: () => void) {
  const client = useQueryClient();
  return useWrite(
    (step: { take: string } | { leave: z.infer<typeof leaveBody> }, key) =>
      "take" in step
        ? api.post<Tables>(`/api/surges/tables/${step.take}`, {}, key)
        : api.post<Tables>("/api/surges/leave-table", step.leave, key),
    {
      onDone: (tables) => {
        client.setQueryData(["surge", "tables"], tables);
        onDone();
      },
    },
  );
}

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
