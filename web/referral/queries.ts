import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { z } from "zod";
import type {
  ActionInput,
  createBody,
  FollowUpBody,
  FollowUpView,
  followUpAnswer,
  known,
  pathwayList,
  ReferralDetail,
  ReferralSummary,
  targetList,
} from "../../server/referral/contract.ts";
import type { ReferralDirection } from "../../server/referral/states.ts";
import { ApiError, api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { listPage } from "../workbench/cut.tsx";

export type Scope = "desk" | "sent" | "ward";

export type Known = z.infer<typeof known>;
export type Target = z.infer<typeof targetList>["targets"][number];
export type Pathway = z.infer<typeof pathwayList>["pathways"][number];

const detailKey = (id: string) => ["referral", id] as const;

/** @param search number or a part of a name; empty: the whole list, cut at `limit` */
export function useReferrals(scope: Scope, limit = listPage, search = "") {
  return useQuery<{ referrals: ReferralSummary[]; total: number }>({
    queryKey: ["referral", "list", scope, limit, search],
    placeholderData: (before, query) => (query?.queryKey[2] === scope ? before : undefined),
    queryFn: ({ signal }) =>
      api.get(
        `/api/referrals?scope=${scope}&limit=${limit}${search ? `&search=${encodeURIComponent(search)}` : ""}`,
        signal,
      ),
    // The socket keeps it fresh; this is for the time when it is away.
    refetchInterval: 60_000,
  });
}

export function useReferral(id: string | null) {
  return useQuery({
    enabled: id !== null,
    queryKey: detailKey(id ?? ""),
    queryFn: ({ signal }) => api.get<ReferralDetail>(`/api/referrals/${id}`, signal),
  });
}

/** Puts the server's answer in the place of what was read before. */
export function useReferralAnswer() {
  const client = useQueryClient();
  return (detail: ReferralDetail) => {
    client.setQueryData(detailKey(detail.id), detail);
    void client.invalidateQueries({ queryKey: ["referral", "list"] });
    return detail;
  };
}

/** A step of the referral. When somebody else was faster the page reads what stands now. */
export function useActOnReferral(id: string, onDone?: (detail: ReferralDetail) => void) {
  const answer = useReferralAnswer();
  const client = useQueryClient();
  return useWrite(
    async (body: ActionInput, key) => {
      try {
        return await api.post<ReferralDetail>(`/api/referrals/${id}/actions`, body, key);
      } catch (error) {
        if (error instanceof ApiError && error.status === 409)
          void client.invalidateQueries({ queryKey: detailKey(id) });
        throw error;
      }
    },
    { onDone: (detail) => onDone?.(answer(detail)) ?? answer(detail) },
  );
}

export function useCreateReferral(onDone: (detail: ReferralDetail) => void) {
  const answer = useReferralAnswer();
  return useWrite(
    (body: z.input<typeof createBody>, key) =>
      api.post<ReferralDetail>("/api/referrals", body, key),
    { onDone: (detail) => onDone(answer(detail)) },
  );
}

/** What is known of a patient, and what is open already. */
export function useKnown(patientId: string | null, direction: ReferralDirection) {
  return useQuery({
    queryKey: ["referral-known", patientId, direction],
    queryFn: ({ signal }) =>
      api.get<Known>(`/api/referrals/known?patientId=${patientId}&direction=${direction}`, signal),
    enabled: patientId !== null,
    staleTime: 0,
  });
}

/** @param also the way that a referral was written by, though another version counts by now */
export function usePathways(direction: ReferralDirection, also?: string | null) {
  return useQuery({
    queryKey: ["referral-pathway", direction, also ?? null],
    queryFn: ({ signal }) =>
      api.get<{ pathways: Pathway[] }>(
        `/api/pathways?direction=${direction}${also ? `&also=${also}` : ""}`,
        signal,
      ),
    placeholderData: (before) => before,
    staleTime: 10 * 60_000,
  });
}

export function useTargets(direction: ReferralDirection, enabled = true) {
  return useQuery({
    queryKey: ["referral-target", direction],
    queryFn: ({ signal }) =>
      api.get<{ targets: Target[] }>(`/api/referrals/targets?direction=${direction}`, signal),
    enabled,
    staleTime: 60_000,
  });
}

export type FollowUpScope = "due" | "all";

type FollowUpsFound = { followUps: FollowUpView[]; total: number };

export function useFollowUps(scope: FollowUpScope, limit: number) {
  return useQuery<FollowUpsFound>({
    queryKey: ["follow-up", "list", scope, limit],
    placeholderData: (before, query) => (query?.queryKey[2] === scope ? before : undefined),
    queryFn: ({ signal }) => api.get(`/api/follow-ups?scope=${scope}&limit=${limit}`, signal),
    refetchInterval: 60_000,
  });
}

/** One follow-up, wherever it stands in the list. */
export function useFollowUp(id: string) {
  return useQuery<FollowUpsFound>({
    queryKey: ["follow-up", "one", id],
    queryFn: ({ signal }) => api.get(`/api/follow-ups?scope=all&id=${id}`, signal),
    refetchInterval: 60_000,
  });
}

export function useActOnFollowUp(
  id: string,
  onDone: (answer: z.infer<typeof followUpAnswer>) => void,
) {
  const client = useQueryClient();
  return useWrite(
    (body: FollowUpBody, key) =>
      api.post<z.infer<typeof followUpAnswer>>(`/api/follow-ups/${id}/actions`, body, key),
    {
      onDone: (answer) => {
        void client.invalidateQueries({ queryKey: ["follow-up"] });
        void client.invalidateQueries({ queryKey: ["referral"] });
        onDone(answer);
      },
    },
  );
}
