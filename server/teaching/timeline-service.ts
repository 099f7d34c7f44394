import { sql } from "drizzle-orm";
import type { z } from "zod";
import type { Entry } from "../../timeline/entries.ts";
import { emptyState, foldEntries, handOf, placeOfHand, trimState } from "../../timeline/fold.ts";
import type { Origin } from "../audit/service.ts";
import type { Tx } from "../db/client.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Services, Work } from "../http/context.ts";
import type { Actor, StaffActor } from "../identity/domain.ts";
import type { Sender } from "../identity/service.ts";
import { leads, loadWatched, teachingRights, worksWithTeaching } from "./access.ts";
import { asServer } from "./as-server.ts";
import type {
  answerBody,
  EntryBody,
  stateAnswer,
  strokesAnswer,
  timelinePage,
} from "./live-contract.ts";
import { countDevices } from "./live-repository.ts";
import type { LiveStates } from "./live-states.ts";
import { type BatchRow, createBatch } from "./timeline-batch.ts";
import { findPositions, findStrokes, readAfter } from "./timeline-repository.ts";

type Content = { session: string; kind: string; data: unknown; client: string };
type Author = { person: string; institution: string };
type WriteAnswer = { seq: number | null; seconds: number | null };
type Answering = Author & {
  poll: string;
  device: string;
  chosen: readonly number[];
  hands: readonly number[] | null;
};

/** Whoever writes: an actor, and where the request came from. */
export type Writer = { actor: StaffActor; origin: Origin };

export type TimelineWriter = {
  /**
   * As a page sends it: the session that came along is judged in the statement that writes.
   * @param claimed hears that somebody who listens claimed the stage
   * @throws DomainError `auth.required`, `auth.csrf`, `permission.denied`, and as {@link refusalOf}
   */
  send: (
    sender: Sender,
    sessionId: string,
    entry: EntryBody,
    claimed: () => Promise<void>,
  ) => Promise<{ seq: number }>;
  /** @throws DomainError as {@link refusalOf} */
  write: (writer: Writer, sessionId: string, entry: EntryBody) => Promise<{ seq: number }>;
  /** @throws DomainError `request.not-found`, `request.invalid`, `teaching.poll-closed` */
  answer: (writer: Writer, pollId: string, given: z.output<typeof answerBody>) => Promise<void>;
};

/**
 * What the database said against an entry.
 * `teaching.stage-only`, `.not-live`, `.too-fast`, `.poll-closed`, `request.not-found`, `request.invalid`
 */
export function refusalOf(problem: string, seconds: number | null = null): DomainError {
  switch (problem) {
    case "stage-only":
      return new DomainError("teaching.stage-only");
    case "not-live":
      return new DomainError("teaching.not-live");
    case "too-fast":
      return new DomainError("teaching.too-fast", { seconds: seconds ?? 1 });
    case "closed":
      return new DomainError("teaching.poll-closed");
    case "choice":
      return new DomainError("request.invalid");
    default:
      return new DomainError("request.not-found");
  }
}

/** Floods of chat, raised hands and answers go to the database together; each is judged there by itself. */
export function createTimelineWriter({ db, clock, demo }: Services): TimelineWriter {
  const now = () => clock().toISOString();
  const send = createBatch<Content & Sender, WriteAnswer>({
    of: (item) => item.session,
    run: (items) =>
      db.statement(
        sql`select place, problem, answer from app.teaching_write_sent(${JSON.stringify(items)}::jsonb, ${now()}::timestamptz, ${demo})`,
      ),
  });
  const write = createBatch<Content & Author, WriteAnswer>({
    of: (item) => item.session,
    run: (items) =>
      db.statement(
        sql`select place, problem, answer from app.teaching_write_many(${JSON.stringify(items)}::jsonb, ${now()}::timestamptz)`,
      ),
  });
  const answer = createBatch<Answering, { ok: true }>({
    of: (item) => item.poll,
    run: (items) =>
      db.statement(
        sql`select place, problem, answer from app.teaching_answer_many(${JSON.stringify(items)}::jsonb, ${now()}::timestamptz)`,
      ),
  });
  const authorOf = ({ actor }: Writer): Author => {
    if (!worksWithTeaching(actor)) throw new DomainError("permission.denied");
    return { person: actor.personId, institution: actor.institutionId };
  };

  return {
    send: async (sender, sessionId, { kind, data, clientId }, claimed) => {
      const row = await send({ ...sender, session: sessionId, kind, data, client: clientId });
      // Who listens and claims the stage is written down.
      if (row.problem === "stage-only") await claimed();
      return written(row);
    },
    write: async (writer, sessionId, { kind, data, clientId }) =>
      written(
        await write({
          ...authorOf(writer),
          session: sessionId,
          kind,
          data,
          client: clientId,
        }),
      ),
    answer: async (writer, pollId, { deviceId, chosen, hands }) => {
      const author = authorOf(writer);
      const row = await answer({ ...author, poll: pollId, device: deviceId, chosen, hands });
      if (row.problem) throw refusalOf(row.problem);
    },
  };
}

/** @throws DomainError of the session, or as {@link refusalOf} */
function written({ problem, answer }: BatchRow<WriteAnswer>): { seq: number } {
  switch (problem) {
    case null:
      break;
    case "auth.required":
    case "auth.csrf":
    case "permission.denied":
      throw new DomainError(problem);
    default:
      throw refusalOf(problem, answer?.seconds ?? null);
  }
  if (!answer?.seq) throw new DomainError("request.not-found");
  return { seq: answer.seq };
}

/** Entries after one, a page at a time, for a page that was away and for the replay. @throws DomainError `request.not-found`, `teaching.room-closed` */
export async function readTimeline(
  work: Work<StaffActor>,
  sessionId: string,
  { after, most }: { after: number; most: number },
): Promise<z.input<typeof timelinePage>> {
  await loadHeard(work, sessionId);
  const position = (await findPositions(work.tx, [sessionId])).get(sessionId);
  const entries: Entry[] = await readAfter(work.tx, sessionId, { after, most });
  const last = entries.at(-1);
  return {
    run: position?.run ?? 1,
    seq: position?.seq ?? 0,
    entries,
    next: last && entries.length === most ? last.seq : null,
  };
}

/** What is to be seen now. @throws DomainError `request.not-found`, `teaching.room-closed` */
export async function readState(
  states: LiveStates,
  work: Work<StaffActor>,
  sessionId: string,
): Promise<z.input<typeof stateAnswer>> {
  const { rights } = await loadHeard(work, sessionId);
  const { personId } = work.actor;
  const state = await states.of(sessionId);
  const hand = handOf(state, personId);
  const place = hand ? placeOfHand(state, hand.seq) : null;
  const { devices, people, sites, hls } = await asServer(work, () =>
    countDevices(work.tx, sessionId, work.now),
  );
  return {
    state: trimState(state, rights.speaks ? null : personId),
    you: {
      personId,
      leads: leads(rights),
      speaks: rights.speaks,
      hand: hand && place !== null ? { seq: hand.seq, ahead: place } : null,
    },
    counts: { devices, people, sites, hls },
  };
}

/** Strokes of a page or a still that somebody who came late has not seen. @throws DomainError as {@link readState} */
export async function readStrokes(
  work: Work<StaffActor>,
  sessionId: string,
  surface: string,
): Promise<z.input<typeof strokesAnswer>> {
  await loadHeard(work, sessionId);
  const entries = await findStrokes(work.tx, sessionId, surface);
  const state = foldEntries(emptyState(), entries);
  return { seq: state.seq, strokes: [...(state.strokes[surface] ?? [])] };
}

/** After the patient took the teaching consent back nobody who only listened reads what was said. */
export async function loadHeard(work: Work<StaffActor>, sessionId: string) {
  const found = await loadWatched(work, sessionId);
  if (found.row.withheldAt !== null && found.row.state !== "live")
    throw new DomainError("request.not-found");
  return found;
}

/** Whether a page may hear a timeline over the socket, and as a speaker what is for the stage; null: it may not. */
export async function watchRights(
  tx: Tx,
  actor: Actor,
  sessionId: string,
): Promise<{ speaks: boolean } | null> {
  const rights = await teachingRights(tx, actor, sessionId);
  if (actor.kind !== "staff" || !rights.watches) return null;
  return { speaks: rights.speaks !== null };
}
