/** DocumentReference: a file that was laid beside a request; its bytes are read where they lie (binary.ts). */
import type { DocumentReference, Resource } from "@medplum/fhirtypes";
import {
  compact,
  dateOf,
  expectType,
  extensionOf,
  extensions,
  idOf,
  instantOf,
  need,
  refer,
} from "./elements.ts";
import { FhirMappingError } from "./mapping-error.ts";
import { extensionUrls } from "./systems.ts";

export interface DocumentReferenceFacts {
  readonly id: string;
  readonly consultId: string;
  readonly patientId: string;
  readonly name: string;
  readonly mediaType: string;
  readonly sizeBytes: number;
  /** SHA-256, 64 hexadecimal digits: R4's own `hash` is SHA-1. */
  readonly sha256: string | null;
  readonly completedAt: Date;
}

export function toFhirDocumentReference(facts: DocumentReferenceFacts): DocumentReference {
  return {
    resourceType: "DocumentReference",
    id: facts.id,
    status: "current",
    subject: refer("Patient", facts.patientId),
    date: need(instantOf(facts.completedAt), "DocumentReference.date"),
    content: [
      {
        attachment: compact<DocumentReference["content"][number]["attachment"]>({
          ...extensions([
            extensionUrls.contentHash,
            facts.sha256 === null ? null : { valueString: facts.sha256 },
          ]),
          contentType: facts.mediaType,
          // Relative to the endpoint that answers it; the bytes have the file's id (binary.ts).
          url: `Binary/${facts.id}`,
          size: facts.sizeBytes,
          title: facts.name,
        }),
      },
    ],
    context: { related: [refer("ServiceRequest", facts.consultId)] },
  };
}

/** @throws FhirMappingError for another resource, one that is not current, and missing parts */
export function fromFhirDocumentReference(resource: Resource): DocumentReferenceFacts {
  expectType(resource, "DocumentReference");
  if (resource.status !== "current")
    throw new FhirMappingError("DocumentReference.status", "unknown-code");
  const file = need(resource.content?.[0]?.attachment, "DocumentReference.content");
  const id = need(resource.id, "DocumentReference.id");
  if (need(file.url, "DocumentReference.content.attachment.url") !== `Binary/${id}`)
    throw new FhirMappingError("DocumentReference.content.attachment.url", "wrong-shape");
  return {
    id,
    consultId: idOf(
      resource.context?.related?.[0],
      "ServiceRequest",
      "DocumentReference.context.related",
    ),
    patientId: idOf(resource.subject, "Patient", "DocumentReference.subject"),
    name: need(file.title, "DocumentReference.content.attachment.title"),
    mediaType: need(file.contentType, "DocumentReference.content.attachment.contentType"),
    sizeBytes: need(file.size, "DocumentReference.content.attachment.size"),
    sha256: extensionOf(file, extensionUrls.contentHash)?.valueString ?? null,
    completedAt: dateOf(resource.date, "DocumentReference.date"),
  };
}
