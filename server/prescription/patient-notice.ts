import type { Services, Work } from "../http/context.ts";
import { sendSms } from "../notices/service.ts";
import { findSignInContacts, phoneContext } from "../patients/service.ts";
import type { PrescriptionRow } from "./repository.ts";

const ready = (code: string) => ({
  "zh-CN": `【医联】处方已由药师审核通过，取药码 ${code}。凭码和身份证取药；请人代领须带两人的身份证。`,
  en: `[Yilian] A pharmacist has approved your prescription. Code for collection: ${code}. Bring your identity card; somebody else brings both.`,
  bo: `【医联】སྨན་སྦྱོར་བས་སྨན་ཐོ་ཆོག་མཆན་བཀོད་ཟིན། སྨན་ལེན་ཨང་ ${code} ཐོབ་ཐང་ལག་ཁྱེར་ཁྱེར་རོགས། ཚབ་ཏུ་ལེན་ན་གཉིས་ཀའི་ལག་ཁྱེར་དགོས།`,
});

/** Tell the patient's phone that the medicines can be collected. No medicine and no diagnosis is ever in a text message. */
export async function tellReady(
  services: Services,
  { tx, actor, now }: Work,
  row: PrescriptionRow,
  code: string,
): Promise<void> {
  const words = ready(code);
  for (const contact of await findSignInContacts(tx, row.patientId)) {
    await sendSms(tx, services.vault, {
      phone: services.vault.open(phoneContext, contact.phoneCipher),
      kind: "prescription-ready",
      text: words["zh-CN"],
      dedupeKey: `prescription:${row.id}:ready:${contact.id}`,
      at: now,
      patientId: row.patientId,
      institutionId: row.institutionId,
      senderId: actor.kind === "staff" ? actor.personId : null,
      newsKey: `prescription:${row.id}:ready`,
      call: {
        kind: "message-failed",
        dueAt: new Date(now.getTime() + 24 * 3_600_000),
        words,
      },
    });
  }
}
