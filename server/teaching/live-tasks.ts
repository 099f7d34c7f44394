import { and, eq, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import { mediaNode, mediaRoom } from "../media/schema.ts";
import type { MediaService } from "../media/service.ts";
import { type TaskList, task } from "../queue/task.ts";
import { countAttendance } from "./attendance-service.ts";
import { leadLostTask } from "./live-presence.ts";
import { teachingStage } from "./live-schema.ts";
import { attendanceTask, closeRoomTask, replaceLead } from "./live-service.ts";
import { findSession } from "./repository.ts";

const ofSession = z.object({ sessionId: z.uuid() });
const patienceMs = 5_000;

/** What follows from steps of a broadcast, by the clock or outside the database. Each looks at the rows as they are. */
export function teachingLiveTasks(media: MediaService): TaskList {
  return {
    /**
     * The stage as the database has it reaches the room (trigger `teaching_stage_order`): at once, and until the
     * node obeyed. No room, or nobody of that name in it: the next entry brings the right with it.
     */
    "teaching:stage-order": task(
      ofSession.extend({ sub: z.string().max(128) }),
      async ({ sessionId, sub }, { asJob }) => {
        const found = await asJob(async (tx) => {
          const [node] = await tx
            .select({ publicUrl: mediaNode.publicUrl })
            .from(mediaRoom)
            .innerJoin(mediaNode, eq(mediaNode.id, mediaRoom.nodeId))
            .where(eq(mediaRoom.roomId, sessionId));
          const [stage] = await tx
            .select({ pub: teachingStage.pub, role: teachingStage.role })
            .from(teachingStage)
            .where(
              and(
                eq(teachingStage.sessionId, sessionId),
                eq(teachingStage.sub, sub),
                isNull(teachingStage.leftAt),
              ),
            );
          return { node, stage };
        });
        if (!found.node) return;
        const { stage } = found;
        const response = await fetch(
          `${found.node.publicUrl}/rooms/${sessionId}/${stage ? "promote" : "demote"}`,
          {
            method: "POST",
            redirect: "error",
            signal: AbortSignal.timeout(patienceMs),
            headers: {
              authorization: `Bearer ${await media.signOrder()}`,
              "content-type": "application/json",
            },
            body: JSON.stringify(
              stage
                ? {
                    sub,
                    pub: stage.pub,
                    moderator: stage.role === "presenter" || stage.role === "co-host",
                  }
                : { sub },
            ),
          },
        );
        await response.body?.cancel();
        if (!response.ok && response.status !== 404)
          throw new Error(`The media node answered ${response.status}`);
      },
    ),
    [leadLostTask]: task(ofSession, ({ sessionId }, { asJob, clock }) =>
      asJob((tx) => replaceLead(tx, sessionId, clock())),
    ),
    [attendanceTask]: task(ofSession, ({ sessionId }, { asJob, clock }) =>
      asJob((tx) => countAttendance(tx, sessionId, clock())),
    ),
    /** Good-byes are said: the room is shut. */
    [closeRoomTask]: task(ofSession, async ({ sessionId }, { asJob }) => {
      await asJob(async (tx) => {
        const row = await findSession(tx, sessionId);
        if (row?.endedAt)
          await tx.execute(sql`select app.order_room(${sessionId}::uuid, 'close', null)`);
      });
    }),
  };
}
