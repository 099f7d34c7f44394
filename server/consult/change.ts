import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Work } from "../http/context.ts";
import type { Actor } from "../identity/domain.ts";
import { announce } from "../outbox/service.ts";
import { type ConsultAction, nextConsultState } from "./domain.ts";
import type { ConsultRow } from "./repository.ts";
import * as repository from "./repository.ts";

/**
 * One step of the state table: the row moves if it is still at the version the caller saw, the step
 * is written down, everyone concerned is told after commit.
 * @throws DomainError `consult.illegal-step`, `consult.changed-meanwhile` (naming who was first)
 */
export async function takeStep(
  work: Work<Actor>,
  row: ConsultRow,
  step: {
    action: ConsultAction;
    version: number;
    reason?: string | null;
    change?: Partial<ConsultRow>;
  },
): Promise<ConsultRow> {
  await assertNewest(work, row, step.version);
  const state = nextConsultState(row.state, step.action);
  const changed = await changeConsult(work, row, {
    version: step.version,
    change: { ...step.change, state },
  });
  await writeStep(work, changed, {
    action: step.action,
    from: row.state,
    reason: step.reason ?? null,
  });
  return changed;
}

/**
 * A page that looked at an old state is told who changed it, rather than that its step is illegal.
 * @throws DomainError `consult.changed-meanwhile`
 */
export async function assertNewest(
  work: Work<Actor>,
  row: ConsultRow,
  version: number,
): Promise<void> {
  if (row.version !== version) throw await changedBy(work, row.id);
}

/**
 * Change columns without a step (participants, an archive stamp).
 * @param input.left people who no longer take part and have to hear of it
 */
export async function changeConsult(
  work: Work<Actor>,
  row: ConsultRow,
  input: { version: number; change: Partial<ConsultRow>; left?: readonly string[] },
): Promise<ConsultRow> {
  const changed = await repository.updateConsult(work.tx, row.id, input.version, {
    ...input.change,
    updatedAt: work.now,
  });
  if (!changed) throw await changedBy(work, row.id);
  await tellOf(work, changed, "consult", changed.version, input.left);
  return changed;
}

/** Tell both institutions, everyone who takes part, and the patient's phone (once it was submitted). */
export async function tellOf(
  work: Work<Actor>,
  row: ConsultRow,
  topic: "consult" | "opinion" = "consult",
  version = row.version,
  left: readonly string[] = [],
): Promise<void> {
  const participants = await repository.findParticipants(work.tx, [row.id]);
  await announce(
    work.tx,
    { topic, id: row.id, version },
    {
      institutionIds: [
        row.invitingInstitutionId,
        row.submittedAt ? row.invitedInstitutionId : null,
      ],
      personIds: [...participants.map((one) => one.personId), ...left],
      patientIds: row.submittedAt ? [row.patientId] : [],
    },
    { consultId: row.id },
  );
}

export async function writeStep(
  work: Work<Actor>,
  row: ConsultRow,
  step: { action: string; from: ConsultRow["state"]; reason?: string | null },
): Promise<void> {
  const { actor } = work;
  await repository.insertStep(work.tx, {
    consultId: row.id,
    action: step.action,
    fromState: step.from,
    toState: row.state,
    byPersonId: actor.kind === "staff" ? actor.personId : null,
    byInstitutionId: actor.kind === "staff" ? actor.institutionId : null,
    byName: "name" in actor ? actor.name : "",
    reason: step.reason ?? null,
    at: work.now,
  });
  await trace(work.tx, actor, work.origin, {
    action: `consult.${step.action}`,
    entityType: "consult",
    entityId: row.id,
    patientId: row.patientId,
    purpose: "treatment",
  });
}

async function changedBy(work: Work<Actor>, consultId: string): Promise<DomainError> {
  const last = (await repository.findSteps(work.tx, consultId)).at(-1);
  return new DomainError("consult.changed-meanwhile", { by: last?.byName ?? "" });
}
