import { z } from "zod";
import { trace } from "../audit/service.ts";
import type { Database, Tx } from "../db/client.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Work } from "../http/context.ts";
import { uuid } from "../http/contract.ts";
import type { Actor } from "../identity/domain.ts";
import { announce } from "../outbox/service.ts";
import {
  type AttachmentPurpose,
  assertMayAttach,
  assertSize,
  attachmentLimits,
  fitsMediaType,
  mediaTypeOf,
  safeName,
  unfinishedDays,
  uploaderOf,
} from "./domain.ts";
import type { AttachmentRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { attachmentPurposes } from "./schema.ts";
import type { AttachmentStore } from "./store.ts";

/** Whether the actor may open this consult, beyond what row policies let through; refuses by throwing. */
export type AssertMayOpenAttachment = (
  work: Work,
  consultId: string,
  purpose: AttachmentPurpose,
) => Promise<void>;

const pixels = z.coerce.number().int().min(1).max(100_000).optional();
/** Upload-Metadata of the tus protocol. */
export const uploadMetadata = z.object({
  consultId: uuid,
  purpose: z.enum(attachmentPurposes),
  filename: z.string().min(1).max(500),
  /** Browsers know no type for some files. */
  filetype: z.string().max(100).nullish(),
  width: pixels,
  height: pixels,
});

/**
 * The row of a new upload. Row policies decide: who does not see the consult cannot attach to it.
 * @throws DomainError `request.invalid`, `request.not-found`, `permission.denied`,
 *   `attachment.kind`, `attachment.too-large`, `attachment.content`, `request.too-many`
 */
export async function beginUpload(
  work: Work,
  upload: { id: string; sizeBytes: number | undefined; metadata: unknown },
  assertMayOpenAttachment: AssertMayOpenAttachment,
): Promise<AttachmentRow> {
  const { tx, actor, origin } = work;
  const metadata = uploadMetadata.safeParse(upload.metadata);
  if (
    !metadata.success ||
    upload.sizeBytes === undefined ||
    !Number.isSafeInteger(upload.sizeBytes)
  ) {
    throw new DomainError("request.invalid");
  }
  const { consultId, purpose, filename, filetype, width, height } = metadata.data;
  assertMayAttach(actor, purpose);
  const consult = await repository.findHolder(tx, consultId);
  if (!consult) throw new DomainError("request.not-found");
  await assertMayOpenAttachment(work, consultId, purpose);
  if (consult.closed) {
    throw new DomainError("consult.illegal-step", { from: consult.state, action: "attach" });
  }
  assertSize(upload.sizeBytes);
  const name = safeName(filename);
  const mediaType = mediaTypeOf(filetype ?? "", name, purpose);
  const uploader = uploaderOf(actor);
  if (
    (await repository.countUnfinished(tx, uploader)) >= attachmentLimits.unfinishedPerPerson ||
    (await repository.countOfConsult(tx, consultId)) >= attachmentLimits.perConsult
  ) {
    throw new DomainError("request.too-many", { seconds: 60 });
  }
  const row = await repository.insertAttachment(tx, {
    id: upload.id,
    storageKey: upload.id,
    consultId,
    purpose,
    name,
    mediaType,
    sizeBytes: upload.sizeBytes,
    widthPixels: width ?? null,
    heightPixels: height ?? null,
    uploadedByKind: uploader.kind,
    uploadedById: uploader.id,
    uploadedByName: await nameOf(tx, actor, consult.patientId),
  });
  await trace(tx, actor, origin, {
    action: "attachment.begin",
    entityType: "attachment",
    entityId: row.id,
    patientId: consult.patientId,
    detail: { consultId, purpose, mediaType, sizeBytes: row.sizeBytes },
  });
  return row;
}

/**
 * An upload belongs to whoever began it.
 * @throws DomainError `request.not-found`, `attachment.foreign-upload`
 */
export async function loadOwnUpload({ tx, actor }: Work, id: string): Promise<AttachmentRow> {
  const row = await repository.findAttachment(tx, id);
  if (!row || row.state === "refused") throw new DomainError("request.not-found");
  const uploader = uploaderOf(actor);
  if (row.uploadedByKind !== uploader.kind || row.uploadedById !== uploader.id) {
    throw new DomainError("attachment.foreign-upload");
  }
  return row;
}

/** How much has arrived, for the pages of the consult. */
export async function noteProgress({ tx }: Work, id: string, receivedBytes: number): Promise<void> {
  await repository.updateUnfinished(tx, id, { receivedBytes });
}

export type Completion = "complete" | "refused" | "already";

/**
 * All bytes are here: look at what they are, and keep or refuse them. Doing it again changes nothing.
 * What is refused is returned, not thrown, so that the refusal commits.
 */
export async function completeUpload(
  work: Work,
  id: string,
  store: AttachmentStore,
): Promise<Completion> {
  const { tx, actor, origin, now } = work;
  const row = await repository.findAttachment(tx, id);
  if (!row) throw new DomainError("request.not-found");
  if (row.state !== "uploading") return row.state === "refused" ? "refused" : "already";
  const { head, sizeBytes, sha256 } = await store.examine(row.storageKey);
  const fits = sizeBytes === row.sizeBytes && fitsMediaType(row.mediaType, head);
  const changed = await repository.updateUnfinished(tx, id, {
    state: fits ? "complete" : "refused",
    receivedBytes: sizeBytes,
    sha256: fits ? sha256 : null,
    completedAt: now,
  });
  if (!changed) return "already";
  const consult = await repository.findHolder(tx, row.consultId);
  await trace(tx, actor, origin, {
    action: fits ? "attachment.complete" : "attachment.refuse",
    entityType: "attachment",
    entityId: id,
    patientId: consult?.patientId ?? null,
    detail: { consultId: row.consultId, mediaType: row.mediaType },
  });
  await announce(
    tx,
    { topic: "attachment", id, version: 0 },
    {
      institutionIds: consult?.institutionIds ?? [],
      patientIds:
        consult && row.purpose !== "request" && row.purpose !== "answer" ? [consult.patientId] : [],
    },
    { consultId: row.consultId },
  );
  return fits ? "complete" : "refused";
}

/**
 * An attachment to be read, with the trace that it was.
 * @throws DomainError `request.not-found`, `attachment.unfinished`
 */
export async function openAttachment(
  work: Work,
  id: string,
  assertMayOpenAttachment: AssertMayOpenAttachment,
): Promise<AttachmentRow> {
  const { tx, actor, origin } = work;
  const row = await repository.findAttachment(tx, id);
  if (!row || row.state === "refused") throw new DomainError("request.not-found");
  await assertMayOpenAttachment(work, row.consultId, row.purpose);
  if (row.state === "uploading") throw new DomainError("attachment.unfinished");
  const consult = await repository.findHolder(tx, row.consultId);
  await trace(tx, actor, origin, {
    action: "attachment.read",
    entityType: "attachment",
    entityId: id,
    patientId: consult?.patientId ?? null,
    detail: { consultId: row.consultId, purpose: row.purpose },
  });
  return row;
}

/** Row and bytes of an upload that its owner gave up. The caller has asked {@link loadOwnUpload}. */
export async function abandonUpload(
  db: Database,
  id: string,
  store: AttachmentStore,
): Promise<void> {
  const actor: Actor = { kind: "system", reason: "attachments", language: "zh-CN" };
  await db.withActor(actor, (tx) => repository.deleteUnfinished(tx, id));
  await store.remove(id);
}

/**
 * Takes out uploads that nobody finished within a week, and bytes that no complete attachment owns
 * (left by a crash between database and disk).
 * @returns how many files
 */
export async function cleanUnfinished(tx: Tx, now: Date, store: AttachmentStore): Promise<number> {
  const before = new Date(now.getTime() - unfinishedDays * 24 * 60 * 60_000);
  await repository.deleteUnfinishedBefore(tx, before);
  const old = await store.keysBefore(before);
  const owned = await repository.findOwnedKeys(tx, old);
  const strays = old.filter((key) => !owned.has(key));
  for (const key of strays) await store.remove(key);
  return strays.length;
}

async function nameOf(tx: Tx, actor: Actor, patientId: string): Promise<string> {
  if ("name" in actor) return actor.name;
  return (await repository.findPatientName(tx, patientId)) ?? "";
}

/** The resumable protocol, for other kinds of files too. */
export { createUploads, passThroughUploads, type UploadAnswer } from "./uploads.ts";
