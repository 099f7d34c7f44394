/** What media nodes bring of a recording: its pieces, and at the end the list of them. */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { Tx } from "../db/client.ts";
import { DomainError } from "../errors/domain-error.ts";
import { readMeta, type SegmentMeta, sha256 } from "./recording-crypto.ts";
import * as repository from "./recording-repository.ts";
import { finishLater } from "./recording-service.ts";
import type { RecordingStore } from "./recording-store.ts";

/**
 * Takes a piece from a media node; taken again, it is as it was.
 * @throws DomainError `request.invalid`, `request.not-found` (no such recording, or it is over)
 */
export async function takeSegment(
  tx: Tx,
  store: RecordingStore,
  recordingId: string,
  sealed: Buffer,
): Promise<SegmentMeta> {
  const meta = readMeta(sealed);
  if (meta.recordingId !== recordingId) throw new DomainError("request.invalid");
  const hash = sha256(sealed);
  const known = await repository.findSegmentHash(tx, meta);
  if (known) {
    // Another one of the same name would change what was recorded.
    if (known.recordingId !== recordingId || !known.sha256.equals(hash))
      throw new DomainError("request.invalid");
    return meta;
  }
  const row = await repository.findRecording(tx, recordingId);
  if (!row || row.sessionId !== meta.roomId || row.state === "deleted")
    throw new DomainError("request.not-found");
  await store.putSegment(recordingId, meta, sealed);
  const file = { sizeBytes: sealed.length, sha256: hash };
  // A track of another recording stays as it is.
  if (!(await repository.putSegment(tx, meta, file))) throw new DomainError("request.invalid");
  return meta;
}

const time = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const segmentName = z.object({
  trackId: z.uuid(),
  part: z.number().int().min(0),
  number: z.number().int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export const manifestSchema = z.object({
  v: z.literal(1),
  recordingId: z.uuid(),
  roomId: z.string().max(128),
  runId: z.uuid(),
  startedAtMs: time,
  stoppedAtMs: time,
  reason: z.enum(["ordered", "room-closed", "node-closing", "node-died", "failed"]),
  gaps: z
    .array(z.object({ trackId: z.uuid(), fromMs: time, toMs: time, why: z.string().max(60) }))
    .max(100_000),
  segments: z.array(segmentName).max(1_000_000),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/**
 * What a node says at the end. Every piece that it names has to be here as it was.
 * @throws DomainError `request.invalid`, `request.not-found`
 */
export async function takeManifest(
  tx: Tx,
  now: Date,
  recordingId: string,
  body: unknown,
): Promise<void> {
  const parsed = manifestSchema.safeParse(body);
  if (!parsed.success || parsed.data.recordingId !== recordingId)
    throw new DomainError("request.invalid");
  const manifest = parsed.data;
  const row = await repository.findRecording(tx, recordingId);
  if (!row) throw new DomainError("request.not-found");
  const hash = createHash("sha256");
  for (const segment of manifest.segments) {
    const known = await repository.findSegmentHash(tx, segment);
    if (known?.recordingId !== recordingId || known.sha256.toString("hex") !== segment.sha256)
      throw new DomainError("request.invalid");
    hash.update(segment.sha256);
  }
  if (hash.digest("hex") !== manifest.sha256) throw new DomainError("request.invalid");
  if (row.state !== "recording") return;
  const byTrack = Map.groupBy(manifest.gaps, ({ trackId }) => trackId);
  for (const [trackId, gaps] of byTrack)
    await repository.addGaps(
      tx,
      { recordingId, trackId },
      gaps.map(({ fromMs, toMs, why }) => ({ fromMs, toMs, why })),
    );
  if (row.stopOrderedAt !== null) await finishLater(tx, recordingId, now);
}
