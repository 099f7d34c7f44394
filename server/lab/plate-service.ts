import { sql } from "drizzle-orm";
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import type {
  loadBody,
  plateBody,
  plateLine,
  plateView,
  readingBody,
  resultsWork,
  withdrawBody,
} from "./contract.ts";
import { type FindingState, needsSecond } from "./domain.ts";
import { loadTube } from "./reception-service.ts";
import * as repository from "./repository.ts";
import { labFinding, labPlate } from "./schema.ts";
import { tellLab } from "./tell.ts";
import { viewFinding, viewPlate, viewTube } from "./view.ts";

type Staff = Work<StaffActor>;
/** Plates that were released are shown this long. */
const shownHours = 24;

/** Open plates and those of the last day, and what is received and on no plate: the nearest deadline first. */
export async function readResultsWork({
  tx,
  actor,
  now,
}: Staff): Promise<z.input<typeof resultsWork>> {
  assertPermission(actor, "lab.report");
  const since = new Date(now.getTime() - shownHours * 3_600_000).toISOString();
  const plates = await repository.findPlates(
    tx,
    sql`p.laboratory_id = ${actor.institutionId} and (p.state = 'open' or p.released_at > ${since})`,
  );
  const tubes = await repository.findTubes(
    tx,
    sql`t.laboratory_id = ${actor.institutionId} and t.state in ('received', 'testing')
      and not exists (select 1 from lab_finding f where f.tube_id = t.id and f.state in ('waiting', 'entered', 'confirmed'))`,
    500,
  );
  return { now: now.toISOString(), plates: plates.map(viewPlate), tubes: tubes.map(viewTube) };
}

/** A plate with what is on it, in the order of the wells. @throws DomainError `request.not-found` */
export async function readPlate(work: Staff, id: string): Promise<z.input<typeof plateView>> {
  const { tx, actor } = work;
  assertPermission(actor, "lab.report");
  const [row] = await repository.findPlates(tx, sql`p.id = ${id}`);
  if (!row) throw new DomainError("request.not-found");
  const findings = await repository.findFindings(
    tx,
    sql`f.plate_id = ${id} and f.state <> 'withdrawn'`,
  );
  return { ...viewPlate(row), findings: findings.map((one) => viewFinding(one, actor)) };
}

/** A new plate, empty. The same name again is the same plate while it is open. @throws DomainError `lab.plate-name` */
export async function openPlate(
  work: Staff,
  input: z.output<typeof plateBody>,
): Promise<z.input<typeof plateLine>> {
  const { tx, actor, now } = work;
  assertPermission(actor, "lab.report");
  const id = await ensurePlate(work, input.code, "page");
  const [row] = await repository.findPlates(tx, sql`p.id = ${id}`);
  if (row?.state !== "open" || row.source !== "page")
    throw new DomainError("lab.plate-name", { code: input.code });
  if (new Date(row.openedAt).getTime() === now.getTime()) await tellLab(work, id);
  return viewPlate(row);
}

/** The plate of a name, made when there is none. */
export async function ensurePlate(
  { tx, actor, now }: Staff,
  code: string,
  source: "page" | "csv" | "fhir",
): Promise<string> {
  const [made] = await tx
    .insert(labPlate)
    .values({
      laboratoryId: actor.institutionId,
      code,
      source,
      openedBy: actor.personId,
      openedAt: now,
    })
    .onConflictDoNothing()
    .returning({ id: labPlate.id });
  if (made) return made.id;
  const [found] = await tx.execute<{ id: string }>(
    sql`select id from lab_plate where laboratory_id = ${actor.institutionId} and code = ${code}`,
  );
  return found!.id;
}

/**
 * Tubes onto a plate: they are being tested from now on. One that is on it already stays.
 * @throws DomainError `lab.tube-*`, `lab.tube-not-received`, `lab.on-other-plate`, `lab.plate-released`
 */
export async function loadPlate(
  work: Staff,
  id: string,
  input: z.output<typeof loadBody>,
): Promise<z.input<typeof plateView>> {
  const { tx, actor } = work;
  assertPermission(actor, "lab.report");
  await lockPlate(work, id);
  if ("next" in input) {
    const tubes = await repository.findTubes(
      tx,
      sql`t.id in (select t2.id from tube t2 where t2.laboratory_id = ${actor.institutionId} and t2.state in ('received', 'testing')
        and not exists (select 1 from lab_finding f where f.tube_id = t2.id and f.state in ('waiting', 'entered', 'confirmed'))
        order by t2.result_due_at, t2.code limit ${input.next} for update skip locked)`,
    );
    await putOn(work, id, tubes);
    return readPlate(work, id);
  }
  const tube = await loadTube(work, input.code);
  if (tube.state !== "received" && tube.state !== "testing")
    throw new DomainError("lab.tube-not-received", { code: tube.code });
  const [open] = await repository.findFindings(
    tx,
    sql`f.tube_id = ${tube.id} and f.state in ('waiting', 'entered', 'confirmed')`,
  );
  if (open && open.plateId !== id) throw new DomainError("lab.on-other-plate", { code: tube.code });
  if (!open) await putOn(work, id, [tube]);
  return readPlate(work, id);
}

async function putOn(
  work: Staff,
  plateId: string,
  tubes: readonly repository.TubeRow[],
): Promise<void> {
  const { tx, actor, now } = work;
  if (tubes.length === 0) return;
  await startTesting(
    work,
    tubes.map((tube) => tube.id),
  );
  await tx.insert(labFinding).values(
    tubes.map((tube) => ({
      laboratoryId: actor.institutionId,
      plateId,
      tubeId: tube.id,
      state: "waiting" as const,
      enteredBy: actor.personId,
      enteredAt: now,
      source: "page" as const,
    })),
  );
  await tellLab(work, plateId);
}

/** A result says that a tube is tested: those that were only received are from now on. */
export async function startTesting({ tx, now }: Staff, tubeIds: readonly string[]): Promise<void> {
  await tx.execute(sql`update tube set state = 'testing', testing_at = ${now.toISOString()}, version = version + 1
    where id::text = any (${repository.textArray(tubeIds)}) and state = 'received'`);
}

/**
 * Write down what was read on a plate; whatever was not named is negative when the page says so. Nothing is
 * released by it. What was confirmed and is read anew has to be confirmed anew.
 * @throws DomainError `lab.changed-meanwhile`, `lab.time`, `lab.reason`, `request.not-found`
 */
export async function enterReadings(
  work: Staff,
  id: string,
  input: z.output<typeof readingBody>,
): Promise<z.input<typeof plateView>> {
  const { tx, actor, now } = work;
  assertPermission(actor, "lab.report");
  await lockPlate(work, id);
  const rows = await repository.findFindings(
    tx,
    sql`f.plate_id = ${id} and f.state in ('waiting', 'entered', 'confirmed')`,
  );
  const testedAt = input.testedAt ? new Date(input.testedAt) : now;
  const named = new Map(input.readings.map((reading) => [reading.findingId, reading]));
  for (const reading of named.values()) {
    const row = rows.find((one) => one.id === reading.findingId);
    if (!row) throw new DomainError("request.not-found");
    if (row.version !== reading.version) throw new DomainError("lab.changed-meanwhile");
    // A correction keeps its reason; a rejection needs one.
    const reason = reading.reason || (row.replacesId ? row.reason : null);
    if (reading.result === "rejected" && !reason) throw new DomainError("lab.reason");
    assertTested(row, testedAt, now);
    await updateFinding(work, row, {
      state: "entered",
      result: reading.result,
      method: input.method,
      detail: compact({ ctOrf: reading.ctOrf, ctN: reading.ctN }),
      testedAt,
      reason,
      enteredBy: actor.personId,
      enteredAt: now,
      secondBy: null,
      secondAt: null,
    });
  }
  if (input.restNegative)
    for (const row of rows) {
      if (row.state !== "waiting" || named.has(row.id)) continue;
      assertTested(row, testedAt, now);
      await updateFinding(work, row, {
        state: "entered",
        result: "negative",
        method: input.method,
        detail: {},
        testedAt,
        enteredBy: actor.personId,
        enteredAt: now,
      });
    }
  await tellLab(work, id);
  return readPlate(work, id);
}

/**
 * A second person looks at a positive, an unclear one or a correction.
 * @throws DomainError `lab.two-persons` for whoever read it, `lab.changed-meanwhile`
 */
export async function confirmFinding(
  work: Staff,
  id: string,
  version: number,
): Promise<z.input<typeof plateView>> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "lab.report");
  const row = await loadFinding(work, id);
  if (row.state === "confirmed") return readPlate(work, row.plateId);
  if (row.version !== version || row.state !== "entered" || !row.result)
    throw new DomainError("lab.changed-meanwhile");
  if (row.enteredById === actor.personId) throw new DomainError("lab.two-persons");
  if (needsSecond(row.result, row.replacesId !== null))
    await updateFinding(work, row, {
      state: "confirmed",
      secondBy: actor.personId,
      secondAt: now,
    });
  await trace(tx, actor, origin, {
    action: "lab.confirm",
    entityType: "lab-finding",
    entityId: id,
    detail: { code: row.tubeCode },
  });
  await tellLab(work, row.plateId);
  return readPlate(work, row.plateId);
}

/** Take a tube off its plate again, with a reason; it can be put on another. @throws DomainError `lab.changed-meanwhile` */
export async function withdrawFinding(
  work: Staff,
  id: string,
  input: z.output<typeof withdrawBody>,
): Promise<z.input<typeof plateView>> {
  const { tx, actor, origin } = work;
  assertPermission(actor, "lab.report");
  const row = await loadFinding(work, id);
  if (row.state === "withdrawn") return readPlate(work, row.plateId);
  if (row.version !== input.version || row.state === "released")
    throw new DomainError("lab.changed-meanwhile");
  await updateFinding(work, row, { state: "withdrawn", reason: input.reason });
  await trace(tx, actor, origin, {
    action: "lab.withdraw",
    entityType: "lab-finding",
    entityId: id,
    detail: { code: row.tubeCode },
  });
  await tellLab(work, row.plateId);
  return readPlate(work, row.plateId);
}

/** Held until this commits: two who press at once see each other. */
async function loadFinding({ tx }: Staff, id: string): Promise<repository.FindingRow> {
  await tx.execute(sql`select id from lab_finding where id = ${id} for update`);
  const [row] = await repository.findFindings(tx, sql`f.id = ${id}`);
  if (!row) throw new DomainError("request.not-found");
  return row;
}

/** One writer at a time per plate. @throws DomainError `request.not-found`, `lab.plate-released` */
export async function lockPlate({ tx }: Staff, id: string): Promise<void> {
  const [row] = await tx.execute<{ state: string; code: string }>(
    sql`select state, code from lab_plate where id = ${id} for update`,
  );
  if (!row) throw new DomainError("request.not-found");
  if (row.state !== "open") throw new DomainError("lab.plate-released", { code: row.code });
}

async function updateFinding(
  { tx }: Staff,
  row: repository.FindingRow,
  change: Partial<typeof labFinding.$inferInsert> & { state: FindingState },
): Promise<void> {
  const changed = await tx
    .update(labFinding)
    .set({ ...change, version: row.version + 1 })
    .where(sql`${labFinding.id} = ${row.id} and ${labFinding.version} = ${row.version}`)
    .returning({ id: labFinding.id });
  if (changed.length === 0) throw new DomainError("lab.changed-meanwhile");
}

/** A test lies between the tube's arrival and now. @throws DomainError `lab.time` */
export function assertTested(
  row: Pick<repository.FindingRow, "receivedAt" | "tubeCode">,
  testedAt: Date,
  now: Date,
): void {
  if (testedAt > now || (row.receivedAt && testedAt < new Date(row.receivedAt)))
    throw new DomainError("lab.time", { code: row.tubeCode });
}

export function compact(detail: Record<string, number | null>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(detail).filter((entry): entry is [string, number] => entry[1] !== null),
  );
}
