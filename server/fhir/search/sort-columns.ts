/** What a search is ordered by, as SQL, and what comes after a given row. */
import type { PathEntry } from "./definitions.ts";
import type { SortKey } from "./request.ts";
import { slotsIn } from "./sql-values.ts";
import type { Statement } from "./statement.ts";

export type SortColumn = {
  readonly expression: string;
  /** PostgreSQL type in which the cursor's text is compared. */
  readonly cast: "timestamptz" | "float8" | "bigint" | 'text COLLATE "C"';
  readonly descending: boolean;
};

/** Expressions over `resource r`. Ascending by the smallest value of a resource, descending by its largest. */
export function sortColumn(key: SortKey, statement: Statement): SortColumn {
  const { descending } = key;
  if (key.by === "parameter") return parameterColumn(key, statement);
  if (key.by === "id")
    return { expression: 'r.id COLLATE "C"', cast: 'text COLLATE "C"', descending };
  if (key.by === "type")
    return { expression: 'r.type COLLATE "C"', cast: 'text COLLATE "C"', descending };
  return { expression: "r.last_updated", cast: "timestamptz", descending };
}

function parameterColumn(
  key: Extract<SortKey, { by: "parameter" }>,
  statement: Statement,
): SortColumn {
  const { descending } = key;
  const t = statement.alias("s");
  const from = (table: string, aggregate: string) =>
    `(SELECT ${aggregate} FROM ${table} ${t} WHERE ${t}.key = r.key AND ${slotsIn(t, key.paths)})`;
  switch (key.parameter.type) {
    case "date":
      return {
        expression: from("search_date", descending ? `max(${t}.high)` : `min(${t}.low)`),
        cast: "timestamptz",
        descending,
      };
    case "number":
    case "quantity":
      return {
        expression: from(
          "search_number",
          descending
            ? `max(coalesce(${t}.base_high, ${t}.high))`
            : `min(coalesce(${t}.base_low, ${t}.low))`,
        ),
        cast: "float8",
        descending,
      };
    case "string":
    case "uri":
      return {
        expression: from("search_string", `${descending ? "max" : "min"}(${t}.value)`),
        cast: 'text COLLATE "C"',
        descending,
      };
    default:
      // Codes and references are hashes in the index: their text stands in the resource.
      return {
        expression: fromContent(key.paths, descending, t),
        cast: 'text COLLATE "C"',
        descending,
      };
  }
}

const INSIDE: Readonly<Record<string, string>> = {
  CodeableConcept: ".coding.code",
  Coding: ".code",
  Identifier: ".value",
  ContactPoint: ".value",
  Reference: ".reference",
  Attachment: ".url",
};

function fromContent(paths: readonly PathEntry[], descending: boolean, t: string): string {
  const queries = paths.map(({ steps, type }) => {
    const path = steps
      .replaceAll("*", "")
      .replaceAll(/@(\d+)/g, "[$1]")
      .replaceAll(/\[(\w+)=([^\]]+)\]/g, ' ? (@.$1 == "$2")');
    const whole = `lax $.${path}${INSIDE[type] ?? ""}`;
    return `SELECT x #>> '{}' AS value FROM jsonb_path_query(r.content, '${whole.replaceAll("'", "''")}') x`;
  });
  return `(SELECT ${descending ? "max" : "min"}(lower(${t}.value) COLLATE "C") FROM (${queries.join(" UNION ALL ")}) ${t})`;
}

/** Missing values come last, whichever the direction. */
export function orderBy(columns: readonly SortColumn[], keyDescending: boolean): string {
  const terms = columns.map(
    ({ descending }, index) => `v${index} ${descending ? "DESC" : "ASC"} NULLS LAST`,
  );
  return [...terms, `key ${keyDescending ? "DESC" : "ASC"}`].join(", ");
}

/** The condition on `v0`, `v1`, …, `key` for rows after the one that the cursor names. */
export function after(
  columns: readonly SortColumn[],
  keyDescending: boolean,
  values: readonly (string | null)[],
  key: string,
  statement: Statement,
): string {
  const same: string[] = [];
  const ways: string[] = [];
  for (const [index, { cast, descending }] of columns.entries()) {
    const value = values[index] ?? null;
    if (value === null) {
      same.push(`v${index} IS NULL`);
      continue;
    }
    const bound = `${statement.bind(value)}::${cast}`;
    ways.push(
      [...same, `(v${index} ${descending ? "<" : ">"} ${bound} OR v${index} IS NULL)`].join(
        " AND ",
      ),
    );
    same.push(`v${index} = ${bound}`);
  }
  ways.push(
    [...same, `key ${keyDescending ? "<" : ">"} ${statement.bind(key)}::bigint`].join(" AND "),
  );
  return ways.map((way) => `(${way})`).join(" OR ");
}
