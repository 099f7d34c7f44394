/**
 * How surely two descriptions are one person. Pure. The house's rule: many people in Tibet have a single
 * name that hundreds share, so such a patient is never merged and never called certain without an identifier.
 */
import { identifierSystems } from "../../../fhir-mappings/systems.ts";

/** HL7 match-grade (http://terminology.hl7.org/CodeSystem/match-grade). */
export const matchGrades = ["certain", "probable", "possible", "certainly-not"] as const;
export type MatchGrade = (typeof matchGrades)[number];

/** What of a person is compared; texts are normalised by whoever reads them out of a resource. */
export type Traits = {
  readonly identifiers: readonly { readonly system: string; readonly value: string }[];
  /** Every whole form of the name: as written, family and given, given and family; without spaces. */
  readonly names: readonly string[];
  /** No family name beside the given one, as far as the resource says. */
  readonly isSingleName: boolean;
  /** `YYYY`, `YYYY-MM` or `YYYY-MM-DD`; null: not said. */
  readonly birthDate: string | null;
  /** Null: not said, or unknown. */
  readonly gender: string | null;
  /** Digits only, without the country's prefix. */
  readonly phones: readonly string[];
};
export type Judgement = { readonly grade: MatchGrade; readonly score: number };

/** Systems of which a person has one number in his life: another number is another person. */
const onlyOne: ReadonlySet<string> = new Set([
  identifierSystems.residentId,
  identifierSystems.alliancePatient,
]);
type Agreement = "same" | "unknown" | "different";

/**
 * Judge a candidate. Scores are between 0 and 1 and rise with the grade: certain 1, probable from 0.7,
 * possible from 0.3.
 */
export function judge(asked: Traits, found: Traits): Judgement {
  const identifier = identifiersOf(asked, found);
  const birth = birthOf(asked.birthDate, found.birthDate);
  const gender = agreement(asked.gender, found.gender);
  const name = asked.names.some((one) => found.names.includes(one));
  const phone = asked.phones.some((one) => found.phones.includes(one));
  const contradicts = birth === "different" || gender === "different";
  if (identifier === "same")
    // One number and two birth dates: somebody has to look, a machine must not join them.
    return contradicts ? { grade: "possible", score: 0.5 } : { grade: "certain", score: 1 };
  if (identifier === "different") return { grade: "certainly-not", score: 0 };
  const sameDay = birth === "same" && isWhole(asked.birthDate) && isWhole(found.birthDate);
  const parts =
    (name ? 0.35 : 0) +
    (sameDay ? 0.3 : birth === "same" ? 0.1 : 0) +
    (gender === "same" ? 0.1 : 0) +
    (phone ? 0.2 : 0) -
    (birth === "different" ? 0.3 : 0) -
    (gender === "different" ? 0.3 : 0);
  const score = Math.round(Math.min(0.95, Math.max(0, parts)) * 100) / 100;
  const single = asked.isSingleName || found.isSingleName;
  if (!contradicts && !single && name && sameDay && (gender === "same" || phone))
    return { grade: "probable", score };
  const worthALook = !contradicts && ((name && (sameDay || phone)) || (phone && sameDay));
  return worthALook
    ? { grade: "possible", score: Math.min(score, 0.69) }
    : { grade: "certainly-not", score: Math.min(score, 0.29) };
}

/** Another number of a kind that one has only once outweighs any that agrees: a card of the ward may be mistyped. */
function identifiersOf(asked: Traits, found: Traits): Agreement {
  const isSame = asked.identifiers.some((one) =>
    found.identifiers.some((other) => other.system === one.system && other.value === one.value),
  );
  const isOther = asked.identifiers.some(
    (one) =>
      onlyOne.has(one.system) &&
      found.identifiers.some((other) => other.system === one.system) &&
      !found.identifiers.some((other) => other.system === one.system && other.value === one.value),
  );
  if (isOther) return "different";
  return isSame ? "same" : "unknown";
}

const isWhole = (date: string | null): boolean => date?.length === 10;

/** A year agrees with any day of it. */
function birthOf(left: string | null, right: string | null): Agreement {
  if (left === null || right === null) return "unknown";
  return left.startsWith(right) || right.startsWith(left) ? "same" : "different";
}

const agreement = (left: string | null, right: string | null): Agreement =>
  left === null || right === null ? "unknown" : left === right ? "same" : "different";
