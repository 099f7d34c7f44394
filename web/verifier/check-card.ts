/**
 * Checks a SMART Health Card of a test with the browser's own cryptography: issuer, key, signature, whether
 * it was taken back, when it was signed, how long ago the swab was taken. Nothing is sent anywhere.
 */
import { cardOfDigits } from "../cards/card-digits.ts";
import type { Trust } from "./trust.ts";

/** The same rule on both sides: `server/cards/card.ts`. */
const results: Readonly<Record<string, "negative" | "positive">> = {
  "260415000": "negative",
  "260373001": "positive",
};
const maxInflatedBytes = 65_536;
/** Clocks of two devices may differ by this much. */
const skewMilliseconds = 5 * 60_000;
const hourMilliseconds = 3_600_000;

export type CardFacts = {
  name: string;
  /** `YYYY-MM-DD` or `YYYY` */
  birthDate: string | null;
  result: "negative" | "positive";
  sampledAt: number;
  validUntil: number;
  laboratory: string | null;
};
/** Valid; not valid, with the reason; or nothing can be said, with the reason. */
export type CardVerdict =
  | { is: "valid"; facts: CardFacts }
  | { is: "invalid"; why: "expired" | "positive" | "future"; facts: CardFacts }
  | { is: "invalid"; why: "tampered" | "revoked" | "key-revoked" }
  | {
      is: "unknown";
      why: "issuer" | "key" | "chunked" | "not-a-card" | "other-card" | "no-keys" | "no-crypto";
      issuer?: string;
    };

type Claims = {
  iss?: unknown;
  nbf?: unknown;
  vc?: {
    rid?: unknown;
    credentialSubject?: { fhirBundle?: { entry?: { resource?: Record<string, unknown> }[] } };
  };
};

/** Whether a scanned or pasted text wants to be a card. */
export function looksLikeCard(text: string): boolean {
  return /^shc:\//i.test(text) || /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text);
}

/**
 * @param text of the code (`shc:/…`), or the JWS itself
 * @param fresh whether the keys were read just now: then a key that is not there was taken back
 */
export async function checkCard(input: {
  text: string;
  trust: Trust | null;
  fresh: boolean;
  windowHours: number;
  now: number;
}): Promise<CardVerdict> {
  const { trust, now } = input;
  const text = input.text.trim();
  if (/^shc:\/\d+\/\d+\//i.test(text)) return { is: "unknown", why: "chunked" };
  const jws = text.startsWith("shc:/") ? cardOfDigits(text) : text;
  const parts = jws?.split(".") ?? [];
  if (!jws || parts.length !== 3) return { is: "unknown", why: "not-a-card" };
  if (!globalThis.crypto?.subtle || !("DecompressionStream" in globalThis))
    return { is: "unknown", why: "no-crypto" };
  const [header, payload, signature] = parts.map(bytesOf);
  const { alg, zip, kid } = (header && json(header)) || ({} as Record<string, unknown>);
  const inflated = payload && zip === "DEF" ? await inflate(payload) : null;
  const claims = inflated && (json(inflated) as Claims | null);
  if (!claims || !signature || alg !== "ES256" || typeof kid !== "string")
    return { is: "invalid", why: "tampered" };
  if (!trust) return { is: "unknown", why: "no-keys" };
  if (claims.iss !== trust.policy.issuer)
    return { is: "unknown", why: "issuer", issuer: String(claims.iss ?? "") };
  const key = trust.keys.find((one) => one.kid === kid);
  if (!key)
    return input.fresh ? { is: "invalid", why: "key-revoked" } : { is: "unknown", why: "key" };
  const signed = new TextEncoder().encode(jws.slice(0, jws.lastIndexOf(".")));
  if (!(await verifyEs256(key, signature, signed))) return { is: "invalid", why: "tampered" };
  const rid = String(claims.vc?.rid ?? "");
  if (trust.revoked[kid]?.includes(rid)) return { is: "invalid", why: "revoked" };
  const facts = factsOf(claims, input.windowHours);
  if (!facts) return { is: "unknown", why: "other-card" };
  const signedAt = Number(claims.nbf) * 1000;
  if (!(signedAt <= now + skewMilliseconds) || facts.sampledAt > now + skewMilliseconds)
    return { is: "invalid", why: "future", facts };
  if (facts.result === "positive") return { is: "invalid", why: "positive", facts };
  return now < facts.validUntil ? { is: "valid", facts } : { is: "invalid", why: "expired", facts };
}

/** ES256 with a published key. */
export async function verifyEs256(
  key: { x: string; y: string },
  signature: Uint8Array<ArrayBuffer>,
  signed: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const jwk = { kty: "EC", crv: "P-256", x: key.x, y: key.y };
  const imported = await crypto.subtle.importKey("jwk", jwk, algorithm, false, ["verify"]);
  return crypto.subtle.verify(algorithm, imported, signature, signed);
}

function factsOf(claims: Claims, windowHours: number): CardFacts | null {
  const resources = (claims.vc?.credentialSubject?.fhirBundle?.entry ?? []).map(
    (entry) => entry.resource ?? {},
  );
  const patient = resources.find((one) => one.resourceType === "Patient") as
    | { name?: { given?: string[]; family?: string }[]; birthDate?: string }
    | undefined;
  const observation = resources.find((one) => one.resourceType === "Observation") as
    | {
        status?: string;
        effectiveDateTime?: string;
        valueCodeableConcept?: { coding?: { system?: string; code?: string }[] };
        performer?: { display?: string }[];
      }
    | undefined;
  const coding = observation?.valueCodeableConcept?.coding?.find(
    (one) => one.system === "http://snomed.info/sct",
  );
  const result = results[coding?.code ?? ""];
  const sampledAt = Date.parse(observation?.effectiveDateTime ?? "");
  if (!patient || !result || Number.isNaN(sampledAt) || observation?.status !== "final")
    return null;
  const [name] = patient.name ?? [];
  return {
    name: [name?.family, ...(name?.given ?? [])].filter(Boolean).join(" "),
    birthDate: patient.birthDate ?? null,
    result,
    sampledAt,
    validUntil: sampledAt + windowHours * hourMilliseconds,
    laboratory: observation.performer?.[0]?.display ?? null,
  };
}

/** base64url without padding; a second spelling of the same bytes is refused. */
function bytesOf(part: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[\w-]+$/.test(part)) return null;
  try {
    const binary = atob(part.replaceAll("-", "+").replaceAll("_", "/"));
    const again = btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
    return again === part ? Uint8Array.from(binary, (letter) => letter.charCodeAt(0)) : null;
  } catch {
    return null;
  }
}

function json(bytes: Uint8Array): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return typeof value === "object" ? (value as Record<string, unknown> | null) : null;
  } catch {
    return null;
  }
}

/** Raw DEFLATE, stopped when it grows beyond what a card can be. */
async function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array | null> {
  const reader = new Blob([bytes])
    .stream()
    .pipeThrough(new DecompressionStream("deflate-raw"))
    .getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      length += value.length;
      if (length > maxInflatedBytes) {
        await reader.cancel();
        return null;
      }
      chunks.push(value);
    }
  } catch {
    return null;
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
