/** The Subscription resource as the server itself changes it. */
import { DomainError } from "../../errors/domain-error.ts";
import type { StoreContext } from "../store/caller.ts";
import type { StoreTx } from "../store/database.ts";
import { parseJson } from "../store/json.ts";
import { put } from "../store/put.ts";
import type { FhirResource } from "../store/resource.ts";
import type { SubscriptionStatus } from "./names.ts";

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

/** @throws DomainError `request.not-found` */
export async function presentOf(
  tx: StoreTx,
  { tenant }: StoreContext,
  id: string,
): Promise<FhirResource> {
  const [row] = await tx.unsafe(
    "SELECT content::text AS text FROM resource WHERE tenant = $1 AND type = 'Subscription' AND id = $2 AND NOT deleted",
    [tenant, id],
  );
  if (!row) throw new DomainError("request.not-found");
  return parseJson(String(row.text)) as FhirResource;
}
