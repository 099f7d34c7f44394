import { createHash, randomUUID } from "node:crypto";
import { and, desc, eq, gt, sql } from "drizzle-orm";
import { jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import type { Tx } from "../db/client.ts";
import { DomainError } from "../errors/domain-error.ts";
import { mediaNode, mediaRoom } from "./schema.ts";

export { mediaTasks } from "./orders.ts";

/** A room token buys one entry and is good for this long. */
const tokenSeconds = 60;
/** A broadcast is played in pieces with one token. */
const broadcastSeconds = 8 * 3_600;
/** A node that was silent for longer is not offered to anyone. */
const aliveSeconds = 20;

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
  return {
    /** Proof for an order to a node. */
    signOrder: () => sign({}, "sfu-admin", tokenSeconds),

    signRoomToken: (claims: RoomClaims) => sign(claims, "sfu", tokenSeconds),

    /** For the HLS of one broadcast; good as long as the longest session lasts. */
    signBroadcastToken: (room: string, sub: string) =>
      sign({ room, sub }, "sfu-broadcast", broadcastSeconds),

    /**
     * The node a room lives on: where it already is while that node is alive, else the least loaded.
     * @throws DomainError `media.no-node`
     */
    async nodeOf(tx: Tx, roomId: string): Promise<{ id: string; publicUrl: string }> {
      const now = options.clock();
      const alive = gt(mediaNode.lastSeenAt, new Date(now.getTime() - aliveSeconds * 1000));
      const [current] = await tx
        .select({ id: mediaNode.id, publicUrl: mediaNode.publicUrl })
        .from(mediaRoom)
        .innerJoin(mediaNode, eq(mediaNode.id, mediaRoom.nodeId))
        .where(and(eq(mediaRoom.roomId, roomId), alive));
      if (current) return current;
      const [best] = await tx
        .select({ id: mediaNode.id, publicUrl: mediaNode.publicUrl })
        .from(mediaNode)
        .where(alive)
        .orderBy(mediaNode.load, desc(mediaNode.lastSeenAt))
        .limit(1);
      if (!best) throw new DomainError("media.no-node");
      await tx
        .insert(mediaRoom)
        .values({ roomId, nodeId: best.id, assignedAt: now })
        .onConflictDoUpdate({
          target: mediaRoom.roomId,
          set: { nodeId: best.id, assignedAt: now },
        });
      return best;
    },

    async recordHeartbeat(tx: Tx, beat: Heartbeat): Promise<void> {
      const row = {
        ...beat,
        id: beat.node,
        region: beat.region ?? null,
        lastSeenAt: options.clock(),
      };
      await tx.insert(mediaNode).values(row).onConflictDoUpdate({ target: mediaNode.id, set: row });
      // A node that was restarted has a new name; the old one's rooms go where people come back to.
      await tx.execute(
        sql`delete from media_node where public_url = ${beat.publicUrl} and id <> ${beat.node}`,
      );
    },

    /**
     * Believe a report only when it is signed for exactly this body.
     * @throws DomainError `auth.required`
     */
    async verifyReport(authorization: string | undefined, body: string | Buffer | undefined): Promise<void> {
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
