/** What `fhir.write_index` takes: rows by position, so that thousands stay small. 64-bit numbers are text. */
export type TokenRow = readonly [slot: number, code: string, system: number, item: number];
export type StringRow = readonly [slot: number, value: string, exact: string];
export type DateRow = readonly [slot: number, low: string, high: string];
export type NumberRow = readonly [
  slot: number,
  low: number,
  high: number,
  baseLow: number | null,
  baseHigh: number | null,
  dimension: number | null,
  code: string,
  unit: string,
  system: number,
  item: number,
];
export type ReferenceRow = readonly [slot: number, target: string, type: number, item: number];

export type IndexRows = {
  /** Hash of `Type/id`; null when the resource has no id yet. */
  readonly self: string | null;
  readonly type: number;
  readonly tokens: TokenRow[];
  readonly strings: StringRow[];
  readonly dates: DateRow[];
  readonly numbers: NumberRow[];
  readonly references: ReferenceRow[];
  /** Hashes of `Patient/id`. */
  readonly compartment: string[];
};

/** Slots beside a path's own, for modifiers. */
export const subSlots = {
  text: "#text",
  ofType: "#of-type",
  identifier: "#identifier",
  longitude: "#longitude",
  /** Hash of a canonical resource's address, so that canonical references can be followed. */
  canonical: "Resource#canonical",
} as const;
