/**
 * Index rows of one value, by the type of the parameter and of the value
 * (https://hl7.org/fhir/R4/search.html, "Search Parameter Types").
 */
import { codeHash, hash32, hash64, ofTypeHash, systemHash } from "./hash.ts";
import { hull, type InstantRange, rangeBetween, rangeOf } from "./instant-range.ts";
import { cut, normaliseText } from "./normal-text.ts";
import { isObject } from "./path-walk.ts";
import { canonicalOf, targetHash, targetOf, typeHash } from "./reference-value.ts";
import { type IndexRows, subSlots } from "./rows.ts";
import { baseUnitOf, inBaseUnit } from "./units.ts";

/** What a path finds, with its hashes made once. */
export type Slot = {
  readonly type: string;
  readonly system: string | undefined;
  readonly own: number;
  readonly text: number;
  readonly ofType: number;
  readonly identifier: number;
  readonly longitude: number;
};
export type Adder = (
  value: unknown,
  item: number,
  slot: Slot,
  rows: IndexRows,
  bases: readonly string[],
) => void;
type Json = Readonly<Record<string, unknown>>;

export function slotOf(name: string, type: string, system: string | undefined): Slot {
  return {
    type,
    system,
    own: hash32(name),
    text: hash32(name + subSlots.text),
    ofType: hash32(name + subSlots.ofType),
    identifier: hash32(name + subSlots.identifier),
    longitude: hash32(name + subSlots.longitude),
  };
}

const str = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;
const num = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined;
const list = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];

function addToken(
  slot: number,
  system: string | undefined,
  code: string,
  item: number,
  rows: IndexRows,
) {
  rows.tokens.push([slot, codeHash(code), systemHash(system), Math.min(item, 32_767)]);
}

function addString(slot: number, value: unknown, rows: IndexRows): void {
  const text = str(value);
  if (text === undefined) return;
  rows.strings.push([slot, normaliseText(text), hash64(text)]);
}

const tokens: Adder = (value, item, slot, rows) => {
  if (typeof value === "boolean") return addToken(slot.own, undefined, String(value), item, rows);
  if (typeof value === "string") return addToken(slot.own, slot.system, value, item, rows);
  if (!isObject(value)) return;
  switch (slot.type) {
    case "CodeableConcept":
      for (const coding of list(value.coding)) addCoding(coding, item, slot, rows);
      return addString(slot.text, value.text, rows);
    case "Coding":
      return addCoding(value, item, slot, rows);
    case "Identifier":
      return addIdentifier(value, item, slot, rows);
    case "ContactPoint": {
      const number = str(value.value);
      if (number !== undefined) addToken(slot.own, str(value.system), number, item, rows);
      return;
    }
  }
};

function addCoding(coding: unknown, item: number, slot: Slot, rows: IndexRows): void {
  if (!isObject(coding)) return;
  const code = str(coding.code);
  if (code !== undefined) addToken(slot.own, str(coding.system), code, item, rows);
  addString(slot.text, coding.display, rows);
}

function addIdentifier(identifier: Json, item: number, slot: Slot, rows: IndexRows): void {
  const value = str(identifier.value);
  const type = isObject(identifier.type) ? identifier.type : {};
  addString(slot.text, type.text, rows);
  if (value === undefined) return;
  addToken(slot.own, str(identifier.system), value, item, rows);
  for (const coding of list(type.coding)) {
    if (!isObject(coding) || !str(coding.code)) continue;
    const hash = ofTypeHash(str(coding.system), str(coding.code) ?? "", value);
    rows.tokens.push([slot.ofType, hash, 0, Math.min(item, 32_767)]);
  }
}

const NAME_PARTS = ["family", "given", "prefix", "suffix"];
const ADDRESS_PARTS = ["line", "city", "district", "state", "postalCode", "country", "text"];

const strings: Adder = (value, _item, slot, rows) => {
  if (typeof value === "string") return addString(slot.own, value, rows);
  if (!isObject(value)) return;
  if (slot.type === "Address") {
    for (const part of ADDRESS_PARTS)
      for (const one of list(value[part])) addString(slot.own, one, rows);
    return;
  }
  for (const part of NAME_PARTS)
    for (const one of list(value[part])) addString(slot.own, one, rows);
  const text = str(value.text);
  const family = str(value.family) ?? "";
  const given = list(value.given).filter((one) => typeof one === "string");
  // A Chinese name is looked for whole, as it is written: family and given name without a space.
  const whole = family && given.length > 0 ? family + given.join("") : "";
  if (whole && whole !== text) addString(slot.own, whole, rows);
  if (text === undefined) return;
  addString(slot.own, text, rows);
  // "John Smith" is found by "smith": each word of a text begins a match.
  const words = text.split(/[\s\u3000]+/u).slice(1, 6);
  for (const word of words) if (word !== family) addString(slot.own, word, rows);
};

const uris: Adder = (value, _item, slot, rows) => {
  const uri = str(value);
  if (uri === undefined) return;
  rows.strings.push([slot.own, cut(uri), hash64(uri)]);
  // A profile or canonical is also found without its version.
  const bar = slot.type === "canonical" ? uri.indexOf("|") : -1;
  if (bar > 0) rows.strings.push([slot.own, cut(uri.slice(0, bar)), hash64(uri.slice(0, bar))]);
};

const dates: Adder = (value, _item, slot, rows) => {
  const range =
    typeof value === "string" ? rangeOf(value) : isObject(value) ? periodOf(value) : undefined;
  if (range && range.low !== range.high) rows.dates.push([slot.own, range.low, range.high]);
};

/** Period, or Timing: from its first to its last event. */
function periodOf(value: Json): InstantRange | undefined {
  if ("start" in value || "end" in value) return rangeBetween(str(value.start), str(value.end));
  const events = list(value.event).flatMap((event) => rangeOf(str(event) ?? "") ?? []);
  const bounds =
    isObject(value.repeat) && isObject(value.repeat.boundsPeriod) ? value.repeat.boundsPeriod : {};
  const range = rangeBetween(str(bounds.start), str(bounds.end));
  return hull(range ? [...events, range] : events);
}

const numbers: Adder = (value, item, slot, rows) => {
  const single = num(value);
  if (single !== undefined) return addNumber(single, single, {}, item, slot, rows);
  if (!isObject(value)) return;
  if (slot.type === "Range") {
    const low = isObject(value.low) ? value.low : undefined;
    const high = isObject(value.high) ? value.high : undefined;
    const unit = low ?? high;
    if (!unit) return;
    const from = low ? num(low.value) : Number.NEGATIVE_INFINITY;
    const to = high ? num(high.value) : Number.POSITIVE_INFINITY;
    if (from !== undefined && to !== undefined) addNumber(from, to, unit, item, slot, rows);
    return;
  }
  if (slot.type === "SampledData") return addSamples(value, item, slot, rows);
  const amount = num(value.value);
  if (amount === undefined) return;
  const unit =
    slot.type === "Money" ? { system: "urn:iso:std:iso:4217", code: value.currency } : value;
  // "< 5" is anything below five.
  const open = str(value.comparator);
  const from = open?.startsWith("<") ? Number.NEGATIVE_INFINITY : amount;
  const to = open?.startsWith(">") ? Number.POSITIVE_INFINITY : amount;
  addNumber(from, to, unit, item, slot, rows);
};

/** The bounds of sampled data: its limits, or the smallest and largest sample. */
function addSamples(value: Json, item: number, slot: Slot, rows: IndexRows): void {
  const origin = isObject(value.origin) ? value.origin : {};
  const zero = num(origin.value) ?? 0;
  const factor = num(value.factor) ?? 1;
  const samples = (str(value.data) ?? "").split(" ").flatMap((text) => {
    const sample = Number(text);
    return text === "" || Number.isNaN(sample) ? [] : [sample];
  });
  const low = num(value.lowerLimit) ?? smallest(samples);
  const high = num(value.upperLimit) ?? -smallest(samples.map((sample) => -sample));
  if (!Number.isFinite(low) || !Number.isFinite(high)) return;
  const ends = [low * factor + zero, high * factor + zero].sort((a, b) => a - b);
  addNumber(ends[0] ?? 0, ends[1] ?? 0, origin, item, slot, rows);
}

const smallest = (samples: readonly number[]): number =>
  samples.reduce((least, sample) => Math.min(least, sample), Number.POSITIVE_INFINITY);

function addNumber(
  low: number,
  high: number,
  unit: Json,
  item: number,
  slot: Slot,
  rows: IndexRows,
): void {
  const code = str(unit.code);
  const text = str(unit.unit);
  const base = baseUnitOf(str(unit.system), code);
  rows.numbers.push([
    slot.own,
    finite(low),
    finite(high),
    base ? finite(inBaseUnit(low, base)) : null,
    base ? finite(inBaseUnit(high, base)) : null,
    base ? hash32(base.dimension) : null,
    code ? hash64(code) : "0",
    text ? hash64(text) : "0",
    systemHash(str(unit.system)),
    Math.min(item, 32_767),
  ]);
}

/** JSON has no infinity. */
const finite = (value: number): number =>
  Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));

const references: Adder = (value, item, slot, rows, bases) => {
  const place = Math.min(item, 32_767);
  if (slot.type === "Resource") {
    // Bundle.composition and message: the first entry itself.
    if (!isObject(value) || !str(value.id)) return;
    const type = str(value.resourceType) ?? "";
    rows.references.push([slot.own, targetHash(`${type}/${value.id}`), typeHash(type), place]);
    return;
  }
  if (typeof value === "string") {
    const canonical = canonicalOf(value);
    rows.references.push([slot.own, targetHash(canonical.name), typeHash(canonical.type), place]);
    if (canonical.version)
      rows.references.push([slot.own, targetHash(value), typeHash(canonical.type), place]);
    return;
  }
  if (!isObject(value)) return;
  const declared = str(value.type) ?? "";
  // An Attachment points by its address.
  const target = targetOf(str(value.reference) ?? str(value.url) ?? "", bases, declared);
  if (target) {
    const name = target.version === undefined ? target.name : target.name;
    rows.references.push([slot.own, targetHash(name), typeHash(target.type), place]);
  }
  const identifier = isObject(value.identifier) ? value.identifier : undefined;
  const logical = str(identifier?.value);
  if (logical !== undefined)
    addToken(slot.identifier, str(identifier?.system), logical, item, rows);
  addString(slot.text, value.display, rows);
};

/** Latitude under the slot itself, longitude beside it. */
const places: Adder = (value, item, slot, rows) => {
  const latitude = isObject(value) ? num(value.latitude) : undefined;
  const longitude = isObject(value) ? num(value.longitude) : undefined;
  if (latitude === undefined || longitude === undefined) return;
  addNumber(latitude, latitude, {}, item, slot, rows);
  addNumber(longitude, longitude, {}, item, { ...slot, own: slot.longitude }, rows);
};

export const adders: Readonly<Record<string, Adder>> = {
  token: tokens,
  string: strings,
  uri: uris,
  date: dates,
  number: numbers,
  quantity: numbers,
  reference: references,
  special: places,
};
