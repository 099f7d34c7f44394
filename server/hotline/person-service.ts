/** Who calls and for whom: one search box, and somebody new in a few words. */
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Services, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import {
  ageOn,
  findPatients,
  localDay,
  maskPersonName,
  parsePhone,
  parseResidentId,
  registerPatient,
  searchPatients,
  viewPatient,
} from "../patients/service.ts";
import { changeCall, loadCall } from "./call-service.ts";
import { callerPhoneContext, viewCall } from "./call-view.ts";
import type { callView, personBody, registerBody, searchAnswer } from "./contract.ts";
import type { CallRow } from "./repository.ts";
import * as repository from "./repository.ts";

type Found = z.input<typeof searchAnswer>["people"][number];
type View = z.input<typeof callView>;

/** A whole number or a whole ID by its blind index; anything else is a name. */
function indexesOf({ vault }: Services, text: string) {
  const resident = parseResidentId(text);
  if (resident.ok)
    return {
      by: "resident-id" as const,
      phone: null,
      id: vault.blindIndex("resident-id", resident.value.number),
    };
  const phone = parsePhone(text);
  if (phone.ok)
    return {
      by: "phone" as const,
      phone: vault.blindIndex("phone", phone.value.national),
      id: null,
    };
  return { by: "name" as const, phone: null, id: null };
}

/**
 * Names: people whom this institution knows. A whole number or ID: anybody of the alliance, with a
 * masked name until the operator has made sure that it is this person.
 */
export async function searchPeople(
  services: Services,
  work: Work<StaffActor>,
  text: string,
): Promise<z.input<typeof searchAnswer>> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "booking.assist");
  const { by, phone, id } = indexesOf(services, text);
  if (by === "name") {
    const patients = await searchPatients(services, work, text);
    return { by, people: patients.slice(0, 9).map(knownPerson) };
  }
  const rows = await repository.findByIndex(tx, phone, id);
  const visible = await findPatients(
    tx,
    rows.map((row) => row.id),
  );
  for (const row of rows.slice(0, 9))
    await trace(tx, actor, origin, {
      action: "hotline.search",
      entityType: "patient",
      entityId: row.id,
      patientId: row.id,
      purpose: "treatment",
      detail: { by },
    });
  const people = rows.slice(0, 9).map((row): Found => {
    const record = visible.find((one) => one.row.id === row.id);
    if (record) return knownPerson(viewPatient(services.vault, record, now));
    return {
      id: row.id,
      name: maskPersonName(row.full_name ?? row.full_name_bo ?? ""),
      nameBo: null,
      known: false,
      sex: row.sex,
      ageYears: row.birth_date ? (ageOn(row.birth_date, localDay(now))?.years ?? null) : null,
      residentIdMasked: null,
      phoneMasked: null,
      address: null,
    };
  });
  return { by, people };
}

function knownPerson(patient: ReturnType<typeof viewPatient>): Found {
  return {
    id: patient.id,
    name: patient.fullName ?? patient.fullNameBo ?? "",
    nameBo: patient.fullNameBo,
    known: true,
    sex: patient.sex,
    ageYears: patient.ageYears,
    residentIdMasked: patient.residentIdMasked,
    phoneMasked: patient.contacts[0]?.phoneMasked ?? null,
    address: patient.address,
  };
}

/** Consent and choices belong to the person they were made for. */
const forSomebodyElse = (before: CallRow, patientId: string): Partial<CallRow> =>
  before.patientId === patientId
    ? { patientId }
    : {
        patientId,
        consentWords: null,
        consentBy: null,
        consentAt: null,
        consentHeardBy: null,
        appointmentId: null,
        confirmWay: null,
        draft: { ...before.draft, step: "consent", segmentId: null },
      };

/**
 * The call is about this person. Whom the institution does not know yet it knows from now on, when the
 * whole number or ID was given.
 * @throws DomainError `request.not-found`, as `changeCall`
 */
export async function choosePerson(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  input: z.output<typeof personBody>,
): Promise<View> {
  const { tx, actor, origin } = work;
  assertPermission(actor, "booking.assist");
  const { phone, id: residentId } = indexesOf(services, input.q);
  const [visible] = await findPatients(tx, [input.patientId]);
  const linked =
    (phone || residentId) && (await repository.linkPatient(tx, input.patientId, phone, residentId));
  if (!visible && !linked) throw new DomainError("request.not-found");
  // The number that was searched for is the one to call back, until another is given.
  const number = phone ? parsePhone(input.q) : null;
  const row = await changeCall(work, id, input, (before) => ({
    ...forSomebodyElse(before, input.patientId),
    ...(number?.ok && phone && !before.callerPhoneCipher
      ? {
          callerPhoneCipher: services.vault.seal(callerPhoneContext, number.value.national),
          callerPhoneIndex: phone,
        }
      : {}),
  }));
  await trace(tx, actor, origin, {
    action: "hotline.person",
    entityType: "patient",
    entityId: input.patientId,
    patientId: input.patientId,
    purpose: "treatment",
  });
  return viewCall(services, work, row);
}

/**
 * Somebody nobody knows yet, in a few words. An ID that the alliance knows leads to that person.
 * @throws DomainError as `registerPatient` and `changeCall`
 */
export async function registerPerson(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  input: z.output<typeof registerBody>,
): Promise<View> {
  await loadCall(work, id);
  const { patient } = await registerPatient(services, work, {
    fullName: input.fullName,
    sex: input.sex,
    ageYears: input.ageYears,
    residentId: input.residentId,
    address: input.address,
    language: input.language,
    unknownPerson: false,
    contacts: input.phone
      ? [
          {
            relation: input.callerRelation,
            name: input.callerName ?? (input.callerRelation === "self" ? input.fullName : null),
            phone: input.phone,
            maySignIn: input.phoneMaySee,
          },
        ]
      : [],
  });
  const row = await changeCall(work, id, input, (before) => ({
    ...forSomebodyElse(before, patient.id),
    callerRelation: input.callerRelation,
  }));
  return viewCall(services, work, row);
}
