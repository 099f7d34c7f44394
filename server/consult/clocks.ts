import { z } from "zod";
import type { Work } from "../http/context.ts";
import type { Actor } from "../identity/domain.ts";
import { notify } from "../notices/service.ts";
import { enqueue } from "../queue/enqueue.ts";
import { type TaskContext, type TaskList, task } from "../queue/task.ts";
import { tellOf, writeStep } from "./change.ts";
import { escalationTargets } from "./opinion-service.ts";
import { findDeskStaff, findWithPermission } from "./people.ts";
import * as repository from "./repository.ts";

/** How long after the first alarm the next one rings while nobody answers, in minutes. */
const repeatMinutes = 15;

/**
 * The clocks of a consult. Each alarm looks at the row before it rings: an answered request or an
 * acknowledged opinion stays silent, however late or often the job runs. Until then it rings again.
 */
export const consultTasks: TaskList = {
  "consult:respond-clock": task(
    z.object({ consultId: z.uuid(), respondBy: z.string() }),
    async (payload, context) => {
      await inJob(context, "consult:respond-clock", async (work) => {
        const row = await repository.findConsult(work.tx, payload.consultId);
        if (
          row?.state !== "submitted" ||
          row.respondBy?.toISOString() !== payload.respondBy ||
          work.now < row.respondBy
        )
          return;
        const targets = [
          ...(await findDeskStaff(work.tx, row.invitedInstitutionId!, work.now)),
          ...(await findWithPermission(
            work.tx,
            row.invitedInstitutionId!,
            "alliance.view",
            work.now,
          )),
          row.requesterId,
        ];
        await escalate(work, row, targets, "consult-overdue");
        await ringAgain(work, "consult:respond-clock", payload, `consult-respond:${row.id}`);
      });
    },
  ),
  "consult:acknowledge-clock": task(z.object({ consultId: z.uuid() }), async (payload, context) => {
    await inJob(context, "consult:acknowledge-clock", async (work) => {
      const row = await repository.findConsult(work.tx, payload.consultId);
      if (row?.state !== "signed" || !row.acknowledgeBy || work.now < row.acknowledgeBy) return;
      await escalate(work, row, await escalationTargets(work, row), "opinion-overdue");
      await ringAgain(work, "consult:acknowledge-clock", payload, `consult-acknowledge:${row.id}`);
    });
  }),
};

async function escalate(
  work: Work,
  row: repository.ConsultRow,
  personIds: readonly string[],
  kind: string,
): Promise<void> {
  // The first alarm is a step of the file; a job that runs again finds it and only repeats the notice.
  const first =
    row.escalatedAt === null || (row.signedAt !== null && row.escalatedAt < row.signedAt);
  if (first) {
    // Whoever is typing goes on: the version of the page is still good.
    await repository.markEscalated(work.tx, row.id, work.now);
    await writeStep(work, row, { action: "escalate", from: row.state, reason: kind });
    await tellOf(work, row);
  }
  await notify(work.tx, {
    personIds: [...new Set(personIds)],
    kind,
    entityType: "consult",
    entityId: row.id,
    detail: { urgency: row.urgency },
    dedupeKey: `consult:${row.id}:${kind}:${Math.floor(work.now.getTime() / (repeatMinutes * 60_000))}`,
    at: work.now,
  });
}

/** The same look at the row a while later; the state it finds then ends the chain. */
async function ringAgain(
  work: Work,
  name: string,
  payload: Readonly<Record<string, string>>,
  jobKey: string,
): Promise<void> {
  await enqueue(work.tx, {
    task: name,
    payload,
    runAt: new Date(work.now.getTime() + repeatMinutes * 60_000),
    jobKey: `${jobKey}:repeat`,
  });
}

async function inJob(
  context: TaskContext,
  name: string,
  run: (work: Work) => Promise<void>,
): Promise<void> {
  const actor: Actor = { kind: "job", task: name, language: "zh-CN" };
  await context.asJob((tx) =>
    run({ tx, actor, origin: { correlationId: name, address: null }, now: context.clock() }),
  );
}
