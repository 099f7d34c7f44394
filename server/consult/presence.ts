import { sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { fromDatabase } from "../errors/database-error.ts";
import type { Actor } from "../identity/domain.ts";
import type { ReportedEvent } from "../media/service.ts";
import { takeStep } from "./change.ts";
import type { ConsultState } from "./domain.ts";
import * as repository from "./repository.ts";
import { consultPresence } from "./schema.ts";

const uuidShape = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** Line quality is for the page and the metrics, not for the file. */
const kept = new Set([
  "peer-joined",
  "peer-left",
  "peer-waiting",
  "peer-admitted",
  "peer-removed",
  "peer-refused",
  "roll-call",
  "private-talk-started",
  "private-talk-ended",
  "chat",
]);
const entering: readonly ConsultState[] = [
  "accepted",
  "scheduled",
  "interrupted",
  "specialist-absent",
];

/**
 * File what a media node reported. A consult is in session when the attending doctor and a
 * specialist are both in the room. An event that was filed before changes nothing.
 */
export async function recordPresence(
  tx: Tx,
  now: Date,
  events: readonly ReportedEvent[],
): Promise<void> {
  for (const event of events) {
    // One report that the database cannot hold must not take the others with it.
    await tx
      .transaction((own) => fileEvent(own, now, event))
      .catch((error: unknown) => {
        if (!(fromDatabase(error)?.code === "request.invalid")) throw error;
      });
  }
}

async function fileEvent(tx: Tx, now: Date, event: ReportedEvent): Promise<void> {
  if (!kept.has(event.type) || !event.room || !uuidShape.test(event.room)) return;
  const row = await repository.findConsult(tx, event.room);
  if (!row) return;
  const filed = await tx
    .insert(consultPresence)
    .values({
      eventId: event.id,
      consultId: row.id,
      type: event.type,
      peerName: event.peer?.name ?? null,
      peerRole: event.peer?.role ?? null,
      subject: event.peer?.sub ?? null,
      data: event.data ?? {},
      at: new Date(event.at),
    })
    .onConflictDoNothing()
    .returning({ id: consultPresence.id });
  if (filed.length === 0 || event.type !== "peer-joined" || !entering.includes(row.state)) return;
  if (!(await bothSidesPresent(tx, row.id))) return;
  const actor: Actor = { kind: "system", reason: "media-node", language: "zh-CN" };
  await takeStep({ tx, actor, origin: { correlationId: event.id, address: null }, now }, row, {
    action: "enter",
    version: row.version,
    change: { startedAt: row.startedAt ?? now },
  });
}

/** Whose last report says that he is in. */
async function bothSidesPresent(tx: Tx, consultId: string): Promise<boolean> {
  const rows = await tx.execute<{ peer_role: string }>(sql`
    select peer_role from (
      select distinct on (subject) subject, peer_role, type from consult_presence
      where consult_id = ${consultId} and type in ('peer-joined', 'peer-left', 'peer-removed') order by subject, at desc, id desc) last
    where type = 'peer-joined'`);
  const roles = new Set(rows.map((row) => row.peer_role));
  return roles.has("attending") && roles.has("specialist");
}
