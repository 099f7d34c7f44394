/** Each day's payments and refunds are compared with what the provider says of the day. */
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Services, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { localDay } from "../patients/service.ts";
import { providersWord } from "./actor.ts";
import { compareDay } from "./compare-day.ts";
import type { clearBody, ledgerAnswer } from "./contract.ts";
import { hearOfPayment } from "./payment-service.ts";
import type { PaymentProvider, StatementView } from "./provider.ts";
import { hearOfRefund } from "./refund-service.ts";
import * as repository from "./repository.ts";

const DAY_MS = 86_400_000;
const SHOWN_DAYS = 31;

/** The instants between which a day of the calendar in Shanghai lies. */
const dayIn = (day: string) => {
  const from = new Date(`${day}T00:00:00+08:00`);
  return { from, until: new Date(from.getTime() + DAY_MS) };
};
export const dayBefore = (now: Date): string => localDay(new Date(now.getTime() - DAY_MS));

/**
 * Compare a day. What the provider has and we only began is first taken over: its callback was lost, and so was every
 * answer to our questions. What still differs is listed for a person.
 */
export async function reconcileDay(
  services: Pick<Services, "db" | "clock">,
  provider: PaymentProvider,
  day: string,
): Promise<void> {
  const statement = await provider.statement(day);
  const now = services.clock();
  for (const row of statement.rows) await takeOver(services, provider.name, row, now);
  await services.db.withActor(providersWord, async (tx) => {
    const { from, until } = dayIn(day);
    const ours = await repository.findMovements(tx, provider.name, from, until);
    const theirs = statement.rows;
    const sum = (rows: readonly { fen: number }[]) => rows.reduce((all, one) => all + one.fen, 0);
    await repository.saveReconciliation(
      tx,
      {
        provider: provider.name,
        day,
        ours: ours.length,
        theirs: theirs.length,
        oursFen: sum(ours.map(signedFen)),
        theirsFen: sum(theirs.map((one) => signedFen({ kind: one.kind, fen: one.amountFen }))),
        comparedAt: now,
      },
      compareDay(ours, theirs),
    );
  });
}

const signedFen = ({ kind, fen }: { kind: "payment" | "refund"; fen: number }) => ({
  fen: kind === "payment" ? fen : -fen,
});

async function takeOver(
  services: Pick<Services, "db">,
  provider: string,
  row: StatementView["rows"][number],
  now: Date,
): Promise<void> {
  await services.db.withActor(providersWord, async (tx) => {
    const back = row.kind === "refund" ? await repository.findRefund(tx, row.id) : null;
    const paid = await repository.findPayment(tx, back?.paymentId ?? row.id);
    if (paid?.provider !== provider || (row.kind === "refund" && !back)) return;
    if ((back ?? paid).amountFen !== row.amountFen) return;
    const work = { tx, actor: providersWord, now };
    const heard = { state: "succeeded" as const, at: new Date(row.at), reference: null };
    if (back) await hearOfRefund(work, back.id, heard);
    else await hearOfPayment(work, paid.id, heard);
  });
}

/** What the house's accounts come to, and how the last days compared. */
export async function readLedger({
  tx,
  actor,
  origin,
  now,
}: Work<StaffActor>): Promise<z.input<typeof ledgerAnswer>> {
  assertPermission(actor, "billing.cashier");
  const days = await repository.listReconciliations(
    tx,
    localDay(new Date(now.getTime() - SHOWN_DAYS * DAY_MS)),
  );
  const differences = await repository.findDifferences(
    tx,
    days.map((one) => one.id),
  );
  await trace(tx, actor, origin, {
    action: "ledger.read",
    entityType: "institution",
    entityId: actor.institutionId,
    purpose: "payment",
  });
  return {
    balances: await repository.balances(tx, actor.institutionId),
    days: days.map((one) => ({
      id: one.id,
      provider: one.provider,
      day: one.day,
      ours: one.ours,
      theirs: one.theirs,
      oursFen: one.oursFen,
      theirsFen: one.theirsFen,
      comparedAt: one.comparedAt.toISOString(),
      differences: differences
        .filter((found) => found.reconciliationId === one.id)
        .map((found) => ({
          movementId: found.movementId,
          kind: found.kind,
          oursFen: found.oursFen,
          theirsFen: found.theirsFen,
          clearedAt: found.clearedAt?.toISOString() ?? null,
          clearedNote: found.clearedNote,
        })),
    })),
  };
}

/** Somebody found out what it was. @throws DomainError `request.not-found` also when it is cleared already */
export async function clearDifference(
  { tx, actor, origin, now }: Work<StaffActor>,
  { reconciliationId, movementId, note }: z.output<typeof clearBody>,
): Promise<void> {
  assertPermission(actor, "billing.cashier");
  const cleared = await repository.clearDifference(
    tx,
    { reconciliationId, movementId },
    { clearedBy: actor.personId, clearedAt: now, clearedNote: note },
  );
  if (cleared.length === 0) throw new DomainError("request.not-found");
  await trace(tx, actor, origin, {
    action: "reconciliation.clear",
    entityType: "reconciliation",
    entityId: reconciliationId,
    purpose: "payment",
    detail: { movementId },
  });
}
