/** Who was in front of which screen, and who attended how long. */
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import type { Tx } from "../db/client.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { findPeopleNames } from "../identity/service.ts";
import { enqueue } from "../queue/enqueue.ts";
import { loadWatched } from "./access.ts";
import { type Interval, type Present, presentOf, quizScore } from "./attendance-domain.ts";
import * as repository from "./attendance-repository.ts";
import type { attendanceList, sitePeople, tickBody } from "./live-contract.ts";
import { livePolicyOf } from "./live-policy.ts";
import { attendanceTask } from "./live-service.ts";
import { findStays } from "./presence-repository.ts";
import { findSession, type SessionRow } from "./repository.ts";

/** Until when names may be corrected; null: it is not over yet. */
async function correctedUntil(tx: Tx, row: SessionRow): Promise<Date | null> {
  if (row.endedAt === null) return null;
  const { correctHours } = await livePolicyOf(tx, row.institutionId);
  return new Date(row.endedAt.getTime() + correctHours * 3_600_000);
}

/** Those of the own house whose names are ticked, and those who could be. @throws DomainError `request.not-found` */
export async function readSitePeople(
  work: Work<StaffActor>,
  sessionId: string,
): Promise<z.input<typeof sitePeople>> {
  const { tx, actor, now } = work;
  assertPermission(actor, "teaching.attend");
  const { row } = await loadWatched(work, sessionId);
  const ticks = await repository.findTicks(tx, sessionId, actor.institutionId);
  const names = await findPeopleNames(
    tx,
    ticks.flatMap((tick) => [tick.tickedBy, ...(tick.removedBy ? [tick.removedBy] : [])]),
  );
  return {
    until: (await correctedUntil(tx, row))?.toISOString() ?? null,
    staff: await repository.findHouseStaff(tx, now),
    ticks: ticks.map((tick) => ({
      id: tick.id,
      personId: tick.personId,
      name: tick.name,
      tickedBy: names.get(tick.tickedBy) ?? "",
      tickedAt: tick.tickedAt.toISOString(),
      removedAt: tick.removedAt?.toISOString() ?? null,
      removedBy: tick.removedBy ? (names.get(tick.removedBy) ?? "") : null,
    })),
  };
}

/** @throws DomainError `teaching.correction-over` */
async function loadCorrectable(work: Work<StaffActor>, sessionId: string): Promise<SessionRow> {
  assertPermission(work.actor, "teaching.attend");
  const { row } = await loadWatched(work, sessionId);
  const until = await correctedUntil(work.tx, row);
  if (until !== null && work.now >= until) throw new DomainError("teaching.correction-over");
  return row;
}

/**
 * Somebody sits in front of the own house's screen. Ticked twice it is ticked once.
 * @throws DomainError `request.not-found`, `teaching.correction-over`, `request.invalid` for who is not of the house
 */
export async function tick(
  work: Work<StaffActor>,
  sessionId: string,
  body: z.output<typeof tickBody>,
): Promise<z.input<typeof sitePeople>> {
  const { tx, actor, origin, now } = work;
  const row = await loadCorrectable(work, sessionId);
  const staff = await repository.findHouseStaff(tx, now);
  const known =
    "personId" in body ? staff.find((one) => one.personId === body.personId) : undefined;
  if ("personId" in body && !known) throw new DomainError("request.invalid");
  const added = await repository.insertTick(tx, {
    sessionId,
    institutionId: actor.institutionId,
    personId: known?.personId ?? null,
    name: "name" in body ? body.name : (known?.name ?? ""),
    tickedBy: actor.personId,
    tickedAt: now,
  });
  if (added) {
    await trace(tx, actor, origin, {
      action: "teaching.tick",
      entityType: "teaching-session",
      entityId: sessionId,
      detail: { tick: added },
    });
    await countAgain(tx, row);
  }
  return readSitePeople(work, sessionId);
}

/** A name that was ticked by mistake; what it was stays written. @throws DomainError as {@link tick} */
export async function untick(
  work: Work<StaffActor>,
  sessionId: string,
  tickId: string,
): Promise<z.input<typeof sitePeople>> {
  const { tx, actor, origin, now } = work;
  const row = await loadCorrectable(work, sessionId);
  const { institutionId, personId } = actor;
  const of = { sessionId, id: tickId, institutionId, by: personId };
  if (await repository.removeTick(tx, of, now)) {
    await trace(tx, actor, origin, {
      action: "teaching.untick",
      entityType: "teaching-session",
      entityId: sessionId,
      detail: { tick: tickId },
    });
    await countAgain(tx, row);
  }
  return readSitePeople(work, sessionId);
}

async function countAgain(tx: Tx, row: SessionRow): Promise<void> {
  if (row.endedAt === null) return;
  await enqueue(tx, {
    task: attendanceTask,
    payload: { sessionId: row.id },
    jobKey: `${attendanceTask}:${row.id}`,
  });
}

/** When nobody was taught because the line was broken or there was a pause. */
function breaksOf(marks: readonly { at: Date; kind: string }[], until: Date): Interval[] {
  const breaks: Interval[] = [];
  let since: Date | null = null;
  for (const { at, kind } of marks) {
    if (kind === "interrupted") since ??= at;
    else if (since !== null) {
      breaks.push({ from: since.getTime(), until: at.getTime() });
      since = null;
    }
  }
  if (since !== null) breaks.push({ from: since.getTime(), until: until.getTime() });
  return breaks;
}

/** Count who attended; by a job after the end, and again after a correction. Counting twice gives the same list. */
export async function countAttendance(tx: Tx, sessionId: string, now: Date): Promise<void> {
  const row = await findSession(tx, sessionId);
  if (!row?.liveAt || !row.endedAt) return;
  const taught = { from: row.liveAt.getTime(), until: row.endedAt.getTime() };
  const stays = (await findStays(tx, sessionId)).map((stay) => ({
    personId: stay.personId,
    institutionId: stay.institutionId,
    kind: stay.kind,
    from: stay.fromAt.getTime(),
    until: (stay.untilAt ?? stay.seenAt).getTime(),
  }));
  const ticks = (await repository.findTicks(tx, sessionId)).filter((one) => !one.removedAt);
  const broken = breaksOf(await repository.findBreaks(tx, sessionId), row.endedAt);
  const present = presentOf({ taught, broken, stays, ticks });
  const { questions, answers } = await repository.findQuiz(tx, sessionId);
  const rightOf = new Map(questions.map((one) => [one.id, one.right ?? []]));
  const scoreOf = ({ personId }: Present) =>
    personId === null
      ? null
      : quizScore(
          questions.length,
          answers
            .filter((one) => one.personId === personId && rightOf.has(one.pollId))
            .map((one) => ({ right: rightOf.get(one.pollId) ?? [], chosen: one.chosen })),
        );
  await repository.replaceAttendance(
    tx,
    sessionId,
    present.map((one) => ({ ...one, quizScore: scoreOf(one) })),
    now,
  );
}

/**
 * Who attended: all for who plans or leads it, the own house for who manages teaching there, else oneself.
 * @throws DomainError `request.not-found`, `teaching.room-closed`
 */
export async function readAttendance(
  work: Work<StaffActor>,
  sessionId: string,
): Promise<z.input<typeof attendanceList>> {
  const { tx, actor, origin } = work;
  const { row } = await loadWatched(work, sessionId);
  const rows = await repository.findAttendance(tx, sessionId);
  const houses = await findInstitutions(tx, [...new Set(rows.map((one) => one.row.institutionId))]);
  const names = new Map(houses.map((one) => [one.id, one.name]));
  await trace(tx, actor, origin, {
    action: "teaching.attendance-read",
    entityType: "teaching-session",
    entityId: sessionId,
    detail: { people: rows.length },
  });
  const broken = breaksOf(await repository.findBreaks(tx, sessionId), row.endedAt ?? work.now);
  const taught =
    row.liveAt && row.endedAt
      ? row.endedAt.getTime() -
        row.liveAt.getTime() -
        broken.reduce((sum, one) => sum + one.until - one.from, 0)
      : 0;
  return {
    countedAt: rows[0]?.row.countedAt.toISOString() ?? null,
    taughtSeconds: Math.max(0, Math.floor(taught / 1_000)),
    people: rows.map(({ row: one, personName }) => ({
      personId: one.personId,
      name: personName ?? one.name ?? "",
      institutionId: one.institutionId,
      org: names.get(one.institutionId) ?? "",
      seconds: one.seconds,
      share: Math.round(one.share * 1_000) / 1_000,
      quizScore: one.quizScore === null ? null : Math.round(one.quizScore * 1_000) / 1_000,
    })),
  };
}
