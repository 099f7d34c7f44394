/**
 * Warnings, problems and medicines as items, each by the one reading of its map. What a map cannot read is
 * shown by its words as something that holds: an allergy is never hidden because of a code.
 */
import type {
  AllergyIntolerance,
  CodeableConcept,
  Condition,
  Immunization,
  MedicationDispense,
  MedicationRequest,
  MedicationStatement,
} from "@medplum/fhirtypes";
import { type AllergyFacts, fromFhirAllergy } from "../../fhir-mappings/allergy-intolerance.ts";
import {
  type ConditionFacts,
  fromFhirCondition,
  pastCourses,
} from "../../fhir-mappings/condition.ts";
import { wordsOf } from "../../fhir-mappings/elements.ts";
import { fromFhirImmunization } from "../../fhir-mappings/immunization.ts";
import { readOrNull } from "../../fhir-mappings/mapping-error.ts";
import {
  fromFhirMedicationDispense,
  voidDispenses,
} from "../../fhir-mappings/medication-dispense.ts";
import {
  fromFhirMedicationRequest,
  presentPrescriptions,
} from "../../fhir-mappings/medication-request.ts";
import { type Draft, dayOf, joined, nameOf, nameOfWords, plain, titleOf } from "./item-draft.ts";
import type { ItemCertainty } from "./record-contract.ts";

/** Whatever else of it cannot be read. */
const saysOf = (status: CodeableConcept | undefined, ...codes: readonly string[]): boolean =>
  (status?.coding ?? []).some(({ code }) => code !== undefined && codes.includes(code));

export function allergyItems(one: AllergyIntolerance): Draft[] {
  if (saysOf(one.verificationStatus, "entered-in-error")) return [];
  const facts = readOrNull(() => fromFhirAllergy(one));
  const date = one.recordedDate ?? one.onsetDateTime;
  if (!facts) {
    const words = one.reaction?.flatMap((each) => (each.manifestation ?? []).map(titleOf)) ?? [];
    return [
      plain("warnings", titleOf(one.code), date, {
        detail: joined(words),
        isHigh: true,
        content: warningName(nameOf(one.code), words),
      }),
    ];
  }
  return [allergy(facts)];
}

function allergy({ substance, reactions, certainty, course, risk, ...facts }: AllergyFacts): Draft {
  const words = reactions.flatMap((each) => each.manifestations.map(({ text }) => text));
  const isOut = certainty === "ruled-out";
  return plain("warnings", substance.text, facts.recordedAt ?? facts.onset, {
    detail: joined(words),
    isHigh: !isOut && risk !== "low",
    isPast: isOut || course === "inactive" || course === "resolved",
    content: warningName(nameOfWords(substance), words),
  });
}

const warningName = (name: string, reactions: readonly string[]) =>
  `${name}|${[...reactions].sort().join("|").toLowerCase()}`;

/** Who only thinks so says so; what is certain, or of what nobody says how sure he was, needs no word. */
const certaintyOf: Readonly<Record<string, ItemCertainty>> = {
  unconfirmed: "unconfirmed",
  provisional: "provisional",
  differential: "differential",
};

export function conditionItems(one: Condition): Draft[] {
  if (saysOf(one.verificationStatus, "entered-in-error", "refuted")) return [];
  const facts = readOrNull(() => fromFhirCondition(one));
  if (facts) return [condition(facts)];
  const date = one.onsetDateTime ?? one.onsetPeriod?.start ?? one.recordedDate;
  return [
    plain("problems", titleOf(one.code), date, { content: `${nameOf(one.code)}|${dayOf(date)}` }),
  ];
}

function condition({ diagnosis, course, certainty, onset, recordedAt }: ConditionFacts): Draft {
  const date = onset ?? recordedAt;
  return plain("problems", diagnosis.text, date, {
    detail: diagnosis.code,
    certainty: certaintyOf[certainty ?? ""] ?? null,
    isPast: course !== null && pastCourses.includes(course),
    content: `${nameOfWords(diagnosis)}|${dayOf(date)}`,
  });
}

export function prescriptionItems(one: MedicationRequest): Draft[] {
  const facts = readOrNull(() => fromFhirMedicationRequest(one));
  if (!facts)
    return [
      plain("medicines", medicineWords(one), one.authoredOn, { isPast: one.status !== "active" }),
    ];
  return [
    plain("medicines", facts.medicine?.text ?? "—", facts.authoredAt, {
      detail: joined(facts.dosage),
      isPast: !presentPrescriptions.includes(facts.state),
      content: facts.medicine && `${nameOfWords(facts.medicine)}|${dayOf(facts.authoredAt)}`,
    }),
  ];
}

/** What was or lies ready to be handed out; what was not is no medicine of his. */
export function dispenseItems(one: MedicationDispense): Draft[] {
  const facts = readOrNull(() => fromFhirMedicationDispense(one));
  if (!facts) return [plain("medicines", medicineWords(one), one.whenHandedOver, { isPast: true })];
  if (voidDispenses.includes(facts.state)) return [];
  const date = facts.handedOverAt ?? facts.preparedAt;
  const { quantity } = facts;
  return [
    plain("medicines", facts.medicine?.text ?? "—", date, {
      detail: joined([
        ...facts.dosage,
        quantity ? `${quantity.value}${quantity.unit ? ` ${quantity.unit}` : ""}` : null,
      ]),
      isPast: facts.state === "collected" || facts.state === "unknown",
      content: facts.medicine && `dispensed|${nameOfWords(facts.medicine)}|${date ?? ""}`,
    }),
  ];
}

/** There is no map of what somebody says that he takes: nothing of ours writes it. */
export function statementItems(one: MedicationStatement): Draft[] {
  const date = one.effectiveDateTime ?? one.effectivePeriod?.start ?? one.dateAsserted;
  return [
    plain("medicines", medicineWords(one), date, {
      detail: joined(one.dosage?.map((line) => line.text) ?? []),
      isPast: one.status !== "active" && one.status !== "intended",
      content: one.medicationCodeableConcept
        ? `${nameOf(one.medicationCodeableConcept)}|${dayOf(date)}`
        : null,
    }),
  ];
}

const medicineWords = (
  one: Pick<MedicationRequest, "medicationCodeableConcept" | "medicationReference">,
): string => wordsOf(one.medicationCodeableConcept) ?? one.medicationReference?.display ?? "—";

export function vaccineItems(one: Immunization): Draft[] {
  const facts = readOrNull(() => fromFhirImmunization(one));
  if (!facts)
    return one.status === "not-done"
      ? []
      : [plain("medicines", titleOf(one.vaccineCode), one.occurrenceDateTime, { isPast: true })];
  if (facts.state !== "given") return [];
  const at = "at" in facts.when ? facts.when.at : null;
  return [
    plain("medicines", facts.vaccine.text, at, {
      isPast: true,
      detail: joined(["words" in facts.when ? facts.when.words : null, facts.lotNumber]),
      content: `${nameOfWords(facts.vaccine)}|${dayOf(at)}`,
    }),
  ];
}
