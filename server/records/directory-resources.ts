import type { Patient, Resource } from "@medplum/fhirtypes";
import { and, eq, inArray } from "drizzle-orm";
import { toFhirOrganization } from "../../fhir-mappings/organization.ts";
import { toFhirPatient } from "../../fhir-mappings/patient.ts";
import { toFhirPractitioner } from "../../fhir-mappings/practitioner.ts";
import {
  partsOfPractitionerRoleId,
  toFhirPractitionerRole,
} from "../../fhir-mappings/practitioner-role.ts";
import { assignableStates } from "../consult/domain.ts";
import { consult, consultParticipant } from "../consult/schema.ts";
import type { Tx } from "../db/client.ts";
import {
  department,
  institution,
  institutionName,
  practitioner,
  practitionerPost,
} from "../directory/schema.ts";
import { assertPermission, type Services, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { person, roleAssignment } from "../identity/schema.ts";
import {
  findPatient,
  ofPerson,
  type PatientRecord,
  phoneContext,
  residentIdContext,
} from "../patients/service.ts";
import type { Found } from "./consult-resources.ts";

/**
 * A patient. Identifiers in clear text are for the institution that keeps the record and for the doctors
 * of an open consult; to others they are absent.
 */
export async function findPatientResource(
  services: Services,
  work: Work<StaffActor>,
  id: string,
): Promise<Found> {
  assertPermission(work.actor, "patient.read");
  const record = await findPatient(work.tx, id);
  if (!record) return null;
  const clear =
    record.row.managingInstitutionId === work.actor.institutionId ||
    (await treats(work.tx, work.actor, id));
  const resource = patientResource(services, record, clear);
  return { resource, patientId: id, version: 1, updatedAt: record.row.updatedAt };
}

/** A patient in FHIR. @param clear with the ID card's number and telephones */
export function patientResource(
  { vault }: Services,
  { row, contacts, registrations }: PatientRecord,
  clear: boolean,
): Patient {
  return toFhirPatient({
    ...row,
    // A registration that goes on under another says so, and that one says which it goes on for.
    ...(registrations[0] !== undefined && registrations[0] !== row.id
      ? { replacedBy: registrations[0] }
      : {}),
    ...(registrations[0] === row.id && registrations.length > 1
      ? { replaces: registrations.slice(1).sort() }
      : {}),
    residentId:
      clear && row.residentIdCipher ? vault.open(residentIdContext, row.residentIdCipher) : null,
    contacts: (clear ? contacts : []).map((contact) => ({
      relation: contact.relation,
      name: contact.name,
      phone: vault.open(phoneContext, contact.phoneCipher),
    })),
  });
}

/** Whether this doctor is assigned, at this institution, to a consult of the patient that is still open. */
async function treats(tx: Tx, actor: StaffActor, patientId: string): Promise<boolean> {
  const found = await tx
    .select({ id: consult.id })
    .from(consultParticipant)
    .innerJoin(consult, eq(consult.id, consultParticipant.consultId))
    .where(
      and(
        ofPerson(consult.patientId, patientId),
        inArray(consult.state, [...assignableStates, "signed"]),
        eq(consultParticipant.personId, actor.personId),
        eq(consultParticipant.institutionId, actor.institutionId),
        inArray(consultParticipant.role, ["attending", "specialist"]),
      ),
    )
    .limit(1);
  return found.length > 0;
}

type Directory = { resource: Resource } | null;

export async function findOrganizationResource(
  work: Work<StaffActor>,
  id: string,
): Promise<Directory> {
  const [row] = await work.tx.select().from(institution).where(eq(institution.id, id));
  if (!row) return null;
  const names = await work.tx
    .select({ language: institutionName.language, name: institutionName.name })
    .from(institutionName)
    .where(eq(institutionName.institutionId, id))
    .orderBy(institutionName.position);
  return { resource: toFhirOrganization({ ...row, names }) };
}

export async function findPractitionerResource(
  work: Work<StaffActor>,
  id: string,
): Promise<Directory> {
  const [row] = await work.tx
    .select()
    .from(practitioner)
    .innerJoin(person, eq(person.id, practitioner.personId))
    .where(eq(practitioner.personId, id));
  if (!row) return null;
  return {
    resource: toFhirPractitioner({
      ...row.practitioner,
      name: row.person.name,
      nameBo: row.person.nameBo,
      nameEn: row.person.nameEn,
    }),
  };
}

export async function findPractitionerRoleResource(
  work: Work<StaffActor>,
  id: string,
): Promise<Directory> {
  const parts = partsOfPractitionerRoleId(id);
  if (!parts) return null;
  const [post] = await work.tx
    .select({ row: practitionerPost, unit: department })
    .from(practitionerPost)
    .innerJoin(department, eq(department.id, practitionerPost.departmentId))
    .where(
      and(
        eq(practitionerPost.personId, parts.personId),
        eq(practitionerPost.departmentId, parts.departmentId),
      ),
    );
  if (!post) return null;
  const roles = await work.tx
    .select({ code: roleAssignment.roleCode })
    .from(roleAssignment)
    .where(
      and(
        eq(roleAssignment.personId, parts.personId),
        eq(roleAssignment.institutionId, post.row.institutionId),
      ),
    );
  return {
    resource: toFhirPractitionerRole({
      personId: parts.personId,
      institutionId: post.row.institutionId,
      departmentId: parts.departmentId,
      departmentName: post.unit.name,
      specialtyCode: post.unit.specialtyCode,
      roles: roles.map((one) => one.code),
      posted: post.row.posted,
    }),
  };
}
