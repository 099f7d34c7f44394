import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { announce } from "../outbox/service.ts";
import type { listQuery, ReferralSummary } from "./contract.ts";
import * as repository from "./repository.ts";
import { viewSummaries } from "./view.ts";

/** The desk's queue by clock, who is here by referral, or what this house sent. */
export async function listReferrals(
  work: Work<StaffActor>,
  { scope, limit, search }: z.output<typeof listQuery>,
): Promise<{ referrals: ReferralSummary[]; total: number }> {
  const { tx, actor, origin } = work;
  if (scope === "desk") assertPermission(actor, "referral.desk");
  else if (scope === "ward") {
    if (!actor.permissions.has("referral.follow-up")) assertPermission(actor, "referral.ward");
  } else if (!["referral.ward", "referral.desk"].some((one) => actor.permissions.has(one)))
    assertPermission(actor, "referral.request");
  const { rows, total } = await repository.listOf(tx, scope, actor.institutionId, {
    limit,
    search: search ?? null,
  });
  await trace(tx, actor, origin, {
    action: "referral.list",
    entityType: "referral",
    detail: { scope, count: rows.length },
  });
  return { referrals: await viewSummaries(work, rows), total };
}

/**
 * The episode is over: nothing in it is open any more.
 * @throws DomainError `referral.open-loop`, `referral.changed-meanwhile`
 */
export async function closeEpisode(
  work: Work<StaffActor>,
  id: string,
  input: { version: number; reason: string },
): Promise<{ id: string; state: "active" | "finished"; version: number }> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "referral.request");
  const row = await repository.findEpisode(tx, id);
  if (!row) throw new DomainError("request.not-found");
  if (![row.openedByInstitutionId, row.careInstitutionId].includes(actor.institutionId))
    throw new DomainError("permission.denied");
  const closed = await repository.updateEpisode(tx, id, input.version, {
    state: "finished",
    closedAt: now,
    closeReason: input.reason,
  });
  if (!closed) throw new DomainError("referral.changed-meanwhile", { by: "" });
  await trace(tx, actor, origin, {
    action: "episode.close",
    entityType: "episode",
    entityId: id,
    patientId: row.patientId,
    purpose: "treatment",
  });
  await announce(
    tx,
    { topic: "referral", id, version: closed.version },
    { institutionIds: [row.careInstitutionId], patientIds: [row.patientId] },
  );
  return { id, state: closed.state, version: closed.version };
}
