import { eq } from "drizzle-orm";
import { z } from "zod";
import { type TaskList, task } from "../queue/task.ts";
import { mediaNode, mediaRoom } from "./schema.ts";
import type { MediaService } from "./service.ts";

const order = z.object({
  roomId: z.uuid(),
  order: z.enum(["remove", "close"]),
  /** Whom to put out; a relative's invitation stands for every browser that used it. */
  sub: z.string().max(128).nullable(),
});
const patienceMs = 5_000;

/**
 * What the database decided reaches the room too (migration 0002): someone whose right ended is put
 * out, a room whose consult is over is shut. Queued in the transaction of the decision, delivered
 * until the node obeyed. No room, or no node, means that nobody is in.
 */
export function mediaTasks(media: MediaService): TaskList {
  return {
    "media:order": task(order, async ({ roomId, order: verb, sub }, { asJob }) => {
      const [node] = await asJob((tx) =>
        tx
          .select({ publicUrl: mediaNode.publicUrl })
          .from(mediaRoom)
          .innerJoin(mediaNode, eq(mediaNode.id, mediaRoom.nodeId))
          .where(eq(mediaRoom.roomId, roomId)),
      );
      if (!node) return;
      const response = await fetch(`${node.publicUrl}/rooms/${roomId}/${verb}`, {
        method: "POST",
        redirect: "error",
        signal: AbortSignal.timeout(patienceMs),
        headers: {
          authorization: `Bearer ${await media.signOrder()}`,
          "content-type": "application/json",
        },
        body: JSON.stringify(sub === null ? {} : { sub }),
      });
      await response.body?.cancel();
      if (!response.ok && response.status !== 404)
        throw new Error(`The media node answered ${response.status}`);
    }),
  };
}
