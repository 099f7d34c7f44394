/** The key pair by which an institution signs in at outside servers (SMART backend services, private_key_jwt). */
import { createPrivateKey, generateKeyPairSync, randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { calculateJwkThumbprint, SignJWT } from "jose";
import { trace } from "../audit/service.ts";
import type { Tx } from "../db/client.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Services, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { systemActor } from "../identity/service.ts";
import { recordKey } from "./schema.ts";

const sealed = "record_key.private";
const algorithm = "ES384";
/** An assertion is for one request. */
const lifeSeconds = 240;
const system = systemActor("record-key");

export type KeyRow = typeof recordKey.$inferSelect;

/** Where a partner reads the public half, by the institution's code. */
export const keyAddress = (services: Pick<Services, "publicUrl">, code: string): string =>
  `${services.publicUrl}/stores/${code}/jwks.json`;

/**
 * The institution's key pair, made at the first asking; a second asking finds the same.
 * @throws DomainError `permission.denied`
 */
export async function ensureKey(services: Services, work: Work<StaffActor>): Promise<KeyRow> {
  const { tx, actor, origin } = work;
  assertPermission(actor, "record.manage");
  const known = await ownKey(tx, actor.institutionId);
  if (known) return known;
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
  const jwk = publicKey.export({ format: "jwk" }) as Record<string, string>;
  const keyId = await calculateJwkThumbprint(jwk);
  const [made] = await tx
    .insert(recordKey)
    .values({
      institutionId: actor.institutionId,
      keyId,
      publicKey: { ...jwk, kid: keyId, alg: algorithm, use: "sig" },
      privateCipher: services.vault.seal(
        sealed,
        privateKey.export({ format: "pem", type: "pkcs8" }) as string,
      ),
    })
    .onConflictDoNothing()
    .returning();
  if (made)
    await trace(tx, actor, origin, {
      action: "record-key.make",
      entityType: "record-key",
      entityId: actor.institutionId,
      detail: { keyId },
    });
  return made ?? (await ownKey(tx, actor.institutionId))!;
}

export async function ownKey(tx: Tx, institutionId: string): Promise<KeyRow | null> {
  const [row] = await tx.select().from(recordKey).where(eq(recordKey.institutionId, institutionId));
  return row ?? null;
}

/**
 * Public halves of an institution's keys, for anybody.
 * @throws DomainError `request.not-found`
 */
export async function publicKeys(
  services: Services,
  code: string,
): Promise<{ keys: Record<string, string>[] }> {
  return services.db.withActor(system, async (tx) => {
    const found = (await findInstitutions(tx)).find((one) => one.slug === code);
    const row = found ? await ownKey(tx, found.id) : null;
    if (!row) throw new DomainError("request.not-found");
    return { keys: [row.publicKey] };
  });
}

/** An assertion for one token request (RFC 7523, 3). */
export function signAssertion(
  services: Pick<Services, "vault" | "clock">,
  key: KeyRow,
  { clientId, tokenUrl }: { clientId: string; tokenUrl: string },
): Promise<string> {
  const at = Math.floor(services.clock().getTime() / 1000);
  return new SignJWT({})
    .setProtectedHeader({ alg: algorithm, kid: key.keyId, typ: "JWT" })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(tokenUrl)
    .setJti(randomUUID())
    .setIssuedAt(at)
    .setExpirationTime(at + lifeSeconds)
    .sign(createPrivateKey(services.vault.open(sealed, key.privateCipher)));
}
