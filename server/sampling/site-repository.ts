/** Queries of who works where and how fast; what the boards read. */
import { type SQL, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import type { SamplingStep, StationState, TestPurpose, TubeSize } from "./domain.ts";

export type StationRow = {
  id: string;
  siteId: string;
  number: number;
  state: StationState;
  priority: boolean;
  samplerId: string | null;
  samplerName: string | null;
  sampledToday: number;
  perHour: number;
  waiting: number;
  openCode: string | null;
  openCount: number | null;
  openSize: TubeSize | null;
};

/**
 * Stations of sites with their queue and measured pace: samples of the last hour, or since the first one
 * of it, as a rate. People who were given no station wait for the site ({@link waitingOf}).
 */
export async function stationsOf(
  tx: Tx,
  siteIds: readonly string[],
  now: Date,
): Promise<StationRow[]> {
  if (siteIds.length === 0) return [];
  const at = now.toISOString();
  return tx.execute<StationRow>(sql`
    select st.id, st.site_id as "siteId", st.number, st.state, st.priority, st.sampler_id as "samplerId", o.name as "samplerName",
      m.today::int as "sampledToday",
      case when m.hour = 0 then 0 else round((m.hour / greatest(0.1, least(1.0, extract(epoch from ${at}::timestamptz - m.first) / 3600)))::numeric, 1) end::float as "perHour",
      (select count(*)::int from test_registration r where r.station_id = st.id and r.state = 'waiting') as waiting,
      t.code as "openCode", t.count as "openCount", t.size as "openSize"
    from sampling_station st left join person o on o.id = st.sampler_id
      cross join lateral (select count(*) as today, count(*) filter (where m.sampled_at > ${at}::timestamptz - interval '1 hour') as hour,
          min(m.sampled_at) filter (where m.sampled_at > ${at}::timestamptz - interval '1 hour') as first
        from tube_member m where m.station_id = st.id and m.active and m.sampled_at > ${at}::timestamptz - interval '18 hours' and m.sampled_at <= ${at}) m
      left join lateral (select t.code, t.count, t.size from tube t where t.station_id = st.id and t.state in ('open', 'collecting')
        order by t.opened_at desc limit 1) t on true
    where st.site_id in (${sql.join(
      siteIds.map((one) => sql`${one}`),
      sql`, `,
    )}) order by st.number`);
}

export type WaitingRow = {
  siteId: string;
  waiting: number;
  expected: number;
  sampled: number;
  toCollect: number;
  late: number;
};

/** People and tubes of each site on a day. Late: not in the laboratory within its two hours. */
export async function waitingOf(
  tx: Tx,
  siteIds: readonly string[],
  day: string,
  now: Date,
): Promise<WaitingRow[]> {
  if (siteIds.length === 0) return [];
  return tx.execute<WaitingRow>(sql`
    select s.id as "siteId",
      (select count(*)::int from test_registration r where r.site_id = s.id and r.day = ${day} and r.state = 'waiting') as waiting,
      (select count(*)::int from test_registration r where r.site_id = s.id and r.day = ${day} and r.state = 'registered') as expected,
      (select count(*)::int from test_registration r where r.site_id = s.id and r.day = ${day} and r.state = 'sampled') as sampled,
      (select count(*)::int from tube t where t.site_id = s.id and t.state = 'sealed') as "toCollect",
      (select count(*)::int from tube t where t.site_id = s.id and t.state in ('collecting', 'sealed', 'in-transit')
        and t.lab_due_at < ${now.toISOString()}) as late
    from sampling_site s where s.id in (${sql.join(
      siteIds.map((one) => sql`${one}`),
      sql`, `,
    )})`);
}

export type ConflictRow = {
  id: string;
  siteId: string;
  step: SamplingStep;
  problem: string;
  at: string;
  receivedAt: string;
  tube: string | null;
  otherTube: string | null;
  person: string | null;
  sampler: string;
};

/** What phones did and could not be taken, until somebody has seen to it. A code typed wrong is nobody's news. */
export async function findConflicts(tx: Tx, where: SQL): Promise<ConflictRow[]> {
  return tx.execute<ConflictRow>(sql`
    select c.id, c.site_id as "siteId", c.step, c.problem, c.at, c.received_at as "receivedAt", c.tube_code as tube,
      c.detail ->> 'tube' as "otherTube", coalesce(p.full_name, p.full_name_bo) as person, o.name as sampler
    from sampling_op c join person o on o.id = c.person_id
      left join test_registration r on r.id = c.registration_id left join patient p on p.id = r.patient_id
    where c.problem is not null and c.settled_at is null and c.step in ('sample', 'undo', 'seal', 'void') and ${where}
    order by c.received_at desc limit 100`);
}

export type SamplerRow = { id: string; name: string; siteId: string | null };

/** Who may take swabs here, and where each works on a day. */
export async function findSamplers(
  tx: Tx,
  institutionId: string,
  day: string,
  now: Date,
): Promise<SamplerRow[]> {
  return tx.execute<SamplerRow>(sql`
    select distinct o.id, o.name, d.site_id as "siteId" from role_assignment a join role_permission p on p.role_code = a.role_code
      join person o on o.id = a.person_id left join sampling_duty d on d.person_id = o.id and d.ended_at is null and d.day <= ${day}
    where a.institution_id = ${institutionId} and p.permission = 'sampling.collect'
      and (a.valid_until is null or a.valid_until > ${now.toISOString()}) order by o.name`);
}

export type OrderRow = {
  id: string;
  number: string;
  title: string;
  purpose: TestPurpose;
  issuedOn: string;
  startsAt: string;
  endsAt: string | null;
  scope: string;
  guides: number;
  transport: string;
  authorisedId: string;
  authorisedBy: string;
  confirmedBy: string | null;
};

export async function findOrders(tx: Tx, where: SQL): Promise<OrderRow[]> {
  return tx.execute<OrderRow>(sql`
    select o.id, o.number, o.title, o.purpose, o.issued_on::text as "issuedOn", o.starts_at as "startsAt", o.ends_at as "endsAt",
      o.scope, o.guides, o.transport, o.authorised_by as "authorisedId", a.name as "authorisedBy", c.name as "confirmedBy"
    from sampling_order o join person a on a.id = o.authorised_by left join person c on c.id = o.confirmed_by
    where ${where} order by o.issued_on desc, o.number limit 50`);
}

/** Schedules that some site of the institution has its seats from, also one that has closed. */
export async function findLinked(tx: Tx, institutionId: string): Promise<Set<string>> {
  const rows = await tx.execute<{ id: string }>(
    sql`select schedule_id as id from sampling_site where institution_id = ${institutionId} and schedule_id is not null`,
  );
  return new Set(rows.map((row) => row.id));
}
