import type { z } from "zod";
import { trace } from "../audit/service.ts";
import type { Tx } from "../db/client.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { findPeopleNames } from "../identity/service.ts";
import { ageOn, localDay, type PatientRecord } from "../patients/service.ts";
import type {
  PolicyView,
  policyBody,
  policyNumbers,
  policyQuestions,
  Questionnaire,
} from "./contract.ts";
import {
  answersOfChoice,
  conditions,
  type FeverRegion,
  type FeverRules,
  feverRegions,
  infantMonths,
  redFlags,
  regionOfCalendar,
} from "./domain.ts";
import {
  choiceWords,
  conditionWords,
  type FeverContent,
  starterPolicies,
  writeContent,
} from "./questions.ts";
import type { PolicyRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { entryKeys, saidWith, starterEntry, starterVenues, type VenueKey } from "./venue-words.ts";

/** A row's numbers, as the pure rules take them. */
export const rulesOf = (row: PolicyRow): FeverRules => ({
  region: row.region as FeverRegion,
  temperatureTenths: row.temperatureTenths,
  repeatMinMinutes: row.repeatMinMinutes,
  repeatMaxMinutes: row.repeatMaxMinutes,
  lookbackDays: row.lookbackDays as 7 | 14,
  clusterLeast: row.clusterLeast,
  asksMarmots: row.asksMarmots,
  blockHours: row.blockHours,
  resultMinHours: row.resultMinHours,
  resultMaxHours: row.resultMaxHours,
});

/** The version that counts in a region today. Every database has one from the beginning. */
export async function currentPolicy(tx: Tx, region: string, now: Date): Promise<PolicyRow> {
  const row = await repository.findPolicyOn(tx, region, localDay(now));
  if (!row) throw new DomainError("request.not-found");
  return row;
}

/** The region whose rules count for an institution. */
export async function regionOf(tx: Tx, institutionId: string): Promise<FeverRegion> {
  const site = await repository.findSite(tx, institutionId);
  if (site) return site.region as FeverRegion;
  const [institution] = await findInstitutions(tx, [institutionId]);
  return regionOfCalendar(institution?.holidayCalendar ?? "CN");
}

/** Completed months; null where no date is known, or only a year that may be an infant's. */
export function ageMonthsOf(patient: PatientRecord["row"], now: Date): number | null {
  const age = patient.birthDate ? ageOn(patient.birthDate, localDay(now)) : undefined;
  if (!age || (patient.birthDateEstimated && age.years < 1)) return null;
  return age.years * 12 + age.months;
}

/** The questions as somebody is asked them: what the alliance knows of the person is left out. */
export function questionnaireOf(
  row: PolicyRow,
  person: { ageMonths: number | null; sex: string } | null,
): Questionnaire {
  const age = person?.ageMonths ?? null;
  const mayBePregnant = !person || (person.sex !== "male" && (age === null || age >= 10 * 12));
  return {
    policyId: row.id,
    region: row.region as FeverRegion,
    regions: [...feverRegions],
    version: row.version,
    validFrom: row.validFrom,
    temperatureTenths: row.temperatureTenths,
    call120: saidOf(row, "call-120"),
    questions: row.content.questions
      .filter((one) => one.id !== "infant" || age === null)
      .filter((one) => one.id !== "condition" || age === null || age >= infantMonths)
      .map((one) => ({
        ...one,
        options:
          one.kind === "choice"
            ? answersOfChoice.map((value) => ({ value, text: choiceWords[value] }))
            : one.kind === "condition"
              ? conditions
                  .filter((value) => value !== "pregnancy" || mayBePregnant)
                  .map((value) => ({ value, text: conditionWords[value] }))
              : [],
        when:
          one.id === "feels-hot"
            ? { question: "temperature", values: ["unknown"] }
            : one.id === "condition" && age === null
              ? { question: "infant", values: ["no", "unknown"] }
              : null,
        ends: redFlags.includes(one.id) ? ["yes", "unknown"] : [],
      })),
  };
}

/** What a version says to whom it has led somewhere. */
export const saidOf = (row: PolicyRow, key: VenueKey) =>
  saidWith((row.content.venues ?? starterVenues)[key], row.temperatureTenths);

/** How to come in, by a version. */
export const entryOf = (row: PolicyRow) =>
  entryKeys.map((key) => ({
    key,
    ...saidWith((row.content.entry ?? starterEntry)[key], row.temperatureTenths),
  }));

/** All versions of all regions, newest first. */
export async function listPolicies(work: Work<StaffActor>): Promise<{ policies: PolicyView[] }> {
  assertPermission(work.actor, "fever.rules");
  return { policies: await viewPolicies(work, await repository.findPolicies(work.tx)) };
}

/** What would be asked; nothing is kept. */
export function previewPolicy(
  { actor }: Work<StaffActor>,
  { areas, ...numbers }: z.output<typeof policyNumbers>,
): z.input<typeof policyQuestions> {
  assertPermission(actor, "fever.rules");
  return { questions: asked(writeContent(numbers, areas)) };
}

const asked = (content: FeverContent) =>
  content.questions.map(({ id, text, hint }) => ({ id, text, hint }));

/** Write a version as a draft; it counts when a second clinician has published it. */
export async function draftPolicy(
  work: Work<StaffActor>,
  body: z.output<typeof policyBody>,
): Promise<PolicyView> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "fever.rules");
  if (body.validFrom < localDay(now)) throw new DomainError("fever.version-numbers");
  const { areas, venues = starterVenues, entry = starterEntry, ...rest } = body;
  const known = await repository.findPolicies(tx);
  const version =
    Math.max(0, ...known.filter((one) => one.region === body.region).map((one) => one.version)) + 1;
  const row = await repository.insertPolicy(tx, {
    ...rest,
    version,
    content: writeContent(rest, areas, { venues, entry }),
    authoredBy: actor.personId,
  });
  await trace(tx, actor, origin, {
    action: "fever-rules.draft",
    entityType: "fever-policy",
    entityId: row.id,
    detail: { region: row.region, version },
  });
  return (await viewPolicies(work, [row]))[0]!;
}

/**
 * Publish somebody else's draft. @throws DomainError `fever.second-clinician` for the author,
 * `fever.version-stands` when it was published before
 */
export async function publishPolicy(work: Work<StaffActor>, id: string): Promise<PolicyView> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "fever.rules");
  const draft = await repository.findPolicy(tx, id);
  if (!draft) throw new DomainError("request.not-found");
  if (draft.state === "published") throw new DomainError("fever.version-stands");
  if (draft.authoredBy === actor.personId) throw new DomainError("fever.second-clinician");
  const row = await repository.publishPolicy(tx, id, actor.personId, now);
  await trace(tx, actor, origin, {
    action: "fever-rules.publish",
    entityType: "fever-policy",
    entityId: id,
    detail: { region: draft.region, version: draft.version },
  });
  return (await viewPolicies(work, [row!]))[0]!;
}

async function viewPolicies(
  { tx, actor, now }: Work<StaffActor>,
  rows: readonly PolicyRow[],
): Promise<PolicyView[]> {
  const names = await findPeopleNames(
    tx,
    rows.flatMap((row) => [row.authoredBy, row.publishedBy].filter((one) => one !== null)),
  );
  const current = new Set<string>();
  for (const region of feverRegions)
    current.add((await repository.findPolicyOn(tx, region, localDay(now)))?.id ?? "");
  return rows.map((row) => ({
    ...rulesOf(row),
    id: row.id,
    version: row.version,
    validFrom: row.validFrom,
    state: row.state,
    areas: row.content.areas,
    source: row.source,
    author: row.authoredBy ? (names.get(row.authoredBy) ?? "") : null,
    publisher: row.publishedBy ? (names.get(row.publishedBy) ?? "") : null,
    publishedAt: row.publishedAt?.toISOString() ?? null,
    current: current.has(row.id),
    mayPublish: row.state === "draft" && row.authoredBy !== actor.personId,
    recalled: /回忆|待核对|\(m\)|recalled/i.test(row.source),
    questions: asked(row.content),
    venues: row.content.venues ?? starterVenues,
    entry: row.content.entry ?? starterEntry,
  }));
}

/** The rules that every database starts with. Repeatable; versions that are there stay. */
export async function loadFeverRules(tx: Tx): Promise<void> {
  const known = new Set((await repository.findPolicies(tx)).map((one) => one.region));
  for (const { areas, ...one } of starterPolicies) {
    if (known.has(one.region)) continue;
    await repository.insertPolicy(tx, {
      ...one,
      version: 1,
      state: "published",
      content: writeContent(one, areas),
      starter: true,
    });
  }
}
