/**
 * Consent that travels with a referral to a server outside: that the patient agreed to the recipient, who said so,
 * when and how. The signature itself stays at the house that took it.
 */
import type { Consent, Patient, Resource } from "@medplum/fhirtypes";
import { compact, concept, extensionOf, extensions, knownCode, need } from "./elements.ts";
import { FhirMappingError } from "./mapping-error.ts";
import { codeSystems, extensionUrls } from "./systems.ts";

/** How somebody agreed, as one house tells another: on paper, by fingerprint before a witness, on the own phone. */
export const agreedBy = ["signature", "fingerprint", "own-device"] as const;
export type AgreedBy = (typeof agreedBy)[number];

export interface TravelConsent {
  readonly by: string;
  readonly at: string;
  readonly method: AgreedBy;
  /** In which the text was read, BCP 47; null: not said. */
  readonly language: string | null;
  /** The signer's relation to the patient, in words; null: not said. */
  readonly relation: string | null;
  readonly witness: string | null;
  readonly reason: string | null;
}

export const consentMethodPath = "Consent.extension(consent-method)";

const text = (value: string | null) => (value === null ? null : { valueString: value });

export function toFhirTravelConsent(
  consent: TravelConsent,
  around: {
    identifier: { system: string; value: string };
    patient: string;
    organization: Consent["organization"];
  },
): Consent {
  return compact<Consent>({
    resourceType: "Consent",
    ...extensions(
      [extensionUrls.consentMethod, { valueCode: consent.method }],
      [extensionUrls.consentLanguage, consent.language ? { valueCode: consent.language } : null],
      [extensionUrls.consentRelation, text(consent.relation)],
      [extensionUrls.consentWitness, text(consent.witness)],
      [extensionUrls.consentReason, text(consent.reason)],
    ),
    identifier: [around.identifier],
    status: "active",
    scope: concept(codeSystems.consentScope, "treatment"),
    category: [concept(codeSystems.actCode, "INFA")],
    patient: { reference: around.patient },
    dateTime: consent.at,
    performer: [{ display: consent.by }],
    organization: around.organization,
    policyRule: { coding: [{ system: codeSystems.actCode, code: "OPTIN" }] },
  });
}

/**
 * @param patientName of whoever the referral is about, for a performer that is the patient
 * @returns null for a Consent that is not active: nobody agreed
 * @throws FhirMappingError where it is not said who agreed, when, or how; a fingerprint has a witness and a reason
 */
export function fromFhirTravelConsent(
  resource: Resource,
  patientName: (patient: Patient) => string | null,
  patient: Patient,
): TravelConsent | null {
  if (resource.resourceType !== "Consent")
    throw new FhirMappingError("Consent.resourceType", "wrong-shape");
  if (resource.status !== "active") return null;
  const [performer] = resource.performer ?? [];
  const isPatient = performer?.reference === `Patient/${patient.id}`;
  const said = (url: string) => extensionOf(resource, url)?.valueString?.trim() || null;
  const consent: TravelConsent = {
    by: need(
      performer?.display?.trim() || (isPatient ? patientName(patient) : null),
      "Consent.performer",
    ),
    at: need(resource.dateTime, "Consent.dateTime"),
    method: methodOf(resource),
    language: extensionOf(resource, extensionUrls.consentLanguage)?.valueCode ?? null,
    relation: said(extensionUrls.consentRelation),
    witness: said(extensionUrls.consentWitness),
    reason: said(extensionUrls.consentReason),
  };
  if (consent.method === "fingerprint") {
    need(consent.witness, "Consent.extension(consent-witness)");
    need(consent.reason, "Consent.extension(consent-reason)");
  }
  return consent;
}

/** A signed paper that is named or enclosed says as much as the code. */
function methodOf(resource: Consent): AgreedBy {
  const code = extensionOf(resource, extensionUrls.consentMethod)?.valueCode;
  if (code !== undefined) return knownCode(code, agreedBy, consentMethodPath);
  if (resource.sourceAttachment || resource.sourceReference) return "signature";
  throw new FhirMappingError(consentMethodPath, "missing");
}
