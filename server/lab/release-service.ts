import { sql } from "drizzle-orm";
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { ageOn, findPatient, localDay } from "../patients/service.ts";
import type { correctBody, plateView, releaseAnswer, tubeAnswer } from "./contract.ts";
import { writeCsv } from "./csv.ts";
import { assertTested, ensurePlate, readPlate } from "./plate-service.ts";
import { loadTube } from "./reception-service.ts";
import * as repository from "./repository.ts";
import { labFinding } from "./schema.ts";
import { tellLab, wakeRecalls, wakeRelease } from "./tell.ts";
import { viewFinding, viewResult, viewTube } from "./view.ts";

type Staff = Work<StaffActor>;

/**
 * Release what is ready on a plate: first negatives and rejections at once, everything else after a second
 * person. The result of a tube decides what its people are told: released results, or to come again.
 * Released twice, or by two at once, each result counts once.
 * @throws DomainError `request.not-found`
 */
export async function releasePlate(
  work: Staff,
  id: string,
): Promise<z.input<typeof releaseAnswer>> {
  const { tx, actor, now } = work;
  assertPermission(actor, "lab.report");
  const [plate] = await tx.execute<{ state: string }>(
    sql`select state from lab_plate where id = ${id} for update`,
  );
  if (!plate) throw new DomainError("request.not-found");
  if (plate.state === "released") return { released: 0, waiting: 0, recalled: 0 };
  const done = await releaseReady(work, id);
  const [left] = await tx.execute<{ open: number }>(sql`
    select count(*)::int as open from lab_finding where plate_id = ${id} and state in ('waiting', 'entered', 'confirmed')`);
  const waiting = left!.open;
  if (waiting === 0)
    await tx.execute(sql`update lab_plate set state = 'released', released_by = ${actor.personId}, released_at = ${now.toISOString()}, version = version + 1
      where id = ${id}`);
  await tellLab(work, id);
  return { ...done, waiting };
}

/** Make results of what is ready on a plate that this transaction holds; the plate stays open. */
export async function releaseReady(
  work: Staff,
  id: string,
): Promise<{ released: number; recalled: number }> {
  const { tx, actor, origin, now } = work;
  const at = now.toISOString();
  const released = await tx.execute<{ id: string; result: string; tubeId: string }>(sql`
    insert into lab_result (tube_id, laboratory_id, result, method, detail, tested_at, reported_by, reported_at, source, source_ref, replaces_id, reason)
    select f.tube_id, f.laboratory_id, f.result, f.method, f.detail, f.tested_at, ${actor.personId}::uuid, ${at}::timestamptz, f.source, f.source_ref, f.replaces_id, f.reason
    from lab_finding f where f.plate_id = ${id} and (f.state = 'confirmed'
      or (f.state = 'entered' and not app.needs_second(f.result, f.replaces_id is not null)))
    order by f.tube_id returning id, result, tube_id as "tubeId"`);
  if (released.length === 0) return { released: 0, recalled: 0 };
  const ids = repository.textArray(released.map((row) => row.id));
  await tx.execute(sql`
    update lab_finding f set state = 'released', lab_result_id = r.id, version = f.version + 1
    from lab_result r where r.id::text = any (${ids}) and f.tube_id = r.tube_id and f.plate_id = ${id} and f.state in ('entered', 'confirmed')`);
  // A second person has looked already: the person is told now, not by somebody's later click.
  await tx.execute(sql`
    update person_result p set released_at = ${at}, released_by = ${actor.personId}
    where p.lab_result_id::text = any (${ids}) and p.released_at is null`);
  const recalled = await countRecalled(work, released);
  await trace(tx, actor, origin, {
    action: "lab.release",
    entityType: "lab-plate",
    entityId: id,
    detail: { released: released.length, recalled },
  });
  await wakeRecalls(tx);
  await wakeRelease(tx, id, now);
  return { released: released.length, recalled };
}

/** People of the tubes whose result asks everybody to come again. */
async function countRecalled(
  { tx }: Staff,
  released: readonly { result: string; tubeId: string }[],
): Promise<number> {
  const tubes = await repository.findTubes(
    tx,
    sql`t.id::text = any (${repository.textArray(released.map((row) => row.tubeId))})`,
  );
  return released.reduce((sum, row) => {
    const tube = tubes.find((one) => one.id === row.tubeId);
    const told = row.result === "negative" || (row.result === "positive" && tube?.size === 1);
    return sum + (told ? 0 : (tube?.count ?? 0));
  }, 0);
}

/**
 * Say something else than before: a new result that replaces the last one, after a second person has
 * looked. What was told is taken back with its cards by the release, not before.
 * @throws DomainError `lab.no-result`, `lab.same-result`, `lab.changed-meanwhile` when a correction waits already
 */
export async function correctResult(
  work: Staff,
  code: string,
  input: z.output<typeof correctBody>,
): Promise<z.input<typeof plateView>> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "lab.report");
  const tube = await loadTube(work, code);
  const last = await lastResult(work, tube.id);
  if (!last) throw new DomainError("lab.no-result", { code: tube.code });
  if (last.result === input.result) throw new DomainError("lab.same-result", { code: tube.code });
  const [open] = await repository.findFindings(
    tx,
    sql`f.tube_id = ${tube.id} and f.state in ('waiting', 'entered', 'confirmed')`,
  );
  if (open) throw new DomainError("lab.changed-meanwhile");
  const testedAt = input.testedAt ? new Date(input.testedAt) : now;
  assertTested({ receivedAt: tube.receivedAt, tubeCode: tube.code }, testedAt, now);
  const plateId = await ensurePlate(work, `${tube.code} ${last.id.slice(0, 4)}`, "page");
  await tx.insert(labFinding).values({
    laboratoryId: actor.institutionId,
    plateId,
    tubeId: tube.id,
    state: "entered",
    result: input.result,
    method: input.method,
    testedAt,
    enteredBy: actor.personId,
    enteredAt: now,
    source: "page",
    reason: input.reason,
    replacesId: last.id,
  });
  await trace(tx, actor, origin, {
    action: "lab.correct",
    entityType: "tube",
    entityId: tube.id,
    detail: { code: tube.code },
  });
  await tellLab(work, plateId);
  return readPlate(work, plateId);
}

/** What counts of a tube now; null before a result. */
export async function lastResult(
  { tx }: Staff,
  tubeId: string,
): Promise<repository.ResultRow | null> {
  const rows = await repository.findResults(tx, sql`r.tube_id = ${tubeId}`);
  return rows.find((row) => !row.replaced) ?? null;
}

/** A tube with everything that was said of it. Whose it is only for somebody who is alone in it, without a telephone. */
export async function readTube(work: Staff, code: string): Promise<z.input<typeof tubeAnswer>> {
  const { tx, actor, origin, now } = work;
  if (!actor.permissions.has("lab.receive")) assertPermission(actor, "lab.report");
  const tube = await loadTube(work, code);
  const results = await repository.findResults(tx, sql`r.tube_id = ${tube.id}`);
  const [finding] = await repository.findFindings(
    tx,
    sql`f.tube_id = ${tube.id} and f.state in ('waiting', 'entered', 'confirmed')`,
  );
  return {
    tube: viewTube(tube),
    results: results.map(viewResult),
    finding: finding ? viewFinding(finding, actor) : null,
    plateId: finding?.plateId ?? null,
    person: tube.size === 1 ? await personOf() : null,
  };

  async function personOf() {
    const [member] = await tx.execute<{ patientId: string }>(
      sql`select patient_id as "patientId" from tube_member where tube_id = ${tube.id} and active`,
    );
    const record = member ? await findPatient(tx, member.patientId) : null;
    if (!record) return null;
    await trace(tx, actor, origin, {
      action: "lab.person",
      entityType: "tube",
      entityId: tube.id,
      patientId: record.row.id,
      purpose: "treatment",
    });
    const { birthDate, fullName, fullNameBo } = record.row;
    const age = birthDate ? ageOn(birthDate, localDay(now)) : undefined;
    return { name: fullName ?? fullNameBo ?? "", ageYears: age?.years ?? null };
  }
}

/** The results of a plate as a file: codes and results, nobody's name. */
export async function exportPlate(work: Staff, id: string): Promise<string> {
  const { tx, actor, origin } = work;
  const plate = await readPlate(work, id);
  await trace(tx, actor, origin, { action: "lab.export", entityType: "lab-plate", entityId: id });
  return writeCsv([
    ["tube", "result", "method", "tested_at", "ct_orf1ab", "ct_n", "reason", "state"],
    ...plate.findings.map((one) => [
      one.tube,
      one.result ?? null,
      one.method ?? null,
      one.testedAt ?? null,
      Number(one.detail.ctOrf ?? Number.NaN) || null,
      Number(one.detail.ctN ?? Number.NaN) || null,
      one.reason ?? null,
      one.state,
    ]),
  ]);
}
