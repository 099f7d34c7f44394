/** An app that speaks for a person, as a store is asked in his name: judged anew at every use. */
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import type { Tx } from "../db/client.ts";
import type { Services } from "../http/context.ts";
import { staffRightsAt, systemActor } from "../identity/service.ts";
import { type Limit, limitsOf } from "./domain.ts";
import { findGrant, type GrantState } from "./grant-repository.ts";
import { tokenSeconds } from "./token.ts";

const context = "smart.app_token";
const prefix = "ya.";
const content = z.object({
  grant: z.uuid(),
  scopes: z.array(z.string()),
  /** Ids in the store of those whom the person may see; null: whom permission and consent let. */
  people: z.array(z.string()).nullable(),
  expires: z.number(),
});
export type AppToken = z.infer<typeof content>;

/** Sealed with the installation's keys, as a system's; what it may is asked of the grant when it is used. */
export function issueAppToken(services: Services, token: Omit<AppToken, "expires">): string {
  const expires = Math.floor(services.clock().getTime() / 1000) + tokenSeconds;
  return prefix + services.vault.seal(context, JSON.stringify({ ...token, expires }));
}

/** What a token says, or null: not ours, altered, or over. */
export function readAppToken(services: Services, text: string): AppToken | null {
  if (!text.startsWith(prefix)) return null;
  try {
    const token = content.parse(
      JSON.parse(services.vault.open(context, text.slice(prefix.length))),
    );
    return token.expires * 1000 > services.clock().getTime() ? token : null;
  } catch {
    return null;
  }
}

export type AppAccess = {
  readonly client: string;
  readonly clientName: string;
  /** The member of staff; null: a patient's phone. */
  readonly person: { readonly id: string; readonly name: string } | null;
  /** In our own tables; of a phone only, where one was chosen. */
  readonly patientId: string | null;
  /** Institution that the person speaks for; of a phone the keeper itself. */
  readonly institution: string;
  /** The only store that the token is for. */
  readonly tenant: string;
  readonly scopes: readonly string[];
  readonly limits: readonly Limit[] | null;
  readonly mayWrite: boolean;
  /** Whether the person answers for the institution's records. */
  readonly manages: boolean;
};

/**
 * Whether a grant still counts: its app, its session (unless it outlives it) and the person's work.
 * @returns the person's rights (null for a phone), or false
 */
export async function rightsOfGrant(
  services: Services,
  tx: Tx,
  { grant, client, session }: GrantState,
): Promise<{ name: string; permissions: ReadonlySet<string> } | null | false> {
  const now = services.clock();
  if (grant.endedAt || client.disabledAt || grant.expiresAt <= now) return false;
  const isOpen = session && !session.revokedAt && session.expiresAt > now && !session.lockedAt;
  if (!grant.offline && !isOpen) return false;
  if (!grant.personId || !grant.institutionId) return null;
  const staff = await staffRightsAt(
    tx,
    { personId: grant.personId, institutionId: grant.institutionId },
    now,
    services.demo,
  );
  return staff?.permissions.has("record.read") ? staff : false;
}

/** @returns null when the request carries no app's token that counts */
export async function appOf(
  services: Services,
  request: FastifyRequest,
): Promise<AppAccess | null> {
  const [, text] =
    /^Bearer (ya\.[A-Za-z0-9._-]{1,6000})$/i.exec(request.headers.authorization ?? "") ?? [];
  const token = text ? readAppToken(services, text) : null;
  if (!token) return null;
  return services.db.withActor(systemActor("smart-app"), async (tx) => {
    const state = await findGrant(tx, token.grant);
    const rights = state ? await rightsOfGrant(services, tx, state) : false;
    if (!state || rights === false) return null;
    const { grant, client } = state;
    const limits = limitsOf(token.scopes, grant.subjects, token.people);
    return {
      client: client.id,
      clientName: client.name,
      person: rights && grant.personId ? { id: grant.personId, name: rights.name } : null,
      patientId: grant.patientId,
      institution: grant.institutionId ?? grant.tenant,
      tenant: grant.tenant,
      scopes: token.scopes,
      limits,
      mayWrite: rights?.permissions.has("record.write") ?? false,
      manages: rights?.permissions.has("record.manage") ?? false,
    };
  });
}
