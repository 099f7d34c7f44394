import { sql } from "drizzle-orm";
import type { z } from "zod";
import { findAppointmentView } from "../booking/service.ts";
import type { Tx } from "../db/client.ts";
import type { Services, Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { readPreferences } from "../notices/service.ts";
import {
  ageOn,
  findPatients,
  localDay,
  maskPhone,
  type PatientRecord,
  parsePhone,
  phoneContext,
} from "../patients/service.ts";
import type { CallView, callSummary, callView } from "./contract.ts";
import { routeOf } from "./domain.ts";
import { questionsOf } from "./question-service.ts";
import type { CallRow } from "./repository.ts";
import * as repository from "./repository.ts";

export const callerPhoneContext = "hotline_call.caller_phone";

type Summary = z.input<typeof callSummary>;
type View = z.input<typeof callView>;

function summaryOf(
  { vault }: Services,
  row: CallRow,
  names: ReadonlyMap<string, string>,
  patientName: string | null,
): Summary {
  return {
    id: row.id,
    version: row.version,
    state: row.state,
    callerName: row.callerName,
    // In full: whoever calls back has to dial it.
    callerPhone: row.callerPhoneCipher
      ? vault.open(callerPhoneContext, row.callerPhoneCipher)
      : null,
    patientName,
    holder: { id: row.holderId, name: names.get(row.holderId) ?? "" },
    heldSince: row.heldSince.toISOString(),
    openedAt: row.openedAt.toISOString(),
    droppedAt: row.droppedAt?.toISOString() ?? null,
    droppedBySilence: row.droppedBySilence,
    callBackTries: row.callBackTries,
    flagged: row.flagged,
    transferTo: row.transferTo,
    transferAt: row.transferAt?.toISOString() ?? null,
  };
}

const nameOf = (record: PatientRecord | undefined) =>
  record ? (record.row.fullName ?? record.row.fullNameBo) : null;

export async function viewSummaries(
  services: Services,
  tx: Tx,
  rows: readonly CallRow[],
): Promise<Summary[]> {
  const names = await repository.findNames(tx, [...new Set(rows.map((row) => row.holderId))]);
  const people = await findPatients(tx, [...new Set(rows.flatMap((row) => row.patientId ?? []))]);
  return rows.map((row) =>
    summaryOf(services, row, names, nameOf(people.find((one) => one.row.id === row.patientId))),
  );
}

/** A call with everything its page shows. */
export async function viewCall(
  services: Services,
  { tx, actor, now }: Work<StaffActor>,
  row: CallRow,
): Promise<View> {
  const names = await repository.findNames(tx, [
    ...new Set([row.holderId, row.consentHeardBy, row.takenOverBy].filter((id) => id !== null)),
  ]);
  const [record] = row.patientId ? await findPatients(tx, [row.patientId]) : [];
  const set = await questionsOf(tx, row.questionsId, now);
  const preference = row.patientId
    ? (await readPreferences(services, tx, [row.patientId])).get(row.patientId)
    : null;
  return {
    ...summaryOf(services, row, names, nameOf(record)),
    outcome: row.outcome,
    holderTab: row.holderTab,
    mine: row.holderId === actor.personId,
    callerRelation: row.callerRelation,
    patient: record ? patientOf(services, record, now) : null,
    preference: preference ?? null,
    consent:
      row.consentAt && row.consentWords && row.consentBy && row.consentHeardBy
        ? {
            words: row.consentWords,
            by: row.consentBy,
            at: row.consentAt.toISOString(),
            heardBy: names.get(row.consentHeardBy) ?? "",
          }
        : null,
    answers: row.answers,
    questionsId: set.id,
    questions: set.questions,
    screenedAt: row.screenedAt?.toISOString() ?? null,
    route: routeOf(
      row.answers,
      set.questions.map((one) => one.yesRoute),
    ),
    takenOverBy: row.takenOverBy ? (names.get(row.takenOverBy) ?? "") : null,
    takenOverAt: row.takenOverAt?.toISOString() ?? null,
    draft: row.draft,
    appointment: row.appointmentId ? await findAppointmentView(tx, row.appointmentId, now) : null,
    confirmWay: row.confirmWay,
    operatorMs: row.operatorMs,
    operatorActions: row.operatorActions,
  };
}

function patientOf(
  { vault }: Services,
  { row, contacts }: PatientRecord,
  now: Date,
): NonNullable<CallView["patient"]> {
  const phones = contacts.map((contact) => ({
    relation: contact.relation,
    name: contact.name,
    maySee: contact.maySignIn,
    phone: vault.open(phoneContext, contact.phoneCipher),
  }));
  return {
    id: row.id,
    name: row.fullName ?? row.fullNameBo ?? "",
    nameBo: row.fullNameBo,
    sex: row.sex,
    ageYears: row.birthDate ? (ageOn(row.birthDate, localDay(now))?.years ?? null) : null,
    language: row.language as "zh-CN",
    address: row.address,
    readsMessages: phones.some(({ maySee, phone }) => maySee && isMobile(phone)),
    phones: phones.map(({ relation, name, phone }) => ({
      relation,
      name,
      masked: maskPhone(phone),
    })),
  };
}

function isMobile(phone: string): boolean {
  const parsed = parsePhone(phone);
  return parsed.ok && parsed.value.kind === "mobile";
}

/** How many letters wait to be printed here. */
export async function countLetters(tx: Tx): Promise<number> {
  const [row] = await tx.execute<{ count: string }>(
    sql`select count(*) from hotline_letter where printed_at is null`,
  );
  return Number(row?.count ?? 0);
}
