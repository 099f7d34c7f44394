import type { z } from "zod";
import { trace } from "../audit/service.ts";
import type { Tx } from "../db/client.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { PatientActor, StaffActor } from "../identity/domain.ts";
import { ageOn, findPatient, localDay, type PatientRecord } from "../patients/service.ts";
import { hearOfCheck } from "./check-clocks.ts";
import type {
  AssessmentList,
  AssessmentView,
  assessmentBody,
  checkBody,
  overruleBody,
  Questionnaire,
} from "./contract.ts";
import {
  checkAfterHours,
  concerns,
  decide,
  type Facts,
  historyFor,
  openQuestions,
  type TriageOutcome,
  type TriageUrgency,
  type VitalsProblem,
  vitalsProblem,
} from "./domain.ts";
import * as repository from "./repository.ts";
import { compiledOf, currentSet } from "./rule-sets.ts";
import { viewAssessments } from "./view.ts";

type Asker = PatientActor | StaffActor;
const hour = 3_600_000;
/** What was said of a person is taken over for so many days; assessments are shown for as many. */
const knownDays = 90;
const shownDays = 3;

function assertAsks(actor: Asker, patientId: string): void {
  if (actor.kind === "staff") assertPermission(actor, "triage.assess");
  else if (!actor.patientIds.includes(patientId)) throw new DomainError("request.not-found");
}

/** Completed months and sex as triage takes them; null where nobody knows. */
function personOf({ row }: PatientRecord, now: Date): Pick<Facts, "ageMonths" | "sex"> {
  const age = row.birthDate ? ageOn(row.birthDate, localDay(now)) : undefined;
  const known = age && !(row.birthDateEstimated && age.years < 1);
  return {
    ageMonths: known ? age.years * 12 + age.months : null,
    sex: row.sex === "female" || row.sex === "male" ? row.sex : null,
  };
}

/** The questions for one person: what cannot concern him is left out. */
export async function readQuestionnaire(
  { tx, actor, origin, now }: Work<Asker>,
  patientId: string,
): Promise<Questionnaire> {
  assertAsks(actor, patientId);
  const record = await findPatient(tx, patientId);
  if (!record) throw new DomainError("request.not-found");
  const place = actor.kind === "staff" ? actor.institutionId : record.row.managingInstitutionId;
  const set = await currentSet(tx, place, now);
  const { content } = await compiledOf(tx, set.id, set);
  const person = personOf(record, now);
  const since = new Date(now.getTime() - knownDays * 24 * hour);
  const past = await repository.findAssessmentsOf(tx, [patientId], since);
  const [house] = actor.kind === "staff" ? await findInstitutions(tx, [actor.institutionId]) : [];
  await trace(tx, actor, origin, {
    action: "triage.ask",
    entityType: "patient",
    entityId: patientId,
    patientId,
    purpose: "treatment",
  });
  const shown = content.complaints.filter((one) => concerns(one.who, person));
  return {
    ruleSetId: set.id,
    version: set.version,
    validFrom: set.validFrom,
    ...person,
    complaints: shown.map(({ key, group, name }) => ({
      key,
      group,
      name,
      ...historyFor(content, key),
    })),
    redFlags: content.redFlags
      .filter((one) => concerns(one.who, person))
      .map(({ key, complaints, ask, because, yes, unknown }) => ({
        key,
        complaints,
        ask,
        because,
        ends: [
          ...(yes.outcome === "emergency" ? (["yes"] as const) : []),
          ...(unknown.outcome === "emergency" ? (["unknown"] as const) : []),
        ],
      })),
    questions: content.questions
      .filter((one) => concerns(one.who, person))
      .map(({ key, complaints, ask, kind }) => ({ key, complaints, ask, kind })),
    known:
      past.length > 0
        ? {
            conditions: [...new Set(past.flatMap(({ facts }) => facts.conditions ?? []))],
            medicines: [...new Set(past.flatMap(({ facts }) => facts.medicines ?? []))],
          }
        : null,
    altitudeMetres: house?.altitudeMetres ?? null,
  };
}

const vitalsErrors = {
  "pressure-order": "triage.pressure-order",
  fahrenheit: "triage.fahrenheit",
  kilopascal: "triage.kilopascal",
  milligrams: "triage.milligrams",
  oxygen: "triage.oxygen-over",
  outside: "triage.outside",
} as const satisfies Record<VitalsProblem["problem"], string>;

/**
 * Decide and keep. The decision is made anew here: no page says where somebody goes.
 * @throws DomainError `triage.outdated`, `triage.complaint`, `triage.unanswered`, and a code for each
 * measurement that cannot be ({@link vitalsErrors}); `request.not-found`
 */
export async function assess(
  work: Work<Asker>,
  input: z.output<typeof assessmentBody>,
): Promise<AssessmentView> {
  const { tx, actor, origin, now } = work;
  assertAsks(actor, input.patientId);
  const record = await findPatient(tx, input.patientId);
  if (!record) throw new DomainError("request.not-found");
  const staff = actor.kind === "staff";
  const set = await currentSet(
    tx,
    staff ? actor.institutionId : record.row.managingInstitutionId,
    now,
  );
  if (set.id !== input.ruleSetId) throw new DomainError("triage.outdated");
  const wrong = vitalsProblem(input.values);
  if (wrong)
    throw new DomainError(vitalsErrors[wrong.problem], {
      field: wrong.field,
      low: wrong.low,
      high: wrong.high,
    });
  const { content, rules } = await compiledOf(tx, set.id, set);
  const person = personOf(record, now);
  const facts: Facts = {
    complaint: input.complaint,
    ageMonths: person.ageMonths ?? input.ageMonths ?? null,
    sex: person.sex,
    answers: input.answers,
    values: input.values,
    consciousness: input.consciousness ?? null,
    conditions: input.conditions,
    medicines: input.medicines,
  };
  const decision = decide(rules, facts);
  const open = openQuestions(content, facts, staff ? "staff" : "phone");
  if (open.length > 0) throw new DomainError("triage.unanswered", { questions: open });
  const row = await repository.insertAssessment(tx, {
    ruleSetId: set.id,
    patientId: input.patientId,
    institutionId: staff ? actor.institutionId : null,
    assessedBy: staff ? actor.personId : null,
    relation: input.relation ?? "self",
    assessedAt: now,
    complaint: input.complaint,
    facts,
    outcome: decision.outcome,
    urgency: decision.urgency,
    rules: decision.fired.map((one) => one.key),
    redFlags: decision.redFlags,
    remeasure: decision.remeasure,
    checkDueAt:
      decision.outcome === "home-advice" ? new Date(now.getTime() + checkAfterHours * hour) : null,
  });
  await trace(tx, actor, origin, {
    action: "triage.assess",
    entityType: "triage-assessment",
    entityId: row.id,
    patientId: row.patientId,
    purpose: "treatment",
    detail: { version: set.version },
  });
  return (await viewAssessments(work, [row]))[0]!;
}

/** One assessment. @throws DomainError `request.not-found`: another phone's or institution's is not there */
export async function readAssessment(work: Work<Asker>, id: string): Promise<AssessmentView> {
  const { tx, actor, origin } = work;
  if (actor.kind === "staff") assertPermission(actor, "triage.assess");
  const row = await repository.findAssessmentRow(tx, id);
  if (!row) throw new DomainError("request.not-found");
  await trace(tx, actor, origin, {
    action: "triage.read",
    entityType: "triage-assessment",
    entityId: id,
    patientId: row.patientId,
    purpose: "treatment",
  });
  return (await viewAssessments(work, [row]))[0]!;
}

/** What this phone's people were told lately, newest first. */
export async function listMine(work: Work<PatientActor>): Promise<AssessmentList> {
  const since = new Date(work.now.getTime() - shownDays * 24 * hour);
  const rows = await repository.findAssessmentsOf(work.tx, work.actor.patientIds, since);
  return { assessments: await viewAssessments(work, rows) };
}

/** What the institution asked of one patient, newest first. */
export async function listOfPatient(
  work: Work<StaffActor>,
  patientId: string,
): Promise<AssessmentList> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "triage.assess");
  if (!(await findPatient(tx, patientId))) throw new DomainError("request.not-found");
  const since = new Date(now.getTime() - knownDays * 24 * hour);
  const rows = await repository.findAssessmentsOf(tx, [patientId], since);
  await trace(tx, actor, origin, {
    action: "triage.list",
    entityType: "patient",
    entityId: patientId,
    patientId,
    purpose: "treatment",
    detail: { rows: rows.length },
  });
  return { assessments: await viewAssessments(work, rows) };
}

/**
 * How it went, a day after home advice. The same answer twice changes nothing.
 * @throws DomainError `request.not-found`
 */
export async function answerCheck(
  work: Work<PatientActor>,
  id: string,
  { answer }: z.output<typeof checkBody>,
): Promise<AssessmentView> {
  const { tx, actor, origin, now } = work;
  const known = await repository.findAssessmentRow(tx, id);
  if (!known?.checkDueAt) throw new DomainError("request.not-found");
  const answered = await repository.answerCheck(tx, id, answer, now);
  if (answered) await hearOfCheck(tx, answered, now);
  const row = answered ?? known;
  await trace(tx, actor, origin, {
    action: "triage.check",
    entityType: "triage-assessment",
    entityId: id,
    patientId: row.patientId,
  });
  return (await viewAssessments(work, [row]))[0]!;
}

/**
 * A doctor who has examined decides otherwise.
 * @throws DomainError `permission.denied`, `request.not-found`, `triage.not-examined`, `triage.overruled`
 */
export async function overrule(
  work: Work<StaffActor>,
  id: string,
  input: z.output<typeof overruleBody>,
): Promise<AssessmentView> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "triage.overrule");
  const row = await repository.findAssessmentRow(tx, id);
  if (!row) throw new DomainError("request.not-found");
  const examinedAt = new Date(input.examinedAt);
  // Nobody was examined later than now, nor for this assessment a day before it.
  if (
    !input.examined ||
    input.reason.length < 5 ||
    examinedAt > now ||
    examinedAt.getTime() < row.assessedAt.getTime() - 24 * hour
  )
    throw new DomainError("triage.not-examined");
  const made = await repository.insertOverrule(tx, {
    assessmentId: id,
    overruledBy: actor.personId,
    institutionId: actor.institutionId,
    overruledAt: now,
    examinedAt,
    examined: true,
    outcome: input.outcome,
    urgency: input.urgency,
    reason: input.reason,
  });
  if (!made) throw new DomainError("triage.overruled");
  await trace(tx, actor, origin, {
    action: "triage.overrule",
    entityType: "triage-assessment",
    entityId: id,
    patientId: row.patientId,
    purpose: "treatment",
    detail: { redFlags: row.redFlags.length },
  });
  return (await viewAssessments(work, [row]))[0]!;
}

export type TriageAssessment = {
  id: string;
  patientId: string;
  institutionId: string | null;
  assessedAt: Date;
  complaint: string;
  /** What counts: a doctor's decision where there is one. */
  outcome: TriageOutcome;
  urgency: TriageUrgency;
  ruled: { outcome: TriageOutcome; urgency: TriageUrgency };
  rules: string[];
  redFlags: string[];
  version: number;
  facts: Facts;
  overruled: boolean;
};

/** The newest that whoever asks may see of a patient, no older than `since`. Leaves no trace: the caller does. */
export async function findLatestAssessment(
  tx: Tx,
  patientId: string,
  since: Date,
): Promise<TriageAssessment | null> {
  const rows = await repository.findAssessmentsOf(tx, [patientId], since);
  const [latest] = rows.toSorted(
    (one, other) => other.assessedAt.getTime() - one.assessedAt.getTime(),
  );
  return latest ? findAssessment(tx, latest.id) : null;
}

/** For a referral that carries it; null where the reader may not see it. Leaves no trace: the caller does. */
export async function findAssessment(tx: Tx, id: string): Promise<TriageAssessment | null> {
  const row = await repository.findAssessmentRow(tx, id);
  if (!row) return null;
  const [other] = await repository.findOverrules(tx, [id]);
  const { version } = await compiledOf(tx, row.ruleSetId);
  return {
    id: row.id,
    patientId: row.patientId,
    institutionId: row.institutionId,
    assessedAt: row.assessedAt,
    complaint: row.complaint,
    outcome: (other ?? row).outcome,
    urgency: (other ?? row).urgency,
    ruled: { outcome: row.outcome, urgency: row.urgency },
    rules: row.rules,
    redFlags: row.redFlags,
    version,
    facts: row.facts,
    overruled: other !== undefined,
  };
}
