import { and, eq, inArray, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { department, practitioner, practitionerPost } from "../directory/schema.ts";
import { person, roleAssignment, rolePermission } from "../identity/schema.ts";

/** People who hold a permission at an institution. */
export async function findWithPermission(
  tx: Tx,
  institutionId: string,
  permission: string,
): Promise<string[]> {
  const rows = await tx
    .selectDistinct({ id: roleAssignment.personId })
    .from(roleAssignment)
    .innerJoin(rolePermission, eq(rolePermission.roleCode, roleAssignment.roleCode))
    .where(
      and(
        eq(roleAssignment.institutionId, institutionId),
        eq(rolePermission.permission, permission),
      ),
    );
  return rows.map((row) => row.id);
}

export const findDeskStaff = (tx: Tx, institutionId: string) =>
  findWithPermission(tx, institutionId, "consult.desk");

/** Specialists of an institution with their department. */
export async function findSpecialists(tx: Tx, institutionId: string) {
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
      ),
    )
    .orderBy(department.name, person.name);
}

/** People in one role at any of these institutions (all when none is given). */
export async function findInRole(tx: Tx, roleCode: string, institutionIds?: readonly string[]) {
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
        institutionIds ? inArray(roleAssignment.institutionId, [...institutionIds]) : undefined,
      ),
    )
    .orderBy(person.name);
}

/** Institution at which each person would take part in a role. */
export async function findPostsFor(
  tx: Tx,
  personIds: readonly string[],
): Promise<{ personId: string; institutionId: string; roleCode: string }[]> {
  if (personIds.length === 0) return [];
  return tx
    .select({
      personId: roleAssignment.personId,
      institutionId: roleAssignment.institutionId,
      roleCode: roleAssignment.roleCode,
    })
    .from(roleAssignment)
    .where(inArray(roleAssignment.personId, [...personIds]));
}
