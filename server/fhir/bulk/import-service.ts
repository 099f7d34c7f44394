/** Imports of the own institution: a file is sent in parts, a worker takes it in, a report says what was left out. */
import { randomUUID } from "node:crypto";
import type { z } from "zod";
import { trace } from "../../audit/service.ts";
import { DomainError } from "../../errors/domain-error.ts";
import { assertPermission, type Services, type Work } from "../../http/context.ts";
import type { StaffActor } from "../../identity/domain.ts";
import type { Caller, StoreContext } from "../store/caller.ts";
import { assertMayWrite } from "../store/service.ts";
import { type BulkPlace, callWorker, inStore, placeOf } from "./context.ts";
import type { ImportView, newImport } from "./contract.ts";
import type { BulkFiles } from "./files.ts";
import type { Fault } from "./import-items.ts";
import { type ImportCursor, type ImportPlan, uploadName } from "./import-run.ts";
import { advance, type BulkJob, cancel, countOpen, findJob, insertJob, listJobs } from "./job.ts";

const openMax = 5;
const keptDays = 90;
const listed = 30;
type ImportJob = BulkJob<ImportPlan, ImportCursor>;

async function open(
  services: Services,
  { actor, origin }: Work<StaffActor>,
): Promise<{ place: BulkPlace; context: StoreContext }> {
  assertPermission(actor, "record.manage");
  const place = await placeOf(services, actor.institutionId);
  const caller: Caller = {
    kind: "person",
    actor: actor.personId,
    name: actor.name,
    institution: actor.institutionId,
    purpose: "operations",
    reason: null,
    scopes: null,
    // Who answers for the records brings them in; writing one's own entries is another right.
    mayWrite: true,
    correlationId: origin.correlationId,
    address: origin.address,
  };
  const context = place.context(caller);
  assertMayWrite(context);
  return { place, context };
}

/** @throws DomainError `permission.denied`, `fhir.no-store`, `fhir.paused`, `request.too-many` */
export async function beginImport(
  services: Services,
  work: Work<StaffActor>,
  body: z.infer<typeof newImport>,
): Promise<{ import: ImportView }> {
  const { place, context } = await open(services, work);
  const id = randomUUID();
  await inStore(place, context, async (tx) => {
    if ((await countOpen(tx, context, "import")) >= openMax)
      throw new DomainError("request.too-many", { seconds: 60 });
    await insertJob(tx, context, {
      id,
      kind: "import",
      state: "receiving",
      request: body.name,
      plan: { sizeBytes: body.sizeBytes } satisfies ImportPlan,
      expiresAt: new Date(context.at.getTime() + keptDays * 86_400_000),
    });
  });
  await trace(work.tx, work.actor, work.origin, {
    action: "record-import.begin",
    entityType: "record-import",
    entityId: id,
    detail: { sizeBytes: body.sizeBytes },
  });
  return { import: viewOf(await load(place, context, id), 0) };
}

/**
 * Takes the next part of the file. A part that is not the next one changes nothing: the answer says what
 * has arrived, and the sender goes on from there.
 * @throws DomainError `permission.denied`, `request.not-found`, `request.too-large`
 */
export async function receivePart(
  services: Services,
  work: Work<StaffActor>,
  files: BulkFiles,
  part: { id: string; offset: number; bytes: Buffer },
): Promise<{ import: ImportView }> {
  const { place, context } = await open(services, work);
  const job = await load(place, context, part.id);
  let received = await files.sizeOf(job.id, uploadName);
  if (job.state !== "receiving") return { import: viewOf(job, received) };
  if (part.offset + part.bytes.length > job.plan.sizeBytes)
    throw new DomainError("request.too-large");
  if (part.offset === received)
    received = await files.writeAt(job.id, uploadName, received, part.bytes);
  if (received < job.plan.sizeBytes) return { import: viewOf(job, received) };
  await inStore(place, context, (tx) => advance(tx, context, job, { state: "waiting" }));
  await callWorker(services, context.tenant, job.id);
  return { import: viewOf(await load(place, context, job.id), received) };
}

/** @throws DomainError `permission.denied`, `fhir.no-store` */
export async function listImports(services: Services, work: Work<StaffActor>, files: BulkFiles) {
  const { place, context } = await open(services, work);
  const jobs = await inStore(place, context, (tx) => listJobs(tx, context, "import", listed));
  return {
    imports: await Promise.all(
      jobs.map(async (job) => viewOf(job as ImportJob, await files.sizeOf(job.id, uploadName))),
    ),
  };
}

/** An import with what it could not take. @throws DomainError `permission.denied`, `request.not-found` */
export async function loadImport(
  services: Services,
  work: Work<StaffActor>,
  files: BulkFiles,
  id: string,
  faultsMax: number,
): Promise<{ import: ImportView; faults: Fault[] }> {
  const { place, context } = await open(services, work);
  const job = await load(place, context, id);
  const rows = await inStore(
    place,
    context,
    async (tx) =>
      await tx.unsafe(
        "SELECT line, entry, type, resource_id AS id, reason, detail FROM bulk_fault WHERE tenant = $1 AND job = $2 ORDER BY line, entry, n LIMIT $3",
        [context.tenant, id, faultsMax],
      ),
  );
  return {
    import: viewOf(job, await files.sizeOf(id, uploadName)),
    faults: rows.map((row) => ({
      line: Number(row.line),
      entry: row.entry === null ? null : Number(row.entry),
      type: row.type,
      id: row.id,
      reason: row.reason,
      detail: row.detail,
    })),
  };
}

/** What was taken in stays; the rest is left. @throws DomainError `permission.denied`, `request.not-found` */
export async function cancelImport(
  services: Services,
  work: Work<StaffActor>,
  files: BulkFiles,
  id: string,
): Promise<{ import: ImportView }> {
  const { place, context } = await open(services, work);
  await load(place, context, id);
  const isCancelled = await inStore(place, context, (tx) => cancel(tx, context, id));
  if (isCancelled) {
    await files.remove(id);
    await trace(work.tx, work.actor, work.origin, {
      action: "record-import.cancel",
      entityType: "record-import",
      entityId: id,
    });
  }
  return { import: viewOf(await load(place, context, id), 0) };
}

async function load(place: BulkPlace, context: StoreContext, id: string): Promise<ImportJob> {
  const job = await inStore(place, context, (tx) =>
    findJob<ImportPlan, ImportCursor>(tx, context, id, "import"),
  );
  if (!job) throw new DomainError("request.not-found");
  return job;
}

function viewOf(job: ImportJob, onDisk: number): ImportView {
  const { sizeBytes } = job.plan;
  const { offset = 0, entry = 0, entries = 0 } = job.cursor;
  const within = entries > 0 ? (entry / entries) * (sizeBytes - offset) : 0;
  return {
    id: job.id,
    name: job.request,
    state: job.state,
    by: job.caller.name,
    sizeBytes,
    received: job.state === "receiving" ? onDisk : sizeBytes,
    percent: job.state === "done" ? 100 : Math.floor(((offset + within) / sizeBytes) * 100),
    done: job.done,
    unchanged: job.unchanged,
    failed: job.failed,
    createdAt: job.createdAt.toISOString(),
    finishedAt: job.finishedAt?.toISOString() ?? null,
  };
}
