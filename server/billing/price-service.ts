/** What things cost: proposed by one person, approved by another, from a day on. */
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import type { priceBody, priceList } from "./contract.ts";
import type { PriceRow } from "./repository.ts";
import * as repository from "./repository.ts";

const view = (row: PriceRow): z.input<typeof priceList>["prices"][number] => ({
  id: row.id,
  code: row.code,
  category: row.category,
  name: row.name,
  unitFen: row.unitFen,
  insured: row.insured,
  validFrom: row.validFrom,
  validUntil: row.validUntil,
  state: row.state,
  proposedBy: row.proposedBy,
});

export async function listPrices({
  tx,
  actor,
}: Work<StaffActor>): Promise<z.input<typeof priceList>> {
  if (!actor.permissions.has("billing.prices")) assertPermission(actor, "billing.issue");
  return { prices: (await repository.listPrices(tx, actor.institutionId)).map(view) };
}

export async function proposePrice(
  { tx, actor, origin }: Work<StaffActor>,
  body: z.output<typeof priceBody>,
): Promise<z.input<typeof priceList>> {
  assertPermission(actor, "billing.prices");
  const row = await repository.insertPrice(tx, {
    ...body,
    institutionId: actor.institutionId,
    proposedBy: actor.personId,
  });
  await trace(tx, actor, origin, {
    action: "price.propose",
    entityType: "price",
    entityId: row.id,
    detail: { code: row.code, unitFen: row.unitFen, validFrom: row.validFrom },
  });
  return listPrices({ tx, actor, origin, now: new Date() });
}

/**
 * From its first day on it is the price; what stood before ends then (the database sees to both).
 * @throws DomainError `billing.second-person`, `billing.price-past` when its day is over
 */
export async function judgePrice(
  work: Work<StaffActor>,
  id: string,
  verdict: "approved" | "withdrawn",
): Promise<z.input<typeof priceList>> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "billing.prices");
  const row = await repository.findPrice(tx, id);
  if (row?.institutionId !== actor.institutionId) throw new DomainError("request.not-found");
  if (row.state !== "proposed") throw new DomainError("billing.illegal-step");
  if (verdict === "approved" && row.proposedBy === actor.personId)
    throw new DomainError("billing.second-person");
  await repository.updatePrice(
    tx,
    id,
    verdict === "approved"
      ? { state: verdict, approvedBy: actor.personId, approvedAt: now }
      : { state: verdict },
  );
  await trace(tx, actor, origin, {
    action: `price.${verdict === "approved" ? "approve" : "withdraw"}`,
    entityType: "price",
    entityId: id,
    detail: { code: row.code, unitFen: row.unitFen },
  });
  return listPrices(work);
}
