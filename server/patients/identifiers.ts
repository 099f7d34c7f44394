/**
 * Identifiers of people and institutions in mainland China: check, parse, mask.
 *
 * Pure functions over text. Every check answers with a coded problem instead of
 * a boolean, so that a form can say what is wrong rather than "invalid".
 */

export const sexes = ["male", "female"] as const;
export type Sex = (typeof sexes)[number];

export type Checked<Value, Problem extends string> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problem: Problem };

export const residentIdProblems = ["length", "characters", "date", "checksum"] as const;
export type ResidentIdProblem = (typeof residentIdProblems)[number];

export interface ResidentId {
  /** 18 characters, upper-case X. */
  readonly number: string;
  /** First six digits; never looked up, because retired areas stay valid for life. */
  readonly areaCode: string;
  /** Calendar date `YYYY-MM-DD`, no zone. */
  readonly birthDate: string;
  readonly sex: Sex;
}

export const creditCodeProblems = ["length", "characters", "checksum"] as const;
export type CreditCodeProblem = (typeof creditCodeProblems)[number];

export const phoneProblems = ["characters", "length", "prefix"] as const;
export type PhoneProblem = (typeof phoneProblems)[number];

export interface Phone {
  readonly kind: "mobile" | "landline";
  /** Digits as dialled inside the country: `13812345678`, `08928221234`. */
  readonly national: string;
  /** `+86…` form for SMS gateways and FHIR. */
  readonly e164: string;
  /** Landline extension, digits only. */
  readonly extension?: string;
}

// GB 11643-1999, ISO 7064 MOD 11-2.
const RESIDENT_ID_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2] as const;
const RESIDENT_ID_CHECKS = "10X98765432";
/** Nobody registered since 1984 was born earlier; guards against a mistyped century. */
const EARLIEST_BIRTH_YEAR = 1850;

// GB 32100-2015: 0-9 and A-Z without I, O, S, V, Z.
const CREDIT_CODE_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY";

/** Full-width digits and letters come from Chinese input methods; spaces from copying. */
function tidy(text: string): string {
  return text
    .normalize("NFKC")
    .replace(/[\s\u200b-\u200f\ufeff]/gu, "")
    .toUpperCase();
}

/** True for a date `YYYY-MM-DD` that exists in the Gregorian calendar. */
export function isCalendarDate(date: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date);
  if (!match) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const instant = new Date(Date.UTC(year, month - 1, day));
  return year >= 1000 && instant.getUTCMonth() === month - 1 && instant.getUTCDate() === day;
}

/** Check character for the first 17 digits of a resident ID (GB 11643-1999). */
export function residentIdCheckCharacter(first17: string): string {
  let sum = 0;
  RESIDENT_ID_WEIGHTS.forEach((weight, index) => {
    sum += weight * Number(first17[index]);
  });
  return RESIDENT_ID_CHECKS.charAt(sum % 11);
}

/**
 * Parses an 18-character resident ID (GB 11643-1999).
 *
 * The area code is not compared with a list: codes of abolished counties stay
 * on their holders' cards. 15-digit numbers ended on 2013-01-01 and are refused
 * as `length`. Problems are reported in the order length, characters, date,
 * checksum.
 *
 * @param today calendar date `YYYY-MM-DD`; when given, a later birth date is a `date` problem.
 */
export function parseResidentId(
  text: string,
  today?: string,
): Checked<ResidentId, ResidentIdProblem> {
  const number = tidy(text);
  if (number.length !== 18) return { ok: false, problem: "length" };
  if (!/^\d{17}[\dX]$/.test(number)) return { ok: false, problem: "characters" };
  const birthDate = `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`;
  const plausible = isCalendarDate(birthDate) && Number(number.slice(6, 10)) >= EARLIEST_BIRTH_YEAR;
  if (!plausible || (today !== undefined && birthDate > today)) {
    return { ok: false, problem: "date" };
  }
  if (residentIdCheckCharacter(number) !== number.charAt(17)) {
    return { ok: false, problem: "checksum" };
  }
  const sex: Sex = Number(number.charAt(16)) % 2 === 1 ? "male" : "female";
  return { ok: true, value: { number, areaCode: number.slice(0, 6), birthDate, sex } };
}

/** Check character for the first 17 characters of a unified social credit code (GB 32100-2015). */
export function creditCodeCheckCharacter(first17: string): string {
  let sum = 0;
  let weight = 1;
  for (const character of first17.slice(0, 17)) {
    sum += CREDIT_CODE_ALPHABET.indexOf(character) * weight;
    weight = (weight * 3) % 31;
  }
  return CREDIT_CODE_ALPHABET.charAt((31 - (sum % 31)) % 31);
}

/** Checks an institution's unified social credit code; the value is tidied and upper-case. */
export function parseCreditCode(text: string): Checked<string, CreditCodeProblem> {
  const code = tidy(text);
  if (code.length !== 18) return { ok: false, problem: "length" };
  if ([...code].some((character) => !CREDIT_CODE_ALPHABET.includes(character))) {
    return { ok: false, problem: "characters" };
  }
  if (creditCodeCheckCharacter(code) !== code.charAt(17)) {
    return { ok: false, problem: "checksum" };
  }
  return { ok: true, value: code };
}

/**
 * Checks a mainland mobile or landline number.
 *
 * A patient may have no phone of their own: a relative's or a village's landline
 * is as good. A landline needs its area code (010, 02x, 03xx–09xx), because the
 * two ends of a consult live in different areas. `+86` and separators are taken off.
 */
export function parsePhone(text: string): Checked<Phone, PhoneProblem> {
  const compact = text
    .normalize("NFKC")
    .replace(/[\s\u200b-\u200f\ufeff()]/gu, "")
    .replace(/[‐-―−]/gu, "-");
  const match = /^(?:\+86|0086)?-?([\d-]+?)(?:(?:转|[xX]|ext\.?|#)(\d{1,6}))?$/u.exec(compact);
  if (!match?.[1]) return { ok: false, problem: "characters" };
  const digits = match[1].replaceAll("-", "");
  const extension = match[2];
  if (digits.startsWith("1")) {
    if (digits.length !== 11) return { ok: false, problem: "length" };
    if (!/^1[3-9]/.test(digits)) return { ok: false, problem: "prefix" };
    if (extension !== undefined) return { ok: false, problem: "characters" };
    return { ok: true, value: { kind: "mobile", national: digits, e164: `+86${digits}` } };
  }
  // Behind +86 the trunk zero is usually left out.
  const national = digits.startsWith("0") || match[0].startsWith(match[1]) ? digits : `0${digits}`;
  const areaLength = landlineAreaLength(national);
  if (areaLength === 0) return { ok: false, problem: "prefix" };
  const local = national.slice(areaLength);
  if (local.length < 7 || local.length > 8) return { ok: false, problem: "length" };
  if (/^[01]/.test(local)) return { ok: false, problem: "prefix" };
  const base = { kind: "landline", national, e164: `+86${national.slice(1)}` } as const;
  return { ok: true, value: extension === undefined ? base : { ...base, extension } };
}

/** 3 for 010 and 02x, 4 for 03xx–09xx, 0 when it is no area code. */
function landlineAreaLength(national: string): number {
  if (/^0(?:10|2\d)/.test(national)) return 3;
  return /^0[3-9]\d{2}/.test(national) ? 4 : 0;
}

/**
 * Phone for a screen: `138****5678`; a landline keeps its area code and last two
 * digits (a seven-digit number with four shown would hide only three).
 * Text that is no phone is hidden completely.
 */
export function maskPhone(text: string): string {
  const parsed = parsePhone(text);
  if (!parsed.ok) return "****";
  const { kind, national } = parsed.value;
  if (kind === "mobile") return `${national.slice(0, 3)}****${national.slice(-4)}`;
  return `${national.slice(0, landlineAreaLength(national))}-****${national.slice(-2)}`;
}

/** Identity number for staff and the patient: first 3 and last 4, `110***********002X`. */
export function maskIdentityNumber(text: string): string {
  return maskMiddle(tidy(text), 3, 4);
}

/** Identity number for public screens: first 1 and last 1, `1****************X`. */
export function maskIdentityNumberPublic(text: string): string {
  return maskMiddle(tidy(text), 1, 1);
}

/** Too short a text shows nothing, so that a mask never reveals more than half. */
function maskMiddle(text: string, first: number, last: number): string {
  const hidden = text.length - first - last;
  if (hidden < first + last) return "*".repeat(Math.max(text.length, 4));
  return text.slice(0, first) + "*".repeat(hidden) + text.slice(-last);
}

export interface Age {
  /** Completed years. */
  readonly years: number;
  /** Completed months beyond the years, 0–11. */
  readonly months: number;
  /** Days since birth. */
  readonly totalDays: number;
}

/**
 * Age on a calendar day; both dates `YYYY-MM-DD` in the same calendar, no zone.
 * A child born on 29 February completes the year on 1 March of a common year.
 *
 * @returns undefined when a date does not exist or the birth lies after `on`.
 */
export function ageOn(birthDate: string, on: string): Age | undefined {
  if (!isCalendarDate(birthDate) || !isCalendarDate(on) || birthDate > on) return undefined;
  const [year, month, day] = birthDate.split("-").map(Number) as [number, number, number];
  const [onYear, onMonth, onDay] = on.split("-").map(Number) as [number, number, number];
  const months = (onYear - year) * 12 + (onMonth - month) - (onDay < day ? 1 : 0);
  const totalDays =
    (Date.UTC(onYear, onMonth - 1, onDay) - Date.UTC(year, month - 1, day)) / 86_400_000;
  return { years: Math.floor(months / 12), months: months % 12, totalDays };
}
