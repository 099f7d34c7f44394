import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { errors, jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import { SignalError } from "./errors.ts";

/** A room token lives this long; one that claims more is refused. */
export const ROOM_TOKEN_LIFETIME_SECONDS = 60;
const CLOCK_TOLERANCE_SECONDS = 5;
const CALLBACK_TOKEN_LIFETIME_SECONDS = 60;

/** Streams that a token can allow. */
export const publishableSources = [
  "audio",
  "lecture",
  "video",
  "screen",
  "interpretation",
] as const;
/**
 * A consult is a conversation of few; in a teaching room whoever may publish is the stage, and all
 * others are its audience: counted, not listed.
 */
export const roomKinds = ["consult", "teaching"] as const;

const claimsSchema = z.object({
  jti: z.string().min(8).max(128),
  iat: z.number().optional(),
  exp: z.number(),
  room: z.string().min(1).max(128),
  sub: z.string().min(1).max(128),
  name: z.string().max(200),
  role: z.string().min(1).max(40),
  org: z.string().max(200).default(""),
  lang: z.string().max(20).default("zh-CN"),
  pub: z.array(z.enum(publishableSources)).default([]),
  moderator: z.boolean().default(false),
  lobby: z.boolean().default(false),
  private: z.boolean().default(false),
  node: z.string().optional(),
  kind: z.enum(roomKinds).default("consult"),
  /** Where this person's media live, if not on the room's home node: that node's public address. */
  site: z.string().max(300).optional(),
});

/** Who may enter which room as what; signed by the server. */
export type RoomClaims = z.infer<typeof claimsSchema>;

export type RoomTokens = {
  /**
   * Checks a room token and uses it up.
   * @throws {SignalError} token-malformed, token-foreign, token-expired, token-stale, token-used
   */
  redeem(token: string): Promise<RoomClaims>;
};

export type RoomTokensOptions = {
  secret: string;
  /** This node's public address; a token made for another node is foreign. */
  publicUrl: string;
  /** The server's time, in milliseconds since the epoch. */
  now?: () => number;
  /** When this process began, in the server's time. */
  startedAt?: () => number;
};

/**
 * Verifies room tokens, each usable once. Used ids are remembered until they would have expired;
 * tokens from before this process started are refused, so that a restart forgets nothing that
 * matters.
 */
export function createRoomTokens({
  secret,
  publicUrl,
  now = Date.now,
  startedAt,
}: RoomTokensOptions): RoomTokens {
  const key = new TextEncoder().encode(secret);
  const madeAtMs = now();
  const usedUntil = new Map<string, number>();

  return {
    async redeem(token) {
      let payload: unknown;
      try {
        const verified = await jwtVerify(token, key, {
          algorithms: ["HS256"],
          audience: "sfu",
          issuer: "yilian",
          requiredClaims: ["exp", "jti"],
          clockTolerance: CLOCK_TOLERANCE_SECONDS,
          currentDate: new Date(now()),
        });
        payload = verified.payload;
      } catch (error) {
        throw new SignalError(codeOf(error));
      }
      const parsed = claimsSchema.safeParse(payload);
      if (!parsed.success) throw new SignalError("token-malformed");
      const claims = parsed.data;
      if (claims.node !== undefined && claims.node !== publicUrl) {
        throw new SignalError("token-foreign");
      }
      const nowSeconds = now() / 1000;
      const latestExpiry = nowSeconds + ROOM_TOKEN_LIFETIME_SECONDS + CLOCK_TOLERANCE_SECONDS;
      if (claims.exp > latestExpiry) throw new SignalError("token-malformed");
      const issuedAt = claims.iat ?? claims.exp - ROOM_TOKEN_LIFETIME_SECONDS;
      const startedAtSeconds = Math.floor((startedAt?.() ?? madeAtMs) / 1000);
      if (issuedAt < startedAtSeconds) throw new SignalError("token-stale");

      for (const [jti, until] of usedUntil) {
        if (until >= nowSeconds) break;
        usedUntil.delete(jti);
      }
      if (usedUntil.has(claims.jti)) throw new SignalError("token-used");
      usedUntil.set(claims.jti, claims.exp + 2 * CLOCK_TOLERANCE_SECONDS);
      return claims;
    },
  };
}

function codeOf(error: unknown) {
  if (error instanceof errors.JWTExpired) return "token-expired";
  if (error instanceof errors.JWTClaimValidationFailed) {
    return error.reason === "missing" ? "token-malformed" : "token-foreign";
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) return "token-foreign";
  if (error instanceof errors.JOSEAlgNotAllowed) return "token-foreign";
  return "token-malformed";
}

/** A fresh resume key; only its hash is kept. */
export function createResumeKey(): { key: string; hash: Buffer } {
  const key = randomBytes(32).toString("base64url");
  return { key, hash: hashResumeKey(key) };
}

export function hashResumeKey(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}

export function isSameHash(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/**
 * Signs the Authorization of a callback over the exact bytes of its body.
 * @param nowMs the server's time
 */
export async function signCallback(
  secret: string,
  body: string | Buffer,
  nowMs = Date.now(),
): Promise<string> {
  const nowSeconds = Math.floor(nowMs / 1000);
  return await new SignJWT({ body_sha256: createHash("sha256").update(body).digest("hex") })
    .setProtectedHeader({ alg: "HS256" })
    .setAudience("server")
    .setIssuer("sfu")
    .setIssuedAt(nowSeconds)
    .setExpirationTime(nowSeconds + CALLBACK_TOKEN_LIFETIME_SECONDS)
    .sign(new TextEncoder().encode(secret));
}

/**
 * Checks the bearer token of a request from the server.
 * @throws {SignalError} forbidden
 */
export async function verifyAdmin(
  secret: string,
  token: string,
  nowMs = Date.now(),
): Promise<void> {
  try {
    await jwtVerify(token, new TextEncoder().encode(secret), {
      algorithms: ["HS256"],
      audience: "sfu-admin",
      requiredClaims: ["exp"],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(nowMs),
    });
  } catch {
    throw new SignalError("forbidden");
  }
}
