import { useQuery } from "@tanstack/react-query";
import { api } from "../api/client.ts";
import type { ShownCase } from "./lecture.ts";

const none: readonly ShownCase[] = [];

/** The cases of a broadcast that may be shown. */
export function useCases(sessionId: string): readonly ShownCase[] {
  const found = useQuery({
    queryKey: ["teaching", sessionId, "cases", "shown"],
    queryFn: ({ signal }) =>
      api.get<{ cases: ShownCase[] }>(`/api/teaching/sessions/${sessionId}/shown-cases`, signal),
  });
  return found.data?.cases ?? none;
}
