import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { z } from "zod";
import type {
  CreateReport,
  CriticalValueActionBody,
  CriticalValueView,
  DiseaseView,
  InfectiousReportActionBody,
  InfectiousReportView,
  RaiseCriticalValue,
  receiverList,
} from "../../server/reporting/contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";

export type ListScope = "open" | "done";
export type Receiver = z.infer<typeof receiverList>["receivers"][number];

const valueKey = (id: string) => ["critical-value", id] as const;
const reportKey = (id: string) => ["infectious-report", id] as const;

export function useCriticalValues(scope: ListScope, enabled: boolean) {
  return useQuery({
    queryKey: ["critical-value", "list", scope],
    queryFn: ({ signal }) =>
      api.get<{ values: CriticalValueView[] }>(`/api/critical-values?scope=${scope}`, signal),
    enabled,
    // The socket keeps it fresh; this is for the time when it is away.
    refetchInterval: 60_000,
  });
}

export function useReports(scope: ListScope, enabled: boolean) {
  return useQuery({
    queryKey: ["infectious-report", "list", scope],
    queryFn: ({ signal }) =>
      api.get<{ reports: InfectiousReportView[] }>(
        `/api/infectious-reports?scope=${scope}`,
        signal,
      ),
    enabled,
    refetchInterval: 60_000,
  });
}

export function useCriticalValue(id: string) {
  return useQuery({
    queryKey: valueKey(id),
    queryFn: ({ signal }) => api.get<CriticalValueView>(`/api/critical-values/${id}`, signal),
  });
}

export function useReport(id: string) {
  return useQuery({
    queryKey: reportKey(id),
    queryFn: ({ signal }) => api.get<InfectiousReportView>(`/api/infectious-reports/${id}`, signal),
  });
}

/** Who can be named; on the two sides of the consult when it was found in one. */
export function useReceivers(consultId: string | null) {
  return useQuery({
    queryKey: ["critical-value", "receivers", consultId],
    queryFn: ({ signal }) =>
      api.get<{ receivers: Receiver[] }>(
        `/api/critical-values/receivers${consultId ? `?consultId=${consultId}` : ""}`,
        signal,
      ),
  });
}

/** Diseases as the table has them on the day of the diagnosis. */
export function useDiseases(day: string) {
  return useQuery({
    queryKey: ["diseases", day],
    queryFn: ({ signal }) =>
      api.get<{ diseases: DiseaseView[] }>(`/api/infectious-reports/diseases?day=${day}`, signal),
    staleTime: 10 * 60_000,
    placeholderData: (before) => before,
  });
}

/** Puts the server's answer in the place of what was read before. */
function useAnswer() {
  const client = useQueryClient();
  return (topic: "critical-value" | "infectious-report", answer: { id: string }) => {
    client.setQueryData([topic, answer.id], answer);
    void client.invalidateQueries({ queryKey: [topic, "list"] });
  };
}

export function useRaise(onDone: (value: CriticalValueView) => void) {
  const answer = useAnswer();
  return useWrite(
    (body: RaiseCriticalValue, key) =>
      api.post<CriticalValueView>("/api/critical-values", body, key),
    {
      onDone: (value) => {
        answer("critical-value", value);
        onDone(value);
      },
    },
  );
}

export function useActOnValue(id: string, onDone?: () => void) {
  const answer = useAnswer();
  return useWrite(
    (body: CriticalValueActionBody, key) =>
      api.post<CriticalValueView>(`/api/critical-values/${id}/actions`, body, key),
    {
      onDone: (value) => {
        answer("critical-value", value);
        onDone?.();
      },
    },
  );
}

export function useCreateReport(onDone: (report: InfectiousReportView) => void) {
  const answer = useAnswer();
  return useWrite(
    (body: CreateReport, key) =>
      api.post<InfectiousReportView>("/api/infectious-reports", body, key),
    {
      onDone: (report) => {
        answer("infectious-report", report);
        onDone(report);
      },
    },
  );
}

export function useActOnReport(id: string, onDone?: () => void) {
  const answer = useAnswer();
  return useWrite(
    (body: InfectiousReportActionBody, key) =>
      api.post<InfectiousReportView>(`/api/infectious-reports/${id}/actions`, body, key),
    {
      onDone: (report) => {
        answer("infectious-report", report);
        onDone?.();
      },
    },
  );
}
