/** Rules of prescriptions. Pure. */
import type { PrescriptionLimits } from "./limits.ts";

export {
  check,
  openWarnings,
  type PrescriptionChannel,
  type PrescriptionKind,
  prescriptionChannels,
  prescriptionKinds,
  type Setting,
} from "./checks.ts";
export { suggestDose } from "./dose.ts";
export { defaultLimits } from "./limits.ts";
export { type Frequency, frequencyCodes, type Line, packsFor } from "./line.ts";
export { egfrOf, type PatientFacts } from "./patient-facts.ts";
export * from "./states.ts";
export type { Warning } from "./warning.ts";

/** What a prescription belongs to. */
export const encounterKinds = ["appointment", "consult", "fever-visit", "video-visit"] as const;
export type EncounterKind = (typeof encounterKinds)[number];

/** Why a pharmacist returns it. Source: 医疗机构处方审核规范 (recalled). */
export const returnReasons = [
  "dose",
  "interaction",
  "allergy",
  "contraindication",
  "duplicate",
  "diagnosis",
  "quantity",
  "not-in-stock",
  "signature",
  "other",
] as const;
export type ReturnReason = (typeof returnReasons)[number];

export const handOverMethods = ["pick-up", "delivery"] as const;
export type HandOverMethod = (typeof handOverMethods)[number];
export const deliveryStates = ["preparing", "on-its-way", "delivered", "refused"] as const;
export type DeliveryState = (typeof deliveryStates)[number];
export const deliverySteps: Readonly<Record<DeliveryState, readonly DeliveryState[]>> = {
  preparing: ["on-its-way"],
  "on-its-way": ["delivered", "refused"],
  delivered: [],
  refused: [],
};

const dayMs = 86_400_000;
/** China has had one time without summer time since 1991. */
const chinaOffsetMs = 8 * 3_600_000;

/**
 * Until when a signed prescription may be filled: the end of the local day it was signed on, or of one up to two days
 * later when the doctor says so. Source: 处方管理办法; domain.md.
 */
export function validUntil(signedAt: Date, days: number, limits: PrescriptionLimits): Date {
  const whole = Math.min(Math.max(Math.trunc(days), 1), limits.validDaysMost);
  const localMidnight =
    Math.floor((signedAt.getTime() + chinaOffsetMs) / dayMs) * dayMs - chinaOffsetMs;
  return new Date(localMidnight + whole * dayMs);
}

/** When a pharmacist is reminded that somebody waits. */
export const reviewDueAt = (signedAt: Date, limits: PrescriptionLimits): Date =>
  new Date(signedAt.getTime() + limits.reviewMinutes * 60_000);

/** A revoked key that was only replaced by its owner's next one speaks for nobody else. */
export const keySpeaksAgainst = (key: { revokedAt: Date | null; revokedReason?: string | null }) =>
  key.revokedAt !== null && key.revokedReason !== "replaced";

/** Digits of a code for collection: said by telephone, typed by anybody. */
export const collectionCodeLength = 8;
