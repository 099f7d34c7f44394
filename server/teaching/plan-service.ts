import { and, eq, inArray, isNull } from "drizzle-orm";
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { alliance, allianceMember, department } from "../directory/schema.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { localDay } from "../patients/service.ts";
import { loadPlanned, loadSession, teachingRights } from "./access.ts";
import { changeSession, takeTeachingStep, tellSession } from "./change.ts";
import type {
  changePlanBody,
  choices,
  PlanAction,
  PlanFields,
  peopleFound,
  SessionView,
  sessionList,
} from "./contract.ts";
import { defaultRecordingWords, missingParts, teachingNumber } from "./domain.ts";
import type { SessionRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { plannableStates } from "./states.ts";
import { tellCancelled, tellMoved, tellPlanned } from "./tell.ts";
import { houseNames, viewLines, viewSession } from "./view.ts";

type Staff = Work<StaffActor>;
const listed = 100;
const foundPeople = 20;

/** @throws DomainError `permission.denied` for who has nothing to do with teaching */
function assertTeaching(actor: StaffActor): void {
  if (actor.permissions.has("teaching.plan") || actor.permissions.has("teaching.manage")) return;
  if (actor.permissions.has("teaching.present") || actor.permissions.has("consult.interpret"))
    return;
  assertPermission(actor, "teaching.attend");
}

/** Sessions that concern the reader: coming and live ones by time, or past ones, newest first. */
export async function listSessions(
  work: Staff,
  past: boolean,
): Promise<z.input<typeof sessionList>> {
  assertTeaching(work.actor);
  const rows = await repository.findSessions(work.tx, { now: work.now, past, limit: listed });
  return { sessions: await viewLines(work, rows) };
}

/** The reader's own session of a title, where there is one. */
export async function findOwnSession(
  { tx, actor }: Staff,
  title: string,
): Promise<{ id: string; version: number } | null> {
  const row = await repository.findByTitle(tx, actor.personId, title);
  return row ? { id: row.id, version: row.version } : null;
}

/** @throws DomainError `request.not-found` */
export async function readSession(work: Staff, id: string): Promise<SessionView> {
  assertTeaching(work.actor);
  const { row, rights } = await loadSession(work, id);
  return viewSession(work, row, rights);
}

/** A draft of the reader's own house; it saves itself from then on. @throws DomainError `permission.denied` */
export async function draftSession(work: Staff, fields: PlanFields): Promise<SessionView> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "teaching.plan");
  const { speakers, audience, ...plan } = fields;
  const row = await repository.insertSession(tx, {
    ...columnsOf(plan),
    number: teachingNumber(localDay(now), await repository.nextNumber(tx)),
    institutionId: actor.institutionId,
    ownerId: actor.personId,
    updatedAt: now,
  });
  await repository.replaceSpeakers(tx, row.id, speakers);
  await repository.replaceAudience(tx, row.id, audience.map(audienceRow));
  await trace(tx, actor, origin, {
    action: "teaching.draft",
    entityType: "teaching-session",
    entityId: row.id,
  });
  await tellSession(work, row);
  return viewSession(work, row, await teachingRights(tx, actor, row.id));
}

/**
 * The whole plan anew. After it was announced, whoever is invited is told of another time or title.
 * @throws DomainError `request.not-found`, `permission.denied`, `teaching.illegal-step`, `teaching.changed-meanwhile`
 */
export async function changePlan(
  work: Staff,
  id: string,
  { version, speakers, audience, ...plan }: z.infer<typeof changePlanBody>,
): Promise<SessionView> {
  const { tx, actor, now } = work;
  const { row } = await loadPlanned(work, id);
  if (!plannableStates.includes(row.state))
    throw new DomainError("teaching.illegal-step", { from: row.state, action: "change" });
  if (row.version !== version) throw new DomainError("teaching.changed-meanwhile");
  if (row.state === "planned") assertComplete({ ...columnsOf(plan), speakers, audience }, now);
  await repository.replaceSpeakers(tx, id, speakers);
  await repository.replaceAudience(tx, id, audience.map(audienceRow));
  const changed = await changeSession(work, row, {
    action: "change-plan",
    version,
    change: columnsOf(plan),
  });
  if (changed.state === "planned" && row.startsAt?.getTime() !== changed.startsAt?.getTime())
    await tellMoved(work, changed);
  return viewSession(work, changed, await teachingRights(tx, actor, id));
}

/**
 * Announce it, or cancel it with a reason; invited houses and speakers are told.
 * @throws DomainError `teaching.incomplete`, `teaching.past`, `permission.denied`, `teaching.illegal-step`, `teaching.changed-meanwhile`
 */
export async function actOnPlan(work: Staff, id: string, body: PlanAction): Promise<SessionView> {
  const { tx, actor, now } = work;
  const { row } = await loadPlanned(work, id);
  if (body.action === "plan") {
    const speakers = await repository.findSpeakers(tx, [id]);
    const audience = await repository.findAudience(tx, [id]);
    assertComplete({ ...row, speakers, audience }, now);
  }
  const changed = await takeTeachingStep(work, row, {
    action: body.action,
    version: body.version,
    ...(body.action === "cancel" ? { change: { cancelReason: body.reason } } : {}),
  });
  if (body.action === "plan") await tellPlanned(work, changed);
  else if (row.state === "planned") await tellCancelled(work, changed);
  return viewSession(work, changed, await teachingRights(tx, actor, id));
}

/** What a planner chooses from. @throws DomainError `permission.denied` */
export async function planChoices(work: Staff): Promise<z.input<typeof choices>> {
  const { tx, actor } = work;
  assertPermission(actor, "teaching.plan");
  const departments = await tx
    .select()
    .from(department)
    .where(and(eq(department.institutionId, actor.institutionId), isNull(department.closedAt)))
    .orderBy(department.name);
  const own = await tx
    .select({ id: alliance.id, name: alliance.name, nameEn: alliance.nameEn })
    .from(allianceMember)
    .innerJoin(alliance, eq(alliance.id, allianceMember.allianceId))
    .where(eq(allianceMember.institutionId, actor.institutionId))
    .orderBy(alliance.name);
  const members = own.length
    ? await tx
        .select()
        .from(allianceMember)
        .where(
          inArray(
            allianceMember.allianceId,
            own.map((one) => one.id),
          ),
        )
    : [];
  const houses = await findInstitutions(tx, [...new Set(members.map((one) => one.institutionId))]);
  const series = (await repository.findSeriesList(tx)).filter(
    (one) => one.institutionId === actor.institutionId && one.closedAt === null,
  );
  return {
    institutionId: actor.institutionId,
    departments: departments.map((one) => ({
      id: one.id,
      name: { zh: one.name, en: one.nameEn, bo: one.nameBo },
    })),
    alliances: own.map((one) => ({
      id: one.id,
      name: { zh: one.name, en: one.nameEn, bo: null },
      houses: houses
        .filter(
          (house) =>
            house.id !== actor.institutionId &&
            members.some(
              (member) => member.allianceId === one.id && member.institutionId === house.id,
            ),
        )
        .map((house) => ({
          id: house.id,
          name: { zh: house.name, en: house.nameEn, bo: house.nameBo },
          level: house.level,
        })),
    })),
    series: series.map((one) => ({ id: one.id, title: one.title })),
    recordingWords: defaultRecordingWords,
  };
}

/** Who may be asked to speak, by name. @throws DomainError `permission.denied` */
export async function findSpeakersByName(
  work: Staff,
  words: string,
): Promise<z.input<typeof peopleFound>> {
  const { tx, actor, now } = work;
  assertPermission(actor, "teaching.plan");
  // What the pattern's own signs would mean is not meant.
  const plain = words.replaceAll(/[\\%_]/g, "");
  if (plain === "") return { people: [] };
  const found = await repository.findPeopleToSpeak(tx, plain, foundPeople, now);
  const houses = await houseNames(
    tx,
    found.map((one) => one.institution_id),
  );
  return {
    people: found.map((one) => ({
      personId: one.person_id,
      name: one.name,
      title: one.title,
      institutionId: one.institution_id,
      institution: houses.get(one.institution_id) ?? { zh: "—", en: null, bo: null },
    })),
  };
}

type PlanColumns = Omit<PlanFields, "speakers" | "audience">;

function columnsOf(plan: PlanColumns) {
  return { ...plan, startsAt: plan.startsAt ? new Date(plan.startsAt) : null } satisfies Partial<
    Omit<SessionRow, "id">
  >;
}

function audienceRow(one: PlanFields["audience"][number]) {
  return {
    kind: one.kind,
    allianceId: one.kind === "institution" ? null : one.allianceId,
    level: one.kind === "level" ? one.level : null,
    institutionId: one.kind === "institution" ? one.institutionId : null,
  };
}

/** @throws DomainError `teaching.incomplete`, `teaching.past` */
function assertComplete(plan: Parameters<typeof missingParts>[0], now: Date): void {
  const missing = missingParts(plan);
  if (missing.length > 0)
    throw new DomainError("teaching.incomplete", {
      missing: missing.map((one) => partNames[one]).join("、"),
      parts: missing,
    });
  if (plan.startsAt && plan.startsAt < now) throw new DomainError("teaching.past");
}

const partNames = {
  topic: "内容简介",
  time: "时间",
  length: "时长",
  presenter: "讲者",
  audience: "听众",
} as const;
