/**
 * JSON as FHIR needs it read: what parsers understand differently from each other (a key given
 * twice, half a surrogate pair) or use to do harm (`__proto__`, depth without end) is refused.
 */
import { DEPTH_MAX } from "./run.ts";

export type JsonFault = "syntax" | "duplicate-key" | "forbidden-key" | "too-deep" | "bad-unicode";

/** The text is no JSON that FHIR could carry; the message says what is wrong without quoting data. */
export class StrictJsonError extends Error {
  override name = "StrictJsonError";
  readonly fault: JsonFault;
  constructor(fault: JsonFault, message: string) {
    super(message);
    this.fault = fault;
  }
}

/** A resource has about two levels of JSON, an object and its list, per level of elements. */
const LEVELS_MAX = 2 * DEPTH_MAX + 10;
const LONE_SURROGATE_LIKELY = /\\u[dD][89a-fA-F]/;

/**
 * Parses a text.
 * @throws {StrictJsonError}
 */
export function parseStrictJson(text: string): unknown {
  checkDepth(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new StrictJsonError("syntax", "This is not well-formed JSON.");
  }
  if (!text.isWellFormed()) throw badUnicode();
  checkKeys(text);
  if (LONE_SURROGATE_LIKELY.test(text)) checkUnicode(value);
  return value;
}

const badUnicode = () =>
  new StrictJsonError("bad-unicode", "A text holds half of a surrogate pair.");

const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/** Index of the quote that ends the string which begins at `start`; the text's end if none does. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end >= 0) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return end;
    end = text.indexOf('"', end + 1);
  }
  return text.length;
}

/** Before the parser recurses. */
function checkDepth(text: string): void {
  let level = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) at = endOfString(text, at);
    else if (char === OPEN_OBJECT || char === OPEN_LIST) {
      level += 1;
      if (level > LEVELS_MAX) {
        throw new StrictJsonError("too-deep", `This is nested deeper than ${LEVELS_MAX} levels.`);
      }
    } else if (char === CLOSE_OBJECT || char === CLOSE_LIST) level -= 1;
  }
}

/** On a text that has proved well-formed. */
function checkKeys(text: string): void {
  /** Keys of the open objects; null for a list. */
  const open: (string[] | null)[] = [];
  let keys: string[] | null = null;
  let isKeyNext = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) {
      const end = endOfString(text, at);
      if (isKeyNext && keys) {
        noteKey(text.slice(at + 1, end), keys);
        isKeyNext = false;
      }
      at = end;
    } else if (char === COMMA) isKeyNext = keys !== null;
    else if (char === OPEN_OBJECT || char === OPEN_LIST) {
      open.push(keys);
      keys = char === OPEN_OBJECT ? [] : null;
      isKeyNext = keys !== null;
    } else if (char === CLOSE_OBJECT || char === CLOSE_LIST) {
      keys = open.pop() ?? null;
      isKeyNext = false;
    }
  }
}

/** More members than any FHIR type has elements: what is hidden among them is not looked for. */
const KEYS_MAX = 200;

function noteKey(raw: string, keys: string[]): void {
  const key: string = raw.includes("\\") ? JSON.parse(`"${raw}"`) : raw;
  if (key === "__proto__") {
    throw new StrictJsonError("forbidden-key", "An object has the key __proto__.");
  }
  if (keys.includes(key)) {
    throw new StrictJsonError("duplicate-key", "An object has the same key twice.");
  }
  if (keys.length >= KEYS_MAX) {
    throw new StrictJsonError("forbidden-key", `An object has more than ${KEYS_MAX} keys.`);
  }
  keys.push(key);
}

function checkUnicode(value: unknown): void {
  if (typeof value === "string") {
    if (!value.isWellFormed()) throw badUnicode();
  } else if (typeof value === "object" && value !== null) {
    for (const member of Object.values(value)) checkUnicode(member);
  }
}
