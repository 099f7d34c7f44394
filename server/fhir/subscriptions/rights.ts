/** Who may have subscriptions. */
import { DomainError } from "../../errors/domain-error.ts";
import type { Caller, StoreContext } from "../store/caller.ts";
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

/**
 * Of an institution's systems only the one that made a Subscription changes or ends it; who answers for
 * the records may with any. Asked after {@link assertSubscriber}.
 * @param maker in whose name it is delivered
 * @throws DomainError `permission.denied`
 */
export function assertMaker({ caller }: StoreContext, maker: Caller): void {
  if (caller.kind === "person" && caller.manages) return;
  if (maker.kind !== caller.kind || maker.actor !== caller.actor)
    throw new DomainError("permission.denied", { permission: "record.manage" });
}
