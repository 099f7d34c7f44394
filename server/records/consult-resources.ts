import type { Resource } from "@medplum/fhirtypes";
import { and, eq } from "drizzle-orm";
import { toFhirAppointment } from "../../fhir-mappings/appointment.ts";
import { compositionFacts, toFhirComposition } from "../../fhir-mappings/composition.ts";
import { toFhirConsent } from "../../fhir-mappings/consent.ts";
import { need } from "../../fhir-mappings/elements.ts";
import { toFhirEncounter } from "../../fhir-mappings/encounter.ts";
import { toFhirProvenance } from "../../fhir-mappings/provenance.ts";
import { toFhirServiceRequest } from "../../fhir-mappings/service-request.ts";
import { toFhirTask } from "../../fhir-mappings/task.ts";
import {
  consult,
  consultConsent,
  consultOpinion,
  consultParticipant,
  consultStep,
} from "../consult/schema.ts";
import { assertMayReadFile } from "../consult/service.ts";
import type { Tx } from "../db/client.ts";
import type { Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { opinionDocument } from "../opinion-document/service.ts";
import { contentHash } from "../signing/service.ts";

type Row = typeof consult.$inferSelect;
/** Resources of a consult share its id; what belongs to the opinion has the document's. */
export type ConsultResourceType = "ServiceRequest" | "Task" | "Appointment" | "Encounter";
export type OpinionResourceType = "Composition" | "Provenance";
export type Found = {
  resource: Resource;
  patientId: string;
  version: number;
  updatedAt: Date;
} | null;

/** A consult as one of its FHIR resources; null when there is none (no time, no meeting yet). */
export async function findConsultResource(
  work: Work<StaffActor>,
  type: ConsultResourceType,
  id: string,
): Promise<Found> {
  const row = await readable(work, id);
  if (!row) return null;
  const resource = await consultResource(work.tx, type, row);
  return resource
    ? { resource, patientId: row.patientId, version: row.version, updatedAt: row.updatedAt }
    : null;
}

async function readable(work: Work<StaffActor>, id: string): Promise<Row | null> {
  const [row] = await work.tx.select().from(consult).where(eq(consult.id, id));
  if (!row) return null;
  await assertMayReadFile(work, id);
  return row;
}

/** One of a consult's resources; undefined when there is none (no time, no meeting yet). */
export async function consultResource(
  tx: Tx,
  type: ConsultResourceType,
  row: Row,
): Promise<Resource | undefined> {
  // The business clock, as updatedAt is: R4 wants a Task authored no later than it was changed.
  const common = { ...row, consultId: row.id, authoredAt: row.submittedAt ?? row.updatedAt };
  switch (type) {
    case "ServiceRequest":
      return toFhirServiceRequest(common);
    case "Task": {
      const [opinion] = await tx
        .select({ documentId: consultOpinion.documentId, jws: consultOpinion.jws })
        .from(consultOpinion)
        .where(eq(consultOpinion.consultId, row.id));
      return toFhirTask({
        ...common,
        reason: await lastReason(tx, row),
        opinionDocumentId: opinion?.jws ? opinion.documentId : null,
      });
    }
    case "Appointment":
      return toFhirAppointment({ ...common, participants: await participantsOf(tx, row.id) });
    case "Encounter":
      return toFhirEncounter({ ...common, participants: await participantsOf(tx, row.id) });
  }
}

/** Who takes part, in the order in which they were asked. */
export async function participantsOf(tx: Tx, consultId: string) {
  return tx
    .select({
      personId: consultParticipant.personId,
      role: consultParticipant.role,
      lead: consultParticipant.lead,
    })
    .from(consultParticipant)
    .where(eq(consultParticipant.consultId, consultId))
    .orderBy(consultParticipant.createdAt, consultParticipant.personId);
}

/** The written reason of the step that led to the present state. */
async function lastReason(tx: Tx, row: Row): Promise<string | null> {
  const steps = await tx
    .select({ reason: consultStep.reason, id: consultStep.id })
    .from(consultStep)
    .where(and(eq(consultStep.consultId, row.id), eq(consultStep.toState, row.state)))
    .orderBy(consultStep.id);
  return steps.at(-1)?.reason ?? null;
}

/** The signed opinion as Composition, or its signature as Provenance; the id is the document's. */
export async function findOpinionResource(
  work: Work<StaffActor>,
  type: OpinionResourceType,
  documentId: string,
): Promise<Found> {
  const [opinion] = await work.tx
    .select()
    .from(consultOpinion)
    .where(eq(consultOpinion.documentId, documentId));
  if (!opinion?.jws || !opinion.signedAt || !opinion.signedBy) return null;
  const row = await readable(work, opinion.consultId);
  if (!row) return null;
  const resource = opinionResources(opinion, row.patientId)[type];
  return { resource, patientId: row.patientId, version: 1, updatedAt: opinion.signedAt };
}

/** A signed opinion in FHIR. */
export function opinionResources(opinion: typeof consultOpinion.$inferSelect, patientId: string) {
  const document = opinionDocument.parse(opinion.document);
  const { documentId } = document;
  const signedAt = need(opinion.signedAt, "opinion.signedAt");
  return {
    Composition: toFhirComposition(compositionFacts({ document, patientId, signedAt })),
    Provenance: toFhirProvenance({
      documentId,
      signedBy: need(opinion.signedBy, "opinion.signedBy"),
      institutionId: document.invited.id,
      signedAt,
      jws: need(opinion.jws, "opinion.jws"),
      contentHash: contentHash(document),
    }),
  };
}

/** One recorded consent. */
export async function findConsentResource(work: Work<StaffActor>, id: string): Promise<Found> {
  const [consent] = await work.tx.select().from(consultConsent).where(eq(consultConsent.id, id));
  if (!consent) return null;
  const row = await readable(work, consent.consultId);
  if (!row) return null;
  const updatedAt = consent.withdrawnAt ?? consent.recordedAt;
  return {
    resource: toFhirConsent({ ...consent, patientId: row.patientId }),
    patientId: row.patientId,
    version: consent.withdrawnAt ? 2 : 1,
    updatedAt,
  };
}
