import type { Statement } from "./statement.ts";

/** One transaction of a record store, after `fhir.enter`. */
export type SearchTx = {
  unsafe: (
    text: string,
    parameters?: readonly unknown[],
    options?: { prepare?: boolean },
  ) => PromiseLike<readonly Record<string, unknown>[]>;
};

export type SearchContext = {
  /** Business time: what "about" means for dates. */
  readonly now: Date;
  /**
   * What the caller may see, as a predicate over a row of `resource` under an alias. It stands in every
   * part of the query: matches, totals, chains, `_has` and includes. Default: consent as fhir.visible has it.
   */
  readonly seen?: (alias: string) => string;
};

export type FoundResource = {
  readonly key: string;
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly lastUpdated: Date;
  /** The resource as JSON text, as it is stored. */
  readonly content: string;
};

export const visible = (alias: string): string =>
  `((SELECT fhir.unrestricted()) OR fhir.visible(${alias}.type, ${alias}.patients, ${alias}.labels))`;

/** A row of a page: its key, the resource, and `v0`, `v1`, … that it is ordered by. */
export type Row = Record<string, never> & { key: string; [value: `v${number}`]: string | null };

/** Texts asked before; what returns is worth a plan that is kept, up to a bound of each connection's memory. */
const askedBefore = new Map<string, number>();
const MOST_PREPARED = 300;
const ASKED_BEFORE_PREPARED = 3;

function isPrepared(text: string): boolean {
  const times = (askedBefore.get(text) ?? 0) + 1;
  if (times > 1 || askedBefore.size < MOST_PREPARED) askedBefore.set(text, times);
  return times > ASKED_BEFORE_PREPARED;
}

/** Runs a statement of the search with its values, which all go as text and are cast in the statement. */
export async function ask(tx: SearchTx, text: string, statement: Statement): Promise<Row[]> {
  const options = { prepare: isPrepared(text) };
  return [...(await tx.unsafe(text, statement.values().map(String), options))] as Row[];
}

export function foundResource(row: Record<string, unknown>): FoundResource {
  return {
    key: String(row.key),
    type: String(row.type),
    id: String(row.id),
    version: Number(row.version),
    lastUpdated:
      row.last_updated instanceof Date ? row.last_updated : new Date(String(row.last_updated)),
    content: String(row.content),
  };
}
