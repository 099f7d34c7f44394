import { and, asc, eq, inArray, isNull, lt, ne, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import type { SegmentMeta } from "./recording-crypto.ts";
import type { Track } from "./recording-cut.ts";
import {
  teachingRecording,
  teachingRecordingFile,
  teachingRecordingSegment,
  teachingRecordingTrack,
} from "./recording-schema.ts";
import type { RecordingVariant } from "./recording-states.ts";

export type RecordingRow = typeof teachingRecording.$inferSelect;
export type RecordingFileRow = typeof teachingRecordingFile.$inferSelect;
export type TrackRow = typeof teachingRecordingTrack.$inferSelect;

export async function insertRecording(
  tx: Tx,
  row: typeof teachingRecording.$inferInsert,
): Promise<RecordingRow> {
  const [created] = await tx.insert(teachingRecording).values(row).returning();
  return created!;
}

export async function findRecording(tx: Tx, id: string): Promise<RecordingRow | null> {
  const [found] = await tx.select().from(teachingRecording).where(eq(teachingRecording.id, id));
  return found ?? null;
}

/** The one that is being recorded now. */
export async function findRunning(tx: Tx, sessionId: string): Promise<RecordingRow | null> {
  const [found] = await tx
    .select()
    .from(teachingRecording)
    .where(
      and(
        eq(teachingRecording.sessionId, sessionId),
        eq(teachingRecording.state, "recording"),
        isNull(teachingRecording.stopOrderedAt),
      ),
    );
  return found ?? null;
}

export async function findOfSession(tx: Tx, sessionId: string): Promise<RecordingRow[]> {
  return tx
    .select()
    .from(teachingRecording)
    .where(eq(teachingRecording.sessionId, sessionId))
    .orderBy(asc(teachingRecording.startedAt));
}

export async function updateRecording(
  tx: Tx,
  id: string,
  change: Partial<typeof teachingRecording.$inferInsert>,
): Promise<RecordingRow | null> {
  const [changed] = await tx
    .update(teachingRecording)
    .set(change)
    .where(eq(teachingRecording.id, id))
    .returning();
  return changed ?? null;
}

/**
 * The piece and its track; a repeated one changes nothing.
 * @returns false, and nothing is kept, when the track is of another recording
 */
export async function putSegment(
  tx: Tx,
  meta: SegmentMeta,
  file: { sizeBytes: number; sha256: Buffer },
): Promise<boolean> {
  const { recordingId, trackId, peer, source, kind, codec } = meta;
  const channel = meta.channel ?? null;
  await tx
    .insert(teachingRecordingTrack)
    .values({
      id: trackId,
      ...{ recordingId, source, channel, kind, codec, gaps: [] },
      ...{ peerId: peer.id, peerSub: peer.sub, role: peer.role },
    })
    .onConflictDoNothing();
  const [track] = await tx
    .select({ recordingId: teachingRecordingTrack.recordingId })
    .from(teachingRecordingTrack)
    .where(eq(teachingRecordingTrack.id, trackId));
  if (track?.recordingId !== recordingId) return false;
  const { part, number, startMs, durationMs, partMs, headBytes, keyMs } = meta;
  await tx
    .insert(teachingRecordingSegment)
    .values({ trackId, part, number, startMs, durationMs, partMs, headBytes, keyMs, ...file })
    .onConflictDoNothing();
  return true;
}

export async function findSegmentHash(
  tx: Tx,
  { trackId, part, number }: { trackId: string; part: number; number: number },
): Promise<{ recordingId: string; sha256: Buffer } | null> {
  const [found] = await tx
    .select({
      recordingId: teachingRecordingTrack.recordingId,
      sha256: teachingRecordingSegment.sha256,
    })
    .from(teachingRecordingSegment)
    .innerJoin(
      teachingRecordingTrack,
      eq(teachingRecordingTrack.id, teachingRecordingSegment.trackId),
    )
    .where(
      and(
        eq(teachingRecordingSegment.trackId, trackId),
        eq(teachingRecordingSegment.part, part),
        eq(teachingRecordingSegment.number, number),
      ),
    );
  return found ?? null;
}

/** Notes holes of a track; those that are noted already stay single. */
export async function addGaps(
  tx: Tx,
  { recordingId, trackId }: { recordingId: string; trackId: string },
  gaps: TrackRow["gaps"],
): Promise<void> {
  const all = sql`${teachingRecordingTrack.gaps} || ${JSON.stringify(gaps)}::jsonb`;
  await tx
    .update(teachingRecordingTrack)
    .set({
      gaps: sql`(select coalesce(jsonb_agg(distinct one), '[]') from jsonb_array_elements(${all}) one)`,
    })
    .where(
      and(
        eq(teachingRecordingTrack.id, trackId),
        eq(teachingRecordingTrack.recordingId, recordingId),
      ),
    );
}

export type StoredPiece = Track["pieces"][number] & { sha256: Buffer };
export type StoredTrack = Omit<Track, "pieces"> & { pieces: StoredPiece[] };

/** All pieces of a recording by track, in the order of time. */
export async function findTracks(tx: Tx, recordingId: string): Promise<StoredTrack[]> {
  const tracks = await tx
    .select()
    .from(teachingRecordingTrack)
    .where(eq(teachingRecordingTrack.recordingId, recordingId))
    .orderBy(asc(teachingRecordingTrack.id));
  if (tracks.length === 0) return [];
  const pieces = await tx
    .select()
    .from(teachingRecordingSegment)
    .where(
      inArray(
        teachingRecordingSegment.trackId,
        tracks.map(({ id }) => id),
      ),
    )
    .orderBy(
      asc(teachingRecordingSegment.trackId),
      asc(teachingRecordingSegment.part),
      asc(teachingRecordingSegment.number),
    );
  return tracks.map(({ id, peerId, source, channel, kind }) => ({
    ...{ id, peerId, source, channel, kind },
    pieces: pieces.filter(({ trackId }) => trackId === id),
  }));
}

export async function insertFile(
  tx: Tx,
  row: typeof teachingRecordingFile.$inferInsert,
): Promise<void> {
  await tx.insert(teachingRecordingFile).values(row);
}

export async function findFiles(tx: Tx, recordingIds: string[]): Promise<RecordingFileRow[]> {
  if (recordingIds.length === 0) return [];
  return tx
    .select()
    .from(teachingRecordingFile)
    .where(inArray(teachingRecordingFile.recordingId, recordingIds));
}

export async function findFile(
  tx: Tx,
  recordingId: string,
  { variant, channel }: { variant: RecordingVariant; channel: string | null },
): Promise<RecordingFileRow | null> {
  const [found] = await tx
    .select()
    .from(teachingRecordingFile)
    .where(
      and(
        eq(teachingRecordingFile.recordingId, recordingId),
        eq(teachingRecordingFile.variant, variant),
        channel === null
          ? isNull(teachingRecordingFile.channel)
          : eq(teachingRecordingFile.channel, channel),
      ),
    );
  return found ?? null;
}

export async function deleteFiles(tx: Tx, recordingId: string): Promise<RecordingFileRow[]> {
  return tx
    .delete(teachingRecordingFile)
    .where(eq(teachingRecordingFile.recordingId, recordingId))
    .returning();
}

/** Whose time is over and that nothing holds. */
export async function findOutdated(tx: Tx, now: Date): Promise<RecordingRow[]> {
  return tx
    .select()
    .from(teachingRecording)
    .where(
      and(
        ne(teachingRecording.state, "deleted"),
        inArray(teachingRecording.state, ["ready", "failed"]),
        isNull(teachingRecording.legalHoldAt),
        lt(teachingRecording.keepUntil, now),
      ),
    );
}

/** Ready for long enough that nobody will have them mixed again. */
export async function findMixedBefore(tx: Tx, before: Date): Promise<RecordingRow[]> {
  return tx
    .select()
    .from(teachingRecording)
    .where(and(eq(teachingRecording.state, "ready"), lt(teachingRecording.readyAt, before)));
}
