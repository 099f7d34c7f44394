import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { Availability, BookingPlaces, SegmentsOfDay } from "../../server/booking/contract.ts";
import type { ServiceKind } from "../../server/booking/domain.ts";
import type { HelperList, Helping } from "../../server/helpers/contract.ts";
import type {
  CallView,
  HotlineOverview,
  LetterList,
  SearchAnswer,
} from "../../server/hotline/contract.ts";
import type { CallList } from "../../server/notices/contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";

export type { CallView, HotlineOverview, SearchAnswer };
export type Found = SearchAnswer["people"][number];
export type CallTask = CallList["calls"][number];
export type Letter = LetterList["letters"][number];
export type Helper = HelperList["helpers"][number];
export type Place = BookingPlaces["places"][number];
export type Segment = SegmentsOfDay["schedules"][number]["segments"][number];

const tabKey = "yilian-hotline-tab";
/** Names this tab, also after a reload; another tab of the same person has another name. */
export function tabName(): string {
  const kept = sessionStorage.getItem(tabKey);
  if (kept) return kept;
  const made = `tab-${Math.random().toString(36).slice(2, 12)}${Date.now().toString(36)}`;
  sessionStorage.setItem(tabKey, made);
  return made;
}

export const useOverview = () =>
  useQuery({
    queryKey: ["hotline-call", "list"],
    queryFn: ({ signal }) => api.get<HotlineOverview>("/api/hotline", signal),
    refetchInterval: 30_000,
  });
export const useCall = (id: string) =>
  useQuery({
    queryKey: ["hotline-call", id],
    queryFn: ({ signal }) => api.get<CallView>(`/api/hotline/calls/${id}`, signal),
  });
export const useCallTasks = (enabled: boolean) =>
  useQuery({
    queryKey: ["call-task", "list"],
    queryFn: ({ signal }) => api.get<CallList>("/api/calls", signal),
    refetchInterval: 30_000,
    enabled,
  });
export const useLetters = () =>
  useQuery({
    queryKey: ["hotline-call", "letters"],
    queryFn: ({ signal }) => api.get<LetterList>("/api/hotline/letters", signal),
  });
export const useHelpers = () =>
  useQuery({
    queryKey: ["helpers"],
    queryFn: ({ signal }) => api.get<HelperList>("/api/helpers", signal),
  });
export const useHelping = () =>
  useQuery({
    queryKey: ["patient", "helping"],
    queryFn: ({ signal }) => api.get<Helping>("/api/helping", signal),
  });
export const usePlaces = (kind: ServiceKind) =>
  useQuery({
    queryKey: ["booking", "places", kind],
    queryFn: ({ signal }) => api.get<BookingPlaces>(`/api/booking/places?kind=${kind}`, signal),
  });
const choice = (departmentId: string, kind: ServiceKind) =>
  `departmentId=${departmentId}&kind=${kind}`;
export const useDays = (departmentId: string, kind: ServiceKind) =>
  useQuery({
    queryKey: ["booking", "days", departmentId, kind],
    queryFn: ({ signal }) =>
      api.get<Availability>(
        `/api/booking/availability?${choice(departmentId, kind)}&days=14`,
        signal,
      ),
  });
export const useSegments = (departmentId: string, kind: ServiceKind, day: string | null) =>
  useQuery({
    queryKey: ["booking", "segments", departmentId, kind, day],
    queryFn: ({ signal }) =>
      api.get<SegmentsOfDay>(
        `/api/booking/segments?${choice(departmentId, kind)}&day=${day}`,
        signal,
      ),
    enabled: day !== null,
  });

/** A step of a call: its answer is the call as it now stands. */
export function useCallWrite<Variables>(
  id: string,
  write: (variables: Variables, key: string) => Promise<CallView>,
) {
  const client = useQueryClient();
  return useWrite(write, {
    onDone: (call) => {
      client.setQueryData(["hotline-call", id], call);
      void client.invalidateQueries({ queryKey: ["hotline-call", "list"] });
    },
  });
}
