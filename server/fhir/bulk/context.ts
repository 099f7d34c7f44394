/** How a bulk job meets its store, now or in a worker later. */
import type { Services } from "../../http/context.ts";
import { systemActor } from "../../identity/service.ts";
import { enqueue } from "../../queue/enqueue.ts";
import type { Caller, StoreContext } from "../store/caller.ts";
import { enter } from "../store/conditions.ts";
import type { StoreTx } from "../store/database.ts";
import type { HostedStore } from "../store/registry.ts";

export const bulkTask = "fhir-bulk:run";

export type BulkPlace = HostedStore & {
  readonly context: (caller: Caller) => StoreContext;
};

/** @throws DomainError `fhir.no-store`, `fhir.paused` */
export async function placeOf(services: Services, institutionId: string): Promise<BulkPlace> {
  const hosted = await services.records.find({ institutionId });
  return {
    ...hosted,
    context: (caller) => ({
      caller,
      tenant: hosted.tenant,
      at: services.clock(),
      base: `${services.publicUrl}/stores/${hosted.code}/fhir`,
    }),
  };
}

/** The server itself, where nobody's rights are used: reading and ending jobs. */
export const bulkCaller = (tenant: string): Caller => ({
  kind: "client",
  actor: "fhir-bulk",
  name: null,
  institution: tenant,
  purpose: "operations",
  reason: null,
  scopes: null,
  mayWrite: false,
  correlationId: "fhir-bulk",
  address: null,
});

/** One transaction of the store with tenant, caller and time known. */
export function inStore<Result>(
  { store }: Pick<HostedStore, "store">,
  context: StoreContext,
  work: (tx: StoreTx) => Promise<Result>,
): Promise<Result> {
  return store.transaction(context, async (tx) => {
    await enter(tx, context);
    return work(tx);
  });
}

/** Lets a worker take the job up; what is lost between store and queue is found by the task of the minute. */
export async function callWorker(services: Services, tenant: string, job: string): Promise<void> {
  await services.db.withActor(systemActor("fhir-bulk"), (tx) =>
    enqueue(tx, { task: bulkTask, payload: { tenant, job }, jobKey: `${bulkTask}:${job}` }),
  );
}
