/**
 * The secrets of one installation: generated once, kept in DATA_DIR/secrets.json (0600), never
 * logged. Losing the file beside a database that is kept means losing what the data keys encrypt.
 * Replicas of the server share one copy of it.
 */
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { prepareDataDir } from "./data-dir.ts";
import { OperatorError } from "./operator-error.ts";

const KEY_BYTES = 32;

const key = z
  .string()
  .refine((value) => Buffer.from(value, "base64").length === KEY_BYTES, "not 32 bytes of base64");

const secretsSchema = z
  .object({
    /** Signs room tokens and the media node's callbacks. */
    sfuSecret: z.string().min(32),
    /** Signs cookies. */
    cookieSecret: z.string().min(32),
    /** Base64 of 32 bytes: HMAC key of the blind indexes. It cannot be rotated without a re-index. */
    blindIndexKey: key,
    /** Base64 of 32 bytes each, by key id; ciphertexts carry the id, so old keys are kept. */
    dataKeys: z.record(z.string(), key),
    /** The key that new ciphertexts use. */
    currentDataKeyId: z.string(),
    /** Of the embedded PostgreSQL; unused beside an outside database. */
    databasePasswords: z.object({
      admin: z.string().min(16),
      owner: z.string().min(16),
      app: z.string().min(16),
      jobs: z.string().min(16),
    }),
  })
  .refine(
    (value) => value.currentDataKeyId in value.dataKeys,
    "currentDataKeyId names no data key",
  );

export type Secrets = z.infer<typeof secretsSchema>;

/**
 * Reads the secrets of an installation, generating them on its first start.
 * @param env SFU_SECRET, when set, is used instead of the kept one and is not written down.
 * @throws {OperatorError} when the file cannot be read, written or understood
 */
export function loadSecrets(
  dataDir: string,
  env: { readonly SFU_SECRET?: string | undefined } = {},
): Secrets {
  const kept = read(dataDir) ?? create(dataDir);
  return env.SFU_SECRET ? { ...kept, sfuSecret: env.SFU_SECRET } : kept;
}

/**
 * Adds a data key and makes it the current one; older keys stay, to decrypt what they encrypted.
 * Servers take it up at their next start.
 */
export function rotateDataKey(dataDir: string): Secrets {
  const kept = read(dataDir) ?? create(dataDir);
  const currentDataKeyId = nextKeyId(Object.keys(kept.dataKeys));
  const rotated: Secrets = {
    ...kept,
    dataKeys: { ...kept.dataKeys, [currentDataKeyId]: randomBytes(KEY_BYTES).toString("base64") },
    currentDataKeyId,
  };
  const temporary = writeTemporary(dataDir, rotated);
  renameSync(temporary, fileOf(dataDir));
  return rotated;
}

/** New secrets, not kept anywhere: what the first start writes, and what tests use. */
export function generateSecrets(): Secrets {
  const token = () => randomBytes(KEY_BYTES).toString("base64url");
  return {
    sfuSecret: token(),
    cookieSecret: token(),
    blindIndexKey: randomBytes(KEY_BYTES).toString("base64"),
    dataKeys: { k1: randomBytes(KEY_BYTES).toString("base64") },
    currentDataKeyId: "k1",
    databasePasswords: { admin: token(), owner: token(), app: token(), jobs: token() },
  };
}

const fileOf = (dataDir: string) => join(dataDir, "secrets.json");

function nextKeyId(ids: readonly string[]): string {
  const numbers = ids.map((id) => Number(/^k(\d+)$/.exec(id)?.[1] ?? 0));
  return `k${Math.max(0, ...numbers) + 1}`;
}

function read(dataDir: string): Secrets | undefined {
  const file = fileOf(dataDir);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw new OperatorError(
      `${file} cannot be read by this user (${codeOf(error)}): correct its owner.`,
    );
  }
  try {
    return secretsSchema.parse(JSON.parse(text));
  } catch {
    throw new OperatorError(
      `${file} is damaged: restore it from a backup. Without it, what it encrypted cannot be read.`,
    );
  }
}

/** Links the finished file into place, so that of two first starts at once both use the same secrets. */
function create(dataDir: string): Secrets {
  const secrets = generateSecrets();
  const temporary = writeTemporary(dataDir, secrets);
  try {
    linkSync(temporary, fileOf(dataDir));
    return secrets;
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
    return read(dataDir) ?? secrets;
  } finally {
    rmSync(temporary, { force: true });
  }
}

function writeTemporary(dataDir: string, secrets: Secrets): string {
  const temporary = join(dataDir, `.secrets-${process.pid}-${randomBytes(4).toString("hex")}`);
  prepareDataDir(dataDir);
  try {
    const descriptor = openSync(temporary, "wx", 0o600);
    writeSync(descriptor, `${JSON.stringify(secrets, null, 2)}\n`);
    fsyncSync(descriptor);
    closeSync(descriptor);
    chmodSync(temporary, 0o600);
  } catch (error) {
    throw new OperatorError(
      `The data folder ${dataDir} cannot be written (${codeOf(error)}): correct its owner, or set DATA_DIR to a folder of this user.`,
    );
  }
  return temporary;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
