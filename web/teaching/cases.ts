import { useQuery } from "@tanstack/react-query";
import type { CaseView } from "../../server/teaching/case-contract.ts";
import { api } from "../api/client.ts";
import type { ShownCase } from "./lecture.ts";

const none: readonly ShownCase[] = [];

/** The cases of a broadcast that may be shown. */
export function useCases(sessionId: string): readonly ShownCase[] {
  const found = useQuery({
    queryKey: ["teaching", sessionId, "cases", "shown"],
    queryFn: ({ signal }) => readCases(sessionId, signal),
  });
  return found.data ?? none;
}

export async function readCases(
  sessionId: string,
  signal?: AbortSignal,
): Promise<readonly ShownCase[]> {
  const { cases } = await api.get<{ cases: CaseView[] }>(
    `/api/teaching/sessions/${sessionId}/cases`,
    signal,
  );
  return cases
    .filter((one) => one.state === "ready")
    .map(({ id, title, who, place, items }) => ({
      id,
      title,
      who,
      place,
      items: items.map((item) => ({
        id: item.id,
        title: item.title,
        lines: item.lines,
        picture: item.picture && { full: item.picture.full, thin: item.picture.thin },
      })),
    }));
}
