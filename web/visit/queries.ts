import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { VisitDetail, VisitQueue } from "../../server/visit/contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";

export const useQueue = () =>
  useQuery({
    queryKey: ["visit", "list"],
    queryFn: ({ signal }) => api.get<VisitQueue>("/api/visits", signal),
  });
export const useVisit = (id: string) =>
  useQuery({
    queryKey: ["visit", id],
    queryFn: ({ signal }) => api.get<VisitDetail>(`/api/visits/${id}`, signal),
  });

export function useDuty() {
  const client = useQueryClient();
  return useWrite(
    (body: { open: boolean }, key) => api.post<VisitQueue>("/api/visits/duty", body, key),
    { onDone: (answer) => client.setQueryData(["visit", "list"], answer) },
  );
}

/** One thing done to a visit; the answer is the whole of it. */
export function useVisitAct(id: string, onDone?: (answer: VisitDetail) => void) {
  const client = useQueryClient();
  return useWrite(
    ({ path, body }: { path: string; body: object }, key) =>
      api.post<VisitDetail>(`/api/visits/${id}/${path}`, body, key),
    {
      onDone: (answer) => {
        client.setQueryData(["visit", id], answer);
        void client.invalidateQueries({ queryKey: ["visit", "list"] });
        onDone?.(answer);
      },
    },
  );
}
