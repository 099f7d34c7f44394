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
} from "../../../server/sampling/contract.ts";
import { api } from "../../api/client.ts";
import { useWrite } from "../../api/write.ts";
import { useMine } from "../my-consults.ts";

export type Site = z.infer<typeof testSites>["sites"][number];
export type MyTest = z.infer<typeof myTests>["tests"][number];
export type Group = z.infer<typeof groupView>;
export type Booking = z.infer<typeof testBookingBody>;
export type Booked = z.infer<typeof testBookingAnswer>;

/** Tests of mine and of those I book for; without a line those that this phone has kept. */
export const useMyTests = () => useMine<z.infer<typeof myTests>>("tests");

export function useSites() {
  return useQuery({
    queryKey: ["tests", "sites"],
    queryFn: ({ signal }) => api.get<z.infer<typeof testSites>>("/api/tests/sites", signal),
    staleTime: 20_000,
  });
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
