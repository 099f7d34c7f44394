import { useQuery, useQueryClient } from "@tanstack/react-query";
import type {
  AssessmentList,
  AssessmentView,
  Questionnaire,
  RuleSetSummary,
  RuleSetView,
  TestAnswer,
} from "../../server/triage/contract.ts";
import type { TriageContent } from "../../server/triage/grammar.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";

export type {
  AssessmentView,
  Questionnaire,
  RuleSetSummary,
  RuleSetView,
  TestAnswer,
  TriageContent,
};

export const useAsked = (patientId: string) =>
  useQuery({
    queryKey: ["triage", "asked", patientId],
    queryFn: ({ signal }) =>
      api.get<Questionnaire>(`/api/triage/questionnaire?patientId=${patientId}`, signal),
  });
export const usePast = (patientId: string) =>
  useQuery({
    queryKey: ["triage", "past", patientId],
    queryFn: ({ signal }) =>
      api.get<AssessmentList>(`/api/triage/assessments?patientId=${patientId}`, signal),
  });
export function useDeskAssess(patientId: string, onDone: (view: AssessmentView) => void) {
  const client = useQueryClient();
  return useWrite(
    (body: object, once) => api.post<AssessmentView>("/api/triage/assessments", body, once),
    {
      onDone: (view) => {
        void client.invalidateQueries({ queryKey: ["triage", "past", patientId] });
        onDone(view);
      },
    },
  );
}
export const useOverrule = (id: string, onDone: (view: AssessmentView) => void) =>
  useWrite(
    (body: object, once) =>
      api.post<AssessmentView>(`/api/triage/assessments/${id}/overrule`, body, once),
    { onDone },
  );

const setsKey = ["triage", "rules"];
export const useSets = () =>
  useQuery({
    queryKey: setsKey,
    queryFn: ({ signal }) => api.get<{ sets: RuleSetSummary[] }>("/api/triage/rules", signal),
  });
export const useSet = (id: string | null) =>
  useQuery({
    queryKey: [...setsKey, id],
    enabled: id !== null,
    queryFn: ({ signal }) => api.get<RuleSetView>(`/api/triage/rules/${id}`, signal),
  });
export function useSaveSet(onDone: (view: RuleSetView) => void) {
  const client = useQueryClient();
  return useWrite(
    ({ id, ...body }: { id: string | null; [key: string]: unknown }, once) =>
      id
        ? api.put<RuleSetView>(`/api/triage/rules/${id}`, body, once)
        : api.post<RuleSetView>("/api/triage/rules", body, once),
    {
      onDone: (view) => {
        void client.invalidateQueries({ queryKey: setsKey });
        onDone(view);
      },
    },
  );
}
export const useTest = () =>
  useWrite((body: { region: string; content: TriageContent }, once) =>
    api.post<TestAnswer>("/api/triage/rules/test", body, once),
  );
export function usePublish(onDone: () => void) {
  const client = useQueryClient();
  return useWrite(
    (id: string, once) => api.post<RuleSetView>(`/api/triage/rules/${id}/publish`, {}, once),
    {
      onDone: () => {
        void client.invalidateQueries({ queryKey: setsKey });
        onDone();
      },
    },
  );
}
