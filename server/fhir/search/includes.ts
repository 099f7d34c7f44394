/** `_include` and `_revinclude`: what belongs to the matches, under the same rule of what may be seen. */
import { type PathEntry, parametersOf } from "./definitions.ts";
import { hash32 } from "./hash.ts";
import { limits } from "./limits.ts";
import { knownParameter } from "./parse-test.ts";
import { typeHash } from "./reference-value.ts";
import type { Include, SearchRequest } from "./request.ts";
import { subSlots } from "./rows.ts";
import { onlyTypes, slotsIn } from "./sql-values.ts";
import { createStatement, numbersIn } from "./statement.ts";
import { ask, type FoundResource, foundResource, type SearchTx } from "./transaction.ts";

type Included = { readonly included: FoundResource[]; readonly isCut: boolean };

/** Follows each include from the matches, those with `:iterate` also from what was included. */
export async function includesOf(
  tx: SearchTx,
  request: SearchRequest,
  matches: readonly FoundResource[],
  seen: (alias: string) => string,
): Promise<Included> {
  const included: FoundResource[] = [];
  const known = new Set(matches.map(({ key }) => key));
  let from: readonly FoundResource[] = matches;
  for (let round = 0; round < limits.includeRounds && from.length > 0; round += 1) {
    const wanted = request.includes.filter(({ iterate }) => round === 0 || iterate);
    const found: FoundResource[] = [];
    for (const include of wanted) {
      const left = limits.includedResources - included.length - found.length;
      const rows = await follow(tx, include, from, known, left + 1, seen);
      if (rows.length > left)
        return { included: [...included, ...found, ...rows.slice(0, left)], isCut: true };
      for (const row of rows) {
        known.add(row.key);
        found.push(row);
      }
    }
    included.push(...found);
    from = found;
  }
  return { included, isCut: false };
}

async function follow(
  tx: SearchTx,
  include: Include,
  from: readonly FoundResource[],
  known: ReadonlySet<string>,
  limit: number,
  seen: (alias: string) => string,
): Promise<FoundResource[]> {
  const sources = include.reverse
    ? from
    : from.filter(({ type }) => include.source === "*" || type === include.source);
  if (sources.length === 0) return [];
  const statement = createStatement();
  const keys = `${statement.bind(`{${sources.map(({ key }) => key).join(",")}}`)}::bigint[]`;
  const targets = include.reverse ? pointingTo(include, keys) : pointedAt(include, keys);
  const hidden = seen("r");
  const text = `SELECT r.key::text AS key, r.type, r.id, r.version, r.last_updated, r.content::text AS content
    FROM (SELECT DISTINCT x.key FROM (${targets}) x) k JOIN resource r ON r.key = k.key
    WHERE NOT r.deleted AND r.key <> ALL (${statement.bind(`{${[...known].join(",")}}`)}::bigint[])
    ${hidden ? `AND ${hidden}` : ""} ORDER BY r.key LIMIT ${limit}`;
  return (await ask(tx, text, statement)).map(foundResource);
}

/** What references of these resources point at: by `Type/id`, or by a canonical address. */
function pointedAt(include: Include, keys: string): string {
  const { target } = include;
  const ofType = target === undefined ? "" : ` AND ${numbersIn("e.type", [typeHash(target)])}`;
  const condition = `f.key = ANY (${keys}) AND ${referenceSlots(include)}`;
  return `SELECT e.key FROM search_reference f JOIN search_entry e ON e.self = f.target${ofType} WHERE ${condition}
    UNION ALL SELECT e.key FROM search_reference f
      JOIN search_token c ON c.slot = ${hash32(subSlots.canonical)} AND c.code = f.target
      JOIN search_entry e ON e.key = c.key${ofType} WHERE ${condition}`;
}

/** What points at these resources. */
function pointingTo(include: Include, keys: string): string {
  const { source, target } = include;
  const ofTarget = target === undefined ? "" : ` AND ${numbersIn("e.type", [typeHash(target)])}`;
  const ofSource =
    source === "*"
      ? ""
      : ` JOIN search_entry s ON s.key = f.key AND ${numbersIn("s.type", [typeHash(source)])}`;
  return `SELECT f.key FROM search_entry e JOIN search_reference f ON f.target = e.self AND ${referenceSlots(include)}
    ${ofSource} WHERE e.key = ANY (${keys})${ofTarget}`;
}

function referenceSlots({ source, parameter }: Include): string {
  if (source === "*") return "true";
  const paths: readonly PathEntry[] =
    parameter === undefined
      ? parametersOf(source)
          .filter(({ type }) => type === "reference")
          .flatMap((one) => one.paths)
      : knownParameter(source, parameter).paths;
  const slots = slotsIn("f", paths);
  return parameter === undefined ? slots : onlyTypes("f", paths, slots);
}
