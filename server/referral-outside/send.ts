/** What a house outside is sent: the referral as our house has it, the patient, and what is needed to decide. */
import { createHash } from "node:crypto";
import type { Bundle, Identifier, Resource } from "@medplum/fhirtypes";
import { and, desc, eq, isNull } from "drizzle-orm";
import { toFhirReturnFlag } from "../../fhir-mappings/flag.ts";
import { toReferralBundle } from "../../fhir-mappings/referral-bundle.ts";
import { identifierSystems } from "../../fhir-mappings/systems.ts";
import { trace } from "../audit/service.ts";
import type { Tx } from "../db/client.ts";
import { department, institution } from "../directory/schema.ts";
import type { Services } from "../http/context.ts";
import { systemActor } from "../identity/service.ts";
import { findPatient } from "../patients/service.ts";
import { patientResource, referralResources, resultsToTravel } from "../records/service.ts";
import { referral, referralConsent } from "../referral/schema.ts";
import { findLine, type LineRow } from "./repository.ts";
import { referralOutside } from "./schema.ts";

type ReferralRow = typeof referral.$inferSelect;

/** The number as it is known outside; sent anew it is another one. */
export const numberOutside = (row: ReferralRow, line: LineRow): string =>
  line.attempt > 1 ? `${row.number}-${line.attempt}` : row.number;
export const numberSystem = (services: Pick<Services, "publicUrl">): string =>
  `${services.publicUrl}/fhir/identifier/referral`;

export async function bundleOf(
  services: Services,
  tx: Tx,
  row: ReferralRow,
  line: LineRow,
): Promise<Bundle> {
  const resources = await referralResources(
    { services, tx, institutionId: line.ourInstitutionId, now: services.clock() },
    row.id,
  );
  const record = await findPatient(tx, row.patientId);
  // The house takes the patient over: with the number and telephone by which it knows whom.
  const patient: Resource[] = record ? [patientResource(services, record, true)] : [];
  const houses = await tx.select().from(institution);
  const named = (id: string) => {
    const found = houses.find((one) => one.id === id);
    const identifier: Identifier = found?.creditCode
      ? { system: identifierSystems.creditCode, value: found.creditCode }
      : { system: identifierSystems.institutionSlug, value: found?.slug ?? "" };
    return { identifier, display: found?.slug ?? "" };
  };
  const [unit] = row.toDepartmentId
    ? await tx.select().from(department).where(eq(department.id, row.toDepartmentId))
    : [];
  const [consent] = await tx
    .select()
    .from(referralConsent)
    .where(
      and(
        eq(referralConsent.episodeId, row.episodeId),
        eq(referralConsent.recipientInstitutionId, line.houseId),
        eq(referralConsent.given, true),
        isNull(referralConsent.withdrawnAt),
      ),
    )
    .orderBy(desc(referralConsent.recordedAt))
    .limit(1);
  const [above] = row.previousId
    ? await tx
        .select({ system: referralOutside.theirSystem, value: referralOutside.theirNumber })
        .from(referralOutside)
        .where(
          and(
            eq(referralOutside.referralId, row.previousId),
            eq(referralOutside.houseId, line.houseId),
          ),
        )
    : [];
  const results = await resultsOf(services, tx, row, line, consent !== undefined);
  return toReferralBundle({
    results,
    replaces: await goneOnFrom(services, tx, row),
    endsWayUp: above?.system && above.value ? { system: above.system, value: above.value } : null,
    resources: [
      ...resources.filter((one) => one.resourceType !== "Flag"),
      ...patient,
      // In our records they stand from when the community has the patient: it has to know them before.
      ...row.returnTriggers.map((trigger, n) =>
        toFhirReturnFlag({
          id: `${row.id}-trigger-${n + 1}`,
          patientId: row.patientId,
          authorInstitutionId: row.fromInstitutionId,
          trigger,
          active: false,
          from: null,
          until: null,
        }),
      ),
    ],
    names: {
      numbers: numberSystem(services),
      things: `${services.publicUrl}/fhir/identifier/resource`,
    },
    number: numberOutside(row, line),
    taskAddress: `${services.publicUrl}/fhir/Task/${row.id}`,
    owner: named(line.houseId),
    requester: named(line.ourInstitutionId),
    department: unit ? { slug: unit.slug, display: unit.name } : null,
    // In an emergency nobody was asked: that is said by there being none.
    consent:
      consent && consent.method !== "emergency"
        ? {
            by: consent.signerName,
            at: consent.recordedAt.toISOString(),
            method: consent.method ?? "own-device",
            language: consent.language,
            relation: consent.signerRelation || null,
            witness: consent.witnessName,
            reason: consent.reason,
          }
        : null,
    urnOf: (type, id) => `urn:uuid:${uuidOf(`${services.publicUrl}/${type}/${id}`)}`,
  });
}

/** Only what the patient agreed to be told there, or what an emergency needs; never what the store was told to keep back. */
async function resultsOf(
  services: Services,
  tx: Tx,
  row: ReferralRow,
  line: LineRow,
  agreed: boolean,
): Promise<Resource[]> {
  if (!agreed && row.urgency !== "emergency") return [];
  const { patientId } = row;
  const found = await resultsToTravel(services, tx, {
    institutionId: line.ourInstitutionId,
    recipientId: line.houseId,
    patientId,
  });
  if (found.length > 0)
    await trace(
      tx,
      systemActor("referral-outside"),
      { correlationId: `referral-outside:${row.id}`, address: null },
      {
        action: "referral.results-sent",
        entityType: "referral",
        entityId: row.id,
        patientId,
        purpose: row.urgency === "emergency" ? "emergency" : "treatment",
        detail: { count: found.length },
      },
    );
  return found;
}

/** So long is no way: whoever goes on from more has lost the way. */
const chainMax = 20;

/**
 * Every referral that this one goes on from, nearest first, by each name that a house may know it by: ours, theirs,
 * and what they themselves went on from. By it a ring is seen by whoever was asked before, on whichever server.
 */
async function goneOnFrom(
  services: Services,
  tx: Tx,
  row: Pick<ReferralRow, "previousId" | "direction">,
): Promise<Identifier[]> {
  const found: Identifier[] = [];
  let previousId = row.previousId;
  for (let back = 0; previousId && back < chainMax; back += 1) {
    const [before] = await tx
      .select()
      .from(referral)
      .where(and(eq(referral.id, previousId), eq(referral.direction, row.direction)));
    if (!before) break;
    const line = await findLine(tx, before.id);
    found.push({ system: numberSystem(services), value: before.number });
    if (line && line.attempt > 1)
      found.push({ system: numberSystem(services), value: numberOutside(before, line) });
    if (line?.theirSystem && line.theirNumber)
      found.push({ system: line.theirSystem, value: line.theirNumber });
    for (const { system, value } of line?.replaces ?? [])
      found.push(system ? { system, value } : { value });
    previousId = before.previousId;
  }
  return found;
}

/** The same thing has the same name each time it is sent. */
function uuidOf(name: string): string {
  const hex = createHash("sha256").update(name).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Id of the Task that a transaction made, or found. */
export function taskIdOf(sent: Bundle, answered: Resource): string | null {
  if (answered.resourceType !== "Bundle") return null;
  const place = sent.entry?.findIndex((one) => one.resource?.resourceType === "Task") ?? -1;
  const location = answered.entry?.[place]?.response?.location ?? "";
  return /(?:^|\/)Task\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/|$)/.exec(location)?.[1] ?? null;
}
