import { and, asc, eq } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { clinicSchedule } from "./schema.ts";

export type TestSchedule = {
  id: string;
  name: { zh: string; en: string; bo: string | null };
  place: string;
  active: boolean;
};

/** Schedules of tests of one institution, for whoever says which of its sites takes their seats. */
export async function findTestSchedules(tx: Tx, institutionId: string): Promise<TestSchedule[]> {
  const rows = await tx
    .select()
    .from(clinicSchedule)
    .where(and(eq(clinicSchedule.institutionId, institutionId), eq(clinicSchedule.kind, "test")))
    .orderBy(asc(clinicSchedule.nameZh), asc(clinicSchedule.id));
  return rows.map((row) => ({
    id: row.id,
    name: { zh: row.nameZh, en: row.nameEn, bo: row.nameBo },
    place: row.place,
    active: row.active,
  }));
}
