/** Steps of a video visit: who may, what is written down, who is told. */
import { stopAlarms } from "../alarms/service.ts";
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Work } from "../http/context.ts";
import type { Actor } from "../identity/domain.ts";
import { announce } from "../outbox/service.ts";
import { isOpen, transition, type VisitAction, type VisitSide } from "./domain.ts";
import type { VisitRow } from "./repository.ts";
import * as repository from "./repository.ts";

export const dayEndAlarm = "visit:day-end";
export const alarmKey = (id: string) => `${dayEndAlarm}:${id}`;

/** The sides of a visit that whoever acts is on. Who waits may be called by any doctor of the house. */
export function sidesOf(actor: Actor, row: VisitRow): VisitSide[] {
  if (actor.kind === "job" || actor.kind === "system") return ["system"];
  if (actor.kind === "patient") return actor.patientIds.includes(row.patientId) ? ["patient"] : [];
  if (actor.kind !== "staff" || row.institutionId !== actor.institutionId) return [];
  if (!actor.permissions.has("visit.conduct")) return [];
  const waits = row.state === "requested" || row.state === "waiting";
  return waits || row.doctorId === actor.personId ? ["doctor"] : [];
}

/** @throws DomainError `request.not-found`: what one may not see is not there */
export async function loadVisit(work: Work, id: string): Promise<VisitRow> {
  const row = await repository.findVisit(work.tx, id);
  if (!row) throw new DomainError("request.not-found");
  return row;
}

/** @throws DomainError `visit.changed-meanwhile` */
export async function changeVisit(
  work: Work,
  row: VisitRow,
  version: number,
  change: Partial<VisitRow>,
): Promise<VisitRow> {
  if (row.version !== version) throw new DomainError("visit.changed-meanwhile");
  const changed = await repository.updateVisit(work.tx, row.id, version, {
    ...change,
    updatedAt: work.now,
  });
  if (!changed) throw new DomainError("visit.changed-meanwhile");
  return changed;
}

/**
 * One step of the state table, written down and told after commit; whoever waits at the house hears that places moved.
 * @throws DomainError `permission.denied`, `visit.illegal-step`, `visit.changed-meanwhile`
 */
export async function takeStep(
  work: Work,
  row: VisitRow,
  step: {
    action: VisitAction;
    version: number;
    reason?: string | null;
    change?: Partial<VisitRow>;
  },
): Promise<VisitRow> {
  const { tx, actor, now } = work;
  const sides = sidesOf(actor, row);
  if (row.version !== step.version) throw new DomainError("visit.changed-meanwhile");
  if (sides.length === 0) throw new DomainError("permission.denied");
  const state = transition(row.state, step.action, sides);
  const changed = await changeVisit(work, row, step.version, { ...step.change, state });
  await writeStep(work, changed, {
    action: step.action,
    from: row.state,
    reason: step.reason ?? null,
  });
  if (!isOpen(state)) await stopAlarms(tx, [alarmKey(row.id)], now);
  await tellOf(work, changed);
  return changed;
}

/** What happened, for the file and the trace. */
export async function writeStep(
  work: Work,
  row: VisitRow,
  step: { action: string; from: VisitRow["state"] | null; reason?: string | null },
): Promise<void> {
  const { tx, actor, origin, now } = work;
  await repository.insertStep(tx, {
    visitId: row.id,
    action: step.action,
    fromState: step.from,
    toState: row.state,
    personId: actor.kind === "staff" ? actor.personId : null,
    reason: step.reason ?? null,
    at: now,
  });
  await trace(tx, actor, origin, {
    action: `visit.${step.action}`,
    entityType: "visit",
    entityId: row.id,
    patientId: row.patientId,
    purpose: "treatment",
    detail: { from: step.from, to: row.state },
  });
}

export async function tellOf({ tx }: Work, row: VisitRow): Promise<void> {
  const waiting = await repository.findWaiting(tx, row.institutionId);
  await announce(
    tx,
    { topic: "visit", id: row.id, version: row.version },
    {
      institutionIds: [row.institutionId],
      personIds: row.doctorId ? [row.doctorId] : [],
      patientIds: [...new Set([row.patientId, ...waiting.map((one) => one.patient_id)])],
    },
  );
}
