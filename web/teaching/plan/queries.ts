import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { z } from "zod";
import type {
  CaseView,
  caseList,
  caseSource,
  reviewList,
  teachingConsentList,
} from "../../../server/teaching/case-contract.ts";
import type {
  choices,
  peopleFound,
  SessionView,
  seriesAttendance,
  seriesList,
  sessionList,
} from "../../../server/teaching/contract.ts";
import type {
  certificateList,
  issuedList,
  policyList,
} from "../../../server/teaching/credit-contract.ts";
import type { deckList } from "../../../server/teaching/slides-contract.ts";
import { api } from "../../api/client.ts";

export type Session = SessionView;
export type Line = z.infer<typeof sessionList>["sessions"][number];
export type Choices = z.infer<typeof choices>;
export type Decks = z.infer<typeof deckList>;
export type Deck = Decks["decks"][number];
export type Case = CaseView;
export type Source = z.infer<typeof caseSource>;
export type FoundPerson = z.infer<typeof peopleFound>["people"][number];
export type Series = z.infer<typeof seriesList>["series"][number];
export type Policies = z.infer<typeof policyList>;
export type IssuedCertificate = z.infer<typeof issuedList>["certificates"][number];
export type Certificate = z.infer<typeof certificateList>["certificates"][number];

const root = "/api/teaching";
const everyMs = 30_000;
const read = <Answer>(path: string) => ({
  queryKey: ["teaching", path],
  queryFn: ({ signal }: { signal: AbortSignal }) => api.get<Answer>(`${root}/${path}`, signal),
});

export const useSessions = (past: boolean) =>
  useQuery({
    ...read<z.infer<typeof sessionList>>(`sessions?past=${past}`),
    refetchInterval: everyMs,
  });
export const useTeaching = (id: string) => useQuery(read<Session>(`sessions/${id}`));
export const useChoices = (wanted: boolean) =>
  useQuery({ ...read<Choices>("choices"), enabled: wanted });
export const useDecks = (id: string) =>
  useQuery({
    ...read<Decks>(`sessions/${id}/decks`),
    // While pages are drawn the bar moves; otherwise news come by the socket.
    refetchInterval: ({ state }) =>
      state.data?.decks.some((one) => one.state === "rendering") ? 1500 : everyMs,
  });
export const useCases = (id: string) =>
  useQuery(read<z.infer<typeof caseList>>(`sessions/${id}/cases`));
export const useCase = (id: string) => useQuery(read<Case>(`cases/${id}`));
export const useConsents = (id: string) =>
  useQuery(read<z.infer<typeof teachingConsentList>>(`sessions/${id}/consents`));
export const useSource = (id: string, patientId: string | null) =>
  useQuery({
    ...read<Source>(`sessions/${id}/case-source?patientId=${patientId ?? ""}`),
    enabled: patientId !== null,
    staleTime: 5 * 60_000,
  });
export const useReviews = () => useQuery(read<z.infer<typeof reviewList>>("reviews"));
export const useCertificates = () =>
  useQuery(read<z.infer<typeof certificateList>>("certificates"));
export const useSeries = () => useQuery(read<z.infer<typeof seriesList>>("series"));
export const useSeriesAttendance = (id: string) =>
  useQuery(read<z.infer<typeof seriesAttendance>>(`series/${id}/attendance`));
export const usePolicies = () => useQuery(read<Policies>("policies"));
export const useIssued = (words: string) =>
  useQuery(read<z.infer<typeof issuedList>>(`issued-certificates?q=${encodeURIComponent(words)}`));
export const usePeople = (words: string) =>
  useQuery({
    ...read<z.infer<typeof peopleFound>>(`people?q=${encodeURIComponent(words)}`),
    enabled: words.trim() !== "",
  });

/** What was answered is shown at once; everything else of teaching is read again. */
export function useRefresh() {
  const client = useQueryClient();
  return (session?: Session) => {
    if (session) client.setQueryData(["teaching", `sessions/${session.id}`], session);
    void client.invalidateQueries({
      queryKey: ["teaching"],
      predicate: ({ queryKey }) =>
        !(session && queryKey[1] === `sessions/${session.id}`) &&
        !String(queryKey[1]).includes("case-source"),
    });
  };
}
