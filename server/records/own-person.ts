/** Whose record a phone may open: oneself, one's child, a near relative. */

import { identifierSystems } from "../../fhir-mappings/systems.ts";
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Services, Work } from "../http/context.ts";
import type { PatientActor } from "../identity/domain.ts";
import type { ContactRelation } from "../patients/domain.ts";
import {
  ageOn,
  findPatient,
  localDay,
  type PatientRecord,
  residentIdContext,
} from "../patients/service.ts";
import type { KnownIdentifier } from "./locator.ts";
import { bestRights, type OwnRights, rightsOf } from "./own-domain.ts";

export type OwnPerson = {
  readonly record: PatientRecord;
  readonly rights: OwnRights;
  /** In which role the phone decides; of several the one that may. */
  readonly relation: ContactRelation;
  readonly ageYears: number | null;
};

/**
 * A person as this phone may act for him.
 * @throws DomainError `request.not-found` for somebody else's family, `permission.denied` when the relation
 *   no longer reads (a parent of a grown-up) or, with `mayDecide`, no longer decides (from 14 on)
 */
export async function ownPerson(
  work: Work<PatientActor>,
  patientId: string,
  needed: keyof OwnRights = "mayRead",
): Promise<OwnPerson> {
  const { tx, actor, now } = work;
  if (!actor.patientIds.includes(patientId)) throw new DomainError("request.not-found");
  const record = await findPatient(tx, patientId);
  if (!record) throw new DomainError("request.not-found");
  const relations = record.contacts
    .filter((one) => one.maySignIn && one.phoneIndex.equals(actor.phoneIndex))
    .map((one) => one.relation);
  const ageYears = record.row.birthDate
    ? (ageOn(record.row.birthDate, localDay(now))?.years ?? null)
    : null;
  const rights = bestRights(relations, ageYears);
  if (!rights[needed]) throw new DomainError("permission.denied");
  const relation =
    relations.find((one) => rightsOf(one, ageYears)[needed]) ?? relations[0] ?? "relative";
  return { record, rights, relation, ageYears };
}

/** Leaves the trace of a person who looked at his own record. */
export const traceOwn = (
  { tx, actor, origin }: Work<PatientActor>,
  patientId: string,
  action: "record.own" | "record.choose" | "record.summary",
): Promise<void> =>
  trace(tx, actor, origin, {
    action,
    entityType: "patient",
    entityId: patientId,
    patientId,
    purpose: "own-record",
  });

/** What the locator and partners know a person by. */
export function identifiersOf(
  services: Services,
  { row, registrations }: PatientRecord,
): readonly KnownIdentifier[] {
  return [
    ...registrations.map((value) => ({ system: identifierSystems.alliancePatient, value })),
    ...(row.residentIdCipher
      ? [
          {
            system: identifierSystems.residentId,
            value: services.vault.open(residentIdContext, row.residentIdCipher),
          },
        ]
      : []),
  ];
}
