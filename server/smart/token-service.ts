import { trace } from "../audit/service.ts";
import type { Services, Work } from "../http/context.ts";
import { systemActor } from "../identity/service.ts";
import { clientOfAssertion } from "./client-auth.ts";
import type { TokenBody } from "./contract.ts";
import { granted, parseScopes, textOf } from "./domain.ts";
import { OAuthError } from "./oauth-error.ts";
import { issueToken, tokenSeconds } from "./token.ts";

/**
 * SMART backend services: a signed assertion for a token of five minutes. Each assertion buys one.
 * Source: hl7.org/fhir/smart-app-launch/backend-services.html.
 * @throws OAuthError `invalid_client`, `unauthorized_client`, `invalid_scope`
 */
export async function exchangeAssertion(
  services: Services,
  body: TokenBody,
  origin: Work["origin"],
) {
  const actor = systemActor("smart-token");
  return services.db.withActor(actor, async (tx) => {
    const client = await clientOfAssertion(services, tx, body, services.clock());
    if (client.kind !== "system")
      throw new OAuthError("unauthorized_client", "an app speaks for a person");
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
