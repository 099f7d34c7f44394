/** Who takes part in a consult, as codes of Appointment and Encounter. */
import type { CodeableConcept } from "@medplum/fhirtypes";
import type { ParticipantRole } from "../server/consult/domain.ts";
import { codeIn, concept, keyOf } from "./elements.ts";
import { codeSystems } from "./systems.ts";

export interface ParticipantFacts {
  readonly personId: string;
  readonly role: ParticipantRole;
  /** The specialist who writes and signs. */
  readonly lead: boolean;
}

const roles: Record<ParticipantRole, string> = {
  attending: "attending",
  specialist: "specialist",
  interpreter: "interpreter",
  observer: "observer",
};
const LEAD = "lead";

export function participantType({ role, lead }: ParticipantFacts): CodeableConcept[] {
  const own = concept(codeSystems.participantRole, roles[role]);
  return lead ? [own, concept(codeSystems.participantRole, LEAD)] : [own];
}

/** @throws FhirMappingError `missing`, `unknown-code` */
export function participantOf(
  types: readonly CodeableConcept[] | undefined,
  path: string,
): Pick<ParticipantFacts, "role" | "lead"> {
  const rest = (types ?? []).filter((one) => codeIn([one], codeSystems.participantRole) !== LEAD);
  return {
    role: keyOf(roles, codeIn(rest, codeSystems.participantRole), path),
    lead: rest.length !== (types ?? []).length,
  };
}
