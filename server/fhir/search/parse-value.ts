/** Values of search parameters by type; each refuses what it cannot read. */
import { splitEscaped, unescapeValue } from "./escape.ts";
import { rangeOf } from "./instant-range.ts";
import { wrongValue } from "./limits.ts";
import { targetOf } from "./reference-value.ts";
import {
  type DateValue,
  type NearValue,
  type NumberValue,
  type Prefix,
  prefixes,
  type ReferenceValue,
  type TokenValue,
} from "./request.ts";

export function parseToken(text: string, parameter: string): TokenValue {
  const parts = splitEscaped(text, "|").map(unescapeValue);
  // A bar in the code itself is common in identifiers: all after the first belongs to it.
  const [first = "", ...rest] = parts;
  const code = rest.length === 0 ? first : rest.join("|");
  if (rest.length === 0) {
    if (first === "") throw wrongValue(parameter, "[system]|[code]");
    return { system: undefined, code };
  }
  if (first === "" && code === "") throw wrongValue(parameter, "[system]|[code]");
  return { system: first, code: code === "" ? undefined : code };
}

/** `system|code|value` of `:of-type`. */
export function parseOfType(
  text: string,
  parameter: string,
): { system: string; code: string; value: string } {
  const [system, code, value, ...rest] = splitEscaped(text, "|").map(unescapeValue);
  if (!code || !value || system === undefined || rest.length > 0) {
    throw wrongValue(parameter, "[system]|[code]|[value]");
  }
  return { system, code, value };
}

export function parseDate(text: string, parameter: string): DateValue {
  const [prefix, rest] = prefixOf(text);
  // A plus sign that was not encoded arrives as a space.
  const range = rangeOf(rest.replace(/ (\d\d:\d\d)$/, "+$1"));
  if (!range) throw wrongValue(parameter, "yyyy-mm-ddThh:mm:ss+zz:zz");
  return { prefix, range };
}

const NUMBER = /^[+-]?\d{1,20}(\.\d{1,20})?(?:[eE]([+-]?\d{1,3}))?$/;

export function parseNumber(text: string, parameter: string): NumberValue {
  const [prefix, rest] = prefixOf(text);
  const match = NUMBER.exec(rest);
  const value = Number(rest);
  if (!match || !Number.isFinite(value)) throw wrongValue(parameter, "number");
  const decimals = (match[1]?.length ?? 1) - 1;
  const half = 0.5 * 10 ** (Number(match[2] ?? 0) - decimals);
  return { prefix, value, low: value - half, high: value + half };
}

/** `number`, `number|system|code` or `number||code`. */
export function parseQuantity(text: string, parameter: string): NumberValue {
  const [amount = "", system = "", code = "", ...rest] = splitEscaped(text, "|").map(unescapeValue);
  if (rest.length > 0) throw wrongValue(parameter, "[number]|[system]|[code]");
  return {
    ...parseNumber(amount, parameter),
    ...(system ? { system } : {}),
    ...(code ? { code } : {}),
  };
}

const ID = /^[A-Za-z0-9.-]{1,64}$/;

/**
 * @param types what the parameter may point to: a bare id is looked for under each of them
 * @param only from a modifier such as `:Patient`
 */
export function parseReference(
  text: string,
  parameter: string,
  types: readonly string[],
  only: string | undefined,
  bases: readonly string[],
): ReferenceValue {
  const value = unescapeValue(text);
  if (ID.test(value)) {
    const possible = only ? [only] : types;
    if (possible.length === 0) throw wrongValue(parameter, "[type]/[id]");
    return { targets: possible.map((type) => `${type}/${value}`) };
  }
  const [address = "", version] = value.split("|", 2);
  const target = targetOf(address, bases);
  if (!target) throw wrongValue(parameter, "[type]/[id]");
  if (only && target.type && target.type !== only) throw wrongValue(parameter, `${only}/[id]`);
  return { targets: [version === undefined ? target.name : `${target.name}|${version}`] };
}

/** `latitude|longitude|distance|units`; without a distance 10 km. */
export function parseNear(text: string, parameter: string): NearValue {
  const [latitude, longitude, distance = "10", unit = "km"] = splitEscaped(text, "|");
  const factor = Object.hasOwn(METRES, unit) ? METRES[unit] : undefined;
  const numbers = [latitude, longitude, distance].map((part) =>
    NUMBER.test(part ?? "") ? Number(part) : Number.NaN,
  );
  const [north = Number.NaN, east = Number.NaN, far = Number.NaN] = numbers;
  const fits = Math.abs(north) <= 90 && Math.abs(east) <= 180 && far >= 0 && factor !== undefined;
  if (!fits) throw wrongValue(parameter, "[latitude]|[longitude]|[distance]|km");
  return { latitude: north, longitude: east, distanceMetres: far * factor };
}

const METRES: Readonly<Record<string, number>> = {
  m: 1,
  km: 1000,
  "[mi_i]": 1609.344,
  "[mi_us]": 1609.347,
};

function prefixOf(text: string): [Prefix, string] {
  const prefix = prefixes.find((one) => text.startsWith(one));
  return prefix ? [prefix, text.slice(2)] : ["eq", text];
}
