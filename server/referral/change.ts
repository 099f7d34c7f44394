import { trace } from "../audit/service.ts";
import { actingAs } from "../db/client.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Work } from "../http/context.ts";
import type { Actor, HouseActor, StaffActor } from "../identity/domain.ts";
import { announce } from "../outbox/service.ts";
import type { ReferralRow } from "./repository.ts";
import * as repository from "./repository.ts";
import {
  endedReferralStates,
  nextReferralState,
  possibleReferralActions,
  type ReferralAction,
  type ReferralSide,
  type ReferralState,
} from "./states.ts";

/** Who takes the steps of a house: its people here, or its own system outside. */
export type Acting = StaffActor | HouseActor;
/** Null: no person of ours. */
export const personOf = (actor: Actor): string | null =>
  actor.kind === "staff" ? actor.personId : null;
const job: Actor = { kind: "job", task: "referral:house", language: "zh-CN" };

/**
 * The step of a house outside is taken in its name, so that row policies and the state table's sides hold for it;
 * what follows from it (clocks, notices, beds) is our own job's, before and after.
 */
export const inItsName = <Result>({ tx, actor }: Work, work: () => Promise<Result>) =>
  actor.kind === "house" ? actingAs(tx, { during: actor, after: job }, work) : work();
export const asOurOwn = <Result>({ tx, actor }: Work, work: () => Promise<Result>) =>
  actor.kind === "house" ? actingAs(tx, { during: job, after: actor }, work) : work();

/** What a desk has been asked for, and our own job alone may do; asked for only after {@link stateAfter}. */
export const asOurJob = <Result>({ tx, actor }: Work, work: () => Promise<Result>) =>
  actingAs(tx, { during: job, after: actor }, work);

/** The sides of a referral that whoever acts is on; nobody who is on none knows of it. */
export function sidesOf(
  actor: Actor,
  row: Pick<ReferralRow, "fromInstitutionId" | "toInstitutionId" | "submittedAt" | "patientId">,
): ReferralSide[] {
  if (actor.kind === "staff")
    return [
      ...(row.fromInstitutionId === actor.institutionId ? (["from"] as const) : []),
      ...(row.toInstitutionId === actor.institutionId && row.submittedAt !== null
        ? (["to"] as const)
        : []),
    ];
  if (actor.kind === "house" && row.submittedAt !== null)
    return [
      ...(row.fromInstitutionId === actor.institutionId ? (["from"] as const) : []),
      ...(row.toInstitutionId === actor.institutionId ? (["to"] as const) : []),
    ];
  if (actor.kind === "patient" && actor.patientIds.includes(row.patientId)) return ["patient"];
  return actor.kind === "job" || actor.kind === "system" ? ["system"] : [];
}

const none: ReadonlySet<string> = new Set();
/** Who of its people did it is the other house's affair. */
const ofHouses: ReadonlySet<string> = new Set([
  "referral.request",
  "referral.desk",
  "referral.ward",
]);

/**
 * Who writes and sends a referral: whoever may refer, and of one that came from outside and was passed on the
 * person at the desk who did so, for nobody of that house works here.
 */
export const mayRequest = (actor: StaffActor, row: ReferralRow): boolean =>
  actor.permissions.has("referral.request") ||
  (row.requesterId === actor.personId &&
    row.previousId !== null &&
    actor.permissions.has("referral.desk"));

function permissionsOf(actor: Actor, row: ReferralRow): ReadonlySet<string> {
  if (actor.kind === "house") return ofHouses;
  if (actor.kind !== "staff") return none;
  return mayRequest(actor, row)
    ? new Set<string>([...actor.permissions, "referral.request"])
    : actor.permissions;
}

/** What may be done now, as pages and the API show it. */
export function actionsOf(actor: Actor, row: ReferralRow): ReferralAction[] {
  return possibleReferralActions(
    row.direction,
    row.state,
    sidesOf(actor, row),
    permissionsOf(actor, row),
  );
}

/** @throws DomainError `request.not-found`: what one may not see is not there */
export async function loadReferral(work: Work, id: string): Promise<ReferralRow> {
  const row = await inItsName(work, () => repository.findReferral(work.tx, id));
  if (!row || sidesOf(work.actor, row).length === 0) throw new DomainError("request.not-found");
  return row;
}

/**
 * One step of the state table: the row moves if it is still at the version the caller saw, the step is
 * written down, everyone concerned is told after commit.
 * @throws DomainError `permission.denied`, `referral.illegal-step`, `referral.changed-meanwhile`
 */
export async function takeStep(
  work: Work,
  row: ReferralRow,
  step: {
    action: ReferralAction;
    version: number;
    reason?: string | null;
    change?: Partial<ReferralRow>;
  },
): Promise<ReferralRow> {
  const state = await stateAfter(work, row, step);
  const changed = await changeReferral(work, row, {
    version: step.version,
    change: {
      ...step.change,
      state,
      ...(endedReferralStates.includes(state) ? { endedAt: work.now } : {}),
    },
  });
  await writeStep(work, changed, {
    action: step.action,
    from: row.state,
    reason: step.reason ?? null,
  });
  return changed;
}

/**
 * Where the step leads, when this actor may take it on the version that he saw.
 * @throws DomainError `permission.denied`, `referral.illegal-step`, `referral.changed-meanwhile`
 */
export async function stateAfter(
  work: Work,
  row: ReferralRow,
  { action, version }: { action: ReferralAction; version: number },
): Promise<ReferralState> {
  await assertNewest(work, row, version);
  const state = nextReferralState(row.direction, row.state, action);
  if (work.actor.kind !== "job" && !actionsOf(work.actor, row).includes(action))
    throw new DomainError("permission.denied", { action });
  return state;
}

/** A page that looked at an old state is told who changed it, rather than that its step is illegal. */
export async function assertNewest(work: Work, row: ReferralRow, version: number): Promise<void> {
  if (row.version !== version) throw await changedBy(work, row.id);
}

/** Change columns, with or without a step. @throws DomainError `referral.changed-meanwhile` */
export async function changeReferral(
  work: Work,
  row: ReferralRow,
  input: { version: number; change: Partial<ReferralRow> },
): Promise<ReferralRow> {
  const changed = await inItsName(work, () =>
    repository.updateReferral(work.tx, row.id, input.version, {
      ...input.change,
      updatedAt: work.now,
    }),
  );
  if (!changed) throw await changedBy(work, row.id);
  await tellOf(work, changed);
  return changed;
}

/** Both houses, and the patient's phone from when it is asked. */
export async function tellOf(work: Work, row: ReferralRow): Promise<void> {
  await announce(
    work.tx,
    { topic: "referral", id: row.id, version: row.version },
    {
      institutionIds: [row.fromInstitutionId, row.submittedAt ? row.toInstitutionId : null],
      patientIds: row.submittedAt || row.patientAskedAt ? [row.patientId] : [],
    },
  );
}

export async function writeStep(
  work: Work,
  row: ReferralRow,
  step: { action: string; from: ReferralRow["state"] | null; reason?: string | null },
): Promise<void> {
  const { actor } = work;
  const acts = actor.kind === "staff" || actor.kind === "house";
  await inItsName(work, async () => {
    await repository.insertStep(work.tx, {
      referralId: row.id,
      action: step.action,
      fromState: step.from,
      toState: row.state,
      byPersonId: personOf(actor),
      byInstitutionId: acts ? actor.institutionId : null,
      byName: acts ? actor.name : "",
      reason: step.reason ?? null,
      at: work.now,
    });
    await trace(work.tx, actor, work.origin, {
      action: `referral.${step.action}`,
      entityType: "referral",
      entityId: row.id,
      patientId: row.patientId,
      purpose: row.urgency === "emergency" ? "emergency" : "treatment",
    });
  });
}

async function changedBy(work: Work, referralId: string): Promise<DomainError> {
  const last = (await repository.findSteps(work.tx, [referralId])).at(-1);
  return new DomainError("referral.changed-meanwhile", { by: last?.byName ?? "" });
}
