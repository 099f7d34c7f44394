import { desc, eq } from "drizzle-orm";
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Services, type Work } from "../http/context.ts";
import type { Actor, StaffActor } from "../identity/domain.ts";
import { findPeopleNames } from "../identity/service.ts";
import { localDay } from "../patients/service.ts";
import type { policyBody, policyList } from "./contract.ts";
import { type CardPolicy, policyOn } from "./domain.ts";
import { findPolicies } from "./repository.ts";
import { cardPolicy } from "./schema.ts";

type Staff = Work<StaffActor>;
const system: Actor = { kind: "system", reason: "card-policy", language: "zh-CN" };

/** The policy of today, for anyone. */
export async function readPolicy(services: Services): Promise<CardPolicy> {
  const policies = await services.db.withActor(system, findPolicies);
  return policyOn(policies, localDay(services.clock()));
}

/** Public health looks whether a recalled number holds. */
const checks = (actor: StaffActor) => actor.permissions.has("infectious-report.receive");

/**
 * Every version, the newest first, with who entered and who checked it.
 * @throws DomainError `permission.denied`
 */
export async function listPolicies({ tx, actor, now }: Staff): Promise<z.input<typeof policyList>> {
  if (!checks(actor)) assertPermission(actor, "card.policy");
  const rows = await tx.select().from(cardPolicy).orderBy(desc(cardPolicy.validFrom));
  const names = await findPeopleNames(
    tx,
    rows.flatMap((row) => [row.enteredBy, row.checkedBy].filter((one) => one !== null)),
  );
  const today = localDay(now);
  const current = rows.find((row) => row.validFrom <= today)?.id;
  return {
    today,
    mayEnter: actor.permissions.has("card.policy"),
    policies: rows.map((row) => ({
      id: row.id,
      validFrom: row.validFrom,
      validityHours: row.validityHours,
      paperCodeDays: row.paperCodeDays,
      testCode: row.testCode,
      source: row.source,
      recalled: row.recalled,
      enteredBy: row.enteredBy ? (names.get(row.enteredBy) ?? "") : null,
      checkedBy: row.checkedBy ? (names.get(row.checkedBy) ?? "") : null,
      checkedAt: row.checkedAt?.toISOString() ?? null,
      when: row.validFrom > today ? "coming" : row.id === current ? "current" : "over",
      mayCheck: row.recalled && !row.checkedBy && checks(actor) && row.enteredBy !== actor.personId,
    })),
  };
}

/**
 * A new version from a day on, today at the earliest; what counted before stands as it was.
 * @throws DomainError `permission.denied`, `schedule.past`, `card.policy-day` when that day has one already
 */
export async function enterPolicy(
  work: Staff,
  input: z.output<typeof policyBody>,
): Promise<z.input<typeof policyList>> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "card.policy");
  if (input.validFrom < localDay(now)) throw new DomainError("schedule.past");
  const [row] = await tx
    .insert(cardPolicy)
    .values({ ...input, enteredBy: actor.personId, enteredAt: now })
    .onConflictDoNothing()
    .returning({ id: cardPolicy.id });
  if (!row) throw new DomainError("card.policy-day", { day: input.validFrom });
  await trace(tx, actor, origin, {
    action: "policy.cards",
    entityType: "card-policy",
    entityId: row.id,
    detail: {
      validFrom: input.validFrom,
      validityHours: input.validityHours,
      paperCodeDays: input.paperCodeDays,
      recalled: input.recalled,
    },
  });
  return listPolicies(work);
}

/**
 * A clinician of public health has looked: what was recalled holds. Again changes nothing.
 * @throws DomainError `permission.denied`, `request.not-found`
 */
export async function checkPolicy(work: Staff, id: string): Promise<z.input<typeof policyList>> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "infectious-report.receive");
  const [row] = await tx.select().from(cardPolicy).where(eq(cardPolicy.id, id));
  if (!row) throw new DomainError("request.not-found");
  if (row.checkedBy) return listPolicies(work);
  if (row.enteredBy === actor.personId) throw new DomainError("permission.denied");
  await tx
    .update(cardPolicy)
    .set({ checkedBy: actor.personId, checkedAt: now })
    .where(eq(cardPolicy.id, id));
  await trace(tx, actor, origin, {
    action: "policy.cards-checked",
    entityType: "card-policy",
    entityId: id,
  });
  return listPolicies(work);
}
