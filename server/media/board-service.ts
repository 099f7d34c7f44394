import { gte, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { type mediaBoard, nodeFigures } from "./contract.ts";
import { alarmsOf, isAlive, lineRetentionDays } from "./domain.ts";
import { mediaLine, mediaNode, mediaRegion } from "./schema.ts";

/** Nodes, alarms and the lines of all houses; by five minutes for a day, by days for longer. */
export async function readBoard(
  { tx, actor, now }: Work<StaffActor>,
  days: number,
): Promise<z.input<typeof mediaBoard>> {
  assertPermission(actor, "media.manage");
  const rows = await tx.select().from(mediaNode).orderBy(mediaNode.id);
  const nodes = rows.map((row) => ({
    ...row,
    figures: nodeFigures.nullable().catch(null).parse(row.figures),
  }));
  const since = new Date(now.getTime() - Math.min(days, lineRetentionDays) * 86_400_000);
  const at =
    days > 1
      ? sql<Date>`date_trunc('day', ${mediaLine.bucketAt})`
      : sql<Date>`${mediaLine.bucketAt}`;
  const mean = (column: PgColumn) =>
    sql<number>`(sum(${column})::float8 / greatest(1, sum(${mediaLine.samples})))`;
  const lines = await tx
    .select({
      org: mediaLine.org,
      at: at.mapWith(mediaLine.bucketAt),
      samples: sql<number>`sum(${mediaLine.samples})::int`,
      people: sql<number>`max(${mediaLine.people})::int`,
      lossUp: mean(mediaLine.lossUp),
      lossDown: mean(mediaLine.lossDown),
      rttMs: mean(mediaLine.rttMs),
      concealed: mean(mediaLine.concealed),
      thin: mean(mediaLine.thin),
      gone: mean(mediaLine.gone),
    })
    .from(mediaLine)
    .where(gte(mediaLine.bucketAt, since))
    .groupBy(mediaLine.org, sql`2`)
    .orderBy(mediaLine.org, sql`2`);
  return {
    nodes: nodes.map(({ drainAskedAt, draining, boot: _, ...node }) => ({
      ...node,
      alive: isAlive(node, now),
      drain: drainState(drainAskedAt, draining, node.figures?.people ?? node.peers),
      lastSeenAt: node.lastSeenAt.toISOString(),
    })),
    alarms: alarmsOf(nodes, now),
    lines: lines.map((row) => ({ ...row, at: row.at.toISOString() })),
    regions: await tx.select().from(mediaRegion).orderBy(mediaRegion.institutionId),
  };
}

function drainState(askedAt: Date | null, draining: boolean, people: number) {
  if (draining) return people === 0 ? ("empty" as const) : ("emptying" as const);
  return askedAt ? ("asked" as const) : ("no" as const);
}

/**
 * Orders a node to empty itself. It learns of it with its next heartbeat, and from now on it is
 * offered to nobody; starting it anew ends the order.
 * @throws DomainError `request.not-found`
 */
export async function drainNode(work: Work<StaffActor>, id: string): Promise<void> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "media.manage");
  const found = await tx.execute<{ found: boolean }>(
    sql`select app.drain_media_node(${id}, ${now.toISOString()}::timestamptz) as found`,
  );
  if (!found[0]?.found) throw new DomainError("request.not-found");
  await trace(tx, actor, origin, {
    action: "media.drain",
    entityType: "media-node",
    entityId: null,
    detail: { node: id },
  });
}

/** Says which region's nodes serve an institution's people; null: any. */
export async function setRegion(
  work: Work<StaffActor>,
  institutionId: string,
  region: string | null,
): Promise<void> {
  const { tx, actor, origin } = work;
  assertPermission(actor, "media.manage");
  await tx.execute(sql`select app.set_media_region(${institutionId}::uuid, ${region}::text)`);
  await trace(tx, actor, origin, {
    action: "media.region",
    entityType: "institution",
    entityId: institutionId,
    detail: { region },
  });
}
