import { useQuery, useQueryClient } from "@tanstack/react-query";
import type {
  apartAnswer,
  apartBody,
  comparison,
  joinAnswer,
  joinBody,
  joinList,
  separateAnswer,
} from "../../server/patients/join-contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";

export type Joins = (typeof joinList)["_output"];
export type Apart = Joins["apart"][number];
export type JoinLink = Joins["joined"][number];
export type Card = Joins["pairs"][number]["one"];
export type Comparison = (typeof comparison)["_output"];
export type Side = Comparison["one"];
export type JoinBody = (typeof joinBody)["_input"];
export type Separated = (typeof separateAnswer)["_output"];

export const useJoins = () =>
  useQuery({
    queryKey: ["joins", "list"],
    queryFn: ({ signal }) => api.get<Joins>("/api/patient-joins", signal),
  });
export const useComparison = (one: string, other: string) =>
  useQuery({
    queryKey: ["joins", "compare", one, other],
    queryFn: ({ signal }) =>
      api.get<Comparison>(`/api/patient-joins/compare?one=${one}&other=${other}`, signal),
  });

/** Afterwards lists and every patient that was open are read again. */
function useAgain() {
  const client = useQueryClient();
  return () => {
    void client.invalidateQueries({ queryKey: ["joins"] });
    void client.invalidateQueries({ queryKey: ["patient"] });
  };
}
export function useJoin(onDone: () => void) {
  const again = useAgain();
  return useWrite(
    (body: JoinBody, key) =>
      api.post<(typeof joinAnswer)["_output"]>("/api/patient-joins", body, key),
    {
      onDone: () => {
        again();
        onDone();
      },
    },
  );
}
export function useSeparate(onDone: (answer: Separated) => void) {
  const again = useAgain();
  return useWrite(
    ({ id, reason }: { id: string; reason: string }, key) =>
      api.post<Separated>(`/api/patient-joins/${id}/separate`, { reason }, key),
    {
      onDone: (answer) => {
        again();
        onDone(answer);
      },
    },
  );
}
/** "These are two people": proposed no more until their facts change. */
export function useSayApart(onDone: () => void) {
  const again = useAgain();
  return useWrite(
    (body: (typeof apartBody)["_input"], key) =>
      api.post<(typeof apartAnswer)["_output"]>("/api/patient-joins/apart", body, key),
    {
      onDone: () => {
        again();
        onDone();
      },
    },
  );
}
export function useTakeApartBack() {
  const again = useAgain();
  return useWrite(
    ({ id, reason }: { id: string; reason: string }, key) =>
      api.post<(typeof apartAnswer)["_output"]>(
        `/api/patient-joins/apart/${id}/take-back`,
        { reason },
        key,
      ),
    { onDone: again },
  );
}
