import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import type { PlaceInRoom } from "../../server/booking/contract.ts";
import type { ReleaseProgress } from "../../server/realtime/contract.ts";
import { api } from "./client.ts";
import { useLiveState, watchRelease } from "./live.ts";

/** With a socket this is only a net; without one the server says when to ask. */
const liveAskMs = 15_000;

/**
 * How far a place in the waiting room of a release is: read, and told by the socket since.
 * @param toldNumber false where the place is another person's: its number is not told, only read
 */
export function useReleasePlace(
  placeId: string | undefined,
  roomId: string | undefined,
  toldNumber = true,
) {
  const live = useLiveState();
  useEffect(() => (roomId ? watchRelease(roomId) : undefined), [roomId]);
  const place = useQuery({
    queryKey: ["release", "place", placeId],
    enabled: placeId !== undefined,
    queryFn: ({ signal }) => api.get<PlaceInRoom>(`/api/booking/waiting-room/${placeId}`, signal),
    refetchInterval: ({ state }) =>
      live === "live" && (state.data?.number ?? null) !== null
        ? liveAskMs
        : (state.data?.askAgainMs ?? 2_000),
  });
  const progress = useQuery<ReleaseProgress | null>({
    queryKey: ["release", "progress", roomId],
    enabled: false,
    initialData: null,
  }).data;
  const { refetch } = place;
  const drawn = progress?.lastNumber ?? 0;
  const unread = !toldNumber && placeId !== undefined && drawn > 0 && place.data?.number === null;
  useEffect(() => {
    if (unread) void refetch();
  }, [unread, refetch]);
  const number = useQuery<number | null>({
    queryKey: ["release", "number", placeId],
    enabled: false,
    initialData: null,
  }).data;
  return {
    error: place.error,
    place: place.data ? merged(place.data, progress, number) : null,
  };
}

/** What was read, or what the socket said since. */
function merged(
  read: PlaceInRoom,
  progress: ReleaseProgress | null,
  told: number | null,
): PlaceInRoom {
  const number = read.number ?? told;
  const newer = progress && progress.admittedTo >= read.admittedTo ? progress : read;
  const ahead = number === null ? null : Math.max(0, number - newer.admittedTo - 1);
  const minutes =
    ahead === null
      ? null
      : newer.perSecond > 0
        ? Math.ceil(ahead / newer.perSecond / 60)
        : ahead === 0
          ? 0
          : null;
  return {
    ...read,
    ...newer,
    number,
    ahead,
    minutes,
    admitted: number !== null && number <= newer.admittedTo,
    soldOut: read.soldOut || newer.soldOut,
    closed: read.closed || newer.closed,
  };
}
