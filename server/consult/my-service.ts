import { desc, inArray } from "drizzle-orm";
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { findInstitutions } from "../directory/service.ts";
import type { Work } from "../http/context.ts";
import type { PatientActor } from "../identity/domain.ts";
import { findPatients } from "../patients/service.ts";
import { mayEnterRoom } from "./access.ts";
import type { patientConsults } from "./contract.ts";
import { defaultConsultClocks, patientMaySee } from "./domain.ts";
import * as repository from "./repository.ts";
import { consult } from "./schema.ts";
import { findNames } from "./view.ts";

/** The patient's consults. An opinion is shown once the attending doctor took note of it (or after the capped delay). */
export async function listMyConsults(
  work: Work<PatientActor>,
): Promise<z.input<typeof patientConsults>> {
  const { tx, actor, now } = work;
  if (actor.patientIds.length === 0) return { consults: [] };
  const rows = await tx
    .select()
    .from(consult)
    .where(inArray(consult.patientId, [...actor.patientIds]))
    .orderBy(desc(consult.submittedAt))
    .limit(50);
  const institutions = await findInstitutions(tx, [
    ...new Set(
      rows.flatMap((row) => [row.invitingInstitutionId, row.invitedInstitutionId ?? []].flat()),
    ),
  ]);
  const patients = await findPatients(tx, [...new Set(rows.map((row) => row.patientId))]);
  const participants = await repository.findParticipants(
    tx,
    rows.map((row) => row.id),
  );
  const consults = [];
  for (const row of rows) {
    const subject = patients.find((one) => one.row.id === row.patientId)?.row;
    const visible = patientMaySee(row, now, defaultConsultClocks);
    const opinion = visible ? await repository.findOpinion(tx, row.id) : null;
    const names = opinion?.signedBy
      ? await findNames(tx, [opinion.signedBy])
      : new Map<string, string>();
    if (opinion)
      await trace(tx, actor, work.origin, {
        action: "opinion.read",
        entityType: "consult",
        entityId: row.id,
        patientId: row.patientId,
        purpose: "own-record",
      });
    consults.push({
      id: row.id,
      number: row.number,
      state: row.state,
      patientId: row.patientId,
      patientName: subject?.fullName ?? subject?.fullNameBo ?? "",
      inviting: institutions.find((one) => one.id === row.invitingInstitutionId)?.name ?? "",
      invited: institutions.find((one) => one.id === row.invitedInstitutionId)?.name ?? null,
      doctors: participants
        .filter(
          (one) =>
            one.consultId === row.id && (one.role === "specialist" || one.role === "attending"),
        )
        .map((one) => (one.title ? `${one.name} ${one.title}` : one.name)),
      scheduledStart: row.scheduledStart?.toISOString() ?? null,
      mayEnterRoom: mayEnterRoom(actor, row, []),
      opinion: opinion?.signedAt
        ? {
            plainWords: opinion.plainWords,
            diagnosticOpinion: opinion.diagnosticOpinion,
            diagnoses: opinion.diagnoses,
            testsAdvised: opinion.testsAdvised,
            plan: opinion.plan,
            transferConditions: opinion.transferConditions,
            treatmentDecision: row.treatmentDecision,
            signedBy: opinion.signedBy ? (names.get(opinion.signedBy) ?? "") : "",
            signedAt: opinion.signedAt.toISOString(),
          }
        : null,
    });
  }
  return { consults };
}
