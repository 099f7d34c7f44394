/** Suggestions for the ward: never by themselves, always with what they rest on and what is not known. */
import { and, asc, desc, eq, inArray, isNull, notInArray } from "drizzle-orm";
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { bedStay } from "../capacity/schema.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Services, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { ageOn, findPatients, localDay, ofPeople } from "../patients/service.ts";
import { wardFactsOf } from "../records/service.ts";
import { criticalValue } from "../reporting/schema.ts";
import { type WardFactKind, wardFactHoursMost } from "./domain.ts";
import * as repository from "./repository.ts";
import { downPostponement, referral } from "./schema.ts";
import type { WardSuggestion, wardSuggestions } from "./ward-contract.ts";
import {
  couldGo,
  judgeWardFact,
  takesDiagnosis,
  usualHours,
  type WardKnown,
  wardFactOf,
} from "./ward-domain.ts";

const dayMs = 86_400_000;
const lookedMax = 200;
/** Asked of everybody, whatever the way says. */
const always: readonly WardFactKind[] = [
  "stay-planned",
  "stable-vitals",
  "no-open-critical-value",
  "no-high-care-device",
];
const over = [
  "returned",
  "redirected",
  "converted",
  "advised",
  "closed",
  "expired",
  "cancelled",
] as const;

/** Who lies here and could go down, as far as is known. @throws DomainError `permission.denied` */
export async function listSuggestions(
  services: Services,
  work: Work<StaffActor>,
): Promise<z.input<typeof wardSuggestions>> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "referral.ward");
  const today = localDay(now);
  const stays = await tx
    .select()
    .from(bedStay)
    .where(and(eq(bedStay.institutionId, actor.institutionId), isNull(bedStay.until)))
    .orderBy(asc(bedStay.since))
    .limit(lookedMax);
  if (stays.length === 0) return { looked: 0, suggestions: [] };
  const ids = [...new Set(stays.map((one) => one.patientId))];
  const people = await findPatients(tx, ids);
  const ways = await repository.findPathways(tx, {
    direction: "down",
    institutionId: actor.institutionId,
    day: today,
  });
  const referrals = await tx
    .select()
    .from(referral)
    .where(and(ofPeople(referral.patientId, ids), notInArray(referral.state, [...over])))
    .orderBy(desc(referral.createdAt));
  const values = await tx
    .select()
    .from(criticalValue)
    .where(
      and(
        ofPeople(criticalValue.patientId, ids),
        inArray(criticalValue.state, ["open", "received"]),
      ),
    );
  const said = await tx
    .select()
    .from(downPostponement)
    .where(
      inArray(
        downPostponement.stayId,
        stays.map((one) => one.id),
      ),
    )
    .orderBy(desc(downPostponement.at), desc(downPostponement.createdAt));
  const facts = await wardFactsOf(
    services,
    tx,
    actor.institutionId,
    ids,
    new Date(now.getTime() - wardFactHoursMost * 3_600_000),
  );
  const [house] = await findInstitutions(tx, [actor.institutionId]);
  const suggestions: WardSuggestion[] = [];
  for (const stay of stays) {
    const person = people.find((one) => one.row.id === stay.patientId);
    if (!person) continue;
    const theirs = (id: string) => person.registrations.includes(id);
    const own = referrals.filter((one) => theirs(one.patientId));
    const wayUp = own.find(
      (one) => one.direction === "up" && one.toInstitutionId === actor.institutionId,
    );
    const diagnoses = wayUp?.impression ?? [];
    const codes = diagnoses.flatMap((one) => (one.code ? [one.code] : []));
    // The way that names the diagnosis before the one that takes any.
    const way = ways
      .filter((one) => takesDiagnosis(one.diagnosisPrefixes, codes))
      .toSorted((a, b) => b.diagnosisPrefixes.length - a.diagnosisPrefixes.length)[0];
    if (!way) continue;
    const recorded = facts?.get(stay.patientId);
    const known: WardKnown = {
      since: stay.since,
      plannedOn: stay.expectedDischargeOn,
      today,
      now,
      readings: recorded?.measured ?? null,
      devices: recorded?.devicesNoted ? recorded.devices : null,
      openCriticalValues: values.filter((one) => theirs(one.patientId)).map((one) => one.itemText),
    };
    const wanted = new Map(always.map((fact) => [fact, usualHours]));
    const asked: WardSuggestion["facts"] = [];
    for (const criterion of way.criteria) {
      const fact = wardFactOf(criterion);
      if (fact) wanted.set(fact.fact, fact.hours ?? usualHours);
      else
        asked.push({
          kind: null,
          names: { zh: criterion.textZh, en: criterion.textEn, bo: criterion.textBo },
          verdict: "ask",
          detail: {},
        });
    }
    const judged = [...wanted].map(([fact, hours]) => ({
      ...judgeWardFact({ fact, hours }, known, house?.altitudeMetres ?? 0),
      names: null,
    }));
    if (!couldGo(judged)) continue;
    const postponed = said.find((one) => one.stayId === stay.id);
    suggestions.push({
      stayId: stay.id,
      patient: {
        id: stay.patientId,
        name: person.row.fullName ?? person.row.fullNameBo ?? person.row.unknownNote ?? "—",
        ageYears: person.row.birthDate ? (ageOn(person.row.birthDate, today)?.years ?? null) : null,
      },
      since: stay.since.toISOString(),
      days: Math.floor((now.getTime() - stay.since.getTime()) / dayMs),
      plannedOn: stay.expectedDischargeOn,
      diagnoses: diagnoses.map((one) => ({ code: one.code ?? null, text: one.text })),
      way: {
        id: way.id,
        names: { zh: way.nameZh, en: way.nameEn, bo: way.nameBo },
        reviewDays: way.reviewDays,
      },
      wayUpId: wayUp?.id ?? null,
      begunId:
        own.find((one) => one.direction === "down" && one.fromInstitutionId === actor.institutionId)
          ?.id ?? null,
      facts: [...judged, ...asked],
      postponed:
        postponed && postponed.until > today
          ? {
              until: postponed.until,
              reason: postponed.reason,
              by: postponed.byName,
              at: postponed.at.toISOString(),
            }
          : null,
    });
    await trace(tx, actor, origin, {
      action: "referral.ward-look",
      entityType: "patient",
      entityId: stay.patientId,
      patientId: stay.patientId,
      purpose: "treatment",
    });
  }
  return { looked: stays.length, suggestions };
}

/**
 * "Not yet, because": shown until the day, then it is suggested again.
 * @throws DomainError `request.not-found` for a bed of another house or one that was left, `request.invalid`
 *   for a day that is over
 */
export async function postpone(
  work: Work<StaffActor>,
  stayId: string,
  input: { reason: string; until: string },
): Promise<{ until: string }> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "referral.ward");
  if (input.until <= localDay(now)) throw new DomainError("request.invalid");
  const [stay] = await tx
    .select()
    .from(bedStay)
    .where(
      and(
        eq(bedStay.id, stayId),
        eq(bedStay.institutionId, actor.institutionId),
        isNull(bedStay.until),
      ),
    );
  if (!stay) throw new DomainError("request.not-found");
  await tx.insert(downPostponement).values({
    stayId,
    institutionId: actor.institutionId,
    reason: input.reason,
    until: input.until,
    byPersonId: actor.personId,
    byName: actor.name,
    at: now,
  });
  await trace(tx, actor, origin, {
    action: "referral.ward-postpone",
    entityType: "bed-stay",
    entityId: stayId,
    patientId: stay.patientId,
    purpose: "treatment",
  });
  return { until: input.until };
}
