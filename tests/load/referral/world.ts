/** An alliance of twenty houses with 50,000 episodes, written straight into the tables. */
import { createHash } from "node:crypto";
import type postgres from "postgres";

export type ReferralWorld = {
  readonly deskId: string;
  readonly departmentId: string;
  readonly senderId: string;
  readonly doctorId: string;
  readonly coordinatorId: string;
  readonly cookie: string;
};

const secret = "bench-referral-desk";

/**
 * Houses, one desk with a coordinator, and `episodes` with a referral each; every twentieth is the desk's.
 * Rows are written without their guards, as a restored backup would be.
 */
export async function buildReferralWorld(
  admin: postgres.Sql,
  episodes: number,
): Promise<ReferralWorld> {
  const houses = await admin<{ id: string }[]>`
    insert into institution (slug, kind, level) select 'house-' || n, case when n = 0 then 'hospital' else 'community-centre' end::institution_kind,
      case when n = 0 then 'tertiary' else 'primary' end::institution_level from generate_series(0, 19) n returning id`;
  await admin`insert into institution_name (institution_id, language, name) select id, 'zh-CN', slug from institution`;
  const units = await admin<{ id: string; institution_id: string }[]>`
    insert into department (institution_id, slug, name, specialty_code) select id, 'medicine', '内科', '03' from institution returning id, institution_id`;
  const deskId = houses[0]!.id;
  const senderId = houses[1]!.id;
  const people = await admin<{ id: string }[]>`
    insert into person (name) values ('测速医生'), ('测速协调员') returning id`;
  const [doctorId, coordinatorId] = [people[0]!.id, people[1]!.id];
  await admin`insert into role_assignment (person_id, institution_id, role_code) values
    (${coordinatorId}, ${deskId}, 'referral-desk'), (${doctorId}, ${senderId}, 'community-doctor')`;
  // Staff work with a second factor.
  await admin`insert into staff_account (person_id, login_name, password_hash, totp_confirmed_at) values (${coordinatorId}, 'bench', 'x', now())`;
  await admin`insert into session (token_hash, rotated_at, kind, person_id, institution_id, csrf_token, last_seen_at, expires_at)
    values (${createHash("sha256").update(secret).digest()}, now(), 'staff', ${coordinatorId}, ${deskId}, 'bench-token', now(), now() + interval '1 day')`;
  await admin.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`insert into patient (full_name, sex, managing_institution_id, updated_at)
      select '人' || n, 'female', ${senderId}, now() from generate_series(1, ${episodes}::integer) n`;
    await tx`with who as (select id, row_number() over (order by id) as n from patient),
        house as (select id, row_number() over (order by slug) - 1 as n from institution)
      insert into episode (number, patient_id, complaint, opened_by_institution_id, opened_by, opened_at, care_institution_id)
      select 'BC' || who.n, who.id, '头晕', ${senderId}, ${doctorId}, now() - interval '1 day', ${senderId} from who`;
    await tx`with e as (select id, patient_id, row_number() over (order by number) as n from episode),
        unit as (select id, institution_id, row_number() over (order by institution_id) - 1 as n from department)
      insert into referral (number, episode_id, patient_id, direction, urgency, state, version, from_institution_id, requester_id, requester_phone,
        to_institution_id, to_department_id, reason, submitted_at, respond_by, updated_at)
      select 'ZZ' || e.n, e.id, e.patient_id, 'up', (array['emergency', 'urgent', 'routine', 'routine', 'routine'])[1 + e.n % 5]::referral_urgency,
        (array['submitted', 'submitted', 'accepted', 'closed', 'cancelled'])[1 + (e.n / 20) % 5]::referral_state, 3,
        case when unit.institution_id = ${senderId} then ${deskId}::uuid else ${senderId}::uuid end, ${doctorId}, '021-56914949', unit.institution_id, unit.id, '血压控制不满意',
        now() - interval '1 hour', now() + make_interval(mins => (e.n % 600)::integer), now()
      from e join unit on unit.n = e.n % 20`;
  });
  await admin`vacuum analyze`;
  return {
    deskId,
    departmentId: units.find((one) => one.institution_id === deskId)!.id,
    senderId,
    doctorId,
    coordinatorId,
    cookie: `__Host-yilian=${secret}`,
  };
}
