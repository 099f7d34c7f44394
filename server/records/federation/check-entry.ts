/** Whether an entry of a partner's answer may be shown as this patient's. Pure. */
import type { Resource } from "@medplum/fhirtypes";
import { isValid, validateResource } from "../../fhir/service.ts";

export type KnownIdentifier = { readonly system: string; readonly value: string };

/** Elements by which a clinical resource says whose it is (R4 Patient compartment). */
const owners = ["subject", "patient", "beneficiary", "individual", "for"] as const;

/** What became of an entry. */
export type EntryVerdict =
  | "good"
  /** Not valid R4: set aside and counted. */
  | "invalid"
  /** About somebody else. */
  | "other-patient"
  /** Nothing of the patient's: the doctor who ordered, the place. */
  | "beside";

const sameText = (a: string, b: string) => a.trim().toUpperCase() === b.trim().toUpperCase();

/** Whether a Patient carries one of the identifiers that were asked for. Names never count. */
export function carriesIdentifier(
  patient: Resource,
  identifiers: readonly KnownIdentifier[],
): boolean {
  const own = (patient as { identifier?: unknown }).identifier;
  if (patient.resourceType !== "Patient" || !Array.isArray(own)) return false;
  return own.some((one: unknown) => {
    const { system, value } = (one ?? {}) as { system?: unknown; value?: unknown };
    return (
      typeof value === "string" &&
      identifiers.some((known) => known.system === system && sameText(known.value, value))
    );
  });
}

/**
 * @param patientId id of the Patient at the partner
 * @param base of the partner, for references that are written out
 */
export function judgeEntry(resource: unknown, patientId: string, base: string): EntryVerdict {
  if (typeof resource !== "object" || resource === null) return "invalid";
  const { resourceType, id } = resource as { resourceType?: unknown; id?: unknown };
  if (resourceType === "Patient" && id !== patientId) return "other-patient";
  const said = ownersOf(resource as Record<string, unknown>);
  const isOwn = (reference: string) =>
    [`Patient/${patientId}`, `${base}/Patient/${patientId}`].includes(
      reference.replace(/\/_history\/[^/]+$/, ""),
    );
  const patients = said.filter((reference) => /(^|\/)Patient\//.test(reference));
  if (patients.some((reference) => !isOwn(reference))) return "other-patient";
  if (!isValid(validateResource(resource))) return "invalid";
  if (resourceType !== "Patient" && patients.length === 0) return "beside";
  return "good";
}

/** Where a resource is wrong first, as a path of R4's own names: nothing of what stands there. */
export function firstFault(resource: unknown): string {
  const issue = validateResource(resource).find((one) => one.severity === "error");
  const path = (issue?.expression ?? "").replace(/\[\d+\]/g, "");
  return /^[A-Za-z][A-Za-z0-9.]{0,118}$/.test(path) ? path : "Resource";
}

function ownersOf(resource: Record<string, unknown>): string[] {
  return owners.flatMap((name) => {
    // An Appointment names its patient among those who take part.
    const value =
      name === "patient" && resource.resourceType === "Appointment"
        ? [resource.participant].flat().map((one) => (one as { actor?: unknown } | null)?.actor)
        : resource[name];
    return (Array.isArray(value) ? value : [value]).flatMap((one: unknown) => {
      const reference = (one as { reference?: unknown } | null | undefined)?.reference;
      return typeof reference === "string" ? [reference] : [];
    });
  });
}
