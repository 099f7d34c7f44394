import { inArray } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { alliance, department, practitioner } from "../directory/schema.ts";
import { findInstitutions } from "../directory/service.ts";
import type { Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { findPeopleNames } from "../identity/service.ts";
import { leads, type TeachingRights } from "./access.ts";
import type { SessionLine, SessionView } from "./contract.ts";
import { defaultRecordingWords, minutesAfter, missingParts } from "./domain.ts";
import type { SessionRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { plannableStates, possibleTeachingActions } from "./states.ts";

type Words = { zh: string; en: string | null; bo: string | null };
const unknown: Words = { zh: "—", en: null, bo: null };

/** Names of houses by id, in three languages. */
export async function houseNames(tx: Tx, ids: readonly string[]): Promise<Map<string, Words>> {
  const houses = await findInstitutions(tx, [...new Set(ids)]);
  return new Map(
    houses.map((one) => [one.id, { zh: one.name, en: one.nameEn, bo: one.nameBo }] as const),
  );
}

export async function departmentNames(tx: Tx, ids: readonly string[]): Promise<Map<string, Words>> {
  if (ids.length === 0) return new Map();
  const rows = await tx
    .select()
    .from(department)
    .where(inArray(department.id, [...new Set(ids)]));
  return new Map(
    rows.map((row) => [row.id, { zh: row.name, en: row.nameEn, bo: row.nameBo }] as const),
  );
}

const languageOf = (code: string): "zh-CN" | "bo" | "en" =>
  code === "bo" || code === "en" ? code : "zh-CN";
const iso = (at: Date | null) => at?.toISOString() ?? null;

/** Lines of a list, with whoever presents and the reader's own part. */
export async function viewLines(
  { tx, actor }: Work<StaffActor>,
  rows: readonly SessionRow[],
): Promise<SessionLine[]> {
  const speakers = await repository.findSpeakers(
    tx,
    rows.map((row) => row.id),
  );
  const presenters = speakers.filter((one) => one.role === "presenter");
  const people = await findPeopleNames(
    tx,
    presenters.map((one) => one.personId),
  );
  const houses = await houseNames(
    tx,
    rows.map((row) => row.institutionId),
  );
  const departments = await departmentNames(
    tx,
    rows.flatMap((row) => row.departmentId ?? []),
  );
  return rows.map((row) => {
    const presenter = presenters.find((one) => one.sessionId === row.id);
    const mine = speakers.find(
      (one) =>
        one.sessionId === row.id &&
        one.personId === actor.personId &&
        one.institutionId === actor.institutionId,
    );
    return {
      id: row.id,
      number: row.number,
      version: row.version,
      state: row.state,
      title: { zh: row.title, en: row.titleEn, bo: row.titleBo },
      institutionId: row.institutionId,
      institution: houses.get(row.institutionId) ?? unknown,
      department: row.departmentId ? (departments.get(row.departmentId) ?? null) : null,
      startsAt: iso(row.startsAt),
      liveAt: iso(row.liveAt),
      lengthMinutes: row.lengthMinutes,
      languages: row.languages.map(languageOf),
      points: row.points,
      presenter: presenter ? (people.get(presenter.personId) ?? null) : null,
      record: row.record,
      interruptedAt: iso(row.interruptedAt),
      withheld: row.withheldAt !== null,
      cancelReason: row.cancelReason,
      seriesId: row.seriesId,
      speaks: mine?.role ?? null,
      plans:
        row.institutionId === actor.institutionId &&
        ((row.ownerId === actor.personId && actor.permissions.has("teaching.plan")) ||
          actor.permissions.has("teaching.manage")),
    };
  });
}

export async function viewSession(
  work: Work<StaffActor>,
  row: SessionRow,
  rights: TeachingRights,
): Promise<SessionView> {
  const { tx } = work;
  const [line] = await viewLines(work, [row]);
  const speakers = await repository.findSpeakers(tx, [row.id]);
  const audience = await repository.findAudience(tx, [row.id]);
  const people = await findPeopleNames(
    tx,
    speakers.map((one) => one.personId),
  );
  const titles = await findTitles(
    tx,
    speakers.map((one) => one.personId),
  );
  const houses = await houseNames(tx, [
    ...speakers.map((one) => one.institutionId),
    ...audience.flatMap((one) => one.institutionId ?? []),
  ]);
  const alliances = await allianceNames(
    tx,
    audience.flatMap((one) => one.allianceId ?? []),
  );
  const [series] = row.seriesId ? await repository.findSeries(tx, [row.seriesId]) : [];
  const plannable = plannableStates.includes(row.state);
  const clashes =
    plannable && row.startsAt && row.lengthMinutes
      ? await repository.findClashes(
          tx,
          speakers.map((one) => one.personId),
          {
            start: row.startsAt,
            end: minutesAfter(row.startsAt, row.lengthMinutes),
            except: row.id,
          },
        )
      : [];
  return {
    ...line!,
    plans: rights.sides.includes("planner"),
    speaks: rights.speaks,
    topic: row.topic,
    departmentId: row.departmentId,
    series: series ? { id: series.id, title: series.title } : null,
    minimumPresencePercent: row.minimumPresencePercent,
    minimumQuizPercent: row.minimumQuizPercent,
    recordingWords: row.recordingWords ?? defaultRecordingWords,
    ownerId: row.ownerId,
    endedAt: iso(row.endedAt),
    publishedAt: iso(row.publishedAt),
    cancelledAt: iso(row.cancelledAt),
    speakers: speakers.map((one) => ({
      personId: one.personId,
      name: people.get(one.personId) ?? "—",
      title: titles.get(one.personId) ?? null,
      institutionId: one.institutionId,
      institution: houses.get(one.institutionId) ?? unknown,
      role: one.role,
    })),
    audience: audience.map((one) => ({
      kind: one.kind,
      allianceId: one.allianceId,
      level: one.level,
      institutionId: one.institutionId,
      name:
        (one.institutionId ? houses.get(one.institutionId) : alliances.get(one.allianceId ?? "")) ??
        unknown,
    })),
    houses: (await repository.findHouses(tx, row.id)).length,
    watches: rights.watches,
    leads: leads(rights),
    actions: possibleTeachingActions(row.state, rights.sides),
    missing: plannable ? missingParts({ ...row, speakers, audience }) : [],
    clashes: clashes.map((one) => ({
      personId: one.personId,
      title: one.title,
      startsAt: one.startsAt.toISOString(),
    })),
  };
}

async function findTitles(tx: Tx, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await tx
    .select({ id: practitioner.personId, title: practitioner.title })
    .from(practitioner)
    .where(inArray(practitioner.personId, [...ids]));
  return new Map(rows.map((row) => [row.id, row.title]));
}

async function allianceNames(tx: Tx, ids: readonly string[]): Promise<Map<string, Words>> {
  if (ids.length === 0) return new Map();
  const rows = await tx
    .select()
    .from(alliance)
    .where(inArray(alliance.id, [...ids]));
  return new Map(rows.map((row) => [row.id, { zh: row.name, en: row.nameEn, bo: null }] as const));
}
