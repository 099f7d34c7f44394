import { eq } from "drizzle-orm";
import type { z } from "zod";
import { attachment } from "../attachments/schema.ts";
import { trace } from "../audit/service.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Services, type Work } from "../http/context.ts";
import type { Actor, StaffActor } from "../identity/domain.ts";
import type { MediaService, RoomClaims } from "../media/service.ts";
import { announce } from "../outbox/service.ts";
import { assertMayOpenAttachment, guestSubject, mayEnterRoom, patientSubject } from "./access.ts";
import { changeConsult } from "./change.ts";
import type {
  ConsultDetail,
  inviteGuestAnswer,
  inviteGuestBody,
  roomTokenAnswer,
} from "./contract.ts";
import { consentStands } from "./domain.ts";
import { findGuestById } from "./guests.ts";
import type { ConsultRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { insertConsent, loadForReader } from "./request-service.ts";
import { viewDetail } from "./view.ts";

/** An invitation is good for this long, and never beyond the consult. */
const guestHours = 24;

/**
 * A token for the room, for whoever may enter: staff who take part, the patient's phone, an invited
 * relative. Patients and relatives wait in the lobby until a doctor lets them in.
 * @throws DomainError `request.not-found`, `consult.room-closed`, `media.no-node`
 */
export async function enterRoom(
  media: MediaService,
  work: Work<Actor>,
  id: string,
): Promise<z.input<typeof roomTokenAnswer>> {
  const { tx, actor, origin } = work;
  const row = await repository.findConsult(tx, id);
  if (!row) throw new DomainError("request.not-found");
  const participants = await repository.findParticipants(tx, [id]);
  if (!mayEnterRoom(actor, row, participants)) throw new DomainError("consult.room-closed");
  // Relatives and the patient wait in the lobby: without a doctor inside nobody lets them in.
  if (actor.kind === "staff" && !consentStands(await repository.findConsents(tx, id), row.urgency))
    throw new DomainError("consult.consent-missing");
  const claims = await claimsOf(work, row, participants);
  const house = actor.kind === "staff" ? actor.institutionId : null;
  const node = await media.nodeOf(tx, id, house);
  await trace(tx, actor, origin, {
    action: "room.enter",
    entityType: "consult",
    entityId: id,
    patientId: row.patientId,
    purpose: "treatment",
  });
  return {
    token: await media.signRoomToken({ ...claims, ...(await media.siteOf(tx, house, node)) }),
    nodeUrl: node.publicUrl,
    room: id,
    displayName: claims.name,
    role: claims.role,
    moderator: claims.moderator,
    lobby: claims.lobby,
  };
}

async function claimsOf(
  work: Work<Actor>,
  row: ConsultRow,
  participants: repository.ParticipantRow[],
): Promise<RoomClaims> {
  const { tx, actor } = work;
  const common = { room: row.id, lang: actor.language };
  if (actor.kind === "staff") {
    const mine = participants.find((one) => one.personId === actor.personId)!;
    const [institution] = await findInstitutions(tx, [actor.institutionId]);
    const doctor = mine.role === "attending" || mine.role === "specialist";
    const listens = mine.role === "observer";
    return {
      ...common,
      sub: actor.personId,
      name: actor.name,
      role: mine.role,
      org: institution?.name ?? "",
      pub: listens
        ? []
        : mine.role === "interpreter"
          ? ["audio", "video", "interpretation"]
          : ["audio", "video", "screen"],
      moderator: doctor,
      lobby: false,
      private: doctor,
    };
  }
  if (actor.kind === "patient") {
    return {
      ...common,
      sub: patientSubject(row),
      name: "患者",
      role: "patient",
      org: "",
      pub: ["audio", "video"],
      moderator: false,
      lobby: true,
      private: false,
    };
  }
  if (actor.kind !== "guest") throw new DomainError("permission.denied");
  const guest = await findGuestById(tx, actor.guestId);
  return {
    ...common,
    // A forwarded link is another browser, and another person until a doctor has seen him.
    sub: guestSubject(actor),
    name: actor.name,
    role: "family",
    org: guest?.relation ?? "",
    pub: ["audio", "video"],
    moderator: false,
    lobby: true,
    private: false,
  };
}

/**
 * Invite a relative by link or QR. The patient's consent to this very person is part of the call.
 * The secret is in the link only; we keep its hash.
 */
export async function inviteGuest(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  input: z.infer<typeof inviteGuestBody>,
): Promise<z.input<typeof inviteGuestAnswer>> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "consult.request");
  const { row } = await loadForReader(work, id);
  if (row.invitingInstitutionId !== actor.institutionId) throw new DomainError("permission.denied");
  const consent = await insertConsent(work, row, {
    ...input.consent,
    kind: "relative",
    relativeName: input.name,
  });
  if (!consent.given) throw new DomainError("consent.evidence");
  const { secret, hash } = services.vault.newSecret(24);
  const meeting = row.scheduledEnd?.getTime() ?? now.getTime();
  const expiresAt = new Date(Math.max(meeting, now.getTime()) + guestHours * 3_600_000);
  const guestId = await repository.insertGuest(tx, {
    consultId: id,
    name: input.name,
    relation: input.relation,
    language: input.language,
    secretHash: hash,
    consentId: consent.id,
    invitedBy: actor.personId,
    expiresAt,
  });
  await trace(tx, actor, origin, {
    action: "guest.invite",
    entityType: "consult",
    entityId: id,
    patientId: row.patientId,
    purpose: "treatment",
  });
  await changeConsult(work, row, { version: row.version, change: {} });
  return {
    guestId,
    url: `${services.publicUrl}/join/${secret}`,
    expiresAt: expiresAt.toISOString(),
  };
}

/** Take an invitation back: the link and the guest's open session die at once. */
export async function revokeGuest(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  guestId: string,
): Promise<ConsultDetail> {
  assertPermission(work.actor, "consult.request");
  const { row } = await loadForReader(work, id);
  if (row.invitingInstitutionId !== work.actor.institutionId)
    throw new DomainError("permission.denied");
  if (!(await repository.revokeGuest(work.tx, id, guestId, work.now)))
    throw new DomainError("request.not-found");
  await trace(work.tx, work.actor, work.origin, {
    action: "guest.revoke",
    entityType: "consult",
    entityId: id,
    patientId: row.patientId,
    purpose: "treatment",
  });
  return viewDetail(
    services,
    work,
    await changeConsult(work, row, { version: row.version, change: {} }),
  );
}

/** A sharp still that was uploaded becomes part of the consult. Repeating it changes nothing. */
export async function addStill(
  work: Work<Actor>,
  id: string,
  input: { attachmentId: string; takenBy: string },
): Promise<{ stillId: string }> {
  const { tx, actor, now } = work;
  const row = await repository.findConsult(tx, id);
  const [file] = await tx.select().from(attachment).where(eq(attachment.id, input.attachmentId));
  if (row) await assertMayOpenAttachment(work, id, "still");
  if (
    !row ||
    !file ||
    file.consultId !== id ||
    file.purpose !== "still" ||
    file.state !== "complete"
  )
    throw new DomainError("request.not-found");
  const stillId = await repository.insertStill(tx, {
    consultId: id,
    attachmentId: input.attachmentId,
    takenBy: "name" in actor ? actor.name : "患者",
    at: now,
  });
  await announce(
    tx,
    { topic: "attachment", id: input.attachmentId, version: 0 },
    { institutionIds: [row.invitingInstitutionId, row.invitedInstitutionId] },
    { consultId: id },
  );
  return { stillId };
}
