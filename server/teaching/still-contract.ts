/** What pages send and receive about pictures that a speaker brings to the board. */
import { z } from "zod";
import { instant, uuid } from "../http/contract.ts";

/** The picture is the body; that it was looked at is said with it. */
export const stillQuery = z.object({ deidentified: z.literal("true") }).strict();
export const stillParams = z.object({ id: uuid, version: z.enum(["full", "thin"]) });
export const stillView = z.object({
  id: uuid,
  width: z.number().int(),
  height: z.number().int(),
  full: z.string(),
  thin: z.string(),
  takenAt: instant,
});
export const stillList = z.object({ stills: z.array(stillView) });
export type StillView = z.input<typeof stillView>;
