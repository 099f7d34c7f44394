/** Named files of recordings: a folder of this machine, or a bucket of an object store (recording-objects.ts). */
import { createHash, randomBytes } from "node:crypto";
import { createReadStream, mkdirSync } from "node:fs";
import { mkdir, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Reads anywhere in a file; `bytesRead` is 0 at its end. */
export type ReadAt = {
  read(
    into: Buffer,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ bytesRead: number }>;
};
export type OpenBlob = ReadAt & { close(): Promise<void> };

/** The store does not take or give anything just now: whoever asked asks again later. */
export class StoreRefusedError extends Error {
  override readonly name = "StoreRefusedError";
}

/** Names have slashes. What is put is there as a whole or not at all; putting it again changes nothing. */
export type Blobs = {
  put(name: string, bytes: Buffer): Promise<void>;
  /** Takes a file of this machine away and keeps it. @param sha256 of its bytes */
  keep(name: string, path: string, sha256: Buffer): Promise<void>;
  read(name: string): Promise<Buffer>;
  open(name: string): Promise<OpenBlob>;
  /** Tells whether it is still the same; @throws when it is gone */
  stamp(name: string): Promise<string>;
  hash(name: string): Promise<Buffer>;
  remove(name: string): Promise<void>;
  /** Everything below a name. */
  removeBelow(name: string): Promise<void>;
};

export function createFolderBlobs(folder: string): Blobs {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const pathOf = (name: string) => join(folder, name);
  const prepare = async (name: string) => {
    await mkdir(dirname(pathOf(name)), { recursive: true, mode: 0o700 });
    return pathOf(name);
  };
  return {
    async put(name, bytes) {
      const path = await prepare(name);
      const temporary = `${path}.${randomBytes(4).toString("hex")}`;
      await writeFile(temporary, bytes, { mode: 0o600, flush: true });
      await rename(temporary, path);
    },
    async keep(name, path) {
      await rename(path, await prepare(name));
    },
    read: (name) => readFile(pathOf(name)),
    open: (name) => open(pathOf(name), "r"),
    async stamp(name) {
      const { size, mtimeMs } = await stat(pathOf(name));
      return `${size}/${mtimeMs}`;
    },
    async hash(name) {
      const hash = createHash("sha256");
      for await (const chunk of createReadStream(pathOf(name)) as AsyncIterable<Buffer>)
        hash.update(chunk);
      return hash.digest();
    },
    remove: (name) => rm(pathOf(name), { force: true }),
    removeBelow: (name) => rm(pathOf(name), { recursive: true, force: true }),
  };
}
