import { and, eq, inArray, isNotNull, isNull, like, notInArray, sql } from "drizzle-orm";
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { capacityOf } from "../capacity/service.ts";
import { closedStates } from "../consult/domain.ts";
import type { Vitals } from "../consult/schema.ts";
import { consult } from "../consult/schema.ts";
import { alliance, allianceMember, department } from "../directory/schema.ts";
import {
  distanceMetres,
  findInstitutions,
  type InstitutionRow,
  type Position,
} from "../directory/service.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { localDay, ofPerson } from "../patients/service.ts";
import { findLatestAssessment, type TriageAssessment } from "../triage/service.ts";
import type {
  known,
  knownQuery,
  pathwayList,
  pathwayQuery,
  ReferralContentBody,
  targetList,
  targetQuery,
} from "./contract.ts";
import { compareTargets, criteriaMet } from "./domain.ts";
import * as repository from "./repository.ts";
import { plainRef, viewSummaries } from "./view.ts";

/** Ways and their criteria, those of the specialty alliances of this house among them. */
export async function listPathways(
  work: Work<StaffActor>,
  query: z.infer<typeof pathwayQuery>,
): Promise<z.input<typeof pathwayList>> {
  const { tx, actor, now } = work;
  const ways = await repository.findPathways(tx, {
    direction: query.direction,
    institutionId: actor.institutionId,
    day: localDay(now),
    also: query.also,
  });
  const alliances = await tx.select().from(alliance);
  return {
    pathways: ways.map((way) => ({
      id: way.id,
      code: way.code,
      names: { zh: way.nameZh, en: way.nameEn, bo: way.nameBo },
      alliance: allianceNames(alliances.find((one) => one.id === way.allianceId)),
      specialtyCodes: way.specialtyCodes,
      reviewDays: way.reviewDays,
      followUpDays: way.followUpDays,
      receivers: way.receivers,
      wantedResults: way.wantedResults,
      returnTriggers: way.returnTriggers as PathwayTriggers,
      over: way.validUntil !== null && way.validUntil <= localDay(now),
      source: way.source,
      recalled: way.recalled,
      criteria: way.criteria.map((one) => ({
        code: one.code,
        names: { zh: one.textZh, en: one.textEn, bo: one.textBo },
        evidence: one.evidence ?? null,
      })),
    })),
  };
}

type PathwayTriggers = z.input<typeof pathwayList>["pathways"][number]["returnTriggers"];
const allianceNames = (of: { name: string; nameEn: string | null } | undefined) =>
  of ? { zh: of.name, en: of.nameEn, bo: null } : null;

/** Where to: departments of the alliances that both houses are in, the specialty's own alliance first. */
export async function listTargets(
  work: Work<StaffActor>,
  query: z.infer<typeof targetQuery>,
): Promise<z.input<typeof targetList>> {
  const { tx, actor } = work;
  // A desk that passes somebody on chooses where to, though it writes no referrals itself.
  if (!actor.permissions.has("referral.desk")) assertPermission(actor, "referral.request");
  const members = await tx
    .select({ member: allianceMember, of: alliance })
    .from(allianceMember)
    .innerJoin(alliance, eq(alliance.id, allianceMember.allianceId));
  const own = new Set(
    members
      .filter((one) => one.member.institutionId === actor.institutionId)
      .map((one) => one.of.id),
  );
  const reach = [
    ...new Set(members.filter((one) => own.has(one.of.id)).map((one) => one.member.institutionId)),
  ].filter((id) => id !== actor.institutionId);
  if (reach.length === 0) return { targets: [] };
  const institutions = await findInstitutions(tx, [...reach, actor.institutionId]);
  const here = institutions.find((one) => one.id === actor.institutionId);
  const departments = await tx
    .select()
    .from(department)
    .where(
      and(
        inArray(department.institutionId, reach),
        isNull(department.closedAt),
        query.specialty ? like(department.specialtyCode, `${query.specialty}%`) : sql`true`,
        // Places where nobody is treated.
        notInArray(department.slug, ["sampling", "telemedicine"]),
      ),
    );
  const loads = await repository.findLoads(tx, reach);
  const rooms = await capacityOf(tx, { institutionIds: reach, now: work.now });
  const targets = departments.flatMap((unit) => {
    const house = institutions.find((one) => one.id === unit.institutionId);
    if (!house || !rises(query.direction, here?.level, house.level)) return [];
    const shared = members.filter(
      (one) => one.member.institutionId === house.id && own.has(one.of.id),
    );
    const load = loads.filter((one) => one.institutionId === house.id);
    const at = here && positionOf(here);
    const there = positionOf(house);
    return [
      {
        institution: plainRef(house),
        department: plainRef({ ...unit, nameEn: unit.nameEn, nameBo: unit.nameBo }),
        specialtyCode: unit.specialtyCode,
        phone: house.phone,
        alliances: shared.flatMap((one) => allianceNames(one.of) ?? []),
        specialtyAlliance: shared.some((one) => one.of.kind === "specialty"),
        distanceMetres: at && there ? Math.round(distanceMetres(at, there)) : null,
        freeBeds: rooms.find((one) => one.departmentId === unit.id)?.staffedFree ?? null,
        openReferrals: load
          .filter((one) => one.departmentId === unit.id)
          .reduce((sum, one) => sum + one.open, 0),
        medianMinutes: load.find((one) => one.departmentId === unit.id)?.medianMinutes ?? null,
      },
    ];
  });
  return {
    targets: targets
      .sort((left, right) => compareTargets(comparable(left), comparable(right)))
      .slice(0, 60),
  };
}

function positionOf(house: InstitutionRow): Position | null {
  const { latitude, longitude } = house;
  return latitude === null || longitude === null ? null : { latitude, longitude };
}

const comparable = (one: {
  institution: { id: string };
  department: { id: string };
  alliances: readonly unknown[];
  specialtyAlliance: boolean;
  distanceMetres: number | null;
  freeBeds: number | null;
  openReferrals: number;
}) => ({
  institutionId: one.institution.id,
  departmentId: one.department.id,
  sharedAlliances: one.alliances.length,
  specialtyAlliance: one.specialtyAlliance,
  distanceMetres: one.distanceMetres,
  freeBeds: one.freeBeds ?? 0,
  openReferrals: one.openReferrals,
});

/** What was answered longer ago says little about today. */
const triageDays = 3;

/** What was measured when triage asked, as a referral writes it; the last reading of a pressure counts. */
function vitalsOf({ facts, assessedAt }: TriageAssessment): Vitals {
  const number = (...names: (keyof typeof facts.values)[]) =>
    names.map((name) => facts.values[name]).find((value) => typeof value === "number");
  const measured = Object.entries({
    temperatureCelsius: number("temperature"),
    systolicMmHg: number("systolicAgain", "systolic"),
    diastolicMmHg: number("diastolicAgain", "diastolic"),
    pulsePerMinute: number("pulse"),
    breathsPerMinute: number("breaths"),
    spo2Percent: number("oxygen"),
    consciousness: facts.consciousness ?? undefined,
  }).filter(([, value]) => value !== undefined);
  if (measured.length === 0) return {};
  return {
    ...Object.fromEntries(measured),
    measuredAt: assessedAt.toISOString(),
    ...(number("altitude") === undefined ? {} : { altitudeMetres: number("altitude") }),
  };
}

const heights = { primary: 0, secondary: 1, tertiary: 2 } as const;
/** Up leads higher, or across between hospitals; down leads lower, or to a house for rehabilitation. */
function rises(
  direction: "up" | "down",
  from: keyof typeof heights | undefined,
  to: keyof typeof heights,
): boolean {
  if (!from) return true;
  if (direction === "down") return heights[to] <= heights[from];
  return heights[to] > heights[from] || heights[to] > 0;
}

/**
 * What is known before a word is typed, with where it comes from, and what is open already: nothing is
 * asked twice, and a second referral is seen while it is written.
 */
export async function findKnown(
  work: Work<StaffActor>,
  query: z.infer<typeof knownQuery>,
): Promise<z.input<typeof known>> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "referral.request");
  const { patientId } = query;
  const [last] = await tx
    .select()
    .from(consult)
    .where(and(ofPerson(consult.patientId, patientId), isNotNull(consult.submittedAt)))
    .orderBy(sql`${consult.updatedAt} desc`)
    .limit(1);
  const earlier = await repository.findLatestOf(tx, patientId);
  const triage = await findLatestAssessment(
    tx,
    patientId,
    new Date(now.getTime() - triageDays * 86_400_000),
  );
  const content: ReferralContentBody = {};
  const sources: z.input<typeof known>["sources"] = [];
  const fill = <Field extends keyof ReferralContentBody>(
    field: Field,
    value: ReferralContentBody[Field] | null,
    from: "consult" | "referral" | "triage",
    at: Date,
  ) => {
    if (content[field] !== undefined || value === null || value === undefined) return;
    if (Array.isArray(value) ? value.length === 0 : value === "") return;
    if (typeof value === "object" && Object.keys(value).length === 0) return;
    content[field] = value;
    sources.push({ field, from, at: at.toISOString() });
  };
  if (triage) {
    const at = triage.assessedAt;
    fill("triageAssessmentId", triage.id, "triage", at);
    fill("urgency", triage.urgency, "triage", at);
    fill("vitals", vitalsOf(triage), "triage", at);
  }
  if (earlier) {
    const at = earlier.updatedAt;
    fill("pastHistory", earlier.pastHistory, "referral", at);
    fill("allergies", earlier.allergies, "referral", at);
    fill("medicines", earlier.medicines, "referral", at);
    if (earlier.direction === query.direction)
      fill("requesterPhone", earlier.requesterPhone, "referral", at);
  }
  if (last) {
    const at = last.updatedAt;
    fill("presentHistory", last.presentHistory, "consult", at);
    fill("pastHistory", last.pastHistory, "consult", at);
    fill("examination", last.examination, "consult", at);
    fill("treatmentSoFar", last.treatmentSoFar, "consult", at);
    fill("results", last.investigations, "consult", at);
    fill("impression", last.provisionalDiagnoses, "consult", at);
    fill("vitals", last.vitals, "consult", at);
    if (last.requesterId === actor.personId)
      fill("requesterPhone", last.callbackPhone, "consult", at);
  }
  const open = await repository.findOpenTowards(tx, patientId, query.direction);
  const consults = await tx
    .select()
    .from(consult)
    .where(
      and(ofPerson(consult.patientId, patientId), notInArray(consult.state, [...closedStates])),
    );
  const episode = (await repository.findEpisodesOf(tx, [patientId])).find(
    (one) => one.state === "active",
  );
  const ways = await repository.findPathways(tx, {
    direction: query.direction,
    institutionId: actor.institutionId,
    day: localDay(now),
  });
  const met = ways.flatMap((way) => criteriaMet(way.criteria, content.vitals ?? {}));
  if (met.length > 0) {
    content.criteria = met;
    if (last)
      sources.push({ field: "criteria", from: "consult", at: last.updatedAt.toISOString() });
  }
  await trace(tx, actor, origin, {
    action: "referral.known",
    entityType: "patient",
    entityId: patientId,
    patientId,
    purpose: "treatment",
  });
  return {
    content,
    sources,
    open: await viewSummaries(work, open),
    consults: consults.map((one) => ({
      id: one.id,
      number: one.number,
      state: one.state,
      at: one.updatedAt.toISOString(),
    })),
    episodeId: episode?.id ?? null,
  };
}
