import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Work } from "../http/context.ts";
import { announce } from "../outbox/service.ts";
import { teachingRights } from "./access.ts";
import type { SessionRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { nextTeachingState, type TeachingAction, teachingActions } from "./states.ts";

/** Everybody whom a session concerns hears that it changed: its houses, and speakers wherever they are. */
export async function tellSession(work: Work, row: SessionRow): Promise<void> {
  const { tx } = work;
  const houses =
    row.plannedAt === null ? [row.institutionId] : await repository.findHouses(tx, row.id);
  const speakers = await repository.findSpeakers(tx, [row.id]);
  await announce(
    tx,
    { topic: "teaching", id: row.id, version: row.version },
    {
      institutionIds: houses,
      personIds: [row.ownerId, ...speakers.map((one) => one.personId)],
    },
  );
}

/**
 * Columns of a session change if it is still at the version the caller saw; it is written down and told after commit.
 * @throws DomainError `teaching.changed-meanwhile`
 */
export async function changeSession(
  work: Work,
  row: SessionRow,
  step: {
    version?: number;
    action: string;
    change: Partial<SessionRow>;
    detail?: Record<string, unknown>;
  },
): Promise<SessionRow> {
  if (step.version !== undefined && step.version !== row.version)
    throw new DomainError("teaching.changed-meanwhile");
  const changed = await repository.updateSession(work.tx, row, {
    ...step.change,
    updatedAt: work.now,
  });
  if (!changed) throw new DomainError("teaching.changed-meanwhile");
  await trace(work.tx, work.actor, work.origin, {
    action: `teaching.${step.action}`,
    entityType: "teaching-session",
    entityId: row.id,
    detail: { ...step.detail, from: row.state, to: changed.state },
  });
  await tellSession(work, changed);
  return changed;
}

/** The instant that a step leaves behind. */
const stamps = {
  plan: "plannedAt",
  cancel: "cancelledAt",
  goLive: "liveAt",
  end: "endedAt",
  process: null,
  publish: "publishedAt",
} as const satisfies Record<TeachingAction, keyof SessionRow | null>;

/**
 * One step of the state table, by whoever is on a side that takes it. The live room and the recording move sessions
 * through here too.
 * @throws DomainError `permission.denied`, `teaching.illegal-step`, `teaching.changed-meanwhile`
 */
export async function takeTeachingStep(
  work: Work,
  row: SessionRow,
  step: { action: TeachingAction; version?: number; change?: Partial<SessionRow> },
): Promise<SessionRow> {
  const { sides } = await teachingRights(work.tx, work.actor, row.id);
  if (!teachingActions[step.action].sides.some((side) => sides.includes(side)))
    throw new DomainError("permission.denied");
  if (step.version !== undefined && step.version !== row.version)
    throw new DomainError("teaching.changed-meanwhile");
  const state = nextTeachingState(row.state, step.action);
  const stamp = stamps[step.action];
  return changeSession(work, row, {
    action: step.action,
    ...(step.version === undefined ? {} : { version: step.version }),
    change: { ...step.change, state, ...(stamp ? { [stamp]: work.now } : {}) },
  });
}
