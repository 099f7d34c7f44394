/** Codes: required bindings, and codes of systems that HL7 publishes whole. */
import { codeSystem, type ValueSet, valueSet } from "../definitions/value-sets.ts";
import { isObject, type Json, objectsOf, type Run } from "./run.ts";

const MIME_TYPES = "http://hl7.org/fhir/ValueSet/mimetypes";
const LANGUAGES = "http://hl7.org/fhir/ValueSet/all-languages";
const CURRENCIES = "http://hl7.org/fhir/ValueSet/currencies";
/** Media types, and the short names of formats that FHIR takes in their place. */
const MIME_TYPE = /^(?:json|xml|ttl)$|^[A-Za-z0-9!#$&^_.+-]+\/[A-Za-z0-9!#$&^_.+*-]+(\s*;.*)?$/;
/** BCP 47 as far as its form goes: language, extended languages, script, region, variants, extensions. */
const LANGUAGE =
  /^(?:[A-Za-z]{2,3}(?:-[A-Za-z]{3}){0,3}|[A-Za-z]{4,8})(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|\d{3}))?(?:-(?:[A-Za-z0-9]{5,8}|\d[A-Za-z0-9]{3}))*(?:-[A-WYZa-wyz0-9](?:-[A-Za-z0-9]{2,8})+)*(?:-[xX](?:-[A-Za-z0-9]{1,8})+)?$|^[xXiI](?:-[A-Za-z0-9]{1,8})+$/;
/** ISO 4217 codes of accounting and of funds that Intl does not list. */
const MORE_CURRENCIES = [
  "XXX",
  "XTS",
  "XAU",
  "XAG",
  "XPT",
  "XPD",
  "XDR",
  "XBA",
  "XBB",
  "XBC",
  "XBD",
  "XSU",
  "XUA",
  "BOV",
  "CHE",
  "CHW",
  "CLF",
  "COU",
  "MXV",
  "USN",
  "UYI",
  "UYW",
];

let currencies: ReadonlySet<string> | undefined;

/** Languages and regions that ISO names; longer subtags are judged by their form. */
const languageNames = new Intl.DisplayNames("en", { type: "language", fallback: "none" });
const regionNames = new Intl.DisplayNames("en", { type: "region", fallback: "none" });

function isLanguage(code: string): boolean {
  if (!LANGUAGE.test(code)) return false;
  const [language = "", ...rest] = code.split("-");
  if (/^[xi]$/i.test(language)) return true;
  if (language.length > 3) return false;
  if (language.length === 2 && !languageNames.of(language)) return false;
  const region = rest.find((subtag, index) => /^[A-Za-z]{2}$/.test(subtag) && index < 2);
  return (
    !region || /^x$/i.test(rest[0] ?? "") || regionNames.of(region.toUpperCase()) !== undefined
  );
}

/** Value sets whose members have a form rather than a list. */
const FORMS: Readonly<Record<string, (code: string) => boolean>> = {
  [MIME_TYPES]: (code) => MIME_TYPE.test(code),
  [LANGUAGES]: isLanguage,
  [CURRENCIES]: (code) => {
    currencies ??= new Set([...Intl.supportedValuesOf("currency"), ...MORE_CURRENCIES]);
    return currencies.has(code);
  },
};

/** Says whether a code of an element of type code is in the value set. */
export function codeBinding(url: string): ((code: string) => boolean) | undefined {
  const form = FORMS[url];
  if (form) return form;
  const codes = valueSet(url)?.codes;
  return codes ? (code) => codes.has(code) : undefined;
}

/** Checks a Coding, CodeableConcept or Quantity against a required binding. */
export function checkBinding(type: string, url: string, value: unknown, run: Run): void {
  const set = valueSet(url);
  if (!set || !isObject(value)) return;
  if (type === "CodeableConcept") {
    const codings = objectsOf(value.coding);
    if (codings.length === 0) {
      // An extension may say why there is none.
      if (value.extension === undefined) {
        run.error("code-invalid", `needs a code of the value set ${url}`);
      }
    } else if (!codings.some((coding) => isIn(set, coding))) {
      run.error("code-invalid", `none of its codes is in the value set ${url}`);
    }
    return;
  }
  if (value.code === undefined && type === "Quantity") return;
  if (value.code === undefined && value.extension !== undefined) return;
  if (!isIn(set, value)) run.error("code-invalid", `is not in the value set ${url}`, "code");
}

function isIn(set: ValueSet, { system, code }: Json): boolean {
  if (typeof code !== "string" || typeof system !== "string") return false;
  const codes = set.systems.get(system);
  return codes === null || (codes?.has(code) ?? false);
}

const ABSOLUTE = /^[A-Za-z][A-Za-z0-9+.-]*:/;

/** Checks a Coding by itself: an absolute system, and a code which that system has. */
export function checkCoding({ system, code }: Json, run: Run): void {
  if (typeof system !== "string") return;
  if (!ABSOLUTE.test(system)) {
    run.error("value", "must be an absolute address", "system");
    return;
  }
  if (system.startsWith("http://hl7.org/fhir/ValueSet/")) {
    run.error("value", "names a value set in place of a code system", "system");
    return;
  }
  if (typeof code === "string") checkCodeOf(system, code, run);
}

/** Checks that a system has a code, as far as it is known here. */
export function checkCodeOf(system: string, code: string, run: Run): void {
  const isKnown = system === LOINC ? isLoinc(code) : (codeSystem(system)?.has(code) ?? true);
  if (isKnown) return;
  run.error("code-invalid", `${printable(code)} is not a code of ${system}`, "code");
}

const LOINC = "http://loinc.org";
const LOINC_TERM = /^(\d{1,7})-(\d)$/;

/** LOINC's terms end in a check digit (Luhn, modulus 10); its parts and answers are left alone. */
function isLoinc(code: string): boolean {
  if (/^L[A-Z]/.test(code)) return true;
  const [, digits, check] = LOINC_TERM.exec(code) ?? [];
  if (!digits) return false;
  let sum = 0;
  for (let at = 0; at < digits.length; at += 1) {
    const digit = Number(digits[digits.length - 1 - at]) * (at % 2 === 0 ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return (10 - (sum % 10)) % 10 === Number(check);
}

/** Codes are quoted as far as they look like codes; anything else might be somebody's data. */
export const printable = (code: string) => (/^[\w.:+%/-]{1,64}$/.test(code) ? code : "the value");
