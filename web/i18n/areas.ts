/** Languages that the product is complete in. Chinese is the source. */
export const languages = ["zh-CN", "bo", "en"] as const;
export type Language = (typeof languages)[number];

/** Which message groups (the part of an id before the first dot) each page carries. */
export const areas = {
  patient: ["common", "patient"],
  workbench: ["common", "state", "consult", "workbench"],
  room: ["common", "state", "consult", "room"],
  check: ["common", "check"],
  /** Names of demo people and what they do; fetched only where they are listed. */
  demo: ["demo"],
  story: ["common", "story"],
} as const;
export type Area = keyof typeof areas;
