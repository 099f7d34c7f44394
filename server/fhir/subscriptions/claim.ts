/** What is to be sent next for one subscription, taken by one deliverer. */
import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import type { Services } from "../../http/context.ts";
import { systemActor } from "../../identity/service.ts";
import { granted, parseScopes, textOf } from "../../smart/domain.ts";
import { smartClient } from "../../smart/schema.ts";
import type { Caller, StoreContext } from "../store/caller.ts";
import { enter } from "../store/conditions.ts";
import type { HostedStore } from "../store/registry.ts";
import { auditEvents, notifiedOf } from "./events.ts";
import type { NotificationType } from "./names.ts";
import { notificationText } from "./notification.ts";
import { end } from "./outcome.ts";
import * as repository from "./repository.ts";
import { contextOf } from "./server-context.ts";

/** Longer than any attempt: whoever was killed in mid-delivery holds it no longer than this. */
const leaseMs = 60_000;
/** A notification is not made larger than this by the resources that it carries. */
const bytesMax = 4 * 1024 * 1024;

export type Claim = {
  readonly lease: string;
  readonly run: repository.SubscriptionRun;
  readonly type: NotificationType;
  /** Number of the last event that it carries. */
  readonly until: number;
  readonly body: string;
  readonly rows: readonly repository.EventRow[];
};

/** Null: nothing is to be sent, or somebody else sends it. */
export async function claimNext(
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
      run.status === "active"
        ? await repository.numberEvents(tx, tenant, run, false)
        : run.numbered;
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
    tx.select().from(smartClient).where(eq(smartClient.id, caller.actor)),
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
