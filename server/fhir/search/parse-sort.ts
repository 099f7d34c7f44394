import { atMost, refused, wrongValue } from "./limits.ts";
import { knownParameter } from "./parse-test.ts";
import type { SortKey } from "./request.ts";

/** What has no order: several values side by side, and places. */
const UNORDERED = ["composite", "special"];

/**
 * `-date,code`. Across types only what all share can order.
 * @throws DomainError `fhir.search-parameter`, `fhir.search-refused`
 */
export function parseSort(types: readonly string[], value: string): SortKey[] {
  const names = value.split(",");
  atMost(names.length, "sortKeys");
  const [only] = types;
  const type = types.length === 1 && only ? only : "Resource";
  return names.map((written): SortKey => {
    const descending = written.startsWith("-");
    const code = descending ? written.slice(1) : written;
    if (code === "") throw wrongValue("_sort", "[-]parameter");
    if (code === "_id") return { by: "id", descending };
    if (code === "_lastUpdated") return { by: "updated", descending };
    if (code === "_type") return { by: "type", descending };
    if (code === "_score") throw refused("_sort=_score");
    const parameter = knownParameter(type, code);
    const exists = parameter.paths.some((path) => path.type === "exists");
    if (UNORDERED.includes(parameter.type) || exists) throw refused(`_sort=${code}`);
    return { by: "parameter", parameter, paths: parameter.paths, descending };
  });
}
