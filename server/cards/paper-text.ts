/**
 * The text in the code of a paper card (纸质离线码): a random number that means nothing by itself, until
 * when it counts, and a signature, so that a forged or altered one is known without a line.
 *
 *     YLP1:<number>.<minutes since 1970>.<key>.<signature>
 *
 * Only letters that a QR code packs tightly; base 32 without I, L, O and U (Crockford). Pure.
 */
import { createHash, createPublicKey, type JsonWebKey, randomBytes, verify } from "node:crypto";
import { type SigningKey, signBytes } from "./card.ts";

const prefix = "YLP1:";
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const numberBytes = 10;
const numberLength = 16;
const keyBytes = 5;
const pattern =
  /^YLP1:([0-9A-HJKMNP-TV-Z]{16})\.(\d{8})\.([0-9A-HJKMNP-TV-Z]{8})\.([0-9A-HJKMNP-TV-Z]{103})$/;

export type PaperText = {
  number: string;
  expiresAt: Date;
  keyTag: string;
  signed: string;
  signature: Buffer;
};

/** 80 random bits as 16 letters. */
export function newPaperNumber(): string {
  return toBase32(randomBytes(numberBytes));
}

/** Which key signed, in 8 letters. */
export function keyTagOf(kid: string): string {
  return toBase32(Buffer.from(kid, "base64url").subarray(0, keyBytes));
}

/** Name of a paper code in the list of revoked ones; says nothing about the number. */
export function paperRid(number: string): string {
  return createHash("sha256").update(`paper:${number}`).digest("base64url").slice(0, 16);
}

export function signPaperText(number: string, expiresAt: Date, key: SigningKey): string {
  const minutes = String(Math.floor(expiresAt.getTime() / 60_000)).padStart(8, "0");
  const signed = `${prefix}${number}.${minutes}.${keyTagOf(key.kid)}`;
  return `${signed}.${toBase32(signBytes(signed, key))}`;
}

/** @returns null when it is no paper code at all */
export function parsePaperText(text: string): PaperText | null {
  const found = pattern.exec(text.trim().toUpperCase());
  if (!found) return null;
  const [, number, minutes, keyTag, signature] = found as unknown as string[];
  return {
    number: number!,
    expiresAt: new Date(Number(minutes) * 60_000),
    keyTag: keyTag!,
    signed: found[0].slice(0, found[0].lastIndexOf(".")),
    signature: onlySpelling(signature!),
  };
}

/** A number typed by hand, with or without dashes; the letters that look alike are taken as meant. */
export function parsePaperNumber(text: string): string | null {
  const letters = text
    .toUpperCase()
    .replaceAll(/[\s-]/g, "")
    .replaceAll("O", "0")
    .replaceAll(/[IL]/g, "1");
  return letters.length === numberLength && [...letters].every((one) => alphabet.includes(one))
    ? letters
    : null;
}

export function verifyPaperText(paper: PaperText, publicJwk: JsonWebKey): boolean {
  const key = createPublicKey({ key: publicJwk, format: "jwk" });
  return verify(
    "sha256",
    Buffer.from(paper.signed, "ascii"),
    { key, dsaEncoding: "ieee-p1363" },
    paper.signature,
  );
}

/** A second spelling of the same bytes (bits behind the last one) is no signature. */
function onlySpelling(text: string): Buffer {
  const bytes = fromBase32(text);
  return toBase32(bytes) === text ? bytes : Buffer.alloc(0);
}

/** Most significant bits first; the last letter is filled up with zeros. */
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

function fromBase32(text: string): Buffer {
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
  return Buffer.from(bytes);
}
