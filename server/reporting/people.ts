import { and, eq, gt, inArray, isNull, or, sql } from "drizzle-orm";
import { consult } from "../consult/schema.ts";
import type { Tx } from "../db/client.ts";
import { practitioner } from "../directory/schema.ts";
import { person, roleAssignment, rolePermission } from "../identity/schema.ts";

export type Colleague = {
  personId: string;
  name: string;
  title: string | null;
  institutionId: string;
};

/** Who may take a critical value at these institutions. */
export async function findReceivers(
  tx: Tx,
  institutionIds: readonly string[],
  now: Date,
): Promise<Colleague[]> {
  return tx
    .selectDistinct({
      personId: person.id,
      name: person.name,
      title: sql<string | null>`${practitioner.title}`,
      institutionId: roleAssignment.institutionId,
    })
    .from(roleAssignment)
    .innerJoin(rolePermission, eq(rolePermission.roleCode, roleAssignment.roleCode))
    .innerJoin(person, eq(person.id, roleAssignment.personId))
    .leftJoin(practitioner, eq(practitioner.personId, person.id))
    .where(
      and(
        eq(rolePermission.permission, "critical-value.receive"),
        inArray(roleAssignment.institutionId, [...institutionIds]),
        or(isNull(roleAssignment.validUntil), gt(roleAssignment.validUntil, now)),
      ),
    )
    .orderBy(person.name);
}

/** The consult's patient and its two sides, as far as the reader may see them; null when it is not there. */
export async function findConsultSides(
  tx: Tx,
  consultId: string,
): Promise<{ patientId: string; institutionIds: string[]; attendingId: string } | null> {
  const [row] = await tx
    .select({
      patientId: consult.patientId,
      inviting: consult.invitingInstitutionId,
      invited: consult.invitedInstitutionId,
      submittedAt: consult.submittedAt,
      attendingId: consult.requesterId,
    })
    .from(consult)
    .where(eq(consult.id, consultId));
  if (!row) return null;
  const sent = row.submittedAt ? row.invited : null;
  return {
    patientId: row.patientId,
    attendingId: row.attendingId,
    institutionIds: [row.inviting, ...(sent ? [sent] : [])],
  };
}
