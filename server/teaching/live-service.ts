/** A broadcast goes live, is interrupted and goes on, and ends. */
import type { z } from "zod";
import type { Tx } from "../db/client.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Work } from "../http/context.ts";
import type { Actor, StaffActor } from "../identity/domain.ts";
import { enqueue } from "../queue/enqueue.ts";
import { asServer } from "./as-server.ts";
import { changeSession, takeTeachingStep } from "./change.ts";
import type { liveStepAnswer, liveStepBody } from "./live-contract.ts";
import * as repository from "./live-repository.ts";
import { closeAll, isConnected } from "./presence-repository.ts";
import type { SessionRow } from "./repository.ts";
import { findSession } from "./repository.ts";
import {
  clearStage,
  isLeading,
  loadLed,
  moveLead,
  put,
  rehearse,
  takeStage,
} from "./stage-service.ts";
import { tellLive } from "./tell.ts";
import { endRehearsal } from "./timeline-repository.ts";

/** Hears of a beginning and an end in the transaction that says so: recording, notices. */
export type LiveListener = {
  wentLive?: (work: Work<StaffActor>, row: SessionRow) => Promise<void>;
  ended?: (work: Work, row: SessionRow) => Promise<void>;
};

export const attendanceTask = "teaching:attendance";
export const closeRoomTask = "teaching:close-room";
/** Sound and picture go on so long after the end was said, for a good-bye. */
const closeAfterMs = 10_000;

/**
 * One step of the running broadcast. Taken twice it is taken once.
 * @throws DomainError `teaching.stage-only`, `teaching.illegal-step`, `teaching.changed-meanwhile`
 */
export async function takeLiveStep(
  listeners: readonly LiveListener[],
  work: Work<StaffActor>,
  sessionId: string,
  { step }: z.output<typeof liveStepBody>,
): Promise<z.input<typeof liveStepAnswer>> {
  const { row } = await loadLed(work, sessionId);
  await repository.openLive(work.tx, sessionId);
  switch (step) {
    case "rehearse":
      await rehearse(work, sessionId, row.state);
      break;
    case "end-rehearsal":
      await endRehearsal(work.tx, sessionId);
      break;
    case "go-live":
      if (row.state !== "live") await goLive(listeners, work, row);
      break;
    case "interrupt":
      await interrupt(work, row, "pause");
      break;
    case "resume":
      await resume(work, row);
      break;
    case "end":
      if (row.endedAt === null) await end(listeners, work, row);
  }
  const after = await findSession(work.tx, sessionId);
  const live = await repository.findLive(work.tx, sessionId);
  return {
    state: after?.state ?? row.state,
    rehearsal: live?.rehearsal ?? false,
    seq: live?.lastSeq ?? 0,
  };
}

async function goLive(
  listeners: readonly LiveListener[],
  work: Work<StaffActor>,
  row: SessionRow,
): Promise<void> {
  const { tx, actor } = work;
  // Who rehearsed stays on the stage; what was rehearsed is thrown away.
  const stage = await repository.findStage(tx, row.id);
  await endRehearsal(tx, row.id);
  const live = await takeTeachingStep(work, row, { action: "goLive" });
  await put(work, row.id, "went-live", { rehearsal: false });
  for (const one of stage) if (one.role !== "guest") await takeStage(work, row.id, one, one.role);
  await repository.updateLive(tx, row.id, { leadPersonId: actor.personId });
  if (stage.some((one) => one.personId === actor.personId && one.role !== "guest"))
    await put(work, row.id, "handover", {
      toPersonId: actor.personId,
      toName: actor.name,
      byItself: false,
    });
  await tellLive(work, live);
  for (const listener of listeners) await listener.wentLive?.(work, live);
}

/** The presenter's line broke, or a pause is asked for. Said twice it is said once. @throws DomainError `teaching.not-live` */
export async function interrupt(
  work: Work,
  row: SessionRow,
  reason: "line" | "pause",
): Promise<void> {
  if (row.state !== "live") throw new DomainError("teaching.not-live");
  if (row.interruptedAt !== null) return;
  await changeSession(work, row, {
    action: "interrupt",
    change: { interruptedAt: work.now },
    detail: { reason },
  });
  await put(work, row.id, "interrupted", { reason });
}

/** @throws DomainError `teaching.not-live` */
export async function resume(work: Work, row: SessionRow): Promise<void> {
  if (row.state !== "live") throw new DomainError("teaching.not-live");
  if (row.interruptedAt === null) return;
  await changeSession(work, row, { action: "resume", change: { interruptedAt: null } });
  await put(work, row.id, "resumed", {});
}

async function end(listeners: readonly LiveListener[], work: Work, row: SessionRow): Promise<void> {
  const { tx, now } = work;
  if (row.state !== "live") throw new DomainError("teaching.not-live");
  await put(work, row.id, "ended", {});
  await clearStage(work, row.id);
  const ended = await takeTeachingStep(work, row, {
    action: "end",
    change: { interruptedAt: null },
  });
  await asServer(work, () => closeAll(tx, row.id, now));
  await enqueue(tx, {
    task: attendanceTask,
    payload: { sessionId: row.id },
    jobKey: `${attendanceTask}:${row.id}`,
  });
  await enqueue(tx, {
    task: closeRoomTask,
    payload: { sessionId: row.id },
    runAt: new Date(now.getTime() + closeAfterMs),
    jobKey: `${closeRoomTask}:${row.id}`,
  });
  for (const listener of listeners) await listener.ended?.(work, ended);
  // Nothing is mixed: what was shown and written is the replay.
  if (!ended.record)
    await asServer(work, async () => {
      await recordingReady(tx, row.id, now);
    });
}

/** The server's own work within a transaction of a job, a node's report or a step. */
export const serverWork = (tx: Tx, now: Date, reason: string): Work => {
  const actor: Actor = { kind: "system", reason, language: "zh-CN" };
  return { tx, actor, origin: { correlationId: reason, address: null }, now };
};

/** The recording is being mixed. Called within the server's own transaction; repeatable. */
export async function recordingProcessing(tx: Tx, sessionId: string, now: Date): Promise<void> {
  const row = await findSession(tx, sessionId);
  if (row?.state === "ended")
    await takeTeachingStep(serverWork(tx, now, "recording"), row, { action: "process" });
}

/** The replay is ready, or there will be none: published. Called within the server's own transaction; repeatable. */
export async function recordingReady(tx: Tx, sessionId: string, now: Date): Promise<void> {
  const row = await findSession(tx, sessionId);
  if (row?.state === "ended" || row?.state === "processing")
    await takeTeachingStep(serverWork(tx, now, "recording"), row, { action: "publish" });
}

/** The line of who leads was lost for good: a co-host who is here goes on, else the broadcast waits. */
export async function replaceLead(tx: Tx, sessionId: string, now: Date): Promise<void> {
  const row = await findSession(tx, sessionId);
  const live = await repository.lockLive(tx, sessionId);
  if (row?.state !== "live" || !live?.leadPersonId) return;
  if (await isConnected(tx, sessionId, live.leadPersonId)) return;
  const work = serverWork(tx, now, "lead-lost");
  for (const one of await repository.findStage(tx, sessionId)) {
    if (!isLeading(one.role) || one.personId === live.leadPersonId) continue;
    if (!(await isConnected(tx, sessionId, one.personId))) continue;
    await moveLead(work, sessionId, one.personId, true);
    return;
  }
  await interrupt(work, row, "line");
}
