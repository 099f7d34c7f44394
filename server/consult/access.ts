import { DomainError } from "../errors/domain-error.ts";
import type { Work } from "../http/context.ts";
import type { Actor, GuestActor, StaffActor } from "../identity/domain.ts";
import {
  type ConsultAction,
  type ConsultState,
  consultActions,
  mayArchive,
  possibleActions,
  roomStates,
} from "./domain.ts";
import {
  type ConsultRow,
  findConsult,
  findParticipants,
  isInRoom,
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
  // Without a second factor there are no permissions, and then no consult either.
  const assigned =
    actor.permissions.has("consult.room") &&
    participants.some((one) => one.personId === actor.personId);
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
  if (action === "archive") return mayArchive(sideOf(actor, row), actor.permissions, row);
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
 * Who needs the file and not only the meeting: both sides' doctors and desks, not interpreters,
 * observers, or people of a third institution.
 */
export function maySeeFile(
  actor: StaffActor,
  row: ConsultRow,
  participants: readonly ParticipantRow[],
): boolean {
  const mine = participants.find((one) => one.personId === actor.personId);
  if (mine?.role === "interpreter" || mine?.role === "observer") return false;
  return sideOf(actor, row) !== "participant" || mine !== undefined;
}

/**
 * What is in the file (request, opinion, documents) is read by who needs it; row policies alone
 * would let in a whole institution.
 * @throws DomainError `request.not-found`
 */
export async function assertMayReadFile(work: Work<StaffActor>, consultId: string): Promise<void> {
  const row = await findConsult(work.tx, consultId);
  if (!row) throw new DomainError("request.not-found");
  const participants = await findParticipants(work.tx, [consultId]);
  assertMayRead(work.actor, row, participants);
  if (!maySeeFile(work.actor, row, participants)) throw new DomainError("request.not-found");
}

/**
 * Who may open one attachment of a consult. Stills belong to the meeting: a relative or the patient
 * opens them while the room is open and a doctor has let him in; interpreters and observers too.
 * @throws DomainError `request.not-found`
 */
export async function assertMayOpenAttachment(
  work: Work,
  consultId: string,
  purpose: "request" | "still" | "answer" | "evidence",
): Promise<void> {
  const { tx, actor } = work;
  const row = await findConsult(tx, consultId);
  if (!row) throw new DomainError("request.not-found");
  if (actor.kind === "staff") {
    const participants = await findParticipants(tx, [consultId]);
    assertMayRead(actor, row, participants);
    if (purpose !== "still" && !maySeeFile(actor, row, participants))
      throw new DomainError("request.not-found");
    return;
  }
  const open = (roomStates as readonly ConsultState[]).includes(row.state);
  const subject =
    actor.kind === "guest"
      ? guestSubject(actor)
      : actor.kind === "patient"
        ? patientSubject(row)
        : null;
  if (!open || !subject || !(await isInRoom(tx, consultId, subject)))
    throw new DomainError("request.not-found");
}

/** The name under which a relative's browser is known to the media node. */
export function guestSubject(actor: GuestActor): string {
  return `guest:${actor.guestId}:${actor.sessionId}`;
}

export function patientSubject(row: ConsultRow): string {
  return `patient:${row.patientId}`;
}
