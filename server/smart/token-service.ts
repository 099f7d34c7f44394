import { createLocalJWKSet, decodeJwt, errors, jwtVerify } from "jose";
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import type { Services, Work } from "../http/context.ts";
import { systemActor } from "../identity/service.ts";
import { assertionAlgorithms, type tokenBody } from "./contract.ts";
import { granted, parseScopes, textOf } from "./domain.ts";
import { OAuthError } from "./oauth-error.ts";
import * as repository from "./repository.ts";
import { issueToken, tokenSeconds } from "./token.ts";

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const longestAssertionSeconds = 300;
const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export const tokenUrlOf = (services: Pick<Services, "publicUrl">): string =>
  `${services.publicUrl}/auth/token`;

/**
 * SMART backend services: a signed assertion for a token of five minutes. Each assertion buys one.
 * Source: hl7.org/fhir/smart-app-launch/backend-services.html.
 * @throws OAuthError `unsupported_grant_type`, `invalid_client`, `invalid_scope`
 */
export async function exchangeAssertion(
  services: Services,
  body: z.infer<typeof tokenBody>,
  origin: Work["origin"],
) {
  if (body.grant_type !== "client_credentials") throw new OAuthError("unsupported_grant_type");
  if (body.client_assertion_type !== assertionType)
    throw new OAuthError("invalid_client", `client_assertion_type is ${assertionType}`);
  const actor = systemActor("smart-token");
  return services.db.withActor(actor, async (tx) => {
    const now = services.clock();
    const client = await knownClient(tx, body.client_assertion);
    const { jti, exp } = await verified(services, client, body.client_assertion, now);
    const fresh = await repository.useAssertion(tx, {
      clientId: client.id,
      jti,
      expiresAt: new Date(exp * 1000),
    });
    if (!fresh) throw new OAuthError("invalid_client", "this assertion was used before");
    await repository.forgetAssertions(tx, new Date(now.getTime() - 60_000));
    const allowed = client.scopes.flatMap((text) => parseScopes(text));
    const scopes = granted(parseScopes(body.scope), allowed).map(textOf);
    if (scopes.length === 0)
      throw new OAuthError("invalid_scope", "nothing of what was asked for is allowed");
    await trace(tx, actor, origin, {
      action: "smart.token",
      entityType: "smart-client",
      entityId: client.id,
      detail: { scope: scopes.join(" ") },
    });
    const access_token = issueToken(services, {
      client: client.id,
      name: client.name,
      institution: client.institutionId,
      scopes,
    });
    return {
      access_token,
      token_type: "bearer" as const,
      expires_in: tokenSeconds,
      scope: scopes.join(" "),
    };
  });
}

async function knownClient(tx: Parameters<typeof repository.findClient>[0], assertion: string) {
  let issuer: unknown;
  try {
    issuer = decodeJwt(assertion).iss;
  } catch {
    throw new OAuthError("invalid_client", "the assertion is no JWT");
  }
  const client =
    typeof issuer === "string" && uuidForm.test(issuer)
      ? await repository.findClient(tx, issuer)
      : null;
  // Who is not known and who was ended are told the same.
  if (!client || client.disabledAt)
    throw new OAuthError("invalid_client", "this client is not known");
  return client;
}

async function verified(
  services: Services,
  client: repository.SmartClientRow,
  assertion: string,
  now: Date,
): Promise<{ jti: string; exp: number }> {
  try {
    const { payload } = await jwtVerify(assertion, createLocalJWKSet(client.jwks), {
      issuer: client.id,
      subject: client.id,
      audience: tokenUrlOf(services),
      algorithms: [...assertionAlgorithms],
      requiredClaims: ["exp", "jti"],
      currentDate: now,
      clockTolerance: 5,
    });
    const { jti, exp } = payload;
    if (typeof jti !== "string" || jti.length === 0 || jti.length > 200)
      throw new OAuthError("invalid_client", "jti is a text of at most 200 characters");
    if (exp! - now.getTime() / 1000 > longestAssertionSeconds + 5)
      throw new OAuthError("invalid_client", "exp is more than five minutes ahead");
    return { jti, exp: exp! };
  } catch (error) {
    if (error instanceof OAuthError) throw error;
    if (error instanceof errors.JOSEError) throw new OAuthError("invalid_client", error.message);
    throw error;
  }
}
