import { useQuery, useQueryClient } from "@tanstack/react-query";
import type {
  AskAnswer,
  DangerAnswer,
  MyVisit,
  VisitChoices,
} from "../../../server/visit/contract.ts";
import { api } from "../../api/client.ts";
import { useWrite } from "../../api/write.ts";
import type { Answer } from "../../triage/phone-queries.ts";
import { useMine } from "../my-consults.ts";

export type { MyVisit, VisitChoices };

/** My visits; without a line as this phone keeps them. */
export const useMyVisits = () => useMine<{ visits: MyVisit[] }>("visits");

/** What the alliance knows of one person: illnesses, and who receives now. */
export const useChoices = (patientId: string) =>
  useQuery({
    queryKey: ["my", "visits", "choices", patientId],
    queryFn: ({ signal }) =>
      api.get<VisitChoices>(`/api/my/visits/choices?patientId=${patientId}`, signal),
  });

export function useAskVisit(onDone: (answer: AskAnswer) => unknown) {
  const client = useQueryClient();
  return useWrite((body: object, key) => api.post<AskAnswer>("/api/my/visits", body, key), {
    onDone: async (answer) => {
      await client.invalidateQueries({ queryKey: ["my", "visits"] });
      return onDone(answer);
    },
  });
}

type Danger = { patientId: string; triage: { answers: Record<string, Answer> } };
/** A danger sign that was named is judged before anything else is asked. */
export const useDanger = (onDone: (answer: DangerAnswer, asked: Danger) => unknown) =>
  useWrite((asked: Danger, key) => api.post<DangerAnswer>("/api/my/visits/danger", asked, key), {
    onDone,
  });

/** `join` or `cancel` one of mine. */
export function useMyStep(id: string) {
  const client = useQueryClient();
  return useWrite(
    ({ step, version }: { step: "join" | "cancel"; version: number }, key) =>
      api.post<MyVisit>(`/api/my/visits/${id}/${step}`, { version }, key),
    { onDone: () => client.invalidateQueries({ queryKey: ["my", "visits"] }) },
  );
}
