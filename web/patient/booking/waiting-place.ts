import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { enteredRoom } from "../../../server/booking/contract.ts";
import { api } from "../../api/client.ts";
import { useReleasePlace } from "../../api/release-place.ts";

type Entered = import("zod").infer<typeof enteredRoom>;

/**
 * A place in the waiting room of a segment's release. Asking is harmless: one person has one place,
 * however often the page is opened.
 */
export function useWaitingPlace(segmentId: string, patientId: string) {
  const client = useQueryClient();
  const entered = useQuery({
    queryKey: ["release", "entered", segmentId, patientId],
    queryFn: () => api.post<Entered>(`/api/booking/waiting-room/${segmentId}/${patientId}`, {}),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const place = useReleasePlace(entered.data?.placeId, entered.data?.roomId);
  return {
    entered,
    error: entered.error ?? place.error,
    /** Comes in anew, at the end: the admission was not used in time. */
    again: () => client.resetQueries({ queryKey: ["release"] }),
    place: place.place,
  };
}
