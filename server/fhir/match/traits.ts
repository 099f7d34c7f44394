/** What of a Patient is compared with others. Pure. */
import { normaliseText } from "../search/normal-text.ts";
import type { FhirResource } from "../store/resource.ts";
import type { Traits } from "./domain.ts";

type Name = { use?: unknown; text?: unknown; family?: unknown; given?: unknown };
type Telecom = { system?: unknown; value?: unknown };
type Identifier = { use?: unknown; system?: unknown; value?: unknown };

/** So many of each are looked at: a resource with thousands of names is no person. */
const partsMax = 20;
const list = <Item>(value: unknown): readonly Item[] =>
  Array.isArray(value) ? (value.slice(0, partsMax) as Item[]) : [];
const textOf = (value: unknown): string => (typeof value === "string" ? value.trim() : "");
const squeezed = (text: string): string => normaliseText(text).replaceAll(/[\s·•・་,.'’-]/gu, "");

export function traitsOf(patient: FhirResource): Traits {
  const names = list<Name>(patient.name).filter((name) => name?.use !== "old");
  const whole = names.flatMap(formsOf).map(squeezed);
  const gender = textOf(patient.gender);
  return {
    identifiers: list<Identifier>(patient.identifier).flatMap((one) => {
      const [system, value] = [textOf(one?.system), textOf(one?.value)];
      // Without a system a number says nothing; an old one may be somebody else's by now.
      return system && value && one.use !== "old" ? [{ system, value: value.toLowerCase() }] : [];
    }),
    names: [...new Set(whole)].filter((name) => name !== ""),
    isSingleName: !names.some((name) => textOf(name.family) !== "" && list(name.given).length > 0),
    birthDate: /^\d{4}(-\d{2}(-\d{2})?)?$/.test(textOf(patient.birthDate))
      ? textOf(patient.birthDate)
      : null,
    gender: gender === "" || gender === "unknown" ? null : gender,
    phones: [
      ...new Set(
        list<Telecom>(patient.telecom).flatMap((one) =>
          one?.system === "phone" || one?.system === "sms" ? phoneOf(textOf(one.value)) : [],
        ),
      ),
    ],
  };
}

/** Digits, without +86: the shortest Chinese numbers have seven. */
function phoneOf(value: string): string[] {
  const digits = value.replaceAll(/\D/g, "").replace(/^(00)?86(?=1\d{10}$)/, "");
  return digits.length >= 7 ? [digits] : [];
}

function formsOf(name: Name): string[] {
  const family = textOf(name.family);
  const given = list<unknown>(name.given).map(textOf).join("");
  return [textOf(name.text), ...(family || given ? [family + given, given + family] : [])];
}

/** How a name stands in the index: as written, and family and given name without a space. */
export function indexedNamesOf(patient: FhirResource): string[] {
  const forms = list<Name>(patient.name).flatMap((name) => [
    textOf(name?.text),
    textOf(name?.family) + list<unknown>(name?.given).map(textOf).join(""),
    textOf(name?.family),
    ...list<unknown>(name?.given).map(textOf),
  ]);
  return [...new Set(forms.map(normaliseText))].filter((one) => one !== "").slice(0, partsMax * 2);
}

/** Phones as somebody may have written them, for the index. */
export function indexedPhonesOf(patient: FhirResource): string[] {
  const written = list<Telecom>(patient.telecom).map((one) => textOf(one?.value));
  const digits = traitsOf(patient).phones;
  return [
    ...new Set([...written, ...digits, ...digits.flatMap((one) => [`+86${one}`, `+86 ${one}`])]),
  ].filter((one) => one !== "");
}
