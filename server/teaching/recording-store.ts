/**
 * Where recordings lie: DATA_DIR/recordings, a folder for each. Nothing in it is readable without the
 * recording's key, which the database keeps sealed. Replicas of the server share the folder.
 */

import { createHash, randomBytes } from "node:crypto";
import { createReadStream, mkdirSync } from "node:fs";
import {
  type FileHandle,
  mkdir,
  open,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";

const uuid = /^[0-9a-f-]{36}$/;

export type RecordingStore = ReturnType<typeof createRecordingStore>;
export type SegmentName = { trackId: string; part: number; number: number };

export function createRecordingStore(dataDir: string) {
  const folder = join(dataDir, "recordings");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const folderOf = (recordingId: string) => {
    if (!uuid.test(recordingId)) throw new Error("Not a recording's id");
    return join(folder, recordingId);
  };
  const segmentPath = (recordingId: string, { trackId, part, number }: SegmentName) => {
    if (!uuid.test(trackId)) throw new Error("Not a track's id");
    return join(folderOf(recordingId), "segments", `${trackId}-${part}-${number}.seg`);
  };
  const filePath = (recordingId: string, fileId: string) => {
    if (!uuid.test(fileId)) throw new Error("Not a file's id");
    return join(folderOf(recordingId), `${fileId}.media`);
  };
  return {
    folder,
    /** Keeps a piece; an unfinished one is never seen under its name. */
    async putSegment(recordingId: string, name: SegmentName, sealed: Buffer): Promise<void> {
      const path = segmentPath(recordingId, name);
      await mkdir(join(folderOf(recordingId), "segments"), { recursive: true, mode: 0o700 });
      const temporary = `${path}.${randomBytes(4).toString("hex")}`;
      await writeFile(temporary, sealed, { mode: 0o600, flush: true });
      await rename(temporary, path);
    },
    readSegment: (recordingId: string, name: SegmentName): Promise<Buffer> =>
      readFile(segmentPath(recordingId, name)),
    /** Path of a finished file, for whoever writes it or reads parts of it. */
    filePath,
    /** Private folder for the plain files of a mix; taken out when it is done or begun anew. */
    async workFolder(recordingId: string): Promise<string> {
      const path = join(folderOf(recordingId), "work");
      await rm(path, { recursive: true, force: true });
      await mkdir(path, { recursive: true, mode: 0o700 });
      return path;
    },
    async removeWork(recordingId: string): Promise<void> {
      await rm(join(folderOf(recordingId), "work"), { recursive: true, force: true });
    },
    async removeSegments(recordingId: string): Promise<void> {
      await rm(join(folderOf(recordingId), "segments"), { recursive: true, force: true });
    },
    async removeFile(recordingId: string, fileId: string): Promise<void> {
      await rm(filePath(recordingId, fileId), { force: true });
    },
    async remove(recordingId: string): Promise<void> {
      await rm(folderOf(recordingId), { recursive: true, force: true });
    },
    openFile: (recordingId: string, fileId: string): Promise<FileHandle> =>
      open(filePath(recordingId, fileId), "r"),
    /** Size and last change, to tell whether a file that was examined is still the same. */
    async stampOf(recordingId: string, fileId: string): Promise<string> {
      const { size, mtimeMs } = await stat(filePath(recordingId, fileId));
      return `${size}/${mtimeMs}`;
    },
    async hashOf(recordingId: string, fileId: string): Promise<Buffer> {
      const hash = createHash("sha256");
      for await (const chunk of createReadStream(
        filePath(recordingId, fileId),
      ) as AsyncIterable<Buffer>)
        hash.update(chunk);
      return hash.digest();
    },
  };
}
