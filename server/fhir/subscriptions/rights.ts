/** Who may have subscriptions. */
import { DomainError } from "../../errors/domain-error.ts";
import type { StoreContext } from "../store/caller.ts";
import { assertScope } from "../store/scopes.ts";

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
