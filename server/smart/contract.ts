import { z } from "zod";
import { instant, uuid } from "../http/contract.ts";
import { parseScope } from "./domain.ts";

/** How an assertion may be signed: SMART demands RS384 and ES384; the others are common beside them. */
export const assertionAlgorithms = ["RS384", "ES384", "ES256", "RS256"] as const;

const publicKey = z
  .object({
    kty: z.enum(["EC", "RSA"]),
    kid: z.string().min(1).max(100),
    alg: z.string().max(20).optional(),
    use: z.string().max(10).optional(),
    crv: z.enum(["P-256", "P-384"]).optional(),
    x: z.string().max(200).optional(),
    y: z.string().max(200).optional(),
    n: z.string().max(2000).optional(),
    e: z.string().max(20).optional(),
  })
  // Strict: whoever pastes a private key (d, p, q …) is told, and it is not kept.
  .strict();

export const registerBody = z
  .object({
    name: z.string().trim().min(2).max(100),
    scopes: z
      .array(
        z
          .string()
          .refine((text) => parseScope(text) !== null, "not a scope of the kind system/*.rs"),
      )
      .min(1)
      .max(50),
    jwks: z.object({ keys: z.array(publicKey).min(1).max(10) }).strict(),
  })
  .strict();

export const smartClientView = z.object({
  id: uuid,
  name: z.string(),
  scopes: z.array(z.string()),
  keyIds: z.array(z.string()),
  disabledAt: instant.nullable(),
  createdAt: instant,
});
export const smartClients = z.object({ tokenUrl: z.string(), clients: z.array(smartClientView) });
export const registered = z.object({ client: smartClientView });

export const tokenBody = z.object({
  grant_type: z.string(),
  scope: z.string().max(2000).default(""),
  client_assertion_type: z.string().default(""),
  client_assertion: z.string().max(8000).default(""),
});
