/** Languages that the product is complete in. Chinese is the source. */
export const languages = ["zh-CN", "bo", "en"] as const;
export type Language = (typeof languages)[number];

/** Which message groups (the first parts of an id) each page carries. */
export const areas = {
  /** What the phone needs before its home can be used; the other pages bring their own. */
  patient: [
    "common",
    "patient.pageTitle",
    "patient.tab",
    "patient.offline",
    "patient.readToMe",
    "patient.greeting",
    "patient.home",
    "patient.next",
    "patient.state",
    "patient.elder",
  ],
  patientPages: [
    "patient.records",
    "patient.opinion",
    "patient.access",
    "patient.me",
    "patient.signIn",
    "devices",
  ],
  workbench: ["common", "state", "consult", "devices", "workbench"],
  /** Critical values and reports: fetched with their page. */
  reporting: ["reporting"],
  room: ["common", "state", "consult", "room"],
  check: ["common", "check"],
  /** Names of demo people and what they do; fetched only where they are listed. */
  demo: ["demo"],
  story: ["common", "story"],
} as const;
export type Area = keyof typeof areas;
