import { useQuery, useQueryClient } from "@tanstack/react-query";
import type {
  ManageOverview,
  PolicyView,
  Preview,
  Range,
  ScheduleDetail,
} from "../../../server/booking/schedule-contract.ts";
import { api } from "../../api/client.ts";

export const schedulesKey = ["schedules"] as const;

export function useOverview() {
  return useQuery({
    queryKey: [...schedulesKey, "list"],
    queryFn: ({ signal }) => api.get<ManageOverview>("/api/schedules", signal),
  });
}

export function useScheduleDetail(id: string) {
  return useQuery({
    queryKey: [...schedulesKey, "one", id],
    queryFn: ({ signal }) => api.get<ScheduleDetail>(`/api/schedules/${id}`, signal),
  });
}

export function usePreview(id: string, range: Range) {
  return useQuery({
    queryKey: [...schedulesKey, "one", id, "preview", range],
    queryFn: ({ signal }) =>
      api.get<Preview>(
        `/api/schedules/${id}/preview?from=${range.from}&days=${range.days}`,
        signal,
      ),
    enabled: /^\d{4}-\d\d-\d\d$/.test(range.from),
  });
}

export function usePolicies() {
  return useQuery({
    queryKey: [...schedulesKey, "policies"],
    queryFn: ({ signal }) => api.get<{ policies: PolicyView[] }>("/api/schedules/policies", signal),
  });
}

/** Everything on these pages hangs together: a change of one is read again by all. */
export function useSchedulesChanged() {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: schedulesKey });
}
