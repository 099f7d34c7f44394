import type { Translate } from "../i18n/i18n.ts";

/** The starter's units as words; a hospital's own unit stands as it was imported. */
const units = {
  片: "tablet",
  粒: "capsule",
  支: "piece",
  袋: "sachet",
  吸: "inhalation",
  喷: "spray",
  揿: "puff",
  瓶: "bottle",
} as const;
const isKnown = (unit: string): unit is keyof typeof units => Object.hasOwn(units, unit);

export const unitOf = (unit: string, t: Translate): string =>
  isKnown(unit) ? t(`prescription.unit.${units[unit]}`) : unit;
