import { createReadStream, mkdirSync, type ReadStream } from "node:fs";
import { mkdir, open, readdir, rm, stat, truncate } from "node:fs/promises";
import { join } from "node:path";

export type BulkFiles = ReturnType<typeof createBulkFiles>;

const idPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const namePattern = /^[A-Za-z]{2,64}\.ndjson$|^upload$/;

/** What exports wrote and imports were sent: DATA_DIR/bulk/<job>/<name>. Replicas share the folder. */
export function createBulkFiles(dataDir: string) {
  const folder = join(dataDir, "bulk");
  const folderOf = (job: string) => {
    if (!idPattern.test(job)) throw new Error("Not a job");
    return join(folder, job);
  };
  const pathOf = (job: string, name: string) => {
    if (!namePattern.test(name)) throw new Error("Not a file of a job");
    return join(folderOf(job), name);
  };
  return {
    pathOf,
    /** Bytes; 0 when there is no such file. */
    async sizeOf(job: string, name: string): Promise<number> {
      return (await stat(pathOf(job, name)).catch(() => null))?.size ?? 0;
    },
    /**
     * Writes at a place and forgets what stood behind it, so that a step that is done again leaves what
     * one step leaves.
     * @returns the file's size
     */
    async writeAt(job: string, name: string, from: number, bytes: Buffer): Promise<number> {
      // Patients' data: only the server's own user reads it.
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      await mkdir(folderOf(job), { recursive: true, mode: 0o700 });
      const path = pathOf(job, name);
      const file = await open(path, "a", 0o600);
      try {
        if ((await file.stat()).size < from) throw new Error("A part of the file is missing");
        await truncate(path, from);
        await file.appendFile(bytes);
        await file.datasync();
      } finally {
        await file.close();
      }
      return from + bytes.length;
    },
    /** Opened before anything is answered, so that a missing file is an error and not half an answer. */
    async read(job: string, name: string): Promise<{ stream: ReadStream; size: number } | null> {
      const file = await open(pathOf(job, name), "r").catch(() => null);
      if (!file) return null;
      return { stream: file.createReadStream(), size: (await file.stat()).size };
    },
    readFrom(job: string, name: string, start: number): ReadStream {
      return createReadStream(pathOf(job, name), { start, highWaterMark: 256 * 1024 });
    },
    async remove(job: string): Promise<void> {
      await rm(folderOf(job), { recursive: true, force: true });
    },
    /** Jobs that have files. */
    async jobs(): Promise<string[]> {
      const names = await readdir(folder).catch(() => [] as string[]);
      return names.filter((name) => idPattern.test(name));
    },
  };
}
