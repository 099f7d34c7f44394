import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { z } from "zod";
import type {
  orderBody,
  orderList,
  orderView,
  siteBody,
  siteList,
  stationBody,
  whereaboutsList,
} from "../../server/sampling/contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";

export type Sites = z.infer<typeof siteList>;
export type Site = Sites["sites"][number];
export type Station = Site["stations"][number];
export type Order = z.infer<typeof orderView>;

const key = ["sampling", "sites"] as const;

export function useSites() {
  return useQuery({
    queryKey: key,
    queryFn: ({ signal }) => api.get<Sites>("/api/sampling/sites", signal),
    refetchInterval: 10_000,
  });
}

export function useOrders() {
  return useQuery({
    queryKey: [...key, "orders"],
    queryFn: ({ signal }) => api.get<z.infer<typeof orderList>>("/api/sampling/orders", signal),
  });
}

function useSiteWrite<Variables, Answer>(
  write: (variables: Variables, idempotency: string) => Promise<Answer>,
  onDone?: (answer: Answer) => void,
) {
  const client = useQueryClient();
  return useWrite(write, {
    onDone: async (answer) => {
      onDone?.(answer);
      await client.invalidateQueries({ queryKey: key });
    },
  });
}

export const useChangeStation = () =>
  useSiteWrite(({ id, ...body }: z.infer<typeof stationBody> & { id: string }, idempotency) =>
    api.put(`/api/sampling/stations/${id}`, body, idempotency),
  );
export const useAddStations = () =>
  useSiteWrite(({ id, count }: { id: string; count: number }, idempotency) =>
    api.post(`/api/sampling/sites/${id}/stations`, { count }, idempotency),
  );
export const useLinkSchedule = () =>
  useSiteWrite(({ id, scheduleId }: { id: string; scheduleId: string | null }, idempotency) =>
    api.put(`/api/sampling/sites/${id}/schedule`, { scheduleId }, idempotency),
  );
export const useSettle = () =>
  useSiteWrite((id: string, idempotency) =>
    api.post(`/api/sampling/conflicts/${id}/settle`, {}, idempotency),
  );
export const useCreateSite = (onDone: (answer: { id: string }) => void) =>
  useSiteWrite(
    (body: z.input<typeof siteBody>, idempotency) =>
      api.post<{ id: string }>("/api/sampling/sites", body, idempotency),
    onDone,
  );
export const useCreateOrder = (onDone: () => void) =>
  useSiteWrite(
    (body: z.infer<typeof orderBody>, idempotency) =>
      api.post<Order>("/api/sampling/orders", body, idempotency),
    onDone,
  );
export const useConfirmOrder = () =>
  useSiteWrite((id: string, idempotency) =>
    api.post<Order>(`/api/sampling/orders/${id}/confirm`, {}, idempotency),
  );

/** Localities and institutions that a new site may stand at. */
export const useWhereabouts = () =>
  useQuery({
    queryKey: ["sites", "whereabouts"],
    queryFn: ({ signal }) =>
      api.get<z.infer<typeof whereaboutsList>>("/api/tests/whereabouts", signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
