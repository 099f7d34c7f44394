/** Questions to everybody: written before or during the broadcast, opened, closed, shown. */
import { and, asc, eq, isNull, sql } from "drizzle-orm";
import type { z } from "zod";
import type { Tx } from "../db/client.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import type { PollBody, pollList, pollStepBody, pollView } from "./live-contract.ts";
import { teachingPoll } from "./live-schema.ts";
import { loadLed, put } from "./stage-service.ts";

type PollRow = typeof teachingPoll.$inferSelect;

/** Votes per option, and of how many people. */
async function resultsOf(tx: Tx, pollId: string): Promise<{ counts: number[]; answered: number }> {
  const [row] = await tx.execute<{ counts: number[]; answered: number }>(
    sql`select counts, answered from app.teaching_results(${pollId})`,
  );
  return row ?? { counts: [], answered: 0 };
}

async function viewPoll(tx: Tx, row: PollRow): Promise<z.input<typeof pollView>> {
  const { id, question, options, choice, rightOptions, openedAt, closedAt, shownAt } = row;
  return {
    id,
    question,
    options,
    choice,
    right: rightOptions,
    openedAt: openedAt?.toISOString() ?? null,
    closedAt: closedAt?.toISOString() ?? null,
    shownAt: shownAt?.toISOString() ?? null,
    ...(await resultsOf(tx, id)),
  };
}

/** @throws DomainError `request.not-found`, `teaching.stage-only` */
export async function listPolls(
  work: Work<StaffActor>,
  sessionId: string,
): Promise<z.input<typeof pollList>> {
  await loadLed(work, sessionId);
  const rows = await work.tx
    .select()
    .from(teachingPoll)
    .where(eq(teachingPoll.sessionId, sessionId))
    .orderBy(asc(teachingPoll.createdAt), asc(teachingPoll.id));
  const polls = [];
  for (const row of rows) polls.push(await viewPoll(work.tx, row));
  return { polls };
}

/** @throws DomainError `request.not-found`, `teaching.stage-only` */
export async function addPoll(
  work: Work<StaffActor>,
  sessionId: string,
  { right, ...body }: PollBody,
): Promise<{ id: string }> {
  await loadLed(work, sessionId);
  const [row] = await work.tx
    .insert(teachingPoll)
    .values({ ...body, sessionId, rightOptions: right, createdBy: work.actor.personId })
    .returning({ id: teachingPoll.id });
  return { id: row!.id };
}

/** Only one that was never asked. @throws DomainError `teaching.poll-order`, `teaching.stage-only` */
export async function dropPoll(
  work: Work<StaffActor>,
  sessionId: string,
  pollId: string,
): Promise<void> {
  await loadLed(work, sessionId);
  const row = await lockPoll(work.tx, sessionId, pollId);
  if (row.openedAt !== null) throw new DomainError("teaching.poll-order");
  await work.tx.delete(teachingPoll).where(eq(teachingPoll.id, pollId));
}

/** Waits for answers that are being given. @throws DomainError `request.not-found` */
async function lockPoll(tx: Tx, sessionId: string, pollId: string): Promise<PollRow> {
  const [row] = await tx
    .select()
    .from(teachingPoll)
    .where(and(eq(teachingPoll.id, pollId), eq(teachingPoll.sessionId, sessionId)))
    .for("update");
  if (!row) throw new DomainError("request.not-found");
  return row;
}

/**
 * Open, close, show what came of it. A step that was taken changes nothing.
 * @throws DomainError `teaching.poll-order`, `teaching.poll-open`, `teaching.not-live`, `teaching.stage-only`
 */
export async function stepPoll(
  work: Work<StaffActor>,
  ids: { sessionId: string; pollId: string },
  { step }: z.output<typeof pollStepBody>,
): Promise<z.input<typeof pollView>> {
  const { tx, now } = work;
  const { sessionId, pollId } = ids;
  await loadLed(work, sessionId);
  const row = await lockPoll(tx, sessionId, pollId);
  if (step === "open" && row.openedAt === null) {
    const [open] = await tx
      .select({ id: teachingPoll.id })
      .from(teachingPoll)
      .where(
        and(
          eq(teachingPoll.sessionId, sessionId),
          sql`${teachingPoll.openedAt} is not null`,
          isNull(teachingPoll.closedAt),
        ),
      );
    if (open) throw new DomainError("teaching.poll-open");
    await put(work, sessionId, "poll-opened", {
      pollId,
      question: row.question,
      options: row.options,
      choice: row.choice,
      quiz: row.rightOptions !== null,
    });
    return viewPoll(tx, await changePoll(tx, pollId, { openedAt: now }));
  }
  if (step === "open") {
    if (row.closedAt !== null) throw new DomainError("teaching.poll-order");
    return viewPoll(tx, row);
  }
  if (row.openedAt === null) throw new DomainError("teaching.poll-order");
  let current = row;
  if (current.closedAt === null) {
    await put(work, sessionId, "poll-closed", { pollId });
    current = await changePoll(tx, pollId, { closedAt: now });
  }
  if (step === "show" && current.shownAt === null) {
    await put(work, sessionId, "poll-results", {
      pollId,
      ...(await resultsOf(tx, pollId)),
      right: row.rightOptions,
    });
    current = await changePoll(tx, pollId, { shownAt: now });
  }
  return viewPoll(tx, current);
}

async function changePoll(
  tx: Tx,
  pollId: string,
  change: Partial<Pick<PollRow, "openedAt" | "closedAt" | "shownAt">>,
): Promise<PollRow> {
  const [row] = await tx
    .update(teachingPoll)
    .set(change)
    .where(eq(teachingPoll.id, pollId))
    .returning();
  return row!;
}
