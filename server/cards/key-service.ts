import { createPrivateKey, generateKeyPairSync, type JsonWebKey } from "node:crypto";
import { calculateJwkThumbprint } from "jose";
import type { Tx } from "../db/client.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Services } from "../http/context.ts";
import type { Actor } from "../identity/domain.ts";
import type { SigningKey } from "./card.ts";
import { isKeyDue } from "./domain.ts";
import * as repository from "./repository.ts";

/** How long a replica signs with a key that another one has just retired. */
const rememberMilliseconds = 60_000;
const sealContext = "card_key.private";
const system: Actor = { kind: "system", reason: "card-keys", language: "zh-CN" };

type KeyServices = Pick<Services, "db" | "vault" | "clock">;
const remembered = new WeakMap<object, { key: SigningKey; at: number }>();

/**
 * The key that signs now; the first one is made when it is first needed, and a new one after a year.
 * Replicas share it through the database. Asked outside of any other transaction.
 * @throws DomainError `card.key-unreadable` when the installation's secrets are not those that sealed it
 */
export async function signingKey(services: KeyServices): Promise<SigningKey> {
  const kept = remembered.get(services.vault);
  if (kept && performance.now() - kept.at < rememberMilliseconds) return kept.key;
  const now = services.clock();
  const key = await services.db.withActor(system, async (tx) => {
    const active = (await activeKey(tx)) ?? (await makeKey(services, tx, now));
    if (!isKeyDue(active.activeFrom, now)) return open(services, active);
    return open(services, await replaceKey(services, tx, now));
  });
  remembered.set(services.vault, { key, at: performance.now() });
  return key;
}

/** Makes a new key and retires the one before: what that one signed still verifies. @returns the new kid */
export async function rotateCardKey(services: KeyServices): Promise<string> {
  const now = services.clock();
  const made = await services.db.withActor(system, (tx) => replaceKey(services, tx, now));
  remembered.delete(services.vault);
  return made.kid;
}

/**
 * A key in wrong hands: no longer published, so that nothing it ever signed counts. The next card is
 * signed with a new one. @returns false when there is no such key
 */
export async function revokeCardKey(services: KeyServices, kid: string): Promise<boolean> {
  const now = services.clock();
  const done = await services.db.withActor(system, (tx) => repository.revokeKey(tx, kid, now));
  remembered.delete(services.vault);
  return done;
}

export type PublishedKey = {
  kty: "EC";
  kid: string;
  use: "sig";
  alg: "ES256";
  crv: "P-256";
  x: string;
  y: string;
  /** The counter of the key's list of revoked cards; absent when nothing was taken back. */
  crlVersion?: number;
};

/** The public halves of all keys that were not revoked, retired ones too. */
export async function publishedKeys(services: KeyServices): Promise<PublishedKey[]> {
  await signingKey(services).catch((error: unknown) => {
    // Old cards are to be verified even where nothing new can be signed.
    if (!(error instanceof DomainError)) throw error;
  });
  return services.db.withActor(system, async (tx) => {
    const counts = new Map(
      (await repository.countRevocations(tx)).map((row) => [row.kid, row.count]),
    );
    return (await repository.findKeys(tx))
      .filter((row) => row.revokedAt === null)
      .map(({ kid, publicJwk: { x, y } }) => ({
        kty: "EC",
        kid,
        use: "sig",
        alg: "ES256",
        crv: "P-256",
        x,
        y,
        ...(counts.has(kid) ? { crlVersion: counts.get(kid)! } : {}),
      }));
  });
}

/**
 * The list of what was taken back of a key.
 * @throws DomainError `request.not-found`
 */
export async function revocationList(services: KeyServices, kid: string) {
  return services.db.withActor(system, async (tx) => {
    const key = (await repository.findKeys(tx)).find((row) => row.kid === kid);
    if (!key || key.revokedAt) throw new DomainError("request.not-found");
    const counted = (await repository.countRevocations(tx)).find((row) => row.kid === kid);
    return {
      kid,
      method: "rid" as const,
      ctr: counted?.count ?? 0,
      rids: await repository.findRevoked(tx, kid, services.clock()),
    };
  });
}

/** All keys with their states, for the operator. */
export function listCardKeys(services: KeyServices): Promise<repository.CardKeyRow[]> {
  return services.db.withActor(system, (tx) => repository.findKeys(tx));
}

async function activeKey(tx: Tx): Promise<repository.CardKeyRow | undefined> {
  return (await repository.findKeys(tx)).find((row) => !row.retiredAt && !row.revokedAt);
}

async function replaceKey(
  services: KeyServices,
  tx: Tx,
  now: Date,
): Promise<repository.CardKeyRow> {
  await repository.retireActiveKeys(tx, now);
  return makeKey(services, tx, now);
}

/** Of two replicas that make the first key at once, both use the one that was committed first. */
async function makeKey(services: KeyServices, tx: Tx, now: Date): Promise<repository.CardKeyRow> {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x, y, d } = privateKey.export({ format: "jwk" });
  const publicJwk = { kty: "EC", crv: "P-256", x: x!, y: y! } as const;
  const kid = await calculateJwkThumbprint(publicJwk, "sha256");
  await repository.insertKey(tx, {
    kid,
    publicJwk,
    privateCipher: services.vault.seal(sealContext, JSON.stringify({ ...publicJwk, d })),
    activeFrom: now,
  });
  const active = await activeKey(tx);
  if (!active) throw new DomainError("service.unavailable");
  return active;
}

function open(services: KeyServices, row: repository.CardKeyRow): SigningKey {
  let privateJwk: JsonWebKey;
  try {
    privateJwk = JSON.parse(services.vault.open(sealContext, row.privateCipher)) as JsonWebKey;
  } catch {
    throw new DomainError("card.key-unreadable");
  }
  createPrivateKey({ key: privateJwk, format: "jwk" });
  return { kid: row.kid, privateJwk };
}
