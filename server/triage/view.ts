/** An assessment as pages read it: why, in words, and the step that exists. */
import { findInstitutions } from "../directory/service.ts";
import type { Work } from "../http/context.ts";
import { findPeopleNames } from "../identity/service.ts";
import { findPatients } from "../patients/service.ts";
import type { AssessmentView } from "./contract.ts";
import type { TriageOutcome } from "./domain.ts";
import { decide, raise } from "./domain.ts";
import type { TriageContent } from "./grammar.ts";
import type { AssessmentRow, OverruleRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { compiledOf } from "./rule-sets.ts";

/** The view of rows that the reader may see, in their order. */
export async function viewAssessments(
  work: Work,
  rows: readonly AssessmentRow[],
): Promise<AssessmentView[]> {
  const { tx } = work;
  const overrules = await repository.findOverrules(
    tx,
    rows.map((row) => row.id),
  );
  const patients = await findPatients(tx, [...new Set(rows.map((row) => row.patientId))]);
  const names = await findPeopleNames(tx, [
    ...new Set([
      ...rows.flatMap((row) => row.assessedBy ?? []),
      ...overrules.map((one) => one.overruledBy),
    ]),
  ]);
  const views: AssessmentView[] = [];
  for (const row of rows) {
    const person = patients.find((one) => one.row.id === row.patientId)?.row;
    const overrule = overrules.find((one) => one.assessmentId === row.id) ?? null;
    views.push(await viewOf(work, row, overrule, person ?? null, names));
  }
  return views;
}

async function viewOf(
  { tx, actor }: Work,
  row: AssessmentRow,
  overrule: OverruleRow | null,
  person: {
    fullName: string | null;
    fullNameBo: string | null;
    managingInstitutionId: string;
  } | null,
  names: ReadonlyMap<string, string>,
): Promise<AssessmentView> {
  const { content, rules, version } = await compiledOf(tx, row.ruleSetId);
  const staff = actor.kind === "staff";
  const counts = overrule ?? row;
  const complaint = content.complaints.find((one) => one.key === row.complaint)!;
  const decision = decide(rules, row.facts);
  return {
    id: row.id,
    patient: { id: row.patientId, name: person?.fullName ?? person?.fullNameBo ?? "" },
    assessedAt: row.assessedAt.toISOString(),
    complaint: { key: complaint.key, name: complaint.name },
    outcome: counts.outcome,
    urgency: counts.urgency,
    ruled: { outcome: row.outcome, urgency: row.urgency },
    reasons: reasonsOf(content, row, decision, staff),
    redFlags: row.redFlags,
    version,
    remeasure: row.remeasure,
    home: counts.outcome === "home-advice" ? (complaint.home ?? anyHome(content)) : null,
    next: await nextOf({ tx, actor }, counts.outcome, decision.specialty, person),
    check:
      row.checkDueAt && !overrule
        ? { dueAt: row.checkDueAt.toISOString(), answer: row.checkAnswer }
        : null,
    by: row.assessedBy ? (names.get(row.assessedBy) ?? "") : null,
    overrule: overrule
      ? {
          by: names.get(overrule.overruledBy) ?? "",
          at: overrule.overruledAt.toISOString(),
          examinedAt: overrule.examinedAt.toISOString(),
          outcome: overrule.outcome,
          urgency: overrule.urgency,
          reason: overrule.reason,
        }
      : null,
    mayOverrule: staff && !overrule && actor.permissions.has("triage.overrule"),
  };
}

/** A doctor may send home where the complaint has no advice of its own: the general one. */
const anyHome = (content: TriageContent) =>
  content.complaints.find((one) => one.home !== null)?.home ?? null;

/** Why: what led as high as the answer comes first; the rest follows. Without a rule the complaint's own reason. */
function reasonsOf(
  content: TriageContent,
  row: AssessmentRow,
  decision: ReturnType<typeof decide>,
  staff: boolean,
): AssessmentView["reasons"] {
  const written = new Map(
    [...content.redFlags, ...content.rules].map((one) => [one.key, one] as const),
  );
  const reasons = decision.fired.map((one) => {
    const rule = written.get(one.key)!;
    return {
      key: one.key,
      words: rule.because,
      redFlag: one.redFlag,
      unknown: one.unknown,
      ...one.decision,
      source: staff ? rule.source : null,
    };
  });
  const complaint = content.complaints.find((one) => one.key === row.complaint)!;
  const base = {
    key: complaint.key,
    words: complaint.because,
    redFlag: false,
    unknown: false,
    ...complaint.base,
    source: null,
  };
  // The complaint's own reason is told where no rule led higher in place or time.
  const led = decision.fired.reduce((all, one) => raise(all, one.decision), complaint.base);
  const higher = led.outcome !== complaint.base.outcome || led.urgency !== complaint.base.urgency;
  return higher ? reasons : [...reasons, base];
}

async function nextOf(
  { tx, actor }: Pick<Work, "tx" | "actor">,
  outcome: TriageOutcome,
  specialty: string | null,
  person: { managingInstitutionId: string } | null,
): Promise<AssessmentView["next"]> {
  const bare = { departmentId: null, department: null, institution: null };
  if (outcome === "emergency") return { kind: "call-120", ...bare };
  if (outcome === "home-advice") return { kind: "home", ...bare };
  if (outcome === "fever-clinic") return { kind: "fever", ...bare };
  // A consult is between doctors: a phone is led to the community doctor who asks for it.
  if (outcome === "remote-consult" && actor.kind === "staff") return { kind: "consult", ...bare };
  const found = person
    ? await repository.findDepartmentFor(tx, {
        specialty,
        community: outcome !== "specialist-slot",
        managingInstitutionId: person.managingInstitutionId,
        ownInstitutionId: actor.kind === "staff" ? actor.institutionId : null,
      })
    : null;
  const [place] = found ? await findInstitutions(tx, [found.institutionId]) : [];
  return {
    kind: "book",
    departmentId: found?.departmentId ?? null,
    department: found ? { zh: found.name, en: found.nameEn, bo: found.nameBo } : null,
    institution: place ? { zh: place.name, en: place.nameEn, bo: place.nameBo } : null,
  };
}
