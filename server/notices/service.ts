import { randomUUID } from "node:crypto";
import { addDays } from "../calendar/domain.ts";
import type { Vault } from "../crypto/vault.ts";
import type { Tx } from "../db/client.ts";
import { type Calendar, findCalendar } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { announce } from "../outbox/service.ts";
import { enqueue } from "../queue/enqueue.ts";
import { findAddressees, findPatientQuiet } from "./centre-repository.ts";
import { assertSendable, type NewNotice, type NewSms } from "./domain.ts";
import { digestLookDays, quietUntil, releaseOf } from "./quiet.ts";
import * as repository from "./repository.ts";
import { holdOf, smsWaits, urgencyOf } from "./urgency.ts";

/** What is authenticated with each sealed column. */
export const smsPhoneContext = "sms_message.phone";
export const smsTextContext = "sms_message.text";
export const smsCallContext = "sms_message.call";
export const deliverSmsTask = "sms:deliver";
const listedNotices = 100;
const listedMessages = 50;

/**
 * Tell members of staff of something, once each, in the transaction of what happened. What can wait lies here
 * until each one's quiet hours are over, or the next message that gathers routine clocks; the rest is told now.
 */
export async function notify(tx: Tx, input: NewNotice): Promise<void> {
  // Sorted: two that tell the same people wait for each other in one order.
  const personIds = [...new Set(input.personIds)].toSorted();
  if (personIds.length === 0) return;
  const { kind, entityType, entityId, detail = {}, dedupeKey, at } = input;
  const found = await findAddressees(tx, input, personIds, at);
  const calendars = new Map<string, Calendar>();
  const rows = [];
  for (const personId of personIds) {
    const who = found.find((one) => one.personId === personId);
    const urgency = urgencyOf(kind, detail, who?.urgency ?? null);
    const hold = holdOf(kind, detail, urgency);
    const heldUntil =
      who?.institutionId && who.timeZone && hold
        ? releaseOf({
            hold,
            at,
            timeZone: who.timeZone,
            quiet: { fromMinute: who.quietFrom, toMinute: who.quietTo },
            calendar:
              hold === "digest" ? await calendarOf(tx, who.institutionId, at, calendars) : null,
            digestMinutes: who.digestMinutes,
          })
        : null;
    rows.push({
      personId,
      kind,
      entityType,
      entityId,
      detail,
      dedupeKey,
      at,
      institutionId: who?.institutionId ?? null,
      urgency,
      heldUntil,
      heldFor: heldUntil ? hold : null,
    });
  }
  const added = await repository.insertNotices(tx, rows);
  if (added > 0) await announce(tx, { topic: "notice", id: entityId, version: 0 }, { personIds });
}

async function calendarOf(
  tx: Tx,
  institutionId: string,
  at: Date,
  known: Map<string, Calendar>,
): Promise<Calendar> {
  const found = known.get(institutionId);
  if (found) return found;
  // A day earlier: the house may be a day behind the clock of the server.
  const from = addDays(at.toISOString().slice(0, 10), -1);
  const calendar = await findCalendar(tx, institutionId, from, addDays(from, digestLookDays + 2));
  known.set(institutionId, calendar);
  return calendar;
}

/**
 * Send a text message after commit, once; what can wait, after the patient's quiet hours. Phone and text lie sealed; the job row carries the id only.
 * @throws Error when the text is not one that may be sent ({@link assertSendable})
 */
export async function sendSms(tx: Tx, vault: Vault, message: NewSms): Promise<void> {
  assertSendable(message);
  const id = randomUUID();
  const { patientId = null, call = null, at } = message;
  const quiet =
    patientId && smsWaits(message.kind) ? await findPatientQuiet(tx, patientId, at) : null;
  const heldUntil = quiet ? quietUntil(at, quiet.timeZone, quiet) : null;
  const added = await repository.insertSms(tx, {
    id,
    phoneCipher: vault.seal(smsPhoneContext, message.phone),
    kind: message.kind,
    textCipher: vault.seal(smsTextContext, message.text),
    dedupeKey: message.dedupeKey,
    at,
    state: heldUntil ? "held" : "queued",
    stateAt: at,
    heldUntil,
    patientId,
    institutionId: message.institutionId ?? null,
    senderId: message.senderId ?? null,
    newsKey: message.newsKey ?? null,
    callCipher: call ? vault.seal(smsCallContext, JSON.stringify(call)) : null,
  });
  if (added && !heldUntil) await queueSms(tx, id);
}

/** Hand a message to the worker, once. */
export const queueSms = (tx: Tx, id: string): Promise<void> =>
  enqueue(tx, { task: deliverSmsTask, payload: { messageId: id }, jobKey: `sms:${id}` });

/** The reader's own notices, newest first. */
export async function listNotices({
  tx,
  actor,
}: Work<StaffActor>): Promise<repository.NoticeRow[]> {
  return repository.findNotices(tx, actor.personId, listedNotices);
}

/** @throws DomainError `request.not-found`: another's notice is not there */
export async function readNotice({ tx, actor, now }: Work<StaffActor>, id: string): Promise<void> {
  const row = await repository.markRead(tx, id, actor.personId, now);
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

export {
  callInstead,
  endCall,
  findCallByKey,
  type NewCall,
  putCall,
  readPreferences,
  setPreference,
} from "./call-service.ts";
export { receiptBody } from "./centre-contract.ts";
export { type AcknowledgeListener, noticePolicyOf } from "./centre-service.ts";
export type { CallKind } from "./domain.ts";
export { receiveReceipt } from "./sms-service.ts";
export { inAll, tellPatient } from "./tell-service.ts";
