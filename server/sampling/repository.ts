/** Queries of sampling sites, people and tubes. Row policies say whose they are. */
import { type SQL, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import type {
  PriorityReason,
  RegistrationSource,
  RegistrationState,
  StationState,
  TestPurpose,
  TubeSize,
  TubeState,
} from "./domain.ts";

export type SiteRow = {
  id: string;
  institutionId: string;
  nameZh: string;
  nameEn: string | null;
  nameBo: string | null;
  place: string;
  feverPlace: string;
  poolSize: TubeSize;
  purpose: TestPurpose;
  laboratoryId: string;
  scheduleId: string | null;
  departmentId: string | null;
  orderId: string | null;
  population: number | null;
  opensAt: string;
  closesAt: string | null;
  /** Of the site, else of its institution. */
  latitude: number | null;
  longitude: number | null;
};

export async function findSites(tx: Tx, where: SQL): Promise<SiteRow[]> {
  return tx.execute<SiteRow>(sql`
    select s.id, s.institution_id as "institutionId", s.name_zh as "nameZh", s.name_en as "nameEn", s.name_bo as "nameBo",
      s.place, s.fever_place as "feverPlace", s.pool_size as "poolSize", s.purpose, s.laboratory_id as "laboratoryId",
      s.schedule_id as "scheduleId", c.department_id as "departmentId", s.order_id as "orderId", s.population,
      s.opens_at as "opensAt", s.closes_at as "closesAt", coalesce(s.latitude, i.latitude) as latitude, coalesce(s.longitude, i.longitude) as longitude
    from sampling_site s join institution i on i.id = s.institution_id left join clinic_schedule c on c.id = s.schedule_id where ${where} order by s.opens_at, s.name_zh`);
}

export type DutyRow = {
  siteId: string;
  stationId: string | null;
  number: number | null;
  state: StationState | null;
};

/** Where somebody works: what the lead said last counts until he says something else. Null when nobody did. */
export async function findDuty(tx: Tx, personId: string, day: string): Promise<DutyRow | null> {
  const [row] = await tx.execute<DutyRow>(sql`
    select d.site_id as "siteId", st.id as "stationId", st.number, st.state
    from sampling_duty d left join sampling_station st on st.id = d.station_id
    where d.person_id = ${personId} and d.ended_at is null and d.day <= ${day}`);
  return row ?? null;
}

export type PersonRow = {
  registrationId: string;
  patientId: string;
  code: string;
  name: string | null;
  idCipher: string | null;
  phoneCipher: string | null;
  purpose: TestPurpose;
  priority: PriorityReason | null;
  state: RegistrationState;
  expectedAt: string;
  recallSingle: boolean | null;
  /** A fever clinic has this person: never in a pool. */
  fever: boolean;
};

/** Registrations with what a sampler reads back. @param at asks who is a fever patient then; nobody is asked for without it */
export async function findPeople(
  tx: Tx,
  where: SQL,
  limit = 5000,
  at?: Date,
): Promise<PersonRow[]> {
  return tx.execute<PersonRow>(sql`
    select r.id as "registrationId", r.patient_id as "patientId", r.code, coalesce(p.full_name, p.full_name_bo) as name,
      p.resident_id_cipher as "idCipher", r.purpose, r.priority, r.state, r.expected_at as "expectedAt",
      case when p.resident_id_cipher is null then (select k.phone_cipher from patient_contact k where k.patient_id = p.id
        order by k.relation <> 'self', k.created_at limit 1) end as "phoneCipher",
      (select bool_or(c.single) from recall c where c.patient_id = r.patient_id and c.state in ('issued', 'told')) as "recallSingle",
      ${at ? sql`app.has_fever_visit(r.patient_id, ${at.toISOString()})` : sql`false`} as fever
    from test_registration r join patient p on p.id = r.patient_id where ${where}
    order by r.expected_at, r.id limit ${limit}`);
}

export type TubeRow = {
  id: string;
  code: string;
  size: TubeSize;
  state: TubeState;
  purpose: TestPurpose;
  count: number;
  sealedAt: string | null;
  labDueAt: string | null;
  members: { registrationId: string; position: number; sampledAt: string }[];
};

export async function findTubes(tx: Tx, where: SQL): Promise<TubeRow[]> {
  return tx.execute<TubeRow>(sql`
    select t.id, t.code, t.size, t.state, t.purpose, t.count, t.sealed_at as "sealedAt", t.lab_due_at as "labDueAt",
      coalesce((select jsonb_agg(jsonb_build_object('registrationId', m.registration_id, 'position', m.position, 'sampledAt', m.sampled_at)
        order by m.position) from tube_member m where m.tube_id = t.id), '[]') as members
    from tube t where ${where} order by t.opened_at`);
}

export type BatchRow = { size: TubeSize; first: number; last: number };

export async function findBatches(tx: Tx, institutionId: string): Promise<BatchRow[]> {
  const rows = await tx.execute<{ size: TubeSize; first: string; last: string }>(sql`
    select size, first_serial as first, last_serial as last from tube_batch where institution_id = ${institutionId} order by size, first_serial`);
  return rows.map((row) => ({ size: row.size, first: Number(row.first), last: Number(row.last) }));
}

export type StepRow = {
  id: string;
  problem: string | null;
  repeated?: boolean;
  tube?: string;
  station?: number;
  at?: string;
  count?: number;
};

/** All steps of a phone in one round trip (`app.sampling_steps`). */
export async function takeSteps(tx: Tx, steps: readonly unknown[], now: Date): Promise<StepRow[]> {
  const rows = await tx.execute<{ answer: StepRow }>(
    sql`select s as answer from app.sampling_steps(${JSON.stringify(steps)}::jsonb, ${now.toISOString()}) s`,
  );
  return rows.map((row) => row.answer);
}

/** @returns the registration, or why there is none: `not-allowed`, `order`, `already` (with the one that stands) */
export async function registerTest(
  tx: Tx,
  input: {
    patientId: string;
    siteId: string;
    purpose: TestPurpose;
    priority: PriorityReason | null;
    source: RegistrationSource;
    groupId: string | null;
    code: string;
    day: string;
    now: Date;
  },
): Promise<{ id: string | null; problem: string | null }> {
  const [row] = await tx.execute<{ id: string | null; problem: string | null }>(sql`
    select registration_id as id, problem from app.register_test(${input.patientId}, ${input.siteId}, ${input.purpose},
      ${input.priority}, ${input.source}, ${input.groupId}, ${input.code}, ${input.day}, ${input.now.toISOString()})`);
  return row!;
}

/** The alliance's person with this card, linked to the institution that reads it. */
export async function linkPatient(tx: Tx, index: Buffer): Promise<string | null> {
  const [row] = await tx.execute<{ id: string | null }>(
    sql`select app.link_patient(${index}) as id`,
  );
  return row?.id ?? null;
}

export type StockRow = { size: TubeSize; next: number | null; left: number };

/** Of each size the serial number after the highest used one, and how many codes come after it. */
export async function findStock(tx: Tx, institutionId: string): Promise<StockRow[]> {
  const rows = await tx.execute<{ size: TubeSize; next: string | null; left: string }>(sql`
    select b.size, min(greatest(b.first_serial, u.used + 1)) filter (where b.last_serial > u.used) as next,
      sum(greatest(0, b.last_serial - greatest(b.first_serial - 1, u.used))) as left
    from tube_batch b cross join lateral (select coalesce(max(app.tube_serial(t.code)), 0) as used
      from tube t where t.institution_id = b.institution_id and t.size = b.size) u
    where b.institution_id = ${institutionId} group by b.size order by b.size`);
  return rows.map((row) => ({
    size: row.size,
    next: row.next === null ? null : Number(row.next),
    left: Number(row.left),
  }));
}
