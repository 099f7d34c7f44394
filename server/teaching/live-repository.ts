import { and, eq, isNull, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { goneAfterSeconds } from "./live-domain.ts";
import { teachingDevice, teachingLive, teachingStage } from "./live-schema.ts";

export type LiveRow = typeof teachingLive.$inferSelect;
export type DeviceRow = typeof teachingDevice.$inferSelect;
export type StageRow = typeof teachingStage.$inferSelect;

/** Makes the running side when the first comes; repeatable. */
export async function openLive(tx: Tx, sessionId: string): Promise<void> {
  await tx.insert(teachingLive).values({ sessionId }).onConflictDoNothing();
}

export async function findLive(tx: Tx, sessionId: string): Promise<LiveRow | null> {
  const [row] = await tx.select().from(teachingLive).where(eq(teachingLive.sessionId, sessionId));
  return row ?? null;
}

/** Taken for a change of the stage or of the state: one after the other. */
export async function lockLive(tx: Tx, sessionId: string): Promise<LiveRow | null> {
  const [row] = await tx
    .select()
    .from(teachingLive)
    .where(eq(teachingLive.sessionId, sessionId))
    .for("no key update");
  return row ?? null;
}

export async function updateLive(
  tx: Tx,
  sessionId: string,
  change: Partial<Pick<LiveRow, "rehearsal" | "leadPersonId">>,
): Promise<void> {
  await tx.update(teachingLive).set(change).where(eq(teachingLive.sessionId, sessionId));
}

export async function putDevice(tx: Tx, row: DeviceRow): Promise<void> {
  const { sessionId: _, deviceId: __, enteredAt: ___, ...again } = row;
  await tx
    .insert(teachingDevice)
    .values(row)
    .onConflictDoUpdate({
      target: [teachingDevice.sessionId, teachingDevice.deviceId],
      set: again,
    });
}

export async function findDevice(
  tx: Tx,
  sessionId: string,
  deviceId: string,
): Promise<DeviceRow | null> {
  const [row] = await tx
    .select()
    .from(teachingDevice)
    .where(and(eq(teachingDevice.sessionId, sessionId), eq(teachingDevice.deviceId, deviceId)));
  return row ?? null;
}

/** The device at which somebody was seen last. */
export async function findDeviceOf(
  tx: Tx,
  sessionId: string,
  personId: string,
): Promise<DeviceRow | null> {
  const [row] = await tx
    .select()
    .from(teachingDevice)
    .where(and(eq(teachingDevice.sessionId, sessionId), eq(teachingDevice.personId, personId)))
    .orderBy(sql`${teachingDevice.seenAt} desc`)
    .limit(1);
  return row ?? null;
}

/** Who is on the stage now. */
export async function findStage(
  tx: Tx,
  sessionId: string,
): Promise<(StageRow & { name: string; org: string })[]> {
  const rows = await tx
    .select({ stage: teachingStage, name: teachingDevice.name, org: teachingDevice.org })
    .from(teachingStage)
    .innerJoin(
      teachingDevice,
      and(
        eq(teachingDevice.sessionId, teachingStage.sessionId),
        eq(teachingDevice.deviceId, teachingStage.deviceId),
      ),
    )
    .where(and(eq(teachingStage.sessionId, sessionId), isNull(teachingStage.leftAt)))
    .orderBy(teachingStage.role, teachingStage.joinedAt, teachingStage.personId);
  return rows.map(({ stage, name, org }) => ({ ...stage, name, org }));
}

export type DeviceCounts = {
  /** There at this moment, by what the node and the pages said last. */
  devices: number;
  people: number;
  sites: number;
  hls: number;
  /** Of the audience at the media node, or on its way there. */
  listeners: number;
};

/** Read as the server itself: how many there are is no secret, who they are is. */
export async function countDevices(tx: Tx, sessionId: string, now: Date): Promise<DeviceCounts> {
  const silent = new Date(now.getTime() - goneAfterSeconds * 1_000).toISOString();
  const [row] = await tx.execute<DeviceCounts>(sql`
    with here as (
      select d.device_id, d.person_id, d.institution_id, d.kind, d.carrier, s.id is not null as on_stage
      from teaching_device d left join teaching_stage s on s.session_id = d.session_id and s.device_id = d.device_id and s.left_at is null
      where d.session_id = ${sessionId} and (d.entered_at > ${silent}::timestamptz and d.carrier = 'webrtc' or exists (
        select 1 from teaching_presence p where p.session_id = d.session_id and p.device_id = d.device_id and p.until_at is null
          and (p.carrier = 'webrtc' or p.seen_at > ${silent}::timestamptz))))
    select count(*)::int as devices, count(distinct person_id)::int as people, count(distinct institution_id)::int as sites,
      (count(*) filter (where carrier = 'hls'))::int as hls, (count(*) filter (where carrier = 'webrtc' and not on_stage))::int as listeners from here`);
  return row ?? { devices: 0, people: 0, sites: 0, hls: 0, listeners: 0 };
}
