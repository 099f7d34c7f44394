/**
 * Provenance: who signed an opinion, when, and the signature itself. The JWS is
 * over the canonical JSON document (RFC 8785), not over the FHIR Composition;
 * `entity` names that document and its hash, so that both can be compared.
 */
import type { Provenance, Resource } from "@medplum/fhirtypes";
import {
  concept,
  dateOf,
  expectType,
  extensionOf,
  extensions,
  idOf,
  need,
  refer,
} from "./elements.ts";
import { FhirMappingError } from "./mapping-error.ts";
import { codeSystems, extensionUrls, identifierSystems } from "./systems.ts";

export interface ProvenanceFacts {
  readonly documentId: string;
  readonly signedBy: string;
  /** Institution for which the doctor signed: the invited side. */
  readonly institutionId: string;
  readonly signedAt: Date;
  /** Compact JWS as the browser made it. */
  readonly jws: string;
  /** SHA-256 of the canonical document, 64 hexadecimal digits. */
  readonly contentHash: string;
}

/** ASTM E1762: the author's own signature. */
const AUTHOR_SIGNATURE = "1.2.840.10065.1.12.1.1";

/** FHIR base64 keeps padding; a JWS is ASCII. */
const encode = (text: string) => btoa(text);

export function toFhirProvenance(facts: ProvenanceFacts): Provenance {
  const at = facts.signedAt.toISOString();
  return {
    resourceType: "Provenance",
    id: facts.documentId,
    target: [refer("Composition", facts.documentId)],
    occurredDateTime: at,
    recorded: at,
    activity: concept(codeSystems.documentCompletion, "LA", "legally authenticated"),
    agent: [
      {
        type: concept(codeSystems.provenanceAgent, "author", "Author"),
        who: refer("Practitioner", facts.signedBy),
        onBehalfOf: refer("Organization", facts.institutionId),
      },
    ],
    entity: [
      {
        role: "source",
        what: {
          identifier: { system: identifierSystems.opinionDocument, value: facts.documentId },
          display: "yilian.opinion, canonical JSON (RFC 8785)",
        },
        ...extensions([extensionUrls.contentHash, { valueString: facts.contentHash }]),
      },
    ],
    signature: [
      {
        type: [
          {
            system: codeSystems.signatureType,
            code: AUTHOR_SIGNATURE,
            display: "Author's Signature",
          },
        ],
        when: at,
        who: refer("Practitioner", facts.signedBy),
        targetFormat: "application/json",
        sigFormat: "application/jose",
        data: encode(facts.jws),
      },
    ],
  };
}

/** @throws FhirMappingError for another kind of signature, or a signer that is not the author */
export function fromFhirProvenance(resource: Resource): ProvenanceFacts {
  expectType(resource, "Provenance");
  const [agent] = resource.agent ?? [];
  const [signature] = resource.signature ?? [];
  const [entity] = resource.entity ?? [];
  const kind = signature?.type?.find((one) => one.system === codeSystems.signatureType)?.code;
  if (kind !== AUTHOR_SIGNATURE || signature?.sigFormat !== "application/jose") {
    throw new FhirMappingError("Provenance.signature", "unknown-code");
  }
  const signedBy = idOf(agent?.who, "Practitioner", "Provenance.agent.who");
  if (idOf(signature.who, "Practitioner", "Provenance.signature.who") !== signedBy) {
    throw new FhirMappingError("Provenance.signature.who", "contradiction");
  }
  let jws: string;
  try {
    jws = atob(need(signature.data, "Provenance.signature.data"));
  } catch (error) {
    if (error instanceof FhirMappingError) throw error;
    throw new FhirMappingError("Provenance.signature.data", "wrong-shape");
  }
  return {
    documentId: idOf(resource.target?.[0], "Composition", "Provenance.target"),
    signedBy,
    institutionId: idOf(agent?.onBehalfOf, "Organization", "Provenance.agent.onBehalfOf"),
    signedAt: dateOf(signature.when, "Provenance.signature.when"),
    jws,
    contentHash: need(
      extensionOf(entity, extensionUrls.contentHash)?.valueString,
      "Provenance.entity.extension(contentHash)",
    ),
  };
}
