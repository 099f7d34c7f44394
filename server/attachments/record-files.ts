/** Files of consults for the record stores, which name them and keep none of their bytes. */
import type { Readable } from "node:stream";
import type { Services } from "../http/context.ts";
import type { Actor } from "../identity/domain.ts";
import { findAttachment } from "./repository.ts";
import type { AttachmentStore } from "./store.ts";

const system: Actor = { kind: "system", reason: "record-files", language: "zh-CN" };

/**
 * @returns opens the bytes of a whole file by its id; null when there is none. It asks for no right and leaves no
 *   trace: the record store did both when it let its Binary be read
 */
export function createRecordFiles(services: Services, store: AttachmentStore) {
  return {
    open: async (id: string): Promise<{ bytes: Readable; sizeBytes: number } | null> => {
      const row = await services.db.withActor(system, (tx) => findAttachment(tx, id));
      if (row?.state !== "complete") return null;
      const sizeBytes = await store.sizeOf(row.storageKey);
      return sizeBytes === null ? null : { bytes: await store.read(row.storageKey), sizeBytes };
    },
  };
}
