/** Steps of a prescription: who may, what is written down, who is told. */
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Work } from "../http/context.ts";
import type { Actor, StaffActor } from "../identity/domain.ts";
import { announce } from "../outbox/service.ts";
import {
  type PrescriptionAction,
  type PrescriptionSide,
  prescriptionSteps,
  sidePermissions,
  transition,
} from "./domain.ts";
import type { PrescriptionRow } from "./repository.ts";
import * as repository from "./repository.ts";

/** The sides of a prescription that whoever acts is on; an allied pharmacy was shown the code before it sees the row. */
export function sidesOf(actor: Actor, row: PrescriptionRow): PrescriptionSide[] {
  if (actor.kind === "job" || actor.kind === "system") return ["system"];
  if (actor.kind !== "staff") return [];
  const own = row.institutionId === actor.institutionId;
  const holds = (side: Exclude<PrescriptionSide, "system">) =>
    actor.permissions.has(sidePermissions[side]);
  return [
    ...(own && row.doctorId === actor.personId && holds("doctor") ? (["doctor"] as const) : []),
    ...(own && row.doctorId !== actor.personId && holds("reviewer") ? (["reviewer"] as const) : []),
    ...(holds("pharmacy") ? (["pharmacy"] as const) : []),
  ];
}

/** @throws DomainError `request.not-found`: what one may not see is not there */
export async function loadPrescription(work: Work, id: string): Promise<PrescriptionRow> {
  const row = await repository.findPrescription(work.tx, id);
  if (!row) throw new DomainError("request.not-found");
  return row;
}

/** @throws DomainError `permission.denied`, `prescription.illegal-step`, `prescription.changed-meanwhile` */
export function assertMay(
  actor: Actor,
  row: PrescriptionRow,
  action: PrescriptionAction,
  version: number,
): void {
  const steps = prescriptionSteps.filter((one) => one.action === action);
  const sides = sidesOf(actor, row);
  if (!steps.some((one) => sides.includes(one.side))) throw new DomainError("permission.denied");
  transition(row.state, action);
  if (row.version !== version) throw new DomainError("prescription.changed-meanwhile");
}

/** One step of the state table, written down and told after commit. */
export async function takeStep(
  work: Work,
  row: PrescriptionRow,
  step: {
    action: PrescriptionAction;
    version: number;
    reason?: string | null;
    change?: Partial<PrescriptionRow>;
  },
): Promise<PrescriptionRow> {
  const { tx, actor, now, origin } = work;
  assertMay(actor, row, step.action, step.version);
  const state = transition(row.state, step.action);
  const changed = await repository.updatePrescription(tx, row.id, step.version, {
    ...step.change,
    state,
    updatedAt: now,
  });
  if (!changed) throw new DomainError("prescription.changed-meanwhile");
  await repository.insertStep(tx, {
    prescriptionId: row.id,
    action: step.action,
    fromState: row.state,
    toState: state,
    personId: actor.kind === "staff" ? actor.personId : null,
    reason: step.reason ?? null,
    at: now,
  });
  await trace(tx, actor, origin, {
    action: `prescription.${step.action}`,
    entityType: "prescription",
    entityId: row.id,
    patientId: row.patientId,
    purpose: "treatment",
    detail: { from: row.state, to: state },
  });
  await tellOf(work, changed);
  return changed;
}

export const tellOf = (work: Work, row: PrescriptionRow): Promise<void> =>
  announce(
    work.tx,
    { topic: "prescription", id: row.id, version: row.version },
    {
      institutionIds: [row.institutionId],
      personIds: [row.doctorId],
      patientIds: row.state === "draft" ? [] : [row.patientId],
    },
  );

/** A read that leaves its trace. */
export const traceRead = (
  { tx, actor, origin }: Work<StaffActor>,
  row: PrescriptionRow,
): Promise<void> =>
  trace(tx, actor, origin, {
    action: "prescription.read",
    entityType: "prescription",
    entityId: row.id,
    patientId: row.patientId,
    purpose: "treatment",
  });
