/**
 * Consent: one of the separate, withdrawable consents of a consult. A withdrawal
 * makes it inactive from that instant; nothing is deleted.
 */
import type { Consent, Resource } from "@medplum/fhirtypes";
import type { ConsentKind, ConsentMethod } from "../server/consult/domain.ts";
import {
  codeIn,
  compact,
  concept,
  dateOf,
  dateOrNull,
  expectType,
  extensionOf,
  extensions,
  idOf,
  instantOf,
  keyOf,
  need,
  refer,
} from "./elements.ts";
import { FhirMappingError } from "./mapping-error.ts";
import { codeSystems, extensionUrls } from "./systems.ts";

export interface ConsentFacts {
  readonly id: string;
  readonly consultId: string;
  readonly patientId: string;
  readonly kind: ConsentKind;
  readonly given: boolean;
  readonly method: ConsentMethod;
  /** In which the text was read aloud, BCP 47. */
  readonly language: string;
  readonly textVersion: string;
  readonly signerName: string;
  /** The signer's relation to the patient; `self` is the patient. */
  readonly signerRelation: string;
  readonly witnessName: string | null;
  readonly reason: string | null;
  readonly relativeName: string | null;
  readonly recordedBy: string;
  readonly recordedAt: Date;
  readonly withdrawnAt: Date | null;
}

/** HL7 consent scopes: sharing and recording are about data, the others about care. */
const scopes: Record<ConsentKind, "treatment" | "patient-privacy"> = {
  consult: "treatment",
  "record-sharing": "patient-privacy",
  observers: "patient-privacy",
  recording: "patient-privacy",
  relative: "patient-privacy",
};
const kinds: Record<ConsentKind, string> = {
  consult: "consult",
  "record-sharing": "record-sharing",
  observers: "observers",
  recording: "recording",
  relative: "relative",
};
const methods: Record<ConsentMethod, string> = {
  signature: "signature",
  fingerprint: "fingerprint",
  emergency: "emergency",
};

type Status = Consent["status"];
const statusOf = (facts: Pick<ConsentFacts, "given" | "withdrawnAt">): Status =>
  facts.withdrawnAt ? "inactive" : facts.given ? "active" : "rejected";

export function toFhirConsent(facts: ConsentFacts): Consent {
  const text = (value: string | null) => (value === null ? null : { valueString: value });
  return compact<Consent>({
    resourceType: "Consent",
    id: facts.id,
    ...extensions(
      [extensionUrls.consult, { valueReference: refer("ServiceRequest", facts.consultId) }],
      [extensionUrls.consentMethod, { valueCode: methods[facts.method] }],
      [extensionUrls.consentLanguage, { valueCode: facts.language }],
      [extensionUrls.consentRelation, { valueString: facts.signerRelation }],
      [extensionUrls.consentWitness, text(facts.witnessName)],
      [extensionUrls.consentReason, text(facts.reason)],
      [extensionUrls.consentRelative, text(facts.relativeName)],
      [extensionUrls.recordedBy, { valueReference: refer("Practitioner", facts.recordedBy) }],
    ),
    status: statusOf(facts),
    scope: concept(codeSystems.consentScope, scopes[facts.kind]),
    category: [concept(codeSystems.consentKind, kinds[facts.kind])],
    patient: refer("Patient", facts.patientId),
    dateTime: instantOf(facts.recordedAt),
    performer: [
      facts.signerRelation === "self"
        ? refer("Patient", facts.patientId, facts.signerName)
        : { type: "RelatedPerson", display: facts.signerName },
    ],
    policyRule: concept(codeSystems.consentText, facts.textVersion),
    provision: compact<NonNullable<Consent["provision"]>>({
      type: facts.given ? "permit" : "deny",
      period: compact<NonNullable<NonNullable<Consent["provision"]>["period"]>>({
        start: instantOf(facts.recordedAt),
        end: instantOf(facts.withdrawnAt),
      }),
    }),
  });
}

/** @throws FhirMappingError for unknown kinds and methods; `contradiction` when status and provision disagree */
export function fromFhirConsent(resource: Resource): ConsentFacts {
  expectType(resource, "Consent");
  const extension = (url: string) => extensionOf(resource, url);
  const text = (url: string) => extension(url)?.valueString ?? null;
  const kind = keyOf(kinds, codeIn(resource.category, codeSystems.consentKind), "Consent.category");
  const scope = codeIn(resource.scope ? [resource.scope] : [], codeSystems.consentScope);
  if (scope !== scopes[kind]) throw new FhirMappingError("Consent.scope", "contradiction");
  const provision = keyOf(
    { given: "permit", refused: "deny" },
    resource.provision?.type,
    "Consent.provision.type",
  );
  const withdrawnAt = dateOrNull(resource.provision?.period?.end, "Consent.provision.period.end");
  const given = provision === "given";
  if (resource.status !== statusOf({ given, withdrawnAt })) {
    throw new FhirMappingError("Consent.status", "contradiction");
  }
  const code = extension(extensionUrls.consentMethod)?.valueCode;
  const policy = resource.policyRule ? [resource.policyRule] : [];
  return {
    id: need(resource.id, "Consent.id"),
    consultId: idOf(
      extension(extensionUrls.consult)?.valueReference,
      "ServiceRequest",
      "Consent.extension(consult)",
    ),
    patientId: idOf(resource.patient, "Patient", "Consent.patient"),
    kind,
    given,
    method: keyOf(methods, code, "Consent.extension(method)"),
    language: need(
      extension(extensionUrls.consentLanguage)?.valueCode,
      "Consent.extension(language)",
    ),
    textVersion: need(codeIn(policy, codeSystems.consentText), "Consent.policyRule"),
    signerName: need(resource.performer?.[0]?.display, "Consent.performer"),
    signerRelation: need(text(extensionUrls.consentRelation), "Consent.extension(relation)"),
    witnessName: text(extensionUrls.consentWitness),
    reason: text(extensionUrls.consentReason),
    relativeName: text(extensionUrls.consentRelative),
    recordedBy: idOf(
      extension(extensionUrls.recordedBy)?.valueReference,
      "Practitioner",
      "Consent.extension(recordedBy)",
    ),
    recordedAt: dateOf(resource.dateTime, "Consent.dateTime"),
    withdrawnAt,
  };
}
