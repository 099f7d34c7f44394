/**
 * Checks a paper code without a line: its signature, until when it counts, whether it was taken back. Whose
 * it is, only the server says, and only to staff. The format: `server/cards/paper-text.ts`.
 */
import { verifyEs256 } from "./check-card.ts";
import type { Trust } from "./trust.ts";

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const pattern =
  /^YLP1:([0-9A-HJKMNP-TV-Z]{16})\.(\d{8})\.([0-9A-HJKMNP-TV-Z]{8})\.([0-9A-HJKMNP-TV-Z]{103})$/;
const keyBytes = 5;

export type PaperVerdict =
  | { is: "valid"; expiresAt: number }
  | { is: "invalid"; why: "expired"; expiresAt: number }
  | { is: "invalid"; why: "tampered" | "revoked" }
  | { is: "unknown"; why: "key" | "no-keys" | "no-crypto" };

export function looksLikePaper(text: string): boolean {
  return /^YLP1:/i.test(text.trim());
}

/** @param fresh whether the keys were read just now: then none that is not there ever signed */
export async function checkPaper(
  text: string,
  trust: Trust | null,
  fresh: boolean,
  now: number,
): Promise<PaperVerdict> {
  const found = pattern.exec(text.trim().toUpperCase());
  if (!found) return { is: "invalid", why: "tampered" };
  if (!globalThis.crypto?.subtle) return { is: "unknown", why: "no-crypto" };
  if (!trust) return { is: "unknown", why: "no-keys" };
  const [whole, number = "", minutes = "", tag = "", signature = ""] = found;
  const key = trust.keys.find((one) => tagOf(one.kid) === tag);
  if (!key) return fresh ? { is: "invalid", why: "tampered" } : { is: "unknown", why: "key" };
  const signed = new TextEncoder().encode(whole.slice(0, whole.lastIndexOf(".")));
  const bytes = fromBase32(signature);
  if (toBase32(bytes) !== signature || !(await verifyEs256(key, bytes, signed)))
    return { is: "invalid", why: "tampered" };
  if (trust.revoked[key.kid]?.includes(await ridOf(number)))
    return { is: "invalid", why: "revoked" };
  const expiresAt = Number(minutes) * 60_000;
  return now < expiresAt
    ? { is: "valid", expiresAt }
    : { is: "invalid", why: "expired", expiresAt };
}

function tagOf(kid: string): string {
  const binary = atob(kid.replaceAll("-", "+").replaceAll("_", "/"));
  return toBase32(Uint8Array.from(binary.slice(0, keyBytes), (letter) => letter.charCodeAt(0)));
}

async function ridOf(number: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`paper:${number}`));
  const text = btoa(String.fromCharCode(...new Uint8Array(hash)));
  return text.replaceAll("+", "-").replaceAll("/", "_").slice(0, 16);
}

function toBase32(bytes: Uint8Array): string {
  let bits = 0;
  let value = 0;
  let text = "";
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet[(value >>> bits) & 31];
    }
    value &= (1 << bits) - 1;
  }
  return bits > 0 ? text + alphabet[(value << (5 - bits)) & 31] : text;
}

function fromBase32(text: string): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  let bits = 0;
  let value = 0;
  for (const letter of text) {
    value = (value << 5) | alphabet.indexOf(letter);
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((value >>> bits) & 255);
    }
    value &= (1 << bits) - 1;
  }
  return Uint8Array.from(bytes);
}
