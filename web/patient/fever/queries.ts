import { useQuery, useQueryClient } from "@tanstack/react-query";
import type {
  MyFever,
  Questionnaire,
  ScreeningAnswer,
  SiteView,
} from "../../../server/fever/contract.ts";
import { api } from "../../api/client.ts";
import { localStore } from "../../api/local-store.ts";
import { useWrite } from "../../api/write.ts";
import { useMine } from "../my-consults.ts";

export type { MyFever, Questionnaire, ScreeningAnswer, SiteView };
export type Question = Questionnaire["questions"][number];
export type Answers = Partial<Record<string, string>>;

export const useMyFever = () => useMine<MyFever>("fever");

const keptQuestions = (patientId: string, region: string | null) =>
  `my:fever-questions:${patientId}:${region ?? ""}`;
/** The questions for somebody; on a thin line those that were asked here before. */
export function useQuestionnaire(patientId: string, region: string | null) {
  return useQuery({
    queryKey: ["fever", "questionnaire", patientId, region],
    queryFn: async ({ signal }) => {
      const key = keptQuestions(patientId, region);
      try {
        const query = new URLSearchParams({ patientId, ...(region ? { region } : {}) });
        const fresh = await api.get<Questionnaire>(`/api/fever/questionnaire?${query}`, signal);
        void localStore.write(key, fresh);
        return fresh;
      } catch (error) {
        const kept = await localStore.read<Questionnaire>(key);
        if (kept) return kept;
        throw error;
      }
    },
  });
}

/** What was answered so far: kept on this phone, whatever the line does. */
export type Draft = { answers: Answers; region: string | null };
const draftKey = (patientId: string) => `my:fever-draft:${patientId}`;
export const readDraft = (patientId: string) => localStore.read<Draft>(draftKey(patientId));
export const keepDraft = (patientId: string, draft: Draft) =>
  localStore.write(draftKey(patientId), draft);
export const forgetDraft = (patientId: string) => localStore.remove(draftKey(patientId));

const resultKey = (id: string) => `my:fever-result:${id}`;
export function useScreen(onDone: (answer: ScreeningAnswer) => unknown) {
  const client = useQueryClient();
  return useWrite(
    (
      body: {
        policyId: string;
        patientId: string;
        relation: string;
        answers: { question: string; value: string }[];
      },
      key,
    ) => api.post<ScreeningAnswer>("/api/fever/screenings", body, key),
    {
      onDone: async (answer) => {
        client.setQueryData(["fever", "result", answer.screening.id], answer);
        await localStore.write(resultKey(answer.screening.id), answer);
        void client.invalidateQueries({ queryKey: ["my", "appointments"] });
        void client.invalidateQueries({ queryKey: ["my", "fever"] });
        return onDone(answer);
      },
    },
  );
}
/** What the answers led to, as this phone keeps it. Null: it is not here. */
export function useResult(id: string) {
  return useQuery({
    queryKey: ["fever", "result", id],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => (await localStore.read<ScreeningAnswer>(resultKey(id))) ?? null,
  });
}

const siteKey = (id: string) => `my:fever-site:${id}`;
/** Where one enters a fever clinic; kept, because it is read at its door. */
export function useSite(institutionId: string) {
  return useQuery({
    queryKey: ["fever", "site", institutionId],
    queryFn: async ({ signal }) => {
      try {
        const { sites } = await api.get<{ sites: SiteView[] }>(
          `/api/fever/sites?institutionId=${institutionId}`,
          signal,
        );
        if (sites[0]) void localStore.write(siteKey(institutionId), sites[0]);
        return sites[0] ?? null;
      } catch (error) {
        const kept = await localStore.read<SiteView>(siteKey(institutionId));
        if (kept) return kept;
        throw error;
      }
    },
  });
}

/** The questions that are asked with these answers, in order; what ends it ends it. */
export function askedOf(questionnaire: Questionnaire, answers: Answers): Question[] {
  const asked: Question[] = [];
  for (const question of questionnaire.questions) {
    const { when } = question;
    const value = when ? answers[when.question] : undefined;
    if (when && (value === undefined || !when.values.includes(value))) continue;
    asked.push(question);
    const given = answers[question.id];
    if (given !== undefined && question.ends.includes(given)) break;
  }
  return asked;
}
