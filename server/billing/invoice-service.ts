/** Invoices: shown before, issued at the price that was shown, cancelled while nobody has paid. */
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { PatientActor, StaffActor } from "../identity/domain.ts";
import { findPatient, findPatients, localDay } from "../patients/service.ts";
import { tellOf } from "./change.ts";
import type {
  cancelBody,
  invoiceAnswer,
  invoiceList,
  issueBody,
  previewAnswer,
  previewBody,
  unbilledList,
} from "./contract.ts";
import {
  assertInvoiceMay,
  type CoverageScheme,
  encounterFees,
  invoiceCancelled,
  invoiceIssued,
  PAY_LATER_DAYS,
  PAYMENT_LASTS_MS,
  type Split,
  splitInvoice,
} from "./domain.ts";
import type { PriceRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { viewInvoices } from "./view.ts";

const SHOWN_MS = 400 * 86_400_000;
const DAY_MS = 86_400_000;

type Asked = Pick<z.output<typeof previewBody>, "patientId" | "items" | "scheme">;
type Priced = Split & { scheme: CoverageScheme; prices: PriceRow[] };

/** @throws DomainError `billing.no-price` names what has none today, `billing.amount` */
async function priced(
  { tx, now }: Pick<Work, "tx" | "now">,
  institutionId: string,
  { patientId, items, scheme: shown }: Asked,
): Promise<Priced> {
  const [house] = await findInstitutions(tx, [institutionId]);
  const prices = await repository.findPrices(tx, institutionId, localDay(now), [
    ...new Set(items.map((item) => item.code)),
  ]);
  const byCode = new Map(prices.map((one) => [one.code, one]));
  const lines = items.map(({ code, quantity }) => {
    const found = byCode.get(code);
    if (!found) throw new DomainError("billing.no-price", { code });
    const { category, unitFen, insured } = found;
    return { code, category, unitFen, insured, quantity };
  });
  const scheme = shown ?? (await repository.findCoverage(tx, patientId)) ?? "self-pay";
  const level = house?.level === "primary" ? "community" : "hospital";
  return {
    ...splitInvoice(lines, scheme, level),
    scheme,
    prices: items.map(({ code }) => byCode.get(code)!),
  };
}

/** What was done in the last week and is not billed: nobody types in what the house knows. */
export async function listUnbilled(work: Work<StaffActor>): Promise<z.input<typeof unbilledList>> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "billing.issue");
  const rows = await repository.findUnbilled(tx, new Date(now.getTime() - 7 * DAY_MS));
  const prices = await repository.findPrices(tx, actor.institutionId, localDay(now));
  const priced = new Set(prices.map((one) => one.code));
  const people = new Map(
    (await findPatients(tx, [...new Set(rows.map((row) => row.patientId))])).map(({ row }) => [
      row.id,
      row.fullName ?? row.fullNameBo ?? row.unknownNote ?? "—",
    ]),
  );
  const encounters: z.input<typeof unbilledList>["encounters"] = [];
  for (const row of rows) {
    const items = [{ code: encounterFees[row.kind], quantity: 1 }, ...row.medicines];
    encounters.push({
      kind: row.kind,
      id: row.id,
      at: row.at.toISOString(),
      patient: { id: row.patientId, name: people.get(row.patientId) ?? "—" },
      scheme: (await repository.findCoverage(tx, row.patientId)) ?? "self-pay",
      items: items.filter((item) => priced.has(item.code)),
      unpriced: items.filter((item) => !priced.has(item.code)).map((item) => item.code),
    });
  }
  await trace(tx, actor, origin, {
    action: "invoice.list-unbilled",
    entityType: "institution",
    entityId: actor.institutionId,
    purpose: "payment",
    detail: { count: rows.length },
  });
  return { encounters };
}

/** What it will cost and who pays what, before anybody agrees to it. */
export async function previewInvoice(
  work: Work<StaffActor>,
  body: z.output<typeof previewBody>,
): Promise<z.input<typeof previewAnswer>> {
  assertPermission(work.actor, "billing.issue");
  await assertSeen(work, body.patientId);
  const { prices, ...split } = await priced(work, work.actor.institutionId, body);
  return {
    ...split,
    lines: split.lines.map((line, place) => ({ ...line, name: prices[place]!.name })),
  };
}

/**
 * Bill an encounter. What the patient was shown is what is billed.
 * @throws DomainError `billing.price-changed` with both amounts, `billing.no-encounter`, `billing.no-price`
 */
export async function issueInvoice(
  work: Work<StaffActor>,
  body: z.output<typeof issueBody>,
): Promise<z.input<typeof invoiceAnswer>> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "billing.issue");
  await assertSeen(work, body.patientId);
  const { prices, lines, scheme, totalFen, insuranceFen, ownFen } = await priced(
    work,
    actor.institutionId,
    body,
  );
  if (ownFen !== body.expectedOwnFen)
    throw new DomainError("billing.price-changed", { shown: body.expectedOwnFen, now: ownFen });
  const row = await repository.insertInvoice(
    tx,
    {
      number: await repository.newInvoiceNumber(tx, localDay(now)),
      institutionId: actor.institutionId,
      patientId: body.patientId,
      encounterKind: body.encounterKind,
      encounterId: body.encounterId,
      scheme,
      totalFen,
      insuranceFen,
      ownFen,
      payLater: body.payLater,
      dueAt: new Date(now.getTime() + (body.payLater ? PAY_LATER_DAYS * DAY_MS : PAYMENT_LASTS_MS)),
      issuedBy: actor.personId,
      issuedAt: now,
      ...(ownFen === 0 && { state: "balanced" as const, balancedAt: now }),
    },
    lines.map((line, position) => ({
      ...line,
      position,
      priceId: prices[position]!.id,
      name: prices[position]!.name,
    })),
  );
  if (body.scheme)
    await repository.saveCoverage(tx, {
      patientId: body.patientId,
      scheme,
      seenBy: actor.personId,
      seenAt: now,
    });
  await repository.post(tx, {
    institutionId: row.institutionId,
    sourceId: row.id,
    at: now,
    entry: invoiceIssued(lines),
  });
  await trace(tx, actor, origin, {
    action: "invoice.issue",
    entityType: "invoice",
    entityId: row.id,
    patientId: row.patientId,
    purpose: "payment",
    detail: { totalFen, ownFen },
  });
  await tellOf(work, row);
  return { invoice: (await viewInvoices(work, [row]))[0]! };
}

/**
 * It was a mistake, and nobody has paid. Somebody who is at the provider's page at this moment may still pay: then
 * the money goes back by itself.
 */
export async function cancelInvoice(
  work: Work<StaffActor>,
  id: string,
  { reason }: z.output<typeof cancelBody>,
): Promise<z.input<typeof invoiceAnswer>> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "billing.cashier");
  const row = await repository.lockInvoice(tx, id);
  if (row?.institutionId !== actor.institutionId) throw new DomainError("request.not-found");
  assertInvoiceMay(row.state, "cancelled");
  const cancelled = await repository.updateInvoice(tx, id, {
    state: "cancelled",
    cancelledBy: actor.personId,
    cancelledAt: now,
    cancelReason: reason,
  });
  const lines = await repository.findInvoiceLines(tx, [id]);
  await repository.post(tx, {
    institutionId: row.institutionId,
    sourceId: id,
    at: now,
    entry: invoiceCancelled(lines),
  });
  await trace(tx, actor, origin, {
    action: "invoice.cancel",
    entityType: "invoice",
    entityId: id,
    patientId: row.patientId,
    purpose: "payment",
  });
  await tellOf(work, cancelled);
  return { invoice: (await viewInvoices(work, [cancelled]))[0]! };
}

export async function listInvoices(
  work: Work<StaffActor>,
  providers: readonly string[],
): Promise<z.input<typeof invoiceList>> {
  const { tx, actor, origin, now } = work;
  if (!actor.permissions.has("billing.cashier")) assertPermission(actor, "billing.issue");
  const since = new Date(now.getTime() - 30 * DAY_MS);
  const rows = await repository.listInvoices(tx, actor.institutionId, since);
  await trace(tx, actor, origin, {
    action: "invoice.list",
    entityType: "institution",
    entityId: actor.institutionId,
    purpose: "payment",
    detail: { count: rows.length },
  });
  return { invoices: await viewInvoices(work, rows), providers: [...providers] };
}

/** @throws DomainError `permission.denied` for somebody else's */
export async function listMyInvoices(
  work: Work<PatientActor>,
  patientId: string,
  providers: readonly string[],
): Promise<z.input<typeof invoiceList>> {
  const { tx, actor, origin, now } = work;
  if (!actor.patientIds.includes(patientId)) throw new DomainError("permission.denied");
  const rows = await repository.findInvoicesOf(tx, patientId, new Date(now.getTime() - SHOWN_MS));
  await trace(tx, actor, origin, {
    action: "invoice.read-own",
    entityType: "patient",
    entityId: patientId,
    patientId,
  });
  return { invoices: await viewInvoices(work, rows), providers: [...providers] };
}

/** @throws DomainError `request.not-found` of who is no patient of this house */
async function assertSeen({ tx }: Work<StaffActor>, patientId: string): Promise<void> {
  if (!(await findPatient(tx, patientId))) throw new DomainError("request.not-found");
}
