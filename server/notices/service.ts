import type { Vault } from "../crypto/vault.ts";
import type { Tx } from "../db/client.ts";
import { announce } from "../outbox/service.ts";
import { notice, smsMessage } from "./schema.ts";

export const smsPhoneContext = "sms_message.phone";
export const smsTextContext = "sms_message.text";

/** Tell members of staff something; the same thing (`dedupeKey`) is told to each of them once. */
export async function notify(
  tx: Tx,
  input: {
    personIds: readonly string[];
    kind: string;
    entityType: string;
    entityId: string;
    /** Codes and counts only; the words are made by the reader's page. */
    detail?: Record<string, unknown>;
    dedupeKey: string;
    at: Date;
  },
): Promise<void> {
  const personIds = [...new Set(input.personIds)];
  if (personIds.length === 0) return;
  await tx
    .insert(notice)
    .values(
      personIds.map((personId) => ({
        personId,
        kind: input.kind,
        entityType: input.entityType,
        entityId: input.entityId,
        detail: input.detail ?? {},
        dedupeKey: input.dedupeKey,
        at: input.at,
      })),
    )
    .onConflictDoNothing();
  await announce(tx, { topic: "notice", id: input.entityId, version: 0 }, { personIds });
}

/** Queue a text message, sealed at rest. No diagnosis is ever in one. */
export async function sendSms(
  tx: Tx,
  vault: Vault,
  input: { phone: string; kind: string; text: string; dedupeKey: string; at: Date },
): Promise<void> {
  await tx
    .insert(smsMessage)
    .values({
      phoneCipher: vault.seal(smsPhoneContext, input.phone),
      kind: input.kind,
      textCipher: vault.seal(smsTextContext, input.text),
      dedupeKey: input.dedupeKey,
      at: input.at,
    })
    .onConflictDoNothing();
}
