import type { Services } from "../../http/context.ts";
import type { Caller, StoreContext } from "../store/caller.ts";
import type { HostedStore } from "../store/registry.ts";

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

/** A store as the deliverer itself meets it. */
export const contextOf = (services: Services, { tenant, code }: HostedStore): StoreContext => ({
  caller: server(tenant),
  tenant,
  at: services.clock(),
  base: `${services.publicUrl}/stores/${code}/fhir`,
});
