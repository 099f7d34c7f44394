/** The directory: who and what is there, compared as a whole because it is small and changes seldom. */
import { asc, eq, inArray } from "drizzle-orm";
import { toFhirHealthcareService } from "../../../fhir-mappings/healthcare-service.ts";
import { toFhirLocation } from "../../../fhir-mappings/location.ts";
import { toFhirOrganization } from "../../../fhir-mappings/organization.ts";
import { toFhirOrganizationAffiliation } from "../../../fhir-mappings/organization-affiliation.ts";
import { toFhirPractitioner } from "../../../fhir-mappings/practitioner.ts";
import { toFhirPractitionerRole } from "../../../fhir-mappings/practitioner-role.ts";
import { locationFacts } from "../../booking/service.ts";
import type { Tx } from "../../db/client.ts";
import {
  alliance,
  allianceMember,
  department,
  institution,
  institutionName,
  practitioner,
  practitionerPost,
} from "../../directory/schema.ts";
import { findInstitutions } from "../../directory/service.ts";
import { person, roleAssignment } from "../../identity/schema.ts";
import { type Projected, type ProjectionPart, shown } from "./projected.ts";

export const directoryPart: ProjectionPart = {
  idsAfter: async (_reading, after) => (after === "" ? ["all"] : []),
  project: async ({ tx, institutionId }) => {
    const [own] = await findInstitutions(tx, [institutionId]);
    const posts = await tx
      .select({ row: practitionerPost, unit: department })
      .from(practitionerPost)
      .innerJoin(department, eq(department.id, practitionerPost.departmentId))
      .where(eq(practitionerPost.institutionId, institutionId));
    const people = [...new Set(posts.map((one) => one.row.personId))];
    return [
      ...(await organizations(tx)),
      ...(await affiliations(tx)),
      ...(own ? [shown(toFhirLocation(locationFacts(own)))] : []),
      ...(await services(tx, institutionId, own?.phone ?? null)),
      ...(await practitioners(tx, people)),
      ...(await roles(tx, institutionId, posts)),
    ];
  },
  // Not Location: wards and beds are told by another part, and the house's own never ends.
  whole: ["Organization", "OrganizationAffiliation", "HealthcareService", "PractitionerRole"],
};

/** Every member: who is asked for advice, and who is answered, is named in a consult. */
async function organizations(tx: Tx): Promise<Projected[]> {
  const rows = await tx.select().from(institution);
  const names = await tx.select().from(institutionName).orderBy(asc(institutionName.position));
  return rows.flatMap((row) => {
    const own = names.filter((one) => one.institutionId === row.id);
    return own.length > 0 ? [shown(toFhirOrganization({ ...row, names: own }))] : [];
  });
}

/** Which alliance each member is in, and who leads it. */
async function affiliations(tx: Tx): Promise<Projected[]> {
  const rows = await tx
    .select({ member: allianceMember, of: alliance })
    .from(allianceMember)
    .innerJoin(alliance, eq(alliance.id, allianceMember.allianceId));
  return rows.map(({ member, of }) =>
    shown(
      toFhirOrganizationAffiliation({
        allianceId: of.id,
        allianceName: of.name,
        kind: of.kind,
        leadId:
          rows.find((one) => one.of.id === of.id && one.member.lead)?.member.institutionId ?? null,
        memberId: member.institutionId,
      }),
    ),
  );
}

async function services(tx: Tx, institutionId: string, phone: string | null): Promise<Projected[]> {
  const rows = await tx
    .select()
    .from(department)
    .where(eq(department.institutionId, institutionId));
  return rows.map((row) => shown(toFhirHealthcareService({ ...row, phone })));
}

/** Practitioners by their person's id; also those of other houses who take part in a consult. */
export async function practitioners(tx: Tx, people: readonly string[]): Promise<Projected[]> {
  if (people.length === 0) return [];
  const rows = await tx
    .select()
    .from(practitioner)
    .innerJoin(person, eq(person.id, practitioner.personId))
    .where(inArray(practitioner.personId, [...people]));
  return rows.map((row) =>
    shown(
      toFhirPractitioner({
        ...row.practitioner,
        name: row.person.name,
        nameBo: row.person.nameBo,
        nameEn: row.person.nameEn,
      }),
    ),
  );
}

type Post = { row: typeof practitionerPost.$inferSelect; unit: typeof department.$inferSelect };

async function roles(tx: Tx, institutionId: string, posts: readonly Post[]): Promise<Projected[]> {
  const held = await tx
    .select({ personId: roleAssignment.personId, code: roleAssignment.roleCode })
    .from(roleAssignment)
    .where(eq(roleAssignment.institutionId, institutionId))
    .orderBy(asc(roleAssignment.roleCode));
  return posts.map(({ row, unit }) =>
    shown(
      toFhirPractitionerRole({
        personId: row.personId,
        institutionId,
        departmentId: row.departmentId,
        departmentName: unit.name,
        specialtyCode: unit.specialtyCode,
        roles: held.filter((one) => one.personId === row.personId).map((one) => one.code),
        posted: row.posted,
      }),
    ),
  );
}
