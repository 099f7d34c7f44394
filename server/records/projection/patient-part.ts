/** Patients: who they are, so that everything else has somebody to point to. */
import { and, asc, eq, gt, inArray } from "drizzle-orm";
import type { Services } from "../../http/context.ts";
import { patient } from "../../patients/schema.ts";
import { findLinks, findRegistrations } from "../../patients/service.ts";
import { patientResource } from "../directory-resources.ts";
import { identifierIndex } from "../locator.ts";
import { identifiersOf } from "../own-person.ts";
import { recordLocation } from "../schema.ts";
import { type Projected, type ProjectionPart, type Reading, shown } from "./projected.ts";

const least = "00000000-0000-0000-0000-000000000000";

export const patientPart: ProjectionPart = {
  idsAfter: async ({ tx, institutionId }, after, limit) => {
    const rows = await tx
      .select({ id: patient.id })
      .from(patient)
      .where(and(eq(patient.managingInstitutionId, institutionId), gt(patient.id, after || least)))
      .orderBy(asc(patient.id))
      .limit(limit);
    return rows.map((row) => row.id);
  },
  project: async (reading, ids) => patientResources(reading, ids),
};

/**
 * Patients as this institution shows them. What is sealed in the alliance's tables (ID card, telephones)
 * stays sealed: whoever may see it reads the patient by id. A house that does not keep the record itself
 * has who it is, not where he lives.
 */
export async function patientResources(
  { services, tx, institutionId }: Reading,
  ids: readonly string[],
): Promise<Projected[]> {
  const joined = await findLinks(tx, ids);
  // The other registrations of the same person come with it: a link has to point at something.
  const all = new Set([...ids, ...joined.flatMap((one) => [one.duplicateId, one.survivorId])]);
  const records = await findRegistrations(tx, [...all]);
  return records.map((record) => {
    const { row } = record;
    const own = row.managingInstitutionId === institutionId;
    const seen = own ? row : { ...row, address: null, ethnicGroup: null, unknownNote: null };
    const root = joined.find((one) => one.duplicateId === row.id)?.survivorId ?? row.id;
    const registrations = [
      root,
      ...joined.filter((one) => one.survivorId === root).map((one) => one.duplicateId),
    ];
    return shown(patientResource(services, { ...record, row: seen, registrations }, false));
  });
}

/**
 * Under which id the institution's own system keeps a patient, by the alliance's number or the ID card as
 * the record locator knows them: one person is one Patient. Whom it does not keep is not in the map.
 */
export async function localIdsOf(
  { services, tx, institutionId }: Reading,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const known = new Map<string, string>();
  const records = await findRegistrations(tx, ids);
  const indexes = new Map(
    records.flatMap((record) =>
      identifiersOf(services, record).map((one) => [hexOf(services, one), record.row.id] as const),
    ),
  );
  if (indexes.size === 0) return known;
  const rows = await tx
    .select({ index: recordLocation.identifierIndex, localId: recordLocation.localId })
    .from(recordLocation)
    .where(
      and(
        eq(recordLocation.institutionId, institutionId),
        inArray(
          recordLocation.identifierIndex,
          [...indexes.keys()].map((hex) => Buffer.from(hex, "hex")),
        ),
      ),
    )
    .orderBy(asc(recordLocation.localId));
  for (const { index, localId } of rows) {
    const id = indexes.get(Buffer.from(index).toString("hex"));
    if (id === undefined) continue;
    // Of several the one under the alliance's own number, where there is one.
    if (localId === id || !known.has(id)) known.set(id, localId);
  }
  return known;
}

const hexOf = (services: Services, one: { system: string; value: string }) =>
  identifierIndex(services.vault, one).toString("hex");
