/**
 * Two-way referrals: the request, its progress, what was written between both houses, and what they say of the
 * patient. Both are party to one from when it was sent; whoever sent it back or on keeps the progress alone.
 */
import { and, asc, eq, gt, inArray, isNotNull, or } from "drizzle-orm";
import { toFhirCommunication } from "../../../fhir-mappings/communication.ts";
import { toFhirReferralRequest } from "../../../fhir-mappings/referral-request.ts";
import { toFhirReferralTask } from "../../../fhir-mappings/referral-task.ts";
import { clockOf } from "../../referral/domain.ts";
import { referral } from "../../referral/schema.ts";
import { practitioners } from "./directory-part.ts";
import { ended, type Projected, type ProjectionPart, type Reading, shown } from "./projected.ts";
import {
  carePlan,
  impressions,
  medicines,
  results,
  returnFlags,
  stay,
  supportingOf,
  vitals,
} from "./referral-clinical.ts";
import { type Around, readAround } from "./referral-reading.ts";
import { type ReferralRow, type Told, toldTo } from "./referral-told.ts";
import { labelled, labelsOfDiagnoses, labelsOfSpecialty } from "./sensitivity.ts";

const least = "00000000-0000-0000-0000-000000000000";

export const referralPart: ProjectionPart = {
  idsAfter: async ({ tx, institutionId }, after, limit) => {
    const rows = await tx
      .select({ id: referral.id })
      .from(referral)
      .where(
        and(
          or(
            eq(referral.fromInstitutionId, institutionId),
            eq(referral.toInstitutionId, institutionId),
          ),
          isNotNull(referral.submittedAt),
          gt(referral.id, after || least),
        ),
      )
      .orderBy(asc(referral.id))
      .limit(limit);
    return rows.map((row) => row.id);
  },
  project: async (reading, ids, gap) => {
    const { tx, institutionId } = reading;
    const rows = await tx
      .select()
      .from(referral)
      .where(inArray(referral.id, [...ids]));
    if (rows.length === 0) return [];
    const aroundOf = await readAround(tx, rows);
    const items: Projected[] = [];
    for (const row of rows) {
      const around = aroundOf(row);
      const told = toldTo(institutionId, row, around.steps);
      if (!told) continue;
      try {
        items.push(...(await resourcesOf(reading, row, told, around)));
      } catch (error) {
        gap(row.id, error);
      }
    }
    return items;
  },
};

async function resourcesOf(
  { tx, institutionId }: Reading,
  row: ReferralRow,
  told: Told,
  around: Around,
): Promise<Projected[]> {
  const labels = labelsOf(row, around.specialtyCode);
  const task = taskOf(institutionId, row, told, around);
  const items = told.part === "as-was" ? [] : contentOf(institutionId, row, told, around);
  const people =
    told.part === "all"
      ? await practitioners(tx, [
          row.requesterId,
          ...(row.toDoctorId ? [row.toDoctorId] : []),
          ...around.messages.map((one) => one.byPersonId),
          ...around.followUps.flatMap((one) => one.ownerId ?? []),
        ])
      : [];
  return [
    ...people,
    ...[task, ...items].map((one) =>
      one.resource ? { ...one, resource: labelled(one.resource, labels) } : one,
    ),
  ];
}

/** What the referral is about, and the department that is asked. */
export const labelsOf = (row: ReferralRow, specialtyCode: string | null): string[] => [
  ...new Set([
    ...labelsOfDiagnoses(row.impression.map((one) => one.code)),
    ...(specialtyCode ? labelsOfSpecialty(specialtyCode) : []),
  ]),
];

function taskOf(institutionId: string, row: ReferralRow, told: Told, around: Around): Projected {
  const all = told.part === "all";
  const booked = all && around.appointment?.booked ? around.appointment : null;
  const keepsIt = told.toInstitutionId === institutionId;
  return shown(
    toFhirReferralTask({
      referralId: row.id,
      number: row.number,
      episodeNumber: around.episodeNumber,
      state: told.state,
      closedAsReturned: told.closedAsReturned,
      urgency: row.urgency,
      patientId: row.patientId,
      fromInstitutionId: row.fromInstitutionId,
      toInstitutionId: told.toInstitutionId,
      requestShown: told.part !== "progress",
      previousId: previousHere(institutionId, around)?.id ?? null,
      authoredAt: told.authoredAt,
      updatedAt: told.updatedAt,
      acceptedAt: all ? row.acceptedAt : null,
      endedAt: told.endedAt,
      dueAt: all ? (clockOf(row)?.dueAt ?? null) : null,
      reason: told.reason,
      carePlanId: all && row.direction === "down" ? row.id : null,
      answer: all ? row.answer : null,
      outcome: all ? row.outcome : null,
      consultId: all ? row.consultId : null,
      // The number lies in the store of the house that keeps it.
      appointmentId: booked && keepsIt ? row.appointmentId : null,
      appointmentAt: booked && !keepsIt ? booked.startsAt : null,
    }),
  );
}

/** A house knows of the one before only where it was party to it. */
function previousHere(institutionId: string, { previous }: Around): ReferralRow | null {
  if (!previous?.submittedAt) return null;
  const parties = [previous.fromInstitutionId, previous.toInstitutionId];
  return parties.includes(institutionId) ? previous : null;
}

function contentOf(
  institutionId: string,
  row: ReferralRow,
  told: Told,
  around: Around,
): Projected[] {
  const clinical = [
    ...impressions(row, told, around),
    ...vitals(row, told),
    ...results(row, told, around),
  ];
  return [
    ...clinical,
    requestOf(institutionId, row, told, around, clinical),
    ...stay(row, told, around),
    ...carePlan(row, told, around),
    ...returnFlags(row, told, around),
    ...medicines(row, told, institutionId),
    ...around.messages.map((one) =>
      told.part === "all"
        ? shown(toFhirCommunication({ ...one, consultId: row.id, patientId: row.patientId }))
        : ended("Communication", one.id),
    ),
  ];
}

function requestOf(
  institutionId: string,
  row: ReferralRow,
  told: Told,
  around: Around,
  clinical: readonly Projected[],
): Projected {
  if (told.part !== "all") return ended("ServiceRequest", row.id);
  const previous = previousHere(institutionId, around);
  const passedOn = previous?.direction === row.direction;
  return shown(
    toFhirReferralRequest({
      ...row,
      referralId: row.id,
      episodeNumber: around.episodeNumber,
      state: told.state,
      closedAsReturned: told.closedAsReturned,
      toInstitutionId: told.toInstitutionId,
      replacesId: passedOn ? previous.id : null,
      basedOnId: previous && !passedOn ? previous.id : null,
      supporting: supportingOf(clinical),
      medicines: row.medicines
        .map((one) => [one.text, one.dose].filter(Boolean).join(" "))
        .join("\n"),
      expectedAt: around.appointment?.startsAt ?? null,
      authoredAt: told.authoredAt,
    }),
  );
}
