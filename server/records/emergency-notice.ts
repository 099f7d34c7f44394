/** An emergency access by the FHIR API itself is told like one by the page. */
import { eq, inArray } from "drizzle-orm";
import { identifierSystems } from "../../fhir-mappings/systems.ts";
import type { Services } from "../http/context.ts";
import { systemActor } from "../identity/service.ts";
import { patient } from "../patients/schema.ts";
import { openEmergency } from "./record-service.ts";

const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Written into the register with its reason, and the families are told by message, once an hour for one person
 * and reason. Whom the alliance does not know has nobody to be told.
 * @param identifiers of the patients, as the store has them
 */
export async function tellOfEmergency(
  services: Services,
  who: { readonly personId: string; readonly institutionId: string; readonly reason: string },
  identifiers: readonly { readonly system: string; readonly value: string }[],
): Promise<void> {
  const ids = identifiers
    .filter((one) => one.system === identifierSystems.alliancePatient && uuidForm.test(one.value))
    .map((one) => one.value);
  const cards = identifiers
    .filter((one) => one.system === identifierSystems.residentId)
    .map((one) => services.vault.blindIndex("resident-id", one.value.toUpperCase()));
  if (ids.length + cards.length === 0) return;
  await services.db.withActor(systemActor("record-emergency"), async (tx) => {
    const known = new Set<string>();
    if (ids.length > 0)
      for (const { id } of await tx
        .select({ id: patient.id })
        .from(patient)
        .where(inArray(patient.id, ids)))
        known.add(id);
    for (const card of cards)
      for (const { id } of await tx
        .select({ id: patient.id })
        .from(patient)
        .where(eq(patient.residentIdIndex, card)))
        known.add(id);
    for (const patientId of known)
      await openEmergency(
        services,
        { tx, actor: who, now: services.clock() },
        { patientId },
        who.reason,
      );
  });
}
