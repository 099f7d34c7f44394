/** News for one patient: a message to every phone that opens the pages, or the call that was asked for instead. */
import type { Vault } from "../crypto/vault.ts";
import type { Tx } from "../db/client.ts";
import type { Language } from "../identity/domain.ts";
import { findPatients, parsePhone, phoneContext } from "../patients/service.ts";
import { callInstead } from "./call-service.ts";
import { findPatientQuiet } from "./centre-repository.ts";
import type { CallKind } from "./domain.ts";
import { quietUntil } from "./quiet.ts";
import { sendSms } from "./service.ts";
import { smsWaits } from "./urgency.ts";

export type News = {
  patientId: string;
  institutionId: string;
  /** Kind of the message. */
  kind: string;
  words: (language: Language) => string;
  /** The same thing is told once. */
  once: string;
  now: Date;
  /** As which call, and until when it helps. */
  call: { kind: CallKind; dueAt: Date };
  /** Who of the staff says it, and is told when it does not arrive. */
  senderId?: string | null;
};

/**
 * Tell one patient something about a test, in his language, as he wants to be told.
 * @returns how: a number of messages, or a call on the institution's list
 */
export async function tellPatient(
  tx: Tx,
  vault: Vault,
  news: News,
): Promise<{ messages: number; call: boolean }> {
  const [record] = await findPatients(tx, [news.patientId]);
  const contacts = record?.contacts ?? [];
  const language = (record?.row.language ?? "zh-CN") as Language;
  const phones = contacts
    .filter((contact) => contact.maySignIn)
    .map((contact) => ({ id: contact.id, phone: vault.open(phoneContext, contact.phoneCipher) }))
    .filter(({ phone }) => {
      const parsed = parsePhone(phone);
      return parsed.ok && parsed.value.kind === "mobile";
    });
  const call = await callInstead(tx, vault, {
    patientId: news.patientId,
    institutionId: news.institutionId,
    appointmentId: null,
    contacts,
    readsMessages: phones.length > 0,
    kind: news.call.kind,
    dueAt: news.call.dueAt,
    words: news.words,
    language,
    once: news.once,
    now: news.now,
    ...(await notBefore(tx, news)),
  });
  if (call) return { messages: 0, call: true };
  for (const { id, phone } of phones)
    await sendSms(tx, vault, {
      phone,
      kind: news.kind,
      text: news.words(language),
      dedupeKey: `${news.once}:${id}`,
      at: news.now,
      patientId: news.patientId,
      institutionId: news.institutionId,
      senderId: news.senderId ?? null,
      newsKey: news.once,
      call: { ...news.call, words: inAll(news.words) },
    });
  return { messages: phones.length, call: false };
}

/** A call that can wait is not made in the patient's quiet hours. */
async function notBefore(tx: Tx, news: News): Promise<{ nextAt?: Date }> {
  if (!smsWaits(news.call.kind)) return {};
  const quiet = await findPatientQuiet(tx, news.patientId, news.now);
  const until = quiet && quietUntil(news.now, quiet.timeZone, quiet);
  return until ? { nextAt: until } : {};
}

/** The words in every language, for somebody who says them later. */
export const inAll = (words: (language: Language) => string): Record<Language, string> => ({
  "zh-CN": words("zh-CN"),
  bo: words("bo"),
  en: words("en"),
});
