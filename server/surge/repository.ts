/** Queries of surges. What must hold while many come at once is said by functions of the database. */
import { type SQL, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import type { StationState, TubeSize, TubeState } from "../sampling/domain.ts";
import type { Move, PlaceState, Station, SurgeState, Waiting } from "./domain.ts";
import type { SurgePlaceForm } from "./schema.ts";

export type SurgeRow = {
  id: string;
  institutionId: string;
  orderId: string;
  version: number;
  state: SurgeState;
  title: string;
  orderNumber: string;
  authorisedId: string;
  authorisedBy: string;
  confirmedBy: string | null;
  places: SurgePlaceForm[];
  expectedPeople: number;
  startsAt: string;
  endsAt: string;
  plannedPerHour: number;
  poolSize: TubeSize;
  guides: number;
  transport: string;
  feverPlace: string;
  openedAt: string | null;
  stoodDownAt: string | null;
};

export async function findSurges(tx: Tx, where: SQL): Promise<SurgeRow[]> {
  return tx.execute<SurgeRow>(sql`
    select u.id, u.institution_id as "institutionId", u.order_id as "orderId", u.version, u.state, u.title, o.number as "orderNumber", o.authorised_by as "authorisedId",
      a.name as "authorisedBy", c.name as "confirmedBy", u.places, u.expected_people as "expectedPeople",
      u.starts_at as "startsAt", u.ends_at as "endsAt", u.planned_per_hour as "plannedPerHour", u.pool_size as "poolSize",
      u.guides, u.transport, u.fever_place as "feverPlace", u.opened_at as "openedAt", u.stood_down_at as "stoodDownAt"
    from surge u join sampling_order o on o.id = u.order_id join person a on a.id = o.authorised_by left join person c on c.id = o.confirmed_by
    where ${where} order by u.starts_at desc, u.id limit 30`);
}

/** Confirmed orders of an institution that opened nothing yet. */
export async function findFreeOrders(
  tx: Tx,
  institutionId: string,
): Promise<{ id: string; number: string; title: string }[]> {
  return tx.execute(sql`
    select o.id, o.number, o.title from sampling_order o where o.institution_id = ${institutionId} and o.purpose = 'surge'
      and o.confirmed_by is not null and not exists (select 1 from surge u where u.order_id = o.id) order by o.issued_on desc, o.number limit 20`);
}

/** Laboratories that may be named: the hospitals. */
export async function findLaboratories(tx: Tx): Promise<{ id: string }[]> {
  return tx.execute(sql`select id from institution where kind = 'hospital' order by slug`);
}

export type BoardRow = {
  sites: { id: string; name: string; place: string; hall: number; toCome: number }[];
  stations: {
    id: string;
    siteId: string;
    number: number;
    state: StationState;
    priority: boolean;
    queue: number;
    perHour: number;
    measured: number;
    done: number;
    sampler: string | null;
  }[];
  places: Partial<Record<PlaceState, number>>;
  sampled: number;
  registered: number;
  tubes: Partial<Record<TubeState, number>>;
  overdue: number;
  due: { hour: string; tubes: number; late: number }[];
  recalls: number;
  moved: { code: string; siteId: string; from: number; to: number; at: string }[];
};

/** Numbers only; null for whoever may not see them. */
export async function readBoard(tx: Tx, surgeId: string, now: Date): Promise<BoardRow | null> {
  const [row] = await tx.execute<{ board: BoardRow | null }>(
    sql`select app.surge_board(${surgeId}, ${now.toISOString()}) as board`,
  );
  return row?.board ?? null;
}

/** Who takes swabs for an institution and sits at no table now. */
export async function findFreeSamplers(
  tx: Tx,
  institutionId: string,
  now: Date,
): Promise<{ id: string }[]> {
  return tx.execute(sql`
    select distinct a.person_id as id from role_assignment a join role_permission p on p.role_code = a.role_code
    where a.institution_id = ${institutionId} and p.permission = 'sampling.collect' and a.role_code = 'sampler'
      and (a.valid_until is null or a.valid_until > ${now.toISOString()})
      and not exists (select 1 from sampling_station g join surge_station s on s.station_id = g.id where g.sampler_id = a.person_id and g.state <> 'closed')
    order by 1`);
}

export async function seat(
  tx: Tx,
  surgeId: string,
  people: readonly string[],
  now: Date,
): Promise<{ personId: string; stationId: string; number: number }[]> {
  return tx.execute(sql`
    select person_id as "personId", station_id as "stationId", number
    from app.staff_surge(${surgeId}, ${sql.param(`{${people.join(",")}}`)}::uuid[], ${now.toISOString()})`);
}

export async function openSurge(tx: Tx, surgeId: string, now: Date): Promise<boolean> {
  const [row] = await tx.execute<{ opened: boolean }>(
    sql`select app.open_surge(${surgeId}, ${now.toISOString()}) as opened`,
  );
  return row!.opened;
}

/** Stations of a surge by site, as those who spread people see them. */
export async function findStations(
  tx: Tx,
  surgeId: string,
): Promise<(Station & { siteId: string })[]> {
  return tx.execute(sql`
    select station_id as id, site_id as "siteId", number, open, priority, queue, queue_limit as "queueLimit", per_hour::float8 as "perHour"
    from surge_station where surge_id = ${surgeId} order by site_id, number`);
}

export async function findWaiting(
  tx: Tx,
  surgeId: string,
): Promise<(Waiting & { siteId: string })[]> {
  return tx.execute(sql`
    select registration_id as id, site_id as "siteId", party, number::int, priority, station_id as "stationId", called_at is not null as called, moves, moved_from as "cameFrom"
    from surge_place where surge_id = ${surgeId} and state = 'waiting' order by number`);
}

export type MovedRow = {
  registrationId: string;
  patientId: string;
  /** Null: from the hall, to the first table. */
  from: string | null;
};

export async function applyMoves(tx: Tx, moves: readonly Move[], now: Date): Promise<MovedRow[]> {
  if (moves.length === 0) return [];
  return tx.execute(sql`
    select registration_id as "registrationId", patient_id as "patientId", from_station as "from"
    from app.surge_move(${JSON.stringify(moves)}::jsonb, ${now.toISOString()})`);
}

export async function callNext(
  tx: Tx,
  surgeId: string,
  ahead: number,
  now: Date,
): Promise<{ patientId: string }[]> {
  return tx.execute(sql`
    select patient_id as "patientId" from app.surge_call(${surgeId}, ${ahead}, ${now.toISOString()})`);
}

export type MyPlaceRow = {
  registrationId: string;
  patientId: string;
  siteId: string;
  station: number | null;
  movedFrom: number | null;
  movedAt: string | null;
  called: boolean;
  ahead: number;
  perHour: number | null;
  feverPlace: string;
};

export async function findMyPlaces(tx: Tx): Promise<MyPlaceRow[]> {
  return tx.execute(sql`
    select registration_id as "registrationId", patient_id as "patientId", site_id as "siteId", station, moved_from as "movedFrom", moved_at as "movedAt",
      called, ahead, per_hour::float8 as "perHour", fever_place as "feverPlace" from app.my_surge_places()`);
}

export async function join(
  tx: Tx,
  input: {
    siteId: string;
    people: readonly string[];
    codes: readonly string[];
    family: string;
    group: string | null;
    day: string;
    now: Date;
  },
): Promise<{ patientId: string; registrationId: string | null; problem: string | null }[]> {
  return tx.execute(sql`
    select patient_id as "patientId", registration_id as "registrationId", problem
    from app.surge_join(${input.siteId}, ${sql.param(`{${input.people.join(",")}}`)}::uuid[], ${sql.param(`{${input.codes.join(",")}}`)}::text[],
      ${input.family}, ${input.day}, ${input.now.toISOString()}, ${input.group})`);
}

export type OpenSurgeRow = {
  id: string;
  title: string;
  nameZh: string;
  nameEn: string | null;
  nameBo: string | null;
  place: string;
  feverPlace: string;
  endsAt: string;
  tables: number;
  waiting: number;
  perHour: number;
};

/** Sites of tonight that take people; numbers only. */
export async function findOpenSurges(tx: Tx): Promise<OpenSurgeRow[]> {
  return tx.execute(sql`
    select site_id as id, title, name_zh as "nameZh", name_en as "nameEn", name_bo as "nameBo", place, fever_place as "feverPlace", ends_at as "endsAt",
      tables, waiting, per_hour::float8 as "perHour" from app.open_surges()`);
}

export type Tables = {
  tables: {
    id: string;
    surgeId: string;
    title: string;
    site: string;
    place: string;
    number: number;
    priority: boolean;
    state: StationState;
    sampler: string | null;
    mine: boolean;
    queue: number;
  }[];
  colleagues: { id: string; name: string }[];
};

/** Null for whoever takes no swabs here. */
export async function readTables(tx: Tx, now: Date): Promise<Tables | null> {
  const [row] = await tx.execute<{ tables: Tables | null }>(
    sql`select app.surge_tables(${now.toISOString()}) as tables`,
  );
  return row?.tables ?? null;
}

/** @returns why not; null when the table is one's own */
export async function takeTable(tx: Tx, stationId: string, now: Date): Promise<string | null> {
  const [row] = await tx.execute<{ problem: string | null }>(
    sql`select app.take_table(${stationId}, ${now.toISOString()}) as problem`,
  );
  return row?.problem ?? null;
}

export async function leaveTable(
  tx: Tx,
  toPersonId: string | null,
  now: Date,
): Promise<{ stationId: string | null; problem: string | null }> {
  const [row] = await tx.execute<{ stationId: string | null; problem: string | null }>(
    sql`select station_id as "stationId", problem from app.leave_table(${toPersonId}, ${now.toISOString()})`,
  );
  return row!;
}

export type MovedPerson = {
  registrationId: string;
  patientId: string;
  institutionId: string;
  code: string;
  siteZh: string;
  siteEn: string | null;
  siteBo: string | null;
  from: number;
  to: number;
  moves: number;
  ahead: number;
  perHour: number;
};

/** Whom a turn sent to another table and who still waits there: to be told where. @param at instant of the turn */
export async function findMoved(tx: Tx, surgeId: string, at: Date): Promise<MovedPerson[]> {
  return tx.execute(sql`
    select p.registration_id as "registrationId", p.patient_id as "patientId", r.institution_id as "institutionId", r.code,
      t.name_zh as "siteZh", t.name_en as "siteEn", t.name_bo as "siteBo", f.number::int as from, s.number::int as to, p.moves::int as moves,
      (select count(*)::int from surge_place a where a.station_id = p.station_id and a.state = 'waiting'
         and (a.priority > p.priority or (a.priority = p.priority and a.number < p.number))) as ahead, s.per_hour::float8 as "perHour"
    from surge_place p join test_registration r on r.id = p.registration_id join sampling_site t on t.id = p.site_id
      join surge_station s on s.station_id = p.station_id join surge_station f on f.station_id = p.moved_from
    where p.surge_id = ${surgeId} and p.moved_at = ${at.toISOString()} and p.state = 'waiting' order by p.number`);
}
