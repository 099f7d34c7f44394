import type { Services } from "../http/context.ts";
import type { Actor } from "../identity/domain.ts";
import { localDay } from "../patients/service.ts";
import { type CardPolicy, policyOn } from "./domain.ts";
import { findPolicies } from "./repository.ts";

const system: Actor = { kind: "system", reason: "card-policy", language: "zh-CN" };

/** The policy of today, for anyone. */
export async function readPolicy(services: Services): Promise<CardPolicy> {
  const policies = await services.db.withActor(system, findPolicies);
  return policyOn(policies, localDay(services.clock()));
}
