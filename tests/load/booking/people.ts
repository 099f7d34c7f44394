import { createHash, randomUUID } from "node:crypto";
import { type Agent, request } from "node:http";
import type postgres from "postgres";
import { csrfToken } from "./world.ts";

/** Somebody with a phone and a session. */
export type Person = {
  readonly patient: string;
  readonly secret: string;
  /** Everybody comes from an own address, as phones do. */
  readonly address: string;
};

/** People with a session each, written straight into the tables. @param name keeps groups apart */
export async function makePeople(
  admin: postgres.Sql,
  name: string,
  count: number,
): Promise<Person[]> {
  const people = Array.from({ length: count }, (_, index) => ({
    patient: randomUUID(),
    secret: `${name}-${index}`,
    address: `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`,
  }));
  for (let from = 0; from < people.length; from += 5_000) {
    const part = people.slice(from, from + 5_000);
    await admin`
      with one as (select patient, decode(hash, 'hex') as hash
          from unnest(${part.map((one) => one.patient)}::uuid[], ${part.map((one) => createHash("sha256").update(one.secret).digest("hex"))}::text[]) as t(patient, hash)),
        made as (insert into patient (id, full_name, sex, managing_institution_id, updated_at)
          select patient, '人', 'unknown', (select id from institution limit 1), now() from one returning id),
        contact as (insert into patient_contact (patient_id, relation, phone_cipher, phone_index, may_sign_in)
          select one.patient, 'self', 'x', one.hash, true from one join made on made.id = one.patient returning 1),
        signed as (insert into session (token_hash, rotated_at, kind, phone_index, csrf_token, last_seen_at, expires_at)
          select hash, now(), 'patient', hash, ${csrfToken}, now(), now() + interval '1 day' from one returning 1)
      select (select count(*) from contact), (select count(*) from signed)`;
  }
  return people;
}

export type Answered = { status: number; body: Record<string, unknown> };

/** One request of a person over a shared set of connections. */
export function ask(
  agent: Agent,
  url: string,
  person: Person,
  method: "GET" | "POST",
  path: string,
  body?: object,
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const text = body ? JSON.stringify(body) : undefined;
    const sent = request(
      `${url}${path}`,
      {
        agent,
        method,
        headers: {
          cookie: `__Host-yilian=${person.secret}`,
          "x-csrf-token": csrfToken,
          "x-forwarded-for": person.address,
          ...(text === undefined
            ? {}
            : {
                "content-type": "application/json",
                "content-length": String(Buffer.byteLength(text)),
                "idempotency-key": randomUUID(),
              }),
        },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("end", () => {
          const whole = Buffer.concat(chunks).toString();
          resolve({
            status: answer.statusCode ?? 0,
            body: whole.startsWith("{") ? (JSON.parse(whole) as Record<string, unknown>) : {},
          });
        });
      },
    );
    sent.on("error", reject);
    sent.end(text);
  });
}
