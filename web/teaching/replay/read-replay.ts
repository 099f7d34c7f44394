import type { z } from "zod";
import type { SessionView } from "../../../server/teaching/contract.ts";
import type { timelinePage } from "../../../server/teaching/live-contract.ts";
import type { Entry } from "../../../timeline/entries.ts";
import { api } from "../../api/client.ts";
import { readDecks } from "../decks.ts";
import type { ReplayVariant, ReplayView } from "./replay-data.ts";

/** There will be a replay, or there would have been one. */
export class NotYet extends Error {
  readonly reason: "mixing" | "failed";

  constructor(reason: "mixing" | "failed") {
    super(reason);
    this.reason = reason;
  }
}

/** Entries are told as they are typed in timeline/. */
type TimelinePage = Omit<z.infer<typeof timelinePage>, "entries"> & { entries: Entry[] };

type Recordings = {
  recordings: {
    id: string;
    state: "recording" | "processing" | "ready" | "failed" | "deleted";
    startedAt: string;
    mediaFrom: string | null;
    files: { variant: "full" | "sound"; sizeBytes: number; durationMs: number; type: string }[];
  }[];
};

/**
 * Everything that a replay needs, read together: afterwards it plays without asking again.
 * @throws NotYet while it is being made, ApiError when it may not be seen
 */
export async function readReplay(sessionId: string, signal: AbortSignal): Promise<ReplayView> {
  const path = `/api/teaching/sessions/${sessionId}`;
  const [session, { recordings }, decks, entries] = await Promise.all([
    api.get<SessionView>(path, signal),
    api.get<Recordings>(`${path}/recordings`, signal),
    readDecks(sessionId, signal),
    readEntries(path, signal),
  ]);
  const ready = recordings.findLast((one) => one.state === "ready");
  if (!ready) {
    if (recordings.some((one) => one.state === "recording" || one.state === "processing"))
      throw new NotYet("mixing");
    if (recordings.some((one) => one.state === "failed")) throw new NotYet("failed");
  }
  const startedAt =
    ready?.mediaFrom ?? ready?.startedAt ?? session.liveAt ?? new Date().toISOString();
  return {
    sessionId,
    title: session.title,
    presenter: session.presenter,
    startedAt,
    durationMs: Math.max(0, ...(ready?.files.map((file) => file.durationMs) ?? [])),
    entries,
    decks,
    variants: (ready?.files ?? [])
      .map(
        (file): ReplayVariant => ({
          name: file.variant,
          url: `/api/teaching/recordings/${ready!.id}/media/${file.variant}`,
          bytes: file.sizeBytes,
          type: file.type,
        }),
      )
      .toSorted((left, right) => left.name.localeCompare(right.name)),
  };
}

async function readEntries(path: string, signal: AbortSignal): Promise<Entry[]> {
  const entries: Entry[] = [];
  let after: number | null = 0;
  while (after !== null) {
    const page: TimelinePage = await api.get(`${path}/timeline?after=${after}&most=1000`, signal);
    entries.push(...page.entries);
    after = page.next;
  }
  return entries;
}
