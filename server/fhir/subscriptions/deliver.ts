/** One notification after the other: claimed, sent, noted. Any number of servers may do it at once. */
import { randomUUID } from "node:crypto";
import { inArray } from "drizzle-orm";
import type { Services } from "../../http/context.ts";
import { systemActor } from "../../identity/service.ts";
import { PartnerError } from "../../records/service.ts";
import { granted, parseScopes, textOf } from "../../smart/domain.ts";
import { smartClient } from "../../smart/schema.ts";
import type { Caller, StoreContext } from "../store/caller.ts";
import { enter } from "../store/conditions.ts";
import type { StoreTx } from "../store/database.ts";
import type { HostedStore } from "../store/registry.ts";
import { eventsKeptMs, givenUpMs, isFinal, recordedAfterErrorMs, waitMs } from "./domain.ts";
import type { NotificationType } from "./names.ts";
import { notificationText } from "./notification.ts";
import { sendTo } from "./receiver.ts";
import * as repository from "./repository.ts";
import { auditEvents, headersContext, notifiedOf, writeStatus } from "./service.ts";

/** Longer than any attempt: whoever was killed in mid-delivery holds it no longer than this. */
const leaseMs = 60_000;
/** A notification is not made larger than this by the resources that it carries. */
const bytesMax = 4 * 1024 * 1024;

type Claim = {
  readonly lease: string;
  readonly run: repository.SubscriptionRun;
  readonly type: NotificationType;
  /** Number of the last event that it carries. */
  readonly until: number;
  readonly body: string;
  readonly rows: readonly repository.EventRow[];
};

/** The server itself, where nobody's rights are used. */
const server = (tenant: string): Caller => ({
  kind: "client",
  actor: "fhir-subscriptions",
  name: null,
  institution: tenant,
  purpose: "operations",
  reason: null,
  scopes: null,
  mayWrite: false,
  correlationId: "fhir-subscriptions",
  address: null,
});

const contextOf = (services: Services, { tenant, code }: HostedStore): StoreContext => ({
  caller: server(tenant),
  tenant,
  at: services.clock(),
  base: `${services.publicUrl}/stores/${code}/fhir`,
});

/** Ids of subscriptions that something is to be sent for now, and whether changes are noted at all. */
export async function dueAt(
  services: Services,
  place: HostedStore,
): Promise<{ due: string[]; isRecording: boolean }> {
  const context = contextOf(services, place);
  return place.store.transaction(context, async (tx) => {
    await enter(tx, context);
    const rows = await tx.unsafe(
      `SELECT s.id, s.recording, s.status IN ('requested', 'active') AND (s.next_at IS NULL OR s.next_at <= $2)
         AND (s.lease_until IS NULL OR s.lease_until <= $2)
         AND (s.status = 'requested' OR s.numbered > s.delivered OR s.ends_at <= $2
           OR s.sent_at + make_interval(secs => s.heartbeat_seconds) <= $2
           OR EXISTS (SELECT 1 FROM subscription_event e
             WHERE e.tenant = s.tenant AND e.subscription = s.id AND e.number IS NULL)) AS due
       FROM subscription_run s WHERE s.tenant = $1`,
      [context.tenant, context.at.toISOString()],
      { prepare: true },
    );
    return {
      due: rows.filter((row) => row.due).map((row) => String(row.id)),
      isRecording: rows.some((row) => row.recording),
    };
  });
}

/**
 * Sends what there is for one subscription until nothing is left or the receiver does not take it. Never
 * throws for what a receiver does.
 */
export async function deliver(services: Services, place: HostedStore, id: string): Promise<void> {
  for (;;) {
    const claim = await claimNext(services, place, id);
    if (!claim) return;
    const { run, body } = claim;
    let failure: PartnerError | null = null;
    try {
      const headers: string[] = run.headersSealed
        ? JSON.parse(services.vault.open(headersContext, run.headersSealed))
        : [];
      await sendTo(services, { ...run, headers }, body);
    } catch (error) {
      failure =
        error instanceof PartnerError ? error : new PartnerError("failed", { cause: error });
    }
    const goesOn = await noteResult(services, place, claim, failure);
    if (!goesOn || claim.type === "heartbeat") return;
  }
}

async function claimNext(
  services: Services,
  place: HostedStore,
  id: string,
): Promise<Claim | null> {
  const own = contextOf(services, place);
  const { tenant } = own;
  const at = own.at.toISOString();
  const found = await place.store.transaction(own, async (tx) => {
    await enter(tx, own);
    const [row] = await tx.unsafe(
      "SELECT caller FROM subscription_run WHERE tenant = $1 AND id = $2",
      [tenant, id],
    );
    return row ? (row.caller as Caller) : null;
  });
  if (!found) return null;
  const caller = await callerNow(services, found);
  return place.store.transaction(own, async (tx) => {
    await enter(tx, own);
    const [row] = await tx.unsafe(
      `SELECT * FROM subscription_run WHERE tenant = $1 AND id = $2 AND status IN ('requested', 'active')
         AND (next_at IS NULL OR next_at <= $3) AND (lease_until IS NULL OR lease_until <= $3)
       FOR NO KEY UPDATE SKIP LOCKED`,
      [tenant, id, at],
    );
    if (!row) return null;
    const run = repository.runOf(row);
    if (!caller) {
      await end(tx, own, run, "off", "The system that subscribed is not registered any more.");
      return null;
    }
    if (run.endsAt && run.endsAt <= own.at) {
      await end(tx, own, run, "off", null);
      return null;
    }
    const subscriber: StoreContext = { ...own, caller, base: run.base };
    await enter(tx, subscriber);
    const events =
      run.status === "active" ? await repository.numberEvents(tx, tenant, run) : run.numbered;
    const rows =
      run.status === "active" && events > run.delivered
        ? upTo(
            bytesMax,
            await repository.eventsBetween(tx, tenant, id, {
              after: run.delivered,
              until: null,
              limit: run.maxCount,
              withText: run.content === "full-resource",
            }),
          )
        : [];
    const isQuiet =
      run.heartbeatSeconds !== null &&
      run.sentAt !== null &&
      run.sentAt.getTime() + run.heartbeatSeconds * 1000 <= own.at.getTime();
    const type: NotificationType | null =
      run.status === "requested"
        ? "handshake"
        : rows.length > 0
          ? "event-notification"
          : isQuiet
            ? "heartbeat"
            : null;
    if (type === null) return null;
    const lease = randomUUID();
    await tx.unsafe(
      "UPDATE subscription_run SET lease = $3, lease_until = $4 WHERE tenant = $1 AND id = $2",
      [tenant, id, lease, new Date(own.at.getTime() + leaseMs).toISOString()],
    );
    // Written before it leaves; a repetition is written when it has arrived.
    if (run.failures === 0 && run.content !== "empty")
      await auditEvents(tx, subscriber, "notify", id, rows);
    return {
      lease,
      run: { ...run, caller },
      type,
      until: rows.at(-1)?.number ?? run.delivered,
      rows,
      body: notificationText({
        id: randomUUID(),
        statusId: randomUUID(),
        base: run.base,
        subscription: id,
        topic: run.topic,
        status: run.status,
        type,
        events,
        notified: rows.map(notifiedOf),
        at: own.at,
        fault: null,
        namesFocus: run.content !== "empty",
      }),
    };
  });
}

/** @returns whether there may be more to send at once */
async function noteResult(
  services: Services,
  place: HostedStore,
  claim: Claim,
  failure: PartnerError | null,
): Promise<boolean> {
  const own = contextOf(services, place);
  const { run, lease } = claim;
  return place.store.transaction(own, async (tx) => {
    await enter(tx, own);
    // Somebody else has it by now, or it was changed: what he knows is newer.
    const [mine] = await tx.unsafe(
      "SELECT 1 AS mine FROM subscription_run WHERE tenant = $1 AND id = $2 AND lease = $3 FOR NO KEY UPDATE",
      [own.tenant, run.id, lease],
    );
    if (!mine) return false;
    if (!failure) {
      if (run.failures > 0 && run.content !== "empty")
        await auditEvents(tx, { ...own, caller: run.caller }, "notify", run.id, claim.rows);
      await tx.unsafe(
        `UPDATE subscription_run SET status = 'active', recording = true, delivered = $3, failures = 0, failing_since = NULL,
           next_at = NULL, sent_at = $4, lease = NULL, lease_until = NULL, fault = NULL WHERE tenant = $1 AND id = $2`,
        [own.tenant, run.id, claim.until, own.at.toISOString()],
      );
      if (claim.type === "handshake") await writeStatus(tx, own, run.id, "active", null);
      return true;
    }
    const failures = run.failures + 1;
    const since = run.failingSince ?? own.at;
    const patience = claim.type === "handshake" ? givenUpMs.handshake : givenUpMs.events;
    if (isFinal(failure.fault, failure.status) || own.at.getTime() - since.getTime() >= patience) {
      await end(tx, own, run, "error", sentence(claim, failure, since));
      return false;
    }
    const next = own.at.getTime() + waitMs(failures, failure.retryAfterMs, Math.random());
    await tx.unsafe(
      `UPDATE subscription_run SET failures = $3, failing_since = $4, next_at = $5, lease = NULL, lease_until = NULL,
         fault = $6 WHERE tenant = $1 AND id = $2`,
      [
        own.tenant,
        run.id,
        failures,
        since.toISOString(),
        new Date(next).toISOString(),
        said(failure),
      ],
    );
    return false;
  });
}

async function end(
  tx: StoreTx,
  own: StoreContext,
  { id }: repository.SubscriptionRun,
  status: "error" | "off",
  fault: string | null,
): Promise<void> {
  await enter(tx, own);
  await tx.unsafe(
    `UPDATE subscription_run SET status = $3, recording = recording AND $3 = 'error', fault = $4,
       failing_since = coalesce(failing_since, $5), lease = NULL, lease_until = NULL, next_at = NULL
     WHERE tenant = $1 AND id = $2`,
    [own.tenant, id, status, fault, own.at.toISOString()],
  );
  await writeStatus(tx, own, id, status, fault);
}

const faultWords: Readonly<Record<string, string>> = {
  unreachable: "the receiver could not be reached",
  timeout: "the receiver did not answer in time",
  redirect: "the receiver points elsewhere, which is not followed",
  "private-address": "the receiver's name leads into a private network",
  insecure: "the receiver is not reached by https",
  refused: "the receiver refused it",
  busy: "the receiver was busy",
};

const said = ({ fault, status }: PartnerError): string =>
  `${faultWords[fault] ?? "the receiver failed"}${status === null ? "" : ` (${status})`}`;

function sentence({ type, run }: Claim, failure: PartnerError, since: Date): string {
  const what =
    type === "handshake" ? "The handshake did not arrive" : "Notifications have not arrived";
  return `${what} since ${since.toISOString()}: ${said(failure)}. The last event that arrived is ${run.delivered}; changes are noted for seven days more. Send the Subscription with status requested to begin again.`;
}

/** At least one, and as many as the size allows. */
function upTo(bytes: number, rows: readonly repository.EventRow[]): repository.EventRow[] {
  const taken: repository.EventRow[] = [];
  let size = 0;
  for (const row of rows) {
    size += row.text?.length ?? 0;
    if (taken.length > 0 && size > bytes) break;
    taken.push(row);
  }
  return taken;
}

/** A system's scopes as they stand now: what was taken from it since is not delivered. Null: it was ended. */
async function callerNow(services: Services, caller: Caller): Promise<Caller | null> {
  if (caller.kind === "person")
    return { ...caller, purpose: "operations", correlationId: "fhir-subscriptions", address: null };
  const [client] = await services.db.withActor(systemActor("fhir-subscriptions"), (tx) =>
    tx
      .select()
      .from(smartClient)
      .where(inArray(smartClient.id, [caller.actor])),
  );
  if (!client || client.disabledAt) return null;
  const scopes = (caller.scopes ?? []).filter((one) => one !== "");
  return {
    ...caller,
    scopes: granted(
      scopes.flatMap((one) => parseScopes(one)),
      client.scopes.flatMap((one) => parseScopes(one)),
    ).map(textOf),
    purpose: "operations",
    correlationId: "fhir-subscriptions",
    address: null,
  };
}

/** What is over goes: events that arrived long ago, and noting for whom nobody came back. */
export async function sweepEvents(services: Services, place: HostedStore): Promise<void> {
  const own = contextOf(services, place);
  const before = (ms: number) => new Date(own.at.getTime() - ms).toISOString();
  await place.store.transaction(own, async (tx) => {
    await enter(tx, own);
    await tx.unsafe(
      "UPDATE subscription_run SET recording = false WHERE tenant = $1 AND recording AND status = 'error' AND failing_since <= $2",
      [own.tenant, before(recordedAfterErrorMs + givenUpMs.events)],
    );
    await tx.unsafe(
      `DELETE FROM subscription_event e USING subscription_run s WHERE s.tenant = $1 AND e.tenant = s.tenant
         AND e.subscription = s.id AND e.at <= $2 AND (e.number <= s.delivered OR NOT s.recording)`,
      [own.tenant, before(eventsKeptMs)],
    );
  });
}
