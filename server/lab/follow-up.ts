/** What follows a release or a recall, done by jobs: people are told, cases are reported. Repeatable. */
import { type SQL, sql } from "drizzle-orm";
import type { Vault } from "../crypto/vault.ts";
import type { Tx } from "../db/client.ts";
import { findInstitutions } from "../directory/service.ts";
import type { Services, Work } from "../http/context.ts";
import type { Language, StaffActor } from "../identity/domain.ts";
import { findWithPermission } from "../identity/service.ts";
import { noticePreference } from "../notices/schema.ts";
import { notify, sendSms } from "../notices/service.ts";
import {
  findPatients,
  localDay,
  type PatientRecord,
  parsePhone,
  phoneContext,
} from "../patients/service.ts";
import { createReport, raiseCriticalValue, settingOf } from "../reporting/service.ts";
import type { TestPurpose } from "../sampling/domain.ts";
import { policyOn } from "./domain.ts";
import { type Corrected, followCorrections, itemCode, tellCorrected } from "./follow-correction.ts";
import { findRecalls, recallPhoneContext, wordsOf } from "./recall-service.ts";
import { findPolicies, textArray } from "./repository.ts";
import { recallCall } from "./schema.ts";
import { tellRecall } from "./tell.ts";
import { readyText, type Words } from "./texts.ts";

/** Recalls that are told in one transaction. */
const batch = 200;
/** What is authenticated with a helper's number (server/notices). */
const preferencePhoneContext = "notice_preference.contact_phone";

type Reach = {
  record: PatientRecord | undefined;
  language: Language;
  /** Phones that read messages; none when calls were asked for. */
  phones: { id: string; phone: string }[];
  /** Whom to call. */
  contact: {
    name: string | null;
    relation: PatientRecord["contacts"][number]["relation"] | null;
    phone: string | null;
  };
};

/** How these people are reached: by message, or by a call to themselves or to whoever helps. */
async function reachOf(
  tx: Tx,
  vault: Vault,
  patientIds: readonly string[],
): Promise<Map<string, Reach>> {
  const ids = [...new Set(patientIds)];
  const records = await findPatients(tx, ids);
  const preferences = await tx
    .select()
    .from(noticePreference)
    .where(sql`${noticePreference.patientId}::text = any (${textArray(ids)})`);
  return new Map(
    ids.map((id) => {
      const record = records.find((one) => one.row.id === id);
      const contacts = record?.contacts ?? [];
      const preference = preferences.find((one) => one.patientId === id);
      const calls = preference !== undefined && preference.mode !== "sms";
      const own = contacts.find((one) => one.relation === "self") ?? contacts[0];
      const named = calls && preference.contactPhoneCipher ? preference : null;
      return [
        id,
        {
          record,
          language: (record?.row.language ?? "zh-CN") as Language,
          phones: calls
            ? []
            : contacts
                .filter((one) => one.maySignIn)
                .map((one) => ({ id: one.id, phone: vault.open(phoneContext, one.phoneCipher) }))
                .filter(({ phone }) => isMobile(phone)),
          contact: named
            ? {
                name: named.contactName,
                relation: named.contactRelation,
                phone: vault.open(preferencePhoneContext, named.contactPhoneCipher!),
              }
            : {
                name: own?.name ?? null,
                relation: own?.relation ?? null,
                phone: own ? vault.open(phoneContext, own.phoneCipher) : null,
              },
        },
      ];
    }),
  );
}

/** A landline reads no messages. */
function isMobile(phone: string): boolean {
  const parsed = parsePhone(phone);
  return parsed.ok && parsed.value.kind === "mobile";
}

/**
 * Tell everybody who was recalled and has not heard of it, at any hour: by message where messages are read;
 * the others stay on the list with the number to call. Their institution's leads hear of new ones.
 * @returns how many were looked at; full batches are followed by another
 */
export async function tellRecalls(tx: Tx, vault: Vault, now: Date): Promise<number> {
  const rows = await findRecalls(
    tx,
    sql`c.state in ('issued', 'told', 'sampled') and k.recall_id is null`,
    batch,
  );
  const reach = await reachOf(
    tx,
    vault,
    rows.map((row) => row.patientId),
  );
  for (const row of rows) {
    const { contact, phones, language } = reach.get(row.patientId)!;
    const [made] = await tx
      .insert(recallCall)
      .values({
        recallId: row.id,
        contactName: contact.name,
        contactRelation: contact.relation,
        contactPhoneCipher: contact.phone ? vault.seal(recallPhoneContext, contact.phone) : null,
      })
      .onConflictDoNothing()
      .returning({ id: recallCall.recallId });
    // Another worker does it, or the swab is taken already.
    if (!made || row.state !== "issued") continue;
    const words = wordsOf(row);
    await sendAll(tx, vault, phones, {
      kind: "recall",
      words,
      language,
      once: `recall:${row.id}`,
      now,
    });
    if (phones.length > 0)
      await tx.execute(sql`update recall set state = 'told', told_at = ${now.toISOString()}, told_how = 'sms', version = version + 1
        where id = ${row.id} and state = 'issued'`);
  }
  for (const institutionId of new Set(rows.map((row) => row.institutionId))) {
    const own = rows.filter((row) => row.institutionId === institutionId);
    await notify(tx, {
      personIds: await findWithPermission(tx, institutionId, "sampling.lead", now),
      kind: "recalls-issued",
      entityType: "recall",
      entityId: own[0]!.id,
      detail: {
        count: own.length,
        calls: own.filter((row) => reach.get(row.patientId)!.phones.length === 0).length,
      },
      dedupeKey: `recalls:${own[0]!.id}`,
      at: now,
    });
    await tellRecall(tx, own[0]!.id, institutionId);
  }
  return rows.length;
}

type Message = { kind: string; words: Words; language: Language; once: string; now: Date };

async function sendAll(
  tx: Tx,
  vault: Vault,
  phones: Reach["phones"],
  { kind, words, language, once, now }: Message,
): Promise<void> {
  for (const { id, phone } of phones)
    await sendSms(tx, vault, {
      phone,
      kind,
      text: words(language),
      dedupeKey: `${once}:${id}`,
      at: now,
    });
}

/** "Your result is ready" to everybody of a plate's released results; what it is stands on the page only. */
export async function tellResults(
  tx: Tx,
  vault: Vault,
  plateId: string,
  now: Date,
): Promise<number> {
  const rows = await tx.execute<Corrected & { corrected: boolean }>(sql`
    select p.id, p.patient_id as "patientId", t.institution_id as "institutionId", ${wasTold} as corrected
    from person_result p join lab_finding f on f.lab_result_id = p.lab_result_id join tube t on t.id = p.tube_id
    where f.plate_id = ${plateId} and p.released_at is not null and p.withdrawn_at is null
      and not exists (select 1 from recall c where c.patient_id = p.patient_id and c.single and c.state in ('issued', 'told', 'sampled')) order by p.id`);
  const fresh = rows.filter((row) => !row.corrected);
  await tellEach(tx, vault, fresh, "result-ready", readyText, "result", now);
  await tellCorrected(
    tx,
    { vault },
    rows.filter((row) => row.corrected),
    now,
  );
  return rows.length;
}

/** Whether something else of this tube was released to the person `p` before. */
const wasTold = sql`exists (select 1 from person_result b where b.tube_id = p.tube_id and b.patient_id = p.patient_id and b.id <> p.id
  and b.released_at is not null and b.withdrawn_at is not null)`;

async function tellEach(
  tx: Tx,
  vault: Vault,
  rows: readonly { id: string; patientId: string }[],
  kind: string,
  words: Words,
  once: string,
  now: Date,
): Promise<void> {
  const reach = await reachOf(
    tx,
    vault,
    rows.map((row) => row.patientId),
  );
  for (const row of rows) {
    const { phones, language } = reach.get(row.patientId)!;
    await sendAll(tx, vault, phones, {
      kind,
      words,
      language,
      once: `${once}:${row.id}`,
      now,
    });
  }
}

type CaseRow = {
  patientId: string;
  tubeCode: string;
  purpose: TestPurpose;
  laboratoryId: string;
  institutionId: string;
  testedAt: string;
  reportedAt: string;
  releasedById: string;
  releasedBy: string;
  registeredBy: string | null;
};

const findCases = (tx: Tx, where: SQL) =>
  tx.execute<CaseRow>(sql`
    select p.patient_id as "patientId", t.code as "tubeCode", m.purpose, t.laboratory_id as "laboratoryId", t.institution_id as "institutionId",
      r.tested_at as "testedAt", r.reported_at as "reportedAt", o.id as "releasedById", o.name as "releasedBy", g.registered_by as "registeredBy"
    from person_result p join lab_result r on r.id = p.lab_result_id join lab_finding f on f.lab_result_id = r.id join tube t on t.id = p.tube_id
      join tube_member m on m.tube_id = p.tube_id and m.patient_id = p.patient_id join test_registration g on g.id = p.registration_id
      join person o on o.id = p.released_by
    where p.result = 'positive' and p.released_at is not null and p.withdrawn_at is null and ${where} order by p.id`);

/**
 * A person's positive result of a plate starts the infectious-disease report (the clock counts from the
 * release) and, for those whose doctor waits for it, a critical value; both in the name of whoever released
 * it. Recalls that a correction took away are told to those who had been asked to come.
 */
export async function followRelease(
  services: Pick<Services, "vault"> & Services,
  tx: Tx,
  plateId: string,
  now: Date,
): Promise<void> {
  await followCorrections(services, tx, plateId, now);
  // That somebody was negative and is not is told at once; the rest waits for the morning.
  const urgent = await tx.execute<Corrected>(sql`
    select p.id, p.patient_id as "patientId", t.institution_id as "institutionId"
    from person_result p join lab_finding f on f.lab_result_id = p.lab_result_id join tube t on t.id = p.tube_id
    where f.plate_id = ${plateId} and p.result = 'positive' and p.released_at is not null and p.withdrawn_at is null and ${wasTold} order by p.id`);
  await tellCorrected(tx, services, urgent, now);
  const policies = await findPolicies(tx);
  for (const row of await findCases(tx, sql`f.plate_id = ${plateId}`)) {
    const policy = policyOn(policies, localDay(new Date(row.reportedAt)));
    const actor: StaffActor = {
      kind: "staff",
      personId: row.releasedById,
      institutionId: row.laboratoryId,
      permissions: new Set(["infectious-report.report", "critical-value.raise"]),
      sessionId: "",
      name: row.releasedBy,
      language: "zh-CN",
    };
    const work: Work<StaffActor> = {
      tx,
      actor,
      origin: { correlationId: `lab-plate:${plateId}`, address: null },
      now,
    };
    if (policy?.diseaseCode && !(await isReported(tx, row, policy.diseaseCode)))
      await createReport(services, work, {
        patientId: row.patientId,
        diseaseCode: policy.diseaseCode,
        diagnosisKind: "confirmed",
        diagnosedAt: new Date(row.reportedAt).toISOString(),
        note: `实验室检出，采样管 ${row.tubeCode}`,
      });
    if (policy?.criticalPurposes.includes(row.purpose) && !(await isRaised(tx, row)))
      await raise(services, work, row);
  }
}

/** On its way anywhere, or started by this result before. */
async function isReported(tx: Tx, row: CaseRow, diseaseCode: string): Promise<boolean> {
  const found = await tx.execute(sql`
    select 1 from infectious_report i where i.patient_id = ${row.patientId} and i.disease_code = ${diseaseCode}
      and (i.state in ('reported', 'returned', 'corrected', 'received') or i.diagnosed_at = ${row.reportedAt}) limit 1`);
  return found.length > 0;
}

async function isRaised(tx: Tx, row: CaseRow): Promise<boolean> {
  const found = await tx.execute(sql`
    select 1 from critical_value v where v.patient_id = ${row.patientId} and v.item_code = ${itemCode} and v.measured_at = ${row.testedAt} limit 1`);
  return found.length > 0;
}

/** To somebody of the own house who takes critical values; elsewhere to the duty telephone of the institution that sampled. */
async function raise(services: Services, work: Work<StaffActor>, row: CaseRow): Promise<void> {
  const { tx, now } = work;
  const receivers = (
    await findWithPermission(tx, row.institutionId, "critical-value.receive", now)
  ).filter((one) => one !== row.releasedById);
  const personId =
    row.registeredBy && receivers.includes(row.registeredBy)
      ? row.registeredBy
      : receivers.sort()[0];
  const [institution] = await findInstitutions(tx, [row.institutionId]);
  const phone =
    (await settingOf(tx, row.institutionId, now)).dutyPhone ?? institution?.phone ?? null;
  const receiver =
    row.institutionId === row.laboratoryId && personId
      ? { personId, institutionId: row.institutionId }
      : phone
        ? { name: `${institution?.name ?? ""}值班`, phone }
        : null;
  if (!receiver) return;
  await raiseCriticalValue(services, work, {
    patientId: row.patientId,
    itemCode,
    itemText: "新型冠状病毒核酸",
    valueText: "阳性",
    measuredAt: new Date(row.testedAt).toISOString(),
    note: `采样管 ${row.tubeCode}`,
    receiver,
  });
}
