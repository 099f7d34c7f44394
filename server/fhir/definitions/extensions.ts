/** HL7's own extensions: where each may stand and what it may hold. */
import { openPack } from "./pack.ts";

export type ExtensionDefinition = {
  /** Element paths and types where it may stand, for example `Patient`, `Element`, `Patient.name`. */
  readonly contexts: readonly string[];
  /** Types of `value[x]`; empty: no value, only nested extensions. */
  readonly values: readonly string[];
  /** Value set of a required binding of the value. */
  readonly valueSet?: string;
  /** Nested extensions by their `url`; absent: none may be nested but foreign ones. */
  readonly parts?: Readonly<Record<string, ExtensionPart>>;
  readonly isModifier?: true;
};

export type ExtensionPart = {
  readonly min: number;
  /** `null`: any number. */
  readonly max: number | null;
  readonly values: readonly string[];
};

const pack = openPack<ExtensionDefinition>("extensions");
const known = new Map<string, ExtensionDefinition | undefined>();

/** @returns undefined for an extension that R4 itself does not define */
export function extensionDefinition(url: string): ExtensionDefinition | undefined {
  if (!pack.has(url)) return undefined;
  let definition = known.get(url);
  if (!definition) {
    definition = pack.read(url);
    known.set(url, definition);
  }
  return definition;
}
