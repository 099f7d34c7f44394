import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { z } from "zod";
import type {
  groupBody,
  groupList,
  groupView,
  myTests,
  testBookingAnswer,
  testBookingBody,
  testSites,
  whereaboutsList,
} from "../../../server/sampling/contract.ts";
import { api } from "../../api/client.ts";
import { localStore } from "../../api/local-store.ts";
import { useWrite } from "../../api/write.ts";
import { useMine } from "../my-consults.ts";

export type Site = z.infer<typeof testSites>["sites"][number];
export type MyTest = z.infer<typeof myTests>["tests"][number];
export type Group = z.infer<typeof groupView>;
export type Booking = z.infer<typeof testBookingBody>;
export type Booked = z.infer<typeof testBookingAnswer>;

/** Tests of mine and of those I book for; without a line those that this phone has kept. */
export const useMyTests = () => useMine<z.infer<typeof myTests>>("tests");

/** @param from where the person says he is; null: the soonest first */
export function useSites(from: string | null = null) {
  return useQuery<z.infer<typeof testSites>>({
    queryKey: ["tests", "sites", from],
    placeholderData: (before) => before,
    queryFn: ({ signal }) =>
      api.get<z.infer<typeof testSites>>(
        `/api/tests/sites${from ? `?from=${encodeURIComponent(from)}` : ""}`,
        signal,
      ),
    staleTime: 20_000,
  });
}

/** Streets, towns and institutions that somebody can name as where he is. */
export const useWhereabouts = () =>
  useQuery({
    queryKey: ["tests", "whereabouts"],
    queryFn: ({ signal }) =>
      api.get<z.infer<typeof whereaboutsList>>("/api/tests/whereabouts", signal),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** What this phone remembers as where its owner is; forgotten at sign-out like everything under `my:`. */
const whereKey = "my:test-where";
export function useWhere(): [string | null, (id: string | null) => void] {
  const client = useQueryClient();
  const { data } = useQuery({
    queryKey: ["my", "test-where"],
    queryFn: async () => (await localStore.read<string>(whereKey)) ?? null,
  });
  return [
    data ?? null,
    (id) => {
      client.setQueryData(["my", "test-where"], id);
      void localStore.write(whereKey, id);
    },
  ];
}

export function useGroups() {
  return useQuery({
    queryKey: ["tests", "groups"],
    queryFn: ({ signal }) => api.get<z.infer<typeof groupList>>("/api/tests/groups", signal),
  });
}

function useTestWrite<Variables, Answer>(
  write: (variables: Variables, key: string) => Promise<Answer>,
  onDone: (answer: Answer) => void,
) {
  const client = useQueryClient();
  return useWrite(write, {
    onDone: async (answer) => {
      onDone(answer);
      await Promise.all([
        client.invalidateQueries({ queryKey: ["tests"] }),
        client.invalidateQueries({ queryKey: ["my"] }),
      ]);
    },
  });
}

export const useBookTests = (onDone: (answer: Booked) => void) =>
  useTestWrite((body: Booking, key) => api.post<Booked>("/api/tests/bookings", body, key), onDone);
export const useMakeGroup = (onDone: (group: Group) => void) =>
  useTestWrite(
    (body: z.infer<typeof groupBody>, key) => api.post<Group>("/api/tests/groups", body, key),
    onDone,
  );
export const useJoinGroup = (onDone: (group: Group) => void) =>
  useTestWrite(
    ({ code, patientIds }: { code: string; patientIds: string[] }, key) =>
      api.post<Group>(`/api/tests/groups/${encodeURIComponent(code)}/members`, { patientIds }, key),
    onDone,
  );
