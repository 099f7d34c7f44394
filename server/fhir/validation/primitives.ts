/**
 * R4's primitive types in JSON: form and limits. Regular expressions are those of the definitions,
 * tightened where the text of https://hl7.org/fhir/R4/datatypes.html says more than they do.
 */

/** @returns what is wrong with the value, or undefined */
export type PrimitiveCheck = (value: unknown) => string | undefined;

const STRING_MAX = 1_048_576;
const INTEGER_MAX = 2_147_483_647;

// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/;
const NOT_SPACE = /\S/;
const CODE = /^[^\s]+(\s[^\s]+)*$/;
const ID = /^[A-Za-z0-9\-.]{1,64}$/;
const SPACE = /\s/;
const OID = /^urn:oid:[0-2](\.(0|[1-9][0-9]*))+$/;
const UUID = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const UUID_ANY_CASE = new RegExp(UUID.source, "i");
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const DATE = /^(\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?)?$/;
const TIME_PART = "(?:[01]\\d|2[0-3]):[0-5]\\d:(?:[0-5]\\d|60)(?:\\.\\d+)?";
const ZONE = "(?:Z|[+-](?:(?:0\\d|1[0-3]):[0-5]\\d|14:00))";
const TIME = new RegExp(`^${TIME_PART}$`);
const INSTANT = new RegExp(`^(\\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])T${TIME_PART}${ZONE}$`);
const DATE_TIME = new RegExp(
  `^(\\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\\d|3[01])(?:T${TIME_PART}${ZONE})?)?)?$`,
);
const TIME_WITHOUT_ZONE = new RegExp(`^\\d{4}-\\d{2}-\\d{2}T${TIME_PART}$`);

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const string: PrimitiveCheck = (value) => {
  if (typeof value !== "string") return `must be a string, not ${jsonType(value)}`;
  if (!NOT_SPACE.test(value)) return "must not be empty or only white space";
  if (value.length > STRING_MAX) return "is longer than 1 MB";
  return textProblem(value);
};

/** What no database and no page could keep or show. */
export function textProblem(value: string): string | undefined {
  if (CONTROL.test(value)) return "contains a control character";
  return value.isWellFormed() ? undefined : "holds half of a surrogate pair";
}

/** A string of the given form. */
const formed =
  (form: RegExp, description: string): PrimitiveCheck =>
  (value) => {
    if (typeof value !== "string") return `must be a string, not ${jsonType(value)}`;
    return form.test(value) ? undefined : description;
  };

const calendar =
  (form: RegExp, description: string): PrimitiveCheck =>
  (value) => {
    if (typeof value !== "string") return `must be a string, not ${jsonType(value)}`;
    const match = form.exec(value);
    if (!match) {
      return TIME_WITHOUT_ZONE.test(value)
        ? "has a time of day and therefore needs a time zone"
        : description;
    }
    const year = Number(match[1]);
    if (year === 0) return "has the year 0000";
    if (match[3] === undefined) return undefined;
    const day = Number(match[3]);
    if (day <= 28) return undefined;
    const month = Number(match[2]);
    return day <= daysIn(year, month) ? undefined : "names a day that the calendar does not have";
  };

function daysIn(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && isLeap ? 29 : (DAYS[month - 1] ?? 31);
}

const whole =
  (min: number, kind: string): PrimitiveCheck =>
  (value) => {
    if (typeof value !== "number") return `must be a number, not ${jsonType(value)}`;
    if (!Number.isInteger(value)) return "must be a whole number";
    return value >= min && value <= INTEGER_MAX ? undefined : `is not a ${kind}`;
  };

const uri: PrimitiveCheck = (value) => {
  if (typeof value !== "string") return `must be a string, not ${jsonType(value)}`;
  if (value === "") return "must not be empty";
  if (SPACE.test(value)) return "must not contain white space";
  const problem = textProblem(value);
  if (problem) return problem;
  // "u" or "o": the forms that are looked at closer are rare.
  const first = value.charCodeAt(0);
  if (first !== 117 && first !== 111) return undefined;
  if (/^(oid|uuid):/.test(value)) return "must begin with urn:oid: or urn:uuid:";
  if (value.startsWith("urn:uuid:") && !UUID_ANY_CASE.test(value)) return "is not a valid UUID";
  if (value.startsWith("urn:oid:") && !OID.test(value)) return "is not a valid OID";
  return undefined;
};

const base64Binary: PrimitiveCheck = (value) => {
  if (typeof value !== "string") return `must be a string, not ${jsonType(value)}`;
  const data = SPACE.test(value) ? value.replace(/\s+/g, "") : value;
  if (data === "") return "must not be empty";
  return data.length % 4 === 0 && BASE64.test(data) ? undefined : "is not base64";
};

/** Every primitive type but xhtml, by name. */
export const primitives: Readonly<Record<string, PrimitiveCheck>> = {
  boolean: (value) =>
    typeof value === "boolean" ? undefined : `must be true or false, not ${jsonType(value)}`,
  string,
  markdown: string,
  code: (value) =>
    string(value) ??
    (CODE.test(value as string)
      ? undefined
      : "has white space at its ends or more than one blank in a row"),
  id: formed(ID, "must be 1 to 64 of the characters A-Z, a-z, 0-9, - and ."),
  oid: formed(OID, "is not an OID of the form urn:oid:1.2.3"),
  uuid: formed(UUID, "is not a UUID of the form urn:uuid: with lower-case digits"),
  uri,
  url: uri,
  canonical: uri,
  base64Binary,
  date: calendar(DATE, "is not a date of the form YYYY, YYYY-MM or YYYY-MM-DD"),
  dateTime: calendar(
    DATE_TIME,
    "is not a date with or without a time of the form YYYY-MM-DDThh:mm:ss+zz:zz",
  ),
  instant: calendar(INSTANT, "is not an instant of the form YYYY-MM-DDThh:mm:ss.sss+zz:zz"),
  time: formed(TIME, "is not a time of the form hh:mm:ss"),
  decimal: (value) => {
    if (typeof value !== "number") return `must be a number, not ${jsonType(value)}`;
    return Number.isFinite(value) ? undefined : "is too large a number";
  },
  integer: whole(-INTEGER_MAX - 1, "number of 32 bits"),
  unsignedInt: whole(0, "number of at least 0"),
  positiveInt: whole(1, "number of at least 1"),
};

/** A value's JSON type in words. */
export function jsonType(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
