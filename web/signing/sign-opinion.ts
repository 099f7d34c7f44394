import canonicalize from "canonicalize";
import type { ConsultDetail, OpinionContent } from "../../server/consult/contract.ts";
import { api } from "../api/client.ts";
import { signatureTypes, signCompact } from "./jws.ts";
import { keepKey, makeKey, type SigningKey } from "./key-store.ts";

export type RegisteredKey = {
  kid: string;
  label: string;
  registeredAt: string;
  revokedAt: string | null;
  replacedBy: string | null;
};

/** The bytes that were offered are not the canonical form of the document that was shown. */
export class CanonicalMismatch extends Error {
  override name = "CanonicalMismatch";
}

/**
 * Makes a key and registers its public half. The server wants a proof of identity of the last 5
 * minutes; possession is proven by signing the key's own thumbprint. An earlier key is replaced.
 */
export async function registerKey(personId: string, label: string): Promise<SigningKey> {
  const key = await makeKey();
  const proof = await signCompact(key.privateKey, key.kid, signatureTypes.key, key.kid);
  await api.post("/api/signing-keys", { publicJwk: key.publicJwk, label, proof });
  await keepKey(personId, key);
  return key;
}

/**
 * Signs an opinion: fetches the document, checks that the bytes are its RFC 8785 form and hold every
 * sentence that was shown, signs those bytes with the doctor's own key and sends the JWS.
 * @param version of the consult
 * @throws CanonicalMismatch when the bytes say something else than what was read
 */
export async function signOpinion(
  consultId: string,
  { version, shown }: { version: number; shown: OpinionContent },
  key: SigningKey,
  idempotencyKey: string,
): Promise<ConsultDetail> {
  const { document, canonical } = await api.post<{ document: unknown; canonical: string }>(
    `/api/consults/${consultId}/opinion/document`,
  );
  if (canonicalize(document) !== canonical || !holds(canonical, shown))
    throw new CanonicalMismatch();
  const jws = await signCompact(key.privateKey, key.kid, signatureTypes.opinion, canonical);
  return api.post<ConsultDetail>(
    `/api/consults/${consultId}/opinion/sign`,
    { version, jws },
    idempotencyKey,
  );
}

/** Strings have one canonical form, so each sentence can be looked for in the bytes. */
function holds(canonical: string, shown: OpinionContent): boolean {
  return Object.values(shown).every(
    (value) =>
      typeof value !== "string" ||
      value.trim() === "" ||
      canonical.includes(JSON.stringify(value.trim())),
  );
}
