/** Subscriptions of other systems: made, changed, read about, ended. */
import { randomUUID } from "node:crypto";
import { DomainError } from "../../errors/domain-error.ts";
import type { Services } from "../../http/context.ts";
import type { StoreContext } from "../store/caller.ts";
import { enter, expectedVersion } from "../store/conditions.ts";
import type { StoreTx } from "../store/database.ts";
import type { IfMatch, OperationResult } from "../store/operation.ts";
import { applyFhirPathPatch } from "../store/patch/fhirpath-patch.ts";
import { applyJsonPatch } from "../store/patch/json-patch.ts";
import { put } from "../store/put.ts";
import { type FhirResource, type Json, stamp } from "../store/resource.ts";
import { assertNotProjected, assertValid } from "../store/run.ts";
import type { RecordStore } from "../store/service.ts";
import { hidden, planOf, revealed } from "./domain.ts";
import { profiles } from "./names.ts";
import { assertReceiver } from "./receiver.ts";
import * as repository from "./repository.ts";
import { assertMaker, assertSubscriber } from "./rights.ts";
import { presentOf } from "./status.ts";

export { eventsOf, statusesOf } from "./questions.ts";
export { assertSubscriber } from "./rights.ts";
export { topicResource, topics, topicUrl } from "./topics.ts";

type Place = { readonly store: RecordStore; readonly context: StoreContext };
/** More than these of one institution are a mistake. */
const subscriptionsMax = 200;
export const headersContext = "subscription_run.headers";
const subscriberSystem = "urn:yilian:subscriber";

/**
 * A new Subscription; it is active when its receiver has answered the handshake.
 * @throws DomainError `permission.denied`, `fhir.request`, `fhir.resource`
 */
export async function createSubscription(
  services: Services,
  { store, context }: Place,
  resource: FhirResource,
): Promise<OperationResult> {
  assertSubscriber(context, "c");
  const plan = planOf(resource);
  await assertReceiver(services, plan.endpoint);
  return store.transaction(context, async (tx) => {
    await enter(tx, context);
    if ((await repository.countRuns(tx, context)) >= subscriptionsMax)
      throw new DomainError("fhir.request", {
        reason: `an institution has at most ${subscriptionsMax} subscriptions`,
      });
    const id = randomUUID();
    return keep(services, tx, context, { id, method: "POST", resource, before: null, expect: 0 });
  });
}

/**
 * Another version of a Subscription, by the system that made it or by who answers for its institution's
 * records; its receiver is asked again, its events go on counting.
 * @param change the resource, or what makes it of the present one
 * @throws DomainError `permission.denied`, `request.not-found`, `fhir.request`, `fhir.resource`, `fhir.patch`,
 *   `fhir.changed-meanwhile`
 */
export async function changeSubscription(
  services: Services,
  { store, context }: Place,
  id: string,
  change: { resource: FhirResource } | { patch: unknown },
  ifMatch: IfMatch | null,
): Promise<OperationResult> {
  assertSubscriber(context, "u");
  if ("resource" in change) await assertReceiver(services, planOf(change.resource).endpoint);
  return store.transaction(context, async (tx) => {
    await enter(tx, context);
    const before = await repository.findRun(tx, context, id, true);
    if (!before || before.institution !== context.caller.institution)
      throw new DomainError("request.not-found");
    assertMaker(context, before.caller);
    let resource: FhirResource;
    if ("resource" in change) resource = structuredClone(change.resource);
    else {
      const current = await presentOf(tx, context, id);
      resource = Array.isArray(change.patch)
        ? applyJsonPatch(current, change.patch)
        : applyFhirPathPatch(current, change.patch);
      if (resource?.resourceType !== "Subscription" || resource.id !== id)
        throw new DomainError("fhir.patch", { reason: "type and id of a resource cannot change" });
      await assertReceiver(services, planOf(resource).endpoint);
    }
    return keep(services, tx, context, {
      id,
      method: "resource" in change ? "PUT" : "PATCH",
      resource,
      before,
      expect: await expectedVersion(tx, context, { type: "Subscription", id, ifMatch }),
    });
  });
}

/**
 * Ends a Subscription: one's own, or as who answers for the records any of one's institution or about its
 * records.
 * @throws DomainError `permission.denied`, `request.not-found`, `fhir.changed-meanwhile`
 */
export async function endSubscription(
  { store, context }: Place,
  id: string,
  ifMatch: IfMatch | null,
): Promise<OperationResult> {
  assertSubscriber(context, "d");
  return store.transaction(context, async (tx) => {
    await enter(tx, context);
    const run = await repository.findRun(tx, context, id, true);
    if (!run) throw new DomainError("request.not-found");
    assertMaker(context, run.caller);
    const expect = await expectedVersion(tx, context, { type: "Subscription", id, ifMatch });
    const [written] = await put(tx, context, "delete", [
      { type: "Subscription", id, method: "DELETE", resource: null, expect },
    ]);
    await repository.removeRun(tx, context, id);
    return {
      status: "deleted",
      type: "Subscription",
      id,
      version: written!.version,
      resource: null,
    };
  });
}

/** The resource and what delivers it, together. Credentials are kept apart from the resource, sealed. */
async function keep(
  services: Services,
  tx: StoreTx,
  context: StoreContext,
  input: {
    id: string;
    method: "POST" | "PUT" | "PATCH";
    resource: FhirResource;
    before: repository.SubscriptionRun | null;
    expect: number | undefined;
  },
): Promise<OperationResult> {
  const { id, method, resource, before, expect } = input;
  const plan = planOf(resource);
  if (plan.endsAt && plan.endsAt <= context.at && !plan.isOff)
    throw new DomainError("fhir.request", { reason: "Subscription.end is over already" });
  const headers = revealed(
    plan,
    before?.headersSealed
      ? {
          headers: JSON.parse(services.vault.open(headersContext, before.headersSealed)),
          endpoint: before.endpoint,
        }
      : null,
  );
  const channel = resource.channel as { [name: string]: Json };
  if (headers.length > 0) channel.header = hidden(headers);
  resource.status = plan.isOff ? "off" : "requested";
  delete resource.error;
  const meta = (resource.meta ?? {}) as { profile?: string[]; security?: { system?: string }[] };
  resource.meta = {
    ...meta,
    profile: [...new Set([...(meta.profile ?? []), profiles.subscription])],
    security: [
      ...(meta.security ?? []).filter((one) => one?.system !== subscriberSystem),
      { system: subscriberSystem, code: context.caller.institution },
    ],
  } as unknown as Json;
  stamp(resource, id, 1, context.at);
  assertValid(resource);
  assertNotProjected(resource);
  await repository.saveRun(
    tx,
    context,
    // Whoever mends a system's Subscription does not take it over.
    context.caller.kind === "person" && before?.caller.kind === "client"
      ? before.caller
      : context.caller,
    id,
    plan,
    headers.length > 0 ? services.vault.seal(headersContext, JSON.stringify(headers)) : null,
  );
  const [written] = await put(
    tx,
    context,
    method === "POST" ? "create" : method === "PUT" ? "update" : "patch",
    [{ type: "Subscription", id, method, resource, expect, fresh: method === "POST" }],
  );
  return {
    status: written!.status,
    type: "Subscription",
    id,
    version: written!.version,
    resource: stamp(resource, id, written!.version ?? 1, context.at),
  };
}
