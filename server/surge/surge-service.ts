import { sql } from "drizzle-orm";
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { announce } from "../outbox/service.ts";
import { samplingOrder } from "../sampling/schema.ts";
import type {
  myTable,
  sizingAnswer,
  sizingQuery,
  staffAnswer,
  staffBody,
  surgeBody,
  surgeList,
  surgeView,
} from "./contract.ts";
import { sizing } from "./domain.ts";
import * as repository from "./repository.ts";
import { surge } from "./schema.ts";
import { startBalancing } from "./tasks.ts";

type Staff = Work<StaffActor>;
const iso = (at: string | Date) => new Date(at).toISOString();
const isoOrNull = (at: string | null) => (at ? iso(at) : null);

export function viewSurge(row: repository.SurgeRow, actor: StaffActor): z.input<typeof surgeView> {
  const {
    institutionId: _,
    orderId: __,
    orderNumber,
    authorisedId,
    authorisedBy,
    confirmedBy,
    ...rest
  } = row;
  return {
    ...rest,
    startsAt: iso(row.startsAt),
    endsAt: iso(row.endsAt),
    openedAt: isoOrNull(row.openedAt),
    stoodDownAt: isoOrNull(row.stoodDownAt),
    stations: row.places.reduce((sum, one) => sum + one.stations, 0),
    order: {
      number: orderNumber,
      authorisedBy,
      confirmedBy,
      mayConfirm:
        row.state === "planned" &&
        actor.permissions.has("surge.command") &&
        (confirmedBy !== null || authorisedId !== actor.personId),
    },
  };
}

/** Who may look: whoever commands, and the leads of sites. @throws DomainError `permission.denied` */
export function assertSees(actor: StaffActor): void {
  if (!actor.permissions.has("sampling.lead")) assertPermission(actor, "surge.command");
}

/** The institution's surges, orders that may open one, and laboratories that may be named. */
export async function listSurges({ tx, actor }: Staff): Promise<z.input<typeof surgeList>> {
  assertSees(actor);
  const rows = await repository.findSurges(tx, sql`u.institution_id = ${actor.institutionId}`);
  const laboratories = await repository.findLaboratories(tx);
  const known = await findInstitutions(
    tx,
    laboratories.map((one) => one.id),
  );
  return {
    surges: rows.map((row) => viewSurge(row, actor)),
    orders: await repository.findFreeOrders(tx, actor.institutionId),
    laboratories: known.map((one) => ({
      id: one.id,
      name: { zh: one.name, en: one.nameEn, bo: one.nameBo },
    })),
    mayCommand: actor.permissions.has("surge.command"),
  };
}

/** What so many stations will manage by when: said before it is opened. */
export function planSizing(
  actor: StaffActor,
  input: z.output<typeof sizingQuery>,
): z.input<typeof sizingAnswer> {
  assertPermission(actor, "surge.command");
  const answer = sizing({ ...input, from: new Date(input.from), until: new Date(input.until) });
  return { ...answer, doneAt: answer.doneAt.toISOString() };
}

/**
 * The one form. Under an order that two persons signed already it opens at once; with an order that is
 * written here it waits for the second person. An order opens one surge, however often it is sent.
 * @throws DomainError `sampling.order-unconfirmed`, `surge.order-used`
 */
export async function prepareSurge(
  work: Staff,
  input: z.output<typeof surgeBody>,
): Promise<z.input<typeof surgeView>> {
  const { tx, actor, origin } = work;
  assertPermission(actor, "surge.command");
  const { order, orderId, ...plan } = input;
  let confirmed = false;
  let ofOrder = orderId;
  if (order) {
    const [made] = await tx
      .insert(samplingOrder)
      .values({
        ...order,
        institutionId: actor.institutionId,
        title: input.title,
        purpose: "surge",
        startsAt: new Date(input.startsAt),
        endsAt: new Date(input.endsAt),
        guides: input.guides,
        transport: input.transport,
        authorisedBy: actor.personId,
      })
      .onConflictDoNothing()
      .returning({ id: samplingOrder.id });
    if (!made) throw new DomainError("surge.order-used", { number: order.number });
    ofOrder = made.id;
  } else {
    const [known] = await tx.execute<{ number: string; signed: boolean }>(sql`
      select number, confirmed_by is not null as signed from sampling_order where id = ${orderId} and institution_id = ${actor.institutionId} and purpose = 'surge'`);
    if (!known) throw new DomainError("request.not-found");
    if (!known.signed) throw new DomainError("sampling.order-unconfirmed");
    confirmed = true;
  }
  const [row] = await tx
    .insert(surge)
    .values({
      ...plan,
      institutionId: actor.institutionId,
      orderId: ofOrder!,
      startsAt: new Date(input.startsAt),
      endsAt: new Date(input.endsAt),
      preparedBy: actor.personId,
    })
    .onConflictDoNothing()
    .returning({ id: surge.id });
  if (!row) throw new DomainError("surge.order-used", { number: "" });
  await trace(tx, actor, origin, {
    action: "surge.prepare",
    entityType: "surge",
    entityId: row.id,
    detail: { stations: plan.places.reduce((sum, one) => sum + one.stations, 0) },
  });
  if (confirmed) await open(work, row.id);
  return readBack(work, row.id);
}

/**
 * The second person signs, and it opens. Also takes back a closing that came too early.
 * @throws DomainError `sampling.two-persons`, `surge.illegal-step`
 */
export async function openSurge(work: Staff, id: string): Promise<z.input<typeof surgeView>> {
  const { tx, actor, now } = work;
  assertPermission(actor, "surge.command");
  const row = await ownSurge(work, id);
  if (row.state === "stood-down" || row.state === "withdrawn")
    throw new DomainError("surge.illegal-step");
  if (row.state !== "open") {
    if (!row.confirmedBy) {
      if (row.authorisedId === actor.personId) throw new DomainError("sampling.two-persons");
      await tx
        .update(samplingOrder)
        .set({ confirmedBy: actor.personId, confirmedAt: now })
        .where(sql`${samplingOrder.id} = ${row.orderId} and ${samplingOrder.confirmedBy} is null`);
    }
    await open(work, id);
  }
  return readBack(work, id);
}

async function open({ tx, actor, origin, now }: Staff, id: string): Promise<void> {
  if (!(await repository.openSurge(tx, id, now))) return;
  await trace(tx, actor, origin, { action: "surge.open", entityType: "surge", entityId: id });
  await startBalancing(tx, id);
}

/**
 * Nobody new; each station closes when its queue is empty, and the last one ends the evening. A plan that
 * was never opened is withdrawn.
 */
export async function closeSurge(work: Staff, id: string): Promise<z.input<typeof surgeView>> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "surge.command");
  const row = await ownSurge(work, id);
  const next = row.state === "open" ? "closing" : row.state === "planned" ? "withdrawn" : null;
  if (next) {
    await tx
      .update(surge)
      .set({
        state: next,
        version: row.version + 1,
        ...(next === "closing" ? { closingBy: actor.personId, closingAt: now } : {}),
      })
      .where(sql`${surge.id} = ${id} and ${surge.version} = ${row.version}`);
    await trace(tx, actor, origin, { action: "surge.close", entityType: "surge", entityId: id });
    await startBalancing(tx, id);
  }
  return readBack(work, id);
}

/** Seat samplers at the next free tables: those who are named, or everybody who is free. */
export async function staffSurge(
  work: Staff,
  id: string,
  input: z.output<typeof staffBody>,
): Promise<z.input<typeof staffAnswer>> {
  const { tx, actor, origin, now } = work;
  assertSees(actor);
  await ownSurge(work, id);
  const people =
    input.personIds ??
    (await repository.findFreeSamplers(tx, actor.institutionId, now)).map((one) => one.id);
  const seated = people.length > 0 ? await repository.seat(tx, id, people, now) : [];
  await trace(tx, actor, origin, {
    action: "surge.staff",
    entityType: "surge",
    entityId: id,
    detail: { seated: seated.length },
  });
  await tell(work, id);
  return { seated: seated.length };
}

/** A sampler who has come takes the next free table. @throws DomainError `surge.no-table` */
export async function takeTable(work: Staff, id: string): Promise<z.input<typeof myTable>> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "sampling.collect");
  await ownSurge(work, id);
  const [row] = await repository.seat(tx, id, [actor.personId], now);
  if (!row) {
    const [sits] = await tx.execute<{ stationId: string; number: number }>(sql`
      select g.id as "stationId", g.number from sampling_station g join surge_station s on s.station_id = g.id
      where s.surge_id = ${id} and g.sampler_id = ${actor.personId} and g.state <> 'closed'`);
    if (!sits) throw new DomainError("surge.no-table");
    return sits;
  }
  await trace(tx, actor, origin, {
    action: "surge.staff",
    entityType: "sampling-station",
    entityId: row.stationId,
  });
  await tell(work, id);
  return { stationId: row.stationId, number: row.number };
}

async function tell({ tx, actor }: Staff, id: string): Promise<void> {
  await announce(tx, { topic: "surge", id, version: 0 }, { institutionIds: [actor.institutionId] });
}

export async function ownSurge({ tx, actor }: Staff, id: string): Promise<repository.SurgeRow> {
  const [row] = await repository.findSurges(
    tx,
    sql`u.id = ${id} and u.institution_id = ${actor.institutionId}`,
  );
  if (!row) throw new DomainError("request.not-found");
  return row;
}

async function readBack(work: Staff, id: string): Promise<z.input<typeof surgeView>> {
  await tell(work, id);
  return viewSurge(await ownSurge(work, id), work.actor);
}
