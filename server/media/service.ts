import { createHash, randomUUID } from "node:crypto";
import { and, desc, eq, gte, ne, sql } from "drizzle-orm";
import { jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import type { Tx } from "../db/client.ts";
import { DomainError } from "../errors/domain-error.ts";
import { nodeFigures } from "./contract.ts";
import { bestNode, isAlive } from "./domain.ts";
import { mediaNode, mediaRegion, mediaRoom } from "./schema.ts";

export { mediaTasks } from "./orders.ts";

/** A room token buys one entry and is good for this long. */
const tokenSeconds = 60;
/** A broadcast is played in pieces with one token. */
const broadcastSeconds = 8 * 3_600;
const orderPatienceMs = 5_000;

/** What a person may do in a room; the media node believes nothing else. */
export type RoomClaims = {
  room: string;
  sub: string;
  name: string;
  role: string;
  org: string;
  lang: string;
  pub: ("audio" | "video" | "screen" | "interpretation")[];
  moderator: boolean;
  lobby: boolean;
  private: boolean;
  /** Absent: a consult. In a teaching room whoever has no `pub` is the audience. */
  kind?: "consult" | "teaching";
  /** Public address of the node near this person, if media shall not live on the room's own. */
  site?: string;
};

async function nodesOf(tx: Tx) {
  const rows = await tx
    .select({
      id: mediaNode.id,
      publicUrl: mediaNode.publicUrl,
      region: mediaNode.region,
      linkUrl: mediaNode.linkUrl,
      load: mediaNode.load,
      draining: sql<boolean>`(${mediaNode.draining} or ${mediaNode.drainAskedAt} is not null)`,
      lastSeenAt: mediaNode.lastSeenAt,
    })
    .from(mediaNode)
    .orderBy(desc(mediaNode.lastSeenAt));
  return rows;
}

/**
 * A node that could not reach us, while people could reach it, still has rooms that others were
 * sent to another node for.
 */
async function strayRoomsOf(tx: Tx, beat: Heartbeat, now: Date): Promise<string[]> {
  const [before] = await tx
    .select({ lastSeenAt: mediaNode.lastSeenAt, boot: mediaNode.boot })
    .from(mediaNode)
    .where(eq(mediaNode.id, beat.node));
  if (!before || before.boot !== beat.boot || isAlive(before, now)) return [];
  const rows = await tx
    .select({ roomId: mediaRoom.roomId })
    .from(mediaRoom)
    .where(and(ne(mediaRoom.nodeId, beat.node), gte(mediaRoom.assignedAt, before.lastSeenAt)));
  return rows.map(({ roomId }) => roomId);
}

async function regionOf(tx: Tx, institutionId: string | null): Promise<string | null> {
  if (institutionId === null) return null;
  const [row] = await tx
    .select({ region: mediaRegion.region })
    .from(mediaRegion)
    .where(eq(mediaRegion.institutionId, institutionId));
  return row?.region ?? null;
}

export type MediaService = ReturnType<typeof createMediaService>;

/** Tokens for, and reports from, the media nodes; both sides share one secret. */
export function createMediaService(options: { secret: string; clock: () => Date }) {
  const key = new TextEncoder().encode(options.secret);
  const sign = (claims: Record<string, unknown>, audience: string, seconds: number) => {
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT(claims)
      .setProtectedHeader({ alg: "HS256" })
      .setIssuer("yilian")
      .setAudience(audience)
      .setJti(randomUUID())
      .setIssuedAt(now)
      .setExpirationTime(now + seconds)
      .sign(key);
  };
  const order = async (url: string): Promise<void> => {
    const response = await fetch(url, {
      method: "POST",
      redirect: "error",
      signal: AbortSignal.timeout(orderPatienceMs),
      headers: { authorization: `Bearer ${await sign({}, "sfu-admin", tokenSeconds)}` },
    });
    await response.body?.cancel();
  };
  return {
    /** Proof for an order to a node. */
    signOrder: () => sign({}, "sfu-admin", tokenSeconds),

    signRoomToken: (claims: RoomClaims) => sign(claims, "sfu", tokenSeconds),

    /** For the HLS of one broadcast; good as long as the longest session lasts. */
    signBroadcastToken: (room: string, sub: string) =>
      sign({ room, sub }, "sfu-broadcast", broadcastSeconds),

    /**
     * The node a room lives on: where it already is while that node is alive and not being emptied,
     * else the least loaded, of the region of this institution where it has one.
     * @throws DomainError `media.no-node`
     */
    async nodeOf(
      tx: Tx,
      roomId: string,
      institutionId: string | null = null,
    ): Promise<{ id: string; publicUrl: string }> {
      const now = options.clock();
      const nodes = await nodesOf(tx);
      const [placed] = await tx
        .select({ nodeId: mediaRoom.nodeId })
        .from(mediaRoom)
        .where(eq(mediaRoom.roomId, roomId));
      const current = nodes.find(({ id }) => id === placed?.nodeId);
      if (current && isAlive(current, now) && !current.draining) return current;
      const best = bestNode(nodes, await regionOf(tx, institutionId), now);
      if (!best) throw new DomainError("media.no-node");
      // Many pages ask at once when a node has died: the first of them decides for all.
      const [decided] = await tx
        .insert(mediaRoom)
        .values({ roomId, nodeId: best.id, assignedAt: now })
        .onConflictDoUpdate({
          target: mediaRoom.roomId,
          set: { nodeId: best.id, assignedAt: now },
          setWhere: placed ? eq(mediaRoom.nodeId, placed.nodeId) : sql`false`,
        })
        .returning({ nodeId: mediaRoom.nodeId });
      if (decided) return best;
      const [other] = await tx
        .select({ nodeId: mediaRoom.nodeId })
        .from(mediaRoom)
        .where(eq(mediaRoom.roomId, roomId));
      return nodes.find(({ id }) => id === other?.nodeId) ?? best;
    },

    /**
     * The claim that says where a person's own media lies: at the node of the institution's region,
     * when that is another one than the room's home. Nothing: at the home node.
     */
    async siteOf(
      tx: Tx,
      institutionId: string | null,
      home: { id: string },
    ): Promise<{ site?: string }> {
      const region = await regionOf(tx, institutionId);
      if (region === null) return {};
      const nodes = await nodesOf(tx);
      if (nodes.some(({ id, region: at }) => id === home.id && at === region)) return {};
      const best = bestNode(nodes, region, options.clock());
      return best?.region === region && best.linkUrl !== "" ? { site: best.linkUrl } : {};
    },

    /**
     * @returns whether the node is still to be told to empty itself, and rooms that were placed
     * elsewhere while it was silent, which it may still have
     */
    async recordHeartbeat(
      tx: Tx,
      beat: Heartbeat,
    ): Promise<{ mustDrain: boolean; strayRooms: string[] }> {
      const strayRooms = await strayRoomsOf(tx, beat, options.clock());
      const row = {
        ...beat,
        id: beat.node,
        region: beat.region ?? null,
        lastSeenAt: options.clock(),
        linkUrl: beat.linkUrl ?? "",
        figures: beat.figures ?? null,
      };
      // Whoever started it anew wants it back.
      const drainAskedAt = sql`case when ${mediaNode.boot} = ${beat.boot} then ${mediaNode.drainAskedAt} end`;
      const [after] = await tx
        .insert(mediaNode)
        .values(row)
        .onConflictDoUpdate({ target: mediaNode.id, set: { ...row, drainAskedAt } })
        .returning({ drainAskedAt: mediaNode.drainAskedAt });
      // A node that was restarted has a new name; the old one's rooms go where people come back to.
      await tx.execute(
        sql`delete from media_node where public_url = ${beat.publicUrl} and id <> ${beat.node}`,
      );
      return { mustDrain: Boolean(after?.drainAskedAt) && !beat.draining, strayRooms };
    },

    /** Orders a node to empty itself; what is not obeyed is said again after its next heartbeat. */
    orderDrain: (publicUrl: string) => order(`${publicUrl}/drain`),

    /** Sends the people of rooms that live elsewhere by now to where they meet. */
    async orderMoves(publicUrl: string, rooms: readonly string[]): Promise<void> {
      for (const room of rooms) await order(`${publicUrl}/rooms/${room}/move`);
    },

    /**
     * Believe a report only when it is signed for exactly this body.
     * @throws DomainError `auth.required`
     */
    async verifyReport(
      authorization: string | undefined,
      body: string | Buffer | undefined,
    ): Promise<void> {
      const token = authorization?.startsWith("Bearer ") ? authorization.slice(7) : "";
      const verified = await jwtVerify(token, key, {
        issuer: "sfu",
        audience: "server",
        algorithms: ["HS256"],
      }).catch(() => null);
      if (
        verified?.payload.body_sha256 !==
        createHash("sha256")
          .update(body ?? "")
          .digest("hex")
      )
        throw new DomainError("auth.required");
    },
  };
}

export const heartbeat = z.object({
  node: z.string().min(1).max(100),
  publicUrl: z.url(),
  region: z.string().max(100).nullish(),
  workers: z.number().int().min(0),
  rooms: z.number().int().min(0),
  peers: z.number().int().min(0),
  load: z.number().min(0),
  version: z.string().max(50),
  linkUrl: z.url().max(300).optional(),
  boot: z.string().max(100).default(""),
  draining: z.boolean().default(false),
  figures: nodeFigures.optional(),
});
export type Heartbeat = z.infer<typeof heartbeat>;

export const reportedEvents = z.object({
  node: z.string().min(1).max(100),
  events: z
    .array(
      z.object({
        id: z.string().min(1).max(100),
        at: z.iso.datetime({ offset: true }),
        room: z.string().max(100).nullish(),
        type: z.string().max(60),
        peer: z
          .object({ id: z.string(), sub: z.string(), name: z.string(), role: z.string() })
          .partial()
          .nullish(),
        data: z.unknown().optional(),
      }),
    )
    .max(500),
});
export type ReportedEvent = z.infer<typeof reportedEvents>["events"][number];
