import { createHash } from "node:crypto";
import { sql } from "drizzle-orm";
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import type { importAnswer, importBody, importPreview } from "./contract.ts";
import {
  maximumBytes,
  maximumRows,
  type RefusedLine,
  type ResultLine,
  readResultFile,
} from "./csv.ts";
import { ensurePlate, startTesting } from "./plate-service.ts";
import * as repository from "./repository.ts";
import { labFinding, labImport } from "./schema.ts";
import { tellLab } from "./tell.ts";

type Staff = Work<StaffActor>;
const insertedAtOnce = 500;

/** What a file would do, without doing it. @throws DomainError `lab.file-*` */
export async function previewImport(
  work: Staff,
  input: z.output<typeof importBody>,
): Promise<z.input<typeof importPreview>> {
  const { tx, actor } = work;
  assertPermission(actor, "lab.report");
  const { sha256, file } = readInput(input);
  const { good, unchanged, refused } = await sortRows(work, file.lines);
  const counts: Partial<Record<ResultLine["result"], number>> = {};
  for (const { line } of good) counts[line.result] = (counts[line.result] ?? 0) + 1;
  const before = await findImport(tx, actor.institutionId, sha256);
  return {
    rows: file.rows,
    encoding: file.encoding,
    good: good.length,
    unchanged,
    counts,
    refused: merged(file.refused, refused),
    takenAt: before?.takenAt.toISOString() ?? null,
  };
}

/**
 * Take the good rows of a file onto a plate of its own (or onto the plate where a tube waits to be read);
 * the bad ones are listed by line. Nothing is released by it. All of it happens, or nothing; the same file
 * again gives the first answer.
 * @throws DomainError `lab.file-*`
 */
export async function takeImport(
  work: Staff,
  input: z.output<typeof importBody>,
): Promise<z.input<typeof importAnswer>> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "lab.report");
  const { sha256, file } = readInput(input);
  // Two who bring the same file wait for each other.
  await tx.execute(
    sql`select pg_advisory_xact_lock(${sha256.readInt32BE(0)}, ${sha256.readInt32BE(4)})`,
  );
  const before = await findImport(tx, actor.institutionId, sha256);
  if (before)
    return {
      plateId: before.plateId,
      taken: before.taken,
      unchanged: before.unchanged,
      refused: before.refused as RefusedLine[],
      repeated: true,
    };
  const { good, unchanged, refused } = await sortRows(work, file.lines, true);
  const all = merged(file.refused, refused);
  const name = input.fileName.replace(/\.[A-Za-z0-9]{1,5}$/u, "").slice(0, 32);
  const plateId =
    good.length > 0
      ? await ensurePlate(work, `${name} ${sha256.toString("hex").slice(0, 6)}`, "csv")
      : null;
  if (plateId) {
    await startTesting(
      work,
      good.map((row) => row.tube.id),
    );
    await insertFindings(work, plateId, good);
  }
  await tx.insert(labImport).values({
    laboratoryId: actor.institutionId,
    sha256,
    fileName: input.fileName,
    encoding: file.encoding,
    plateId,
    rows: file.rows,
    taken: good.length,
    unchanged,
    refused: all,
    takenBy: actor.personId,
    takenAt: now,
  });
  await trace(tx, actor, origin, {
    action: "lab.import",
    entityType: "lab-plate",
    entityId: plateId,
    detail: { rows: file.rows, taken: good.length, refused: all.length },
  });
  if (plateId) await tellLab(work, plateId);
  return { plateId, taken: good.length, unchanged, refused: all, repeated: false };
}

type GoodRow = { line: ResultLine; tube: repository.TubeRow; open: repository.FindingRow | null };

/** Which rows say something new of a tube that is here; why the others are refused. */
async function sortRows(
  { tx, now }: Staff,
  lines: readonly ResultLine[],
  lock = false,
): Promise<{ good: GoodRow[]; unchanged: number; refused: RefusedLine[] }> {
  const codes = lines.map((line) => line.tube);
  const list = repository.textArray(codes);
  // Always in one order, so that two files do not wait for each other crosswise.
  if (lock)
    await tx.execute(sql`select id from tube where code = any (${list}) order by id for update`);
  const problems = new Map(
    (await repository.findTubeProblems(tx, codes)).map((row) => [row.code, row.problem]),
  );
  const tubes = await repository.findTubes(tx, sql`t.code = any (${list})`, maximumRows);
  const byCode = new Map(tubes.map((tube) => [tube.code, tube]));
  const open = new Map(
    (
      await repository.findFindings(
        tx,
        sql`t.code = any (${list}) and f.state in ('waiting', 'entered', 'confirmed')`,
      )
    ).map((row) => [row.tubeCode, row]),
  );
  const said = new Map(
    (await repository.findResults(tx, sql`t.code = any (${list})`))
      .filter((row) => !row.replaced)
      .map((row) => [row.tubeCode, row]),
  );
  const good: GoodRow[] = [];
  const refused: RefusedLine[] = [];
  let unchanged = 0;
  for (const line of lines) {
    const refuse = (problem: RefusedLine["problem"], value = "") =>
      refused.push({ line: line.line, tube: line.tube, problem, value });
    const problem = problems.get(line.tube);
    const tube = byCode.get(line.tube);
    if (problem) refuse(`tube-${problem}`);
    else if (!tube) refuse("tube-unknown");
    else {
      const last = said.get(line.tube);
      const reading = open.get(line.tube) ?? null;
      if (last && last.result === line.result && !reading) unchanged += 1;
      else if (last) refuse("released-otherwise", last.result);
      else if (tube.state !== "received" && tube.state !== "testing") refuse("tube-not-received");
      else if (reading && reading.state !== "waiting") {
        if (reading.result === line.result) unchanged += 1;
        else refuse("read-otherwise", reading.result ?? "");
      } else if (!isTestedHere(tube, line.testedAt ?? now, now))
        refuse("time", line.testedAt?.toISOString() ?? "");
      else good.push({ line, tube, open: reading });
    }
  }
  return { good, unchanged, refused };
}

function isTestedHere(tube: repository.TubeRow, testedAt: Date, now: Date): boolean {
  return testedAt <= now && (!tube.receivedAt || testedAt >= new Date(tube.receivedAt));
}

async function insertFindings(
  { tx, actor, now }: Staff,
  plateId: string,
  rows: readonly GoodRow[],
): Promise<void> {
  const values = rows
    .filter((row) => !row.open)
    .map(({ line, tube }) => ({
      laboratoryId: actor.institutionId,
      plateId,
      tubeId: tube.id,
      state: "entered" as const,
      result: line.result,
      method: line.method,
      detail: line.detail,
      testedAt: line.testedAt ?? now,
      enteredBy: actor.personId,
      enteredAt: now,
      source: "csv" as const,
      sourceRef: `line ${line.line}`,
      reason: line.reason,
    }));
  for (let from = 0; from < values.length; from += insertedAtOnce)
    await tx.insert(labFinding).values(values.slice(from, from + insertedAtOnce));
  // Those that lie on a plate of the page are read there.
  for (const { line, open } of rows) {
    if (!open) continue;
    await tx.execute(sql`
      update lab_finding set state = 'entered', result = ${line.result}, method = ${line.method}, detail = ${JSON.stringify(line.detail)}::jsonb,
        tested_at = ${(line.testedAt ?? now).toISOString()}, entered_by = ${actor.personId}, entered_at = ${now.toISOString()}, reason = ${line.reason},
        version = version + 1 where id = ${open.id} and version = ${open.version}`);
  }
}

function readInput(input: z.output<typeof importBody>) {
  const bytes = Buffer.from(input.content, "base64");
  if (bytes.byteLength === 0) throw new DomainError("lab.file-empty");
  if (bytes.byteLength > maximumBytes)
    throw new DomainError("lab.file-size", { rows: maximumRows, kilobytes: maximumBytes / 1024 });
  return { sha256: createHash("sha256").update(bytes).digest(), file: readResultFile(bytes) };
}

async function findImport(tx: Staff["tx"], laboratoryId: string, sha256: Buffer) {
  const [row] = await tx
    .select()
    .from(labImport)
    .where(sql`${labImport.laboratoryId} = ${laboratoryId} and ${labImport.sha256} = ${sha256}`);
  return row ?? null;
}

const merged = (...lists: readonly (readonly RefusedLine[])[]): RefusedLine[] =>
  lists.flat().sort((left, right) => left.line - right.line);
