/** What the pages send and receive about signing keys. */
import { z } from "zod";
import { instant, line } from "../http/contract.ts";

/** RFC 7638 thumbprint: base64url of SHA-256. */
export const kid = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
export const registerKeyBody = z
  .object({
    /** As the browser exports it; checked by `parsePublicSigningJwk`. */
    publicJwk: z.record(z.string(), z.unknown()),
    /** What the owner calls it, such as the name of the device. */
    label: line(100),
    /** Compact JWS of type `yilian.key+jws` by the new key over its own thumbprint. */
    proof: z.string().min(1).max(2000),
  })
  .strict();
export const revokeKeyBody = z.object({ reason: line(500) }).strict();
export const signingKeyView = z.object({
  kid,
  label: z.string().nullable(),
  registeredAt: instant,
  revokedAt: instant.nullable(),
  replacedBy: z.string().nullable(),
});
export const signingKeyList = z.object({ keys: z.array(signingKeyView) });
export type SigningKeyView = z.infer<typeof signingKeyView>;
export type RegisterKeyBody = z.infer<typeof registerKeyBody>;
