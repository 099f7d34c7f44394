import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { notify } from "../notices/service.ts";
import type { RegisterKeyBody, SigningKeyView } from "./contract.ts";
import { verifyKeyProof } from "./jws.ts";
import { parsePublicSigningJwk } from "./public-key.ts";
import type { SigningKeyRow } from "./repository.ts";
import * as repository from "./repository.ts";

export { canonicalJson, contentHash } from "./canonical.ts";
export {
  OPINION_JWS_TYPE,
  PRESCRIPTION_JWS_TYPE,
  verifyDocumentJws,
  verifyOpinionJws,
} from "./jws.ts";
export { findKeys } from "./keys.ts";
export { keyThumbprint, type PublicSigningJwk } from "./public-key.ts";
export { SignatureError } from "./signature-error.ts";

/** The reader's own keys, newest first. */
export async function listKeys({ tx, actor }: Work<StaffActor>): Promise<SigningKeyView[]> {
  return (await repository.findOwnKeys(tx, actor.personId)).map(viewKey);
}

/**
 * Register the public half of a key that lives in the signer's browser. The earlier key is replaced:
 * it signs nothing new, and what it signed stands. The owner is told, so that a key which somebody
 * else registers does not stay unseen.
 * @throws DomainError `permission.denied`, `signature.bad` (no public P-256 key, or no proof that the
 *   private half is in the caller's hands), `signature.altered`, `signature.key-exists`,
 *   `signature.revoked-key`
 */
export async function registerKey(
  work: Work<StaffActor>,
  input: RegisterKeyBody,
): Promise<SigningKeyView> {
  const { tx, actor, origin, now } = work;
  if (!actor.permissions.has("prescription.write")) assertPermission(actor, "consult.opinion");
  const publicJwk = parsePublicSigningJwk(input.publicJwk);
  if (!publicJwk) throw new DomainError("signature.bad");
  const kid = await verifyKeyProof({ proof: input.proof, publicJwk });
  const known = await repository.findKey(tx, kid);
  if (known?.personId === actor.personId && known.revokedAt)
    throw new DomainError("signature.revoked-key");
  if (known) throw new DomainError("signature.key-exists");

  const { personId } = actor;
  const row = await repository.insertKey(tx, {
    kid,
    personId,
    publicJwk,
    label: input.label,
    registeredAt: now,
  });
  if (!row) throw new DomainError("signature.key-exists");
  for (const earlier of await repository.findOwnKeys(tx, personId)) {
    if (earlier.revokedAt || earlier.kid === kid) continue;
    await repository.revokeKey(tx, earlier.kid, {
      revokedAt: now,
      revokedReason: "replaced",
      replacedBy: kid,
    });
  }
  await trace(tx, actor, origin, {
    action: "signing-key.register",
    entityType: "signing-key",
    entityId: kid,
  });
  await notify(tx, {
    personIds: [personId],
    kind: "signing-key-registered",
    entityType: "signing-key",
    entityId: kid,
    detail: { label: input.label },
    dedupeKey: `signing-key:${kid}:registered`,
    at: now,
  });
  return viewKey(row);
}

/**
 * Revoke an own key: signatures made from now on do not count, earlier ones stand. Doing it again
 * changes nothing.
 * @throws DomainError `request.not-found`: another's key is not there
 */
export async function revokeKey(
  { tx, actor, origin, now }: Work<StaffActor>,
  kid: string,
  reason: string,
): Promise<SigningKeyView> {
  const row = await repository.findKey(tx, kid);
  if (row?.personId !== actor.personId) throw new DomainError("request.not-found");
  const revoked = await repository.revokeKey(tx, kid, { revokedAt: now, revokedReason: reason });
  if (!revoked) return viewKey(row);
  await trace(tx, actor, origin, {
    action: "signing-key.revoke",
    entityType: "signing-key",
    entityId: kid,
  });
  return viewKey(revoked);
}

function viewKey(row: SigningKeyRow): SigningKeyView {
  return {
    kid: row.kid,
    label: row.label,
    registeredAt: row.registeredAt.toISOString(),
    revokedAt: row.revokedAt?.toISOString() ?? null,
    replacedBy: row.replacedBy,
  };
}
