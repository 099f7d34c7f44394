/**
 * What booking says by text message or has somebody say by telephone: the code, the time, the place;
 * never a department's name that tells an illness. Tibetan words await native review.
 */
import type { Vault } from "../crypto/vault.ts";
import type { Tx } from "../db/client.ts";
import { findInstitutions } from "../directory/service.ts";
import type { Language } from "../identity/domain.ts";
import { type CallKind, callInstead, inAll, sendSms } from "../notices/service.ts";
import { findPatients, parsePhone, phoneContext } from "../patients/service.ts";
import type { AppointmentRow } from "./repository.ts";

const zone = "Asia/Shanghai";
const formatOf = (language: string) =>
  new Intl.DateTimeFormat(language, {
    timeZone: zone,
    month: language === "en-GB" ? "short" : "long",
    day: "numeric",
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
const chinese = formatOf("zh-CN");
const english = formatOf("en-GB");
const weekdaysBo = ["ཉི་མ", "ཟླ་བ", "མིག་དམར", "ལྷག་པ", "ཕུར་བུ", "པ་སངས", "སྤེན་པ"];
const english3 = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/** Day and time in Shanghai, as short as a message needs. Tibetan is put together here: not every system knows its dates. */
export function dayAndTime(language: Language, at: Date): string {
  if (language === "zh-CN") return chinese.format(at);
  if (language === "en") return english.format(at);
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    month: "numeric",
    day: "numeric",
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(at);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? "";
  const weekday = weekdaysBo[english3.indexOf(part("weekday"))] ?? "";
  return `ཟླ་${part("month")}ཚེས་${part("day")} གཟའ་${weekday} ${part("hour")}:${part("minute")}`;
}

/** One thing to be told, in whatever language its reader has. */
export type Words = (language: Language) => string;
export type HospitalName = Record<"zh" | "en" | "bo", string>;

const say =
  (texts: Record<Language, (at: (instant: Date) => string) => string>): Words =>
  (language) =>
    texts[language]((instant) => dayAndTime(language, instant));

/** Where to go, in the reader's language where it has a name there. */
const placeIn = (row: AppointmentRow, language: "en" | "bo"): string =>
  (language === "bo" ? row.placeBo : row.placeEn) ?? row.place;

/** A visit of today or tomorrow may be past the last moment for cancelling by message: then only a call helps. */
export function confirmedText(row: AppointmentRow, hospital: HospitalName, now: Date): Words {
  const mayCancel = row.cancelUntil > now;
  return say({
    "zh-CN": (at) =>
      `【医联】已约好：${at(row.startsAt)}，${hospital.zh}，${row.place}。号 ${row.ticket}，预约码 ${row.code}。来不了请${mayCancel ? `在${at(row.cancelUntil)}前回复“取消 ${row.code}”，或打` : "打"} ${row.institutionPhone ?? "医院电话"}。看排到哪里：回复“排队 ${row.code}”。`,
    en: (at) =>
      `[Yilian] Booked: ${at(row.startsAt)}, ${hospital.en}, ${placeIn(row, "en")}. Ticket ${row.ticket}, code ${row.code}. Cannot come? ${mayCancel ? `Answer "CANCEL ${row.code}" before ${at(row.cancelUntil)} or call` : "Call"} ${row.institutionPhone ?? "the hospital"}. Your place in the queue: "QUEUE ${row.code}".`,
    bo: (at) =>
      `【医联】ངོས་འཛིན་བྱས་ཟིན། ${at(row.startsAt)} ${hospital.bo} ${placeIn(row, "bo")} ཨང་ ${row.ticket} ཨང་རྟགས་ ${row.code} ཡོང་མི་ཐུབ་ན་ ${mayCancel ? `${at(row.cancelUntil)} སྔོན་ལ་“取消 ${row.code}”ལན་སྐུར་རོགས། ཡང་ན་ ` : ""}${row.institutionPhone ?? "སྨན་ཁང་"} ལ་ཁ་པར་གཏོང་། གྲལ་རིམ་བལྟ་ན་“排队 ${row.code}”ལན་སྐུར་རོགས།`,
  });
}
export const offerText = (row: AppointmentRow, until: Date): Words =>
  say({
    "zh-CN": (at) =>
      `【医联】候补有号了：${at(row.startsAt)}。要的话请在${at(until)}前回复“确认 ${row.code}”，或打开“预约”确认，过时让给下一位。不要就回复“取消 ${row.code}”。预约码 ${row.code}。`,
    en: (at) =>
      `[Yilian] A place came free: ${at(row.startsAt)}. To take it answer "CONFIRM ${row.code}" before ${at(until)}, or confirm under Appointments; after that the next in line gets it. Not wanted: "CANCEL ${row.code}".`,
    bo: (at) =>
      `【医联】སྒུག་ཐོའི་ཨང་བྱུང་། ${at(row.startsAt)} དགོས་ན་ ${at(until)} སྔོན་ལ་“确认 ${row.code}”ལན་སྐུར་རོགས། དུས་ཡོལ་ན་རྗེས་མར་སྤྲོད། མི་དགོས་ན་“取消 ${row.code}” ཨང་རྟགས་ ${row.code}`,
  });
export const nearText = (row: AppointmentRow, ahead: number): Words =>
  say({
    "zh-CN": () =>
      `【医联】${ahead === 0 ? "下一位就是您" : `前面还有 ${ahead} 位`}，请到 ${row.place} 等候。号 ${row.ticket}，预约码 ${row.code}。`,
    en: () =>
      `[Yilian] ${ahead === 0 ? "You are next" : `${ahead} ahead of you`}: please wait at ${placeIn(row, "en")}. Ticket ${row.ticket}, code ${row.code}.`,
    bo: () =>
      `【医联】${ahead === 0 ? "རྗེས་མ་ཁྱེད་རང་ཡིན།" : `ཁྱེད་ཀྱི་མདུན་ལ་མི་ ${ahead} འདུག`} ${placeIn(row, "bo")} ལ་སྒུག་རོགས། ཨང་ ${row.ticket} ཨང་རྟགས་ ${row.code}`,
  });
export const stoppedText = (row: AppointmentRow, hospital: HospitalName): Words =>
  say({
    "zh-CN": (at) =>
      `【医联】${hospital.zh} ${at(row.startsAt)} 的门诊停诊，给您添麻烦了。不算爽约，我们不会替您改时间。可打开“预约”另选，或打 ${row.institutionPhone ?? "医院电话"}。预约码 ${row.code}。`,
    en: (at) =>
      `[Yilian] The clinic of ${at(row.startsAt)} at ${hospital.en} is cancelled; we are sorry. It does not count against you and nothing was changed for you. Choose another time under Appointments or call ${row.institutionPhone ?? "the hospital"}. Code ${row.code}.`,
    bo: (at) =>
      `【医联】${hospital.bo} ${at(row.startsAt)} ཀྱི་སྨན་བཅོས་མཚམས་བཞག་འདུག དགོངས་དག མ་ཡོང་བར་མི་རྩི། དུས་ཚོད་གཞན་ཞིག་གདམ་རོགས། ཡང་ན་ ${row.institutionPhone ?? ""} ཁ་པར་གཏོང་། ཨང་རྟགས་ ${row.code}`,
  });
export const delayText = (row: AppointmentRow, minutes: number): Words =>
  say({
    "zh-CN": () =>
      `【医联】医生晚到约 ${minutes} 分钟，您的号 ${row.ticket} 保留，请按时来或晚些来都可以。预约码 ${row.code}。`,
    en: () =>
      `[Yilian] The doctor is about ${minutes} minutes late. Your ticket ${row.ticket} is kept; come in time or a little later. Code ${row.code}.`,
    bo: () =>
      `【医联】སྨན་པ་སྐར་མ་ ${minutes} ཙམ་ཕྱིར་འགྱངས། ཁྱེད་ཀྱི་ཨང་ ${row.ticket} ཉར་ཡོད། དུས་ཐོག་གམ་ཅུང་ཕྱིས་ཡོང་ན་འགྲིག ཨང་རྟགས་ ${row.code}`,
  });
export const calledText = (row: AppointmentRow): Words =>
  say({
    "zh-CN": () => `【医联】叫到您了，请进 ${row.place}。号 ${row.ticket}，预约码 ${row.code}。`,
    en: () =>
      `[Yilian] It is your turn: ${placeIn(row, "en")}. Ticket ${row.ticket}, code ${row.code}.`,
    bo: () =>
      `【医联】ཁྱེད་ཀྱི་རེས་མོས་བབས། ${placeIn(row, "bo")} ལ་ཕེབས་རོགས། ཨང་ ${row.ticket} ཨང་རྟགས་ ${row.code}`,
  });
export const passedText = (row: AppointmentRow): Words =>
  say({
    "zh-CN": () =>
      `【医联】刚才叫到 ${row.ticket} 号时您不在。号没有作废：到 ${row.place} 告诉护士，等三位后再叫您。预约码 ${row.code}。`,
    en: () =>
      `[Yilian] Ticket ${row.ticket} was called and you were not there. It still counts: tell the nurse at ${placeIn(row, "en")} and you are called after three others. Code ${row.code}.`,
    bo: () =>
      `【医联】ཨང་ ${row.ticket} བོས་སྐབས་ཁྱེད་མི་འདུག ཨང་རྩིས་མེད་མ་ཐོངས། ${placeIn(row, "bo")} སྨན་ཞབས་ལ་ཞུས་ན་མི་གསུམ་གྱི་རྗེས་སུ་འབོད། ཨང་རྟགས་ ${row.code}`,
  });

/** A caller waited at the hour of release, and nothing was left. Nothing was booked in place of it. */
export const missedText = (startsAt: Date): Words =>
  say({
    "zh-CN": (at) =>
      `【医联】您托我们约的${at(startsAt)}这次放号已经约完，没有约上，也没有替您改约别的。可以打热线候补，或另选时间。`,
    en: (at) =>
      `[Yilian] The places of ${at(startsAt)} that you asked for are all taken; nothing was booked for you. Call the hotline to join the waitlist or to choose another time.`,
    bo: (at) =>
      `【医联】ཁྱེད་ཀྱིས་བཅོལ་བའི་ ${at(startsAt)} ཀྱི་ཨང་ཚང་མ་རྫོགས་འདུག ངོས་འཛིན་བྱེད་མ་ཐུབ། གཞན་ཞིག་ཀྱང་བརྗེ་མེད། ཁ་པར་བཏང་ནས་སྒུག་ཐོར་འཛུལ་བའམ་དུས་ཚོད་གཞན་ཞིག་འདེམས་རོགས།`,
  });

/** Who was told, and how. */
export type Told = {
  /** Phones that got a message. */
  messages: number;
  /** True when somebody has to call. */
  call: boolean;
  /** The number to call; null when none is known. */
  phone: string | null;
};

/**
 * Tell every phone that may see the patient's pages, in the patient's language. Who asked to be called,
 * or has no phone that reads messages, gets a call on the hotline's list instead, when `message.call` says
 * until when it helps. @param message.once the same thing is told once
 */
export async function tellByPhone(
  tx: Tx,
  vault: Vault,
  // No id: news of which no appointment came; then `once` is unique by itself.
  row: Pick<AppointmentRow, "patientId" | "institutionId"> & { id: string | null },
  message: {
    kind: string;
    words: Words;
    once: string;
    now: Date;
    call?: { kind: CallKind; dueAt: Date };
    /** News for the telephone only. */
    callOnly?: boolean;
  },
): Promise<Told> {
  const [record] = await findPatients(tx, [row.patientId]);
  const contacts = record?.contacts ?? [];
  const language = (record?.row.language ?? "zh-CN") as Language;
  const phones = contacts
    .filter((contact) => contact.maySignIn)
    .map((contact) => ({ id: contact.id, phone: vault.open(phoneContext, contact.phoneCipher) }))
    .filter(({ phone }) => isMobile(phone));
  if (message.call) {
    const call = await callInstead(tx, vault, {
      patientId: row.patientId,
      institutionId: row.institutionId,
      appointmentId: row.id,
      contacts,
      readsMessages: phones.length > 0,
      kind: message.call.kind,
      dueAt: message.call.dueAt,
      words: message.words,
      language,
      once: message.once,
      now: message.now,
    });
    if (call) return { messages: 0, call: true, phone: call.phone };
  }
  if (message.callOnly) return { messages: 0, call: false, phone: null };
  for (const { id, phone } of phones) {
    await sendSms(tx, vault, {
      phone,
      kind: message.kind,
      text: message.words(language),
      dedupeKey: `${row.id ? `appointment:${row.id}:` : ""}${message.once}:${id}`,
      at: message.now,
      patientId: row.patientId,
      institutionId: row.institutionId,
      newsKey: `${row.id ? `appointment:${row.id}:` : ""}${message.once}`,
      call: {
        ...(message.call ?? { kind: "message-failed", dueAt: minutesFrom(message.now, 8 * 60) }),
        words: inAll(message.words),
      },
    });
  }
  return { messages: phones.length, call: false, phone: null };
}

/** A landline reads no messages. */
function isMobile(phone: string): boolean {
  const parsed = parsePhone(phone);
  return parsed.ok && parsed.value.kind === "mobile";
}

/** Until when a call about a visit helps: an hour before it, but never sooner than in ten minutes. */
export function callBefore(now: Date, startsAt: Date): Date {
  return new Date(Math.max(now.getTime() + 10 * 60_000, startsAt.getTime() - 60 * 60_000));
}
export const minutesFrom = (now: Date, minutes: number) =>
  new Date(now.getTime() + minutes * 60_000);

export async function hospitalNames(
  tx: Tx,
  rows: readonly AppointmentRow[],
): Promise<Map<string, HospitalName>> {
  const found = await findInstitutions(tx, [...new Set(rows.map((row) => row.institutionId))]);
  return new Map(
    found.map((one) => [
      one.id,
      { zh: one.name, en: one.nameEn ?? one.name, bo: one.nameBo ?? one.name },
    ]),
  );
}
/** An institution that the reader may not see has no name. */
export const noName: HospitalName = { zh: "", en: "", bo: "" };
