/** What our own question carries to a store that is hosted here: who asks, from where, what for. */
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import type { Caller } from "../../fhir/service.ts";
import type { Services } from "../../http/context.ts";

const context = "records.caller_token";
/** A token is for one question. */
const lifeSeconds = 60;
const prefix = "yr.";

const content = z.object({
  /** Code of the store that it is for. */
  store: z.string(),
  person: z.uuid(),
  name: z.string(),
  institution: z.uuid(),
  purpose: z.enum(["treatment", "emergency", "patient-request"]),
  reason: z.string().nullable(),
  correlation: z.string(),
  address: z.string().nullable(),
  expires: z.number(),
});
export type CallerToken = Omit<z.infer<typeof content>, "expires">;

/** Sealed with the installation's keys (AES-256-GCM): only a replica of ours reads or makes one. */
export function issueCallerToken(services: Pick<Services, "vault" | "clock">, token: CallerToken) {
  const expires = Math.floor(services.clock().getTime() / 1000) + lifeSeconds;
  return prefix + services.vault.seal(context, JSON.stringify({ ...token, expires }));
}

/**
 * Who asks a hosted store with a token of ours: reads only, of the store that it names.
 * @returns null when the request carries none that counts
 */
export function callerOfToken(services: Services, request: FastifyRequest): Caller | null {
  const [, sealed] =
    /^Bearer yr\.([\w.-]{1,6000})$/.exec(request.headers.authorization ?? "") ?? [];
  if (!sealed) return null;
  let token: z.infer<typeof content>;
  try {
    token = content.parse(JSON.parse(services.vault.open(context, sealed)));
  } catch {
    return null;
  }
  const { code } = request.params as { code?: string };
  if (token.expires * 1000 <= services.clock().getTime() || token.store !== code) return null;
  return {
    kind: "person",
    actor: token.person,
    name: token.name,
    institution: token.institution,
    purpose: token.purpose,
    reason: token.reason,
    scopes: null,
    mayWrite: false,
    correlationId: token.correlation,
    address: token.address,
  };
}
