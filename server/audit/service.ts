import { createHash } from "node:crypto";
import { asc, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import type { Actor } from "../identity/domain.ts";
import { auditChain, auditEvent } from "./schema.ts";

/** What one access or change leaves behind. Detail holds codes and counts, never clinical text. */
export type Trace = {
  action: string;
  entityType: string;
  entityId?: string | null;
  patientId?: string | null;
  purpose?: string | null;
  detail?: Record<string, unknown>;
};

/** Where a request came from; kept with every trace of it. */
export type Origin = { correlationId: string; address: string | null };

/** Write the trace of an access or change, in the transaction of the access itself. */
export async function trace(
  tx: Tx,
  actor: Actor,
  origin: Origin | null,
  entry: Trace,
): Promise<void> {
  await tx.insert(auditEvent).values({
    actorKind: actor.kind,
    actorId:
      actor.kind === "staff"
        ? actor.personId
        : actor.kind === "guest"
          ? actor.guestId
          : actor.kind === "house"
            ? actor.clientId
            : null,
    actorName: "name" in actor ? actor.name : null,
    institutionId: actor.kind === "staff" || actor.kind === "house" ? actor.institutionId : null,
    action: entry.action,
    entityType: entry.entityType,
    entityId: entry.entityId ?? null,
    patientId: entry.patientId ?? null,
    purpose: entry.purpose ?? null,
    correlationId: origin?.correlationId ?? null,
    address: origin?.address ?? null,
    detail: entry.detail ?? {},
  });
}

const chainLock = 7105220;

/**
 * Append events that are not yet chained, in order of id. Run by one job; a concurrent run waits.
 * Only events older than `graceMs` are taken: a smaller id may still be in an open transaction.
 * @returns how many were chained
 */
export async function extendChain(tx: Tx, batch = 5000, graceMs = 5000): Promise<number> {
  await tx.execute(sql`select pg_advisory_xact_lock(${chainLock})`);
  const [last] = await tx
    .select()
    .from(auditChain)
    .orderBy(sql`${auditChain.position} desc`)
    .limit(1);
  const events = await tx
    .select()
    .from(auditEvent)
    .where(
      sql`not exists (select 1 from audit_chain c where c.event_id = ${auditEvent.id}) and ${auditEvent.at} < clock_timestamp() - make_interval(secs => ${graceMs / 1000})`,
    )
    .orderBy(asc(auditEvent.id))
    .limit(batch);
  let previous: Buffer = last?.hash ?? Buffer.alloc(32);
  let position = last?.position ?? 0;
  const rows = events.map((event) => {
    previous = linkHash(previous, event);
    position += 1;
    return { position, eventId: event.id, hash: previous };
  });
  if (rows.length > 0) await tx.insert(auditChain).values(rows);
  return rows.length;
}

/**
 * Recompute the chain. `brokenAt` names the first position whose event was changed or is missing;
 * `unchained` is the tail that no job has reached yet.
 */
export async function verifyChain(
  tx: Tx,
): Promise<{ checked: number; brokenAt: number | null; unchained: number }> {
  const [tail] = await tx.execute<{ count: string }>(
    sql`select count(*) from audit_event e where not exists (select 1 from audit_chain c where c.event_id = e.id)`,
  );
  const unchained = Number(tail?.count ?? 0);
  let previous: Buffer = Buffer.alloc(32);
  let checked = 0;
  for (let from = 0; ; from += 2000) {
    const links = await tx
      .select({ position: auditChain.position, hash: auditChain.hash, event: auditEvent })
      .from(auditChain)
      .leftJoin(auditEvent, sql`${auditEvent.id} = ${auditChain.eventId}`)
      .where(sql`${auditChain.position} > ${from} and ${auditChain.position} <= ${from + 2000}`)
      .orderBy(asc(auditChain.position));
    if (links.length === 0) return { checked, brokenAt: null, unchained };
    for (const link of links) {
      if (link.position !== checked + 1 || !link.event)
        return { checked, brokenAt: checked + 1, unchained };
      previous = linkHash(previous, link.event);
      if (!previous.equals(link.hash)) return { checked, brokenAt: link.position, unchained };
      checked += 1;
    }
  }
}

function linkHash(previous: Buffer, event: typeof auditEvent.$inferSelect): Buffer {
  const content = JSON.stringify([
    event.id,
    event.at.toISOString(),
    event.actorKind,
    event.actorId,
    event.actorName,
    event.institutionId,
    event.action,
    event.entityType,
    event.entityId,
    event.patientId,
    event.purpose,
    event.correlationId,
    event.address,
    sortKeys(event.detail),
  ]);
  return createHash("sha256").update(previous).update(content).digest();
}

/** jsonb does not keep the order of keys; sort them so that the hash does not depend on it. */
function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, part]) => [key, sortKeys(part)]),
  );
}
