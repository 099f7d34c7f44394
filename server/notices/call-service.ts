/** News that a person tells by telephone: who asked for it, what is to be said, and what came of it. */
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import type { Vault } from "../crypto/vault.ts";
import type { Tx } from "../db/client.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Services, Work } from "../http/context.ts";
import type { Actor, Language, PatientActor, StaffActor } from "../identity/domain.ts";
import { announce } from "../outbox/service.ts";
import type { ContactRelation } from "../patients/domain.ts";
import { findPatients, maskPhone, parsePhone, phoneContext } from "../patients/service.ts";
import * as repository from "./call-repository.ts";
import { findPatientQuiet } from "./centre-repository.ts";
import type { callList, preferenceBody, preferenceView } from "./contract.ts";
import {
  atSiteKinds,
  type CallKind,
  type CallOutcome,
  channelOf,
  keptCallHours,
  type NoticeMode,
  nextTry,
} from "./domain.ts";
import { defaultQuiet, type QuietHours } from "./quiet.ts";

const wordsContext = "call_task.words";
const contactContext = "notice_preference.contact_phone";
const languages: readonly Language[] = ["zh-CN", "bo", "en"];

type Contact = {
  relation: ContactRelation;
  name: string | null;
  phoneCipher: string;
  maySignIn: boolean;
};

export type NewCall = {
  patientId: string;
  institutionId: string;
  /** Null: none came of it; then `once` is unique by itself. */
  appointmentId: string | null;
  contacts: readonly Contact[];
  kind: CallKind;
  dueAt: Date;
  words: (language: Language) => string;
  language: Language;
  once: string;
  now: Date;
  /** Not before: the patient's quiet hours. */
  nextAt?: Date;
};

/**
 * Put a call on the institution's list when the patient wants calls, or reads no messages.
 * @returns the number to call (null when none is known), or null when messages do
 */
export async function callInstead(
  tx: Tx,
  vault: Vault,
  input: NewCall & { readsMessages: boolean },
): Promise<{ phone: string | null } | null> {
  const [preference] = await repository.findPreferences(tx, [input.patientId]);
  const mode: NoticeMode = preference?.mode ?? "sms";
  const { readsMessages, contacts, kind } = input;
  if (channelOf(mode, kind, { readsMessages, number: contacts.length > 0 }) !== "call") return null;
  return putCall(tx, vault, input);
}

/**
 * Put a call on the institution's list, to whom the patient named, else to the own number.
 * @returns the number to call; null when none is known
 */
export async function putCall(
  tx: Tx,
  vault: Vault,
  input: NewCall,
): Promise<{ phone: string | null; added: boolean }> {
  const [preference] = await repository.findPreferences(tx, [input.patientId]);
  const mode: NoticeMode = preference?.mode ?? "sms";
  const { contacts, kind } = input;
  const isMobile = (one: Contact) => {
    const parsed = parsePhone(vault.open(phoneContext, one.phoneCipher));
    return parsed.ok && parsed.value.kind === "mobile";
  };
  const own =
    (atSiteKinds.includes(kind) ? contacts.find(isMobile) : undefined) ??
    contacts.find((one) => one.relation === "self") ??
    contacts[0];
  const named =
    mode !== "sms" && preference?.contactPhoneCipher
      ? {
          name: preference.contactName,
          relation: preference.contactRelation,
          phone: vault.open(contactContext, preference.contactPhoneCipher),
        }
      : null;
  const whom =
    named ??
    (own
      ? {
          name: own.name,
          relation: own.relation,
          phone: vault.open(phoneContext, own.phoneCipher),
        }
      : null);
  const spoken = (language: Language) =>
    input.words(language).replace(/^(【医联】|\[Yilian\])\s*/, "");
  const added = await repository.insertCall(tx, {
    institutionId: input.institutionId,
    patientId: input.patientId,
    appointmentId: input.appointmentId,
    kind: input.kind,
    at: input.now,
    dueAt: input.dueAt,
    nextAt: input.nextAt ?? input.now,
    wordsCipher: vault.seal(
      wordsContext,
      JSON.stringify({
        language: input.language,
        words: Object.fromEntries(languages.map((one) => [one, spoken(one)])),
      }),
    ),
    contactName: whom?.name ?? null,
    contactRelation: whom?.relation ?? null,
    contactPhoneCipher: whom ? vault.seal(contactContext, whom.phone) : null,
    dedupeKey: input.appointmentId
      ? `appointment:${input.appointmentId}:${input.once}`
      : input.once,
  });
  if (added) await tellCalls(tx, input.institutionId);
  return { phone: whom?.phone ?? null, added };
}

/** Pages with the list of calls read it again. */
async function tellCalls(tx: Tx, institutionId: string, id = institutionId): Promise<void> {
  await announce(tx, { topic: "call-task", id, version: 0 }, { institutionIds: [institutionId] });
}

/** Who calls patients: the hotline and the clinics. @throws DomainError `permission.denied` */
export function assertCalls(actor: Actor): asserts actor is StaffActor {
  if (
    actor.kind !== "staff" ||
    !(actor.permissions.has("booking.assist") || actor.permissions.has("booking.clinic"))
  )
    throw new DomainError("permission.denied");
}

/** The institution's calls, the nearest deadline first, with the words to say. */
export async function listCalls(
  { vault }: Services,
  work: Work<StaffActor>,
): Promise<z.input<typeof callList>> {
  const { tx, actor, origin, now } = work;
  assertCalls(actor);
  const since = new Date(now.getTime() - keptCallHours * 3_600_000);
  const rows = await repository.findCalls(tx, actor.institutionId, since);
  const people = await findPatients(tx, [...new Set(rows.map((row) => row.patientId))]);
  if (rows.length > 0)
    await trace(tx, actor, origin, {
      action: "call.list",
      entityType: "call-task",
      purpose: "treatment",
      detail: { rows: rows.length },
    });
  return {
    calls: rows.map((row) => {
      const who = people.find((one) => one.row.id === row.patientId)?.row;
      const said = JSON.parse(vault.open(wordsContext, row.wordsCipher)) as {
        language: Language;
        words: Record<Language, string>;
      };
      return {
        id: row.id,
        version: row.version,
        kind: row.kind,
        state: row.state,
        patientId: row.patientId,
        patient: who?.fullName ?? who?.fullNameBo ?? "",
        appointmentId: row.appointmentId,
        at: row.at.toISOString(),
        dueAt: row.dueAt.toISOString(),
        nextAt: row.nextAt.toISOString(),
        attempts: row.attempts,
        contact: {
          name: row.contactName,
          relation: row.contactRelation,
          phone: row.contactPhoneCipher ? vault.open(contactContext, row.contactPhoneCipher) : null,
        },
        language: said.language,
        words: said.words,
      };
    }),
  };
}

/**
 * What came of one try. Whoever was faster has done it: the same outcome twice changes nothing.
 * @throws DomainError `request.not-found`, `hotline.changed-meanwhile`, `hotline.step`
 */
export async function recordCall(
  work: Work<StaffActor>,
  id: string,
  input: { version: number; outcome: CallOutcome },
): Promise<{ ok: true }> {
  const { tx, actor, origin, now } = work;
  assertCalls(actor);
  const row = await repository.findCall(tx, id);
  if (!row) throw new DomainError("request.not-found");
  if (row.state === input.outcome) return { ok: true };
  if (row.state !== "open") throw new DomainError("hotline.step");
  const done = await repository.updateCall(
    tx,
    id,
    input.version,
    input.outcome === "not-reached"
      ? { attempts: row.attempts + 1, nextAt: nextTry(now, row.dueAt) }
      : { attempts: row.attempts + 1, state: input.outcome, endedAt: now },
  );
  if (!done) throw new DomainError("hotline.changed-meanwhile");
  await repository.insertAttempt(tx, {
    taskId: id,
    at: now,
    byPersonId: actor.personId,
    outcome: input.outcome,
  });
  await trace(tx, actor, origin, {
    action: `call.${input.outcome}`,
    entityType: "call-task",
    entityId: id,
    patientId: row.patientId,
    detail: { kind: row.kind },
  });
  await tellCalls(tx, row.institutionId, row.id);
  return { ok: true };
}

/** The patient has answered in another way: nobody has to call any more. What is no open call is left as it is. */
export async function endCall(tx: Tx, key: string, now: Date): Promise<void> {
  const row = await repository.findCallByKey(tx, key);
  if (row?.state !== "open") return;
  await repository.updateCall(tx, row.id, row.version, { state: "reached", endedAt: now });
  await tellCalls(tx, row.institutionId, row.id);
}

export const findCallByKey = repository.findCallByKey;

/** Calls that nobody made in time: saying it now would confuse. They stay on the list as missed. */
export async function lapseCalls(tx: Tx, now: Date): Promise<number> {
  const rows = await repository.findOverdueCalls(tx, now);
  for (const row of rows) {
    await repository.updateCall(tx, row.id, row.version, { state: "lapsed", endedAt: now });
    await tellCalls(tx, row.institutionId, row.id);
  }
  return rows.length;
}

type View = z.input<typeof preferenceView>;

/** How patients want to be told. Numbers are masked, for the page of the own phone too: it may be shared. */
export async function readPreferences(
  { vault, clock }: Services,
  tx: Tx,
  patientIds: readonly string[],
): Promise<Map<string, View>> {
  const rows = await repository.findPreferences(tx, patientIds);
  const quiet = new Map<string, QuietHours>();
  for (const id of patientIds) {
    const found = await findPatientQuiet(tx, id, clock());
    if (found) quiet.set(id, { fromMinute: found.fromMinute, toMinute: found.toMinute });
  }
  return new Map(
    patientIds.map((id) => {
      const row = rows.find((one) => one.patientId === id);
      return [
        id,
        {
          patientId: id,
          mode: row?.mode ?? "sms",
          contactName: row?.contactName ?? null,
          contactRelation: row?.contactRelation ?? null,
          contactPhoneMasked: row?.contactPhoneCipher
            ? maskPhone(vault.open(contactContext, row.contactPhoneCipher))
            : null,
          quiet: quiet.get(id) ?? defaultQuiet,
        },
      ];
    }),
  );
}

/**
 * Set it: the patient on the phone, or staff whom the patient told.
 * @throws DomainError `patient.phone`, `permission.denied`
 */
export async function setPreference(
  services: Services,
  work: Work<PatientActor | StaffActor>,
  patientId: string,
  input: z.output<typeof preferenceBody>,
): Promise<View> {
  const { tx, actor, origin, now } = work;
  if (actor.kind === "patient") {
    if (!actor.patientIds.includes(patientId)) throw new DomainError("request.not-found");
  } else assertCalls(actor);
  const calls = input.mode !== "sms";
  const phone = calls && input.contactPhone ? parsePhone(input.contactPhone) : null;
  if (phone && !phone.ok) throw new DomainError("patient.phone", { problem: phone.problem });
  const [known] = await repository.findPreferences(tx, [patientId]);
  const kept = calls && !phone && known?.mode === input.mode ? known.contactPhoneCipher : null;
  if (input.mode === "call-helper" && (!(phone || kept) || !input.contactName))
    throw new DomainError("patient.phone", { problem: "length" });
  await repository.savePreference(tx, {
    patientId,
    mode: input.mode,
    contactName: calls ? (input.contactName ?? null) : null,
    contactRelation: calls ? (input.contactRelation ?? null) : null,
    contactPhoneCipher: phone?.ok
      ? services.vault.seal(contactContext, phone.value.national)
      : kept,
    quietFromMinute: input.quiet?.fromMinute ?? known?.quietFromMinute ?? null,
    quietToMinute: input.quiet?.toMinute ?? known?.quietToMinute ?? null,
    setByPersonId: actor.kind === "staff" ? actor.personId : null,
    setAt: now,
  });
  await trace(tx, actor, origin, {
    action: "notice.preference",
    entityType: "patient",
    entityId: patientId,
    patientId,
    detail: { mode: input.mode },
  });
  return (await readPreferences(services, tx, [patientId])).get(patientId)!;
}

/** The preferences of everybody whose pages this phone opens. */
export async function myPreferences(
  services: Services,
  { tx, actor }: Work<PatientActor>,
): Promise<{ preferences: View[] }> {
  const found = await readPreferences(services, tx, actor.patientIds);
  return { preferences: [...found.values()] };
}
