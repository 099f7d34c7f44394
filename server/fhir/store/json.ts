import { DomainError } from "../../errors/domain-error.ts";

/** Deeper than any resource of the field; a parser's stack is not a place for a sender's ideas. */
const depthMax = 64;
/** Numbers that a double would write differently: trailing zeros, exponents, very many digits. */
const inexact = /[:[,]\s*-?(?:\d+\.\d*0|\d[\d.]*[eE][+-]?\d+|[\d.]{16,})\s*[,}\]]/;
type Holder = object;
const sources = new WeakMap<Holder, Map<string, string>>();
/** Of the resources and bundles that hold such numbers, so that others are written the quick way. */
let anyExact = false;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/**
 * Parse a body strictly: UTF-8, no name twice in one object, bounded depth. Decimals keep the digits
 * that were sent (FHIR: 1.50 is not 1.5); {@link exactText} writes them again.
 * @throws DomainError `fhir.json` with the reason
 */
export function parseJson(bytes: Uint8Array | string): unknown {
  let text: string;
  try {
    text = typeof bytes === "string" ? bytes : utf8.decode(bytes);
  } catch {
    throw new DomainError("fhir.json", { reason: "not UTF-8" });
  }
  let value: unknown;
  try {
    assertShape(text);
    value = inexact.test(text) ? JSON.parse(text, keepSource as never) : JSON.parse(text);
  } catch (error) {
    if (error instanceof DomainError) throw error;
    throw new DomainError("fhir.json", { reason: "not JSON" });
  }
  return value;
}

function keepSource(this: Holder, key: string, value: unknown, context: { source?: string }) {
  if (
    typeof value === "number" &&
    context.source !== undefined &&
    String(value) !== context.source
  ) {
    anyExact = true;
    const known = sources.get(this);
    if (known) known.set(key, context.source);
    else sources.set(this, new Map([[key, context.source]]));
  }
  return value;
}

/** JSON of a parsed value with its decimals as they were sent. */
export function exactText(value: unknown): string {
  if (!anyExact) return JSON.stringify(value);
  return JSON.stringify(value, function (this: Holder, key: string, child: unknown) {
    const source = typeof child === "number" ? sources.get(this)?.get(key) : undefined;
    return source !== undefined && Number(source) === child
      ? (JSON as unknown as { rawJSON: (text: string) => unknown }).rawJSON(source)
      : child;
  });
}

/** A copy that keeps the digits of its decimals, as structuredClone would not. */
export function copyExact<Value>(value: Value): Value {
  const text = exactText(value);
  return text === undefined ? value : (parseJson(text) as Value);
}

/** Lets a number that goes to another place be written there as it was sent. */
export function carryExact(from: object, fromKey: string, to: object, toKey: string): void {
  const source = sources.get(from)?.get(fromKey);
  if (source === undefined) return;
  const known = sources.get(to);
  if (known) known.set(toKey, source);
  else sources.set(to, new Map([[toKey, source]]));
}

/** One pass over the text: depth, and names that stand twice in an object. JSON.parse judges the rest. */
function assertShape(text: string): void {
  const names: (Set<string> | null)[] = [];
  let position = 0;
  const { length } = text;
  while (position < length) {
    const code = text.charCodeAt(position);
    if (code === 0x22) {
      const end = endOfString(text, position + 1);
      const own = names.at(-1);
      if (own) {
        let after = end + 1;
        while (isSpace(text.charCodeAt(after))) after += 1;
        if (text.charCodeAt(after) === 0x3a) {
          const raw = text.slice(position + 1, end);
          const name = raw.includes("\\") ? String(JSON.parse(`"${raw}"`)) : raw;
          if (name === "__proto__")
            throw new DomainError("fhir.json", { reason: "the name __proto__" });
          if (own.has(name))
            throw new DomainError("fhir.json", { reason: "a name twice in one object" });
          own.add(name);
        }
      }
      position = end + 1;
      continue;
    }
    if (code === 0x7b || code === 0x5b) {
      names.push(code === 0x7b ? new Set() : null);
      if (names.length > depthMax) throw new DomainError("fhir.json", { reason: "too deep" });
    } else if (code === 0x7d || code === 0x5d) names.pop();
    position += 1;
  }
}

const isSpace = (code: number) => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

/** Position of the closing quotation mark; the text's end when there is none. */
function endOfString(text: string, from: number): number {
  let end = text.indexOf('"', from);
  while (end >= 0) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === 0x5c) slashes += 1;
    if (slashes % 2 === 0) return end;
    end = text.indexOf('"', end + 1);
  }
  return text.length;
}
