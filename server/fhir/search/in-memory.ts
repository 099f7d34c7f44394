/**
 * Whether a resource that is not stored yet meets a search: by the rows that it would get. Pure. For conditional
 * references to entries of the same bundle.
 */
import { codeHash, hash32, hash64, systemHash } from "./hash.ts";
import { indexRows } from "./index-rows.ts";
import { normaliseText } from "./normal-text.ts";
import { targetHash } from "./reference-value.ts";
import type { SearchRequest, Test, TokenValue } from "./request.ts";
import type { IndexRows } from "./rows.ts";

type Resource = { readonly resourceType: string; readonly id?: string | undefined };

/**
 * @param base own address: absolute references below it are our own
 * @returns null when one of the tests can be asked of stored resources only
 */
export function meetsInMemory(
  resource: Resource,
  request: SearchRequest,
  base: string,
): boolean | null {
  if (!request.types.includes(resource.resourceType)) return false;
  const rows = indexRows(resource, [base]);
  let isKnown = true;
  for (const test of request.tests) {
    const holds = meets(test, resource, rows);
    if (holds === false) return false;
    if (holds === null) isKnown = false;
  }
  return isKnown ? true : null;
}

function meets(test: Test, resource: Resource, rows: IndexRows): boolean | null {
  const slots = "paths" in test ? new Set(test.paths.map(({ slot }) => hash32(slot))) : new Set();
  switch (test.kind) {
    case "id":
      return resource.id !== undefined && test.ids.includes(resource.id);
    case "token": {
      const found = rows.tokens.some(
        ([slot, code, system]) =>
          slots.has(slot) && test.values.some((value) => isToken(value, code, system)),
      );
      return found !== test.not;
    }
    case "string":
      return rows.strings.some(
        ([slot, value, exact]) =>
          slots.has(slot) &&
          test.values.some((wanted) => {
            const text = normaliseText(wanted);
            if (test.match === "exact") return value === text && exact === hash64(wanted);
            return test.match === "contains" ? value.includes(text) : value.startsWith(text);
          }),
      );
    case "reference": {
      const targets = new Set(test.values.flatMap((value) => value.targets.map(targetHash)));
      const found = rows.references.some(
        ([slot, target]) => slots.has(slot) && targets.has(target),
      );
      return found !== test.not;
    }
    default:
      return null;
  }
}

const isToken = ({ system, code }: TokenValue, rowCode: string, rowSystem: number): boolean =>
  (code === undefined || codeHash(code) === rowCode) &&
  (system === undefined || systemHash(system) === rowSystem);
