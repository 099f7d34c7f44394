/**
 * Where recordings lie: a folder for each below DATA_DIR/recordings, which replicas of the server share, or a bucket.
 * Nothing in it is readable without the recording's key, which the database keeps sealed. What is being mixed lies in
 * a folder of this machine either way.
 */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Blobs, createFolderBlobs, type OpenBlob } from "./recording-blobs.ts";
import { createObjectBlobs, type S3Options } from "./recording-objects.ts";

/** A store that refuses is asked again and again; people are told this often. */
const QUIET_MS = 10 * 60_000;
const MOST_TOLD = 1_000;
const uuid = /^[0-9a-f-]{36}$/;

export type RecordingStore = ReturnType<typeof createRecordingStore>;
export type SegmentName = { trackId: string; part: number; number: number };

export function createRecordingStore(dataDir: string, s3?: S3Options) {
  const folder = join(dataDir, "recordings");
  const blobs: Blobs = s3 ? createObjectBlobs(s3) : createFolderBlobs(folder);
  const nameOf = (recordingId: string) => {
    if (!uuid.test(recordingId)) throw new Error("Not a recording's id");
    return recordingId;
  };
  const workOf = (recordingId: string) => join(folder, nameOf(recordingId), "work");
  const segmentsOf = (recordingId: string) => `${nameOf(recordingId)}/segments`;
  const segmentName = (recordingId: string, { trackId, part, number }: SegmentName) => {
    if (!uuid.test(trackId)) throw new Error("Not a track's id");
    return `${segmentsOf(recordingId)}/${trackId}-${part}-${number}.seg`;
  };
  const fileName = (recordingId: string, fileId: string) => {
    if (!uuid.test(fileId)) throw new Error("Not a file's id");
    return `${nameOf(recordingId)}/${fileId}.media`;
  };
  const told = new Map<string, number>();
  return {
    /** Whether nobody has been told for a while that the store refuses what belongs to this recording. */
    isNewRefusal(recordingId: string, now: Date): boolean {
      const last = told.get(recordingId);
      if (last !== undefined && now.getTime() - last < QUIET_MS) return false;
      told.delete(recordingId);
      told.set(recordingId, now.getTime());
      const [oldest] = told.keys();
      if (told.size > MOST_TOLD && oldest !== undefined) told.delete(oldest);
      return true;
    },
    /** Keeps a piece. @throws {StoreRefusedError} */
    putSegment: (recordingId: string, name: SegmentName, sealed: Buffer): Promise<void> =>
      blobs.put(segmentName(recordingId, name), sealed),
    readSegment: (recordingId: string, name: SegmentName): Promise<Buffer> =>
      blobs.read(segmentName(recordingId, name)),
    /** Takes a sealed file out of the work folder and keeps it. @throws {StoreRefusedError} */
    keepFile: (recordingId: string, fileId: string, path: string, sha256: Buffer): Promise<void> =>
      blobs.keep(fileName(recordingId, fileId), path, sha256),
    /** Private folder for the plain files of a mix; taken out when it is done or begun anew. */
    async workFolder(recordingId: string): Promise<string> {
      const path = workOf(recordingId);
      await rm(path, { recursive: true, force: true });
      await mkdir(path, { recursive: true, mode: 0o700 });
      return path;
    },
    removeWork: (recordingId: string): Promise<void> =>
      rm(workOf(recordingId), { recursive: true, force: true }),
    removeSegments: (recordingId: string): Promise<void> =>
      blobs.removeBelow(segmentsOf(recordingId)),
    removeFile: (recordingId: string, fileId: string): Promise<void> =>
      blobs.remove(fileName(recordingId, fileId)),
    async remove(recordingId: string): Promise<void> {
      await blobs.removeBelow(nameOf(recordingId));
      await rm(join(folder, nameOf(recordingId)), { recursive: true, force: true });
    },
    openFile: (recordingId: string, fileId: string): Promise<OpenBlob> =>
      blobs.open(fileName(recordingId, fileId)),
    /** Size and last change, to tell whether a file that was examined is still the same. */
    stampOf: (recordingId: string, fileId: string): Promise<string> =>
      blobs.stamp(fileName(recordingId, fileId)),
    hashOf: (recordingId: string, fileId: string): Promise<Buffer> =>
      blobs.hash(fileName(recordingId, fileId)),
  };
}
