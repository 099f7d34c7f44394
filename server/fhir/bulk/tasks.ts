import { eq } from "drizzle-orm";
import { z } from "zod";
import { DomainError } from "../../errors/domain-error.ts";
import type { Services } from "../../http/context.ts";
import { systemActor } from "../../identity/service.ts";
import { type ScheduledTask, type TaskList, task } from "../../queue/task.ts";
import { recordStore } from "../../records/schema.ts";
import { bulkCaller, bulkTask, callWorker, inStore, placeOf } from "./context.ts";
import { runExport } from "./export-run.ts";
import type { BulkFiles } from "./files.ts";
import { runImport } from "./import-run.ts";

const sweepTask = "fhir-bulk:sweep";

export const bulkTasks = (services: Services, files: BulkFiles): TaskList => ({
  [bulkTask]: task(z.object({ tenant: z.uuid(), job: z.uuid() }), async ({ tenant, job }) => {
    try {
      // One of the two knows the job.
      await runExport(services, files, tenant, job);
      await runImport(services, files, tenant, job);
    } catch (error) {
      // A paused store is asked again by the task of the minute, when it answers.
      if (!(error instanceof DomainError) || !["fhir.paused", "fhir.no-store"].includes(error.code))
        throw error;
    }
  }),
  [sweepTask]: () => sweepBulk(services, files),
});

/** Every minute: what was lost on the way to the queue is called again, what is over goes. */
export const bulkSchedule: readonly ScheduledTask[] = [{ task: sweepTask, cron: "* * * * *" }];

/** Rows that are over are taken out with their files; jobs that nobody works at are called. */
export async function sweepBulk(services: Services, files: BulkFiles): Promise<void> {
  const stores = await services.db.withActor(systemActor("fhir-bulk"), (tx) =>
    tx.select().from(recordStore).where(eq(recordStore.kind, "hosted")),
  );
  const kept = new Set<string>();
  let isWhole = true;
  for (const { institutionId } of stores) {
    try {
      const place = await placeOf(services, institutionId);
      const context = place.context(bulkCaller(institutionId));
      const rows = await inStore(place, context, async (tx) => {
        await tx.unsafe("DELETE FROM bulk_job WHERE tenant = $1 AND expires_at <= $2", [
          institutionId,
          context.at.toISOString(),
        ]);
        return tx.unsafe("SELECT id, kind, state FROM bulk_job WHERE tenant = $1", [institutionId]);
      });
      for (const { id, kind, state } of rows) {
        const isOpen = state === "waiting" || state === "running" || state === "receiving";
        if (isOpen || (kind === "export" && state === "done")) kept.add(String(id));
        if (state === "waiting" || state === "running")
          await callWorker(services, institutionId, String(id));
      }
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      isWhole = false;
    }
  }
  // A store that does not answer keeps its files.
  if (!isWhole) return;
  for (const id of await files.jobs()) if (!kept.has(id)) await files.remove(id);
}
