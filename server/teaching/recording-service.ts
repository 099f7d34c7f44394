/** A broadcast is recorded by a media node; its pieces come here, are mixed and shown to who may watch it. */
import { randomBytes, randomUUID } from "node:crypto";
import { z } from "zod";
import { trace } from "../audit/service.ts";
import type { Vault } from "../crypto/vault.ts";
import type { Tx } from "../db/client.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import type { ReportedEvent } from "../media/service.ts";
import { announce } from "../outbox/service.ts";
import { enqueue } from "../queue/enqueue.ts";
import { teachingRights } from "./access.ts";
import { asServer } from "./as-server.ts";
import { recordingReady, serverWork } from "./live-service.ts";
import type { RecordingFileRow, RecordingRow } from "./recording-repository.ts";
import * as repository from "./recording-repository.ts";
import type { RecordingVariant } from "./recording-states.ts";
import { findSession, type SessionRow } from "./repository.ts";

export const recordOrderTask = "teaching:record-order";
export const finishTask = "teaching:recording-finish";
export const mixTask = "teaching:recording-mix";

/** The house keeps sound and picture of its teaching at least so long (audio and video of care: 3 years). */
export const keepYears = 3;
/** A node that does not answer any more has had this long to bring what it had. */
const finishAfterMs = 60_000;
/** One that broke off is begun again after this while. */
const againAfterMs = 30_000;

const keyContext = (recordingId: string) => `teaching_recording.sealed_key/${recordingId}`;

/** @throws Error when the sealing key is gone */
export const keyOf = (
  vault: Vault,
  { id, sealedKey }: Pick<RecordingRow, "id" | "sealedKey">,
): Buffer => Buffer.from(vault.open(keyContext(id), sealedKey), "base64");

/** Recording begins and ends with the broadcast, where the plan says that it is recorded. */
export function recordingListener(vault: Vault) {
  return {
    wentLive: async (work: Work<StaffActor>, row: SessionRow): Promise<void> => {
      if (row.record) await asServer(work, () => startRecording(work, vault, row.id));
    },
    ended: async (work: Work, row: SessionRow): Promise<void> => {
      await asServer(work, async () => {
        if (await stopRecording(work, row.id)) return;
        // It broke off before, and is mixed: nothing more is waited for.
        const rows = await repository.findOfSession(work.tx, row.id);
        if (rows.every(({ state }) => state !== "recording" && state !== "processing"))
          await recordingReady(work.tx, row.id, work.now);
      });
    },
  };
}

/** Begins a recording within the server's own work; the running one goes on. */
export async function startRecording(
  { tx, actor, origin, now }: Work,
  vault: Vault,
  sessionId: string,
): Promise<RecordingRow> {
  const running = await repository.findRunning(tx, sessionId);
  if (running) return running;
  const id = randomUUID();
  const keepUntil = new Date(now);
  keepUntil.setUTCFullYear(keepUntil.getUTCFullYear() + keepYears);
  const row = await repository.insertRecording(tx, {
    ...{ id, sessionId, keepUntil, startedAt: now },
    sealedKey: vault.seal(keyContext(id), randomBytes(32).toString("base64")),
  });
  await trace(tx, actor, origin, {
    action: "teaching.recording-begin",
    entityType: "teaching-recording",
    entityId: id,
    detail: { sessionId },
  });
  await order(tx, id, "start");
  return row;
}

/** Ends it within the server's own work. @returns whether there was one */
export async function stopRecording({ tx, now }: Work, sessionId: string): Promise<boolean> {
  const running = await repository.findRunning(tx, sessionId);
  if (!running) return false;
  await repository.updateRecording(tx, running.id, { stopOrderedAt: now });
  await order(tx, running.id, "stop");
  await finishLater(tx, running.id, new Date(now.getTime() + finishAfterMs));
  return true;
}

const order = (tx: Tx, recordingId: string, action: "start" | "stop", runAt?: Date) =>
  enqueue(tx, {
    task: recordOrderTask,
    payload: { recordingId, action },
    ...(runAt ? { runAt } : {}),
    jobKey: `${recordOrderTask}:${recordingId}`,
  });

/** Mixed from then on, or when the node has told its end before. */
export const finishLater = (tx: Tx, recordingId: string, runAt: Date) =>
  enqueue(tx, {
    task: finishTask,
    payload: { recordingId },
    runAt,
    jobKey: `${finishTask}:${recordingId}`,
  });

const beganEvent = z.object({ recordingId: z.uuid() });
const refusedEvent = z.object({ reason: z.string().max(60) });
const failedEvent = z.object({ recordingId: z.uuid(), reason: z.string().max(60) });
const uuidShape = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * What media nodes report of recordings and streams. A recording that broke off is an alarm for the house that teaches; a room that
 * people come back to after their node died goes on being recorded.
 */
export async function hearOfRecordings(
  tx: Tx,
  now: Date,
  events: readonly ReportedEvent[],
): Promise<void> {
  for (const event of events) {
    if (!event.room || !uuidShape.test(event.room)) continue;
    if (event.type === "recording-failed") await hearOfFailure(tx, now, event);
    if (event.type === "recording-started") await hearOfBeginning(tx, now, event);
    if (event.type === "stream-store-refused") await hearOfStream(tx, now, event);
    if (event.type !== "peer-joined") continue;
    const running = await repository.findRunning(tx, event.room);
    if (running) await order(tx, running.id, "start");
  }
}

async function hearOfFailure(tx: Tx, now: Date, event: ReportedEvent): Promise<void> {
  const failed = failedEvent.safeParse(event.data);
  const row = failed.success && (await repository.findRecording(tx, failed.data.recordingId));
  if (!row || row.sessionId !== event.room || row.state !== "recording") return;
  const { reason } = failed.data;
  // What was captured until then is kept. While the broadcast goes on it is tried again, as long as it takes: a disk
  // may have been freed, a program installed.
  if (row.stopOrderedAt === null)
    await order(tx, row.id, "start", new Date(now.getTime() + againAfterMs));
  if (row.failedReason === reason) return;
  await repository.updateRecording(tx, row.id, { failedReason: reason });
  await raiseAlarm(tx, now, row, { action: "teaching.recording-broke-off", reason });
}

/** One that broke off goes on: what is missing is the time in between. */
async function hearOfBeginning(tx: Tx, now: Date, event: ReportedEvent): Promise<void> {
  const begun = beganEvent.safeParse(event.data);
  const row = begun.success && (await repository.findRecording(tx, begun.data.recordingId));
  if (!row || row.sessionId !== event.room || row.state !== "recording" || !row.failedReason)
    return;
  const { actor, origin } = serverWork(tx, now, "recording");
  await repository.updateRecording(tx, row.id, { failedReason: null });
  await trace(tx, actor, origin, {
    action: "teaching.recording-resumed",
    entityType: "teaching-recording",
    entityId: row.id,
    detail: { sessionId: row.sessionId, after: row.failedReason },
  });
  await tellSession(tx, row, { recordingResumed: true });
}

/** The store takes nothing: pieces wait at the media node, a mix is tried again. */
export const storeRefused = { action: "teaching.recording-store-refused", reason: "store" };

/** Something is wrong with a recording: it is written down, and the house that teaches is told. */
export async function raiseAlarm(
  tx: Tx,
  now: Date,
  row: RecordingRow,
  { action, reason }: { action: string; reason: string },
): Promise<void> {
  const { actor, origin } = serverWork(tx, now, "recording");
  await trace(tx, actor, origin, {
    action,
    entityType: "teaching-recording",
    entityId: row.id,
    detail: { sessionId: row.sessionId, reason },
  });
  await tellSession(tx, row, { recordingFailed: reason });
}

/** The bucket takes no pieces of a stream: the node gives them out itself, and the house is told. */
async function hearOfStream(tx: Tx, now: Date, { room, data }: ReportedEvent): Promise<void> {
  const refused = refusedEvent.safeParse(data);
  if (!room || !refused.success || !(await findSession(tx, room))) return;
  const { actor, origin } = serverWork(tx, now, "stream");
  await trace(tx, actor, origin, {
    action: "teaching.stream-store-refused",
    entityType: "teaching-session",
    entityId: room,
    detail: { reason: refused.data.reason },
  });
  await tellSession(tx, { sessionId: room }, { streamStoreRefused: true });
}

/** Tells whoever works with the session that something about its recording or stream changed. */
async function tellSession(
  tx: Tx,
  row: Pick<RecordingRow, "sessionId">,
  detail: Record<string, unknown>,
): Promise<void> {
  const session = await findSession(tx, row.sessionId);
  if (!session) return;
  await announce(
    tx,
    { topic: "teaching", id: session.id, version: session.version },
    { institutionIds: [session.institutionId], personIds: [session.ownerId] },
    detail,
  );
}

/**
 * A file of a recording for whoever may watch the broadcast, with the trace that it was opened: once for a
 * viewing, not for each part that a player asks for.
 * @throws DomainError `request.not-found` (nobody may see it, or it is not published yet),
 *   `teaching.replay-withheld`
 */
export async function openRecordingFile(
  work: Work<StaffActor>,
  recordingId: string,
  { variant, channel }: { variant: RecordingVariant; channel: string | null },
  isBeginning: boolean,
): Promise<{ row: RecordingRow; file: RecordingFileRow }> {
  const { tx, actor, origin } = work;
  const row = await repository.findRecording(tx, recordingId);
  if (!row || !(await teachingRights(tx, actor, row.sessionId)).watches)
    throw new DomainError("request.not-found");
  if (row.withheldAt !== null) throw new DomainError("teaching.replay-withheld");
  // One that broke off may be mixed while the broadcast still runs: it is shown with all the rest.
  const session = await findSession(tx, row.sessionId);
  const file = await repository.findFile(tx, recordingId, { variant, channel });
  if (session?.state !== "published" || row.state !== "ready" || !file)
    throw new DomainError("request.not-found");
  if (isBeginning)
    await trace(tx, actor, origin, {
      action: "teaching.replay-open",
      entityType: "teaching-recording",
      entityId: recordingId,
      detail: { sessionId: row.sessionId, variant, ...(channel ? { channel } : {}) },
    });
  return { row, file };
}

/** Recordings of a session that the actor may watch, with what can be played. */
export async function listRecordings(work: Work<StaffActor>, sessionId: string) {
  const { tx, actor } = work;
  if (!(await teachingRights(tx, actor, sessionId)).watches)
    throw new DomainError("request.not-found");
  const rows = await repository.findOfSession(tx, sessionId);
  const isPublished = (await findSession(tx, sessionId))?.state === "published";
  const files = await repository.findFiles(tx, isPublished ? rows.map(({ id }) => id) : []);
  return rows.map((row) => ({
    ...{ id: row.id, state: row.state, failedReason: row.failedReason },
    startedAt: (row.mediaFrom ?? row.startedAt).toISOString(),
    withheld: row.withheldAt !== null,
    held: row.legalHoldAt !== null,
    keepUntil: row.keepUntil.toISOString(),
    deleted: row.deletedAt && {
      at: row.deletedAt.toISOString(),
      reason: row.deletedReason ?? "",
    },
    files: files
      .filter(({ recordingId }) => recordingId === row.id && row.withheldAt === null)
      .map(({ variant, channel, sizeBytes, durationMs }) => ({
        ...{ variant, channel, sizeBytes, durationMs },
      })),
  }));
}

/**
 * Deletes a recording before or after its time. The row stays, with who did it and why.
 * @throws DomainError `request.not-found`, `permission.denied`, `teaching.recording-held`,
 *   `teaching.recording-kept` (the policy's years are not over), `teaching.recording-busy`
 */
export async function deleteRecording(
  work: Work<StaffActor>,
  recordingId: string,
  reason: string,
): Promise<void> {
  const { tx, actor, origin, now } = work;
  const row = await loadKept(work, recordingId);
  if (row.state === "deleted") return;
  if (row.legalHoldAt !== null) throw new DomainError("teaching.recording-held");
  if (row.keepUntil > now && row.withheldAt === null)
    throw new DomainError("teaching.recording-kept", {
      until: row.keepUntil.toISOString().slice(0, 10),
    });
  if (row.state !== "ready" && row.state !== "failed")
    throw new DomainError("teaching.recording-busy");
  await repository.updateRecording(tx, recordingId, {
    state: "deleted",
    deletedAt: now,
    deletedBy: actor.personId,
    deletedReason: reason,
  });
  await trace(tx, actor, origin, {
    action: "teaching.recording-delete",
    entityType: "teaching-recording",
    entityId: recordingId,
    detail: { sessionId: row.sessionId, reason },
  });
}

/** Holds a recording for a dispute, or lets it go (`reason` null). @throws DomainError as above */
export async function holdRecording(
  work: Work<StaffActor>,
  recordingId: string,
  reason: string | null,
): Promise<void> {
  const { tx, actor, origin, now } = work;
  const row = await loadKept(work, recordingId);
  if (row.state === "deleted") throw new DomainError("request.not-found");
  await repository.updateRecording(tx, recordingId, {
    legalHoldAt: reason === null ? null : (row.legalHoldAt ?? now),
    legalHoldReason: reason,
  });
  await trace(tx, actor, origin, {
    action: reason === null ? "teaching.recording-release" : "teaching.recording-hold",
    entityType: "teaching-recording",
    entityId: recordingId,
    detail: { sessionId: row.sessionId, reason },
  });
}

async function loadKept(
  { tx, actor }: Work<StaffActor>,
  recordingId: string,
): Promise<RecordingRow> {
  const row = await repository.findRecording(tx, recordingId);
  if (!row) throw new DomainError("request.not-found");
  const session = await findSession(tx, row.sessionId);
  if (!actor.permissions.has("teaching.manage") || session?.institutionId !== actor.institutionId)
    throw new DomainError("permission.denied", { permission: "teaching.manage" });
  return row;
}
