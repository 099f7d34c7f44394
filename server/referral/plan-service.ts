/** Versions of an alliance's ways: drafted in one house, tried on past referrals, published by a second clinician. */
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { findPeopleNames } from "../identity/service.ts";
import { localDay } from "../patients/service.ts";
import type {
  PlanList,
  PlanSummary,
  PlanTest,
  PlanView,
  planBody,
  planChange,
  planTestBody,
} from "./plan-contract.ts";
import { compareOn, completeContent, faultsOf, type PlanContent } from "./plan-domain.ts";
import type { PlanRow } from "./plan-repository.ts";
import * as repository from "./plan-repository.ts";
import { plainRef } from "./view.ts";

const pastCases = 500;
const shownChanges = 100;
const nothing: PlanContent = { ways: [] };

/** The specialty alliances of the own house, each with its versions, newest first. @throws DomainError `permission.denied` */
export async function listPlans(work: Work<StaffActor>): Promise<PlanList> {
  const { tx, actor } = work;
  assertPermission(actor, "pathway.manage");
  const alliances = await repository.findAlliancesOf(tx, actor.institutionId);
  const ids = alliances.map((one) => one.id);
  const members = await repository.findMembers(tx, ids);
  const houseIds = [...new Set(members.map((one) => one.institutionId))];
  const houses = await findInstitutions(tx, houseIds);
  const departments = await repository.findDepartmentsOf(tx, houseIds);
  const plans = await summaries(work, await repository.findPlans(tx, ids));
  return {
    alliances: alliances.map((of) => {
      const inside = members.filter((one) => one.allianceId === of.id);
      const lead = inside.find((one) => one.lead)?.institutionId;
      return {
        alliance: { ...of, nameBo: null },
        lead: lead ?? null,
        houses: houses
          .filter((house) => inside.some((one) => one.institutionId === house.id))
          .map((house) => ({
            institution: plainRef(house),
            departments: departments
              .filter((one) => one.institutionId === house.id)
              .map((one) => ({ ...plainRef(one), specialtyCode: one.specialtyCode })),
          })),
        plans: plans.filter((one) => one.allianceId === of.id),
      };
    }),
  };
}

/** One version with its ways. @throws DomainError `request.not-found` */
export async function readPlan(work: Work<StaffActor>, id: string): Promise<PlanView> {
  assertPermission(work.actor, "pathway.manage");
  return view(work, await existing(work, id));
}

/** Write a version as a draft. @throws DomainError `pathway.day` for a day that is over */
export async function draftPlan(
  work: Work<StaffActor>,
  { content, ...body }: z.output<typeof planBody>,
): Promise<PlanView> {
  const { tx, actor, now } = work;
  await assertOwn(work, body.allianceId);
  if (body.validFrom < localDay(now)) throw new DomainError("pathway.day");
  const row = await repository.insertPlan(tx, {
    ...body,
    content: content as PlanContent,
    authoredBy: actor.personId,
  });
  await tracePlan(work, "pathway-plan.draft", row);
  return view(work, row);
}

/** Change one's own draft. @throws DomainError `pathway.stands`, `pathway.author`, `pathway.day` */
export async function changePlan(
  work: Work<StaffActor>,
  id: string,
  { content, ...body }: z.output<typeof planChange>,
): Promise<PlanView> {
  const { tx, actor, now } = work;
  assertPermission(actor, "pathway.manage");
  const known = await existing(work, id);
  if (known.state === "published") throw new DomainError("pathway.stands");
  if (known.authoredBy !== actor.personId) throw new DomainError("pathway.author");
  if (body.validFrom < localDay(now)) throw new DomainError("pathway.day");
  const row = await repository.updateDraft(tx, id, { ...body, content: content as PlanContent });
  if (!row) throw new DomainError("pathway.stands");
  await tracePlan(work, "pathway-plan.change", row);
  return view(work, row);
}

/** What a draft lacks, and which past referrals of the alliance it would judge otherwise; nothing is kept. */
export async function testPlan(
  work: Work<StaffActor>,
  { allianceId, content }: z.output<typeof planTestBody>,
): Promise<PlanTest> {
  const { tx, now } = work;
  await assertOwn(work, allianceId);
  const current = await repository.findPlanOn(tx, allianceId, localDay(now));
  const cases = await repository.findCases(tx, allianceId, pastCases);
  const changes = compareOn(current?.content ?? nothing, content as PlanContent, cases);
  return {
    faults: faultsOf(content as PlanContent, await memberIds(work, allianceId)),
    past: cases.length,
    changed: changes.length,
    refused: changes.filter((one) => one.refused).length,
    changes: changes.slice(0, shownChanges).map(({ at, ...change }) => {
      const { direction, urgency, state, toInstitutionId, vitals } = cases[at]!;
      return { direction, urgency, state, toInstitutionId, vitals, ...change };
    }),
  };
}

/**
 * Publish somebody else's draft. One that waited past its day begins today.
 * @throws DomainError `pathway.second-clinician`, `pathway.stands`, `pathway.faults`, `pathway.later`
 */
export async function publishPlan(work: Work<StaffActor>, id: string): Promise<PlanView> {
  const { tx, actor, now } = work;
  assertPermission(actor, "pathway.manage");
  const draft = await existing(work, id);
  await assertOwn(work, draft.allianceId);
  if (draft.state === "published") throw new DomainError("pathway.stands");
  if (draft.authoredBy === actor.personId) throw new DomainError("pathway.second-clinician");
  const [fault] = faultsOf(draft.content, await memberIds(work, draft.allianceId));
  if (fault) throw new DomainError("pathway.faults", { way: fault.way });
  const today = localDay(now);
  const validFrom = draft.validFrom > today ? draft.validFrom : today;
  const last = await repository.findLastDay(tx, draft.allianceId);
  if (last && last > validFrom) throw new DomainError("pathway.later", { day: last });
  const row = await repository.publishPlan(tx, id, {
    publishedBy: actor.personId,
    publishedAt: now,
    validFrom,
  });
  if (!row) throw new DomainError("pathway.stands");
  await tracePlan(work, "pathway-plan.publish", row);
  return view(work, row);
}

/** @throws DomainError `permission.denied`, `request.not-found` for an alliance of others */
async function assertOwn({ tx, actor }: Work<StaffActor>, allianceId: string): Promise<void> {
  assertPermission(actor, "pathway.manage");
  const own = await repository.findAlliancesOf(tx, actor.institutionId);
  if (!own.some((one) => one.id === allianceId)) throw new DomainError("request.not-found");
}

const memberIds = async ({ tx }: Work<StaffActor>, allianceId: string): Promise<string[]> =>
  (await repository.findMembers(tx, [allianceId])).map((one) => one.institutionId);

async function existing(work: Work<StaffActor>, id: string): Promise<PlanRow> {
  const row = await repository.findPlan(work.tx, id);
  if (!row) throw new DomainError("request.not-found");
  await assertOwn(work, row.allianceId);
  return row;
}

const tracePlan = (
  { tx, actor, origin }: Work<StaffActor>,
  action: string,
  row: PlanRow,
): Promise<void> =>
  trace(tx, actor, origin, {
    action,
    entityType: "alliance-plan",
    entityId: row.id,
    detail: { version: row.version },
  });

const view = async (work: Work<StaffActor>, row: PlanRow): Promise<PlanView> => ({
  ...(await summaries(work, [row]))[0]!,
  content: completeContent(row.content) as PlanView["content"],
});

async function summaries(
  { tx, actor, now }: Work<StaffActor>,
  rows: readonly PlanRow[],
): Promise<PlanSummary[]> {
  const names = await findPeopleNames(
    tx,
    rows.flatMap((row) => [row.authoredBy, row.publishedBy].filter((one) => one !== null)),
  );
  const current = new Set<string>();
  for (const of of new Set(rows.map((row) => row.allianceId)))
    current.add((await repository.findPlanOn(tx, of, localDay(now)))?.id ?? "");
  return rows.map((row) => ({
    id: row.id,
    allianceId: row.allianceId,
    version: row.version,
    validFrom: row.validFrom,
    state: row.state,
    note: row.note,
    starter: row.starter,
    author: row.authoredBy ? (names.get(row.authoredBy) ?? "") : null,
    publisher: row.publishedBy ? (names.get(row.publishedBy) ?? "") : null,
    publishedAt: row.publishedAt?.toISOString() ?? null,
    current: current.has(row.id),
    mayChange: row.state === "draft" && row.authoredBy === actor.personId,
    mayPublish: row.state === "draft" && row.authoredBy !== actor.personId,
    ways: row.content.ways.length,
    recalled: row.content.ways.filter((one) => one.recalled).length,
  }));
}
