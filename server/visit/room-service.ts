/** The room of a video visit: tokens, who is in it, files. */

import type { z } from "zod";
import { trace } from "../audit/service.ts";
import type { Tx } from "../db/client.ts";
import { findInstitutions } from "../directory/service.ts";
import { fromDatabase } from "../errors/database-error.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Work } from "../http/context.ts";
import type { Actor } from "../identity/domain.ts";
import type { MediaService, ReportedEvent, RoomClaims } from "../media/service.ts";
import { findPatient } from "../patients/service.ts";
import { loadVisit, sidesOf, takeStep, tellOf } from "./change.ts";
import type { roomTokenAnswer } from "./contract.ts";
import { isOpen, roomStates } from "./domain.ts";
import type { VisitRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { nameOf } from "./view.ts";

const uuidShape = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const kept = new Set(["peer-joined", "peer-left", "peer-removed", "peer-waiting", "peer-admitted"]);

/**
 * A token for the room: the doctor who called, and phones that may open the patient's pages. Another phone than the
 * one that asked is family, and waits until the doctor lets it in.
 * @throws DomainError `visit.room-closed`, `request.not-found`, `media.no-node`
 */
export async function enterRoom(
  media: MediaService,
  work: Work<Actor>,
  id: string,
): Promise<z.input<typeof roomTokenAnswer>> {
  const { tx, actor, origin } = work;
  const row = await loadVisit(work, id);
  const sides = sidesOf(actor, row);
  if (!roomStates.includes(row.state) || sides.length === 0 || actor.kind === "job")
    throw new DomainError("visit.room-closed");
  const claims = await claimsOf(work, row);
  const house = actor.kind === "staff" ? actor.institutionId : null;
  const node = await media.nodeOf(tx, id, house ?? row.institutionId);
  await trace(tx, actor, origin, {
    action: "visit.enter-room",
    entityType: "visit",
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

async function claimsOf(work: Work<Actor>, row: VisitRow): Promise<RoomClaims> {
  const { tx, actor } = work;
  const common = { room: row.id, lang: actor.language, private: false };
  if (actor.kind === "staff") {
    const [house] = await findInstitutions(tx, [actor.institutionId]);
    return {
      ...common,
      sub: actor.personId,
      name: actor.name,
      role: "attending",
      org: house?.name ?? "",
      pub: ["audio", "video", "screen"],
      moderator: true,
      lobby: false,
    };
  }
  if (actor.kind !== "patient") throw new DomainError("visit.room-closed");
  const patient = await findPatient(tx, row.patientId);
  const own = patient?.contacts.find(
    (one) =>
      one.maySignIn && one.phoneIndex.equals(actor.phoneIndex) && one.relation === row.relation,
  );
  const name = patient ? nameOf(patient) : "患者";
  if (own)
    return {
      ...common,
      sub: `patient:${row.patientId}`,
      name,
      role: "patient",
      org: "",
      pub: ["audio", "video"],
      moderator: false,
      // The doctor called this phone by name.
      lobby: false,
    };
  const family = patient?.contacts.find((one) => one.phoneIndex.equals(actor.phoneIndex));
  return {
    ...common,
    sub: `family:${row.patientId}:${actor.sessionId}`,
    name: family?.name ?? name,
    role: "family",
    org: family?.relation ?? "",
    pub: ["audio", "video"],
    moderator: false,
    lobby: true,
  };
}

/**
 * File what a media node reported. A visit is going on when doctor and patient are both in the room. An event that was
 * filed before changes nothing.
 */
export async function recordVisitPresence(
  tx: Tx,
  now: Date,
  events: readonly ReportedEvent[],
): Promise<void> {
  // One report that the database cannot hold must not take the others with it.
  for (const event of events)
    await tx
      .transaction((own) => fileEvent(own, now, event))
      .catch((error: unknown) => {
        if (!(fromDatabase(error)?.code === "request.invalid")) throw error;
      });
}

async function fileEvent(tx: Tx, now: Date, event: ReportedEvent): Promise<void> {
  if (!kept.has(event.type) || !event.room || !uuidShape.test(event.room)) return;
  const row = await repository.findVisit(tx, event.room);
  if (!row) return;
  const filed = await repository.insertPresence(tx, {
    eventId: event.id,
    visitId: row.id,
    type: event.type,
    role: event.peer?.role ?? null,
    subject: event.peer?.sub ?? null,
    name: event.peer?.name ?? null,
    at: new Date(event.at),
  });
  if (!filed || !isOpen(row.state)) return;
  const actor: Actor = { kind: "system", reason: "media-node", language: "zh-CN" };
  const work: Work = { tx, actor, origin: { correlationId: event.id, address: null }, now };
  const present = (await repository.findPresent(tx, row.id)).filter(
    (one) => one.type === "peer-joined",
  );
  const both = ["attending", "patient"].every((role) => present.some((one) => one.role === role));
  if (row.state === "called" && both)
    await takeStep(work, row, {
      action: "enter",
      version: row.version,
      change: { startedAt: row.startedAt ?? now, dueAt: null },
    });
  // The doctor's page says who is there.
  else await tellOf(work, row);
}

/**
 * Evidence is shown by the patient while the visit is open, and stills are sent from the room; the house's doctors see
 * both.
 * @throws DomainError `request.not-found`
 */
export async function assertMayOpenVisitFile(
  work: Work,
  visitId: string,
  purpose: string,
): Promise<boolean> {
  const row = await repository.findVisit(work.tx, visitId);
  if (!row) return false;
  const { actor } = work;
  const open = purpose === "evidence" ? isOpen(row.state) : roomStates.includes(row.state);
  if (actor.kind === "staff" ? !actor.permissions.has("visit.conduct") : !open)
    throw new DomainError("request.not-found");
  return true;
}
