import { and, eq, isNull, lte, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { goneAfterSeconds, type ListenWay } from "./live-domain.ts";
import { teachingDevice, teachingPresence } from "./live-schema.ts";

/** A sign of life of the own device. @returns false where it is not there */
export async function beat(
  tx: Tx,
  device: { sessionId: string; deviceId: string; way: ListenWay },
  now: Date,
): Promise<boolean> {
  const [row] = await tx.execute<{ here: boolean }>(
    sql`select app.teaching_heartbeat(${device.sessionId}, ${device.deviceId}, ${device.way}::teaching_way, ${`${goneAfterSeconds} seconds`}::interval, ${now.toISOString()}::timestamptz) as here`,
  );
  return row?.here ?? false;
}

export type NewStay = typeof teachingPresence.$inferInsert;

/** A connection at the media node begins; told twice it begins once. */
export async function openStay(tx: Tx, stay: NewStay): Promise<boolean> {
  const rows = await tx
    .insert(teachingPresence)
    .values(stay)
    .onConflictDoNothing({ target: teachingPresence.openedBy })
    .returning({ id: teachingPresence.id });
  return rows.length > 0;
}

/** It ends; whatever ended before stays as it ended. @returns whether one did */
export async function closeStays(
  tx: Tx,
  of: { sessionId: string; peerId?: string; deviceId?: string },
  at: Date,
): Promise<boolean> {
  const rows = await tx
    .update(teachingPresence)
    .set({ untilAt: at, seenAt: at })
    .where(
      and(
        eq(teachingPresence.sessionId, of.sessionId),
        eq(teachingPresence.carrier, "webrtc"),
        of.peerId ? eq(teachingPresence.peerId, of.peerId) : undefined,
        of.deviceId ? eq(teachingPresence.deviceId, of.deviceId) : undefined,
        isNull(teachingPresence.untilAt),
        lte(teachingPresence.fromAt, at),
      ),
    )
    .returning({ id: teachingPresence.id });
  return rows.length > 0;
}

/** From now on it is listened to otherwise: another stay of the same connection. Told twice it changes once. */
export async function changeWay(
  tx: Tx,
  { sessionId, deviceId }: { sessionId: string; deviceId: string },
  change: { id: string; way: ListenWay; at: Date },
): Promise<void> {
  const { id, way, at } = change;
  const [open] = await tx
    .select()
    .from(teachingPresence)
    .where(
      and(
        eq(teachingPresence.sessionId, sessionId),
        eq(teachingPresence.deviceId, deviceId),
        eq(teachingPresence.carrier, "webrtc"),
        isNull(teachingPresence.untilAt),
        lte(teachingPresence.fromAt, at),
      ),
    );
  if (!open || open.way === way || open.openedBy === id) return;
  await closeStays(tx, { sessionId, deviceId }, at);
  const { id: _, ...stay } = open;
  await openStay(tx, { ...stay, way, openedBy: id, fromAt: at, seenAt: at, untilAt: null });
}

/** The end of the broadcast is the end of every stay. */
export async function closeAll(tx: Tx, sessionId: string, at: Date): Promise<void> {
  await tx
    .update(teachingPresence)
    .set({
      untilAt: sql`greatest(${teachingPresence.fromAt}, case when ${teachingPresence.carrier} = 'hls' and ${teachingPresence.seenAt} < ${at.toISOString()}::timestamptz - ${`${goneAfterSeconds} seconds`}::interval then ${teachingPresence.seenAt} else ${at.toISOString()}::timestamptz end)`,
    })
    .where(and(eq(teachingPresence.sessionId, sessionId), isNull(teachingPresence.untilAt)));
}

export async function findStays(tx: Tx, sessionId: string) {
  return tx
    .select()
    .from(teachingPresence)
    .where(eq(teachingPresence.sessionId, sessionId))
    .orderBy(teachingPresence.fromAt, teachingPresence.id);
}

/** Whether somebody is at the media node, with any device or with this one. */
export async function isConnected(
  tx: Tx,
  sessionId: string,
  personId: string,
  deviceId?: string,
): Promise<boolean> {
  const rows = await tx
    .select({ id: teachingPresence.id })
    .from(teachingPresence)
    .where(
      and(
        eq(teachingPresence.sessionId, sessionId),
        eq(teachingPresence.personId, personId),
        deviceId ? eq(teachingPresence.deviceId, deviceId) : undefined,
        eq(teachingPresence.carrier, "webrtc"),
        isNull(teachingPresence.untilAt),
      ),
    )
    .limit(1);
  return rows.length > 0;
}

export async function findDeviceBySub(tx: Tx, sessionId: string, sub: string) {
  const [row] = await tx
    .select()
    .from(teachingDevice)
    .where(and(eq(teachingDevice.sessionId, sessionId), eq(teachingDevice.sub, sub)));
  return row ?? null;
}

export async function setWay(
  tx: Tx,
  device: { sessionId: string; deviceId: string },
  way: ListenWay,
): Promise<void> {
  await tx
    .update(teachingDevice)
    .set({ way })
    .where(
      and(
        eq(teachingDevice.sessionId, device.sessionId),
        eq(teachingDevice.deviceId, device.deviceId),
      ),
    );
}
