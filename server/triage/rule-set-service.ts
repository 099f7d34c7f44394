/** Versions of the rules: drafted by one clinician, tried on cases, published by a second. */
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { findPeopleNames } from "../identity/service.ts";
import { localDay } from "../patients/service.ts";
import type {
  OverruledList,
  RuleSetSummary,
  RuleSetView,
  ruleSetBody,
  ruleSetChange,
  TestAnswer,
  testBody,
} from "./contract.ts";
import { compile, type Facts, type TriageRegion } from "./domain.ts";
import type { TriageContent } from "./grammar.ts";
import type { RuleSetRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { compareOn, findUnsafe } from "./safety.ts";
import { writtenCases } from "./written-cases.ts";

const pastCases = 500;
const shownChanges = 100;

/** All versions, newest first. @throws DomainError `permission.denied` */
export async function listSets(work: Work<StaffActor>): Promise<{ sets: RuleSetSummary[] }> {
  assertPermission(work.actor, "triage.rules");
  return { sets: await summaries(work, await repository.findSets(work.tx)) };
}

/** One version with its content. @throws DomainError `request.not-found` */
export async function readSet(work: Work<StaffActor>, id: string): Promise<RuleSetView> {
  assertPermission(work.actor, "triage.rules");
  return view(work, await existing(work, id));
}

/** Write a version as a draft. @throws DomainError `triage.day` for a day that is over */
export async function draftSet(
  work: Work<StaffActor>,
  body: z.output<typeof ruleSetBody>,
): Promise<RuleSetView> {
  const { tx, actor, now } = work;
  assertPermission(actor, "triage.rules");
  if (body.validFrom < localDay(now)) throw new DomainError("triage.day");
  const row = await repository.insertSet(tx, { ...body, authoredBy: actor.personId });
  await traceRules(work, "triage-rules.draft", row);
  return view(work, row);
}

/** Change one's own draft. @throws DomainError `triage.stands`, `triage.author`, `triage.day` */
export async function changeSet(
  work: Work<StaffActor>,
  id: string,
  body: z.output<typeof ruleSetChange>,
): Promise<RuleSetView> {
  const { tx, actor, now } = work;
  assertPermission(actor, "triage.rules");
  const known = await existing(work, id);
  if (known.state === "published") throw new DomainError("triage.stands");
  if (known.authoredBy !== actor.personId) throw new DomainError("triage.author");
  if (body.validFrom < localDay(now)) throw new DomainError("triage.day");
  const row = await repository.updateDraft(tx, id, body);
  if (!row) throw new DomainError("triage.stands");
  await traceRules(work, "triage-rules.change", row);
  return view(work, row);
}

/** What a draft would miss, and which cases it decides otherwise; nothing is kept. */
export async function testSet(
  work: Work<StaffActor>,
  { region, content }: z.output<typeof testBody>,
): Promise<TestAnswer> {
  const { tx, actor, now } = work;
  assertPermission(actor, "triage.rules");
  const before = await repository.findSetOn(tx, [region, "CN"], localDay(now));
  const past = await repository.findPastCases(tx, pastCases);
  const cases = [
    ...writtenCases.map(({ area, title, facts }) => ({ title: `${area}: ${title}`, facts })),
    ...past.map(({ facts }) => ({ title: null, facts })),
  ];
  const changes = before ? compareOn(compile(before.content), compile(content), cases) : [];
  return {
    unsafe: findUnsafe(before?.content ?? null, content),
    changes: changes.slice(0, shownChanges).map(({ facts, ...one }) => ({
      ...one,
      complaint: facts.complaint,
      ageMonths: facts.ageMonths,
      sex: facts.sex,
      given: givenIn(facts),
    })),
    written: writtenCases.length,
    past: past.length,
    lower: changes.filter((one) => one.lower).length,
  };
}

/** What matters of a case: what was not "no". */
function givenIn({
  answers,
  values,
  conditions,
  medicines,
}: Facts): Record<string, string | number> {
  return {
    ...Object.fromEntries(Object.entries(answers).filter(([, given]) => given !== "no")),
    ...values,
    ...Object.fromEntries([...(conditions ?? []), ...(medicines ?? [])].map((one) => [one, "yes"])),
  };
}

/**
 * Publish somebody else's draft, if it misses no red flag.
 * @throws DomainError `triage.second-clinician`, `triage.stands`, `triage.unsafe`
 */
export async function publishSet(work: Work<StaffActor>, id: string): Promise<RuleSetView> {
  const { tx, actor, now } = work;
  assertPermission(actor, "triage.rules");
  const draft = await existing(work, id);
  if (draft.state === "published") throw new DomainError("triage.stands");
  if (draft.authoredBy === actor.personId) throw new DomainError("triage.second-clinician");
  // Against the version that it would follow: one that begins earlier may have been published meanwhile.
  const today = localDay(now);
  const day = draft.validFrom > today ? draft.validFrom : today;
  const before = await repository.findSetOn(tx, [draft.region, "CN"], day);
  const unsafe = findUnsafe(before?.content ?? null, draft.content);
  if (unsafe.length > 0)
    throw new DomainError("triage.unsafe", {
      count: unsafe.length,
      rule: unsafe[0]!.rule,
      examples: unsafe.slice(0, 20),
    });
  const row = await repository.publishSet(tx, id, actor.personId, now);
  if (!row) throw new DomainError("triage.stands");
  await traceRules(work, "triage-rules.publish", row);
  return view(work, row);
}

/** How often each red flag fired, and how often a doctor who examined decided lower. */
export async function countOverruled(
  { tx, actor, now }: Work<StaffActor>,
  days: number,
): Promise<OverruledList> {
  if (!actor.permissions.has("alliance.view")) assertPermission(actor, "triage.rules");
  const rows = await repository.countOverruled(tx, new Date(now.getTime() - days * 24 * 3_600_000));
  const current = await repository.findSetOn(tx, ["CN"], localDay(now));
  const words = new Map(
    [...(current?.content.redFlags ?? []), ...(current?.content.rules ?? [])].map((one) => [
      one.key,
      one.because,
    ]),
  );
  return { rules: rows.map((row) => ({ ...row, because: words.get(row.rule) ?? null })) };
}

async function existing({ tx }: Work<StaffActor>, id: string): Promise<RuleSetRow> {
  const row = await repository.findSet(tx, id);
  if (!row) throw new DomainError("request.not-found");
  return row;
}

const traceRules = (
  { tx, actor, origin }: Work<StaffActor>,
  action: string,
  row: RuleSetRow,
): Promise<void> =>
  trace(tx, actor, origin, {
    action,
    entityType: "triage-rule-set",
    entityId: row.id,
    detail: { region: row.region, version: row.version },
  });

const view = async (work: Work<StaffActor>, row: RuleSetRow): Promise<RuleSetView> => ({
  ...(await summaries(work, [row]))[0]!,
  content: row.content,
});

const recalledIn = (content: TriageContent): number =>
  [...content.redFlags, ...content.rules].filter((one) => one.source.recalled).length;

async function summaries(
  { tx, actor, now }: Work<StaffActor>,
  rows: readonly RuleSetRow[],
): Promise<RuleSetSummary[]> {
  const names = await findPeopleNames(
    tx,
    rows.flatMap((row) => [row.authoredBy, row.publishedBy].filter((one) => one !== null)),
  );
  const current = new Set<string>();
  for (const region of new Set(rows.map((row) => row.region)))
    current.add((await repository.findSetOn(tx, [region], localDay(now)))?.id ?? "");
  return rows.map((row) => ({
    id: row.id,
    region: row.region as TriageRegion,
    version: row.version,
    validFrom: row.validFrom,
    state: row.state,
    note: row.note,
    author: row.authoredBy ? (names.get(row.authoredBy) ?? "") : null,
    publisher: row.publishedBy ? (names.get(row.publishedBy) ?? "") : null,
    publishedAt: row.publishedAt?.toISOString() ?? null,
    current: current.has(row.id),
    mayChange: row.state === "draft" && row.authoredBy === actor.personId,
    mayPublish: row.state === "draft" && row.authoredBy !== actor.personId,
    redFlags: row.content.redFlags.length,
    rules: row.content.rules.length,
    recalled: recalledIn(row.content),
  }));
}
