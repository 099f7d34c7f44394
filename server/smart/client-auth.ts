/** Which client speaks at the token endpoint: by a signed assertion, or, an app without secrets, by its id. */
import { createLocalJWKSet, decodeJwt, errors, jwtVerify } from "jose";
import type { Tx } from "../db/client.ts";
import type { Services } from "../http/context.ts";
import { assertionAlgorithms, type TokenBody } from "./contract.ts";
import { OAuthError } from "./oauth-error.ts";
import * as repository from "./repository.ts";

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const longestAssertionSeconds = 300;
export const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export const tokenUrlOf = (services: Pick<Services, "publicUrl">): string =>
  `${services.publicUrl}/auth/token`;

type Sent = Pick<TokenBody, "client_id" | "client_assertion_type" | "client_assertion">;

/**
 * A system or a confidential app by its assertion, a public app by its id: what PKCE proves is all that it can.
 * @throws OAuthError `invalid_client`
 */
export async function clientOfRequest(
  services: Services,
  tx: Tx,
  sent: Sent,
  now: Date,
): Promise<repository.SmartClientRow> {
  if (sent.client_assertion === "" && sent.client_assertion_type === "") {
    const client = await known(tx, sent.client_id);
    if (client.kind !== "public-app")
      throw new OAuthError("invalid_client", "this client signs in with an assertion");
    return client;
  }
  const client = await clientOfAssertion(services, tx, sent, now);
  if (sent.client_id !== "" && sent.client_id !== client.id)
    throw new OAuthError("invalid_client", "client_id is not the assertion's");
  return client;
}

/**
 * Each assertion is good once (private_key_jwt, RFC 7523).
 * @throws OAuthError `invalid_client`
 */
export async function clientOfAssertion(
  services: Services,
  tx: Tx,
  sent: Omit<Sent, "client_id">,
  now: Date,
): Promise<repository.SmartClientRow> {
  if (sent.client_assertion_type !== assertionType)
    throw new OAuthError("invalid_client", `client_assertion_type is ${assertionType}`);
  let issuer: unknown;
  try {
    issuer = decodeJwt(sent.client_assertion).iss;
  } catch {
    throw new OAuthError("invalid_client", "the assertion is no JWT");
  }
  const client = await known(tx, typeof issuer === "string" ? issuer : "");
  const { jti, exp } = await verified(services, client, sent.client_assertion, now);
  const fresh = await repository.takeAssertion(tx, {
    clientId: client.id,
    jti,
    expiresAt: new Date(exp * 1000),
  });
  if (!fresh) throw new OAuthError("invalid_client", "this assertion was used before");
  await repository.forgetAssertions(tx, new Date(now.getTime() - 60_000));
  return client;
}

async function known(tx: Tx, id: string): Promise<repository.SmartClientRow> {
  const client = uuidForm.test(id) ? await repository.findClient(tx, id) : null;
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
