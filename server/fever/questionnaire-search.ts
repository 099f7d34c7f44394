/** What of the published questionnaires a stranger's search finds. Pure. */
import type { Questionnaire } from "@medplum/fhirtypes";
import { DomainError } from "../errors/domain-error.ts";

type Pair = readonly [name: string, value: string];
type Token = { readonly system: string | undefined; readonly code: string };
type Meets = (one: Questionnaire, value: string) => boolean;

const statusSystem = "http://hl7.org/fhir/publication-status";

/** A token's system and code; a bar without a system before it asks for a code that has none. */
function tokenOf(value: string): Token {
  const bar = value.indexOf("|");
  return bar < 0
    ? { system: undefined, code: value }
    : { system: value.slice(0, bar), code: value.slice(bar + 1) };
}
const isToken = (value: string, system: string, code: string | undefined): boolean => {
  const wanted = tokenOf(value);
  return (
    (wanted.system === undefined || wanted.system === system) &&
    (wanted.code === "" || wanted.code === code)
  );
};
const begins = (text: string | undefined, value: string): boolean =>
  text?.toLowerCase().startsWith(value.toLowerCase()) ?? false;

const criteria: ReadonlyMap<string, Meets> = new Map([
  ["_id", (one, value) => one.id === value],
  ["url", (one, value) => one.url === value],
  ["version", (one, value) => isToken(value, "", one.version)],
  ["status", (one, value) => isToken(value, statusSystem, one.status)],
  ["name", (one, value) => begins(one.name, value)],
  ["title", (one, value) => begins(one.title, value)],
  [
    "jurisdiction",
    (one, value) =>
      (one.jurisdiction ?? [])
        .flatMap((concept) => concept.coding ?? [])
        .some(({ system = "", code }) => isToken(value, system, code)),
  ],
]);
/** Seen to by whoever writes the answer. */
const aboutForm = ["_format", "_pretty"];

const notOffered = (parameter: string) =>
  new DomainError("fhir.search-refused", { parameter: parameter.slice(0, 60) });

/**
 * @returns what was found, and whether only its number is wanted
 * @throws DomainError `fhir.search-refused` for a parameter that is not offered, `fhir.search-value`: nothing
 *   is ever answered less filtered than asked
 */
export function searchQuestionnaires(
  all: readonly Questionnaire[],
  pairs: readonly Pair[],
): { readonly found: readonly Questionnaire[]; readonly onlyCount: boolean } {
  let found = all;
  let onlyCount = false;
  let most = Number.POSITIVE_INFINITY;
  for (const [name, value] of pairs) {
    if (aboutForm.includes(name)) continue;
    if (name === "_count") {
      if (!/^\d{1,9}$/.test(value)) throw wrong(name, "number");
      most = Number(value);
      onlyCount ||= most === 0;
      continue;
    }
    if (name === "_summary" && (value === "count" || value === "false")) {
      onlyCount ||= value === "count";
      continue;
    }
    const meets = criteria.get(name);
    if (!meets) throw notOffered(name);
    const values = value.split(",").filter((one) => one !== "");
    if (values.length === 0) throw wrong(name, "text");
    found = found.filter((one) => values.some((wanted) => meets(one, wanted)));
  }
  // There are few of them and no pages.
  if (!onlyCount && most < found.length) throw notOffered(`_count=${most}`);
  return { found, onlyCount };
}

const wrong = (parameter: string, expected: string) =>
  new DomainError("fhir.search-value", { parameter, expected });
