import type { Limit } from "../../smart/domain.ts";
import { typesOf } from "./scopes.ts";

/** Who asks a record store, for whom and why; made by the REST layer, the federation or an import. */
export const purposes = ["treatment", "emergency", "operations", "patient-request"] as const;
export type Purpose = (typeof purposes)[number];

export type Caller = {
  readonly kind: "person" | "client";
  /** Id of the person or of the system client. */
  readonly actor: string;
  readonly name: string | null;
  /** Institution the caller speaks for (uuid). Another than the store's sees what consent permits. */
  readonly institution: string;
  /** `emergency` (break-glass) passes consent, needs a reason, and is audited as such. */
  readonly purpose: Purpose;
  readonly reason: string | null;
  /** SMART scopes of a system client; null: a signed-in person, whose permissions were asked. */
  readonly scopes: readonly string[] | null;
  readonly mayWrite: boolean;
  /** Types and people that an app's view ends at; undefined or null: no such end. */
  readonly limits?: readonly Limit[] | null;
  /** The app through which a person acts: its id and what it is called. */
  readonly client?: string;
  readonly clientName?: string;
  /** The only store (institution, uuid) that this caller's token is for. */
  readonly onlyAt?: string;
  /** A person who answers for the institution's records (`record.manage`). */
  readonly manages?: boolean;
  readonly correlationId: string;
  readonly address: string | null;
};

/** One request to one institution's store at one moment of the business clock. */
export type StoreContext = {
  readonly caller: Caller;
  /** Institution whose records these are (uuid). */
  readonly tenant: string;
  readonly at: Date;
  /** Absolute address of this store's FHIR endpoint, without a slash at the end. */
  readonly base: string;
};

/** What the SQL functions of the store take as `p_caller`. */
export function callerParameter({ caller, tenant, at }: StoreContext): string {
  return JSON.stringify({
    tenant,
    institution: caller.institution,
    kind: caller.kind,
    actor: caller.actor,
    name: caller.name,
    purpose: caller.purpose,
    reason: caller.reason,
    // Limits name their types themselves.
    types: caller.limits ? "" : typesOf(caller),
    ...(caller.limits ? { limits: caller.limits } : {}),
    ...(caller.client ? { client: caller.client, clientName: caller.clientName } : {}),
    at: at.toISOString(),
    correlation: caller.correlationId,
    address: caller.address,
  });
}

/** Where an institution's systems are told something is for those who answer for its records. */
export const hidesSubscriptions = ({ caller }: Pick<StoreContext, "caller">): boolean =>
  caller.kind === "person" && !caller.manages;

/** What the caller may see, as a predicate over `resource r`; the settings of `fhir.enter` must stand. */
export const seenPredicate =
  "((SELECT fhir.unrestricted()) OR fhir.visible(r.type, r.patients, r.labels))";
