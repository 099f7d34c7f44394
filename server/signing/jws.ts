/**
 * Verification of signatures made in the browser: compact JWS (RFC 7515) with
 * ES256 over the canonical bytes of a document (RFC 8785), key named by its
 * RFC 7638 thumbprint. The server never signs for a doctor: it only verifies.
 *
 * Protected header, nothing else in it: `{"alg":"ES256","kid":<thumbprint>,"typ":<below>}`.
 * `typ` keeps a signature of one purpose from being used for another.
 */
import { createHash } from "node:crypto";
import { compactVerify, importJWK } from "jose";
import { z } from "zod";
import { opinionDocument, signingDoctor } from "../opinion-document/service.ts";
import { canonicalJson, contentHash } from "./canonical.ts";
import { keyThumbprint, type PublicSigningJwk, type RegisteredKey } from "./public-key.ts";
import { SignatureError } from "./signature-error.ts";

/** `typ` of a signed opinion. */
export const OPINION_JWS_TYPE = "yilian.opinion+jws";
/** `typ` of a signed prescription. */
export const PRESCRIPTION_JWS_TYPE = "yilian.prescription+jws";
/** `typ` of the proof that a new key is in the registrant's hands; its payload is the thumbprint. */
export const KEY_PROOF_JWS_TYPE = "yilian.key+jws";

/** Clocks of two machines may differ by this much before a signature is "in the future". */
const CLOCK_SKEW_MS = 60_000;
const JWS_MAX_LENGTH = 400_000;

const protectedHeader = z.strictObject({
  alg: z.string(),
  kid: z.string().min(1).max(100),
  typ: z.string(),
});

interface Parts {
  readonly alg: string;
  readonly kid: string;
  readonly payload: Buffer;
}

/** base64url without padding; a second spelling of the same bytes is refused, so that no byte of a JWS can change unseen. */
function decode(part: string): Buffer {
  const bytes = Buffer.from(part, "base64url");
  if (bytes.toString("base64url") !== part) throw new SignatureError("malformed");
  return bytes;
}

/**
 * Takes a compact JWS apart without trusting it.
 * @throws SignatureError `malformed`, `algorithm`
 */
function parseJws(jws: string, typ: string): Parts {
  const parts = jws.length <= JWS_MAX_LENGTH ? jws.split(".") : [];
  const [header = "", payload = "", signature = ""] = parts;
  if (parts.length !== 3 || header === "" || payload === "") throw new SignatureError("malformed");
  decode(signature);
  let json: unknown;
  try {
    json = JSON.parse(decode(header).toString("utf8"));
  } catch {
    throw new SignatureError("malformed");
  }
  // Strict: no key, certificate, URL or critical extension from the signer's side.
  const parsed = protectedHeader.safeParse(json);
  if (!parsed.success || parsed.data.typ !== typ) throw new SignatureError("malformed");
  if (parsed.data.alg !== "ES256") throw new SignatureError("algorithm");
  return { alg: parsed.data.alg, kid: parsed.data.kid, payload: decode(payload) };
}

/** @throws SignatureError `bad-signature` */
async function verifyBytes(jws: string, jwk: PublicSigningJwk): Promise<void> {
  try {
    await compactVerify(jws, await importJWK(jwk, "ES256"), { algorithms: ["ES256"] });
  } catch {
    throw new SignatureError("bad-signature");
  }
}

export interface VerifiedOpinion {
  readonly kid: string;
  /** Who signed: the owner of the key, and the document's signing doctor. */
  readonly personId: string;
  /** SHA-256 of the canonical document, hexadecimal. */
  readonly contentHash: string;
  /** SHA-256 of the whole JWS, hexadecimal: a change to the signature itself shows too. */
  readonly signatureHash: string;
  /** Set when the key was revoked after this signature was made; the signature stands. */
  readonly keyRevokedAt: Date | null;
}

/**
 * Verifies a signed opinion, when it is handed in and every time it is shown.
 *
 * @param jws compact JWS as the browser made it.
 * @param document the document as it is stored; parsed here, so any value may come.
 * @param keys registered keys among which `kid` is looked up.
 * @param now the caller's clock.
 * @param signedAt when the server received the signature; `now` when it is handed in.
 *   The signer's own clock is not believed: a backdated signature of a revoked key
 *   would pass.
 * @throws SignatureError
 *   `malformed` not such a JWS ·
 *   `algorithm` not ES256 ·
 *   `unknown-key` kid is not registered, or does not belong to the key stored under it ·
 *   `not-yet-registered` signed before the key was registered ·
 *   `revoked` signed at or after the key's revocation ·
 *   `wrong-signer` the key is not the signing doctor's ·
 *   `bad-signature` the signature does not fit the JWS's own payload ·
 *   `altered-content` the signature is good, but of another content than the stored document ·
 *   `signed-in-future` `signedAt` lies after `now`
 */
export async function verifyOpinionJws(input: {
  readonly jws: string;
  readonly document: unknown;
  readonly keys: readonly RegisteredKey[];
  readonly now: Date;
  readonly signedAt?: Date;
}): Promise<VerifiedOpinion> {
  const parsed = opinionDocument.safeParse(input.document);
  return verifyDocumentJws({
    ...input,
    typ: OPINION_JWS_TYPE,
    // Our own stored document no longer parses: somebody changed it.
    document: parsed.success ? parsed.data : null,
    signerId: parsed.success ? signingDoctor(parsed.data).personId : null,
  });
}

/**
 * The same for any document that a doctor signs.
 * @param typ what the signature is for
 * @param document as it is stored and was parsed by its owner; null when it no longer parses
 * @param signerId whose signature it has to be
 * @throws SignatureError as {@link verifyOpinionJws}
 */
export async function verifyDocumentJws(input: {
  readonly jws: string;
  readonly typ: string;
  readonly document: unknown;
  readonly signerId: string | null;
  readonly keys: readonly RegisteredKey[];
  readonly now: Date;
  readonly signedAt?: Date;
}): Promise<VerifiedOpinion> {
  const { jws, typ, document, signerId, keys, now, signedAt = now } = input;
  const parts = parseJws(jws, typ);
  const key = keys.find((one) => one.kid === parts.kid);
  if (!key || (await keyThumbprint(key.publicJwk)) !== key.kid) {
    throw new SignatureError("unknown-key");
  }
  await verifyBytes(jws, key.publicJwk);
  if (document === null || !parts.payload.equals(Buffer.from(canonicalJson(document), "utf8"))) {
    throw new SignatureError("altered-content");
  }
  if (signerId !== key.personId) throw new SignatureError("wrong-signer");
  if (signedAt.getTime() > now.getTime() + CLOCK_SKEW_MS)
    throw new SignatureError("signed-in-future");
  if (signedAt < key.registeredAt) throw new SignatureError("not-yet-registered");
  if (key.revokedAt && signedAt >= key.revokedAt) throw new SignatureError("revoked");
  return {
    kid: key.kid,
    personId: key.personId,
    contentHash: contentHash(document),
    signatureHash: createHash("sha256").update(jws, "ascii").digest("hex"),
    keyRevokedAt: key.revokedAt,
  };
}

/**
 * Verifies that whoever registers a key holds its private half: a JWS of type
 * `yilian.key+jws` by that key over its own thumbprint.
 *
 * @returns the key's kid.
 * @throws SignatureError `malformed`, `algorithm`, `bad-signature`, `altered-content`
 */
export async function verifyKeyProof(input: {
  readonly proof: string;
  readonly publicJwk: PublicSigningJwk;
}): Promise<string> {
  const parts = parseJws(input.proof, KEY_PROOF_JWS_TYPE);
  const kid = await keyThumbprint(input.publicJwk);
  await verifyBytes(input.proof, input.publicJwk);
  if (parts.kid !== kid || parts.payload.toString("utf8") !== kid) {
    throw new SignatureError("altered-content");
  }
  return kid;
}
