import type { Services, Work } from "../http/context.ts";
import { sendSms } from "../notices/service.ts";
import { findSignInContacts, phoneContext } from "../patients/service.ts";
import type { VisitRow } from "./repository.ts";

const called = {
  "zh-CN": "【医联】医生现在请您进视频诊室。请打开“视频复诊”页面，点“进入诊室”。",
  en: "[Yilian] The doctor is calling you into the video room now. Open “Video visit” and press “Enter the room”.",
  bo: "【医联】སྨན་པས་ད་ལྟ་བརྙན་འཕྲིན་སྨན་ཁང་དུ་འབོད་བཞིན་འདུག “བརྙན་འཕྲིན་བསྐྱར་བལྟ”ཕྱེས་ནས་ནང་དུ་ཕེབས་རོགས།",
} as const;

/** Tell the phones that the doctor calls, in case the page is not open. No illness is ever in a text message. */
export async function tellCalled(services: Services, work: Work, row: VisitRow): Promise<void> {
  for (const contact of await findSignInContacts(work.tx, row.patientId)) {
    await sendSms(work.tx, services.vault, {
      phone: services.vault.open(phoneContext, contact.phoneCipher),
      kind: "visit-called",
      text: called["zh-CN"],
      dedupeKey: `visit:${row.id}:called:${row.version}:${contact.id}`,
      at: work.now,
      patientId: row.patientId,
      institutionId: row.institutionId,
      senderId: work.actor.kind === "staff" ? work.actor.personId : null,
      newsKey: `visit:${row.id}:called:${row.version}`,
    });
  }
}
