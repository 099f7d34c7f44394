/** Rooms and entrance of the own fever site, kept by who answers for its rules. */
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { announce } from "../outbox/service.ts";
import type { entranceBody, newRoomBody, roomBody, roomList } from "./contract.ts";
import * as repository from "./repository.ts";
import { requireSite } from "./site-service.ts";

type Staff = Work<StaffActor>;
type RoomList = z.input<typeof roomList>;

/** Every room, closed ones too. @throws DomainError `permission.denied`, `fever.no-site` */
export async function listRooms({ tx, actor }: Staff): Promise<RoomList> {
  assertPermission(actor, "fever.rules");
  const site = await requireSite(tx, actor.institutionId);
  const rooms = await repository.findAllRooms(tx, actor.institutionId);
  const stays = await repository.findOpenStays(
    tx,
    rooms.map((one) => one.id),
  );
  return {
    entrance: { zh: site.entranceZh, en: site.entranceEn, bo: site.entranceBo },
    rooms: rooms.map(({ id, name, kind, active }) => ({
      id,
      name,
      kind,
      active,
      inUse: stays.some((one) => one.roomId === id),
    })),
  };
}

/** @throws DomainError `permission.denied`, `fever.no-site`, `fever.room-name` */
export async function addRoom(work: Staff, input: z.output<typeof newRoomBody>): Promise<RoomList> {
  const { tx, actor } = work;
  assertPermission(actor, "fever.rules");
  await requireSite(tx, actor.institutionId);
  const id = await repository.insertRoom(tx, { institutionId: actor.institutionId, ...input });
  await note(work, "fever-room.add", id, { name: input.name, kind: input.kind });
  return listRooms(work);
}

/**
 * Rename, close, reopen.
 * @throws DomainError `permission.denied`, `request.not-found` for another house's room, `fever.room-name`,
 *   `fever.room-in-use` for one with somebody in it or that waits for disinfection
 */
export async function changeRoom(
  work: Staff,
  id: string,
  input: z.output<typeof roomBody>,
): Promise<RoomList> {
  const { tx, actor } = work;
  assertPermission(actor, "fever.rules");
  if (!(await repository.updateRoom(tx, actor.institutionId, id, input)))
    throw new DomainError("request.not-found");
  await note(work, "fever-room.change", id, input);
  return listRooms(work);
}

/** Which door, in three languages; patients read it from now on. */
export async function writeEntrance(
  work: Staff,
  input: z.output<typeof entranceBody>,
): Promise<RoomList> {
  const { tx, actor } = work;
  assertPermission(actor, "fever.rules");
  await requireSite(tx, actor.institutionId);
  await repository.updateEntrance(tx, actor.institutionId, input);
  await note(work, "fever-site.entrance", actor.institutionId, input);
  return listRooms(work);
}

async function note(
  { tx, actor, origin }: Staff,
  action: "fever-room.add" | "fever-room.change" | "fever-site.entrance",
  entityId: string,
  detail: Record<string, unknown>,
): Promise<void> {
  const entityType = action === "fever-site.entrance" ? "fever-site" : "fever-room";
  await trace(tx, actor, origin, { action, entityType, entityId, detail });
  // Open desks show it at once.
  await announce(
    tx,
    { topic: "fever", id: entityId, version: 0 },
    { institutionIds: [actor.institutionId] },
  );
}
