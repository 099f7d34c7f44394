import { type SQL, sql } from "drizzle-orm";
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import type { Tx } from "../db/client.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Services, type Work } from "../http/context.ts";
import type { Language, StaffActor } from "../identity/domain.ts";
import type { ContactRelation } from "../patients/domain.ts";
import { type RecallCause, type RecallState, recallHours } from "../sampling/domain.ts";
import type {
  exposureAnswer,
  exposureBody,
  recallCallBody,
  recallList,
  recallView,
} from "./contract.ts";
import type { RecallOutcome } from "./domain.ts";
import { textArray } from "./repository.ts";
import { tellRecall, wakeRecalls } from "./tell.ts";
import { recallText } from "./texts.ts";
import { iso, isoOrNull } from "./view.ts";

type Staff = Work<StaffActor>;
export const recallPhoneContext = "recall_call.contact_phone";
const languages: readonly Language[] = ["zh-CN", "bo", "en"];
const shownDays = 2;

export type RecallRow = {
  id: string;
  version: number;
  state: RecallState;
  cause: RecallCause;
  single: boolean;
  patientId: string;
  institutionId: string;
  name: string | null;
  language: Language;
  code: string | null;
  siteZh: string | null;
  siteEn: string | null;
  siteBo: string | null;
  place: string | null;
  issuedAt: string;
  dueAt: string;
  ownerId: string | null;
  ownerName: string | null;
  toldAt: string | null;
  toldHow: string | null;
  sampledAt: string | null;
  hasCall: boolean;
  contactName: string | null;
  contactRelation: ContactRelation | null;
  contactPhoneCipher: string | null;
  attempts: number | null;
  lastAt: string | null;
  lastOutcome: RecallOutcome | null;
};

/**
 * Recalls with whom, where to and what was tried. The place is where the person was sampled, or another site
 * of the institution when that one is closed.
 */
export function findRecalls(tx: Tx, where: SQL, limit = 500): Promise<RecallRow[]> {
  return tx.execute<RecallRow>(sql`
    select c.id, c.version, c.state, c.cause, c.single, c.patient_id as "patientId", c.institution_id as "institutionId",
      coalesce(p.full_name, p.full_name_bo) as name, p.language, r.code, s.name_zh as "siteZh", s.name_en as "siteEn", s.name_bo as "siteBo", s.place,
      c.issued_at as "issuedAt", c.due_at as "dueAt", c.task_owner_id as "ownerId", o.name as "ownerName", c.told_at as "toldAt", c.told_how as "toldHow",
      c.sampled_at as "sampledAt", k.recall_id is not null as "hasCall", k.contact_name as "contactName", k.contact_relation as "contactRelation",
      k.contact_phone_cipher as "contactPhoneCipher", k.attempts, k.last_at as "lastAt", k.last_outcome as "lastOutcome"
    from recall c left join patient p on p.id = c.patient_id left join test_registration r on r.id = c.registration_id
      left join person o on o.id = c.task_owner_id left join recall_call k on k.recall_id = c.id
      left join lateral (select s.* from sampling_site s where s.institution_id = c.institution_id and (s.closes_at is null or s.closes_at > c.due_at)
        order by (s.id = r.site_id) desc nulls last, s.opens_at limit 1) s on true
    where ${where} order by c.due_at, c.id limit ${limit}`);
}

export const wordsOf = (row: RecallRow) =>
  recallText({
    place: {
      zh: row.siteZh ?? "采样点",
      en: row.siteEn ?? "the sampling site",
      bo: row.siteBo,
      place: row.place ?? "",
    },
    dueAt: new Date(row.dueAt),
    code: row.code,
  });

/** The institution's recalls: who has to come again, who knows it, whom to call. The most urgent first. */
export async function listRecalls(
  services: Services,
  work: Staff,
  scope: "open" | "done",
): Promise<z.input<typeof recallList>> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "sampling.lead");
  const own = sql`c.institution_id = ${actor.institutionId}`;
  const since = new Date(now.getTime() - shownDays * 86_400_000).toISOString();
  const rows = await findRecalls(
    tx,
    scope === "open"
      ? sql`${own} and c.state in ('issued', 'told', 'sampled')`
      : sql`${own} and c.state in ('confirmed', 'repeated', 'withdrawn') and c.ended_at > ${since}`,
  );
  const [counts] = await tx.execute<{ open: number; untold: number; overdue: number }>(sql`
    select count(*)::int as open, count(*) filter (where c.state = 'issued')::int as untold,
      count(*) filter (where c.state in ('issued', 'told') and c.due_at < ${now.toISOString()})::int as overdue
    from recall c where ${own} and c.state in ('issued', 'told', 'sampled')`);
  if (rows.length > 0)
    await trace(tx, actor, origin, {
      action: "recall.list",
      entityType: "recall",
      purpose: "public-health",
      detail: { rows: rows.length },
    });
  return {
    now: now.toISOString(),
    recalls: rows.map((row) => viewRecall(services, actor, row)),
    counts: counts!,
  };
}

function viewRecall(
  { vault }: Services,
  actor: StaffActor,
  row: RecallRow,
): z.input<typeof recallView> {
  const words = wordsOf(row);
  return {
    id: row.id,
    version: row.version,
    state: row.state,
    cause: row.cause,
    single: row.single,
    name: row.name ?? "",
    code: row.code,
    site: row.siteZh ? { zh: row.siteZh, en: row.siteEn, bo: row.siteBo } : null,
    place: row.place,
    issuedAt: iso(row.issuedAt),
    dueAt: iso(row.dueAt),
    owner: row.ownerId ? { id: row.ownerId, name: row.ownerName ?? "" } : null,
    mine: row.ownerId === actor.personId,
    toldAt: isoOrNull(row.toldAt),
    toldHow: row.toldHow,
    sampledAt: isoOrNull(row.sampledAt),
    contact: row.hasCall
      ? {
          name: row.contactName,
          relation: row.contactRelation,
          phone: row.contactPhoneCipher
            ? vault.open(recallPhoneContext, row.contactPhoneCipher)
            : null,
        }
      : null,
    attempts: row.attempts ?? 0,
    lastAt: isoOrNull(row.lastAt),
    lastOutcome: row.lastOutcome,
    language: row.language,
    words: Object.fromEntries(
      languages.map((one) => [one, words(one).replace(/^(【医联】|\[Yilian\])\s*/u, "")]),
    ) as Record<Language, string>,
  };
}

/** See to somebody: the task is mine from now on, whoever had it. */
export async function takeRecall(
  services: Services,
  work: Staff,
  id: string,
  version: number,
): Promise<z.input<typeof recallView>> {
  const { tx, actor, origin } = work;
  assertPermission(actor, "sampling.lead");
  const row = await load(work, id);
  if (row.ownerId !== actor.personId) {
    if (row.version !== version) throw new DomainError("sampling.changed-meanwhile");
    await tx.execute(
      sql`update recall set task_owner_id = ${actor.personId}, version = version + 1 where id = ${id}`,
    );
    await trace(tx, actor, origin, {
      action: "recall.take",
      entityType: "recall",
      entityId: id,
      patientId: row.patientId,
      purpose: "public-health",
    });
    await tellRecall(tx, id, row.institutionId);
  }
  return viewRecall(services, actor, await load(work, id));
}

/**
 * What came of a call or a visit. Reached, or left with whoever helps: told, if nobody had told before.
 * @throws DomainError `sampling.changed-meanwhile`, `sampling.illegal-step` once sampled
 */
export async function recordRecallCall(
  services: Services,
  work: Staff,
  id: string,
  input: z.output<typeof recallCallBody>,
): Promise<z.input<typeof recallView>> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "sampling.lead");
  const row = await load(work, id);
  if (row.version !== input.version) throw new DomainError("sampling.changed-meanwhile");
  if (row.state !== "issued" && row.state !== "told")
    throw new DomainError("sampling.illegal-step");
  const at = now.toISOString();
  await tx.execute(sql`update recall_call set attempts = attempts + 1, last_at = ${at}, last_outcome = ${input.outcome}, last_by = ${actor.personId}
    where recall_id = ${id}`);
  if (row.state === "issued" && input.outcome !== "not-reached")
    await tx.execute(sql`update recall set state = 'told', told_at = ${at}, told_how = ${input.outcome === "visit" ? "visit" : "call"},
      told_by = ${actor.personId}, task_owner_id = coalesce(task_owner_id, ${actor.personId}), version = version + 1 where id = ${id}`);
  else
    await tx.execute(
      sql`update recall set task_owner_id = coalesce(task_owner_id, ${actor.personId}), version = version + 1 where id = ${id}`,
    );
  await trace(tx, actor, origin, {
    action: "recall.call",
    entityType: "recall",
    entityId: id,
    patientId: row.patientId,
    purpose: "public-health",
    detail: { outcome: input.outcome },
  });
  await tellRecall(tx, id, row.institutionId);
  return viewRecall(services, actor, await load(work, id));
}

async function load({ tx, actor }: Staff, id: string): Promise<RecallRow> {
  const [row] = await findRecalls(
    tx,
    sql`c.id = ${id} and c.institution_id = ${actor.institutionId}`,
  );
  if (!row) throw new DomainError("request.not-found");
  return row;
}

/**
 * How many were sampled at a place in a time, and how many of them are recalled already. Nothing is issued.
 */
export async function previewExposure(
  work: Staff,
  input: z.output<typeof exposureBody>,
): Promise<z.input<typeof exposureAnswer>> {
  assertPermission(work.actor, "sampling.lead");
  const people = await exposed(work, input);
  const fresh = await notRecalled(work, people);
  return { people: fresh.length, already: people.length - fresh.length };
}

/** Ask everybody again who was sampled at a place in a time. Issued twice, nobody is asked twice. */
export async function recallExposed(
  work: Staff,
  input: z.output<typeof exposureBody>,
): Promise<z.input<typeof exposureAnswer>> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "sampling.lead");
  // One at a time: a second press finds what the first has issued.
  await tx.execute(
    sql`select pg_advisory_xact_lock(hashtextextended(${`exposure:${actor.institutionId}`}, 0))`,
  );
  const people = await exposed(work, input);
  const fresh = await notRecalled(work, people);
  const dueAt = new Date(now.getTime() + recallHours.exposure * 3_600_000).toISOString();
  if (fresh.length > 0)
    await tx.execute(sql`
      insert into recall (patient_id, registration_id, institution_id, cause, single, issued_at, due_at, task_owner_id, note)
      select (v ->> 'patientId')::uuid, (v ->> 'registrationId')::uuid, ${actor.institutionId}, 'exposure', true, ${now.toISOString()}, ${dueAt}, ${actor.personId}, ${input.note}
      from jsonb_array_elements(${JSON.stringify(fresh)}::jsonb) v`);
  await trace(tx, actor, origin, {
    action: "recall.exposure",
    entityType: "recall",
    purpose: "public-health",
    detail: { people: fresh.length, from: input.from, to: input.to },
  });
  if (fresh.length > 0) {
    await wakeRecalls(tx);
    await tellRecall(tx, actor.institutionId, actor.institutionId);
  }
  return { people: fresh.length, already: people.length - fresh.length };
}

type Exposed = { patientId: string; registrationId: string };

/** Everybody with a swab of the own institution's sites in the time, by the last one. */
function exposed(
  { tx, actor }: Staff,
  { siteId, from, to }: z.output<typeof exposureBody>,
): Promise<Exposed[]> {
  return tx.execute<Exposed>(sql`
    select distinct on (m.patient_id) m.patient_id as "patientId", m.registration_id as "registrationId"
    from tube_member m join test_registration r on r.id = m.registration_id
    where r.institution_id = ${actor.institutionId} and (${siteId}::uuid is null or r.site_id = ${siteId}::uuid)
      and m.sampled_at >= ${from} and m.sampled_at < ${to} order by m.patient_id, m.sampled_at desc`);
}

async function notRecalled({ tx }: Staff, people: readonly Exposed[]): Promise<Exposed[]> {
  const open = await tx.execute<{ patientId: string }>(sql`
    select patient_id as "patientId" from recall where state in ('issued', 'told', 'sampled')
      and patient_id::text = any (${textArray(people.map((one) => one.patientId))})`);
  const known = new Set(open.map((one) => one.patientId));
  return people.filter((one) => !known.has(one.patientId));
}
