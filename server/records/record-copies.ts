/**
 * The last answer of an outside server, for the time when it does not answer: only as its institution and
 * the server's own Cache-Control allow, sealed, for one institution's doctors under one view of consent.
 */
import { gunzipSync, gzipSync } from "node:zlib";
import type { Resource } from "@medplum/fhirtypes";
import { and, eq, lte } from "drizzle-orm";
import type { Services } from "../http/context.ts";
import { systemActor } from "../identity/service.ts";
import type { Outcome } from "./federation/federation.ts";
import type { Holder } from "./locator-service.ts";
import type { SourceView } from "./outside-view.ts";
import { recordCopy } from "./schema.ts";

const system = systemActor("record-copies");
/** More than this is no record of a page; it is not kept. */
const bytesMax = 4 * 1024 * 1024;

export type CopyOf = {
  readonly holder: Holder;
  readonly patientId: string;
  /** Institution whose doctor asks. */
  readonly institutionId: string;
  readonly view: SourceView;
};
export type Copy = { readonly resources: readonly Resource[]; readonly takenAt: Date };

// Bound to its row: the same text in another row does not open.
const sealedFor = ({ holder, patientId, institutionId, view }: CopyOf) =>
  `record_copy:${holder.code}:${patientId}:${institutionId}:${view.mark}`;

/**
 * Keep a whole answer, or drop what was kept before where this one may not be. An answer that withheld
 * something is not kept; nor is one that its source wants asked for anew.
 */
export async function keepCopy(
  services: Services,
  of: CopyOf,
  { record, keepSeconds }: Outcome,
  resources: readonly Resource[],
): Promise<void> {
  const { holder, patientId, institutionId, view } = of;
  const { outside } = holder;
  if (!outside || !record) return;
  const now = services.clock();
  const seconds = Math.min(outside.cacheMinutes * 60, keepSeconds ?? Number.POSITIVE_INFINITY);
  const isWhole = view.only === undefined && !record.withholds;
  const mayKeep = seconds > 0 && record.state === "answered" && isWhole;
  const text = mayKeep ? JSON.stringify(resources) : "";
  await services.db.withActor(system, async (tx) => {
    const here = and(
      eq(recordCopy.outsideId, outside.id),
      eq(recordCopy.patientId, patientId),
      eq(recordCopy.institutionId, institutionId),
    );
    if (!mayKeep || Buffer.byteLength(text) > bytesMax) {
      if (outside.cacheMinutes > 0) await tx.delete(recordCopy).where(here);
      return;
    }
    const row = {
      view: view.mark,
      contentCipher: services.vault.seal(sealedFor(of), gzipSync(text).toString("base64")),
      takenAt: now,
      expiresAt: new Date(now.getTime() + seconds * 1000),
    };
    await tx
      .insert(recordCopy)
      .values({ outsideId: outside.id, patientId, institutionId, ...row })
      .onConflictDoUpdate({
        target: [recordCopy.outsideId, recordCopy.patientId, recordCopy.institutionId],
        set: row,
      });
  });
}

/** The kept answer, if it still counts and consent lets the same be seen as when it was taken. */
export async function findCopy(services: Services, of: CopyOf): Promise<Copy | null> {
  const { outside } = of.holder;
  if (!outside || outside.cacheMinutes === 0 || outside.pausedAt) return null;
  const [row] = await services.db.withActor(system, (tx) =>
    tx
      .select()
      .from(recordCopy)
      .where(
        and(
          eq(recordCopy.outsideId, outside.id),
          eq(recordCopy.patientId, of.patientId),
          eq(recordCopy.institutionId, of.institutionId),
          eq(recordCopy.view, of.view.mark),
        ),
      ),
  );
  if (!row || row.expiresAt <= services.clock()) return null;
  try {
    const packed = services.vault.open(sealedFor(of), row.contentCipher);
    const text = gunzipSync(Buffer.from(packed, "base64"), { maxOutputLength: 2 * bytesMax });
    return { resources: JSON.parse(text.toString("utf8")) as Resource[], takenAt: row.takenAt };
  } catch {
    // Sealed with a key that is gone, or moved from another row: there is no copy.
    return null;
  }
}

/** What is over is gone, not only unread. */
export const dropOldCopies = (services: Services): Promise<void> =>
  services.db.withActor(system, async (tx) => {
    await tx.delete(recordCopy).where(lte(recordCopy.expiresAt, services.clock()));
  });
