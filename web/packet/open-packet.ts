/**
 * Opens what server/transfer/packet.ts seals, on this device alone and without a line. The bytes are described
 * there; what was changed, or is shut under another code, gives nothing.
 */
import type { PacketRecord } from "../../server/transfer/packet.ts";

const version = 1;
/** Fewer rounds are not ours; more would keep a phone busy for hours. */
const leastIterations = 600_000;
const mostIterations = 2_000_000;
const headerBytes = 33;
const mostParts = 20;

type Bytes = Uint8Array<ArrayBuffer>;

/** Why a packet does not open. A wrong code and a changed byte look alike, and must. */
export type PacketRefusal = "not-a-packet" | "refused";

/** @returns the record, or why there is none; never part of one */
export async function openPacket(
  text: string,
  code: string,
): Promise<PacketRecord | PacketRefusal> {
  const bytes = readPacket(text);
  if (!bytes) return "not-a-packet";
  return openWithKey(bytes, await keyOf(bytes.subarray(0, headerBytes), code));
}

/** The bytes of a packet, or null when it cannot be one. */
export function readPacket(text: string): Bytes | null {
  const bytes = fromBase64Url(text.trim());
  if (!bytes || bytes.length < headerBytes + 17 || bytes[0] !== version) return null;
  const iterations = new DataView(bytes.buffer).getUint32(1);
  return iterations >= leastIterations && iterations <= mostIterations ? bytes : null;
}

export async function openWithKey(bytes: Bytes, key: CryptoKey): Promise<PacketRecord | "refused"> {
  try {
    const head = bytes.slice(0, headerBytes);
    const plain = new Uint8Array(
      await crypto.subtle.decrypt(algorithm(head), key, bytes.slice(headerBytes)),
    );
    const json = new TextDecoder().decode(await run(plain, new DecompressionStream("deflate-raw")));
    // Authenticated: nobody but the house that made it wrote this.
    return JSON.parse(json) as PacketRecord;
  } catch {
    return "refused";
  }
}

/** The slow part: half a second of work for each code that is tried. */
export async function keyOf(head: Uint8Array, code: string): Promise<CryptoKey> {
  const own = head.slice(0, headerBytes);
  const password = await crypto.subtle.importKey(
    "raw",
    new TextEncoder().encode(code),
    "PBKDF2",
    false,
    ["deriveKey"],
  );
  return crypto.subtle.deriveKey(
    {
      name: "PBKDF2",
      hash: "SHA-256",
      salt: own.slice(5, 21),
      iterations: new DataView(own.buffer).getUint32(1),
    },
    password,
    { name: "AES-GCM", length: 256 },
    false,
    ["decrypt"],
  );
}

const algorithm = (head: Uint8Array) => ({
  name: "AES-GCM",
  iv: head.slice(21, headerBytes),
  additionalData: head.slice(0, headerBytes),
});

/** Which packet parts belong to: the start of its salt, which differs for each. */
const tagOf = (text: string) => text.slice(7, 13);

export type PacketPart = { tag: string; number: number; of: number; text: string };

/** One scanned or pasted code; a whole packet and the link of one are read too. */
export function readPart(scanned: string): PacketPart | null {
  const text = scanned.trim().replace(/^.*#/s, "");
  const found = /^YLP1\.([\w-]{6})\.(\d{1,2})\.(\d{1,2})\.([\w-]+)$/.exec(text);
  if (found) {
    const [number, of] = [Number(found[2]), Number(found[3])];
    if (number < 1 || number > of || of > mostParts) return null;
    return { tag: found[1]!, number, of, text: found[4]! };
  }
  return readPacket(text) ? { tag: tagOf(text), number: 1, of: 1, text } : null;
}

/** The whole text once every part is there. Parts of another packet are never mixed in. */
export function joinParts(parts: readonly PacketPart[]): string | null {
  const [first] = parts;
  if (!first) return null;
  const own = parts.filter((part) => part.tag === first.tag && part.of === first.of);
  const texts = Array.from(
    { length: first.of },
    (_, n) => own.find((part) => part.number === n + 1)?.text,
  );
  return texts.every((text) => text !== undefined) ? texts.join("") : null;
}

async function run(bytes: Uint8Array, through: DecompressionStream): Promise<Bytes> {
  const out = new Blob([bytes.slice()]).stream().pipeThrough(through);
  return new Uint8Array(await new Response(out).arrayBuffer());
}

function toBase64Url(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** Null for what is not base64url, also when its last character says bits that no byte has. */
function fromBase64Url(text: string): Bytes | null {
  if (!/^[\w-]+$/.test(text)) return null;
  try {
    const raw = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(raw, (one) => one.charCodeAt(0));
    return toBase64Url(bytes) === text ? bytes : null;
  } catch {
    return null;
  }
}
