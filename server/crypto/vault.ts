import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from "node:crypto";

export type VaultKeys = {
  /** AES-256 keys by id; old ones stay for reading. */
  dataKeys: Readonly<Record<string, Buffer>>;
  currentDataKeyId: string;
  blindIndexKey: Buffer;
};

export type Vault = ReturnType<typeof createVault>;

/**
 * Encryption of identifiers at rest and their blind indexes.
 * A sealed text reads `keyId.iv.tag.ciphertext` (base64url), AES-256-GCM; `context` (table and column)
 * is authenticated, so that a ciphertext moved to another column does not open.
 */
export function createVault(keys: VaultKeys) {
  // Made once: a raw key is copied and judged anew by every cipher.
  const dataKeys = new Map(
    Object.entries(keys.dataKeys).map(([id, key]) => [id, createSecretKey(key)]),
  );
  return {
    seal(context: string, plaintext: string): string {
      const key = keyOf(dataKeys, keys.currentDataKeyId);
      const iv = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(Buffer.from(context));
      const body = Buffer.concat([cipher.update(plaintext, "utf8"), cipher.final()]);
      return [
        keys.currentDataKeyId,
        ...[iv, cipher.getAuthTag(), body].map((part) => part.toString("base64url")),
      ].join(".");
    },
    /** @throws Error when the key is unknown or the text was altered */
    open(context: string, sealed: string): string {
      const [keyId, iv, tag, body] = sealed.split(".");
      if (!keyId || !iv || !tag || body === undefined) throw new Error("Not a sealed text");
      const decipher = createDecipheriv(
        "aes-256-gcm",
        keyOf(dataKeys, keyId),
        Buffer.from(iv, "base64url"),
      )
        .setAAD(Buffer.from(context))
        .setAuthTag(Buffer.from(tag, "base64url"));
      return Buffer.concat([
        decipher.update(Buffer.from(body, "base64url")),
        decipher.final(),
      ]).toString("utf8");
    },
    /** The same for files: key id with its length, IV, tag, ciphertext. */
    sealBytes(context: string, plain: Buffer): Buffer {
      const iv = randomBytes(12);
      const cipher = createCipheriv(
        "aes-256-gcm",
        keyOf(dataKeys, keys.currentDataKeyId),
        iv,
      ).setAAD(Buffer.from(context));
      const name = Buffer.from(keys.currentDataKeyId);
      const body = [cipher.update(plain), cipher.final()];
      return Buffer.concat([Buffer.from([name.length]), name, iv, cipher.getAuthTag(), ...body]);
    },
    /** @throws Error when the key is unknown or the bytes were altered */
    openBytes(context: string, sealed: Buffer): Buffer {
      const start = 1 + (sealed[0] ?? 0);
      const keyId = sealed.subarray(1, start).toString();
      const decipher = createDecipheriv(
        "aes-256-gcm",
        keyOf(dataKeys, keyId),
        sealed.subarray(start, start + 12),
      )
        .setAAD(Buffer.from(context))
        .setAuthTag(sealed.subarray(start + 12, start + 28));
      return Buffer.concat([decipher.update(sealed.subarray(start + 28)), decipher.final()]);
    },
    /** Equality index of an identifier: keyed, so that the table alone cannot be searched by guessing. */
    blindIndex(kind: "resident-id" | "phone" | "record-identifier", value: string): Buffer {
      return createHmac("sha256", keys.blindIndexKey).update(`${kind}:${value}`).digest();
    },
    /** Random URL-safe secret and the hash that is kept of it. */
    newSecret(byteCount = 32): { secret: string; hash: Buffer } {
      const secret = randomBytes(byteCount).toString("base64url");
      return { secret, hash: hashSecret(secret) };
    },
    hashSecret,
  };
}

export function hashSecret(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}

function keyOf(dataKeys: ReadonlyMap<string, KeyObject>, keyId: string): KeyObject {
  const key = dataKeys.get(keyId);
  if (!key) throw new Error(`Unknown data key "${keyId}"`);
  return key;
}
