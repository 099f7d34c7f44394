/**
 * Binary: the bytes of a file. Of a file that lies elsewhere the record holds this without data: what it is
 * and whose, and the bytes come from where they lie when it is read (R4 binary.html).
 */
import type { Binary, Resource } from "@medplum/fhirtypes";
import { compact, expectType, idNearby, need, refer } from "./elements.ts";
import { FhirMappingError } from "./mapping-error.ts";

export interface BinaryFacts {
  readonly id: string | null;
  readonly mediaType: string;
  /** Who may see this patient's record may see it; null: nobody says. */
  readonly patientId: string | null;
  /** Null: they lie elsewhere. */
  readonly bytes: Buffer | null;
}

export function toFhirBinary(facts: BinaryFacts): Binary {
  return compact<Binary>({
    resourceType: "Binary",
    id: facts.id,
    contentType: facts.mediaType,
    securityContext: facts.patientId ? refer("Patient", facts.patientId) : null,
    data: facts.bytes?.toString("base64"),
  });
}

const base64 = /^[A-Za-z0-9+/\s]*={0,2}\s*$/;

/** @throws FhirMappingError for another resource, one that does not say what it is, data that are no base64 */
export function fromFhirBinary(resource: Resource): BinaryFacts {
  expectType(resource, "Binary");
  const { data } = resource;
  if (data !== undefined && !base64.test(data))
    throw new FhirMappingError("Binary.data", "wrong-shape");
  return {
    id: resource.id ?? null,
    mediaType: need(resource.contentType, "Binary.contentType"),
    patientId: idNearby(resource.securityContext, "Patient"),
    bytes: data === undefined ? null : Buffer.from(data, "base64"),
  };
}
