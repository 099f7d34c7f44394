import { randomBytes } from "node:crypto";
import { sql } from "drizzle-orm";
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { hold } from "../booking/service.ts";
import type { Tx } from "../db/client.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Work } from "../http/context.ts";
import type { Actor, PatientActor, StaffActor } from "../identity/domain.ts";
import { announce } from "../outbox/service.ts";
import type { ContactRelation } from "../patients/domain.ts";
import { findPatient, findPatients } from "../patients/service.ts";
import type {
  MyFever,
  Questionnaire,
  ScreeningAnswer,
  ScreeningView,
  screeningBody,
} from "./contract.ts";
import {
  addHours,
  decideVenue,
  type FeverAnswers,
  type FeverReason,
  type FeverRegion,
  feverPatientWords,
  screeningCode,
} from "./domain.ts";
import {
  ageMonthsOf,
  currentPolicy,
  questionnaireOf,
  regionOf,
  rulesOf,
  saidOf,
} from "./policy-service.ts";
import type { PolicyRow, ScreeningRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { viewSites } from "./site-service.ts";
import { venueKeyOf } from "./venue-words.ts";

/** Answers are shown again, and taken over at the desk, for so long. */
const shownDays = 3;

/** The questions for somebody of one's own, or for anybody. What is known of him is not asked. */
export async function readQuestionnaire(
  { tx, now }: Work<Actor>,
  query: { patientId?: string | undefined; region?: FeverRegion | undefined },
): Promise<Questionnaire> {
  const record = query.patientId ? await findPatient(tx, query.patientId) : null;
  if (query.patientId && !record) throw new DomainError("request.not-found");
  const region =
    query.region ??
    (record ? await regionOf(tx, record.row.managingInstitutionId) : ("CN-31" as const));
  return questionnaireOf(
    await currentPolicy(tx, region, now),
    record ? { ageMonths: ageMonthsOf(record.row, now), sex: record.row.sex } : null,
  );
}

/**
 * Keep answers with what they mean, decided anew here: no page says where somebody goes. A suspicion
 * replaces ordinary booking for the time of the policy.
 * @throws DomainError `fever.unanswered`, `fever.outdated`, `request.not-found`
 */
export async function keepScreening(
  work: Work<PatientActor | StaffActor>,
  input: {
    policyId: string;
    patientId: string;
    relation: ContactRelation;
    answers: readonly { question: string; value: string }[];
  },
): Promise<{ row: ScreeningRow; policy: PolicyRow }> {
  const { tx, actor, origin, now } = work;
  const policy = await repository.findPolicy(tx, input.policyId);
  const record = await findPatient(tx, input.patientId);
  if (!policy || !record) throw new DomainError("request.not-found");
  const counts = await currentPolicy(tx, policy.region, now);
  if (counts.id !== policy.id) throw new DomainError("fever.outdated");
  const ageMonths = ageMonthsOf(record.row, now);
  const answers = Object.fromEntries(
    input.answers.map((one) => [one.question, one.value]),
  ) as FeverAnswers;
  const decision = decideVenue(rulesOf(policy), ageMonths, answers);
  const row = await repository.insertScreening(
    tx,
    {
      policyId: policy.id,
      patientId: input.patientId,
      code: screeningCode(randomBytes(6)),
      answeredAt: now,
      askedBy: actor.kind === "staff" ? actor.personId : null,
      relation: input.relation,
      ageMonths,
      ...decision,
    },
    Object.entries(answers).map(([question, value]) => ({ question, value: value ?? "" })),
  );
  if (row.venue === "fever-clinic")
    await repository.blockForFever(tx, row.id, addHours(now, policy.blockHours), now);
  await trace(tx, actor, origin, {
    action: "fever.screen",
    entityType: "fever-screening",
    entityId: row.id,
    patientId: row.patientId,
    purpose: "treatment",
  });
  await announce(tx, { topic: "fever", id: row.id, version: 0 }, { patientIds: [row.patientId] });
  return { row, policy };
}

/**
 * The questionnaire of a phone: the decision, and for a suspicion a seat of the fever clinic that is held
 * in place of an ordinary one. Without a free seat nothing is lost: fever clinics take everybody who comes.
 */
export async function answerQuestionnaire(
  work: Work<PatientActor>,
  input: z.output<typeof screeningBody>,
): Promise<ScreeningAnswer> {
  const { tx, now, actor } = work;
  if (!actor.patientIds.includes(input.patientId)) throw new DomainError("request.not-found");
  const { row, policy } = await keepScreening(work, input);
  const [view] = await viewScreenings(tx, [row], now);
  const sites = await sitesOf(tx, policy.region, now);
  return {
    screening: view!,
    // Whoever has to stay where he is gets no seat to travel to.
    appointment:
      row.venue === "fever-clinic" && !row.stayPut
        ? await holdAlternative(
            work,
            row,
            sites.map((one) => one.institutionId),
          )
        : null,
    sites,
    affected: row.venue === "ordinary" ? [] : await affectedOf(work, row, view!.blockedUntil),
  };
}

const sitesOf = async (tx: Tx, region: string, now: Date) =>
  (
    await viewSites(
      tx,
      (await repository.findSites(tx)).filter((one) => one.region === region),
      now,
    )
  ).filter((one) => one.kind === "fever-clinic");

/** The seat that begins soonest in a fever clinic of the region. A refusal is an answer, not a failure. */
async function holdAlternative(
  work: Work<PatientActor>,
  row: ScreeningRow,
  institutionIds: readonly string[],
): Promise<ScreeningAnswer["appointment"]> {
  for (const segment of await repository.findFreeSegments(work.tx, institutionIds, work.now)) {
    try {
      const { appointment } = await hold(work, {
        segmentId: segment.id,
        patientId: row.patientId,
        relation: row.relation,
        channel: "phone-web",
      });
      return appointment;
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      // Somebody was faster: the next one. Anything else concerns all of them.
      if (error.code !== "booking.full") return null;
    }
  }
  return null;
}

async function affectedOf(
  { tx, now }: Work<PatientActor>,
  row: ScreeningRow,
  until: string | null,
): Promise<ScreeningAnswer["affected"]> {
  const rows = await tx.execute<{
    id: string;
    startsAt: string;
    zh: string;
    en: string | null;
    bo: string | null;
  }>(sql`
    select a.id, a.starts_at as "startsAt", d.name as zh, d.name_en as en, d.name_bo as bo
    from appointment a join clinic_schedule c on c.id = a.schedule_id join department d on d.id = a.department_id
    where a.patient_id = ${row.patientId} and a.state = 'booked' and c.kind <> 'fever-clinic'
      and a.starts_at > ${now.toISOString()} and a.starts_at < ${until ?? addHours(now, 24).toISOString()}
    order by a.starts_at limit 10`);
  return rows.map((one) => ({
    id: one.id,
    startsAt: new Date(one.startsAt).toISOString(),
    department: { zh: one.zh, en: one.en, bo: one.bo },
  }));
}

/** What this phone answered lately, and what becomes of it. */
export async function listMyFever(work: Work<PatientActor>): Promise<MyFever> {
  const { tx, actor, now } = work;
  const since = addHours(now, -shownDays * 24);
  const screenings = await repository.findScreeningsOf(tx, actor.patientIds, since);
  const visits = await repository.findVisitsOf(tx, actor.patientIds, addHours(now, -14 * 24));
  const institutions = await findInstitutions(tx, [
    ...new Set(visits.map((one) => one.institutionId)),
  ]);
  const names = await namesOf(
    tx,
    visits.map((one) => one.patientId),
  );
  return {
    screenings: await viewScreenings(tx, screenings, now),
    visits: visits.map((one) => {
      const place = institutions.find(({ id }) => id === one.institutionId);
      const step = feverPatientWords[one.state];
      return {
        id: one.id,
        patient: { id: one.patientId, name: names.get(one.patientId) ?? "" },
        institution: {
          zh: place?.name ?? "",
          en: place?.nameEn ?? null,
          bo: place?.nameBo ?? null,
        },
        at: one.updatedAt.toISOString(),
        step,
        resultDueAt: step === "result" ? (one.resultDueAt?.toISOString() ?? null) : null,
      };
    }),
  };
}

export async function viewScreenings(
  tx: Tx,
  rows: readonly ScreeningRow[],
  now: Date,
): Promise<ScreeningView[]> {
  const ids = rows.map((row) => row.patientId);
  const names = await namesOf(tx, ids);
  const blocks = await repository.findBlocks(tx, now, ids);
  const policies = new Map((await repository.findPolicies(tx)).map((one) => [one.id, one]));
  return rows.map((row) => ({
    id: row.id,
    code: row.code,
    policyId: row.policyId,
    policyVersion: policies.get(row.policyId)?.version ?? 0,
    patient: { id: row.patientId, name: names.get(row.patientId) ?? "" },
    answeredAt: row.answeredAt.toISOString(),
    venue: row.venue,
    call120: row.call120,
    stayPut: row.stayPut,
    route: row.route,
    reasons: row.reasons as FeverReason[],
    blockedUntil:
      blocks.find((one) => one.patientId === row.patientId)?.until.toISOString() ?? null,
    words: saidOf(policies.get(row.policyId)!, venueKeyOf(row)),
  }));
}

async function namesOf(tx: Tx, ids: readonly string[]): Promise<Map<string, string>> {
  const records = await findPatients(tx, [...new Set(ids)]);
  return new Map(records.map(({ row }) => [row.id, row.fullName ?? row.fullNameBo ?? ""]));
}
