import type { Services, Work } from "../http/context.ts";
import { sendSms } from "../notices/service.ts";
import { findSignInContacts, phoneContext } from "../patients/service.ts";
import type { ConsultRow } from "./repository.ts";

/** Tell the patient's phone that the opinion can be read. No diagnosis is ever in a text message. */
export async function tellPatient(services: Services, work: Work, row: ConsultRow): Promise<void> {
  for (const contact of await findSignInContacts(work.tx, row.patientId)) {
    await sendSms(work.tx, services.vault, {
      phone: services.vault.open(phoneContext, contact.phoneCipher),
      kind: "opinion-ready",
      text: "【医联】会诊意见已出，请打开“我的记录”查看，或向经治医生询问。",
      dedupeKey: `consult:${row.id}:opinion:${contact.id}`,
      at: work.now,
    });
  }
}
