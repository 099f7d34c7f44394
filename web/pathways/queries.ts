import { useQuery, useQueryClient } from "@tanstack/react-query";
import type {
  PlanList,
  PlanSummary,
  PlanTest,
  PlanView,
} from "../../server/referral/plan-contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";

export type { PlanList, PlanSummary, PlanTest, PlanView };
export type PlanContent = PlanView["content"];
export type Way = PlanContent["ways"][number];
export type Words = Way["names"];
export type Alliance = PlanList["alliances"][number];

const key = ["pathway-plan"];
export const usePlans = () =>
  useQuery({
    queryKey: key,
    queryFn: ({ signal }) => api.get<PlanList>("/api/pathway-plans", signal),
  });
export const usePlan = (id: string | null) =>
  useQuery({
    queryKey: [...key, id],
    enabled: id !== null,
    queryFn: ({ signal }) => api.get<PlanView>(`/api/pathway-plans/${id}`, signal),
  });
export const useTry = () =>
  useWrite((body: { allianceId: string; content: PlanContent }, once) =>
    api.post<PlanTest>("/api/pathway-plans/test", body, once),
  );
type Draft = { validFrom: string; note: string; content: PlanContent };
export function useSavePlan(onDone: () => void) {
  const client = useQueryClient();
  return useWrite(
    ({ id, allianceId, ...body }: Draft & { id: string | null; allianceId: string }, once) =>
      id
        ? api.put<PlanView>(`/api/pathway-plans/${id}`, body, once)
        : api.post<PlanView>("/api/pathway-plans", { allianceId, ...body }, once),
    {
      onDone: () => {
        void client.invalidateQueries({ queryKey: key });
        onDone();
      },
    },
  );
}
export function usePublishPlan(onDone: () => void) {
  const client = useQueryClient();
  return useWrite(
    (id: string, once) => api.post<PlanView>(`/api/pathway-plans/${id}/publish`, {}, once),
    {
      onDone: () => {
        void client.invalidateQueries({ queryKey: key });
        onDone();
      },
    },
  );
}
