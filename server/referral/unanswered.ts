/** Nobody has answered for a day: whoever referred, and the patient, are told so in plain words, with numbers to call. */
import { and, eq, inArray, isNotNull, ne, sql } from "drizzle-orm";
import type { Vault } from "../crypto/vault.ts";
import type { Tx } from "../db/client.ts";
import { allianceMember, department } from "../directory/schema.ts";
import { findInstitutions, type InstitutionRow } from "../directory/service.ts";
import type { Work } from "../http/context.ts";
import type { Language } from "../identity/domain.ts";
import { notify, tellPatient } from "../notices/service.ts";
import { tellOf, writeStep } from "./change.ts";
import type { ReferralRow } from "./repository.ts";

/** So many other places are named. */
const alternatives = 3;
/** A call about it helps for so long. */
const callHours = 8;

/**
 * The referral stays as it is, and the alarm rings on: this only tells. Repeated, it tells nobody twice.
 */
export async function tellUnanswered(work: Work, row: ReferralRow, vault: Vault): Promise<void> {
  const { tx, now } = work;
  const houses = await findInstitutions(tx, [row.toInstitutionId!, row.fromInstitutionId]);
  const to = houses.find((one) => one.id === row.toInstitutionId);
  const from = houses.find((one) => one.id === row.fromInstitutionId);
  if (!to || !from) return;
  await writeStep(work, row, { action: "unanswered", from: row.state });
  await notify(tx, {
    personIds: [row.requesterId],
    kind: "referral-unanswered",
    entityType: "referral",
    entityId: row.id,
    detail: {
      urgency: row.urgency === "routine" ? "urgent" : row.urgency,
      number: row.number,
      institution: to.name,
      phone: to.phone ?? "",
      others: (await othersThan(tx, row)).map(({ house, name }) =>
        [house.name, name, house.phone].filter(Boolean).join(" "),
      ),
    },
    dedupeKey: `referral:${row.id}:unanswered:${row.submittedAt?.toISOString()}`,
    at: now,
  });
  await tellPatient(tx, vault, {
    patientId: row.patientId,
    institutionId: row.fromInstitutionId,
    kind: "referral-unanswered",
    words: (language) =>
      patientWords[language](nameIn(to, language), nameIn(from, language), from.phone),
    once: `referral:${row.id}:unanswered:${row.submittedAt?.toISOString()}`,
    now,
    call: { kind: "referral-unanswered", dueAt: new Date(now.getTime() + callHours * 3_600_000) },
  });
  await tellOf(work, row);
}

/** No complaint and no department: others may read along on a shared phone. */
const patientWords: Record<Language, (to: string, from: string, phone: string | null) => string> = {
  "zh-CN": (to, from, phone) =>
    `【医联】${to}已有一天没有答复您的转诊，转诊单还在。${from}的医生已收到提醒，会帮您联系或另找医院${phone ? `，电话${phone}` : ""}。如果加重，不要等，马上就医；紧急请拨120。`,
  en: (to, from, phone) =>
    `[Yilian] ${to} has not answered your referral for a day. It is kept. Your doctor at ${from} has been told and will call them or find another place${phone ? `: ${phone}` : ""}. If it gets worse do not wait: see a doctor, in an emergency call 120.`,
  bo: (to, from, phone) =>
    `【医联】${to}ནས་ཉིན་གཅིག་རིང་ཁྱེད་ཀྱི་གནས་སྤོར་ལན་མ་བཏབ། ཡི་གེ་སོར་ཉར་བྱས་ཡོད། ${from}གི་སྨན་པར་བརྡ་བཏང་ཟིན་པས་འབྲེལ་བའམ་སྨན་ཁང་གཞན་འཚོལ་རོགས་བྱེད་ངེས།${phone ? `ཁ་པར་${phone}` : ""} ཇེ་སྡུག་ཏུ་སོང་ན་མ་སྒུག་པར་འཕྲལ་དུ་སྨན་པར་བསྟེན། ཛ་དྲག་ཡིན་ན་120ལ་ཁ་པར་གཏོང་།`,
};

const nameIn = (house: InstitutionRow, language: Language): string =>
  ({ "zh-CN": house.name, en: house.nameEn ?? house.name, bo: house.nameBo ?? house.name })[
    language
  ];

/** Departments of the same specialty in houses of the sender's alliances that can be called. */
async function othersThan(
  tx: Tx,
  row: ReferralRow,
): Promise<{ house: InstitutionRow; name: string }[]> {
  if (!row.toDepartmentId) return [];
  const [asked] = await tx.select().from(department).where(eq(department.id, row.toDepartmentId));
  if (!asked?.specialtyCode) return [];
  const own = tx
    .select({ id: allianceMember.allianceId })
    .from(allianceMember)
    .where(eq(allianceMember.institutionId, row.fromInstitutionId));
  const units = await tx
    .selectDistinct({ house: department.institutionId, name: department.name })
    .from(department)
    .innerJoin(allianceMember, eq(allianceMember.institutionId, department.institutionId))
    .where(
      and(
        inArray(allianceMember.allianceId, own),
        isNotNull(department.specialtyCode),
        sql`split_part(${department.specialtyCode}, '.', 1) = split_part(${asked.specialtyCode}, '.', 1)`,
        ne(department.institutionId, row.toInstitutionId!),
        ne(department.institutionId, row.fromInstitutionId),
      ),
    )
    .orderBy(department.institutionId, department.name)
    .limit(alternatives);
  const houses = await findInstitutions(
    tx,
    units.map((one) => one.house),
  );
  return units.flatMap((one) => {
    const house = houses.find((found) => found.id === one.house);
    return house ? [{ house, name: one.name }] : [];
  });
}
