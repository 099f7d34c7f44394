/** An institution, its samplers, a laboratory and the people of one evening, written straight into the tables. */
import { randomUUID } from "node:crypto";
import type postgres from "postgres";
import { type Client, clientOf, hashOf, seeded } from "./client.ts";

export type Party = { client: Client; patients: readonly string[]; minute: number };
export type World = {
  admin: postgres.Sql;
  laboratoryId: string;
  commanders: readonly Client[];
  samplers: readonly { personId: string; client: Client }[];
  courier: { personId: string };
  analysts: readonly { personId: string; client: Client }[];
  parties: readonly Party[];
  people: number;
};

const title = "bench";

/** @param arrivalMinutes people come within this time, most in its first half */
export async function buildWorld(
  admin: postgres.Sql,
  size: {
    people: number;
    samplers: number;
    arrivalMinutes: number;
    seed: number;
    now: Date;
    /** A telephone number as the server seals it: those who are recalled are told. */
    phoneCipher: string;
  },
): Promise<World> {
  const random = seeded(size.seed);
  const [center, laboratory] = await admin<{ id: string }[]>`
    insert into institution (slug, kind, level) values ('bench-center', 'community-centre', 'primary'), ('bench-lab', 'hospital', 'tertiary') returning id`;
  await admin`insert into institution_name (institution_id, language, name) values (${center!.id}, 'zh-CN', '采样单位'), (${laboratory!.id}, 'zh-CN', '检验单位')`;
  const staff = async (name: string, count: number, institution: string, role: string) => {
    const people = Array.from({ length: count }, (_, index) => ({
      id: randomUUID(),
      secret: `${title}-${name}-${index}`,
    }));
    const ids = people.map((one) => one.id);
    await admin`insert into person (id, name) select id, ${name} || n from unnest(${ids}::uuid[]) with ordinality as t(id, n)`;
    await admin`insert into staff_account (person_id, login_name, password_hash, totp_confirmed_at) select id, ${name} || n, 'x', ${size.now} from unnest(${ids}::uuid[]) with ordinality as t(id, n)`;
    await admin`insert into role_assignment (person_id, institution_id, role_code) select id, ${institution}, ${role} from unnest(${ids}::uuid[]) id`;
    await admin`insert into session (token_hash, rotated_at, kind, person_id, institution_id, csrf_token, last_seen_at, expires_at)
      select decode(hash, 'hex'), ${size.now}, 'staff', id, ${institution}, 'bench-forgery-token', ${size.now}, ${size.now}::timestamptz + interval '2 days'
      from unnest(${ids}::uuid[], ${people.map((one) => hashOf(one.secret))}::text[]) as t(id, hash)`;
    return people.map((one, index) => ({
      personId: one.id,
      client: clientOf(one.secret, 900_000 + index),
    }));
  };
  const commanders = await staff("commander", 2, center!.id, "surge-commander");
  const samplers = await staff("sampler", size.samplers, center!.id, "sampler");
  const couriers = await staff("courier", 1, center!.id, "courier");
  const analysts = await staff("analyst", 2, laboratory!.id, "laboratory");
  await admin`insert into tube_batch (institution_id, size, first_serial, last_serial, delivered_on)
    select ${center!.id}, s, 0, 99999999, ${size.now} from unnest('{1,5,10,20}'::int[]) s`;
  const parties: Party[] = [];
  const rows: { id: string; hash: string; born: string }[] = [];
  while (rows.length < size.people) {
    const draw = random();
    // Most come alone, a third with one to three of the family.
    const count = Math.min(
      size.people - rows.length,
      draw < 0.68 ? 1 : draw < 0.85 ? 2 : draw < 0.94 ? 3 : 4,
    );
    const secret = `${title}-phone-${parties.length}`;
    const patients = Array.from({ length: count }, () => {
      const year = random() < 0.12 ? 1940 : random() < 0.05 ? 2024 : 1985;
      const row = { id: randomUUID(), hash: hashOf(secret), born: `${year}-06-01` };
      rows.push(row);
      return row.id;
    });
    // A peak after a third of the time.
    const minute = Math.floor(((random() + random() * random()) / 2) * size.arrivalMinutes);
    parties.push({ client: clientOf(secret, parties.length), patients, minute });
  }
  for (let from = 0; from < rows.length; from += 5_000) {
    const part = rows.slice(from, from + 5_000);
    await admin`
      with one as (select id, decode(hash, 'hex') as hash, born::date from unnest(${part.map((one) => one.id)}::uuid[], ${part.map((one) => one.hash)}::text[], ${part.map((one) => one.born)}::text[]) as t(id, hash, born)),
        made as (insert into patient (id, full_name, sex, birth_date, managing_institution_id, updated_at) select id, '人', 'unknown', born, ${center!.id}, ${size.now} from one returning id)
      insert into patient_contact (patient_id, relation, phone_cipher, phone_index, may_sign_in) select one.id, 'self', ${size.phoneCipher}, one.hash, true from one join made on made.id = one.id`;
  }
  const phones = parties.map((_, index) => hashOf(`${title}-phone-${index}`));
  for (let from = 0; from < phones.length; from += 5_000)
    await admin`insert into session (token_hash, rotated_at, kind, phone_index, csrf_token, last_seen_at, expires_at)
      select decode(hash, 'hex'), ${size.now}, 'patient', decode(hash, 'hex'), 'bench-forgery-token', ${size.now}, ${size.now}::timestamptz + interval '2 days' from unnest(${phones.slice(from, from + 5_000)}::text[]) hash`;
  await admin`analyze`;
  parties.sort((left, right) => left.minute - right.minute);
  return {
    admin,
    laboratoryId: laboratory!.id,
    commanders: commanders.map((one) => one.client),
    samplers,
    courier: couriers[0]!,
    analysts,
    parties,
    people: rows.length,
  };
}
