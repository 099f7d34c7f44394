/** A statement being written: text with `$1`, `$2`, … and the values that belong to them. */
export type Statement = {
  /** Adds a value and gives its place. Every value that came from outside goes this way. */
  readonly bind: (value: string | number | boolean) => string;
  /** A name for a table that is not used yet in this statement. */
  readonly alias: (prefix: string) => string;
  readonly values: () => readonly (string | number | boolean)[];
};

export function createStatement(): Statement {
  const values: (string | number | boolean)[] = [];
  let aliases = 0;
  return {
    bind: (value) => {
      values.push(value);
      return `$${values.length}`;
    },
    alias: (prefix) => {
      aliases += 1;
      return `${prefix}${aliases}`;
    },
    values: () => values,
  };
}

/** Numbers of our own making (slots, types), written into the text so that the planner knows them. */
export function numbersIn(column: string, numbers: readonly number[]): string {
  const own = [...new Set(numbers)].map((one) => {
    if (!Number.isInteger(one)) throw new Error("not a number of ours");
    return String(one);
  });
  if (own.length === 0) return "false";
  return own.length === 1 ? `${column} = ${own[0]}` : `${column} IN (${own.join(", ")})`;
}

/** Hashes, as one bound array; a single one by equality, so that order by key comes from the index. */
export function hashesIn(column: string, hashes: readonly string[], statement: Statement): string {
  const own = [...new Set(hashes)];
  const [only] = own;
  if (own.length === 1 && only !== undefined) return `${column} = ${statement.bind(only)}::bigint`;
  return `${column} = ANY (${statement.bind(`{${own.join(",")}}`)}::bigint[])`;
}

export const anyOf = (conditions: readonly string[]): string =>
  conditions.length === 1
    ? (conditions[0] ?? "false")
    : conditions.length === 0
      ? "false"
      : `(${conditions.join(" OR ")})`;
