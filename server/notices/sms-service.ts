/** What becomes of a text message; one that does not arrive is said by telephone, and its sender sees it. */
import { z } from "zod";
import type { Vault } from "../crypto/vault.ts";
import type { Tx } from "../db/client.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Services, Work } from "../http/context.ts";
import { instant } from "../http/contract.ts";
import type { Language, StaffActor } from "../identity/domain.ts";
import { findPeopleNames, findWithPermission } from "../identity/service.ts";
import { findPatients, maskPhone } from "../patients/service.ts";
import { putCall } from "./call-service.ts";
import type { MessageList } from "./centre-contract.ts";
import { atSiteKinds, callKinds } from "./domain.ts";
import type { SmsRow } from "./repository.ts";
import { notify, queueSms, smsCallContext, smsPhoneContext } from "./service.ts";
import * as repository from "./sms-repository.ts";
import { lostSmsStates, type SmsState, smsSteps } from "./sms-states.ts";

const words = z.object({ "zh-CN": z.string(), bo: z.string(), en: z.string() });
const sealedCall = z.object({ kind: z.enum(callKinds), dueAt: instant, words });
/** A call in place of a message may be made for so long at least. */
const callHours = 2;
const listed = 60;
/** Nothing is tried for longer: after a day what was to be said is said by telephone. */
const forgottenHours = 24;
/** A receipt comes within minutes when the telephone is on; after so long nobody may count on it. */
export const unconfirmedMinutes = 60;
/** A gateway that said nothing for so many days does not report at all, and its silence means nothing. */
const reportsWithinDays = 7;

const lostKey = (row: Pick<SmsRow, "id" | "newsKey">) => `sms-lost:${row.newsKey ?? row.id}`;

/**
 * Bring a message into a state. What cannot follow (a late word of the gateway, the same word again) changes
 * nothing. One that is lost becomes a call when no other of the same news is on its way, and whoever sent it is told.
 */
export async function moveSms(
  tx: Tx,
  vault: Vault,
  id: string,
  to: { state: SmsState; reason?: string },
  now: Date,
): Promise<boolean> {
  const row = await repository.lockSms(tx, id);
  if (!row || !smsSteps[row.state].includes(to.state)) return false;
  await repository.setSmsState(tx, id, {
    state: to.state,
    stateAt: now,
    ...(to.state === "sent" || (to.state === "delivered" && !row.sentAt) ? { sentAt: now } : {}),
    ...(lostSmsStates.includes(to.state) ? { failedReason: to.reason ?? to.state } : {}),
  });
  if (lostSmsStates.includes(to.state)) await giveToCalls(tx, vault, row, now);
  else if (to.state === "unconfirmed")
    await giveToCalls(tx, vault, row, now, "message-unconfirmed");
  return true;
}

async function giveToCalls(
  tx: Tx,
  vault: Vault,
  row: SmsRow,
  now: Date,
  unconfirmed?: "message-unconfirmed",
): Promise<void> {
  if (await repository.hasOther(tx, row)) return;
  const called = await callOf(tx, vault, row, now);
  // What nobody would be rung for is seen in the list: it may well have arrived.
  if (unconfirmed && !called) return;
  const people = row.senderId
    ? [row.senderId]
    : row.institutionId && !called
      ? await findWithPermission(tx, row.institutionId, "referral.desk", now)
      : [];
  await notify(tx, {
    personIds: people,
    kind: unconfirmed ?? (called ? "message-lost" : "message-lost-only"),
    entityType: "sms-message",
    entityId: row.id,
    detail: { about: row.kind },
    dedupeKey: unconfirmed ? `${lostKey(row)}:unconfirmed` : lostKey(row),
    at: now,
  });
}

async function callOf(tx: Tx, vault: Vault, row: SmsRow, now: Date): Promise<boolean> {
  if (!row.callCipher || !row.patientId || !row.institutionId) return false;
  const call = sealedCall.parse(JSON.parse(vault.open(smsCallContext, row.callCipher)));
  const dueAt = new Date(call.dueAt);
  // Who was called at the door is not rung up afterwards.
  if (atSiteKinds.includes(call.kind) && dueAt <= now) return false;
  const [record] = await findPatients(tx, [row.patientId]);
  if (!record) return false;
  await putCall(tx, vault, {
    patientId: row.patientId,
    institutionId: row.institutionId,
    appointmentId: null,
    contacts: record.contacts,
    kind: call.kind,
    dueAt: new Date(Math.max(dueAt.getTime(), now.getTime() + callHours * 3_600_000)),
    words: (language: Language) => call.words[language],
    language: (record.row.language ?? "zh-CN") as Language,
    once: lostKey(row),
    now,
  });
  return true;
}

/** Messages whose quiet hours are over go out; those that nobody sent for a day are said by telephone. */
export async function releaseSms(tx: Tx, vault: Vault, now: Date): Promise<number> {
  const held = await repository.takeHeldSms(tx, now);
  for (const row of held) {
    await moveSms(tx, vault, row.id, { state: "queued" }, now);
    await queueSms(tx, row.id);
  }
  const before = new Date(now.getTime() - forgottenHours * 3_600_000);
  for (const row of await repository.takeForgotten(tx, before))
    await moveSms(tx, vault, row.id, { state: "expired", reason: "too-late" }, now);
  const reportsSince = new Date(now.getTime() - reportsWithinDays * 24 * 3_600_000);
  if (await repository.gatewayReports(tx, reportsSince))
    for (const row of await repository.takeUnconfirmed(
      tx,
      new Date(now.getTime() - unconfirmedMinutes * 60_000),
    ))
      await moveSms(tx, vault, row.id, { state: "unconfirmed" }, now);
  return held.length;
}

const isoOf = (at: string | null) => (at === null ? null : new Date(at).toISOString());

/** What became of the house's messages, and of those the reader sent: no text, a masked number. */
export async function listMessages(
  { vault }: Services,
  { tx, actor }: Work<StaffActor>,
): Promise<MessageList> {
  const rows = await repository.findHouseSms(tx, listed);
  const names = await findPeopleNames(
    tx,
    rows.flatMap((row) => (row.senderId ? [row.senderId] : [])),
  );
  const called = await repository.findCallsOf(tx, rows.map(lostKey));
  return {
    messages: rows.map((row) => ({
      id: row.id,
      kind: row.kind,
      state: row.state,
      at: isoOf(row.at)!,
      stateAt: isoOf(row.stateAt),
      heldUntil: row.state === "held" ? isoOf(row.heldUntil) : null,
      patientId: row.patientId,
      phoneMasked: maskPhone(vault.open(smsPhoneContext, row.phoneCipher)),
      sender: row.senderId
        ? row.senderId === actor.personId
          ? actor.name
          : (names.get(row.senderId) ?? null)
        : null,
      call: called.has(lostKey(row)),
    })),
  };
}

/** The gateway's word on a message. @throws DomainError `request.not-found`: it is none of ours */
export async function receiveReceipt(
  tx: Tx,
  vault: Vault,
  receipt: { id: string; state: "delivered" | "failed" | "expired" },
  now: Date,
): Promise<void> {
  const row = await repository.lockSms(tx, receipt.id);
  if (!row) throw new DomainError("request.not-found");
  await moveSms(tx, vault, receipt.id, { state: receipt.state, reason: "network" }, now);
}
