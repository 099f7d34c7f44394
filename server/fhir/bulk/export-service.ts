/** Exports of a store: begin, ask how far, take the files, give up (FHIR Bulk Data Access 2). */
import { randomUUID } from "node:crypto";
import type { ReadStream } from "node:fs";
import { DomainError } from "../../errors/domain-error.ts";
import type { Services } from "../../http/context.ts";
import type { Endpoint } from "../rest/get.ts";
import { callerParameter, type StoreContext } from "../store/caller.ts";
import type { StoreTx } from "../store/database.ts";
import { callWorker, inStore } from "./context.ts";
import type { ExportPlan } from "./export-request.ts";
import { deletedName, type ExportCursor } from "./export-run.ts";
import type { BulkFiles } from "./files.ts";
import { type BulkJob, cancel, countOpen, findJob, insertJob, openStates } from "./job.ts";

/** What one caller may have under way at a time. */
const openMax = 3;
const keptHours = 24;

export type ExportJob = BulkJob<ExportPlan, ExportCursor>;

/**
 * @param request the address as asked
 * @returns the job's id
 * @throws DomainError `request.not-found` for a group that is not there, `request.too-many`
 */
export async function beginExport(
  services: Services,
  { store, context }: Endpoint,
  plan: ExportPlan,
  request: string,
): Promise<string> {
  const id = randomUUID();
  const patients = plan.group === null ? null : await membersOf({ store, context }, plan.group);
  await inStore({ store }, context, async (tx) => {
    if ((await countOpen(tx, context, "export")) >= openMax)
      throw new DomainError("request.too-many", { seconds: 60 });
    await insertJob(tx, context, {
      id,
      kind: "export",
      state: "waiting",
      request,
      plan: { ...plan, patients },
      expiresAt: new Date(context.at.getTime() + keptHours * 3_600_000),
    });
    await audit(tx, context, "export-begin", plan.group ? "Group" : null, plan.group, request);
  });
  await callWorker(services, context.tenant, id);
  return id;
}

/** Patients that a group names and that it has not let go. */
async function membersOf({ store, context }: Endpoint, group: string): Promise<string[]> {
  const found = await store.read(context, "Group", group);
  if (found.status !== "ok") throw new DomainError("request.not-found");
  const { member = [] } = JSON.parse(found.text) as {
    member?: { inactive?: boolean; entity?: { reference?: string } }[];
  };
  return member.flatMap((one) => {
    const text = one.entity?.reference ?? "";
    const own = text.startsWith(`${context.base}/`) ? text.slice(context.base.length + 1) : text;
    const patient = /^Patient\/([A-Za-z0-9\-.]{1,64})$/.exec(own)?.[1];
    return patient && one.inactive !== true ? [patient] : [];
  });
}

/**
 * An export belongs to whoever began it.
 * @throws DomainError `request.not-found`, also for one that is over or was cancelled
 */
export async function loadExport(endpoint: Endpoint, id: string): Promise<ExportJob> {
  const { context } = endpoint;
  const job = isUuid(id)
    ? await inStore(endpoint, context, (tx) =>
        findJob<ExportPlan, ExportCursor>(tx, context, id, "export"),
      )
    : null;
  if (
    !job ||
    job.actor !== context.caller.actor ||
    job.caller.institution !== context.caller.institution ||
    job.state === "cancelled" ||
    job.expiresAt <= context.at
  )
    throw new DomainError("request.not-found");
  return job;
}

/** Complete status of an export (Bulk Data 2, "Response - Complete Status"). */
export function manifestOf(job: ExportJob, statusUrl: string) {
  const files = (job.cursor.files ?? []).map((file) => ({
    type: file.type === deletedName ? "Bundle" : file.type,
    url: `${statusUrl}/${file.name}`,
    count: file.count,
  }));
  const isDeleted = (file: { url: string }) => file.url.endsWith(`/${deletedName}.ndjson`);
  return {
    transactionTime: job.createdAt.toISOString(),
    request: job.request,
    requiresAccessToken: true,
    output: files.filter((file) => !isDeleted(file)),
    deleted: files.filter(isDeleted),
    error: [],
  };
}

/** How far it is, for X-Progress: ASCII, at most 100 characters. */
export function progressOf(job: ExportJob): string {
  const { types, at } = job.cursor;
  return types === undefined
    ? "waiting to begin"
    : `${types[at ?? 0] ?? "finishing"}: ${at} of ${types.length} types, ${job.done} resources`;
}

/** @throws DomainError `request.not-found` */
export async function openExportFile(
  endpoint: Endpoint,
  files: BulkFiles,
  id: string,
  name: string,
): Promise<{ stream: ReadStream; size: number }> {
  const { context } = endpoint;
  const job = await loadExport(endpoint, id);
  const known = job.state === "done" && job.cursor.files?.find((file) => file.name === name);
  const file = known ? await files.read(id, name) : null;
  if (!known || !file) throw new DomainError("request.not-found");
  await inStore(endpoint, context, (tx) =>
    audit(
      tx,
      context,
      "export-download",
      known.type === deletedName ? null : known.type,
      null,
      `${id}/${name}`,
    ),
  );
  return file;
}

/** Cancels what is under way, and takes the files of what is done away. @throws DomainError `request.not-found` */
export async function dropExport(endpoint: Endpoint, files: BulkFiles, id: string): Promise<void> {
  const { context } = endpoint;
  const job = await loadExport(endpoint, id);
  await inStore(endpoint, context, async (tx) => {
    if (openStates.includes(job.state)) await cancel(tx, context, id);
    else
      await tx.unsafe("UPDATE bulk_job SET state = 'cancelled' WHERE tenant = $1 AND id = $2", [
        context.tenant,
        id,
      ]);
    await audit(tx, context, "export-cancel", null, null, id);
  });
  await files.remove(id);
}

const audit = async (
  tx: StoreTx,
  context: StoreContext,
  interaction: string,
  type: string | null,
  id: string | null,
  query: string,
) =>
  tx.unsafe("SELECT fhir.audit($1::text::jsonb, $2, $3, $4, 'ok', NULL, NULL, $5)", [
    callerParameter(context),
    interaction,
    type,
    id,
    query,
  ]);

const isUuid = (text: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
