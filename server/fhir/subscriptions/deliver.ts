/** One notification after the other: claimed, sent, noted. Any number of servers may do it at once. */
import type { Services } from "../../http/context.ts";
import { PartnerError } from "../../records/service.ts";
import { enter } from "../store/conditions.ts";
import type { HostedStore } from "../store/registry.ts";
import { claimNext } from "./claim.ts";
import { eventsKeptMs, givenUpMs, recordedAfterErrorMs } from "./domain.ts";
import { noteResult } from "./outcome.ts";
import { sendTo } from "./receiver.ts";
import { contextOf } from "./server-context.ts";
import { headersContext } from "./service.ts";

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
