import { and, count, eq, inArray, lt, ne, sql } from "drizzle-orm";
import { closedStates } from "../consult/domain.ts";
import { consult } from "../consult/schema.ts";
import type { Tx } from "../db/client.ts";
import { patient } from "../patients/schema.ts";
import { isOpen } from "../visit/domain.ts";
import { visit } from "../visit/schema.ts";
import { attachment } from "./schema.ts";

export type AttachmentRow = typeof attachment.$inferSelect;

/** What a file hangs on: a consult, or a video visit under the same column. */
export type Holder = {
  patientId: string;
  /** Nothing is added any more. */
  closed: boolean;
  state: string;
  institutionIds: (string | null)[];
};

/** What an attachment needs to know of where it hangs; null when the actor does not see it. */
export async function findHolder(tx: Tx, id: string): Promise<Holder | null> {
  const found = await findConsult(tx, id);
  if (found)
    return {
      patientId: found.patientId,
      closed: closedStates.includes(found.state),
      state: found.state,
      institutionIds: [found.invitingInstitutionId, found.invitedInstitutionId],
    };
  const [seen] = await tx
    .select({ patientId: visit.patientId, state: visit.state, institutionId: visit.institutionId })
    .from(visit)
    .where(eq(visit.id, id));
  return seen
    ? {
        patientId: seen.patientId,
        closed: !isOpen(seen.state),
        state: seen.state,
        institutionIds: [seen.institutionId],
      }
    : null;
}

async function findConsult(tx: Tx, consultId: string) {
  const [found] = await tx
    .select({
      id: consult.id,
      state: consult.state,
      patientId: consult.patientId,
      invitingInstitutionId: consult.invitingInstitutionId,
      invitedInstitutionId: consult.invitedInstitutionId,
    })
    .from(consult)
    .where(eq(consult.id, consultId));
  return found ?? null;
}

export async function findPatientName(tx: Tx, patientId: string): Promise<string | null> {
  const [found] = await tx
    .select({ name: sql<string | null>`coalesce(${patient.fullName}, ${patient.fullNameBo})` })
    .from(patient)
    .where(eq(patient.id, patientId));
  return found?.name ?? null;
}

export async function insertAttachment(
  tx: Tx,
  row: typeof attachment.$inferInsert,
): Promise<AttachmentRow> {
  const [created] = await tx.insert(attachment).values(row).returning();
  return created!;
}

export async function findAttachment(tx: Tx, id: string): Promise<AttachmentRow | null> {
  const [found] = await tx.select().from(attachment).where(eq(attachment.id, id));
  return found ?? null;
}

export async function countUnfinished(
  tx: Tx,
  uploader: { kind: string; id: string },
): Promise<number> {
  const [row] = await tx
    .select({ count: count() })
    .from(attachment)
    .where(
      and(
        eq(attachment.uploadedByKind, uploader.kind),
        eq(attachment.uploadedById, uploader.id),
        eq(attachment.state, "uploading"),
      ),
    );
  return row?.count ?? 0;
}

export async function countOfConsult(tx: Tx, consultId: string): Promise<number> {
  const [row] = await tx
    .select({ count: count() })
    .from(attachment)
    .where(eq(attachment.consultId, consultId));
  return row?.count ?? 0;
}

/** Changes an upload that is still under way; null when it no longer is. */
export async function updateUnfinished(
  tx: Tx,
  id: string,
  change: Partial<typeof attachment.$inferInsert>,
): Promise<AttachmentRow | null> {
  const [changed] = await tx
    .update(attachment)
    .set(change)
    .where(and(eq(attachment.id, id), eq(attachment.state, "uploading")))
    .returning();
  return changed ?? null;
}

export async function deleteUnfinished(tx: Tx, id: string): Promise<void> {
  await tx.delete(attachment).where(and(eq(attachment.id, id), eq(attachment.state, "uploading")));
}

export async function deleteUnfinishedBefore(tx: Tx, before: Date): Promise<void> {
  await tx
    .delete(attachment)
    .where(and(eq(attachment.state, "uploading"), lt(attachment.createdAt, before)));
}

/** Of these storage keys, the ones whose bytes are still wanted. */
export async function findOwnedKeys(tx: Tx, keys: string[]): Promise<ReadonlySet<string>> {
  if (keys.length === 0) return new Set();
  const rows = await tx
    .select({ storageKey: attachment.storageKey })
    .from(attachment)
    .where(and(inArray(attachment.storageKey, keys), ne(attachment.state, "refused")));
  return new Set(rows.map((row) => row.storageKey));
}
