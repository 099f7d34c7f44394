import { sql } from "drizzle-orm";
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { localDay } from "../patients/service.ts";
import { parseTubeCode, receiveRun } from "../sampling/service.ts";
import type {
  lostAnswer,
  lostBody,
  missingAnswer,
  receiveAnswer,
  receiveBody,
  receptionView,
  signBody,
} from "./contract.ts";
import {
  isLate,
  lateAfterMinutes,
  mayAcceptLate,
  policyOn,
  type RejectingProblem,
  shortestRemark,
} from "./domain.ts";
import * as repository from "./repository.ts";
import { tellLab, wakeRecalls } from "./tell.ts";
import { iso, isoOrNull, siteName, viewTube } from "./view.ts";

type Staff = Work<StaffActor>;
const shownHours = 24;

/** What is written as the result's reason when a tube is refused; the person is told none of it. */
const rejectionWords: Readonly<Record<RejectingProblem, string>> = {
  "broken-seal": "封口破损",
  leaking: "漏液",
  unreadable: "编码或样本无法辨认",
  late: `采样至交接超过 ${lateAfterMinutes / 60} 小时`,
};
/** A tube refused at the door was looked at, not tested. */
const lookedAt = "接收检查";

/** Boxes on their way and unpacked today, what was not as sent, and how many tubes are where. */
export async function readReception({
  tx,
  actor,
  now,
}: Staff): Promise<z.input<typeof receptionView>> {
  assertPermission(actor, "lab.receive");
  const since = new Date(now.getTime() - shownHours * 3_600_000);
  const runs = await repository.findRuns(tx, actor.institutionId, since);
  const tubes = await repository.findTubes(
    tx,
    sql`t.run_id::text = any (${repository.textArray(runs.map((run) => run.id))}) and t.state <> 'void'`,
  );
  const notes = await repository.findNotes(tx, since);
  const counts = await repository.countTubes(tx, { laboratoryId: actor.institutionId }, now);
  return {
    now: now.toISOString(),
    runs: runs.map((run) => ({
      id: run.id,
      state: run.state,
      box: run.box,
      site: siteName(run),
      courier: run.courier,
      pickedUpAt: iso(run.pickedUpAt),
      deliveredAt: isoOrNull(run.deliveredAt),
      receivedBy: run.receivedBy,
      receivedCount: run.receivedCount,
      tubes: tubes.filter((tube) => tube.runId === run.id).map(viewTube),
    })),
    notes: notes.map((note) => ({
      ...note,
      at: iso(note.at),
      settledAt: isoOrNull(note.settledAt),
    })),
    counts: {
      inTransit: counts.inTransit,
      transitLate: counts.transitLate,
      atLab: counts.atLab,
      overdue: counts.overdue,
    },
  };
}

/**
 * Sign for a box with what was counted; the tubes are scanned after that. Signed twice it is signed once.
 * @throws DomainError `sampling.two-persons`, `sampling.illegal-step`, `request.not-found`
 */
export async function signForRun(
  work: Staff,
  id: string,
  input: z.output<typeof signBody>,
): Promise<{ ok: true }> {
  assertPermission(work.actor, "lab.receive");
  await receiveRun(work, id, input);
  await tellLab(work, id);
  return { ok: true };
}

/**
 * One tube out of a box: received, or rejected with a reason, whereupon everybody in it comes again. One
 * that is handed over more than two hours after its first swab is not received; the answer says `late` and
 * nothing is done until it is rejected as that. Scanned twice it is received once.
 * @throws DomainError `lab.tube-format`, `lab.tube-unknown`, `lab.tube-foreign`, `lab.tube-void`, `lab.tube-unsealed`
 */
export async function receiveTube(
  work: Staff,
  input: z.output<typeof receiveBody>,
): Promise<z.input<typeof receiveAnswer>> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "lab.receive");
  if (input.runId) await assertRun(work, input.runId);
  const tube = await loadTube(work, input.code);
  const answer = async (outcome: z.input<typeof receiveAnswer>["outcome"], extra = false) => {
    const [row] = await repository.findTubes(tx, sql`t.id = ${tube.id}`);
    return {
      outcome,
      extra,
      tube: viewTube(row!),
      recalled: outcome === "rejected" ? row!.count : 0,
      mayAccept: outcome === "late" && mayAccept,
    };
  };
  let mayAccept = false;
  let acceptedLate = false;
  const isHere = !(tube.state === "sealed" || tube.state === "in-transit");
  if (isHere && !(input.problem && tube.state === "received")) return answer("already");
  if (!isHere) {
    const handedOver = await handedOverAt(work, tube);
    const due = tube.labDueAt ? new Date(tube.labDueAt) : null;
    const late = isLate(due, handedOver, now);
    if (late && !input.problem) {
      mayAccept =
        actor.permissions.has("lab.report") && (await withinLimit(work, due!, handedOver ?? now));
      if (!input.acceptLate) return answer("late");
      await assertAnswersFor(work, mayAccept, input.note);
      acceptedLate = true;
    }
    if (input.problem === "late" && !late) throw new DomainError("lab.not-late");
    await tx.execute(sql`update tube set state = 'received', received_at = ${now.toISOString()}, received_by = ${actor.personId},
      version = version + 1 where id = ${tube.id}`);
    await repository.settleMissing(tx, tube.id, actor.personId, now);
  } else if (input.problem === "late") throw new DomainError("lab.not-late");
  const extra = !isHere && input.runId !== null && tube.runId !== input.runId;
  if (extra) await note(work, tube, input.runId, "extra", input.note);
  if (acceptedLate) await note(work, tube, input.runId, "late", input.note, true);
  if (input.problem) {
    await note(work, tube, input.runId, input.problem, input.note);
    const reason = [rejectionWords[input.problem], input.note].filter(Boolean).join("：");
    await tx.execute(sql`
      insert into lab_result (tube_id, laboratory_id, result, method, tested_at, reported_by, reported_at, source, reason)
      values (${tube.id}, ${actor.institutionId}, 'rejected', ${lookedAt}, ${now.toISOString()}, ${actor.personId}, ${now.toISOString()}, 'page', ${reason})`);
    await wakeRecalls(tx);
  }
  await trace(tx, actor, origin, {
    action: input.problem ? "lab.reject" : "lab.receive",
    entityType: "tube",
    entityId: tube.id,
    detail: {
      code: tube.code,
      ...(input.problem ? { problem: input.problem } : {}),
      ...(acceptedLate ? { acceptedLate } : {}),
    },
  });
  await tellLab(work, tube.id);
  return answer(input.problem ? "rejected" : "received", extra);
}

/** Whether the day's policy leaves somebody the choice to test a late tube. */
async function withinLimit({ tx, now }: Staff, due: Date, at: Date): Promise<boolean> {
  const policy = policyOn(await repository.findPolicies(tx), localDay(now));
  return mayAcceptLate(due, at, policy?.lateAcceptHours ?? null);
}

/** Who reports results answers for it, with a remark. @throws DomainError `permission.denied`, `lab.too-late`, `lab.late-remark` */
async function assertAnswersFor(
  { actor }: Staff,
  mayAccept: boolean,
  remark: string,
): Promise<void> {
  assertPermission(actor, "lab.report");
  if (!mayAccept) throw new DomainError("lab.too-late");
  if (remark.trim().length < shortestRemark) throw new DomainError("lab.late-remark");
}

/** The box is empty: what was not scanned out of it is missing, and stays so until it is found or given up. */
export async function closeRun(work: Staff, id: string): Promise<z.input<typeof missingAnswer>> {
  const { tx, actor, origin } = work;
  assertPermission(actor, "lab.receive");
  if ((await assertRun(work, id)) !== "delivered") throw new DomainError("lab.sign-first");
  const tubes = await repository.findTubes(tx, sql`t.run_id = ${id} and t.state = 'in-transit'`);
  for (const tube of tubes) await note(work, tube, id, "missing", "");
  await trace(tx, actor, origin, {
    action: "lab.unpack",
    entityType: "courier-run",
    entityId: id,
    detail: { missing: tubes.length },
  });
  await tellLab(work, id);
  return { missing: tubes.map((tube) => tube.code) };
}

/** A missing tube is given up: it is void, and everybody in it comes again. @throws DomainError `sampling.illegal-step` */
export async function giveUpTube(
  work: Staff,
  input: z.output<typeof lostBody>,
): Promise<z.input<typeof lostAnswer>> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "lab.receive");
  const tube = await loadTube(work, input.code);
  if (tube.state !== "in-transit") throw new DomainError("sampling.illegal-step");
  await tx.execute(sql`update tube set state = 'void', void_reason = ${`运送中丢失：${input.note}`}, voided_at = ${now.toISOString()},
    voided_by = ${actor.personId}, version = version + 1 where id = ${tube.id}`);
  await repository.settleMissing(tx, tube.id, actor.personId, now);
  await trace(tx, actor, origin, {
    action: "lab.lost",
    entityType: "tube",
    entityId: tube.id,
    detail: { code: tube.code },
  });
  await wakeRecalls(tx);
  await tellLab(work, tube.id);
  return { recalled: tube.count };
}

/** @returns the state of a box that comes here; @throws DomainError `request.not-found` */
async function assertRun({ tx, actor }: Staff, id: string): Promise<string> {
  const [run] = await tx.execute<{ state: string }>(
    sql`select state from courier_run where id = ${id} and laboratory_id = ${actor.institutionId}`,
  );
  if (!run) throw new DomainError("request.not-found");
  return run.state;
}

/**
 * A sealed tube that comes here, by what was scanned.
 * @throws DomainError `lab.tube-format`, `lab.tube-unknown`, `lab.tube-foreign`, `lab.tube-void`, `lab.tube-unsealed`
 */
export async function loadTube(work: Staff, scanned: string): Promise<repository.TubeRow> {
  const parsed = parseTubeCode(scanned);
  if (!parsed) throw new DomainError("lab.tube-format", { code: scanned.slice(0, 20) });
  const { code } = parsed;
  const [state] = await repository.findTubeProblems(work.tx, [code]);
  if (state?.problem) throw new DomainError(`lab.tube-${state.problem}`, { code });
  const [tube] = await repository.findTubes(work.tx, sql`t.code = ${code}`);
  if (!tube) throw new DomainError("lab.tube-unknown", { code });
  return tube;
}

async function handedOverAt({ tx }: Staff, tube: repository.TubeRow): Promise<Date | null> {
  if (!tube.runId) return null;
  const [run] = await tx.execute<{ at: string | null }>(
    sql`select delivered_at as at from courier_run where id = ${tube.runId}`,
  );
  return run?.at ? new Date(run.at) : null;
}

async function note(
  { tx, actor, now }: Staff,
  tube: repository.TubeRow,
  runId: string | null,
  problem: Parameters<typeof repository.insertNote>[1]["problem"],
  words: string,
  accepted = false,
): Promise<void> {
  await repository.insertNote(tx, {
    laboratoryId: actor.institutionId,
    runId: runId ?? tube.runId,
    tubeId: tube.id,
    code: tube.code,
    problem,
    note: words,
    accepted,
    at: now,
    by: actor.personId,
  });
}
