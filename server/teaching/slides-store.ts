import { createHash } from "node:crypto";
import { createReadStream, mkdirSync } from "node:fs";
import { mkdir, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Vault } from "../crypto/vault.ts";

const idPattern = /^[0-9a-f-]{36}$/;
const context = "teaching_slide.file";
export type SlideVersion = "full" | "thin";
export type SlideStore = ReturnType<typeof createSlideStore>;

/**
 * Decks in DATA_DIR/teaching: `uploads/` while bytes arrive, then one folder a deck, with the PDF and the pictures
 * of its pages, each sealed. Replicas share the folder.
 */
export function createSlideStore(dataDir: string, vault: Vault) {
  const folder = join(dataDir, "teaching");
  const uploads = join(folder, "uploads");
  mkdirSync(uploads, { recursive: true, mode: 0o700 });
  const checked = (id: string) => {
    if (!idPattern.test(id)) throw new Error("Not the id of a deck");
    return id;
  };
  const folderOf = (deckId: string) => join(folder, checked(deckId));
  const uploadOf = (id: string) => join(uploads, checked(id));
  const pictureOf = (deckId: string, page: number, version: SlideVersion) =>
    join(folderOf(deckId), `${page}-${version}`);
  /** Written beside and moved: a crash leaves no half file under the name. */
  const put = async (path: string, bytes: Buffer) => {
    await writeFile(`${path}.new`, vault.sealBytes(context, bytes), { mode: 0o600 });
    await rename(`${path}.new`, path);
  };
  const get = async (path: string) => vault.openBytes(context, await readFile(path));
  return {
    /** Where uploads lie while they arrive. */
    folder: uploads,
    async sizeOfUpload(id: string): Promise<number | null> {
      const found = await stat(uploadOf(id)).catch(() => null);
      return found?.size ?? null;
    },
    /** Beginning and SHA-256 of an upload. */
    async examine(id: string): Promise<{ head: Buffer; sizeBytes: number; sha256: Buffer }> {
      const hash = createHash("sha256");
      let sizeBytes = 0;
      for await (const chunk of createReadStream(uploadOf(id)) as AsyncIterable<Buffer>) {
        hash.update(chunk);
        sizeBytes += chunk.length;
      }
      const file = await open(uploadOf(id));
      const head = Buffer.alloc(1024);
      const { bytesRead } = await file.read(head, 0, head.length, 0);
      await file.close();
      return { head: head.subarray(0, bytesRead), sizeBytes, sha256: hash.digest() };
    },
    /** The whole upload becomes the deck's PDF, sealed; doing it again changes nothing. */
    async keepUpload(id: string): Promise<void> {
      await mkdir(folderOf(id), { recursive: true, mode: 0o700 });
      const bytes = await readFile(uploadOf(id)).catch(() => null);
      if (bytes) await put(join(folderOf(id), "pdf"), bytes);
      await this.removeUpload(id);
    },
    async removeUpload(id: string): Promise<void> {
      await rm(uploadOf(id), { force: true });
      await rm(`${uploadOf(id)}.json`, { force: true });
    },
    readPdf: (deckId: string) => get(join(folderOf(deckId), "pdf")),
    putPdf: async (deckId: string, bytes: Buffer) => {
      await mkdir(folderOf(deckId), { recursive: true, mode: 0o700 });
      await put(join(folderOf(deckId), "pdf"), bytes);
    },
    /** Makes the folder of what has no PDF. */
    prepare: async (id: string) => {
      await mkdir(folderOf(id), { recursive: true, mode: 0o700 });
    },
    putPicture: (deckId: string, page: number, version: SlideVersion, bytes: Buffer) =>
      put(pictureOf(deckId, page, version), bytes),
    readPicture: (deckId: string, page: number, version: SlideVersion) =>
      get(pictureOf(deckId, page, version)),
    async remove(deckId: string): Promise<void> {
      await rm(folderOf(deckId), { recursive: true, force: true });
      await this.removeUpload(deckId);
    },
  };
}
