/** Numbers of a house from a day on: how long a bed is held, what is kept for referrals. */
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { findPeopleNames } from "../identity/service.ts";
import { localDay } from "../patients/service.ts";
import { tellBeds } from "./announce.ts";
import type { policyBody, policyList } from "./contract.ts";
import * as repository from "./repository.ts";
import { capacityPolicy } from "./schema.ts";

type Staff = Work<StaffActor>;
type PolicyList = z.input<typeof policyList>;

/** What counts today, and every version. @throws DomainError `permission.denied` */
export async function listPolicies({ tx, actor, now }: Staff): Promise<PolicyList> {
  assertPermission(actor, "capacity.switch");
  const current = await repository.policyOn(tx, actor.institutionId, now);
  const rows = await repository.findPolicies(tx, actor.institutionId);
  const names = await findPeopleNames(
    tx,
    rows.flatMap((row) => (row.enteredBy ? [row.enteredBy] : [])),
  );
  return {
    current: {
      holdHours: current.hold_hours,
      maxHoldHours: current.max_hold_hours,
      priorityPercent: current.priority_percent,
      bedsPerAbsence: current.beds_per_absence,
      averageStayDays: current.average_stay_days,
      staleHours: current.stale_hours,
    },
    policies: rows.map((row) => ({
      id: row.id,
      validFrom: row.validFrom,
      holdHours: row.holdHours,
      maxHoldHours: row.maxHoldHours,
      priorityPercent: row.priorityPercent,
      bedsPerAbsence: row.bedsPerAbsence,
      averageStayDays: row.averageStayDays,
      staleHours: row.staleHours,
      source: row.source,
      enteredBy: row.enteredBy ? (names.get(row.enteredBy) ?? null) : null,
    })),
  };
}

/** A further version. What was valid stays as it was. @throws DomainError `capacity.policy-dated` */
export async function addPolicy(
  work: Staff,
  body: z.output<typeof policyBody>,
): Promise<PolicyList> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "capacity.switch");
  const [place] = await findInstitutions(tx, [actor.institutionId]);
  if (body.validFrom < localDay(now, place?.timeZone))
    throw new DomainError("capacity.policy-dated");
  const [row] = await tx
    .insert(capacityPolicy)
    .values({ ...body, institutionId: actor.institutionId, enteredBy: actor.personId })
    .returning({ id: capacityPolicy.id });
  await trace(tx, actor, origin, {
    action: "capacity-policy.enter",
    entityType: "capacity-policy",
    entityId: row!.id,
    detail: { validFrom: body.validFrom, priorityPercent: body.priorityPercent },
  });
  await tellBeds(tx, row!.id, actor.institutionId);
  return listPolicies(work);
}
