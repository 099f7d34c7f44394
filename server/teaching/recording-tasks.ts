import { randomUUID } from "node:crypto";
import { open, stat } from "node:fs/promises";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { trace } from "../audit/service.ts";
import type { Vault } from "../crypto/vault.ts";
import { mediaNode, mediaRoom } from "../media/schema.ts";
import type { MediaService } from "../media/service.ts";
import { enqueue } from "../queue/enqueue.ts";
import {
  noPayload,
  type ScheduledTask,
  type TaskContext,
  type TaskList,
  task,
} from "../queue/task.ts";
import { recordingProcessing, recordingReady, serverWork } from "./live-service.ts";
import { StoreRefusedError } from "./recording-blobs.ts";
import { openSegment, sealFile, sha256 } from "./recording-crypto.ts";
import { findFfmpeg } from "./recording-ffmpeg.ts";
import { mixRecording } from "./recording-mix.ts";
import type { RecordingRow, StoredPiece } from "./recording-repository.ts";
import * as repository from "./recording-repository.ts";
import {
  finishTask,
  keyOf,
  mixTask,
  raiseAlarm,
  recordOrderTask,
  storeRefused,
} from "./recording-service.ts";
import type { RecordingVariant } from "./recording-states.ts";
import type { RecordingStore } from "./recording-store.ts";

const patienceMs = 10_000;
const tries = 2;
/** What was captured is kept a while after it was mixed, in case it has to be mixed again. */
const piecesKeptDays = 7;
const dayMs = 24 * 60 * 60_000;

const orderPayload = z.object({ recordingId: z.uuid(), action: z.enum(["start", "stop"]) });
const onePayload = z.object({ recordingId: z.uuid() });

export type RecordingTaskOptions = {
  media: MediaService;
  vault: Vault;
  store: RecordingStore;
  /** Default: the one on PATH; null: none. */
  ffmpeg?: string | null;
};

/** What the clock and the room leave to do: orders to the media node, the mix, and the end of the years. */
export function recordingTasks(options: RecordingTaskOptions): TaskList {
  const { media, vault, store } = options;
  return {
    [recordOrderTask]: task(orderPayload, async ({ recordingId, action }, { asJob, clock }) => {
      const found = await asJob(async (tx) => {
        const row = await repository.findRecording(tx, recordingId);
        if (row?.state !== "recording") return null;
        const [node] = await tx
          .select({ publicUrl: mediaNode.publicUrl })
          .from(mediaRoom)
          .innerJoin(mediaNode, eq(mediaNode.id, mediaRoom.nodeId))
          .where(eq(mediaRoom.roomId, row.sessionId));
        return node ? { row, publicUrl: node.publicUrl } : null;
      });
      // Nobody is in the room yet, or its node is gone: said again when somebody comes.
      if (!found || (action === "start" && found.row.stopOrderedAt !== null)) return;
      const { row, publicUrl } = found;
      const body =
        action === "stop"
          ? { action, recordingId }
          : {
              ...{ action, recordingId, nowMs: clock().getTime() },
              key: keyOf(vault, row).toString("base64"),
            };
      const response = await fetch(`${publicUrl}/rooms/${row.sessionId}/record`, {
        method: "POST",
        redirect: "error",
        signal: AbortSignal.timeout(patienceMs),
        headers: {
          authorization: `Bearer ${await media.signOrder()}`,
          "content-type": "application/json",
        },
        body: JSON.stringify(body),
      });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`The media node answered ${response.status}`);
    }),

    [finishTask]: task(onePayload, async ({ recordingId }, { asJob, clock }) => {
      await asJob(async (tx) => {
        const row = await repository.findRecording(tx, recordingId);
        if (row?.state !== "recording" || row.stopOrderedAt === null) return;
        await repository.updateRecording(tx, recordingId, { state: "processing" });
        await recordingProcessing(tx, row.sessionId, clock());
        await enqueue(tx, {
          task: mixTask,
          payload: { recordingId },
          jobKey: `mix:${recordingId}`,
        });
      });
    }),

    [mixTask]: task(onePayload, async ({ recordingId }, context) => {
      await mix(options, recordingId, context);
    }),

    /** The row is deleted already; so are its bytes. */
    "teaching:recording-erase": task(onePayload, async ({ recordingId }, { asJob }) => {
      const isDeleted = await asJob(async (tx) => {
        const row = await repository.findRecording(tx, recordingId);
        if (row?.state !== "deleted") return false;
        await repository.deleteFiles(tx, recordingId);
        return true;
      });
      if (isDeleted) await store.remove(recordingId);
    }),

    "teaching:recordings-clean": task(noPayload, async (_, { asJob, clock, log }) => {
      const now = clock();
      const outdated = await asJob(async (tx) => {
        const rows = await repository.findOutdated(tx, now);
        for (const { id, sessionId } of rows) {
          await repository.updateRecording(tx, id, {
            ...{ state: "deleted", deletedAt: now, deletedReason: "retention" },
          });
          const { actor, origin } = serverWork(tx, now, "retention");
          await trace(tx, actor, origin, {
            action: "teaching.recording-delete",
            entityType: "teaching-recording",
            entityId: id,
            detail: { sessionId, reason: "retention" },
          });
          await eraseLater(tx, id);
        }
        return rows.length;
      });
      const mixed = await asJob((tx) =>
        repository.findMixedBefore(tx, new Date(now.getTime() - piecesKeptDays * dayMs)),
      );
      for (const { id } of mixed) await store.removeSegments(id);
      if (outdated > 0) log.info({ outdated }, "recordings were deleted after their years");
    }),
  };
}

/** In the transaction of the deletion: its bytes go after it. */
export const eraseLater = (tx: Parameters<typeof enqueue>[0], recordingId: string) =>
  enqueue(tx, {
    task: "teaching:recording-erase",
    payload: { recordingId },
    jobKey: `erase:${recordingId}`,
  });

export const recordingSchedule: readonly ScheduledTask[] = [
  { task: "teaching:recordings-clean", cron: "47 2 * * *", catchUpHours: 24 },
];

async function mix(
  options: RecordingTaskOptions,
  recordingId: string,
  { asJob, clock, log }: TaskContext,
): Promise<void> {
  const row = await asJob((tx) => repository.findRecording(tx, recordingId));
  if (row?.state !== "processing") return;
  const ffmpeg = options.ffmpeg === undefined ? findFfmpeg() : options.ffmpeg;
  let reason = ffmpeg ? "nothing-captured" : "ffmpeg-missing";
  for (let attempt = 0; ffmpeg && attempt < tries; attempt++) {
    try {
      if (await makeFiles({ ...options, ffmpeg }, row, { asJob, clock })) return;
      break;
    } catch (error) {
      // Nothing is wrong with what was captured: the job tries again, longer and longer apart.
      if (error instanceof StoreRefusedError) {
        if (options.store.isNewRefusal(recordingId, clock()))
          await asJob((tx) => raiseAlarm(tx, clock(), row, storeRefused));
        throw error;
      }
      reason = error instanceof TamperedError ? "tampered" : "mix";
      log.error({ err: error, recordingId }, "a recording could not be mixed");
    } finally {
      await options.store.removeWork(recordingId);
    }
  }
  await asJob(async (tx) => {
    await repository.updateRecording(tx, recordingId, {
      state: "failed",
      failedReason: row.failedReason ?? reason,
    });
    const now = clock();
    await raiseAlarm(tx, now, row, { action: "teaching.recording-not-made", reason });
    // Slides and chat are there all the same.
    await recordingReady(tx, row.sessionId, now);
  });
}

/** A piece is not what was captured. */
class TamperedError extends Error {
  override readonly name = "TamperedError";
}

/** @returns false when nothing was captured */
async function makeFiles(
  options: RecordingTaskOptions & { ffmpeg: string },
  row: RecordingRow,
  { asJob, clock }: Pick<TaskContext, "asJob" | "clock">,
): Promise<boolean> {
  const { store, vault, ffmpeg } = options;
  const recordingId = row.id;
  const key = keyOf(vault, row);
  const tracks = await asJob((tx) => repository.findTracks(tx, recordingId));
  const hashes = new Map<object, StoredPiece>(
    tracks.flatMap(({ pieces }) => pieces.map((piece) => [piece, piece])),
  );
  const made = await mixRecording({
    ffmpeg,
    tracks,
    folder: await store.workFolder(recordingId),
    read: async (track, piece) => {
      const { part, number } = piece;
      const sealed = await store.readSegment(recordingId, { trackId: track.id, part, number });
      if (!hashes.get(piece)?.sha256.equals(sha256(sealed)))
        throw new TamperedError(`piece ${track.id}/${part}/${number}`);
      return openSegment(sealed, key);
    },
  });
  if (!made) return false;
  const files: Awaited<ReturnType<typeof sealOne>>[] = [];
  const durationMs = Math.round(made.untilMs - made.fromMs);
  for (const { channel, full, sound } of made.versions) {
    const of = { channel, durationMs };
    files.push(await sealOne(options, row, key, { ...of, variant: "full", path: full }));
    files.push(await sealOne(options, row, key, { ...of, variant: "sound", path: sound }));
  }
  const all = tracks.flatMap(({ pieces }) => pieces.map((piece) => piece.sha256));
  await asJob(async (tx) => {
    for (const old of await repository.deleteFiles(tx, recordingId))
      await store.removeFile(recordingId, old.id);
    for (const file of files) await repository.insertFile(tx, file);
    await repository.updateRecording(tx, recordingId, {
      state: "ready",
      readyAt: clock(),
      mediaFrom: new Date(made.fromMs),
      mediaUntil: new Date(made.untilMs),
      sha256: sha256(Buffer.concat(all)),
    });
    await recordingReady(tx, row.sessionId, clock());
  });
  return true;
}

async function sealOne(
  { store }: RecordingTaskOptions,
  row: RecordingRow,
  key: Buffer,
  {
    path,
    ...file
  }: { path: string; variant: RecordingVariant; channel: string | null; durationMs: number },
) {
  const id = randomUUID();
  const { size: sizeBytes } = await stat(path);
  const from = await open(path, "r");
  const sealed = `${path}.sealed`;
  const to = await open(sealed, "wx", 0o600);
  let hash: Buffer;
  try {
    hash = await sealFile(from, to, key, { fileId: id, sizeBytes });
  } finally {
    await from.close();
    await to.close();
  }
  await store.keepFile(row.id, id, sealed, hash);
  return { id, recordingId: row.id, ...file, sizeBytes, sha256: hash };
}
