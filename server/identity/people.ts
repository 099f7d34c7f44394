import { and, eq, gt, inArray, isNull, or } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { person, roleAssignment, rolePermission } from "./schema.ts";

/** People who hold a permission at an institution. A role counts until it expires. */
export async function findWithPermission(
  tx: Tx,
  institutionId: string,
  permission: string,
  now: Date,
): Promise<string[]> {
  const rows = await tx
    .selectDistinct({ id: roleAssignment.personId })
    .from(roleAssignment)
    .innerJoin(rolePermission, eq(rolePermission.roleCode, roleAssignment.roleCode))
    .where(
      and(
        eq(roleAssignment.institutionId, institutionId),
        eq(rolePermission.permission, permission),
        or(isNull(roleAssignment.validUntil), gt(roleAssignment.validUntil, now)),
      ),
    );
  return rows.map((row) => row.id);
}

/** Names of people by id. */
export async function findPeopleNames(
  tx: Tx,
  ids: readonly string[],
): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await tx
    .select({ id: person.id, name: person.name })
    .from(person)
    .where(inArray(person.id, [...ids]));
  return new Map(rows.map((row) => [row.id, row.name]));
}
