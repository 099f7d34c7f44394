import { inArray, sql } from "drizzle-orm";
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { addDays } from "../calendar/domain.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Services, Work } from "../http/context.ts";
import type { PatientActor } from "../identity/domain.ts";
import { patientContact } from "../patients/schema.ts";
import {
  localDay,
  normalisePersonName,
  parsePhone,
  parseResidentId,
  phoneContext,
  residentIdContext,
} from "../patients/service.ts";
import type { addedPerson, addPersonBody, myAppointments } from "./contract.ts";
import * as repository from "./repository.ts";
import { viewAppointments } from "./view.ts";

/** How long an appointment that is over stays on the page, days. */
const shownDays = 90;

/** Mine and those of the people whom my phone books for: coming ones and the last three months. */
export async function listMyAppointments(
  work: Work<PatientActor>,
): Promise<z.input<typeof myAppointments>> {
  const { tx, actor, now } = work;
  if (actor.patientIds.length === 0) return { appointments: [], waitlist: [] };
  const since = addDays(localDay(now), -shownDays);
  const rows = await repository.findAppointments(
    tx,
    sql`a.day >= ${since} and a.state <> 'lapsed' and (a.state <> 'held' or a.held_until > ${now.toISOString()})`,
  );
  return {
    appointments: await viewAppointments(tx, rows, now),
    waitlist: await listWaitlist(work),
  };
}

async function listWaitlist({ tx, now }: Work<PatientActor>) {
  const rows = await tx.execute<{
    id: string;
    state: "waitlisted" | "offered";
    day: string;
    patientId: string;
    patientName: string | null;
    institutionId: string;
    departmentName: string;
    departmentNameEn: string | null;
    departmentNameBo: string | null;
    appointmentId: string | null;
    offerUntil: string | null;
    ahead: number;
  }>(sql`
    select w.id, w.state, w.day::text as day, w.patient_id as "patientId", coalesce(p.full_name, p.full_name_bo) as "patientName",
      w.institution_id as "institutionId", d.name as "departmentName", d.name_en as "departmentNameEn",
      d.name_bo as "departmentNameBo", w.appointment_id as "appointmentId", w.offer_until as "offerUntil",
      app.waitlist_ahead(w.id)::int as ahead
    from waitlist_entry w join patient p on p.id = w.patient_id join department d on d.id = w.department_id
    where w.state in ('waitlisted', 'offered') and w.day >= ${localDay(now)} order by w.day, w.position`);
  const institutions = await findInstitutions(tx, [
    ...new Set(rows.map((row) => row.institutionId)),
  ]);
  return rows.map((row) => {
    const hospital = institutions.find((one) => one.id === row.institutionId);
    return {
      id: row.id,
      state: row.state,
      day: row.day,
      patient: { id: row.patientId, name: row.patientName ?? "" },
      institution: {
        zh: hospital?.name ?? "",
        en: hospital?.nameEn ?? null,
        bo: hospital?.nameBo ?? null,
      },
      department: {
        zh: row.departmentName,
        en: row.departmentNameEn,
        bo: row.departmentNameBo,
      },
      ahead: row.ahead,
      appointmentId: row.appointmentId,
      offerUntil: row.offerUntil ? new Date(row.offerUntil).toISOString() : null,
    };
  });
}

/**
 * Somebody new whom this phone books for. The identity is what was typed: it opens no record of the
 * alliance; the window ties both together where the card is seen.
 * @throws DomainError `patient.resident-id`, `booking.too-many-patients`
 */
export async function addPerson(
  services: Services,
  work: Work<PatientActor>,
  input: z.output<typeof addPersonBody>,
): Promise<z.input<typeof addedPerson>> {
  const { tx, actor, origin, now } = work;
  const resident = input.residentId ? parseResidentId(input.residentId, localDay(now)) : null;
  if (resident && !resident.ok)
    throw new DomainError("patient.resident-id", { reason: resident.problem });
  const name = normalisePersonName(input.fullName);
  const phoneCipher = await ownPhoneCipher(services, work, input.phone);
  const [institution] = await findInstitutions(tx);
  const [row] = await tx.execute<{ id: string | null }>(sql`
    select app.add_person(${institution!.id}, ${name}, ${resident?.ok ? resident.value.sex : input.sex},
      ${resident?.ok ? resident.value.birthDate : input.birthDate}, ${
        resident?.ok ? services.vault.seal(residentIdContext, resident.value.number) : null
      }, ${input.relation}, ${phoneCipher}, ${now.toISOString()}, ${services.demo}) as id`);
  if (!row?.id) throw new DomainError("booking.too-many-patients");
  await trace(tx, actor, origin, {
    action: "patient.add-by-phone",
    entityType: "patient",
    entityId: row.id,
    patientId: row.id,
    detail: { relation: input.relation, agreed: true },
  });
  return { id: row.id, name, relation: input.relation };
}

/**
 * The signed-in phone's own sealed number. Of a phone that is new here only the index is known: the page
 * sends the number along, and it must be the one that signed in.
 */
async function ownPhoneCipher(
  { vault }: Services,
  { tx, actor }: Work<PatientActor>,
  phone: string | null,
): Promise<string> {
  const contacts =
    actor.patientIds.length > 0
      ? await tx
          .select()
          .from(patientContact)
          .where(inArray(patientContact.patientId, [...actor.patientIds]))
      : [];
  const known = contacts.find((row) => row.phoneIndex.equals(actor.phoneIndex));
  if (known) return known.phoneCipher;
  const parsed = phone ? parsePhone(phone) : null;
  if (!parsed?.ok || !vault.blindIndex("phone", parsed.value.national).equals(actor.phoneIndex))
    throw new DomainError("booking.phone-unknown");
  return vault.seal(phoneContext, parsed.value.national);
}
