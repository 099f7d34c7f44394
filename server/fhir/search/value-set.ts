/** `:in`, `:not-in`, `:below` and `:above` on codes: value sets and code hierarchies that are at hand. */
import { valueSet } from "../definitions/value-sets.ts";
import { hash32 } from "./hash.ts";
import { refused } from "./limits.ts";
import { isObject } from "./path-walk.ts";
import { targetHash } from "./reference-value.ts";
import type { SearchRequest, Test, TokenValue } from "./request.ts";
import { subSlots } from "./rows.ts";
import type { SearchContext, SearchTx } from "./transaction.ts";
import { visible } from "./transaction.ts";

type ValueSetTest = Extract<Test, { kind: "value-set" }>;
const MOST_CODES = 5000;

/**
 * Puts the codes in place of the sets: those stored here by their address, and R4's own.
 * @throws DomainError `fhir.search-refused` when a set is not here, or cannot be enumerated: a search is
 *   never answered unfiltered
 */
export async function resolveValueSets(
  tx: SearchTx,
  request: SearchRequest,
  context: SearchContext,
): Promise<SearchRequest> {
  const resolve = async (test: Test): Promise<Test> => {
    switch (test.kind) {
      case "value-set":
        return await codesOf(tx, test, context);
      case "any":
        return { ...test, tests: await Promise.all(test.tests.map(resolve)) };
      case "has":
        return { ...test, test: await resolve(test.test) };
      case "chain":
        return {
          ...test,
          to: await Promise.all(
            test.to.map(async (one) => ({ ...one, test: await resolve(one.test) })),
          ),
        };
      default:
        return test;
    }
  };
  const tests: Test[] = [];
  for (const test of request.tests) tests.push(await resolve(test));
  return { ...request, tests };
}

async function codesOf(tx: SearchTx, test: ValueSetTest, context: SearchContext): Promise<Test> {
  const values: TokenValue[] = [];
  for (const value of test.values) {
    const codes =
      test.relation === "in" || test.relation === "not-in"
        ? await expand(tx, value, context)
        : await hierarchy(tx, value, test.relation, context);
    if (!codes || codes.length > MOST_CODES) throw refused(`${test.parameter}=${value}`);
    values.push(...codes);
  }
  return { kind: "token", paths: test.paths, values, not: test.relation === "not-in" };
}

async function expand(
  tx: SearchTx,
  url: string,
  context: SearchContext,
): Promise<TokenValue[] | undefined> {
  const stored = await storedAt(tx, "ValueSet", url, context);
  if (stored) return codesOfStored(stored);
  const own = valueSet(url.replace(/\|.*$/, ""));
  if (!own?.codes) return undefined;
  return [...own.systems].flatMap(([system, codes]) =>
    [...(codes ?? [])].map((code) => ({ system, code })),
  );
}

/** An expansion if there is one, else what is listed; rules that only a terminology server knows are refused. */
function codesOfStored(resource: Record<string, unknown>): TokenValue[] | undefined {
  const expansion = isObject(resource.expansion) ? resource.expansion.contains : undefined;
  if (Array.isArray(expansion)) return flatten(expansion);
  const compose = isObject(resource.compose) ? resource.compose : {};
  const includes = Array.isArray(compose.include) ? compose.include : [];
  if (includes.length === 0 || compose.exclude !== undefined) return undefined;
  const codes: TokenValue[] = [];
  for (const include of includes) {
    if (!isObject(include) || include.filter || include.valueSet || !Array.isArray(include.concept))
      return undefined;
    for (const concept of include.concept) {
      if (isObject(concept) && typeof concept.code === "string") {
        codes.push({
          system: typeof include.system === "string" ? include.system : "",
          code: concept.code,
        });
      }
    }
  }
  return codes;
}

function flatten(contains: readonly unknown[]): TokenValue[] {
  return contains.flatMap((one) => {
    if (!isObject(one)) return [];
    const own =
      typeof one.code === "string" && one.abstract !== true
        ? [{ system: typeof one.system === "string" ? one.system : "", code: one.code }]
        : [];
    return [...own, ...(Array.isArray(one.contains) ? flatten(one.contains) : [])];
  });
}

/** The code itself with what lies under (or over) it in a stored CodeSystem. */
async function hierarchy(
  tx: SearchTx,
  value: string,
  relation: "above" | "below",
  context: SearchContext,
): Promise<TokenValue[] | undefined> {
  const bar = value.lastIndexOf("|");
  const [system, code] = [value.slice(0, Math.max(0, bar)), value.slice(bar + 1)];
  const stored = system ? await storedAt(tx, "CodeSystem", system, context) : undefined;
  if (!stored || !Array.isArray(stored.concept)) return undefined;
  const found: string[] = [];
  const walk = (concepts: readonly unknown[], over: readonly string[], isUnder: boolean) => {
    for (const concept of concepts) {
      if (!isObject(concept) || typeof concept.code !== "string") continue;
      const isIt = concept.code === code;
      if (relation === "above" && isIt) found.push(...over, concept.code);
      if (relation === "below" && (isIt || isUnder)) found.push(concept.code);
      if (Array.isArray(concept.concept))
        walk(concept.concept, [...over, concept.code], isIt || isUnder);
    }
  };
  walk(stored.concept, [], false);
  return found.length === 0 ? undefined : found.map((one) => ({ system, code: one }));
}

async function storedAt(
  tx: SearchTx,
  type: "ValueSet" | "CodeSystem",
  canonical: string,
  { seen = visible }: SearchContext,
): Promise<Record<string, unknown> | undefined> {
  const [url = "", version] = canonical.split("|", 2);
  const hidden = seen("r");
  const rows = await tx.unsafe(
    `SELECT r.content::text AS content FROM search_token t JOIN resource r ON r.key = t.key
     WHERE t.slot = ${hash32(subSlots.canonical)} AND t.code = $1::bigint AND r.type = $2 AND NOT r.deleted
     ${hidden ? `AND ${hidden}` : ""} ORDER BY r.key DESC LIMIT 20`,
    [targetHash(url), type],
  );
  const resources = rows.map((row) => JSON.parse(String(row.content)) as Record<string, unknown>);
  return resources.find((resource) => version === undefined || resource.version === version);
}
