/** Pieces that every route's schema is built from. */
import { z } from "zod";

export const uuid = z.uuid();
export const instant = z.iso.datetime({ offset: true });
export const day = z.iso.date();
export const language = z.enum(["zh-CN", "bo", "en"]);
export const line = (max = 200) => z.string().trim().min(1).max(max);
export const paragraph = z.string().trim().max(8000);
export const empty = z.object({ ok: z.literal(true) });

/** RFC 9457 problem document, with the code of our registry. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.string(),
  correlationId: z.string(),
  params: z.record(z.string(), z.unknown()).optional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof problem>;
