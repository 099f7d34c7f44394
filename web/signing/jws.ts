/** Signatures made in the browser: ES256, compact JWS, key ids after RFC 7638. */
import type {
  KEY_PROOF_JWS_TYPE,
  OPINION_JWS_TYPE,
  PRESCRIPTION_JWS_TYPE,
} from "../../server/signing/jws.ts";

const utf8 = new TextEncoder();

export function base64url(bytes: ArrayBuffer | Uint8Array): string {
  let binary = "";
  for (const byte of bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes))
    binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

export type PublicJwk = { kty: "EC"; crv: "P-256"; x: string; y: string };

export async function publicJwkOf(key: CryptoKey): Promise<PublicJwk> {
  const { x, y } = await crypto.subtle.exportKey("jwk", key);
  if (!x || !y) throw new Error("not a P-256 public key");
  return { kty: "EC", crv: "P-256", x, y };
}

/** RFC 7638: SHA-256 over the required members in lexical order. */
export async function thumbprint({ crv, kty, x, y }: PublicJwk): Promise<string> {
  const members = JSON.stringify({ crv, kty, x, y });
  return base64url(await crypto.subtle.digest("SHA-256", utf8.encode(members)));
}

/** What a signature is for, said in its header: one made for a key can never pass for one of an opinion. */
export const signatureTypes = {
  opinion: "yilian.opinion+jws",
  prescription: "yilian.prescription+jws",
  key: "yilian.key+jws",
} as const satisfies {
  opinion: typeof OPINION_JWS_TYPE;
  prescription: typeof PRESCRIPTION_JWS_TYPE;
  key: typeof KEY_PROOF_JWS_TYPE;
};
type SignatureType = (typeof signatureTypes)[keyof typeof signatureTypes];

/** Signs exactly these bytes: the payload is never parsed and written again on the way. */
export async function signCompact(
  privateKey: CryptoKey,
  kid: string,
  typ: SignatureType,
  payload: string,
): Promise<string> {
  const header = base64url(utf8.encode(JSON.stringify({ alg: "ES256", kid, typ })));
  const input = `${header}.${base64url(utf8.encode(payload))}`;
  const signature = await crypto.subtle.sign(
    { name: "ECDSA", hash: "SHA-256" },
    privateKey,
    utf8.encode(input),
  );
  return `${input}.${base64url(signature)}`;
}
