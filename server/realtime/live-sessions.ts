import { and, gt, inArray, isNull } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { session } from "../identity/schema.ts";

/** Of these sessions, the ones that are neither revoked nor over. */
export async function liveSessions(
  db: Database,
  sessionIds: string[],
  now: Date,
): Promise<ReadonlySet<string>> {
  const rows = await db.withActor({ kind: "system", reason: "realtime", language: "zh-CN" }, (tx) =>
    tx
      .select({ id: session.id })
      .from(session)
      .where(
        and(inArray(session.id, sessionIds), isNull(session.revokedAt), gt(session.expiresAt, now)),
      ),
  );
  return new Set(rows.map((row) => row.id));
}
