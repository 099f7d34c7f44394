import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import type { MediaService, RoomClaims } from "../media/service.ts";
import { leads, loadSession } from "./access.ts";
import { changeSession } from "./change.ts";
import type { roomAnswer } from "./contract.ts";
import { publishesAs } from "./domain.ts";
import { plannableStates } from "./states.ts";

/**
 * A way into the room of a session. Speakers may enter before it begins: that is a rehearsal, without audience and
 * without record. From live on staff of invited houses come in as the audience: they publish nothing.
 * @throws DomainError `request.not-found`, `teaching.room-closed`, `media.no-node`
 */
export async function enterTeachingRoom(
  media: MediaService,
  work: Work<StaffActor>,
  id: string,
  /** The name of this very device, and what it may publish once it was asked to the stage. */
  device: { sub?: string; pub?: RoomClaims["pub"] } = {},
): Promise<z.input<typeof roomAnswer>> {
  const { tx, actor, origin } = work;
  const { row, rights } = await loadSession(work, id);
  const rehearsal = plannableStates.includes(row.state);
  if (rehearsal ? rights.speaks === null : row.state !== "live")
    throw new DomainError("teaching.room-closed");
  if (rights.speaks === null) assertPermission(actor, "teaching.attend");
  const [house] = await findInstitutions(tx, [actor.institutionId]);
  const moderator = leads(rights);
  const role = rights.speaks ?? "audience";
  const pub = rights.speaks ? publishesAs(rights.speaks) : (device.pub ?? []);
  const node = await media.nodeOf(tx, id, actor.institutionId);
  const token = await media.signRoomToken({
    ...(await media.siteOf(tx, actor.institutionId, node)),
    kind: "teaching",
    room: id,
    sub: device.sub ?? actor.personId,
    name: actor.name,
    role,
    org: house?.name ?? "",
    lang: actor.language,
    pub,
    moderator,
    lobby: false,
    private: moderator,
  });
  if (rehearsal && moderator)
    await changeSession(work, row, { action: "rehearse", change: { rehearsedAt: work.now } });
  else
    await trace(tx, actor, origin, {
      action: "room.enter",
      entityType: "teaching-session",
      entityId: id,
      detail: { role },
    });
  return {
    token,
    nodeUrl: node.publicUrl,
    room: id,
    displayName: actor.name,
    role,
    moderator,
    publishes: pub.length > 0,
    rehearsal,
  };
}
