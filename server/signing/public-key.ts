/** Public halves of signing keys: P-256 only, the private half never leaves the browser. */
import { createPublicKey } from "node:crypto";
import { calculateJwkThumbprint } from "jose";
import { z } from "zod";

const coordinate = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

/** Strict: a JWK that carries a private `d`, or anything else, is refused. */
export const publicSigningJwk = z.strictObject({
  kty: z.literal("EC"),
  crv: z.literal("P-256"),
  x: coordinate,
  y: coordinate,
});
export type PublicSigningJwk = z.infer<typeof publicSigningJwk>;

/** A registered key, as the verifier needs it. */
export interface RegisteredKey {
  /** RFC 7638 thumbprint. */
  readonly kid: string;
  readonly publicJwk: PublicSigningJwk;
  /** Whose key it is; a signature by another doctor's key is refused. */
  readonly personId: string;
  readonly registeredAt: Date;
  /** Signatures made at or after this instant do not count; earlier ones stand. */
  readonly revokedAt: Date | null;
  /** `replaced`: by its owner's next one. */
  readonly revokedReason?: string | null;
}

/**
 * Reads the public key that a browser exports (`exportKey("jwk")` adds `ext` and
 * `key_ops`, which are dropped) and checks that the point lies on the curve.
 *
 * @returns undefined when it is no public P-256 key, or holds a private part.
 */
export function parsePublicSigningJwk(value: unknown): PublicSigningJwk | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { ext: _ext, key_ops: _operations, alg, use, ...rest } = value as Record<string, unknown>;
  if ((alg !== undefined && alg !== "ES256") || (use !== undefined && use !== "sig"))
    return undefined;
  const parsed = publicSigningJwk.safeParse(rest);
  if (!parsed.success) return undefined;
  try {
    createPublicKey({ key: parsed.data, format: "jwk" });
  } catch {
    return undefined;
  }
  return parsed.data;
}

/** RFC 7638 SHA-256 thumbprint, base64url, 43 characters: the key's `kid`. */
export function keyThumbprint(jwk: PublicSigningJwk): Promise<string> {
  return calculateJwkThumbprint(jwk, "sha256");
}
