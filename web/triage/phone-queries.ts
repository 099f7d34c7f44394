import { useQuery, useQueryClient } from "@tanstack/react-query";
import type {
  AssessmentList,
  AssessmentView,
  Questionnaire,
} from "../../server/triage/contract.ts";
import { api, asApiError } from "../api/client.ts";
import { localStore } from "../api/local-store.ts";
import { useWrite } from "../api/write.ts";

export type { AssessmentList, AssessmentView, Questionnaire };
export type Answer = "yes" | "no" | "unknown";
export type Measured =
  | "temperature"
  | "systolic"
  | "diastolic"
  | "glucose"
  | "oxygen"
  | "durationHours"
  | "altitude";

/** What was answered so far: kept on this phone, whatever the line does. */
export type Draft = {
  ruleSetId: string;
  complaint: string | null;
  answers: Record<string, Answer>;
  values: Partial<Record<Measured, number | "unknown">>;
  conditions: string[] | null;
  medicines: string[] | null;
  /** The page about illnesses and medicines was answered. */
  told: boolean;
  ageMonths: number | null;
};
export const emptyDraft = (asked: Questionnaire): Draft => ({
  ruleSetId: asked.ruleSetId,
  complaint: null,
  answers: {},
  values: {},
  conditions: asked.known?.conditions ?? [],
  medicines: asked.known?.medicines ?? [],
  told: false,
  ageMonths: null,
});

const draftKey = (patientId: string) => `my:triage-draft:${patientId}`;
export const readDraft = (patientId: string) => localStore.read<Draft>(draftKey(patientId));
export const keepDraft = (patientId: string, draft: Draft) =>
  localStore.write(draftKey(patientId), draft);
export const forgetDraft = (patientId: string) => localStore.remove(draftKey(patientId));

/** The questions; without a line those that this phone fetched before. */
export function useQuestionnaire(patientId: string) {
  return useQuery({
    queryKey: ["triage", "questionnaire", patientId],
    staleTime: 10 * 60_000,
    queryFn: async ({ signal }) => {
      const key = `my:triage-questions:${patientId}`;
      try {
        const fresh = await api.get<Questionnaire>(
          `/api/triage/questionnaire?patientId=${patientId}`,
          signal,
        );
        void localStore.write(key, fresh);
        return fresh;
      } catch (error) {
        const kept = asApiError(error).isLine
          ? await localStore.read<Questionnaire>(key)
          : undefined;
        if (kept) return kept;
        throw error;
      }
    },
  });
}

const resultKey = (id: string) => `my:triage-result:${id}`;
export function useAssess(onDone: (answer: AssessmentView) => unknown) {
  const client = useQueryClient();
  return useWrite(
    (body: object, key) => api.post<AssessmentView>("/api/triage/assessments", body, key),
    {
      onDone: async (answer) => {
        client.setQueryData(["triage", "result", answer.id], answer);
        await localStore.write(resultKey(answer.id), answer);
        void client.invalidateQueries({ queryKey: ["my", "triage"] });
        return onDone(answer);
      },
    },
  );
}

/** What the answers led to; without a line as this phone keeps it. */
export function useResult(id: string) {
  return useQuery({
    queryKey: ["triage", "result", id],
    queryFn: async ({ signal }) => {
      try {
        const fresh = await api.get<AssessmentView>(`/api/triage/assessments/${id}`, signal);
        void localStore.write(resultKey(id), fresh);
        return fresh;
      } catch (error) {
        const kept = await localStore.read<AssessmentView>(resultKey(id));
        if (kept) return kept;
        throw error;
      }
    },
  });
}

export function useMyTriage() {
  return useQuery({
    queryKey: ["my", "triage"],
    retry: 0,
    queryFn: ({ signal }) => api.get<AssessmentList>("/api/my/triage", signal),
  });
}

export function useCheck() {
  const client = useQueryClient();
  return useWrite(
    ({ id, answer }: { id: string; answer: "better" | "same" | "worse" }, key) =>
      api.post<AssessmentView>(`/api/my/triage/${id}/check`, { answer }, key),
    { onDone: () => client.invalidateQueries({ queryKey: ["my", "triage"] }) },
  );
}
