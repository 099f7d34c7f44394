/**
 * The record that travels with the patient, sealed: AES-256-GCM under a key that PBKDF2-SHA256 makes of an
 * 8-digit code told by telephone. Opened by
 * web/packet/open-packet.ts without a line; a test goes all the way. WebCrypto alone. Pure but for random bytes.
 *
 * Bytes: version 1 | iterations 4 (big endian) | salt 16 | iv 12 | ciphertext and tag. The first 33 are
 * authenticated with the rest, so that no byte can be changed. Inside: JSON, raw deflate.
 * A photograph alone opens nothing. Eight digits are still only eight: whoever keeps the picture and has graphics
 * processors for hours finds them, so the sheet is handled, and destroyed, as a record is.
 */
import { z } from "zod";

const version = 1;
/** OWASP's floor for PBKDF2-SHA256; about half a second on a phone. */
export const packetIterations = 600_000;
const headerBytes = 33;
const name = "YLP1";
/** Fits a code of version 20 at level M, which a phone reads from paper. */
export const partCharacters = 600;

const words = z.string().nullable();
/** What of the institutions' records is not in it, and why: for whoever opens it, and for whoever makes it. */
export const lacking = z.object({
  missing: z.enum(["not-allowed", "failed"]).nullable(),
  gaps: z.array(
    z.object({
      name: z.string(),
      why: z.enum(["withheld", "partly-withheld", "no-answer", "copy"]),
    }),
  ),
  /** Items that the sheet has no room for. */
  more: z.int(),
});
export type Lacking = z.infer<typeof lacking>;
export const packetRecord = z.object({
  /** Proves to us that somebody opened it; says nothing by itself. */
  proof: z.string(),
  madeAt: z.string(),
  number: z.string(),
  kind: z.enum(["emergency", "infectious"]),
  from: z.string(),
  to: z.string(),
  doctor: z.string(),
  phones: z.array(z.object({ who: z.enum(["doctor", "from", "to", "escort"]), phone: z.string() })),
  patient: z.object({
    name: words,
    nameBo: words,
    sex: z.string(),
    born: words,
    idMasked: words,
    address: words,
    contacts: z.array(z.object({ relation: z.string(), name: words })),
  }),
  allergies: words,
  reason: words,
  impression: z.array(z.string()),
  presentHistory: words,
  pastHistory: words,
  medicines: z.array(z.string()),
  vitals: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  examination: words,
  results: words,
  treatment: words,
  /** What the institutions hold, as far as consent or an emergency lets it be read; packets of before have none. */
  summary: lacking
    .extend({
      emergency: z.boolean(),
      items: z.array(
        z.object({
          section: z.enum(["warnings", "problems", "medicines", "results"]),
          text: z.string(),
          day: words,
          from: z.array(z.string()),
        }),
      ),
    })
    .optional(),
});
export type PacketRecord = z.infer<typeof packetRecord>;

type Bytes = Uint8Array<ArrayBuffer>;

/** Eight digits, every one equally likely. */
export function newPacketCode(): string {
  const drawn = new Uint32Array(1);
  do crypto.getRandomValues(drawn);
  while (drawn[0]! >= 4_200_000_000);
  return String(drawn[0]! % 100_000_000).padStart(8, "0");
}

/** Codes on a sheet that somebody still scans in a corridor; what the doctor wrote is never cut for it. */
const partsMost = 8;

/** The record with as much of the summary as its sheet has room for: the last items go first, and are counted. */
export async function fitSummary(record: PacketRecord): Promise<PacketRecord> {
  const { summary } = record;
  if (!summary) return record;
  let kept = summary.items.length;
  let fitted = record;
  while (kept > 0 && (await partsOf(fitted)) > partsMost) {
    kept = Math.floor(kept * 0.8);
    fitted = {
      ...record,
      summary: {
        ...summary,
        items: summary.items.slice(0, kept),
        more: summary.more + summary.items.length - kept,
      },
    };
  }
  return fitted;
}

async function partsOf(record: PacketRecord): Promise<number> {
  const bytes = headerBytes + (await packed(record)).length + 16;
  return Math.ceil((bytes * 4) / 3 / partCharacters);
}

const packed = (record: PacketRecord): Promise<Bytes> =>
  run(new TextEncoder().encode(JSON.stringify(record)), new CompressionStream("deflate-raw"));

export async function sealPacket(record: PacketRecord, code: string): Promise<string> {
  const head = new Uint8Array(headerBytes);
  head[0] = version;
  new DataView(head.buffer).setUint32(1, packetIterations);
  crypto.getRandomValues(head.subarray(5));
  const plain = await packed(record);
  const sealed = new Uint8Array(
    await crypto.subtle.encrypt(algorithm(head), await keyOf(head, code), plain),
  );
  const all = new Uint8Array(headerBytes + sealed.length);
  all.set(head);
  all.set(sealed, headerBytes);
  return toBase64Url(all);
}

/** The slow part, on purpose: as much work for each code that somebody tries. */
async function keyOf(head: Uint8Array, code: string): Promise<CryptoKey> {
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
    ["encrypt"],
  );
}

const algorithm = (head: Uint8Array) => ({
  name: "AES-GCM",
  iv: head.slice(21, headerBytes),
  additionalData: head.slice(0, headerBytes),
});

/** As text in one or several codes: `YLP1.packet.number.of.characters`. */
export function splitPacket(text: string): string[] {
  const of = Math.ceil(text.length / partCharacters);
  const tag = tagOf(text);
  return Array.from(
    { length: of },
    (_, n) =>
      `${name}.${tag}.${n + 1}.${of}.${text.slice(n * partCharacters, (n + 1) * partCharacters)}`,
  );
}

/** Which packet parts belong to: the start of its salt, which differs for each. */
const tagOf = (text: string) => text.slice(7, 13);

async function run(bytes: Uint8Array, through: CompressionStream): Promise<Bytes> {
  const out = new Blob([bytes.slice()]).stream().pipeThrough(through);
  return new Uint8Array(await new Response(out).arrayBuffer());
}

function toBase64Url(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
