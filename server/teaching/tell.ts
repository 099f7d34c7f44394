import { z } from "zod";
import type { Tx } from "../db/client.ts";
import type { Work } from "../http/context.ts";
import { findWithPermission } from "../identity/service.ts";
import { notify } from "../notices/service.ts";
import { enqueue } from "../queue/enqueue.ts";
import { type TaskList, task } from "../queue/task.ts";
import type { SessionRow } from "./repository.ts";
import * as repository from "./repository.ts";

const tellTask = "teaching:tell";
const newsOfPlan = ["planned", "moved", "cancelled", "live"] as const;
type News = (typeof newsOfPlan)[number];
/** News of a change this close to the start does not wait for the morning. */
const soonHours = 24;

/** Invited sites hear that it takes place; who speaks hears it by name. */
export const tellPlanned = (work: Work, row: SessionRow) => tell(work.tx, row, "planned");
export const tellMoved = (work: Work, row: SessionRow) => tell(work.tx, row, "moved");
/** It has begun. Who speaks knows. */
export const tellLive = (work: Work, row: SessionRow) => tell(work.tx, row, "live");
export const tellCancelled = (work: Work, row: SessionRow) => tell(work.tx, row, "cancelled");

/** A job goes from house to house: hundreds of sites are not told inside one request. */
async function tell(tx: Tx, row: SessionRow, news: News): Promise<void> {
  await enqueue(tx, {
    task: tellTask,
    payload: { sessionId: row.id, news, version: row.version },
    jobKey: `teaching-tell:${row.id}:${row.version}`,
  });
}

/** What the clock does for planned sessions; each may run twice without telling twice. */
export const teachingPlanTasks: TaskList = {
  [tellTask]: task(
    z.object({ sessionId: z.uuid(), news: z.enum(newsOfPlan), version: z.number().int() }),
    async ({ sessionId, news, version }, { asJob, clock }) => {
      const now = clock();
      const houses = await asJob((tx) => repository.findHouses(tx, sessionId));
      for (const house of houses)
        await asJob(async (tx) => {
          const row = await repository.findSession(tx, sessionId);
          // Told too late, it would call people to something that is over.
          if (!row || (news === "live" && row.state !== "live")) return;
          const speakers = await repository.findSpeakers(tx, [sessionId]);
          const listeners = await findWithPermission(tx, house, "teaching.attend", now);
          const soon =
            row.startsAt !== null && row.startsAt.getTime() - now.getTime() < soonHours * 3_600_000;
          const common = {
            entityType: "teaching-session",
            entityId: sessionId,
            detail: {
              title: row.title,
              ...(soon && news !== "planned" ? { urgency: "urgent" } : {}),
            },
            dedupeKey: `teaching-${news}:${sessionId}:${version}`,
            at: now,
          };
          const speaking = speakers
            .filter((one) => one.institutionId === house)
            .map((one) => one.personId);
          if (news !== "live")
            await notify(tx, {
              ...common,
              personIds: speaking,
              kind: news === "planned" ? "teaching-asked" : `teaching-${news}`,
            });
          await notify(tx, {
            ...common,
            personIds: listeners.filter((one) => !speaking.includes(one)),
            kind: `teaching-${news}`,
          });
        });
    },
  ),
};
