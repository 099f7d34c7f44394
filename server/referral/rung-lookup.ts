/**
 * What every clock of one look asks again: a house's numbers, and who of a rung is there. Read once in its
 * transaction, for a rush after a standstill is hundreds of clocks of the same few houses, and none of them changes it.
 */
import { whoIsThere } from "../capacity/service.ts";
import type { Tx } from "../db/client.ts";
import { findWithPermission } from "../identity/service.ts";
import type { ReferralPolicy } from "./domain.ts";
import { policyOf } from "./policy.ts";

export type RungPermission = "referral.desk" | "booking.manage" | "alliance.view";
type People = Awaited<ReturnType<typeof whoIsThere>>;
export type Lookup = {
  policy: (institutionId: string, day: string) => Promise<ReferralPolicy>;
  people: (institutionId: string, permission: RungPermission, now: Date) => Promise<People>;
};

const lookups = new WeakMap<Tx, Lookup>();

/** The lookup of this transaction; it is forgotten with it. */
export function lookedUp(tx: Tx): Lookup {
  const known = lookups.get(tx);
  if (known) return known;
  const policies = new Map<string, ReferralPolicy>();
  const people = new Map<string, People>();
  const made: Lookup = {
    policy: async (institutionId, day) => {
      const key = `${institutionId} ${day}`;
      const found = policies.get(key) ?? (await policyOf(tx, institutionId, day));
      policies.set(key, found);
      return found;
    },
    people: async (institutionId, permission, now) => {
      const key = `${institutionId} ${permission} ${now.getTime()}`;
      const found =
        people.get(key) ??
        (await whoIsThere(
          tx,
          institutionId,
          await findWithPermission(tx, institutionId, permission, now),
          now,
        ));
      people.set(key, found);
      return found;
    },
  };
  lookups.set(tx, made);
  return made;
}
