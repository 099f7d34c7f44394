import { and, eq, gt, inArray, isNull, or, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { allianceMember, department, practitioner, practitionerPost } from "../directory/schema.ts";
import { person, roleAssignment } from "../identity/schema.ts";
import { findWithPermission } from "../identity/service.ts";

/** A role counts until it expires. */
const validAt = (now: Date) =>
  or(isNull(roleAssignment.validUntil), gt(roleAssignment.validUntil, now));

/** People who hold a permission at an institution. */
export { findWithPermission };

export const findDeskStaff = (tx: Tx, institutionId: string, now: Date) =>
  findWithPermission(tx, institutionId, "consult.desk", now);

/** Specialists of an institution with their department. */
export async function findSpecialists(tx: Tx, institutionId: string, now: Date) {
  return tx
    .select({
      personId: person.id,
      name: person.name,
      title: practitioner.title,
      practisingSince: practitioner.practisingSince,
      department: department.name,
      departmentId: department.id,
    })
    .from(roleAssignment)
    .innerJoin(person, eq(person.id, roleAssignment.personId))
    .innerJoin(practitioner, eq(practitioner.personId, person.id))
    .innerJoin(
      practitionerPost,
      and(
        eq(practitionerPost.personId, person.id),
        eq(practitionerPost.institutionId, institutionId),
      ),
    )
    .innerJoin(department, eq(department.id, practitionerPost.departmentId))
    .where(
      and(
        eq(roleAssignment.institutionId, institutionId),
        eq(roleAssignment.roleCode, "specialist"),
        validAt(now),
      ),
    )
    .orderBy(department.name, person.name);
}

/** People in one role at any of these institutions. */
export async function findInRole(
  tx: Tx,
  roleCode: string,
  institutionIds: readonly string[],
  now: Date,
) {
  return tx
    .select({
      personId: person.id,
      name: person.name,
      institutionId: roleAssignment.institutionId,
      title: sql<string | null>`${practitioner.title}`,
    })
    .from(roleAssignment)
    .innerJoin(person, eq(person.id, roleAssignment.personId))
    .leftJoin(practitioner, eq(practitioner.personId, person.id))
    .where(
      and(
        eq(roleAssignment.roleCode, roleCode),
        inArray(roleAssignment.institutionId, [...institutionIds]),
        validAt(now),
      ),
    )
    .orderBy(person.name);
}

/** Institution at which each person would take part in a role. */
export async function findPostsFor(
  tx: Tx,
  personIds: readonly string[],
  now: Date,
): Promise<{ personId: string; institutionId: string; roleCode: string }[]> {
  if (personIds.length === 0) return [];
  return tx
    .select({
      personId: roleAssignment.personId,
      institutionId: roleAssignment.institutionId,
      roleCode: roleAssignment.roleCode,
    })
    .from(roleAssignment)
    .where(and(inArray(roleAssignment.personId, [...personIds]), validAt(now)));
}

/** Both sides, and the institutions of the alliances that both belong to. */
export async function findWithinReach(
  tx: Tx,
  invitingId: string,
  invitedId: string,
): Promise<string[]> {
  const members = await tx.select().from(allianceMember);
  const alliancesOf = (institutionId: string) =>
    members.filter((one) => one.institutionId === institutionId).map((one) => one.allianceId);
  const own = alliancesOf(invitingId);
  const shared = alliancesOf(invitedId).filter((id) => own.includes(id));
  const others = members.filter((one) => shared.includes(one.allianceId));
  return [...new Set([invitedId, invitingId, ...others.map((one) => one.institutionId)])];
}
