/** Signed cards, how long a result counts, and who is given a paper code. Pure. */

/**
 * What a card may say of one person. An indeterminate pool and a recall are no result: there is no card
 * before the single test (domain.md, Nucleic-acid testing).
 */
export const cardResults = ["negative", "positive"] as const;
export type CardResult = (typeof cardResults)[number];

/** Windows that venues ask for, hours. */
export const validityWindowsHours = [24, 48, 72] as const;
export type ValidityHours = (typeof validityWindowsHours)[number];

/** From a day on: how long a negative result counts, and how long a paper code. */
export type CardPolicy = {
  /** `YYYY-MM-DD` */
  validFrom: string;
  validityHours: number;
  paperCodeDays: number;
};

/** Used where no row was entered yet. 180 days: rules for the paper code of 2022 (recalled). */
export const defaultCardPolicy: CardPolicy = {
  validFrom: "2020-01-01",
  validityHours: 48,
  paperCodeDays: 180,
};

/** The policy of a local day: the newest row that has begun. */
export function policyOn(policies: readonly CardPolicy[], day: string): CardPolicy {
  return (
    policies
      .filter((one) => one.validFrom <= day)
      .sort((left, right) => (left.validFrom < right.validFrom ? 1 : -1))[0] ?? defaultCardPolicy
  );
}

const hourMilliseconds = 3_600_000;
const dayMilliseconds = 24 * hourMilliseconds;
const minuteMilliseconds = 60_000;

/** Until when a result counts: hours from **sampling**, never from the report. */
export function validUntil(sampledAt: Date, hours: number): Date {
  return new Date(sampledAt.getTime() + hours * hourMilliseconds);
}

/** Until when a paper code counts; to the minute, because the code itself carries minutes. */
export function paperCodeUntil(issuedAt: Date, days: number): Date {
  const minute = Math.floor(issuedAt.getTime() / minuteMilliseconds) * minuteMilliseconds;
  return new Date(minute + days * dayMilliseconds);
}

export const paperCodeReasons = ["under-18", "60-and-over", "disabled", "override"] as const;
export type PaperCodeReason = (typeof paperCodeReasons)[number];
const adultAge = 18;
const elderAge = 60;

/**
 * Why a person is given a paper code: under 18, 60 and over, disabled (declared); staff may give one to
 * others too, with a reason in writing. The first that fits is kept.
 * @returns null when none fits
 */
export function paperCodeReason(facts: {
  /** null when the birth date is not known */
  ageYears: number | null;
  disabled: boolean;
  overrideReason: string | null;
}): PaperCodeReason | null {
  const { ageYears } = facts;
  if (ageYears !== null && ageYears < adultAge) return "under-18";
  if (ageYears !== null && ageYears >= elderAge) return "60-and-over";
  if (facts.disabled) return "disabled";
  return facts.overrideReason ? "override" : null;
}

/** What may become of a paper code; a revoked one stays revoked. */
export const paperCodeStates = ["valid", "revoked", "expired"] as const;
export type PaperCodeState = (typeof paperCodeStates)[number];

/** Revoked says more than expired: somebody took it back. */
export function paperCodeState(
  code: { revokedAt: Date | null; expiresAt: Date },
  now: Date,
): PaperCodeState {
  if (code.revokedAt) return "revoked";
  return now >= code.expiresAt ? "expired" : "valid";
}

export const paperRevocations = ["reissued", "lost", "withdrawn", "mistake"] as const;
export type PaperRevocation = (typeof paperRevocations)[number];

/** A signing key is renewed after this long; old cards keep their key's public half. */
export const cardKeyDays = 365;
export function isKeyDue(activeFrom: Date, now: Date): boolean {
  return now.getTime() - activeFrom.getTime() >= cardKeyDays * dayMilliseconds;
}
