import { desc, inArray } from "drizzle-orm";
import type { z } from "zod";
import { auditEvent } from "../audit/schema.ts";
import { trace } from "../audit/service.ts";
import type { Vault } from "../crypto/vault.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Services, type Work } from "../http/context.ts";
import type { PatientActor, StaffActor } from "../identity/domain.ts";
import { recordEmergency } from "../records/schema.ts";
import type { accessList, PatientView, RegisterPatient } from "./contract.ts";
import {
  ageOn,
  maskIdentityNumber,
  maskPhone,
  parsePhone,
  parseResidentId,
} from "./identifiers.ts";
import type { PossibleDuplicate } from "./join-contract.ts";
import { findPossibleDuplicates } from "./join-service.ts";
import { normalisePersonName } from "./person-name.ts";
import * as repository from "./repository.ts";

export const residentIdContext = "patient.resident_id";
export const phoneContext = "patient_contact.phone";

/** A patient as staff see him: identifiers masked, age as of today. */
export function viewPatient(
  vault: Vault,
  record: repository.PatientRecord,
  now: Date,
): PatientView {
  const { row, contacts } = record;
  const age = row.birthDate ? ageOn(row.birthDate, localDay(now)) : undefined;
  return {
    id: row.id,
    fullName: row.fullName,
    fullNameBo: row.fullNameBo,
    sex: row.sex,
    birthDate: row.birthDate,
    birthDateEstimated: row.birthDateEstimated,
    ageYears: age?.years ?? null,
    ageMonths: age?.months ?? null,
    ethnicGroup: row.ethnicGroup,
    language: row.language as PatientView["language"],
    address: row.address,
    residentIdMasked: row.residentIdCipher
      ? maskIdentityNumber(vault.open(residentIdContext, row.residentIdCipher))
      : null,
    unknownPerson: row.unknownPerson,
    unknownNote: row.unknownNote,
    contacts: contacts.map((contact) => ({
      relation: contact.relation,
      name: contact.name,
      phoneMasked: maskPhone(vault.open(phoneContext, contact.phoneCipher)),
      maySignIn: contact.maySignIn,
    })),
  };
}

/**
 * Register a person. Who is known to the alliance by ID is linked, never registered twice; people
 * without an ID are never merged by name.
 * @throws DomainError `permission.denied`, `patient.resident-id`, `patient.phone`, `patient.name-missing`
 */
export async function registerPatient(
  services: Services,
  work: Work<StaffActor>,
  input: RegisterPatient,
): Promise<{ patient: PatientView; existing: boolean; similar: PossibleDuplicate[] }> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "patient.register");
  const { vault } = services;
  const resident = input.residentId ? parseResidentId(input.residentId, localDay(now)) : null;
  if (resident && !resident.ok)
    throw new DomainError("patient.resident-id", { reason: resident.problem });
  const residentIdIndex = resident?.ok
    ? vault.blindIndex("resident-id", resident.value.number)
    : null;
  if (residentIdIndex) {
    const known = await repository.linkByResidentId(tx, residentIdIndex);
    if (known) {
      await trace(tx, actor, origin, {
        action: "patient.link",
        entityType: "patient",
        entityId: known,
        patientId: known,
        purpose: "treatment",
      });
      return { patient: await readPatient(services, work, known), existing: true, similar: [] };
    }
  }
  const fullName = input.fullName ? normalisePersonName(input.fullName) : null;
  const fullNameBo = input.fullNameBo ? normalisePersonName(input.fullNameBo) : null;
  // One name in one script is enough: many have a single Tibetan name and nothing else.
  if (!fullName && !fullNameBo && !input.unknownPerson)
    throw new DomainError("patient.name-missing");
  const contacts = input.contacts.map((contact) => {
    const phone = parsePhone(contact.phone);
    if (!phone.ok) throw new DomainError("patient.phone", { problem: phone.problem });
    return { ...contact, phone: phone.value.national };
  });
  const birthDate = resident?.ok
    ? resident.value.birthDate
    : (input.birthDate ?? birthDateOfAge(input.ageYears ?? null, now));
  const created = await repository.insertPatient(tx, {
    fullName,
    fullNameBo,
    sex: resident?.ok ? resident.value.sex : input.sex,
    birthDate,
    birthDateEstimated: !resident && !input.birthDate && birthDate !== null,
    ethnicGroup: input.ethnicGroup ?? null,
    language: input.language,
    address: input.address ?? null,
    residentIdCipher: resident?.ok ? vault.seal(residentIdContext, resident.value.number) : null,
    residentIdIndex,
    unknownPerson: input.unknownPerson,
    unknownNote: input.unknownNote ?? null,
    managingInstitutionId: actor.institutionId,
    demo: services.demo,
    updatedAt: now,
  });
  await repository.insertContacts(
    tx,
    contacts.map((contact) => ({
      patientId: created.id,
      relation: contact.relation,
      name: contact.name ?? null,
      phoneCipher: vault.seal(phoneContext, contact.phone),
      phoneIndex: vault.blindIndex("phone", contact.phone),
      maySignIn: contact.maySignIn,
    })),
  );
  await trace(tx, actor, origin, {
    action: "patient.register",
    entityType: "patient",
    entityId: created.id,
    patientId: created.id,
    purpose: "treatment",
  });
  return {
    patient: viewPatient(vault, (await repository.findPatient(tx, created.id))!, now),
    existing: false,
    similar: actor.permissions.has("patient.read")
      ? await findPossibleDuplicates(work, created.id)
      : [],
  };
}

/** @throws DomainError `request.not-found` when the reader may not see the patient */
export async function readPatient(
  services: Services,
  work: Work<StaffActor>,
  id: string,
): Promise<PatientView> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "patient.read");
  // A page of a registration that goes on under another goes on to that one.
  const person = await repository.personOf(tx, id);
  const record = await repository.findPatient(tx, person);
  if (!record) throw new DomainError("request.not-found");
  await trace(tx, actor, origin, {
    action: "patient.read",
    entityType: "patient",
    entityId: person,
    patientId: person,
    purpose: "treatment",
  });
  return viewPatient(services.vault, record, now);
}

/** One search box: a name or part of it, a full ID or a full phone number. */
export async function searchPatients(
  services: Services,
  work: Work<StaffActor>,
  text: string,
): Promise<PatientView[]> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "patient.read");
  const resident = parseResidentId(text);
  const phone = parsePhone(text);
  const ids = await repository.searchPatients(tx, {
    name: normalisePersonName(text),
    residentIdIndex: resident.ok
      ? services.vault.blindIndex("resident-id", resident.value.number)
      : null,
    phoneIndex: phone.ok ? services.vault.blindIndex("phone", phone.value.national) : null,
  });
  const records = await repository.findPatients(tx, ids);
  await trace(tx, actor, origin, {
    action: "patient.search",
    entityType: "patient",
    detail: { hits: records.length },
  });
  return ids.flatMap((id) => {
    const record = records.find((one) => one.row.id === id);
    return record ? [viewPatient(services.vault, record, now)] : [];
  });
}

/** Who looked at the patient's data: read by the patient (or who may sign in for him). */
export async function listAccess(work: Work<PatientActor>): Promise<z.input<typeof accessList>> {
  const { tx, actor } = work;
  if (actor.patientIds.length === 0) return { entries: [] };
  const rows = await tx
    .select()
    .from(auditEvent)
    .where(inArray(auditEvent.patientId, [...actor.patientIds]))
    .orderBy(desc(auditEvent.at))
    .limit(200);
  const askedOf = (row: (typeof rows)[number]) =>
    row.entityType === "institution" ? row.entityId : null;
  const institutions = await findInstitutions(tx, [
    ...new Set(rows.flatMap((row) => [row.institutionId ?? [], askedOf(row) ?? []].flat())),
  ]);
  const emergencies = await tx
    .select({ id: recordEmergency.id, reason: recordEmergency.reason })
    .from(recordEmergency)
    .where(inArray(recordEmergency.patientId, [...actor.patientIds]));
  const nameOf = (id: string | null) => institutions.find((one) => one.id === id)?.name ?? null;
  return {
    entries: rows
      .filter((row) => row.actorKind === "staff" || row.actorKind === "house")
      .map((row) => ({
        at: row.at.toISOString(),
        who: row.actorName ?? "",
        institution: nameOf(row.institutionId),
        action: row.action,
        purpose: row.purpose,
        source: nameOf(askedOf(row)),
        reason: emergencies.find((one) => one.id === emergencyOf(row.detail))?.reason ?? null,
      })),
  };
}

/** Row of the register of emergencies that a trace names. */
const emergencyOf = (detail: unknown): unknown =>
  (detail as { emergency?: unknown } | null)?.emergency;

/** When only an age is known, 1 January of that year stands for the date; the row says that it is estimated. */
function birthDateOfAge(years: number | null, now: Date): string | null {
  return years === null ? null : `${now.getUTCFullYear() - years}-01-01`;
}

/** The calendar day in the alliance's zone, `YYYY-MM-DD`. */
export function localDay(at: Date, timeZone = "Asia/Shanghai"): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone, dateStyle: "short" }).format(at);
}

export {
  ageOn,
  maskIdentityNumber,
  maskPhone,
  parsePhone,
  parseResidentId,
} from "./identifiers.ts";
export { maskPersonName, normalisePersonName } from "./person-name.ts";
export {
  findLinks,
  findPatient,
  findPatientRows,
  findPatients,
  findRegistrations,
  findSignInContacts,
  ofPeople,
  ofPerson,
  type PatientRecord,
  type PatientRow,
  personOf,
  registrationsOf,
} from "./repository.ts";
