/** What a replay needs beside sound and picture, and what the presenter sees of the sites. */
import { sql } from "drizzle-orm";
import type { z } from "zod";
import type { Entry } from "../../timeline/entries.ts";
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { asServer } from "./as-server.ts";
import type { healthAnswer, replayAnswer } from "./live-contract.ts";
import { chaptersOf, goneAfterSeconds, offsetSeconds } from "./live-domain.ts";
import { loadLed } from "./stage-service.ts";
import { readAfter } from "./timeline-repository.ts";
import { loadHeard } from "./timeline-service.ts";

/** Lines of chat in one answer; whoever looks for more narrows the words. */
const chatMost = 2_000;
const entriesMost = 100_000;
const cannotHearMinutes = 5;

/**
 * Chapters by slides, the chat (all of it, or lines with some words), questions with what came of them, captions.
 * @throws DomainError `request.not-found`, `teaching.room-closed`, `teaching.not-live` before it began
 */
export async function readReplay(
  work: Work<StaffActor>,
  sessionId: string,
  words: string,
): Promise<z.input<typeof replayAnswer>> {
  const { tx, actor, origin, now } = work;
  const { row } = await loadHeard(work, sessionId);
  const from = row.liveAt;
  if (!from) throw new DomainError("teaching.not-live");
  const until = row.endedAt ?? now;
  const entries = await readAfter(tx, sessionId, {
    after: 0,
    most: entriesMost,
    kinds: ["slide", "chat", "chat-removed", "poll-opened", "poll-results", "caption"],
  });
  await trace(tx, actor, origin, {
    action: "teaching.replay",
    entityType: "teaching-session",
    entityId: sessionId,
  });
  const at = (entry: Entry) => offsetSeconds(new Date(entry.at), from);
  const removed = new Set(
    entries.flatMap((entry) => (entry.kind === "chat-removed" ? [entry.data.of] : [])),
  );
  const sought = words.toLocaleLowerCase();
  const titles = await titlesOf(work, sessionId);
  const slides = entries.flatMap((entry) =>
    entry.kind === "slide"
      ? [
          {
            at: new Date(entry.at),
            ...entry.data,
            title: titles.get(`${entry.data.deckId} ${entry.data.page}`) ?? null,
          },
        ]
      : [],
  );
  return {
    startedAt: from.toISOString(),
    seconds: offsetSeconds(until, from),
    chapters: chaptersOf(slides, { from, until }),
    chat: entries
      .flatMap((entry) =>
        entry.kind === "chat" &&
        !removed.has(entry.seq) &&
        entry.data.text.toLocaleLowerCase().includes(sought)
          ? [
              {
                seq: entry.seq,
                offsetSeconds: at(entry),
                name: entry.by?.name ?? "",
                org: entry.by?.org ?? "",
                ...entry.data,
              },
            ]
          : [],
      )
      .slice(-chatMost),
    polls: entries.flatMap((entry) => {
      if (entry.kind !== "poll-opened") return [];
      const { pollId, question, options, quiz } = entry.data;
      const shown = entries.findLast(
        (one) => one.kind === "poll-results" && one.data.pollId === pollId,
      );
      const results = shown?.kind === "poll-results" ? shown.data : null;
      return [
        {
          pollId,
          offsetSeconds: at(entry),
          question,
          options,
          quiz,
          counts: results?.counts ?? null,
          answered: results?.answered ?? null,
          right: results?.right ?? null,
        },
      ];
    }),
    transcript: entries.flatMap((entry) =>
      entry.kind === "caption" ? [{ offsetSeconds: at(entry), ...entry.data }] : [],
    ),
  };
}

/** First lines of the slides' pages, by deck and page. */
async function titlesOf({ tx }: Work, sessionId: string): Promise<Map<string, string>> {
  const rows = await tx.execute<{ deck_id: string; page: number; title: string | null }>(
    sql`select s.deck_id, s.page, s.title from teaching_slide s join teaching_deck d on d.id = s.deck_id where d.session_id = ${sessionId}`,
  );
  return new Map(
    rows.flatMap((row) => (row.title ? [[`${row.deck_id} ${row.page}`, row.title] as const] : [])),
  );
}

type SiteRow = {
  institutionId: string;
  org: string;
  devices: number;
  screens: number;
  full: number;
  slidesAndSound: number;
  soundOnly: number;
  hls: number;
};

/**
 * Which houses listen and how, and who said that nothing is heard. How good their lines are at this second the
 * media node tells the stage itself (`audience:summary`).
 * @throws DomainError `request.not-found`, `teaching.stage-only`
 */
export async function readHealth(
  work: Work<StaffActor>,
  sessionId: string,
): Promise<z.input<typeof healthAnswer>> {
  const { tx, now } = work;
  await loadLed(work, sessionId);
  const silent = new Date(now.getTime() - goneAfterSeconds * 1_000).toISOString();
  const sites = await asServer(work, () =>
    tx.execute<SiteRow>(sql`
      select d.institution_id as "institutionId", min(d.org) as org, count(*)::int as devices, (count(*) filter (where d.kind = 'site'))::int as screens,
        (count(*) filter (where d.way = 'full'))::int as "full", (count(*) filter (where d.way = 'slides-and-sound'))::int as "slidesAndSound",
        (count(*) filter (where d.way = 'sound-only'))::int as "soundOnly", (count(*) filter (where d.carrier = 'hls'))::int as hls
      from teaching_device d where d.session_id = ${sessionId} and exists (select 1 from teaching_presence p where p.session_id = d.session_id
        and p.device_id = d.device_id and p.until_at is null and (p.carrier = 'webrtc' or p.seen_at > ${silent}::timestamptz))
      group by d.institution_id order by devices desc, org`),
  );
  const since = now.getTime() - cannotHearMinutes * 60_000;
  const notices = await readAfter(tx, sessionId, {
    after: 0,
    most: entriesMost,
    kinds: ["notice"],
  });
  const unheard = notices.filter(
    (entry) =>
      entry.kind === "notice" && entry.data.code === "cannot-hear" && Date.parse(entry.at) > since,
  );
  return {
    sites: sites.map((site) => ({
      ...site,
      cannotHear: unheard.filter((entry) => entry.by?.org === site.org).length,
    })),
    cannotHear: unheard.map(({ at, by }) => ({ at, name: by?.name ?? "", org: by?.org ?? "" })),
  };
}
