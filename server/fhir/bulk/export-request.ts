/** What a kick-off of an export asks (FHIR Bulk Data Access 2). */
import { DomainError } from "../../errors/domain-error.ts";
import { readableTypes } from "../../smart/service.ts";
import { isStoredType } from "../definitions/types.ts";
import { type Pair, safe } from "../rest/options.ts";
import type { StoreContext } from "../store/caller.ts";

export type ExportLevel = "system" | "patient" | "group";
export type ExportPlan = {
  readonly level: ExportLevel;
  /** Group level: which, and whose records. */
  readonly group: string | null;
  readonly patients: readonly string[] | null;
  /** Null: all that the store holds and the caller may read. */
  readonly types: readonly string[] | null;
  /** Only what changed after it. */
  readonly since: string | null;
  readonly base: string;
};

const formats = new Set(["application/fhir+ndjson", "application/ndjson", "ndjson"]);
const instant =
  /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$|^\d{4}(-\d\d(-\d\d)?)?$/;

/**
 * Reads the parameters; what is not offered is refused and never left out in silence.
 * @throws DomainError `fhir.request`, `fhir.type`, `permission.denied`
 */
export function parseExport(
  context: StoreContext,
  level: ExportLevel,
  group: string | null,
  pairs: readonly Pair[],
  prefer: string,
): ExportPlan {
  if (!/\brespond-async\b/.test(prefer)) return refuse("an export needs Prefer: respond-async");
  // Breaking the glass is about one patient.
  if (context.caller.purpose === "emergency")
    return refuse("an emergency access names its patient, an export does not");
  const types: string[] = [];
  let since: string | null = null;
  for (const [name, value] of pairs) {
    if (name === "_type") types.push(...value.split(",").filter((one) => one !== ""));
    else if (name === "_since") {
      const text = value.replaceAll(" ", "+");
      if (!instant.test(text) || Number.isNaN(Date.parse(text)))
        return refuse("_since is no instant");
      since = new Date(text).toISOString();
    } else if (name === "_outputFormat") {
      if (!formats.has(value.replaceAll(" ", "+")))
        return refuse("_outputFormat is application/fhir+ndjson");
    } else if (name === "_typeFilter")
      return refuse("_typeFilter is not offered: leave it out, or search instead");
    else return refuse(`the parameter ${safe(name)} is not known here`);
  }
  for (const type of types)
    if (!isStoredType(type)) return refuse(`_type names ${safe(type)}, which is not kept here`);
  const readable = context.caller.scopes === null ? null : readableTypes(context.caller.scopes);
  if (readable && (readable.length === 0 || types.some((type) => !readable.includes(type))))
    throw new DomainError("permission.denied", { permission: "record.read" });
  return {
    level,
    group,
    patients: null,
    types: types.length > 0 ? [...new Set(types)] : readable,
    since,
    base: context.base,
  };
}

function refuse(reason: string): never {
  throw new DomainError("fhir.request", { reason });
}
