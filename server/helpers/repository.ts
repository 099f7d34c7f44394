import { and, asc, desc, eq, inArray, isNull, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { person, roleAssignment } from "../identity/schema.ts";
import { helperConsent, registeredHelper } from "./schema.ts";

export type HelperRow = typeof registeredHelper.$inferSelect;
export type ConsentRow = typeof helperConsent.$inferSelect;

/** Helpers of an institution, those at work first. */
export async function findHelpers(tx: Tx, institutionId: string): Promise<HelperRow[]> {
  return tx
    .select()
    .from(registeredHelper)
    .where(eq(registeredHelper.institutionId, institutionId))
    .orderBy(sql`${registeredHelper.endedAt} is not null`, desc(registeredHelper.registeredAt))
    .limit(200);
}

export async function findHelper(tx: Tx, id: string): Promise<HelperRow | null> {
  const [found] = await tx.select().from(registeredHelper).where(eq(registeredHelper.id, id));
  return found ?? null;
}

export async function findHelpersById(tx: Tx, ids: readonly string[]): Promise<HelperRow[]> {
  if (ids.length === 0) return [];
  return tx
    .select()
    .from(registeredHelper)
    .where(inArray(registeredHelper.id, [...ids]));
}

export async function findConsents(tx: Tx, helperIds: readonly string[]): Promise<ConsentRow[]> {
  if (helperIds.length === 0) return [];
  return tx
    .select()
    .from(helperConsent)
    .where(inArray(helperConsent.helperId, [...helperIds]))
    .orderBy(sql`${helperConsent.revokedAt} is not null`, asc(helperConsent.givenAt));
}

/** Words that stand, of these patients. */
export async function findStandingConsents(
  tx: Tx,
  patientIds: readonly string[],
): Promise<ConsentRow[]> {
  if (patientIds.length === 0) return [];
  return tx
    .select()
    .from(helperConsent)
    .where(and(inArray(helperConsent.patientId, [...patientIds]), isNull(helperConsent.revokedAt)))
    .orderBy(asc(helperConsent.givenAt));
}

export async function findConsent(tx: Tx, id: string): Promise<ConsentRow | null> {
  const [found] = await tx.select().from(helperConsent).where(eq(helperConsent.id, id));
  return found ?? null;
}

/** @returns null when the helper is registered already */
export async function insertHelper(
  tx: Tx,
  row: typeof registeredHelper.$inferInsert,
): Promise<HelperRow | null> {
  const [made] = await tx.insert(registeredHelper).values(row).onConflictDoNothing().returning();
  return made ?? null;
}

export async function endHelper(tx: Tx, id: string, now: Date): Promise<boolean> {
  const rows = await tx
    .update(registeredHelper)
    .set({ endedAt: now })
    .where(and(eq(registeredHelper.id, id), isNull(registeredHelper.endedAt)))
    .returning({ id: registeredHelper.id });
  return rows.length > 0;
}

/** @returns null when the consent stands already */
export async function insertConsent(
  tx: Tx,
  row: typeof helperConsent.$inferInsert,
): Promise<ConsentRow | null> {
  const [made] = await tx.insert(helperConsent).values(row).onConflictDoNothing().returning();
  return made ?? null;
}

export async function revokeConsent(
  tx: Tx,
  id: string,
  by: string | null,
  now: Date,
): Promise<boolean> {
  const rows = await tx
    .update(helperConsent)
    .set({ revokedAt: now, revokedBy: by })
    .where(and(eq(helperConsent.id, id), isNull(helperConsent.revokedAt)))
    .returning({ id: helperConsent.id });
  return rows.length > 0;
}

export async function findNames(tx: Tx, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await tx
    .select({ id: person.id, name: person.name })
    .from(person)
    .where(inArray(person.id, [...ids]));
  return new Map(rows.map((row) => [row.id, row.name]));
}

/** People with the helper's role at an institution. */
export async function findPeopleWithRole(
  tx: Tx,
  institutionId: string,
  role: string,
): Promise<{ id: string; name: string }[]> {
  return tx
    .selectDistinct({ id: person.id, name: person.name })
    .from(roleAssignment)
    .innerJoin(person, eq(person.id, roleAssignment.personId))
    .where(and(eq(roleAssignment.institutionId, institutionId), eq(roleAssignment.roleCode, role)));
}
