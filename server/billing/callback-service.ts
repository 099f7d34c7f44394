/** What a provider tells by itself: perhaps late, twice, in another order, or not from it at all. */
import { createHash } from "node:crypto";
import type { Tx } from "../db/client.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Services } from "../http/context.ts";
import { providersWord } from "./actor.ts";
import { hearOfPayment } from "./payment-service.ts";
import type { ProviderEvent } from "./provider.ts";
import { hearOfRefund } from "./refund-service.ts";
import * as repository from "./repository.ts";

/**
 * Applies an event once. One that fits nothing any more (a failure told after the success) is kept and changes nothing.
 * @throws DomainError `request.not-found` of a number we do not have: the provider tells it again later;
 *   `billing.forged` of a number that was told before with other words
 */
export async function hearEvent(
  services: Pick<Services, "db" | "clock">,
  provider: string,
  event: ProviderEvent,
): Promise<void> {
  const now = services.clock();
  const hash = createHash("sha256").update(JSON.stringify(event)).digest();
  const isRefund = event.type.startsWith("refund.");
  await services.db.withActor(providersWord, async (tx) => {
    const known = await repository.findEvent(tx, provider, event.eventId);
    if (known) {
      if (!known.hash.equals(hash)) throw new DomainError("billing.forged");
      return;
    }
    const work = { tx, actor: providersWord, now };
    const state = event.type.endsWith(".succeeded") ? ("succeeded" as const) : ("failed" as const);
    const heard = { state, at: new Date(event.at), reference: event.reference };
    const applied = (await isWhatWasAsked(tx, provider, event, isRefund))
      ? isRefund
        ? await hearOfRefund(work, event.id, heard)
        : await hearOfPayment(work, event.id, heard)
      : false;
    // Told at the same moment by another message, it was done there: then nothing was left to apply here.
    await repository.insertEvent(tx, {
      provider,
      eventId: event.eventId,
      type: event.type,
      hash,
      paymentId: isRefund ? null : event.id,
      refundId: isRefund ? event.id : null,
      applied,
      receivedAt: now,
    });
  });
}

/** Another amount than was asked for is nothing we may act on: the day's comparison shows it to a person. */
async function isWhatWasAsked(
  tx: Tx,
  provider: string,
  { id, amountFen }: ProviderEvent,
  isRefund: boolean,
): Promise<boolean> {
  const back = isRefund ? await repository.findRefund(tx, id) : null;
  const paid = await repository.findPayment(tx, back?.paymentId ?? id);
  if ((isRefund && !back) || paid?.provider !== provider)
    throw new DomainError("request.not-found");
  return (back ?? paid).amountFen === amountFen;
}
