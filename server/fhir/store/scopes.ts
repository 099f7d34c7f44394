import { DomainError } from "../../errors/domain-error.ts";
import { type Interaction, permits, readableTypes } from "../../smart/domain.ts";
import type { Caller, StoreContext } from "./caller.ts";

/**
 * A system or an app does what its scopes name; a person's permissions were asked before.
 * @param type `*`: every type at once, as a search of the whole system
 * @throws DomainError `permission.denied`
 */
export function assertScope(
  { caller }: Pick<StoreContext, "caller">,
  type: string,
  interaction: Interaction,
): void {
  if (caller.scopes && !permits(caller.scopes, type, interaction))
    throw new DomainError("permission.denied", { permission: `scope ${type}.${interaction}` });
}

/** What the database shows of the rest, e.g. in includes: types separated by blanks; empty for all. */
export function typesOf({ scopes }: Caller): string {
  const types = scopes ? readableTypes(scopes) : null;
  // A client that only writes sees nothing: no type has this name.
  return types === null ? "" : types.length === 0 ? "-" : types.join(" ");
}
