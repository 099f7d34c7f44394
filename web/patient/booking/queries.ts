import { useQuery } from "@tanstack/react-query";
import type {
  Availability,
  BookingPlaces,
  SegmentsOfDay,
} from "../../../server/booking/contract.ts";
import type { ServiceKind } from "../../../server/booking/domain.ts";
import { api } from "../../api/client.ts";

export type Place = BookingPlaces["places"][number];
export type Department = Place["departments"][number];
export type Doctor = Department["doctors"][number];
export type Day = Availability["days"][number];
export type Schedule = SegmentsOfDay["schedules"][number];
export type Segment = Schedule["segments"][number];

/** What is looked for: a department, perhaps one doctor of it. */
export type Choice = { departmentId: string; doctorId: string | null; kind: ServiceKind };

/** Days that the strip reaches: past the usual release of fourteen, so that the next ones are seen coming. */
const shownDays = 21;

export function usePlaces(kind: ServiceKind = "clinic") {
  return useQuery({
    queryKey: ["booking", "places", kind],
    queryFn: ({ signal }) => api.get<BookingPlaces>(`/api/booking/places?kind=${kind}`, signal),
  });
}

function queryOf(choice: Choice): URLSearchParams {
  const query = new URLSearchParams({ departmentId: choice.departmentId, kind: choice.kind });
  if (choice.doctorId) query.set("doctorId", choice.doctorId);
  return query;
}

export function useAvailability(choice: Choice) {
  return useQuery({
    queryKey: ["booking", "availability", choice],
    queryFn: ({ signal }) => {
      const query = queryOf(choice);
      query.set("days", String(shownDays));
      return api.get<Availability>(`/api/booking/availability?${query}`, signal);
    },
  });
}

/** Seats go while one looks: read again often. */
export function useSegments(choice: Choice, day: string | null) {
  return useQuery({
    queryKey: ["booking", "segments", choice, day],
    enabled: day !== null,
    staleTime: 5_000,
    refetchInterval: 30_000,
    queryFn: ({ signal }) => {
      const query = queryOf(choice);
      query.set("day", day ?? "");
      return api.get<SegmentsOfDay>(`/api/booking/segments?${query}`, signal);
    },
  });
}
