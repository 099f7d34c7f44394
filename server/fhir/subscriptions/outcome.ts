/** What came of a notification. */
import type { Services } from "../../http/context.ts";
import type { PartnerError } from "../../records/service.ts";
import type { StoreContext } from "../store/caller.ts";
import { enter } from "../store/conditions.ts";
import type { StoreTx } from "../store/database.ts";
import type { HostedStore } from "../store/registry.ts";
import type { Claim } from "./claim.ts";
import { givenUpMs, isFinal, waitMs } from "./domain.ts";
import { auditEvents } from "./events.ts";
import type * as repository from "./repository.ts";
import { contextOf } from "./server-context.ts";
import { writeStatus } from "./status.ts";

/** @returns whether there may be more to send at once */
export async function noteResult(
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

/** No more is sent; the resource says why. */
export async function end(
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
