/**
 * Recordings at rest. A piece (as the media node seals it): `YLR1`, length of the head, head (JSON),
 * nonce, AES-256-GCM ciphertext, tag; the head is authenticated. A finished file: blocks of 64 KiB, each
 * with a tag of its own, so that any range can be read and none that was altered is given out.
 */
import { createCipheriv, createDecipheriv, createHash, type Hash, hkdfSync } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { z } from "zod";
import { DomainError } from "../errors/domain-error.ts";
import type { ReadAt } from "./recording-blobs.ts";

const MAGIC = "YLR1";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const BLOCK_BYTES = 64 * 1024;
const SEALED_BLOCK_BYTES = BLOCK_BYTES + TAG_BYTES;
const MAX_HEAD_BYTES = 64 * 1024;

const count = z
  .number()
  .int()
  .min(0)
  .max(2 ** 31 - 1);
const time = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** Head of a piece; instants are milliseconds since 1970 on the server's clock. */
export const segmentMeta = z.object({
  v: z.literal(1),
  recordingId: z.uuid(),
  roomId: z.uuid(),
  trackId: z.uuid(),
  peer: z.object({
    id: z.string().min(1).max(128),
    sub: z.string().min(1).max(128),
    role: z.string().max(40),
  }),
  source: z.string().min(1).max(40),
  /** Language of an interpretation. */
  channel: z.string().min(1).max(20).optional(),
  kind: z.enum(["audio", "video"]),
  codec: z.string().max(60),
  part: count,
  number: count,
  startMs: time,
  durationMs: count,
  partMs: time,
  frames: count,
  headBytes: count,
  keyMs: time.nullable(),
  gaps: z.array(z.object({ fromMs: time, toMs: time })).max(10_000),
});
export type SegmentMeta = z.output<typeof segmentMeta>;

/** @throws DomainError `request.invalid` */
export function readMeta(sealed: Buffer): SegmentMeta {
  const head = headOf(sealed);
  const parsed = head && segmentMeta.safeParse(jsonOf(head.toString("utf8")));
  if (!parsed?.success) throw new DomainError("request.invalid");
  return parsed.data;
}

function headOf(sealed: Buffer): Buffer | null {
  if (sealed.length < 8 || sealed.toString("latin1", 0, 4) !== MAGIC) return null;
  const length = sealed.readUInt32BE(4);
  const isWhole = length <= MAX_HEAD_BYTES && sealed.length >= 8 + length + NONCE_BYTES + TAG_BYTES;
  return isWhole ? sealed.subarray(8, 8 + length) : null;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** @throws Error when it was altered, or is of another recording */
export function openSegment(sealed: Buffer, key: Buffer): Buffer {
  const head = headOf(sealed);
  if (!head) throw new Error("not a piece of a recording");
  const nonceAt = 8 + head.length;
  const decipher = createDecipheriv(
    "aes-256-gcm",
    key,
    sealed.subarray(nonceAt, nonceAt + NONCE_BYTES),
  )
    .setAAD(head)
    .setAuthTag(sealed.subarray(-TAG_BYTES));
  const body = sealed.subarray(nonceAt + NONCE_BYTES, -TAG_BYTES);
  return Buffer.concat([decipher.update(body), decipher.final()]);
}

export const sha256 = (bytes: Buffer): Buffer => createHash("sha256").update(bytes).digest();

/** What a finished file is bound to: its own id and size, so that no other one is put in its place. */
export type FileIdentity = { fileId: string; sizeBytes: number };

/**
 * Encrypts a plain file block by block. The nonce is the number of the block: each file has a key of
 * its own, derived from the recording's and the file's id.
 * @returns SHA-256 of what was written
 */
export async function sealFile(
  from: FileHandle,
  to: FileHandle,
  key: Buffer,
  identity: FileIdentity,
): Promise<Buffer> {
  const hash: Hash = createHash("sha256");
  const plain = Buffer.alloc(BLOCK_BYTES);
  const fileKey = keyOf(key, identity);
  for (let index = 0; index * BLOCK_BYTES < identity.sizeBytes; index++) {
    const wanted = Math.min(BLOCK_BYTES, identity.sizeBytes - index * BLOCK_BYTES);
    await readFully(from, plain.subarray(0, wanted), index * BLOCK_BYTES);
    const cipher = createCipheriv("aes-256-gcm", fileKey, nonceOf(index)).setAAD(
      contextOf(identity, index),
    );
    const block = Buffer.concat([
      cipher.update(plain.subarray(0, wanted)),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
    hash.update(block);
    await to.write(block);
  }
  await to.sync();
  return hash.digest();
}

/**
 * Bytes `from` to `until` (exclusive) of the plain file.
 * @throws Error at the first block that was altered, before any of it is given out
 */
export async function* readSealed(
  file: ReadAt,
  key: Buffer,
  identity: FileIdentity,
  from: number,
  until: number,
): AsyncGenerator<Buffer> {
  const fileKey = keyOf(key, identity);
  for (let index = Math.floor(from / BLOCK_BYTES); index * BLOCK_BYTES < until; index++) {
    const begin = index * BLOCK_BYTES;
    const plainBytes = Math.min(BLOCK_BYTES, identity.sizeBytes - begin);
    const sealed = Buffer.alloc(plainBytes + TAG_BYTES);
    await readFully(file, sealed, index * SEALED_BLOCK_BYTES);
    const decipher = createDecipheriv("aes-256-gcm", fileKey, nonceOf(index))
      .setAAD(contextOf(identity, index))
      .setAuthTag(sealed.subarray(plainBytes));
    const plain = Buffer.concat([
      decipher.update(sealed.subarray(0, plainBytes)),
      decipher.final(),
    ]);
    yield plain.subarray(Math.max(0, from - begin), Math.min(plainBytes, until - begin));
  }
}

async function readFully(file: ReadAt, into: Buffer, position: number): Promise<void> {
  for (let at = 0; at < into.length; ) {
    const { bytesRead } = await file.read(into, at, into.length - at, position + at);
    if (bytesRead === 0) throw new Error("a file of a recording is cut short");
    at += bytesRead;
  }
}

function keyOf(key: Buffer, { fileId }: FileIdentity): Buffer {
  return Buffer.from(hkdfSync("sha256", key, "", `teaching-recording-file ${fileId}`, 32));
}

function nonceOf(index: number): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.writeUInt32BE(index, NONCE_BYTES - 4);
  return nonce;
}

function contextOf({ fileId, sizeBytes }: FileIdentity, index: number): Buffer {
  return Buffer.from(`${fileId}/${sizeBytes}/${index}`);
}
