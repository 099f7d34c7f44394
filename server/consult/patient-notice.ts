import type { Services, Work } from "../http/context.ts";
import { sendSms } from "../notices/service.ts";
import { findSignInContacts, phoneContext } from "../patients/service.ts";
import type { ConsultRow } from "./repository.ts";

const opinionReady = {
  "zh-CN": "【医联】会诊意见已出，请打开“我的记录”查看，或向经治医生询问。",
  en: "[Yilian] The opinion of the remote consult is there. Open “My records” to read it, or ask your doctor.",
  bo: "【医联】རྒྱང་རིང་གྲོས་བཅོས་ཀྱི་བསམ་འཆར་འབྱོར་སོང་། “ངའི་ཟིན་ཐོ”ནང་གཟིགས་པའམ་སྨན་པར་འདྲི་རོགས།",
} as const;

/** Tell the patient's phone that the opinion can be read. No diagnosis is ever in a text message. */
export async function tellPatient(services: Services, work: Work, row: ConsultRow): Promise<void> {
  for (const contact of await findSignInContacts(work.tx, row.patientId)) {
    await sendSms(work.tx, services.vault, {
      phone: services.vault.open(phoneContext, contact.phoneCipher),
      kind: "opinion-ready",
      text: opinionReady["zh-CN"],
      dedupeKey: `consult:${row.id}:opinion:${contact.id}`,
      at: work.now,
      patientId: row.patientId,
      institutionId: row.invitingInstitutionId,
      senderId: work.actor.kind === "staff" ? work.actor.personId : null,
      newsKey: `consult:${row.id}:opinion`,
      call: {
        kind: "message-failed",
        dueAt: new Date(work.now.getTime() + 24 * 3_600_000),
        words: opinionReady,
      },
    });
  }
}
