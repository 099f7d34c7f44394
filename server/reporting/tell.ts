import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Work } from "../http/context.ts";
import type { Actor } from "../identity/domain.ts";
import { announce } from "../outbox/service.ts";
import type { CriticalValueRow, ReportRow } from "./repository.ts";
import * as repository from "./repository.ts";

type Written = { action: string; reason?: string | null };

/** Write down a step of a critical value, leave its trace, and tell both institutions after commit. */
export async function writeValueStep(
  work: Work<Actor>,
  row: CriticalValueRow,
  step: Written & { from: CriticalValueRow["state"] | null },
): Promise<void> {
  const { tx, actor, now } = work;
  await repository.insertCriticalValueStep(tx, {
    criticalValueId: row.id,
    ...byline(actor),
    action: step.action,
    fromState: step.from,
    toState: row.state,
    reason: step.reason ?? null,
    at: now,
  });
  await trace(tx, actor, work.origin, {
    action: `critical-value.${step.action}`,
    entityType: "critical-value",
    entityId: row.id,
    patientId: row.patientId,
    purpose: "treatment",
  });
  await announce(
    tx,
    { topic: "critical-value", id: row.id, version: row.version },
    { institutionIds: [row.institutionId, row.receiverInstitutionId] },
  );
}

/** Write down a step of a report, leave its trace, and tell the institution and (once it was sent on) the CDC. */
export async function writeReportStep(
  work: Work<Actor>,
  row: ReportRow,
  step: Written & { from: ReportRow["state"] | null; content?: Record<string, unknown> },
): Promise<void> {
  const { tx, actor, now } = work;
  await repository.insertReportStep(tx, {
    reportId: row.id,
    ...byline(actor),
    action: step.action,
    fromState: step.from,
    toState: row.state,
    reason: step.reason ?? null,
    content: step.content ?? null,
    at: now,
  });
  await trace(tx, actor, work.origin, {
    action: `infectious-report.${step.action}`,
    entityType: "infectious-report",
    entityId: row.id,
    patientId: row.patientId,
    purpose: "public-health",
  });
  await announce(
    tx,
    { topic: "infectious-report", id: row.id, version: row.version },
    { institutionIds: [row.institutionId, row.cdcInstitutionId] },
  );
}

function byline(actor: Actor) {
  return {
    byPersonId: actor.kind === "staff" ? actor.personId : null,
    byInstitutionId: actor.kind === "staff" ? actor.institutionId : null,
    byName: "name" in actor ? actor.name : "",
  };
}

/** A page that looked at an old state is told who was first, rather than that its step is illegal. */
export function changedBy(steps: readonly { byName: string }[]): DomainError {
  return new DomainError("reporting.changed-meanwhile", { by: steps.at(-1)?.byName ?? "" });
}
