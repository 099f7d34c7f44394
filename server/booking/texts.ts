/** Text messages of booking: the code, the time, the place; never a department's name that tells an illness. */
import type { Vault } from "../crypto/vault.ts";
import type { Tx } from "../db/client.ts";
import { findInstitutions } from "../directory/service.ts";
import { sendSms } from "../notices/service.ts";
import { findSignInContacts, phoneContext } from "../patients/service.ts";
import type { AppointmentRow } from "./repository.ts";

const zone = "Asia/Shanghai";
const dayAndTime = new Intl.DateTimeFormat("zh-CN", {
  timeZone: zone,
  month: "numeric",
  day: "numeric",
  weekday: "short",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const at = (instant: Date) => dayAndTime.format(instant);

export const confirmedText = (row: AppointmentRow, hospital: string) =>
  `【医联】已约好：${at(row.startsAt)}，${hospital}，${row.place}。号 ${row.ticket}，预约码 ${row.code}。来不了请在${at(row.cancelUntil)}前取消，或打 ${row.institutionPhone ?? "医院电话"}。`;
export const offerText = (row: AppointmentRow, until: Date) =>
  `【医联】候补有号了：${at(row.startsAt)}。请在${at(until)}前打开“预约”确认，过时让给下一位。预约码 ${row.code}。`;
export const nearText = (row: AppointmentRow, ahead: number) =>
  `【医联】${ahead === 0 ? "下一位就是您" : `前面还有 ${ahead} 位`}，请到 ${row.place} 等候。号 ${row.ticket}。`;
export const stoppedText = (row: AppointmentRow, hospital: string) =>
  `【医联】${hospital} ${at(row.startsAt)} 的门诊停诊，给您添麻烦了。不算爽约。可打开“预约”改时间，或打 ${row.institutionPhone ?? "医院电话"}。预约码 ${row.code}。`;
export const delayText = (row: AppointmentRow, minutes: number) =>
  `【医联】医生晚到约 ${minutes} 分钟，您的号 ${row.ticket} 保留，请按时来或晚些来都可以。`;

/** Send to every phone that may see the patient's pages. @param message.once the same thing is sent once */
export async function tellByPhone(
  tx: Tx,
  vault: Vault,
  row: Pick<AppointmentRow, "id" | "patientId">,
  message: { kind: string; text: string; once: string; now: Date },
): Promise<number> {
  const contacts = await findSignInContacts(tx, row.patientId);
  for (const contact of contacts) {
    await sendSms(tx, vault, {
      phone: vault.open(phoneContext, contact.phoneCipher),
      kind: message.kind,
      text: message.text,
      dedupeKey: `appointment:${row.id}:${message.once}:${contact.id}`,
      at: message.now,
    });
  }
  return contacts.length;
}

export async function hospitalNames(
  tx: Tx,
  rows: readonly AppointmentRow[],
): Promise<Map<string, string>> {
  const found = await findInstitutions(tx, [...new Set(rows.map((row) => row.institutionId))]);
  return new Map(found.map((one) => [one.id, one.name]));
}
