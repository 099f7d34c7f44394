import { randomUUID } from "node:crypto";
import type { Vault } from "../crypto/vault.ts";
import type { Tx } from "../db/client.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { announce } from "../outbox/service.ts";
import { enqueue } from "../queue/enqueue.ts";
import { assertSendable, type NewNotice, type NewSms } from "./domain.ts";
import * as repository from "./repository.ts";

/** What is authenticated with each sealed column. */
export const smsPhoneContext = "sms_message.phone";
export const smsTextContext = "sms_message.text";
export const deliverSmsTask = "sms:deliver";
const listedNotices = 100;
const listedMessages = 50;

/** Tell members of staff of something, once each, in the transaction of what happened. */
export async function notify(tx: Tx, input: NewNotice): Promise<void> {
  const personIds = [...new Set(input.personIds)];
  if (personIds.length === 0) return;
  const { kind, entityType, entityId, detail = {}, dedupeKey, at } = input;
  const added = await repository.insertNotices(
    tx,
    personIds.map((personId) => ({ personId, kind, entityType, entityId, detail, dedupeKey, at })),
  );
  if (added > 0) await announce(tx, { topic: "notice", id: entityId, version: 0 }, { personIds });
}

/**
 * Send a text message after commit, once. Phone and text lie sealed; the job row carries the id only.
 * @throws Error when the text is not one that may be sent ({@link assertSendable})
 */
export async function sendSms(tx: Tx, vault: Vault, message: NewSms): Promise<void> {
  assertSendable(message);
  const id = randomUUID();
  const added = await repository.insertSms(tx, {
    id,
    phoneCipher: vault.seal(smsPhoneContext, message.phone),
    kind: message.kind,
    textCipher: vault.seal(smsTextContext, message.text),
    dedupeKey: message.dedupeKey,
    at: message.at,
  });
  if (added)
    await enqueue(tx, { task: deliverSmsTask, payload: { messageId: id }, jobKey: `sms:${id}` });
}

/** The reader's own notices, newest first. */
export async function listNotices({ tx }: Work<StaffActor>): Promise<repository.NoticeRow[]> {
  return repository.findNotices(tx, listedNotices);
}

/** @throws DomainError `request.not-found`: another's notice is not there */
export async function readNotice({ tx, actor, now }: Work<StaffActor>, id: string): Promise<void> {
  const row = await repository.markRead(tx, id, now);
  if (!row) throw new DomainError("request.not-found");
  // The person's other pages stop counting it.
  await announce(
    tx,
    { topic: "notice", id: row.entityId, version: 0 },
    { personIds: [actor.personId] },
  );
}

/** What the demo's outbox page shows in place of a phone. */
export async function listDemoMessages(
  tx: Tx,
  vault: Vault,
): Promise<{ at: string; phone: string; text: string }[]> {
  const rows = await repository.findLatestSms(tx, listedMessages);
  return rows.map((row) => ({
    at: row.at.toISOString(),
    phone: vault.open(smsPhoneContext, row.phoneCipher),
    text: vault.open(smsTextContext, row.textCipher),
  }));
}

export { callInstead, readPreferences, setPreference } from "./call-service.ts";
export type { CallKind } from "./domain.ts";
export { tellPatient } from "./tell-service.ts";
