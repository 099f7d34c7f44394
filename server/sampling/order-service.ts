import { sql } from "drizzle-orm";
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import type { orderBody, orderList, orderView } from "./contract.ts";
import { samplingOrder } from "./schema.ts";
import { findOrders, type OrderRow } from "./site-repository.ts";
import { iso, isoOrNull } from "./view.ts";

type Staff = Work<StaffActor>;

function view(row: OrderRow, personId: string): z.input<typeof orderView> {
  const { authorisedId, ...rest } = row;
  return {
    ...rest,
    startsAt: iso(row.startsAt),
    endsAt: isoOrNull(row.endsAt),
    mayConfirm: row.confirmedBy === null && authorisedId !== personId,
  };
}

/** Orders of surges and programmes of the institution. */
export async function listOrders({ tx, actor }: Staff): Promise<z.input<typeof orderList>> {
  assertPermission(actor, "sampling.lead");
  const rows = await findOrders(tx, sql`o.institution_id = ${actor.institutionId}`);
  return { orders: rows.map((row) => view(row, actor.personId)) };
}

/**
 * Write an order down. It counts when a second person has confirmed it.
 * @throws DomainError `sampling.order-number`: the number is there already
 */
export async function createOrder(
  work: Staff,
  input: z.output<typeof orderBody>,
): Promise<z.input<typeof orderView>> {
  const { tx, actor, origin } = work;
  assertPermission(actor, "sampling.lead");
  if (input.endsAt && new Date(input.endsAt) <= new Date(input.startsAt))
    throw new DomainError("request.invalid");
  const [same] = await findOrders(
    tx,
    sql`o.institution_id = ${actor.institutionId} and o.number = ${input.number}`,
  );
  if (same) throw new DomainError("sampling.order-number");
  const [row] = await tx
    .insert(samplingOrder)
    .values({
      ...input,
      startsAt: new Date(input.startsAt),
      endsAt: input.endsAt ? new Date(input.endsAt) : null,
      institutionId: actor.institutionId,
      authorisedBy: actor.personId,
    })
    .returning({ id: samplingOrder.id });
  await trace(tx, actor, origin, {
    action: "sampling.order",
    entityType: "sampling-order",
    entityId: row!.id,
  });
  return readOrder(work, row!.id);
}

/** @throws DomainError `sampling.two-persons`: whoever wrote it does not confirm it */
export async function confirmOrder(work: Staff, id: string): Promise<z.input<typeof orderView>> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "sampling.lead");
  const [before] = await findOrders(
    tx,
    sql`o.id = ${id} and o.institution_id = ${actor.institutionId}`,
  );
  if (!before) throw new DomainError("request.not-found");
  if (before.authorisedId === actor.personId) throw new DomainError("sampling.two-persons");
  if (!before.confirmedBy) {
    await tx
      .update(samplingOrder)
      .set({ confirmedBy: actor.personId, confirmedAt: now })
      .where(sql`${samplingOrder.id} = ${id}`);
    await trace(tx, actor, origin, {
      action: "sampling.order-confirm",
      entityType: "sampling-order",
      entityId: id,
    });
  }
  return readOrder(work, id);
}

async function readOrder({ tx, actor }: Staff, id: string): Promise<z.input<typeof orderView>> {
  const [row] = await findOrders(tx, sql`o.id = ${id}`);
  return view(row!, actor.personId);
}
