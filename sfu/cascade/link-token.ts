import { randomUUID } from "node:crypto";
import { jwtVerify, SignJWT } from "jose";
import { z } from "zod";

/** Proof of one node towards another lives this long. */
const LIFETIME_SECONDS = 30;
const CLOCK_TOLERANCE_SECONDS = 5;
const AUDIENCE = "sfu-node";

const claimsSchema = z.object({
  jti: z.string().min(8).max(128),
  exp: z.number(),
  /** Addresses of both nodes: who speaks, and whom this is meant for. */
  from: z.url().max(300),
  to: z.url().max(300),
  /** Changes with every start of the node's process. */
  boot: z.uuid(),
  /** In an answer: the proof that is answered. */
  answers: z.string().max(128).optional(),
});
export type LinkClaims = z.infer<typeof claimsSchema>;

/** Signs who this node is, for one other node. */
export async function signLink(
  secret: string,
  claims: Pick<LinkClaims, "from" | "to" | "boot" | "answers">,
  nowMs = Date.now(),
): Promise<{ token: string; jti: string }> {
  const jti = randomUUID();
  const nowSeconds = Math.floor(nowMs / 1000);
  const token = await new SignJWT({ ...claims, jti })
    .setProtectedHeader({ alg: "HS256" })
    .setIssuer("sfu")
    .setAudience(AUDIENCE)
    .setIssuedAt(nowSeconds)
    .setExpirationTime(nowSeconds + LIFETIME_SECONDS)
    .sign(new TextEncoder().encode(secret));
  return { token, jti };
}

/**
 * Checks a node's proof; each is good once.
 * @throws Error when it is not signed by one of ours, not for this node, too old or used
 */
export function createLinkGuard(options: { secret: string; own: string; now?: () => number }) {
  const { now = Date.now } = options;
  const key = new TextEncoder().encode(options.secret);
  const usedUntil = new Map<string, number>();
  return async (token: unknown): Promise<LinkClaims> => {
    const { payload } = await jwtVerify(z.string().max(4096).parse(token), key, {
      algorithms: ["HS256"],
      issuer: "sfu",
      audience: AUDIENCE,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(now()),
    });
    const claims = claimsSchema.parse(payload);
    if (claims.to !== options.own) throw new Error("the proof is meant for another node");
    const nowSeconds = now() / 1000;
    if (claims.exp > nowSeconds + LIFETIME_SECONDS + CLOCK_TOLERANCE_SECONDS) {
      throw new Error("the proof claims to live too long");
    }
    for (const [jti, until] of usedUntil) if (until < nowSeconds) usedUntil.delete(jti);
    if (usedUntil.has(claims.jti)) throw new Error("the proof was used before");
    usedUntil.set(claims.jti, claims.exp + 2 * CLOCK_TOLERANCE_SECONDS);
    return claims;
  };
}
