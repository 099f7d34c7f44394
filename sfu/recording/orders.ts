import { z } from "zod";

/** `POST /rooms/:id/record`; both may be repeated. */
export const recordOrder = z.discriminatedUnion("action", [
  z.object({
    action: z.literal("start"),
    recordingId: z.uuid(),
    /** Base64 of the 32 bytes that its pieces are encrypted with. */
    key: z.base64().length(44),
    /** What the server's clock shows, in milliseconds since 1970. */
    nowMs: z.number().int().positive().optional(),
  }),
  z.object({ action: z.literal("stop"), recordingId: z.uuid() }),
]);

/** `POST /rooms/:id/broadcast`; both may be repeated. */
export const broadcastOrder = z.object({ action: z.enum(["start", "stop"]) });
