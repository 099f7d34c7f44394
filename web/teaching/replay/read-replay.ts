import type { z } from "zod";
import type { SessionView } from "../../../server/teaching/contract.ts";
import type { timelinePage } from "../../../server/teaching/live-contract.ts";
import type { recordingAnswer } from "../../../server/teaching/recording-routes.ts";
import type { Entry } from "../../../timeline/entries.ts";
import { ApiError, api } from "../../api/client.ts";
import { readCases } from "../cases.ts";
import { readDecks } from "../decks.ts";
import { type ReplayVariant, type ReplayView, silenceOf } from "./replay-data.ts";

/** There will be a replay. */
export class NotYet extends Error {
  readonly reason: "mixing" | "notOver";

  constructor(reason: "mixing" | "notOver") {
    super(reason);
    this.reason = reason;
  }
}

/** Entries are told as they are typed in timeline/. */
type TimelinePage = Omit<z.infer<typeof timelinePage>, "entries"> & { entries: Entry[] };

type Recordings = z.infer<typeof recordingAnswer>;

/**
 * Everything that a replay needs, read together: afterwards it plays without asking again.
 * @throws NotYet while it is being made, ApiError when it may not be seen
 */
export async function readReplay(sessionId: string, signal: AbortSignal): Promise<ReplayView> {
  const path = `/api/teaching/sessions/${sessionId}`;
  const [session, { recordings }, decks, cases, entries] = await Promise.all([
    api.get<SessionView>(path, signal),
    api.get<Recordings>(`${path}/recordings`, signal),
    readDecks(sessionId, signal),
    readCases(sessionId, signal),
    readEntries(path, signal),
  ]);
  const ready = recordings.findLast((one) => one.state === "ready");
  if (session.withheld)
    throw new ApiError({ code: "replay.withheld", title: "", detail: "", status: 410 });
  const silence = silenceOf(recordings, session.record);
  if (!ready) {
    if (!session.liveAt || !session.endedAt) throw new NotYet("notOver");
    if (!silence || session.state !== "published") throw new NotYet("mixing");
  }
  const startedAt = ready?.startedAt ?? session.liveAt ?? new Date().toISOString();
  const endedAt = session.endedAt ?? startedAt;
  return {
    sessionId,
    title: session.title,
    presenter: session.presenter,
    startedAt,
    durationMs: ready
      ? Math.max(0, ...ready.files.map((file) => file.durationMs))
      : Math.max(0, Date.parse(endedAt) - Date.parse(startedAt)),
    entries,
    decks,
    cases,
    variants: (ready?.files ?? [])
      .map(
        (file): ReplayVariant => ({
          name: file.variant,
          channel: file.channel,
          url: file.url,
          bytes: file.sizeBytes,
          type: file.type,
        }),
      )
      .toSorted(
        (left, right) =>
          left.name.localeCompare(right.name) ||
          (left.channel ?? "").localeCompare(right.channel ?? ""),
      ),
    silence: ready ? null : silence,
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
