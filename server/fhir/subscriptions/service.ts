/** Subscriptions of other systems: made, changed, read about, ended. */
import { randomUUID } from "node:crypto";
import { DomainError } from "../../errors/domain-error.ts";
import type { Services } from "../../http/context.ts";
import { callerParameter, type StoreContext } from "../store/caller.ts";
import { enter } from "../store/conditions.ts";
import type { StoreTx } from "../store/database.ts";
import { parseJson } from "../store/json.ts";
import type { OperationResult } from "../store/operation.ts";
import { applyFhirPathPatch } from "../store/patch/fhirpath-patch.ts";
import { applyJsonPatch } from "../store/patch/json-patch.ts";
import { put } from "../store/put.ts";
import { type FhirResource, type Json, stamp } from "../store/resource.ts";
import { assertValid } from "../store/run.ts";
import { assertScope } from "../store/scopes.ts";
import type { RecordStore } from "../store/service.ts";
import { hidden, planOf, revealed } from "./domain.ts";
import { profiles, type SubscriptionStatus } from "./names.ts";
import { type NotifiedEvent, notificationText, statusResource } from "./notification.ts";
import { assertReceiver } from "./receiver.ts";
import * as repository from "./repository.ts";

export { topicResource, topics, topicUrl } from "./topics.ts";

type Place = { readonly store: RecordStore; readonly context: StoreContext };
/** More than these of one institution are a mistake. */
const subscriptionsMax = 200;
const eventsMax = 100;
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
 * Another version of a Subscription of one's own institution; its receiver is asked again, its events go on
 * counting.
 * @param change the resource, or what makes it of the present one
 * @throws DomainError `permission.denied`, `request.not-found`, `fhir.request`, `fhir.resource`, `fhir.patch`,
 *   `fhir.changed-meanwhile`
 */
export async function changeSubscription(
  services: Services,
  { store, context }: Place,
  id: string,
  change: { resource: FhirResource } | { patch: unknown },
  ifMatch: number | null,
): Promise<OperationResult> {
  assertSubscriber(context, "u");
  if ("resource" in change) await assertReceiver(services, planOf(change.resource).endpoint);
  return store.transaction(context, async (tx) => {
    await enter(tx, context);
    const before = await repository.findRun(tx, context, id, true);
    if (!before || before.institution !== context.caller.institution)
      throw new DomainError("request.not-found");
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
      expect: ifMatch ?? undefined,
    });
  });
}

/**
 * Ends a Subscription: of one's own institution, or any about one's own records.
 * @throws DomainError `permission.denied`, `request.not-found`, `fhir.changed-meanwhile`
 */
export async function endSubscription(
  { store, context }: Place,
  id: string,
  ifMatch: number | null,
): Promise<OperationResult> {
  assertSubscriber(context, "d");
  return store.transaction(context, async (tx) => {
    await enter(tx, context);
    if (!(await repository.findRun(tx, context, id, true)))
      throw new DomainError("request.not-found");
    const [written] = await put(tx, context, "delete", [
      { type: "Subscription", id, method: "DELETE", resource: null, expect: ifMatch ?? undefined },
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

/**
 * `$status` of one, of several, or of all of the caller's institution.
 * @throws DomainError `permission.denied`, `request.not-found` for one that is not there
 */
export async function statusesOf(
  { store, context }: Place,
  asked: { id: string | null; ids: readonly string[] | null; status: string | null },
): Promise<object[]> {
  assertSubscriber(context, "r");
  return store.transaction(context, async (tx) => {
    await enter(tx, context);
    const ids = asked.id === null ? asked.ids : [asked.id];
    const runs = await repository.listRuns(tx, context, ids, asked.status);
    if (asked.id !== null && runs.length === 0) throw new DomainError("request.not-found");
    const list: object[] = [];
    for (const run of runs)
      list.push(
        statusResource({
          statusId: randomUUID(),
          base: run.base,
          subscription: run.id,
          topic: run.topic,
          status: run.status,
          type: "query-status",
          events: await countNow(tx, context, run),
          notified: [],
          fault: run.fault,
          namesFocus: false,
        }),
      );
    return list;
  });
}

/**
 * `$events`: what was notified, once more, as far as the caller may see it now.
 * @throws DomainError `permission.denied`, `request.not-found`
 */
export async function eventsOf(
  { store, context }: Place,
  id: string,
  asked: { since: number; until: number | null; content: string | null },
): Promise<string> {
  assertSubscriber(context, "r");
  return store.transaction(context, async (tx) => {
    await enter(tx, context);
    const run = await repository.findRun(tx, context, id);
    if (!run || run.institution !== context.caller.institution)
      throw new DomainError("request.not-found");
    const events = await countNow(tx, context, run);
    // Nobody gets more by asking than by being told.
    const content =
      asked.content === "empty" || run.content === "empty"
        ? "empty"
        : asked.content === "id-only" || run.content === "id-only"
          ? "id-only"
          : "full-resource";
    const rows = await repository.eventsBetween(tx, context.tenant, id, {
      after: Math.max(0, asked.since - 1),
      until: asked.until,
      limit: eventsMax,
      withText: content === "full-resource",
    });
    await auditEvents(tx, context, "events", id, content === "empty" ? [] : rows);
    return notificationText({
      id: randomUUID(),
      statusId: randomUUID(),
      base: run.base,
      subscription: id,
      topic: run.topic,
      status: run.status,
      type: "query-event",
      events,
      notified: rows.map(notifiedOf),
      at: context.at,
      fault: run.fault,
      namesFocus: content !== "empty",
    });
  });
}

/** Says whose data went out; nothing when none did. */
export async function auditEvents(
  tx: StoreTx,
  context: StoreContext,
  interaction: "notify" | "events",
  id: string,
  rows: readonly repository.EventRow[],
): Promise<void> {
  const shown = rows.filter((one) => one.seen);
  const patients = [...new Set(shown.flatMap((one) => one.patients))];
  if (patients.length === 0) return;
  await tx.unsafe(
    "SELECT fhir.audit($1::text::jsonb, $2, 'Subscription', $3, 'ok', $4::text[], $5::text[], NULL)",
    [
      callerParameter(context),
      interaction,
      id,
      patients,
      [...new Set(shown.map((one) => `${one.type}/${one.resourceId}`))],
    ],
  );
}

export const notifiedOf = (row: repository.EventRow): NotifiedEvent => ({
  number: row.number,
  at: row.at,
  focus: row.seen
    ? {
        type: row.type,
        id: row.resourceId,
        version: row.version,
        method: row.method,
        text: row.text,
      }
    : null,
});

/** Events so far; new ones get their numbers now, by what the subscriber may see. */
async function countNow(
  tx: StoreTx,
  context: StoreContext,
  run: repository.SubscriptionRun,
): Promise<number> {
  if (run.institution !== context.caller.institution) return run.numbered;
  const locked = await repository.findRun(tx, context, run.id, true);
  if (!locked) return run.numbered;
  const subscriber = { ...context, caller: locked.caller };
  await enter(tx, subscriber);
  const last = await repository.numberEvents(tx, context.tenant, locked);
  await enter(tx, context);
  return last;
}

/**
 * The resource with a status of ours, by the server itself.
 * @param fault why it ended, for Subscription.error
 */
export async function writeStatus(
  tx: StoreTx,
  context: StoreContext,
  id: string,
  status: SubscriptionStatus,
  fault: string | null,
): Promise<void> {
  const resource = await presentOf(tx, context, id);
  resource.status = status;
  if (fault === null) delete resource.error;
  else resource.error = fault;
  await put(tx, context, "subscription", [{ type: "Subscription", id, method: "PUT", resource }]);
}

async function presentOf(tx: StoreTx, { tenant }: StoreContext, id: string): Promise<FhirResource> {
  const [row] = await tx.unsafe(
    "SELECT content::text AS text FROM resource WHERE tenant = $1 AND type = 'Subscription' AND id = $2 AND NOT deleted",
    [tenant, id],
  );
  if (!row) throw new DomainError("request.not-found");
  return parseJson(String(row.text)) as FhirResource;
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
  const former: string[] = before?.headersSealed
    ? JSON.parse(services.vault.open(headersContext, before.headersSealed))
    : [];
  const headers = revealed(plan.headers, former);
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
  await repository.saveRun(
    tx,
    context,
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

/**
 * Systems within their scopes; people who answer for an institution's records.
 * @throws DomainError `permission.denied`
 */
export function assertSubscriber(context: StoreContext, interaction: "c" | "r" | "u" | "d"): void {
  const { caller } = context;
  // What is told later is told to a house, not to an app whose grant may have ended by then.
  if (caller.client !== undefined || (caller.kind === "person" && !caller.manages))
    throw new DomainError("permission.denied", { permission: "record.manage" });
  assertScope(context, "Subscription", interaction);
}
