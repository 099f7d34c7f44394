/**
 * Invariants of R4 written out by hand, for the types that arrive by the thousand: evaluated as
 * FHIRPath each costs about 50 µs. A test holds them against FHIRPath. Each says whether the
 * value keeps the invariant; wrong types are reported elsewhere and pass here.
 */
import { isObject, type Json, listOf, objectsOf, type Run } from "./run.ts";
import { isAfter } from "./when.ts";

export type Holds = (value: Json, run: Run) => boolean;

const UCUM = "http://unitsofmeasure.org";
const CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical";
const VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status";
const ALLERGY_VERIFICATION =
  "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification";

const has = (value: Json, ...names: readonly string[]) =>
  names.some((name) => value[name] !== undefined || value[`_${name}`] !== undefined);
const lacks = (value: Json, name: string) => !has(value, name);

/** Whether the choice `name[x]` has a value of any type. */
function hasChoice(value: Json, name: string): boolean {
  for (const key in value) {
    const at = key.charCodeAt(0) === 95 ? 1 : 0;
    if (!key.startsWith(name, at)) continue;
    const next = key.charCodeAt(at + name.length);
    if (next >= 65 && next <= 90) return true;
  }
  return false;
}

function hasCoding(concept: unknown, system: string, codes: readonly string[]): boolean {
  return (
    isObject(concept) &&
    objectsOf(concept.coding).some(
      (coding) => coding.system === system && codes.includes(coding.code as string),
    )
  );
}

const count = (value: unknown) =>
  Array.isArray(value) ? value.length : value === undefined ? 0 : 1;

const isDistinct = (values: readonly unknown[]) => new Set(values).size === values.length;

const numberOf = (quantity: unknown) =>
  isObject(quantity) && typeof quantity.value === "number" ? quantity.value : undefined;

const within =
  (name: string, allowed: readonly string[]) =>
  (value: Json): boolean =>
    allowed.includes(value[name] as string);

const ucumOnly = ({ system }: Json) => system === undefined || system === UCUM;
const codedValue = (value: Json) => has(value, "code") || lacks(value, "value");
const isErroneous = ({ verificationStatus }: Json) =>
  hasCoding(verificationStatus, VERIFICATION, ["entered-in-error"]);
const isErroneousAllergy = ({ verificationStatus }: Json) =>
  hasCoding(verificationStatus, ALLERGY_VERIFICATION, ["entered-in-error"]);
const limited = within("type", [
  "choice",
  "open-choice",
  "decimal",
  "integer",
  "date",
  "dateTime",
  "time",
  "string",
  "quantity",
]);
const measurable = within("type", [
  "boolean",
  "decimal",
  "integer",
  "string",
  "text",
  "url",
  "open-choice",
]);

/** By key, or by element and key where R4 uses a key twice. */
export const quickInvariants: Readonly<Record<string, Holds>> = {
  "qty-3": (it) => lacks(it, "code") || has(it, "system"),
  "sqty-1": (it) => lacks(it, "comparator"),
  "age-1": (it) => codedValue(it) && ucumOnly(it) && (typeof it.value !== "number" || it.value > 0),
  "dis-1": (it) => codedValue(it) && ucumOnly(it),
  "drt-1": (it) => lacks(it, "code") || (it.system === UCUM && has(it, "value")),
  "att-1": (it) => lacks(it, "data") || has(it, "contentType"),
  "cpt-2": (it) => lacks(it, "value") || has(it, "system"),
  "per-1": (it) => !isAfter(it.start, it.end),
  "rng-2": ({ low, high }) => {
    const from = numberOf(low);
    const to = numberOf(high);
    if (from === undefined || to === undefined || !isObject(low) || !isObject(high)) return true;
    return low.code !== high.code || from <= to;
  },
  "rat-1": (it) =>
    has(it, "numerator") === has(it, "denominator") && has(it, "numerator", "extension"),
  "exp-1": (it) => has(it, "expression", "reference"),
  "tim-1": (it) => lacks(it, "duration") || has(it, "durationUnit"),
  "tim-2": (it) => lacks(it, "period") || has(it, "periodUnit"),
  "tim-4": (it) => typeof it.duration !== "number" || it.duration >= 0,
  "tim-5": (it) => typeof it.period !== "number" || it.period >= 0,
  "tim-6": (it) => lacks(it, "periodMax") || has(it, "period"),
  "tim-7": (it) => lacks(it, "durationMax") || has(it, "duration"),
  "tim-8": (it) => lacks(it, "countMax") || has(it, "count"),
  "tim-9": (it) =>
    lacks(it, "offset") ||
    (has(it, "when") && listOf(it.when).every((one) => !/^(C|CM|CD|CV)$/.test(String(one)))),
  "tim-10": (it) => lacks(it, "timeOfDay") || lacks(it, "when"),
  "ait-1": (it) => isErroneousAllergy(it) || has(it, "clinicalStatus"),
  "ait-2": (it) => !isErroneousAllergy(it) || lacks(it, "clinicalStatus"),
  "app-1": (it) => has(it, "type", "actor"),
  "app-2": (it) => has(it, "start") === has(it, "end"),
  "app-3": (it) =>
    (has(it, "start") && has(it, "end")) ||
    within("status", ["proposed", "cancelled", "waitlist"])(it),
  "app-4": (it) => lacks(it, "cancelationReason") || within("status", ["noshow", "cancelled"])(it),
  "apr-1": (it) => has(it, "participantType", "actor"),
  "sev-1": (it) => lacks(it, "name") || lacks(it, "query"),
  "cpl-3": (it) => lacks(it, "detail") || lacks(it, "reference"),
  "ctm-1": ({ onBehalfOf, member }) => {
    if (onBehalfOf === undefined || !isObject(member)) return true;
    const target = member.reference;
    return (
      typeof target !== "string" || !/^(Patient|Organization|RelatedPerson|CareTeam)\//.test(target)
    );
  },
  "cmp-1": (it) => has(it, "text", "entry", "section"),
  "cmp-2": (it) => lacks(it, "emptyReason") || lacks(it, "entry"),
  "con-1": (it) => has(it, "summary", "assessment"),
  "con-2": (it) => has(it, "code", "detail"),
  // As written (`select($this='problem-list-item')` on a concept) it never fails.
  "con-3": () => true,
  "con-4": (it) =>
    !hasChoice(it, "abatement") ||
    hasCoding(it.clinicalStatus, CLINICAL, ["resolved", "remission", "inactive"]),
  "con-5": (it) => !isErroneous(it) || lacks(it, "clinicalStatus"),
  "ppc-1": (it) => has(it, "policy", "policyRule"),
  // Their systems are written as 'something', which no scope has.
  "ppc-2": () => true,
  "ppc-3": () => true,
  "ppc-4": () => true,
  "ppc-5": () => true,
  "fhs-1": (it) => !hasChoice(it, "age") || !hasChoice(it, "born"),
  "fhs-2": (it) => hasChoice(it, "age") || lacks(it, "estimatedAge"),
  "gol-1": (it) => !hasChoice(it, "detail") || has(it, "measure"),
  "imm-1": (it) => has(it, "documentType", "reference"),
  "imr-1": (it) => has(it, "vaccineCode", "targetDisease"),
  "lst-1": (it) => lacks(it, "emptyReason") || lacks(it, "entry"),
  "lst-2": (it) =>
    it.mode === "changes" || objectsOf(it.entry).every((one) => lacks(one, "deleted")),
  "lst-3": (it) => it.mode === "working" || objectsOf(it.entry).every((one) => lacks(one, "date")),
  "mad-1": (it) => has(it, "dose") || hasChoice(it, "rate"),
  "mdd-1": (it) => !isAfter(it.whenPrepared, it.whenHandedOver),
  "obs-3": (it) => has(it, "low", "high", "text"),
  "obs-6": (it) => lacks(it, "dataAbsentReason") || !hasChoice(it, "value"),
  "obs-7": (it) => {
    const components = it.component;
    if (!Array.isArray(components) || !hasChoice(it, "value")) return true;
    const own = new Set(isObject(it.code) ? objectsOf(it.code.coding).map(sameCoding) : []);
    return objectsOf(components).every(
      ({ code }) =>
        !isObject(code) || objectsOf(code.coding).every((coding) => !own.has(sameCoding(coding))),
    );
  },
  "org-1": (it) => count(it.identifier) + count(it.name) > 0,
  "org-2": (it) => it.use !== "home",
  "org-3": (it) => it.use !== "home",
  "pat-1": (it) => has(it, "name", "telecom", "address", "organization"),
  "prr-1": (it) => lacks(it, "orderDetail") || has(it, "code"),
  "qrs-1": (it) => lacks(it, "answer") || lacks(it, "item"),
  "que-1": (it) =>
    (it.type !== "group" || has(it, "item")) && (it.type !== "display" || lacks(it, "item")),
  "que-2": (it) => isDistinct(linkIdsOf(it)),
  "que-3": (it) => it.type !== "display" || lacks(it, "code"),
  "que-4": (it) => lacks(it, "answerOption") || lacks(it, "answerValueSet"),
  "que-5": (it) => limited(it) || (lacks(it, "answerValueSet") && lacks(it, "answerOption")),
  "que-6": (it) => it.type !== "display" || (lacks(it, "required") && lacks(it, "repeats")),
  "que-7": (it) => it.operator !== "exists" || has(it, "answerBoolean"),
  "que-8": (it) => (it.type !== "group" && it.type !== "display") || lacks(it, "initial"),
  "que-9": (it) => it.type !== "display" || lacks(it, "readOnly"),
  "que-10": (it) => measurable(it) || lacks(it, "maxLength"),
  "que-11": (it) => lacks(it, "answerOption") || lacks(it, "initial"),
  "que-12": (it) => count(it.enableWhen) <= 2 || has(it, "enableBehavior"),
  "que-13": (it) => it.repeats === true || count(it.initial) <= 1,
  "drq-1": (it) => has(it, "path") !== has(it, "searchParam"),
  "drq-2": (it) => has(it, "path") !== has(it, "searchParam"),
  "eld-1": (it) => has(it, "discriminator", "description"),
  "eld-2": ({ min, max }) =>
    typeof min !== "number" || typeof max !== "string" || !/^\d+$/.test(max) || min <= Number(max),
  "eld-4": (it) => lacks(it, "aggregation") || isPointer(it),
  "eld-5": (it) =>
    lacks(it, "contentReference") ||
    (lacks(it, "type") &&
      lacks(it, "maxLength") &&
      lacks(it, "binding") &&
      lacks(it, "example") &&
      ["defaultValue", "fixed", "pattern", "minValue", "maxValue"].every(
        (name) => !hasChoice(it, name),
      )),
  "eld-6": (it) => !hasChoice(it, "fixed") || count(it.type) <= 1,
  "eld-7": (it) => !hasChoice(it, "pattern") || count(it.type) <= 1,
  "eld-8": (it) => !hasChoice(it, "pattern") || !hasChoice(it, "fixed"),
  // As written (`exists()` on a list of truth values) it never fails.
  "eld-11": () => true,
  "eld-12": ({ valueSet }) => typeof valueSet !== "string" || /^(http:|https|urn:)/.test(valueSet),
  "eld-13": (it) => isDistinct(definedOf(it.type, "code")),
  "eld-14": (it) => isDistinct(definedOf(it.constraint, "key")),
  "eld-15": (it) => !hasChoice(it, "defaultValue") || lacks(it, "meaningWhenMissing"),
  "eld-16": ({ sliceName }) =>
    typeof sliceName !== "string" || /^[a-zA-Z0-9/\-_[\]@]+$/.test(sliceName),
  "eld-17": (it) => isPointer(it) || lacks(it, "targetProfile"),
  "eld-18": (it) => it.isModifier !== true || has(it, "isModifierReason"),
  "eld-19": ({ path }) => typeof path !== "string" || ELEMENT_PATH.test(path),
  "eld-20": ({ path }) =>
    typeof path !== "string" || /[A-Za-z][A-Za-z0-9]*(\.[a-z][A-Za-z0-9]*(\[x])?)*/.test(path),
  "eld-21": (it) => has(it, "expression"),
  "eld-22": (it) => lacks(it, "sliceIsConstraining") || has(it, "sliceName"),
  "sdf-3": (it) =>
    objectsOf(it.element).every(
      (one) => has(one, "definition") && has(one, "min") && has(one, "max"),
    ),
  "sdf-8": (it, { resource }) => {
    const [first, ...tail] = pathsOf(it);
    return (
      (resource?.kind === "logical" || first === resource?.type) &&
      tail.every((path) => path.startsWith(`${first}.`))
    );
  },
  "sdf-8a": (it, { resource }) => {
    const [first = "", ...tail] = pathsOf(it);
    return (
      (resource?.kind === "logical" || first.startsWith(String(resource?.type))) &&
      tail.every((path) => path.startsWith(`${first.replace(/\..*/, "")}.`))
    );
  },
  "sdf-8b": (it) => objectsOf(it.element).every((one) => has(one, "base")),
  "sdf-10": (it) => !isObject(it.binding) || has(it.binding, "valueSet", "description"),
  // whole.ts looks for codes that are given twice.
  "csd-1": () => true,
  "cmd-1": (it) => has(it, "comment") || !within("equivalence", ["narrower", "inexact"])(it),
  "cmd-2": (it) => it.mode !== "fixed" || has(it, "code"),
  "cmd-3": (it) => it.mode !== "other-map" || has(it, "url"),
  "vsd-1": (it) => has(it, "valueSet", "system"),
  "vsd-2": (it) => !has(it, "concept", "filter") || has(it, "system"),
  "vsd-3": (it) => lacks(it, "concept") || lacks(it, "filter"),
  "vsd-6": (it) => has(it, "code", "display"),
  "vsd-9": (it) => has(it, "code") || it.abstract === true,
  "vsd-10": (it) => lacks(it, "code") || has(it, "system"),
  "rqg-1": (it) => has(it, "resource") !== has(it, "action"),
  "Task:inv-1": (it) => !isAfter(it.authoredOn, it.lastModified),
  "Parameters.parameter:inv-1": (it) => {
    const kinds = [hasChoice(it, "value"), has(it, "resource"), has(it, "part")];
    return kinds.filter(Boolean).length === 1;
  },
};

const isPointer = within("code", ["Reference", "canonical"]);

/** Paths of the elements of a snapshot or differential. */
const pathsOf = (it: Json) =>
  objectsOf(it.element).map(({ path }) => (typeof path === "string" ? path : ""));

const definedOf = (list: unknown, name: string) =>
  objectsOf(list)
    .map((one) => one[name])
    .filter((one) => one !== undefined);

/** As eld-19 writes it, unanchored. */
const ELEMENT_PATH =
  /[^\s.,:;'"/|?!@#$%&*()[\]{}]{1,64}(\.[^\s.,:;'"/|?!@#$%&*()[\]{}]{1,64}(\[x\])?(:[^\s.]+)?)*/;

const sameCoding = (coding: Json) =>
  JSON.stringify([coding.system, coding.version, coding.code, coding.display, coding.userSelected]);

function linkIdsOf(it: Json): unknown[] {
  return objectsOf(it.item).flatMap((item) => [
    ...(item.linkId === undefined ? [] : [item.linkId]),
    ...linkIdsOf(item),
  ]);
}
