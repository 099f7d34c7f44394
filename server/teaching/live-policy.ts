import { eq } from "drizzle-orm";
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import type { Tx } from "../db/client.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import type { policyBody } from "./live-contract.ts";
import { defaultLivePolicy, type LivePolicy } from "./live-domain.ts";
import { teachingLivePolicy } from "./live-schema.ts";

/** What counts for broadcasts of a house. */
export async function livePolicyOf(tx: Tx, institutionId: string): Promise<LivePolicy> {
  const [row] = await tx
    .select({
      hlsAbove: teachingLivePolicy.hlsAbove,
      stageMost: teachingLivePolicy.stageMost,
      leadLostSeconds: teachingLivePolicy.leadLostSeconds,
      chatSeconds: teachingLivePolicy.chatSeconds,
      slowMode: teachingLivePolicy.slowMode,
      correctHours: teachingLivePolicy.correctHours,
    })
    .from(teachingLivePolicy)
    .where(eq(teachingLivePolicy.institutionId, institutionId));
  return row ?? defaultLivePolicy;
}

/** @throws DomainError `permission.denied` */
export async function readLivePolicy({ tx, actor }: Work<StaffActor>): Promise<LivePolicy> {
  assertPermission(actor, "teaching.manage");
  return livePolicyOf(tx, actor.institutionId);
}

/** @throws DomainError `permission.denied` */
export async function setLivePolicy(
  { tx, actor, origin, now }: Work<StaffActor>,
  policy: z.output<typeof policyBody>,
): Promise<LivePolicy> {
  assertPermission(actor, "teaching.manage");
  const row = {
    ...policy,
    institutionId: actor.institutionId,
    setBy: actor.personId,
    setAt: now,
  };
  await tx
    .insert(teachingLivePolicy)
    .values(row)
    .onConflictDoUpdate({ target: teachingLivePolicy.institutionId, set: row });
  await trace(tx, actor, origin, {
    action: "teaching.live-policy",
    entityType: "institution",
    entityId: actor.institutionId,
    detail: policy,
  });
  return policy;
}
