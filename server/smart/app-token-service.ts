/** Tokens of apps that speak for a person: by code, by refresh token, and their end. */
import { createHash } from "node:crypto";
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import type { Tx } from "../db/client.ts";
import type { Services, Work } from "../http/context.ts";
import { phoneActor, systemActor } from "../identity/service.ts";
import { issueAppToken, readAppToken, rightsOfGrant } from "./app-access.ts";
import { clientOfRequest } from "./client-auth.ts";
import type { revokeBody, TokenBody } from "./contract.ts";
import { granted, type launchScopes, parseLaunchScopes, parseScopes, textOf } from "./domain.ts";
import * as grants from "./grant-repository.ts";
import { OAuthError } from "./oauth-error.ts";
import type { RecordPeople } from "./people-port.ts";
import { tokenSeconds } from "./token.ts";

const actor = systemActor("smart-token");
export type AppTokens = {
  access_token: string;
  token_type: "bearer";
  expires_in: number;
  scope: string;
  refresh_token?: string;
  patient?: string;
  need_patient_banner?: boolean;
};
type Ports = { services: Services; people: RecordPeople };

/** A refusal that keeps what was found out (a grant that ends): thrown after the commit. */
async function settle<Answer>(
  { services }: Ports,
  work: (tx: Tx) => Promise<Answer | OAuthError>,
): Promise<Answer> {
  const result = await services.db.withActor(actor, work);
  if (result instanceof OAuthError) throw result;
  return result;
}

/**
 * A code for tokens. A code that comes a second time, with another client, address or verifier, was in
 * wrong hands: what it stood for ends (RFC 6749 4.1.2, RFC 9700 2.1).
 * @throws OAuthError `invalid_client`, `invalid_grant`
 */
export const exchangeCode = (ports: Ports, body: TokenBody, origin: Work["origin"]) =>
  settle<AppTokens>(ports, async (tx) => {
    const { services } = ports;
    const now = services.clock();
    const client = await clientOfRequest(services, tx, body, now);
    const codeHash = services.vault.hashSecret(body.code);
    const code = await grants.findCode(tx, codeHash);
    const state = code ? await grants.findGrant(tx, code.grantId) : null;
    if (!code || !state) return new OAuthError("invalid_grant", "this code is not known");
    const { grant } = state;
    const fits =
      code.usedAt === null &&
      grant.clientId === client.id &&
      code.redirectUri === body.redirect_uri &&
      isVerifier(body.code_verifier, code.challenge);
    if (code.usedAt === null) await grants.spendCode(tx, codeHash, now);
    if (!fits) {
      await end(tx, grant, "code-misused", now, origin);
      return new OAuthError("invalid_grant", "this code was used, or is not yours");
    }
    if (code.expiresAt <= now) return new OAuthError("invalid_grant", "this code is over");
    if ((await rightsOfGrant(services, tx, state)) === false)
      return new OAuthError("invalid_grant", "what was allowed has ended");
    return issue(ports, tx, state, parseGranted(grant), origin);
  });

/**
 * New tokens for a refresh token, which is good once: one that comes again ends the whole grant, because
 * of two holders one has stolen it.
 * @throws OAuthError `invalid_client`, `invalid_grant`, `invalid_scope`
 */
export const refresh = (ports: Ports, body: TokenBody, origin: Work["origin"]) =>
  settle<AppTokens>(ports, async (tx) => {
    const { services } = ports;
    const now = services.clock();
    const client = await clientOfRequest(services, tx, body, now);
    const tokenHash = services.vault.hashSecret(body.refresh_token);
    const token = await grants.findRefresh(tx, tokenHash);
    const state = token ? await grants.findGrant(tx, token.grantId) : null;
    if (!token || !state || state.grant.clientId !== client.id)
      return new OAuthError("invalid_grant", "this refresh token is not known");
    const { grant } = state;
    if (token.usedAt) {
      await end(tx, grant, "token-reused", now, origin);
      return new OAuthError("invalid_grant", "this refresh token was used before");
    }
    if ((await rightsOfGrant(services, tx, state)) === false)
      return new OAuthError("invalid_grant", "what was allowed has ended");
    const all = parseGranted(grant);
    const asked = body.scope === "" ? all : narrowed(body.scope, all);
    if (!asked) return new OAuthError("invalid_scope", "more than was allowed");
    await grants.spendRefresh(tx, tokenHash, now);
    return issue(ports, tx, state, asked, origin);
  });

/** The scopes asked for, when each of them is within those given; else null. */
function narrowed(asked: string, all: readonly string[]): string[] | null {
  const words = asked.split(/\s+/).filter((one) => one !== "");
  const within = parseScopes(all.join(" "));
  const fits = words.every((word) => {
    const [scope] = parseScopes(word);
    if (!scope) return all.includes(word);
    const given = granted([scope], within);
    return (
      given.length === 1 && given[0]!.type === scope.type && given[0]!.letters === scope.letters
    );
  });
  const some = words.some((word) => parseScopes(word).length > 0);
  return fits && some ? words : null;
}

const parseGranted = ({ scopes }: grants.GrantRow): string[] => scopes;

async function issue(
  { services, people }: Ports,
  tx: Tx,
  { grant }: grants.GrantState,
  scopes: readonly string[],
  origin: Work["origin"],
): Promise<AppTokens | OAuthError> {
  const now = services.clock();
  let seen: string[] | null = null;
  if (grant.phoneIndex) {
    const phone = await phoneActor(tx, {
      phoneIndex: grant.phoneIndex,
      sessionId: grant.sessionId,
    });
    const readable = await people.readable({ tx, actor: phone, now });
    if (grant.patientId && !readable.some(({ id }) => id === grant.patientId)) {
      await end(tx, grant, "relation", now, origin);
      return new OAuthError("invalid_grant", "what was allowed has ended");
    }
    seen = scopes.some((one) => one.startsWith("user/"))
      ? (await Promise.all(readable.map(({ id }) => people.keepers(id))))
          .flat()
          .filter(({ institutionId }) => institutionId === grant.tenant)
          .flatMap(({ localIds }) => localIds)
      : [];
  }
  await grants.markUsed(tx, grant, now);
  const text = scopes.join(" ");
  await trace(tx, actor, origin, {
    action: "smart.token",
    entityType: "smart-grant",
    entityId: grant.id,
    detail: { client: grant.clientId, scope: text },
  });
  const [subject] = grant.subjects;
  const answer: AppTokens = {
    access_token: issueAppToken(services, { grant: grant.id, scopes: [...scopes], people: seen }),
    token_type: "bearer",
    expires_in: tokenSeconds,
    scope: text,
    ...(subject === undefined ? {} : { patient: subject, need_patient_banner: true }),
  };
  if (!grant.refreshes) return answer;
  const next = services.vault.newSecret();
  await grants.insertRefresh(tx, { tokenHash: next.hash, grantId: grant.id, issuedAt: now });
  return { ...answer, refresh_token: next.secret };
}

/** RFC 7636, 4.6. */
function isVerifier(verifier: string, challenge: string): boolean {
  return (
    /^[A-Za-z0-9\-._~]{43,128}$/.test(verifier) &&
    createHash("sha256").update(verifier).digest("base64url") === challenge
  );
}

async function end(
  tx: Tx,
  grant: grants.GrantRow,
  reason: grants.EndReason,
  now: Date,
  origin: Work["origin"],
): Promise<void> {
  if (!(await grants.endGrant(tx, grant.id, reason, now))) return;
  await trace(tx, actor, origin, {
    action: "smart.end-grant",
    entityType: "smart-grant",
    entityId: grant.id,
    patientId: grant.patientId,
    detail: { reason, client: grant.clientId },
  });
}

/** The grant that a token of the client's belongs to, whatever became of the token; null: none. */
async function grantOfToken(services: Services, tx: Tx, text: string, clientId: string) {
  const access = readAppToken(services, text);
  const row = access ? null : await grants.findRefresh(tx, services.vault.hashSecret(text));
  const id = access?.grant ?? row?.grantId;
  const state = id ? await grants.findGrant(tx, id) : null;
  if (!state || state.grant.clientId !== clientId) return null;
  return { state, access, isUsed: row?.usedAt !== null && row?.usedAt !== undefined };
}

/**
 * An app gives back what it was allowed (RFC 7009): either token ends the grant. Unknown ones are no fault.
 * @throws OAuthError `invalid_client`
 */
export const revoke = (
  { services }: Ports,
  body: z.infer<typeof revokeBody>,
  origin: Work["origin"],
) =>
  services.db.withActor(actor, async (tx) => {
    const now = services.clock();
    const client = await clientOfRequest(services, tx, body, now);
    const found = await grantOfToken(services, tx, body.token, client.id);
    if (found) await end(tx, found.state.grant, "app", now, origin);
  });

/**
 * What a token stands for, told to the app that it was given to (RFC 7662).
 * @throws OAuthError `invalid_client`
 */
export const introspect = ({ services }: Ports, body: z.infer<typeof revokeBody>) =>
  services.db.withActor(actor, async (tx): Promise<Record<string, unknown>> => {
    const now = services.clock();
    const client = await clientOfRequest(services, tx, body, now);
    const found = await grantOfToken(services, tx, body.token, client.id);
    if (!found || found.isUsed || (await rightsOfGrant(services, tx, found.state)) === false)
      return { active: false };
    const { grant } = found.state;
    const [subject] = grant.subjects;
    return {
      active: true,
      client_id: client.id,
      scope: (found.access?.scopes ?? grant.scopes).join(" "),
      exp: found.access?.expires ?? Math.floor(grant.expiresAt.getTime() / 1000),
      aud: grant.audience,
      ...(subject === undefined ? {} : { patient: subject }),
    };
  });

/** What a grant keeps: scopes of types and what was said beside them. */
export const scopesToKeep = (
  scopes: Parameters<typeof textOf>[0][],
  launch: readonly (typeof launchScopes)[number][],
): string[] => [...scopes.map(textOf), ...parseLaunchScopes(launch.join(" "))];

/** Every refusal leaves its trace; the sentence is for machines and holds no secret. */
export const traceRefusal = (
  services: Services,
  origin: Work["origin"],
  said: { client: string; grant: string; error: string },
) =>
  services.db.withActor(actor, (tx) =>
    trace(tx, actor, origin, {
      action: "smart.refused",
      entityType: "smart-client",
      entityId: said.client === "" ? null : said.client.slice(0, 100),
      detail: { grant: said.grant.slice(0, 60), error: said.error },
    }),
  );
