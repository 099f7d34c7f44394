/** Languages that the product is complete in. Chinese is the source. */
export const languages = ["zh-CN", "bo", "en"] as const;
export type Language = (typeof languages)[number];

/** Which message groups (the first parts of an id) each page carries. */
export const areas = {
  /** What the phone needs before its home can be used; the other pages bring their own. */
  patient: [
    "common.brand",
    "common.skip",
    "common.loading",
    "common.retry",
    "common.listSeparator",
    "common.language",
    "common.elder",
    "common.offline",
    "common.error",
    "common.day",
    "common.weekday",
    "patient.pageTitle",
    "patient.tab",
    "patient.offline",
    "patient.greeting",
    "patient.home",
    "patient.next",
    "patient.state",
  ],
  patientPages: [
    "common",
    "patient.readToMe",
    "patient.records",
    "patient.opinion",
    "patient.access",
    "patient.me",
    "patient.signIn",
    "devices",
    "apps.list",
    "apps.group",
    "apps.readsAndWrites",
    "apps.writesOnly",
  ],
  /** Booking, home's card of the next visit, the elders' home. */
  patientBooking: ["common", "patient.readToMe", "patient.elder", "patient.booking"],
  workbench: [
    "common",
    "state",
    "consult",
    "devices",
    "apps.list",
    "apps.group",
    "apps.readsAndWrites",
    "apps.writesOnly",
    "workbench",
  ],
  /** The page on which a person lets an app see records. */
  apps: ["common", "apps"],
  /** Video visits: of the workbench, and on the phone. */
  visit: ["visit"],
  patientVisit: ["common", "patient.readToMe", "patient.visit"],
  /** Prescriptions of the workbench: fetched with their page. */
  prescription: ["prescription"],
  /** The cashier's pages; one's own bills on the phone: fetched with their pages. */
  billing: ["billing"],
  patientBills: ["common", "patient.readToMe", "patient.bills"],
  /** Clinic schedules: fetched with their page. */
  schedules: ["schedules"],
  /** Critical values and reports: fetched with their page. */
  reporting: ["reporting"],
  /** Referrals and follow-ups of the workbench: fetched with their pages. */
  referral: ["referral"],
  /** One's own record and medicines on the phone, and who sees it: fetched with its page. */
  patientRecord: [
    "common",
    "patient.readToMe",
    "own",
    "patient.medicines",
    "prescription.line",
    "prescription.frequency",
  ],
  /** The road of a referral on the phone, and home's card of it: fetched with the first one. */
  patientRoad: ["common", "patient.readToMe", "patient.road"],
  /** The loop board, and the clocks of a house: fetched with their pages. */
  loops: ["loops"],
  /** What was told, and what is held: fetched with its page. */
  notices: ["notices"],
  referralClocks: ["referralClocks"],
  /** The federated record: fetched with the first one. */
  record: ["record"],
  /** Fever: the questionnaire of the phone, and the desk of a fever clinic. */
  patientFever: ["patient.fever", "fever.reason"],
  fever: ["fever", "patient.fever.region"],
  /** The clinic's queue: fetched with its page. */
  clinic: ["clinic", "hotline.preference", "feverBlock"],
  /** Test results, their cards and paper codes on the phone: fetched with their page. */
  patientResults: ["common", "patient.readToMe", "patient.results", "paperCard"],
  /** Issuing paper codes: fetched with its page. */
  paperDesk: ["paperDesk", "paperCard"],
  /** How long results and paper codes count: fetched with its page. */
  cardPolicy: ["cardPolicy"],
  /** The page that checks cards: small, its own. */
  verifier: [
    "common.brand",
    "common.loading",
    "common.retry",
    "common.language",
    "common.day",
    "common.weekday",
    "common.error",
    "common.scan",
    "verifier",
  ],
  /** What it says of paper codes: fetched with the first one. */
  verifierPaper: ["verifierPaper"],
  /** The hotline, calls to make, helpers: fetched with their pages. */
  hotline: ["hotline", "feverBlock"],
  /** Names in each language: fetched with their page. */
  names: ["names"],
  /** The demo's phones. */
  demoMessages: ["common", "demoMessages"],
  /** The sampler's and the courier's phone. */
  sampling: ["common", "sampling"],
  /** Where records lie and what comes in: fetched with its page. */
  connections: ["connections"],
  /** People registered twice: fetched with its page. */
  joins: ["joins"],
  /** Sites, stations and orders: fetched with their page. */
  sites: ["sites"],
  /** The laboratory and recalls: fetched with their pages. */
  lab: ["lab"],
  /** Beds, who is away, the alliance's free beds, the switch: fetched with their pages. */
  capacity: ["capacity", "reporting.patientHint", "reporting.pick"],
  /** Mass testing and its replay: fetched with their pages. */
  surge: ["surge"],
  /** Where to go and why: on the phone, and at the desk with its rules. */
  patientTriage: ["patient.triage"],
  triage: [
    "triage",
    "patient.triage.condition",
    "patient.triage.medicine",
    "patient.triage.answer",
    "patient.triage.group",
  ],
  /** Transfers of the workbench; the crew's phone; the sealed record: each with its page. */
  transfer: ["transfer", "fever.state"],
  escort: [
    "common.brand",
    "common.loading",
    "common.retry",
    "common.language",
    "common.day",
    "common.weekday",
    "common.error",
    "escort",
  ],
  packet: [
    "common.brand",
    "common.loading",
    "common.retry",
    "common.language",
    "common.day",
    "common.weekday",
    "common.error",
    "common.scan",
    "common.sex",
    "packet",
  ],
  /** Ways of the specialty alliances: fetched with their page. */
  pathways: ["pathways"],
  /** Tests on the patient's phone. */
  patientTest: ["patient.test"],
  /** The screen in the corridor. */
  kiosk: ["common", "kiosk"],
  room: ["common", "state", "consult", "room"],
  check: ["common", "check"],
  /** Broadcasts that are planned: fetched with their pages. */
  teachingPlan: ["teaching"],
  /** A teaching broadcast as speakers and listeners see it; and its replay: fetched with its page. */
  lecture: ["common", "room.draw", "room.line", "room.still.strokes", "lecture"],
  lectureReplay: ["replay"],
  /** Media nodes and lines: fetched with their page. */
  mediaBoard: ["mediaBoard"],
  /** Figures of what a house taught: fetched with their page. */
  teachingStatistics: ["teachingStatistics"],
  /** Names of demo people and what they do; fetched only where they are listed. */
  demo: ["demo"],
  story: ["common", "story"],
} as const;
export type Area = keyof typeof areas;
