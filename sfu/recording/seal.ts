/**
 * The file of one segment: `YLR1`, the length of the head, the head (JSON), a nonce, the ciphertext
 * (AES-256-GCM) and its tag. The head is readable without the key, and is authenticated with it.
 */
import { createCipheriv, createHash, randomBytes } from "node:crypto";
import type { SegmentMeta } from "./types.ts";

const MAGIC = Buffer.from("YLR1");
const NONCE_BYTES = 12;

/** @param key 32 bytes, of this recording alone */
export function sealSegment(meta: SegmentMeta, plaintext: Buffer, key: Buffer): Buffer {
  const head = Buffer.from(JSON.stringify(meta));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(head.length);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(head);
  const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([MAGIC, length, head, nonce, body, cipher.getAuthTag()]);
}

export function sha256(...parts: (Buffer | string)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}
