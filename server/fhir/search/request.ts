/** A search as it was understood: what `parseSearch` gives and the SQL is made of. */
import type { ParameterEntry, PathEntry } from "./definitions.ts";
import type { InstantRange } from "./instant-range.ts";

export const prefixes = ["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"] as const;
export type Prefix = (typeof prefixes)[number];

export type TokenValue = {
  /** Undefined: any system; empty: explicitly none. */
  readonly system: string | undefined;
  /** Undefined: any code of the system. */
  readonly code: string | undefined;
};
export type DateValue = { readonly prefix: Prefix; readonly range: InstantRange };
export type NumberValue = {
  readonly prefix: Prefix;
  readonly value: number;
  /** What the digits written stand for: 5.40 is from 5.395 to 5.405. */
  readonly low: number;
  readonly high: number;
  readonly system?: string;
  readonly code?: string;
};
/** Names of possible targets: `Type/id` or an address. */
export type ReferenceValue = { readonly targets: readonly string[] };

export type Test =
  | { readonly kind: "id"; readonly ids: readonly string[] }
  | { readonly kind: "updated"; readonly values: readonly DateValue[] }
  | {
      readonly kind: "token";
      readonly paths: readonly PathEntry[];
      readonly values: readonly TokenValue[];
      readonly not: boolean;
    }
  | {
      readonly kind: "of-type";
      readonly paths: readonly PathEntry[];
      readonly hashes: readonly string[];
    }
  | {
      readonly kind: "value-set";
      readonly paths: readonly PathEntry[];
      readonly relation: "in" | "not-in" | "below" | "above";
      readonly values: readonly string[];
      readonly parameter: string;
    }
  | {
      readonly kind: "text";
      readonly paths: readonly PathEntry[];
      readonly values: readonly string[];
    }
  | {
      readonly kind: "string";
      readonly paths: readonly PathEntry[];
      readonly values: readonly string[];
      readonly match: "starts" | "exact" | "contains";
    }
  | {
      readonly kind: "uri";
      readonly paths: readonly PathEntry[];
      readonly values: readonly string[];
      readonly match: "equal" | "above" | "below";
      readonly not: boolean;
    }
  | {
      readonly kind: "date";
      readonly paths: readonly PathEntry[];
      readonly values: readonly DateValue[];
    }
  | {
      readonly kind: "number";
      readonly paths: readonly PathEntry[];
      readonly values: readonly NumberValue[];
    }
  | {
      readonly kind: "reference";
      readonly paths: readonly PathEntry[];
      readonly values: readonly ReferenceValue[];
      readonly not: boolean;
    }
  | {
      readonly kind: "logical";
      readonly paths: readonly PathEntry[];
      readonly values: readonly TokenValue[];
    }
  | {
      readonly kind: "missing";
      readonly parameter: ParameterEntry;
      readonly paths: readonly PathEntry[];
      readonly missing: boolean;
    }
  | { readonly kind: "composite"; readonly places: readonly CompositePlace[] }
  | {
      readonly kind: "near";
      readonly paths: readonly PathEntry[];
      readonly values: readonly NearValue[];
    }
  | {
      readonly kind: "chain";
      readonly paths: readonly PathEntry[];
      readonly to: readonly { readonly type: string; readonly test: Test }[];
    }
  | {
      readonly kind: "has";
      readonly type: string;
      readonly paths: readonly PathEntry[];
      readonly test: Test;
    }
  | { readonly kind: "list"; readonly ids: readonly string[] }
  /** Any of them: one parameter of several types. */
  | { readonly kind: "any"; readonly tests: readonly Test[] };

/** One place where components stand together, with the values wanted of each. */
export type CompositePlace = {
  readonly values: readonly (readonly { readonly test: Test; readonly sameItem: boolean }[])[];
};
export type NearValue = {
  readonly latitude: number;
  readonly longitude: number;
  readonly distanceMetres: number;
};

export type SortKey =
  | { readonly by: "id" | "updated" | "type"; readonly descending: boolean }
  | {
      readonly by: "parameter";
      readonly parameter: ParameterEntry;
      readonly paths: readonly PathEntry[];
      readonly descending: boolean;
    };

export type Include = {
  /** Type whose references are followed, `*` for any. */
  readonly source: string;
  /** Undefined: every reference (`*`). */
  readonly parameter: string | undefined;
  readonly target: string | undefined;
  readonly iterate: boolean;
  readonly reverse: boolean;
};

export type SearchRequest = {
  /** Empty: every type. */
  readonly types: readonly string[];
  /** All must hold. */
  readonly tests: readonly Test[];
  readonly sort: readonly SortKey[];
  readonly count: number;
  readonly total: "none" | "estimate" | "accurate";
  readonly summary: "true" | "text" | "data" | "count" | "false";
  readonly elements: readonly string[];
  readonly includes: readonly Include[];
  readonly cursor: string | undefined;
  /** What was understood, as sent, for the self link; without the cursor. */
  readonly understood: readonly (readonly [string, string])[];
  /** Lenient handling only: names of what was left out. */
  readonly ignored: readonly string[];
};
