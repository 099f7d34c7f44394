/** A hospital of the size that the numbers speak of, written straight into the tables. */
import { createHash } from "node:crypto";
import postgres from "postgres";

export type World = {
  readonly admin: postgres.Sql;
  readonly departments: readonly string[];
  readonly segments: readonly string[];
  readonly from: string;
};
export type Buyer = {
  readonly secret: string;
  readonly address: string;
  readonly appointment: string;
};

export const csrfToken = "bench-forgery-token";
/** Seats of a segment that the rush buys. */
const soldSeats = 30;
const secretOf = (index: number) => `bench-session-${index}`;

/** One hospital, its departments with their doctors, thirty days of half hours. */
export async function buildWorld(
  adminUrl: string,
  size: {
    departments: number;
    doctors: number;
    days: number;
    segmentsPerDay: number;
    seats: number;
  },
): Promise<World> {
  const admin = postgres(adminUrl, { max: 4, onnotice: () => {} });
  const [hospital] = await admin<{ id: string }[]>`
    insert into institution (slug, kind, level) values ('bench', 'hospital', 'tertiary') returning id`;
  await admin`insert into institution_name (institution_id, language, name) values (${hospital!.id}, 'zh-CN', '测速医院')`;
  const departments = await admin<{ id: string }[]>`
    insert into department (institution_id, slug, name, specialty_code)
    select ${hospital!.id}, 'd' || n, '科 ' || n, '03' from generate_series(1, ${size.departments}) n returning id`;
  await admin`
    insert into person (name) select '医生' || n from generate_series(1, ${size.departments * size.doctors}) n`;
  await admin`insert into practitioner (person_id, title) select id, '主治医师' from person where name like '医生%'`;
  await admin`
    with doctor as (select person_id, row_number() over (order by person_id) - 1 as n from practitioner),
      unit as (select id, row_number() over (order by id) - 1 as n from department)
    insert into clinic_schedule (institution_id, department_id, practitioner_id, kind, name_zh, name_en, place, segment_minutes)
    select ${hospital!.id}, unit.id, doctor.person_id, 'clinic', '门诊', 'Clinic', '1 层', 30
    from doctor join unit on unit.n = doctor.n % ${size.departments}`;
  const from = new Date(Date.now() + 24 * 3_600_000).toISOString().slice(0, 10);
  await admin`
    insert into segment (schedule_id, institution_id, department_id, practitioner_id, kind, day, starts_at, ends_at, capacity, first_ticket, cancel_until)
    select c.id, c.institution_id, c.department_id, c.practitioner_id, 'clinic', d.day, d.day + h.at, d.day + h.at + interval '30 minutes', ${size.seats}, h.n * ${size.seats} + 1, d.day
    from clinic_schedule c,
      (select (${from}::date + n)::timestamptz as day from generate_series(0, ${size.days - 1}) n) d,
      (select n, interval '30 minutes' * n as at from generate_series(0, ${size.segmentsPerDay - 1}) n) h`;
  await admin`
    insert into seat (segment_id, department_id, day, number, pool, pool_from, public_from)
    select g.id, g.department_id, g.day, n, 'public', '2020-01-01', '2020-01-01' from segment g, generate_series(1, ${size.seats}) n`;
  const segments = await admin<
    { id: string }[]
  >`select id from segment order by random() limit 1000`;
  // These are the ones that are sold; each has seats for every round.
  const sold = segments.map((row) => row.id);
  await admin`update segment set capacity = ${soldSeats} where id = any(${sold}::uuid[])`;
  await admin`
    insert into seat (segment_id, department_id, day, number, pool, pool_from, public_from)
    select g.id, g.department_id, g.day, n, 'public', '2020-01-01', '2020-01-01'
    from segment g join unnest(${sold}::uuid[]) chosen on chosen = g.id, generate_series(${size.seats + 1}::int, ${soldSeats}::int) n`;
  await admin`vacuum analyze`;
  return {
    admin,
    departments: departments.map((row) => row.id),
    segments: segments.map((row) => row.id),
    from,
  };
}

/** People with a session and a prepared hold each, over the segments uniformly. */
export async function prepareHolds(world: World, first: number, count: number): Promise<Buyer[]> {
  const { admin } = world;
  const hashes = Array.from({ length: count }, (_, index) =>
    createHash("sha256")
      .update(secretOf(first + index))
      .digest("hex"),
  );
  await admin`
    with buyer as (select n, decode(hash, 'hex') as hash, gen_random_uuid() as patient
        from unnest(${hashes}::text[]) with ordinality as t(hash, n)),
      made as (insert into patient (id, full_name, sex, managing_institution_id, updated_at)
        select patient, '人' || n, 'unknown', (select id from institution limit 1), now() from buyer returning id),
      contact as (insert into patient_contact (patient_id, relation, phone_cipher, phone_index, may_sign_in)
        select patient, 'self', 'x', hash, true from buyer join made on made.id = buyer.patient returning 1),
      signed as (insert into session (token_hash, rotated_at, kind, phone_index, csrf_token, last_seen_at, expires_at)
        select hash, now(), 'patient', hash, ${csrfToken}, now(), now() + interval '1 day' from buyer returning 1)
    select (select count(*) from contact), (select count(*) from signed)`;
  // Each takes the next free seat of a segment drawn uniformly.
  const rows = await admin<{ appointment: string; hash: string }[]>`
    with buyer as (select n, decode(hash, 'hex') as hash from unnest(${hashes}::text[]) with ordinality as t(hash, n)),
      chosen as (select id, row_number() over (order by random()) as n from unnest(${world.segments}::uuid[]) id),
      drawn as (select b.hash, c.id as segment_id, row_number() over (partition by c.id order by b.n) as turn
        from buyer b join chosen c on c.n = 1 + (b.n * 7919) % ${world.segments.length}),
      free as (select s.segment_id, s.number, row_number() over (partition by s.segment_id order by s.number) as turn
        from seat s where s.segment_id = any(${world.segments}::uuid[]) and s.appointment_id is null),
      made as (insert into appointment (code, segment_id, schedule_id, institution_id, department_id, patient_id, day, starts_at, ends_at, seat_number, ticket, state, channel, relation, booked_by_phone_index, held_until)
        select substr(md5(random()::text), 1, 10), g.id, g.schedule_id, g.institution_id, g.department_id, k.patient_id, g.day, g.starts_at, g.ends_at, f.number, 'A001', 'held', 'phone-web', 'self', d.hash, now() + interval '1 hour'
        from drawn d join free f on f.segment_id = d.segment_id and f.turn = d.turn join segment g on g.id = d.segment_id
          join patient_contact k on k.phone_index = d.hash returning id, booked_by_phone_index)
    select id as appointment, encode(booked_by_phone_index, 'hex') as hash from made`;
  await admin`update seat s set appointment_id = a.id, held_until = a.held_until from appointment a
    where a.state = 'held' and s.segment_id = a.segment_id and s.number = a.seat_number and s.appointment_id is null`;
  const secrets = new Map(hashes.map((hash, index) => [hash, first + index]));
  return rows.map((row) => {
    const index = secrets.get(row.hash)!;
    return {
      secret: secretOf(index),
      // Everybody comes from an own address, as phones do.
      address: `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`,
      appointment: row.appointment,
    };
  });
}
