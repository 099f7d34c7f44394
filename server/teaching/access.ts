import type { Tx } from "../db/client.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Work } from "../http/context.ts";
import type { Actor, StaffActor } from "../identity/domain.ts";
import type { SessionRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { leadingRoles, type SpeakerRole, type TeachingSide, watchableStates } from "./states.ts";

/** What whoever acts may do with one session. */
export type TeachingRights = {
  sides: readonly TeachingSide[];
  /** Stands in front as; null for who listens. */
  speaks: SpeakerRole | null;
  sees: boolean;
  watches: boolean;
};

const none: TeachingRights = { sides: [], speaks: null, sees: false, watches: false };
const teachingWork = ["teaching.plan", "teaching.present", "teaching.attend", "teaching.manage"];

/** Without a second factor a session has no permissions, and then nothing of teaching either. */
export function worksWithTeaching(actor: Actor): boolean {
  if (actor.kind === "system" || actor.kind === "job") return true;
  return (
    actor.kind === "staff" &&
    (teachingWork.some((one) => actor.permissions.has(one)) ||
      actor.permissions.has("consult.interpret"))
  );
}

/** The database's own answer (`app.teaching_sides`, `app.teaching_may_watch`, …) for whoever acts. */
export async function teachingRights(
  tx: Tx,
  actor: Actor,
  sessionId: string,
): Promise<TeachingRights> {
  return worksWithTeaching(actor) ? repository.findRights(tx, sessionId) : none;
}

/**
 * Whether the actor may see what is shown in a session (slides, timeline, replay): speakers and planners always,
 * staff of invited houses from live on. Row policies of tables that belong to a session ask
 * `app.teaching_may_watch(session_id)` for the same.
 */
export async function mayWatch(tx: Tx, actor: Actor, sessionId: string): Promise<boolean> {
  return (await teachingRights(tx, actor, sessionId)).watches;
}

/** As which speaker the actor stands in front of a session; null for who does not. */
export async function mayPresent(
  tx: Tx,
  actor: Actor,
  sessionId: string,
): Promise<SpeakerRole | null> {
  return (await teachingRights(tx, actor, sessionId)).speaks;
}

/** Whether the actor may begin, lead, hand over and end it: presenter and co-host. */
export const leads = (rights: TeachingRights): boolean =>
  rights.speaks !== null && leadingRoles.includes(rights.speaks);

/** @throws DomainError `request.not-found`: what one may not see is not there */
export async function loadSession(
  work: Work,
  id: string,
): Promise<{ row: SessionRow; rights: TeachingRights }> {
  const rights = await teachingRights(work.tx, work.actor, id);
  const row = rights.sees ? await repository.findSession(work.tx, id) : null;
  if (!row) throw new DomainError("request.not-found");
  return { row, rights };
}

/** A session that the reader plans. @throws DomainError `request.not-found`, `permission.denied` */
export async function loadPlanned(
  work: Work<StaffActor>,
  id: string,
): Promise<{ row: SessionRow; rights: TeachingRights }> {
  const found = await loadSession(work, id);
  if (!found.rights.sides.includes("planner")) throw new DomainError("permission.denied");
  return found;
}

/** A session whose contents the reader may see. @throws DomainError `request.not-found`, `teaching.room-closed` */
export async function loadWatched(
  work: Work,
  id: string,
): Promise<{ row: SessionRow; rights: TeachingRights }> {
  const found = await loadSession(work, id);
  if (!found.rights.watches) {
    if (watchableStates.includes(found.row.state)) throw new DomainError("request.not-found");
    throw new DomainError("teaching.room-closed");
  }
  return found;
}
