/**
 * Consults: the request, its progress, the meeting, the opinion. Both sides are party to them; the file (what
 * was written about the patient, consents) stays with the house that asks, and the invited one has the
 * work from when it took it on.
 */
import { and, asc, eq, gt, gte, inArray, isNotNull, isNull, lte, or } from "drizzle-orm";
import type { ResponseAnswer } from "../../../fhir-mappings/appointment-response.ts";
import { toFhirAppointmentResponse } from "../../../fhir-mappings/appointment-response.ts";
import { toFhirBinary } from "../../../fhir-mappings/binary.ts";
import { toFhirCommunication } from "../../../fhir-mappings/communication.ts";
import { toFhirConsent } from "../../../fhir-mappings/consent.ts";
import { toFhirDocumentReference } from "../../../fhir-mappings/document-reference.ts";
import { requestNotes } from "../../../fhir-mappings/service-request.ts";
import { attachment } from "../../attachments/schema.ts";
import { defaultConsultClocks, patientMaySee } from "../../consult/domain.ts";
import { consult, consultConsent, consultMessage, consultOpinion } from "../../consult/schema.ts";
import type { Tx } from "../../db/client.ts";
import { consultResource, opinionResources, participantsOf } from "../consult-resources.ts";
import { opinionDiagnoses, provisionalDiagnoses, vitalSignsOf } from "./consult-clinical.ts";
import { practitioners } from "./directory-part.ts";
import {
  ended,
  type Projected,
  type ProjectionPart,
  type Reading,
  shown,
  shownOrEnded,
} from "./projected.ts";
import { labelled, labelsOfDiagnoses } from "./sensitivity.ts";

type Row = typeof consult.$inferSelect;
type Opinion = typeof consultOpinion.$inferSelect;
/** A server that was down for a week makes up for it. */
const lookBackMs = 7 * 86_400_000;
const least = "00000000-0000-0000-0000-000000000000";

export const consultPart: ProjectionPart = {
  idsAfter: async ({ tx, institutionId }, after, limit) => {
    const rows = await tx
      .select({ id: consult.id })
      .from(consult)
      .where(
        and(
          or(
            eq(consult.invitingInstitutionId, institutionId),
            eq(consult.invitedInstitutionId, institutionId),
          ),
          isNotNull(consult.submittedAt),
          gt(consult.id, after || least),
        ),
      )
      .orderBy(asc(consult.id))
      .limit(limit);
    return rows.map((row) => row.id);
  },
  project: async (reading, ids, gap) => {
    const { tx, institutionId } = reading;
    const rows = await tx
      .select()
      .from(consult)
      .where(inArray(consult.id, [...ids]));
    const items: Projected[] = [];
    for (const row of rows) {
      if (row.submittedAt === null || !isParty(row, institutionId)) continue;
      try {
        items.push(
          ...(await resourcesOf(reading, row, row.invitingInstitutionId === institutionId)),
        );
      } catch (error) {
        gap(row.id, error);
      }
    }
    return items;
  },
};

/** Nobody at the invited house has said yes to these. */
const unanswered: readonly Row["state"][] = ["draft", "submitted", "more-info-asked", "declined"];

/** The one that asks; the one that is asked from when it took the request on. */
function isParty(row: Row, institutionId: string): boolean {
  if (row.invitingInstitutionId === institutionId) return true;
  if (row.invitedInstitutionId !== institutionId) return false;
  return row.acceptedBy !== null || !(unanswered.includes(row.state) || row.state === "cancelled");
}

/**
 * The opinion is in the record from when the one who asked has acknowledged it, or the patient may see it
 * anyway: the record is open to the patient and his apps, and who asked tells him first.
 */
async function resourcesOf(reading: Reading, row: Row, isInviting: boolean): Promise<Projected[]> {
  const { tx, now } = reading;
  const [opinion] = await tx
    .select()
    .from(consultOpinion)
    .where(and(eq(consultOpinion.consultId, row.id), isNotNull(consultOpinion.jws)));
  const labels = labelsOfDiagnoses(
    [...row.provisionalDiagnoses, ...(opinion?.diagnoses ?? [])].map((one) => one.code),
  );
  const people = await participantsOf(tx, row.id);
  const told = opinion && patientMaySee(row, now, defaultConsultClocks) ? opinion : null;
  const items = [
    ...(await practitioners(tx, [row.requesterId, ...people.map((one) => one.personId)])),
    ...(await workflow(tx, isInviting ? row : withoutFile(row))),
    ...responses(row, people),
    ...(told ? opinionOf(told, row.patientId) : []),
    ...opinionDiagnoses(row, told),
    ...(isInviting
      ? [
          ...(await consents(tx, row)),
          ...(await messages(tx, row)),
          ...(await documents(tx, row)),
          ...provisionalDiagnoses(row, told),
          ...vitalSignsOf(row),
        ]
      : []),
  ];
  return items.map((one) =>
    one.resource && one.type !== "Practitioner"
      ? { ...one, resource: labelled(one.resource, labels) }
      : one,
  );
}

/** What is asked of whom and by when, without what was written about the patient. */
function withoutFile(row: Row): Row {
  const notes = Object.fromEntries(requestNotes.map((note) => [note, null]));
  return { ...row, ...notes, provisionalDiagnoses: [] };
}

async function workflow(tx: Tx, row: Row): Promise<Projected[]> {
  const types = ["ServiceRequest", "Task", "Appointment", "Encounter"] as const;
  const items: Projected[] = [];
  for (const type of types)
    items.push(shownOrEnded(type, row.id, await consultResource(tx, type, row)));
  return items;
}

/** The specialist's yes to the time that was agreed on. */
function responses(
  row: Row,
  people: readonly { personId: string; role: string; lead: boolean }[],
): Projected[] {
  const lead = people.find((one) => one.role === "specialist" && one.lead);
  if (!lead || !row.scheduledStart) return [ended("AppointmentResponse", row.id)];
  const off: readonly Row["state"][] = ["cancelled", "declined", "specialist-absent"];
  const answer: ResponseAnswer = off.includes(row.state) ? "declined" : "accepted";
  return [
    shown(
      toFhirAppointmentResponse({
        id: row.id,
        appointmentId: row.id,
        by: { type: "Practitioner", id: lead.personId },
        answer,
        comment: null,
      }),
    ),
  ];
}

function opinionOf(opinion: Opinion, patientId: string): Projected[] {
  const { Composition, Provenance } = opinionResources(opinion, patientId);
  return [shown(Composition), shown(Provenance)];
}

/** Questions and answers outside the room belong to the file. */
async function messages(tx: Tx, row: Row): Promise<Projected[]> {
  const rows = await tx.select().from(consultMessage).where(eq(consultMessage.consultId, row.id));
  return rows.map((one) => shown(toFhirCommunication({ ...one, patientId: row.patientId })));
}

/**
 * Files that were laid beside the request or an answer; stills belong to the meeting. Their bytes stay where
 * they lie and are read on demand (server/attachments): a Binary says only what they are and whose.
 */
async function documents(tx: Tx, row: Row): Promise<Projected[]> {
  const rows = await tx
    .select()
    .from(attachment)
    .where(
      and(
        eq(attachment.consultId, row.id),
        eq(attachment.state, "complete"),
        inArray(attachment.purpose, ["request", "answer"]),
      ),
    );
  const { patientId } = row;
  return rows.flatMap((one) => [
    shown(
      toFhirDocumentReference({
        ...one,
        patientId,
        sha256: one.sha256?.toString("hex") ?? null,
        completedAt: one.completedAt ?? one.createdAt,
      }),
    ),
    shown(toFhirBinary({ id: one.id, mediaType: one.mediaType, patientId, bytes: null })),
  ]);
}

async function consents(tx: Tx, row: Row): Promise<Projected[]> {
  const rows = await tx
    .select()
    .from(consultConsent)
    .where(eq(consultConsent.consultId, row.id))
    .orderBy(asc(consultConsent.id));
  return rows.map((one) => shown(toFhirConsent({ ...one, patientId: row.patientId })));
}

/** Consults whose opinion has come into the record by time alone, lately enough not to be there yet. */
export async function findOpinionsDue(tx: Tx, institutionId: string, now: Date): Promise<string[]> {
  const due = new Date(now.getTime() - defaultConsultClocks.patientSeesAfterMinutes * 60_000);
  const rows = await tx
    .select({ id: consult.id })
    .from(consult)
    .where(
      and(
        or(
          eq(consult.invitingInstitutionId, institutionId),
          eq(consult.invitedInstitutionId, institutionId),
        ),
        isNull(consult.acknowledgedAt),
        lte(consult.signedAt, due),
        gte(consult.signedAt, new Date(due.getTime() - lookBackMs)),
      ),
    );
  return rows.map((row) => row.id);
}
