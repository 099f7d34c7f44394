import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { z } from "zod";
import type {
  ConsultActionBody,
  ConsultDetail,
  ConsultSummary,
  candidates,
  participantsBody,
  proposals,
} from "../../server/consult/contract.ts";
import { api } from "../api/client.ts";
import { watchConsult } from "../api/live.ts";
import { useWrite } from "../api/write.ts";

export type Scope = "mine" | "desk" | "archive";
export type Candidates = z.infer<typeof candidates>;
export type Proposals = z.infer<typeof proposals>;
export type Participants = z.input<typeof participantsBody>["participants"];
export type Institution = {
  id: string;
  slug: string;
  name: string;
  nameBo: string | null;
  kind: string;
  level: string;
  altitudeMetres: number;
  invitable: boolean;
  departments: { id: string; name: string; specialtyCode: string | null }[];
};

export const consultKey = (id: string) => ["consult", id] as const;
export const listKey = (scope: Scope) => ["consult", "list", scope] as const;

export function useConsults(scope: Scope) {
  return useQuery({
    queryKey: listKey(scope),
    queryFn: ({ signal }) =>
      api.get<{ consults: ConsultSummary[] }>(`/api/consults?scope=${scope}`, signal),
    // The queue is kept fresh by the socket; this is for the time when it is away.
    refetchInterval: 60_000,
  });
}

/** One consult, listened to while it is on the page. */
export function useConsult(id: string) {
  useEffect(() => watchConsult(id), [id]);
  return useQuery({
    queryKey: consultKey(id),
    queryFn: ({ signal }) => api.get<ConsultDetail>(`/api/consults/${id}`, signal),
  });
}

/** Puts the server's answer in the place of what was read before. */
export function useConsultAnswer() {
  const client = useQueryClient();
  return (detail: ConsultDetail) => {
    client.setQueryData(consultKey(detail.id), detail);
    void client.invalidateQueries({ queryKey: ["consult", "list"] });
    return detail;
  };
}

/** A step of the consult; answers what it is then. */
export function useAct(id: string, onDone?: (detail: ConsultDetail) => void) {
  const answer = useConsultAnswer();
  return useWrite(
    (body: ConsultActionBody, key) =>
      api.post<ConsultDetail>(`/api/consults/${id}/actions`, body, key),
    { onDone: (detail) => onDone?.(answer(detail)) ?? answer(detail) },
  );
}

export function useDirectory() {
  return useQuery({
    queryKey: ["directory"],
    queryFn: ({ signal }) =>
      api.get<{ institutions: Institution[] }>("/api/directory/institutions", signal),
    staleTime: 10 * 60_000,
  });
}

export function useCandidates(id: string, enabled: boolean) {
  return useQuery({
    queryKey: ["consult", id, "candidates"],
    queryFn: ({ signal }) => api.get<Candidates>(`/api/consults/${id}/candidates`, signal),
    enabled,
    staleTime: 60_000,
  });
}

export function useProposals(id: string, from: string | null, enabled: boolean) {
  return useQuery({
    queryKey: ["consult", id, "proposals", from],
    queryFn: ({ signal }) =>
      api.get<Proposals>(
        `/api/consults/${id}/proposals?minutes=30${from ? `&from=${from}` : ""}`,
        signal,
      ),
    enabled,
  });
}
