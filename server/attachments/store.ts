import { createHash } from "node:crypto";
import { createReadStream, mkdirSync, type ReadStream } from "node:fs";
import { type FileHandle, open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { sniffedBytes } from "./domain.ts";

const keyPattern = /^[0-9a-f-]{36}$/;

export type AttachmentStore = ReturnType<typeof createAttachmentStore>;

/** Attachments as files in DATA_DIR/attachments, one per storage key. Replicas share the folder. */
export function createAttachmentStore(dataDir: string) {
  const folder = join(dataDir, "attachments");
  // Only the server's own user reads it: names in the upload notes are patients' data too.
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const pathOf = (key: string) => {
    if (!keyPattern.test(key)) throw new Error("Not a storage key");
    return join(folder, key);
  };
  return {
    folder,
    /** Size on disk; null when there is no such file. */
    async sizeOf(key: string): Promise<number | null> {
      try {
        return (await stat(pathOf(key))).size;
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
        throw error;
      }
    },
    /** One pass over the file: its beginning, its size and its SHA-256. */
    async examine(key: string): Promise<{ head: Buffer; sizeBytes: number; sha256: Buffer }> {
      const hash = createHash("sha256");
      const beginning: Buffer[] = [];
      let kept = 0;
      let sizeBytes = 0;
      for await (const chunk of createReadStream(pathOf(key)) as AsyncIterable<Buffer>) {
        hash.update(chunk);
        sizeBytes += chunk.length;
        if (kept < sniffedBytes) beginning.push(chunk.subarray(0, sniffedBytes - kept));
        kept += chunk.length;
      }
      return { head: Buffer.concat(beginning), sizeBytes, sha256: hash.digest() };
    },
    /** Opened before anything is answered, so that a missing file is an error and not half an answer. */
    async read(key: string): Promise<ReadStream> {
      const handle: FileHandle = await open(pathOf(key), "r");
      return handle.createReadStream();
    },
    /** Keys of files that nobody has written to since then. */
    async keysBefore(before: Date): Promise<string[]> {
      const keys: string[] = [];
      for (const name of await readdir(folder)) {
        if (!keyPattern.test(name)) continue;
        const found = await stat(pathOf(name)).catch(() => null);
        if (found && found.mtime < before) keys.push(name);
      }
      return keys;
    },
    /** Takes out the bytes and the note of the upload; nothing happens when they are gone. */
    async remove(key: string): Promise<void> {
      await rm(pathOf(key), { force: true });
      await rm(`${pathOf(key)}.json`, { force: true });
    },
  };
}
