/** Reports of a laboratory system, as FHIR: each is taken once, a correction is a new result. */
import { sql } from "drizzle-orm";
import { fromFhirLabReport, type LabReportFacts } from "../../fhir-mappings/lab-report.ts";
import { FhirMappingError } from "../../fhir-mappings/mapping-error.ts";
import { identifierSystems } from "../../fhir-mappings/systems.ts";
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { localDay } from "../patients/service.ts";
import { assertTested, compact, ensurePlate, startTesting } from "./plate-service.ts";
import { loadTube } from "./reception-service.ts";
import { lastResult, releaseReady } from "./release-service.ts";
import * as repository from "./repository.ts";
import { labFinding } from "./schema.ts";
import { tellLab } from "./tell.ts";

type Staff = Work<StaffActor>;
export type TakenReport = { facts: LabReportFacts; created: boolean };

/** @throws DomainError `lab.report-unreadable` with the place in the resource */
export function readReport(...read: Parameters<typeof fromFhirLabReport>): LabReportFacts {
  try {
    return fromFhirLabReport(...read);
  } catch (error) {
    if (!(error instanceof FhirMappingError)) throw error;
    throw new DomainError("lab.report-unreadable", { path: error.path, problem: error.problem });
  }
}

/**
 * Take one report. A first negative or a rejection counts at once: the laboratory system has authorised it;
 * everything else, and each correction, waits for a second person here and is answered as preliminary. The
 * same report again changes nothing.
 * @throws DomainError `lab.report-status`, `lab.report-changed`, `lab.tube-*`, `lab.time`, `lab.reason`, `lab.changed-meanwhile`
 */
export async function takeReport(work: Staff, facts: LabReportFacts): Promise<TakenReport> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "lab.report");
  if (facts.status === "preliminary") throw new DomainError("lab.report-status");
  const tube = await loadTube(work, facts.tubeCode);
  // Two of the same at once: the second finds the first.
  await tx.execute(sql`select id from tube where id = ${tube.id} for update`);
  const sourceRef = `${facts.identifier.system}|${facts.identifier.value}`.slice(0, 300);
  const known = await repository.findFindings(
    tx,
    sql`f.source = 'fhir' and f.source_ref = ${sourceRef} and f.laboratory_id = ${actor.institutionId} and f.state <> 'withdrawn'`,
  );
  if (known.some((row) => row.tubeId !== tube.id))
    throw new DomainError("lab.report-changed", { identifier: facts.identifier.value });
  const before = known.at(-1);
  if (before?.result === facts.result) return { facts: factsOf(before, actor), created: false };
  const isCorrection = facts.status === "corrected";
  const last = await lastResult(work, tube.id);
  if ((before || last) && !isCorrection) {
    if (!before && last?.result === facts.result)
      return { facts: { ...facts, id: null }, created: false };
    throw new DomainError("lab.report-changed", { identifier: facts.identifier.value });
  }
  if (facts.result === "rejected" && !facts.reason) throw new DomainError("lab.reason");
  assertTested({ receivedAt: tube.receivedAt, tubeCode: tube.code }, facts.testedAt, now);
  const [open] = await repository.findFindings(
    tx,
    sql`f.tube_id = ${tube.id} and f.state in ('waiting', 'entered', 'confirmed')`,
  );
  // Somebody has read it on the page, or a correction of it waits.
  if (open && open.source !== "fhir")
    throw new DomainError("lab.on-other-plate", { code: tube.code });
  if (!last && !open && tube.state !== "received" && tube.state !== "testing")
    throw new DomainError("lab.tube-not-received", { code: tube.code });
  if (last?.result === facts.result && !open)
    return { facts: { ...facts, id: null }, created: false };
  await startTesting(work, [tube.id]);
  const reading = {
    state: "entered" as const,
    result: facts.result,
    method: (facts.method ?? "RT-PCR").slice(0, 60),
    detail: compact({ ctOrf: facts.ctOrf, ctN: facts.ctN }),
    testedAt: facts.testedAt,
    enteredBy: actor.personId,
    enteredAt: now,
    reason: facts.reason?.slice(0, 200) ?? (last ? "检验系统更正" : null),
  };
  const plateId = open?.plateId ?? (await openReportPlate(work));
  if (open)
    await tx
      .update(labFinding)
      .set({ ...reading, secondBy: null, secondAt: null, version: open.version + 1 })
      .where(sql`${labFinding.id} = ${open.id} and ${labFinding.version} = ${open.version}`);
  else
    await tx.insert(labFinding).values({
      ...reading,
      laboratoryId: actor.institutionId,
      plateId,
      tubeId: tube.id,
      source: "fhir",
      sourceRef,
      replacesId: last?.id ?? null,
    });
  await trace(tx, actor, origin, {
    action: "lab.fhir",
    entityType: "tube",
    entityId: tube.id,
    detail: { code: tube.code },
  });
  await releaseReady(work, plateId);
  await tellLab(work, plateId);
  const [row] = await repository.findFindings(
    tx,
    sql`f.source = 'fhir' and f.source_ref = ${sourceRef} and f.tube_id = ${tube.id} and f.state <> 'withdrawn'
      and f.replaces_id is not distinct from ${open?.replacesId ?? last?.id ?? null}::uuid`,
  );
  return { facts: factsOf(row!, actor), created: true };
}

/** A report by its id here. @throws DomainError `request.not-found` */
export async function findReport(work: Staff, id: string): Promise<LabReportFacts> {
  assertPermission(work.actor, "lab.report");
  const [row] = await repository.findFindings(
    work.tx,
    sql`f.id = ${id} and f.state not in ('waiting', 'withdrawn')`,
  );
  if (!row) throw new DomainError("request.not-found");
  await trace(work.tx, work.actor, work.origin, {
    action: "fhir.read",
    entityType: "lab-finding",
    entityId: id,
  });
  return factsOf(row, work.actor);
}

function factsOf(row: repository.FindingRow, actor: StaffActor): LabReportFacts {
  const ref = row.source === "fhir" ? (row.sourceRef ?? "") : "";
  const bar = ref.indexOf("|");
  const number = (given: unknown) => (typeof given === "number" ? given : null);
  return {
    id: row.id,
    identifier: {
      system: bar > 0 ? ref.slice(0, bar) : identifierSystems.tube,
      value: bar > 0 ? ref.slice(bar + 1) : row.tubeCode,
    },
    status: row.state === "released" ? (row.replacesId ? "corrected" : "final") : "preliminary",
    tubeCode: row.tubeCode,
    pooledCount: row.count,
    result: row.result!,
    method: row.method,
    ctOrf: number(row.detail.ctOrf),
    ctN: number(row.detail.ctN),
    testedAt: new Date(row.testedAt!),
    reportedAt: new Date(row.enteredAt),
    laboratoryId: actor.institutionId,
    reason: row.reason,
  };
}

/** Reports of a day lie on one plate, until somebody closes it. */
async function openReportPlate(work: Staff): Promise<string> {
  const { tx, actor, now } = work;
  const [open] = await tx.execute<{ id: string }>(sql`
    select id from lab_plate where laboratory_id = ${actor.institutionId} and source = 'fhir' and state = 'open' order by opened_at desc limit 1 for update`);
  if (open) return open.id;
  const [count] = await tx.execute<{ n: number }>(
    sql`select count(*)::int as n from lab_plate where laboratory_id = ${actor.institutionId} and source = 'fhir'`,
  );
  return ensurePlate(work, `FHIR ${localDay(now)} ${count!.n + 1}`, "fhir");
}
