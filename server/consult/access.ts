import { DomainError } from "../errors/domain-error.ts";
import type { Work } from "../http/context.ts";
import type { Actor, StaffActor } from "../identity/domain.ts";
import {
  type ConsultAction,
  type ConsultState,
  consultActions,
  possibleActions,
  roomStates,
} from "./domain.ts";
import {
  type ConsultRow,
  findConsult,
  findParticipants,
  type ParticipantRow,
} from "./repository.ts";

export type Side = "inviting" | "invited" | "participant";

/** Which side of the consult a member of staff stands on; by assignment when he belongs to neither. */
export function sideOf(actor: StaffActor, row: ConsultRow): Side {
  if (row.invitingInstitutionId === actor.institutionId) return "inviting";
  if (row.invitedInstitutionId === actor.institutionId) return "invited";
  return "participant";
}

/**
 * Row policies let an institution see its consults; within it, only who works with them.
 * @throws DomainError `request.not-found`: to others the consult is not there
 */
export function assertMayRead(
  actor: StaffActor,
  row: ConsultRow,
  participants: readonly ParticipantRow[],
): void {
  const side = sideOf(actor, row);
  const assigned = participants.some((one) => one.personId === actor.personId);
  const byWork =
    side === "inviting"
      ? actor.permissions.has("consult.request")
      : side === "invited" && actor.permissions.has("consult.desk");
  if (!assigned && !byWork) throw new DomainError("request.not-found");
}

/** @throws DomainError `permission.denied` when the actor's side or role may not take this step */
export function assertMayAct(
  actor: StaffActor,
  row: ConsultRow,
  participants: readonly ParticipantRow[],
  action: ConsultAction,
): void {
  if (!mayAct(actor, row, participants, action))
    throw new DomainError("permission.denied", { action });
}

export function mayAct(
  actor: StaffActor,
  row: ConsultRow,
  participants: readonly ParticipantRow[],
  action: ConsultAction,
): boolean {
  const rule = consultActions[action];
  if (!actor.permissions.has(rule.permission)) return false;
  const mine = participants.find((one) => one.personId === actor.personId);
  if (action === "sign") return mine?.role === "specialist" && mine.lead;
  const side = sideOf(actor, row);
  if (rule.side === "either")
    return mine !== undefined && mine.role !== "observer" && mine.role !== "interpreter";
  return rule.side === side;
}

/** What the reader may do now, from the state table and his rights. */
export function actionsOf(
  actor: StaffActor,
  row: ConsultRow,
  participants: readonly ParticipantRow[],
): ConsultAction[] {
  return possibleActions(row.state).filter((action) => mayAct(actor, row, participants, action));
}

export function mayEnterRoom(
  actor: Actor,
  row: ConsultRow,
  participants: readonly ParticipantRow[],
): boolean {
  if (!(roomStates as readonly ConsultState[]).includes(row.state)) return false;
  if (actor.kind === "staff")
    return (
      actor.permissions.has("consult.room") &&
      participants.some((one) => one.personId === actor.personId)
    );
  return actor.kind === "patient"
    ? actor.patientIds.includes(row.patientId)
    : actor.kind === "guest" && actor.consultId === row.id;
}

/** The opinion is written by the assigned specialists while the consult is open. */
export function mayEditOpinion(
  actor: StaffActor,
  row: ConsultRow,
  participants: readonly ParticipantRow[],
): boolean {
  const open: readonly ConsultState[] = [...roomStates, "advice-only"];
  return (
    open.includes(row.state) &&
    actor.permissions.has("consult.opinion") &&
    participants.some((one) => one.personId === actor.personId && one.role === "specialist")
  );
}

/**
 * Files of a consult are opened by who may read it; row policies alone would let in a whole institution.
 * @throws DomainError `request.not-found`
 */
export async function assertMayOpenConsult(work: Work, consultId: string): Promise<void> {
  const row = await findConsult(work.tx, consultId);
  if (!row) throw new DomainError("request.not-found");
  if (work.actor.kind === "staff")
    assertMayRead(work.actor, row, await findParticipants(work.tx, [consultId]));
}
