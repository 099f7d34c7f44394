/** Versions of formularies: queries only. */
import { and, desc, eq, isNull, lte, or, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import type { FormularyContent } from "./medicine.ts";
import { formularyVersion } from "./schema.ts";

export type VersionRow = typeof formularyVersion.$inferSelect;
const first = <Row>(rows: Row[]): Row | null => rows[0] ?? null;

const ofHouse = (institutionId: string) =>
  or(eq(formularyVersion.institutionId, institutionId), isNull(formularyVersion.institutionId));

/** Which version counts at a house on a day: its own before the starter. */
export const findCurrentId = async (
  tx: Tx,
  institutionId: string,
  today: string,
): Promise<string | null> =>
  first(
    await tx
      .select({ id: formularyVersion.id })
      .from(formularyVersion)
      .where(
        and(
          ofHouse(institutionId),
          eq(formularyVersion.state, "published"),
          lte(formularyVersion.validFrom, today),
        ),
      )
      .orderBy(
        sql`${formularyVersion.institutionId} is null`,
        desc(formularyVersion.validFrom),
        desc(formularyVersion.version),
      )
      .limit(1),
  )?.id ?? null;

export const findVersion = async (tx: Tx, id: string): Promise<VersionRow | null> =>
  first(await tx.select().from(formularyVersion).where(eq(formularyVersion.id, id)));

export const findVersions = (tx: Tx, institutionId: string): Promise<VersionRow[]> =>
  tx
    .select()
    .from(formularyVersion)
    .where(ofHouse(institutionId))
    .orderBy(sql`${formularyVersion.institutionId} is null`, desc(formularyVersion.version));

/** The newest starter's note; it names the content. */
export const findStarterNote = async (tx: Tx): Promise<string | null> =>
  first(
    await tx
      .select({ note: formularyVersion.note })
      .from(formularyVersion)
      .where(eq(formularyVersion.starter, true))
      .orderBy(desc(formularyVersion.version))
      .limit(1),
  )?.note ?? null;

export async function insertVersion(
  tx: Tx,
  row: Omit<typeof formularyVersion.$inferInsert, "version"> & { content: FormularyContent },
): Promise<VersionRow> {
  // Two who begin at once get two numbers.
  await tx.execute(
    sql`select pg_advisory_xact_lock(7105231, hashtext(${row.institutionId ?? "starter"}))`,
  );
  const version = sql<number>`(select coalesce(max(v.version), 0) + 1 from formulary_version v where v.institution_id is not distinct from ${row.institutionId ?? null}::uuid)`;
  return (
    await tx
      .insert(formularyVersion)
      .values({ ...row, version })
      .returning()
  )[0]!;
}

/** @returns null when somebody was faster */
export const publishVersion = async (
  tx: Tx,
  id: string,
  change: Pick<VersionRow, "publishedBy" | "publishedAt" | "validFrom">,
): Promise<VersionRow | null> =>
  first(
    await tx
      .update(formularyVersion)
      .set({ ...change, state: "published" })
      .where(and(eq(formularyVersion.id, id), eq(formularyVersion.state, "draft")))
      .returning(),
  );
