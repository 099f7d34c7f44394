import { z } from "zod";
import { instant, line, uuid } from "../../http/contract.ts";
import { faultReasons } from "./import-items.ts";
import { bulkStates } from "./job.ts";

/** A chunk of an upload; a broken line costs no more than one. */
export const chunkMax = 4 * 1024 * 1024;
export const importBytesMax = 4 * 1024 * 1024 * 1024;

export const newImport = z
  .object({ name: line(200), sizeBytes: z.number().int().min(1).max(importBytesMax) })
  .strict();
export const importParams = z.object({ id: uuid });
export const chunkQuery = z.object({ offset: z.coerce.number().int().min(0).max(importBytesMax) });

export const importView = z.object({
  id: uuid,
  name: z.string(),
  state: z.enum(bulkStates),
  by: z.string().nullable(),
  sizeBytes: z.number(),
  /** Bytes of the file that have arrived. */
  received: z.number(),
  /** 0 to 100: how much of the file was dealt with. */
  percent: z.number(),
  done: z.number(),
  unchanged: z.number(),
  failed: z.number(),
  createdAt: instant,
  finishedAt: instant.nullable(),
});
export type ImportView = z.infer<typeof importView>;
export const importAnswer = z.object({ import: importView });
export const importList = z.object({ imports: z.array(importView) });
export const importDetail = z.object({
  import: importView,
  /** The first of them; the report has all. */
  faults: z.array(
    z.object({
      line: z.number(),
      entry: z.number().nullable(),
      type: z.string().nullable(),
      id: z.string().nullable(),
      reason: z.enum(faultReasons),
      detail: z.string().nullable(),
    }),
  ),
});
