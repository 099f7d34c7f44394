/** Figures of teaching for those who manage it: per session, course, house and period. */
import { sql } from "drizzle-orm";
import { z } from "zod";
import { trace } from "../audit/service.ts";
import { findInstitutions } from "../directory/service.ts";
import { assertPermission, type Work } from "../http/context.ts";
import { day, uuid } from "../http/contract.ts";
import type { StaffActor } from "../identity/domain.ts";
import { asServer } from "./as-server.ts";

const count = z.number().int().min(0);
export const statisticsQuery = z
  .object({
    /** Days of the broadcasts' beginning, both counted. */
    from: day,
    until: day,
    by: z.enum(["session", "series", "institution"]).default("session"),
    seriesId: uuid.optional(),
  })
  .strict();
export const statisticsAnswer = z.object({
  rows: z.array(
    z.object({
      id: uuid.nullable(),
      name: z.string(),
      sessions: count,
      sites: count,
      people: count,
      /** Time attended, all people together. */
      minutes: count,
      /** Mean of those who could be asked, 0 to 1; null: no quiz. */
      quiz: z.number().nullable(),
      /** Part of the devices' time that was not listened to in full. */
      thinShare: z.number().nullable(),
      /** Whoever was there long enough and passed, times the points of the session. */
      credits: z.number(),
    }),
  ),
});
export type Statistics = z.infer<typeof statisticsAnswer>;

type Row = {
  id: string | null;
  name: string | null;
  sessions: number;
  sites: number;
  people: number;
  minutes: number;
  quiz: number | null;
  thinShare: number | null;
  credits: number;
};

const keys = {
  session: { id: sql`s.id`, name: sql`s.title` },
  series: { id: sql`c.id`, name: sql`coalesce(c.title, '')` },
  institution: { id: sql`p.institution_id`, name: sql`null::text` },
} as const;

/**
 * Broadcasts that the own house taught. Counts only; names of people are in the attendance of each session.
 * @throws DomainError `permission.denied`
 */
export async function readStatistics(
  work: Work<StaffActor>,
  query: z.output<typeof statisticsQuery>,
): Promise<Statistics> {
  const { tx, actor, origin } = work;
  assertPermission(actor, "teaching.manage");
  const { id, name } = keys[query.by];
  // Times are grouped before they are joined: nobody counts twice for a second device.
  const rows = await asServer(work, () =>
    tx.execute<Row>(sql`
      with wanted as (
        select s.* from teaching_session s where s.institution_id = ${actor.institutionId} and s.ended_at is not null
          and (s.live_at at time zone 'Asia/Shanghai')::date between ${query.from}::date and ${query.until}::date
          and (${query.seriesId ?? null}::uuid is null or s.series_id = ${query.seriesId ?? null}::uuid)),
      part as (
        select a.session_id, a.institution_id, count(*) as people, sum(a.seconds) as seconds, avg(a.quiz_score) as quiz, count(a.quiz_score) as asked,
          sum(case when a.share * 100 >= s.minimum_presence_percent and (s.minimum_quiz_percent = 0 or coalesce(a.quiz_score, 0) * 100 >= s.minimum_quiz_percent)
            then s.points else 0 end) as credits
        from teaching_attendance a join wanted s on s.id = a.session_id group by a.session_id, a.institution_id),
      line as (
        select p.session_id, p.institution_id, sum(extract(epoch from coalesce(p.until_at, p.seen_at) - p.from_at)) as seconds,
          coalesce(sum(extract(epoch from coalesce(p.until_at, p.seen_at) - p.from_at)) filter (where p.way <> 'full'), 0) as thin
        from teaching_presence p join wanted s on s.id = p.session_id group by p.session_id, p.institution_id)
      select ${id} as id, min(${name}) as name, count(distinct s.id)::int as sessions, count(distinct p.institution_id)::int as sites, coalesce(sum(p.people), 0)::int as people,
        round(coalesce(sum(p.seconds), 0) / 60)::int as minutes, (sum(p.quiz * p.asked) / nullif(sum(p.asked), 0))::float8 as quiz,
        (sum(l.thin) / nullif(sum(l.seconds), 0))::float8 as "thinShare", coalesce(sum(p.credits), 0)::float8 as credits
      from wanted s left join teaching_series c on c.id = s.series_id left join part p on p.session_id = s.id
        left join line l on l.session_id = s.id and l.institution_id = p.institution_id
      group by ${id} order by sessions desc, people desc, 1`),
  );
  const houses =
    query.by === "institution"
      ? await findInstitutions(
          tx,
          rows.flatMap((row) => (row.id ? [row.id] : [])),
        )
      : [];
  const names = new Map(houses.map((one) => [one.id, one.name]));
  await trace(tx, actor, origin, {
    action: "teaching.statistics",
    entityType: "institution",
    entityId: actor.institutionId,
    detail: query,
  });
  const short = (value: number | null) =>
    value === null ? null : Math.round(value * 1_000) / 1_000;
  return {
    rows: rows.map((row) => ({
      ...row,
      name: row.name ?? (row.id ? (names.get(row.id) ?? "") : ""),
      quiz: short(row.quiz),
      thinShare: short(row.thinShare),
    })),
  };
}

/** As a file for a table program, UTF-8 with its mark. What begins like a formula is a text. */
export function statisticsCsv({ rows }: Statistics): string {
  const head = ["名称", "场次", "站点", "人数", "分钟", "测验", "弱网占比", "学分"];
  const cell = (value: string | number | null) => {
    const text = String(value ?? "");
    const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const lines = rows.map(({ name, sessions, sites, people, minutes, quiz, thinShare, credits }) =>
    [name, sessions, sites, people, minutes, quiz, thinShare, credits].map(cell).join(","),
  );
  return `\uFEFF${[head.join(","), ...lines].join("\r\n")}\r\n`;
}
