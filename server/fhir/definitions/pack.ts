/**
 * Extracts of HL7's R4 definitions as scripts/fhir-definitions.ts leaves them in build/fhir: a pack
 * is a file of JSON values end to end with an index beside it, so that the server keeps in memory
 * only what it was asked for.
 */
import { closeSync, existsSync, openSync, readFileSync, readSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { OperatorError } from "../../operator-error.ts";

/** Where an entry lies in the pack: first byte and length. */
export type PackIndex = Readonly<Record<string, readonly [offset: number, length: number]>>;

export type Pack<Entry> = {
  /** All keys, without reading an entry. */
  readonly keys: () => readonly string[];
  readonly has: (key: string) => boolean;
  /** Reads the entry from the file each time: callers keep what they make of it. */
  readonly read: (key: string) => Entry | undefined;
};

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/** Folder of all extracts. */
export const extractsFolder = join(root, "build", "fhir");

/** A pack is opened at its first use. */
export function openPack<Entry>(name: string): Pack<Entry> {
  let index: Map<string, readonly [number, number]> | undefined;
  const file = join(extractsFolder, `${name}.pack`);
  const loaded = () => {
    index ??= new Map(
      Object.entries(JSON.parse(readExtract(`${name}.index.json`)) satisfies PackIndex),
    );
    return index;
  };
  return {
    keys: () => [...loaded().keys()],
    has: (key) => loaded().has(key),
    read: (key) => {
      const place = loaded().get(key);
      if (!place) return undefined;
      const [offset, length] = place;
      const buffer = Buffer.allocUnsafe(length);
      const descriptor = openSync(file, "r");
      try {
        readSync(descriptor, buffer, 0, length, offset);
      } finally {
        closeSync(descriptor);
      }
      return JSON.parse(buffer.toString("utf8"));
    },
  };
}

/**
 * Text of one extract.
 * @throws {OperatorError} when the set-up has not made it
 */
export function readExtract(fileName: string): string {
  const path = join(extractsFolder, fileName);
  if (!existsSync(path)) {
    throw new OperatorError(
      `The FHIR definitions are not in place (${path} is missing): start with npm start, or run node scripts/fhir-definitions.ts.`,
    );
  }
  return readFileSync(path, "utf8");
}
