/** What media nodes report of teaching rooms: who is there, and that the line of who leads is lost. */
import { z } from "zod";
import { trace } from "../audit/service.ts";
import type { Tx } from "../db/client.ts";
import { fromDatabase } from "../errors/database-error.ts";
import type { ReportedEvent } from "../media/service.ts";
import { enqueue } from "../queue/enqueue.ts";
import { listenWays } from "./live-domain.ts";
import { livePolicyOf } from "./live-policy.ts";
import * as live from "./live-repository.ts";
import { resume, serverWork } from "./live-service.ts";
import * as repository from "./presence-repository.ts";
import { findSession, type SessionRow } from "./repository.ts";
import { isLeading, leaveAsGuest } from "./stage-service.ts";
import { findLast } from "./timeline-repository.ts";

export const leadLostTask = "teaching:lead-lost";
const uuidShape = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const begins = new Set(["peer-joined", "peer-admitted"]);
const ends = new Set(["peer-left", "peer-removed"]);
const listening = z.object({ way: z.enum(listenWays) });
/** Reported every few seconds of who stands on the stage; "gone": the line is lost, the place is kept. */
const quality = z.object({ line: z.string() });

/** File what a node reported; an event that was filed before changes nothing. */
export async function recordTeachingPresence(
  tx: Tx,
  now: Date,
  events: readonly ReportedEvent[],
): Promise<void> {
  for (const event of events) {
    if (!event.room || !uuidShape.test(event.room)) continue;
    const sessionId = event.room;
    // One report that the database cannot hold must not take the others with it.
    await tx
      .transaction((own) => file(own, now, sessionId, event))
      .catch((error: unknown) => {
        if (fromDatabase(error)?.code !== "request.invalid") throw error;
      });
  }
}

async function file(tx: Tx, now: Date, sessionId: string, event: ReportedEvent): Promise<void> {
  const { type } = event;
  const told = ["room-closed", "quality", "stage-claimed", "listen-way"].includes(type);
  if (!told && !begins.has(type) && !ends.has(type)) return;
  const row = await findSession(tx, sessionId);
  if (!row) return;
  const at = new Date(event.at);
  if (type === "room-closed") {
    await repository.closeStays(tx, { sessionId }, at);
    return;
  }
  const device = await repository.findDeviceBySub(tx, sessionId, event.peer?.sub ?? "");
  if (!device) return;
  if (type === "stage-claimed")
    return trace(tx, serverWork(tx, now, "media-node").actor, null, {
      action: "teaching.stage-claimed",
      entityType: "teaching-session",
      entityId: sessionId,
      detail: { personId: device.personId, by: "media" },
    });
  if (type === "quality") return hearOfLine(tx, now, row, device, event, at);
  const chosen = listening.safeParse(event.data);
  const way = chosen.success ? chosen.data.way : device.way;
  if (way !== device.way) await repository.setWay(tx, device, way);
  if (type === "listen-way") await repository.changeWay(tx, device, { id: event.id, way, at });
  else if (begins.has(type)) await arrive(tx, now, row, { ...device, way }, event, at);
  else await depart(tx, now, row, device, event, at);
}

/** Who stands on the stage without a line is not there until the line is back. */
async function hearOfLine(
  tx: Tx,
  now: Date,
  row: SessionRow,
  device: live.DeviceRow,
  event: ReportedEvent,
  at: Date,
): Promise<void> {
  const told = quality.safeParse(event.data);
  if (!told.success) return;
  const { personId, deviceId } = device;
  const here = await repository.isConnected(tx, row.id, personId, deviceId);
  if (told.data.line === "gone" && here) await depart(tx, now, row, device, event, at);
  if (told.data.line !== "gone" && !here) await arrive(tx, now, row, device, event, at);
}

async function arrive(
  tx: Tx,
  now: Date,
  row: SessionRow,
  device: live.DeviceRow,
  event: ReportedEvent,
  at: Date,
): Promise<void> {
  const { sessionId, personId, institutionId, deviceId, kind, way } = device;
  // A connection that was never told to have ended ended when the same device came again.
  await repository.closeStays(tx, { sessionId, deviceId }, at);
  await repository.openStay(tx, {
    sessionId,
    personId,
    institutionId,
    deviceId,
    kind,
    way,
    carrier: "webrtc",
    peerId: event.peer?.id ?? null,
    openedBy: event.id,
    fromAt: at,
    seenAt: at,
  });
  // Somebody who may lead is back: the broadcast goes on by itself, after a broken line.
  const stage = await live.findStage(tx, sessionId);
  const leading = stage.some((one) => one.personId === personId && isLeading(one.role));
  if (row.interruptedAt !== null && leading && (await brokeByLine(tx, sessionId)))
    await resume(serverWork(tx, now, "media-node"), row);
}

async function depart(
  tx: Tx,
  now: Date,
  row: SessionRow,
  device: live.DeviceRow,
  event: ReportedEvent,
  at: Date,
): Promise<void> {
  const { sessionId, deviceId } = device;
  const was = await repository.closeStays(
    tx,
    event.peer?.id ? { sessionId, peerId: event.peer.id } : { sessionId, deviceId },
    at,
  );
  if (row.state !== "live") return;
  if (event.type !== "quality")
    await leaveAsGuest(serverWork(tx, now, "media-node"), sessionId, deviceId);
  const running = await live.findLive(tx, sessionId);
  // Told again of a line that was lost before, the clock does not begin anew.
  if (!was || running?.leadPersonId !== device.personId) return;
  const { leadLostSeconds } = await livePolicyOf(tx, row.institutionId);
  await enqueue(tx, {
    task: leadLostTask,
    payload: { sessionId },
    runAt: new Date(at.getTime() + leadLostSeconds * 1_000),
    jobKey: `${leadLostTask}:${sessionId}`,
  });
}

/** Whether the pause that lasts was not asked for. */
async function brokeByLine(tx: Tx, sessionId: string): Promise<boolean> {
  const last = await findLast(tx, sessionId, "interrupted");
  return last?.kind === "interrupted" && last.data.reason === "line";
}
