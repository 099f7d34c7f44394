/**
 * What may be attached to a consult, and how bytes are recognised. Pure.
 * A declared type counts only when the bytes fit it: a page that is named `x.jpg` is refused.
 */
import { DomainError } from "../errors/domain-error.ts";
import type { Actor } from "../identity/domain.ts";
import type { attachmentPurposes } from "./schema.ts";

export const maximumBytes = 50 * 1024 * 1024;
const maximumNameLength = 120;
/** How many bytes from the beginning {@link fitsMediaType} needs. */
export const sniffedBytes = 4096;
/** Unfinished uploads that one person may have at a time, and attachments of one consult. */
export const attachmentLimits = { unfinishedPerPerson: 20, perConsult: 500 } as const;
export const unfinishedDays = 7;

export type AttachmentPurpose = (typeof attachmentPurposes)[number];

const startsWith =
  (...signature: number[]) =>
  (head: Buffer) =>
    head.subarray(0, signature.length).equals(Buffer.from(signature));
const textAt = (head: Buffer, start: number, end: number) => head.toString("latin1", start, end);
const heicBrands = ["heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"];

/** Each allowed type: how its bytes begin, and whether a browser may show it in place. */
const mediaTypes = {
  "image/jpeg": { inline: true, fits: startsWith(0xff, 0xd8, 0xff) },
  "image/png": {
    inline: true,
    fits: startsWith(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
  },
  "image/webp": {
    inline: true,
    fits: (head) => textAt(head, 0, 4) === "RIFF" && textAt(head, 8, 12) === "WEBP",
  },
  // ISO/IEC 23008-12: the brand follows the box type.
  "image/heic": {
    inline: true,
    fits: (head) => textAt(head, 4, 8) === "ftyp" && heicBrands.includes(textAt(head, 8, 12)),
  },
  "application/pdf": { inline: true, fits: (head) => textAt(head, 0, 5) === "%PDF-" },
  // DICOM PS3.10: 128 bytes of preamble, then the prefix.
  "application/dicom": { inline: false, fits: (head) => textAt(head, 128, 132) === "DICM" },
  "text/plain": { inline: false, fits: looksLikeText },
  "text/csv": { inline: false, fits: looksLikeText },
} as const satisfies Record<string, { inline: boolean; fits: (head: Buffer) => boolean }>;
export type AttachmentMediaType = keyof typeof mediaTypes;

const stillTypes: readonly string[] = ["image/jpeg", "image/png", "image/webp"];

const aliases: Readonly<Record<string, AttachmentMediaType>> = {
  "image/jpg": "image/jpeg",
  "image/pjpeg": "image/jpeg",
  "image/heif": "image/heic",
  "application/x-pdf": "application/pdf",
  "application/dicom+octet-stream": "application/dicom",
};
/** Browsers know no type for some files, and Windows calls a CSV file a spreadsheet. */
const byExtension: Readonly<Record<string, AttachmentMediaType>> = {
  dcm: "application/dicom",
  heic: "image/heic",
  heif: "image/heic",
  csv: "text/csv",
  txt: "text/plain",
};
const undecided: readonly string[] = ["", "application/octet-stream", "application/vnd.ms-excel"];

/**
 * The type that a file is taken as.
 * @throws DomainError `attachment.kind`
 */
export function mediaTypeOf(
  declared: string,
  name: string,
  purpose: AttachmentPurpose,
): AttachmentMediaType {
  const plain = declared.split(";")[0]?.trim().toLowerCase() ?? "";
  const extension = name.split(".").at(-1)?.toLowerCase() ?? "";
  const known = Object.hasOwn(mediaTypes, plain)
    ? (plain as AttachmentMediaType)
    : Object.hasOwn(aliases, plain)
      ? aliases[plain]
      : undecided.includes(plain) && Object.hasOwn(byExtension, extension)
        ? byExtension[extension]
        : undefined;
  if (!known || (purpose === "still" && !stillTypes.includes(known))) {
    throw new DomainError("attachment.kind");
  }
  return known;
}

/** Whether the first {@link sniffedBytes} of a file are of the type it was taken as. */
export function fitsMediaType(mediaType: string, head: Buffer): boolean {
  if (!Object.hasOwn(mediaTypes, mediaType)) return false;
  return mediaTypes[mediaType as AttachmentMediaType].fits(head);
}

export function isInline(mediaType: string): boolean {
  return (
    Object.hasOwn(mediaTypes, mediaType) && mediaTypes[mediaType as AttachmentMediaType].inline
  );
}

/** Text of any encoding: no control characters but tab, line feed, form feed and carriage return. */
function looksLikeText(head: Buffer): boolean {
  return head.every(
    (byte) => byte >= 0x20 || byte === 9 || byte === 10 || byte === 12 || byte === 13,
  );
}

/**
 * A name that is safe to show and to save under: no path, no control or direction-changing
 * characters, at most 120 characters, the ending kept.
 */
export function safeName(name: string): string {
  const last = name.normalize("NFC").split(/[/\\]/).at(-1) ?? "";
  const clean = last
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu, "")
    .replace(/[<>:"|?*]/g, "_")
    .replace(/\s+/gu, " ")
    .replace(/^[.\s]+/u, "")
    .trim();
  if (clean === "") return "file";
  const characters = [...clean];
  if (characters.length <= maximumNameLength) return clean;
  const dot = characters.lastIndexOf(".");
  const ending = dot > 0 && characters.length - dot <= 10 ? characters.slice(dot) : [];
  return [...characters.slice(0, maximumNameLength - ending.length), ...ending].join("");
}

/** @throws DomainError `permission.denied`: patients and relatives send stills from the room; patients what shows an earlier diagnosis */
export function assertMayAttach(actor: Actor, purpose: AttachmentPurpose): void {
  if (actor.kind === "staff") return;
  if ((actor.kind === "patient" || actor.kind === "guest") && purpose === "still") return;
  if (actor.kind === "patient" && purpose === "evidence") return;
  throw new DomainError("permission.denied");
}

/** @throws DomainError `attachment.too-large`, `attachment.content` for an empty file */
export function assertSize(sizeBytes: number): void {
  if (sizeBytes > maximumBytes) {
    throw new DomainError("attachment.too-large", { megabytes: maximumBytes / 1024 / 1024 });
  }
  if (sizeBytes < 1) throw new DomainError("attachment.content");
}

/** How the uploader is written into the row; an upload belongs to whoever began it. */
export function uploaderOf(actor: Actor): { kind: string; id: string } {
  switch (actor.kind) {
    case "staff":
      return { kind: "staff", id: actor.personId };
    case "patient":
      return { kind: "patient", id: actor.phoneIndex.toString("hex") };
    case "guest":
      return { kind: "guest", id: actor.guestId };
    case "house":
      return { kind: "house", id: actor.clientId };
    case "system":
      return { kind: "system", id: actor.reason };
    case "job":
      return { kind: "job", id: actor.task };
  }
}

/** RFC 6266, with an ASCII name for old clients and the real one beside it (RFC 8187). */
export function contentDisposition(name: string, inline: boolean): string {
  const ascii = name.replace(/[^\x20-\x7e]/g, "_").replace(/["\\%]/g, "_");
  const encoded = encodeURIComponent(name).replace(
    /['()*!]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${inline ? "inline" : "attachment"}; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
