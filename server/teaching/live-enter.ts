import type { z } from "zod";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import type { MediaService } from "../media/service.ts";
import { loadSession } from "./access.ts";
import { asServer } from "./as-server.ts";
import { publishesAs, type SpeakerRole } from "./domain.ts";
import type { enterAnswer, enterBody, heartbeatBody } from "./live-contract.ts";
import { guestPublishes, heartbeatSeconds, subOf } from "./live-domain.ts";
import { livePolicyOf } from "./live-policy.ts";
import * as repository from "./live-repository.ts";
import { beat } from "./presence-repository.ts";
import { enterTeachingRoom } from "./room-service.ts";
import { takeStage } from "./stage-service.ts";

/** Where the media node plays a session as HLS, and a key for it. */
export type HlsAddress = (
  sessionId: string,
  nodeUrl: string,
  sub: string,
) => Promise<{ url: string; token: string }>;

/**
 * A device comes in: speakers to the stage, listeners to the media node while it has room, the others to HLS.
 * Entering again with the same device gives what counts by now: who was asked to the stage gets a room token,
 * who left it again what listeners get.
 * @throws DomainError `request.not-found`, `teaching.room-closed`, `permission.denied`, `media.no-node`
 */
export async function enterSession(
  media: MediaService,
  hls: HlsAddress,
  work: Work<StaffActor>,
  sessionId: string,
  body: z.output<typeof enterBody>,
): Promise<z.input<typeof enterAnswer>> {
  const { tx, actor, now } = work;
  const { row, rights } = await loadSession(work, sessionId);
  if (rights.speaks === null) assertPermission(actor, "teaching.attend");
  if (!rights.watches || (row.state !== "live" && rights.speaks === null))
    throw new DomainError("teaching.room-closed");
  await repository.openLive(tx, sessionId);
  const known = await repository.findDevice(tx, sessionId, body.deviceId);
  const stage = await repository.findStage(tx, sessionId);
  const asked = stage.find((one) => one.deviceId === body.deviceId);
  const [house] = await findInstitutions(tx, [actor.institutionId]);
  const device = {
    sessionId,
    deviceId: body.deviceId,
    personId: actor.personId,
    institutionId: actor.institutionId,
    // The stage is for people: a screen on it speaks as who switched it on.
    kind: body.device,
    way: body.way,
    carrier: "webrtc" as const,
    sub: subOf({ kind: body.device, deviceId: body.deviceId, personId: actor.personId }),
    name: actor.name,
    org: house?.name ?? "",
    enteredAt: known?.enteredAt ?? now,
    seenAt: now,
  };
  if (known && known.personId !== actor.personId) throw new DomainError("permission.denied");
  const listens = rights.speaks === null && !asked;
  const common = {
    sessionId,
    deviceId: body.deviceId,
    sub: device.sub,
    heartbeatSeconds,
  };
  if (listens && (await isFull(work, row.institutionId, sessionId, known))) {
    await repository.putDevice(tx, { ...device, carrier: "hls" });
    await beat(tx, { sessionId, deviceId: body.deviceId, way: body.way }, now);
    const node = await media.nodeOf(tx, sessionId);
    return {
      kind: "hls",
      ...common,
      rehearsal: false,
      ...(await hls(sessionId, node.publicUrl, device.sub)),
    };
  }
  await repository.putDevice(tx, device);
  const room = await enterTeachingRoom(media, work, sessionId, {
    sub: device.sub,
    ...(asked ? { pub: publishedBy(rights.speaks) } : {}),
  });
  if (rights.speaks) await takeStage(work, sessionId, device, rights.speaks);
  const { rehearsal, ...grant } = room;
  return { kind: "room", ...common, rehearsal, ...grant };
}

const publishedBy = (speaks: SpeakerRole | null) =>
  speaks ? publishesAs(speaks) : [...guestPublishes];

/** Who is at the node stays there: nobody is moved to HLS while listening. */
async function isFull(
  work: Work<StaffActor>,
  houseId: string,
  sessionId: string,
  known: repository.DeviceRow | null,
): Promise<boolean> {
  const { hlsAbove } = await livePolicyOf(work.tx, houseId);
  const counts = await asServer(work, () => repository.countDevices(work.tx, sessionId, work.now));
  const alreadyThere = known?.carrier === "webrtc" && counts.listeners <= hlsAbove;
  return !alreadyThere && counts.listeners >= hlsAbove;
}

/** A page says that it is there, and how it listens. @throws DomainError `request.not-found` */
export async function heartbeat(
  { tx, actor, now }: Work<StaffActor>,
  sessionId: string,
  body: z.output<typeof heartbeatBody>,
): Promise<void> {
  assertPermission(actor, "teaching.attend");
  if (!(await beat(tx, { sessionId, ...body }, now))) throw new DomainError("request.not-found");
}
