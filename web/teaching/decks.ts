import { useQuery } from "@tanstack/react-query";
import type { DeckView } from "../../server/teaching/slides-contract.ts";
import { api } from "../api/client.ts";
import type { Deck } from "./lecture.ts";

const none: readonly Deck[] = [];

/** The slides of a broadcast, those that are shown from now on first; older ones stay for what was drawn on them. */
export function useDecks(sessionId: string): readonly Deck[] {
  const found = useQuery({
    queryKey: ["teaching", sessionId, "decks"],
    queryFn: ({ signal }) => readDecks(sessionId, signal),
  });
  return found.data ?? none;
}

export async function readDecks(sessionId: string, signal?: AbortSignal): Promise<readonly Deck[]> {
  const { decks } = await api.get<{ decks: DeckView[] }>(
    `/api/teaching/sessions/${sessionId}/decks`,
    signal,
  );
  return decks
    .filter((deck) => deck.state === "ready")
    .toSorted((left, right) => Number(right.current) - Number(left.current));
}
