/** Bodies that fit a JSON schema on paper and hurt in practice, and bodies that fit nothing. */
import { randomUUID } from "node:crypto";

export type JsonSchema = {
  type?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  prefixItems?: JsonSchema[];
  format?: string;
  pattern?: string;
  maxLength?: number;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
};

/** What stands in every text: a zero byte, half a character, direction marks, other people's languages. */
const texts = [
  "普通的字",
  "\u0000",
  "a\u0000b",
  "\ud800",
  "\u202e\u200b\ufeff",
  "'; drop table consult; --",
  "%00%n$" + "{7*7}<script>",
  "__proto__",
];
const instants = [
  "2026-11-23T03:00:00Z",
  "0001-01-01T00:00:00Z",
  "9999-12-31T23:59:59.999999999Z",
  "0000-01-01T00:00:00+14:00",
];
const days = ["2026-11-23", "0001-01-01", "9999-12-31", "0000-02-29"];
export const variantCount = texts.length;

const at = <Value>(list: readonly Value[], index: number): Value => list[index % list.length]!;

/** A value of this schema; `variant` chooses among the awkward ones, `ids` are rows that exist. */
export function sample(schema: JsonSchema, variant: number, ids: readonly string[]): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return at(schema.enum, variant);
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices) return sample(at(choices, Math.floor(variant / 2)), variant, ids);
  if (schema.allOf)
    return Object.assign({}, ...schema.allOf.map((part) => sample(part, variant, ids)));
  switch (schema.type) {
    case "object":
      return Object.fromEntries(
        Object.entries(schema.properties ?? { __proto__x: {} }).map(([name, part]) => [
          name,
          sample(part, variant, ids),
        ]),
      );
    case "array":
      if (schema.prefixItems) return schema.prefixItems.map((part) => sample(part, variant, ids));
      return Array.from({ length: at([1, 0, 3, 2], variant) }, () =>
        sample(schema.items ?? {}, variant, ids),
      );
    case "string":
      if (schema.format === "uuid") return at([...ids, randomUUID()], variant);
      if (schema.format === "date-time") return at(instants, variant);
      if (schema.format === "date") return at(days, variant);
      if (schema.pattern?.includes("\\d{6}")) return "123456";
      if (schema.pattern?.includes("{43}")) return "A".repeat(43);
      if (schema.pattern?.includes("[A-Z]")) return "D69.3";
      return variant === 0
        ? "长".repeat(Math.min(schema.maxLength ?? 50, 8000))
        : at(texts, variant).slice(0, schema.maxLength ?? 1000);
    case "integer":
    case "number": {
      const least =
        schema.minimum ??
        (schema.exclusiveMinimum === undefined ? -1e9 : schema.exclusiveMinimum + 1);
      return at([least, schema.maximum ?? 1e15, Math.max(least, 1), 2 ** 31], variant);
    }
    case "boolean":
      return variant % 2 === 0;
    case "null":
      return null;
    default:
      return at<unknown>([null, "x", 7, { x: [] }], variant);
  }
}

/** How many ways a body can be chosen at its top. */
export function branchesOf(schema: JsonSchema): JsonSchema[] {
  return schema.oneOf ?? schema.anyOf ?? [schema];
}

const deep = (depth: number) => `${'{"a":['.repeat(depth)}1${"]}".repeat(depth)}`;

export type RawBody = { what: string; payload?: string | Buffer; type?: string };
/** Bodies that no route can want. */
export const malformedBodies: readonly RawBody[] = [
  { what: "nothing" },
  { what: "nothing, called JSON", payload: "", type: "application/json" },
  { what: "no JSON", payload: "{", type: "application/json" },
  { what: "null", payload: "null", type: "application/json" },
  { what: "a list", payload: "[]", type: "application/json" },
  { what: "a text", payload: '"x"', type: "application/json" },
  { what: "a number", payload: "1e400", type: "application/json" },
  { what: "an empty object", payload: "{}", type: "application/json" },
  {
    what: "a prototype",
    payload: '{"__proto__":{"admin":true},"constructor":{"prototype":{"x":1}}}',
    type: "application/json",
  },
  { what: "deep nesting", payload: deep(5_000), type: "application/json" },
  { what: "deep nesting without end", payload: '{"a":['.repeat(5_000), type: "application/json" },
  {
    what: "too much",
    payload: JSON.stringify({ text: "x".repeat(1_200_000) }),
    type: "application/json",
  },
  {
    what: "bytes that are no text",
    payload: Buffer.from([0x7b, 0xff, 0xfe, 0x00, 0x7d]),
    type: "application/json",
  },
  { what: "a page", payload: "<x/>", type: "text/html" },
  { what: "plain text", payload: "x", type: "text/plain" },
  { what: "a form", payload: "a=1&a[]=2", type: "application/x-www-form-urlencoded" },
  { what: "a form in parts", payload: "--x\r\n\r\n--x--", type: "multipart/form-data; boundary=x" },
  { what: "an unknown type", payload: "x", type: "a/b; c=d;;;" },
];

export const awkwardIds = [
  "x",
  "%00",
  "%ff",
  "..%2f..%2fetc%2fpasswd",
  "' or 1=1 --",
  "null",
  "undefined",
  "9".repeat(150),
  "%F0%9F%98%80",
];
export const awkwardValues = [
  "",
  "\u0000",
  "a".repeat(5_000),
  "-1",
  "1e999",
  "NaN",
  "{}",
  "[object Object]",
  "%",
  "次仁",
  "\\",
  "_%",
  "0000-00-00",
];
