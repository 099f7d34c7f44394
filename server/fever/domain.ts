/**
 * Where somebody with a fever goes: the decision of the pre-triage questionnaire (就诊前筛查), and what
 * a temperature or an oxygen saturation means. Pure: no database, no clock. Numbers are a dated,
 * regional policy in the database (`fever_policy`).
 */
import { DomainError } from "../errors/domain-error.ts";

export * from "./visit-states.ts";

export const feverVenues = ["emergency", "fever-clinic", "ordinary"] as const;
export type FeverVenue = (typeof feverVenues)[number];

/** People who do not go the way of everybody (domain.md, Fever care). */
export const specialRoutes = ["infant", "pregnancy", "chemotherapy", "dialysis"] as const;
export type SpecialRoute = (typeof specialRoutes)[number];

/** Where rules differ: what one catches depends on where one is. */
export const feverRegions = ["CN-31", "CN-54"] as const;
export type FeverRegion = (typeof feverRegions)[number];

/** The region of an institution by its calendar; Shanghai's rules where nothing else is said. */
export const regionOfCalendar = (calendar: string): FeverRegion =>
  calendar === "CN-54" ? "CN-54" : "CN-31";

export const questionIds = [
  "red-breath",
  "red-mind",
  "red-bleeding",
  "infant",
  "condition",
  "temperature",
  "feels-hot",
  "risk-area",
  "contact-case",
  "contact-feverish",
  "cluster",
  "marmot",
] as const;
export type QuestionId = (typeof questionIds)[number];

export const redFlags: readonly QuestionId[] = ["red-breath", "red-mind", "red-bleeding"];
export const exposures: readonly QuestionId[] = [
  "risk-area",
  "contact-case",
  "contact-feverish",
  "cluster",
  "marmot",
];
export const answersOfChoice = ["yes", "no", "unknown"] as const;
export const conditions = ["none", "pregnancy", "chemotherapy", "dialysis", "unknown"] as const;

/** What an authority decides, for a region from a day on. */
export type FeverRules = {
  region: FeverRegion;
  /** Tenths of a degree Celsius; 373 is 37.3 °C. */
  temperatureTenths: number;
  /** A raised temperature is measured again after these, minutes. */
  repeatMinMinutes: number;
  repeatMaxMinutes: number;
  lookbackDays: 7 | 14;
  /** So many people ill together are a cluster. */
  clusterLeast: number;
  /** Where a plague focus is: contact with marmots is asked for (plague is Class A). */
  asksMarmots: boolean;
  /** How long ordinary booking by phone is replaced, hours. */
  blockHours: number;
  /** Results are due between these after sampling, hours. */
  resultMinHours: number;
  resultMaxHours: number;
};

/** What was answered: a choice, a condition, or a temperature in degrees such as `38.2`. */
export type FeverAnswers = Readonly<Partial<Record<QuestionId, string>>>;

/** An infant under three months has a way of its own. */
export const infantMonths = 3;

/**
 * The questions that are asked, in order, red flags first; what is known (an age) is not asked. After a
 * red flag that is not denied nothing more is asked.
 * @param ageMonths null when nobody knows
 */
export function questionsFor(
  rules: Pick<FeverRules, "asksMarmots">,
  ageMonths: number | null,
  answers: FeverAnswers,
): QuestionId[] {
  const first = redFlags.findIndex((id) => answers[id] !== undefined && answers[id] !== "no");
  if (first >= 0) return redFlags.slice(0, first + 1);
  return questionIds.filter((id) => {
    if (id === "infant") return ageMonths === null;
    if (id === "condition")
      return ageMonths === null ? answers.infant !== "yes" : ageMonths >= infantMonths;
    if (id === "feels-hot") return answers.temperature === "unknown";
    return id !== "marmot" || rules.asksMarmots;
  });
}

/** Whether an answer is one that a question has. Temperatures outside of 33–43.5 °C are a slip. */
export function isAnswer(id: QuestionId, value: string): boolean {
  if (id === "condition") return (conditions as readonly string[]).includes(value);
  if (id !== "temperature") return (answersOfChoice as readonly string[]).includes(value);
  return value === "unknown" || tenthsOf(value) !== null;
}

/** Tenths of a degree of a text such as `38.2`; null when it is none or cannot be a person's. */
export function tenthsOf(text: string): number | null {
  if (!/^\d{2}(\.\d)?$/.test(text)) return null;
  const tenths = Math.round(Number(text) * 10);
  return tenths >= 330 && tenths <= 435 ? tenths : null;
}

export const feverReasons = [
  ...redFlags,
  "infant",
  "pregnancy",
  "chemotherapy",
  "dialysis",
  "condition-unknown",
  "temperature",
  "temperature-unknown",
  ...exposures,
  "exposure-unknown",
  "no-sign",
] as const;
export type FeverReason = (typeof feverReasons)[number];

export type FeverDecision = {
  venue: FeverVenue;
  /** Call 120 at once; without it an emergency department is reached by oneself. */
  call120: boolean;
  /** Stay where one is and telephone: a vehicle comes (a possible Class A disease). */
  stayPut: boolean;
  route: SpecialRoute | null;
  /** Why, most important first; the pages have the words. */
  reasons: FeverReason[];
};

/**
 * The venue. Red flags come first and "don't know" escalates (domain.md: Triage); a doctor or nurse at
 * the door decides anew. That infants under three months and people under chemotherapy go to an
 * emergency department with a fever is recalled from paediatric and oncological practice and awaits a
 * clinician's review; a new rule version changes it.
 * @throws DomainError `fever.unanswered` when something that is asked has no answer, or not one of its own
 */
export function decideVenue(
  rules: FeverRules,
  ageMonths: number | null,
  answers: FeverAnswers,
): FeverDecision {
  const asked = questionsFor(rules, ageMonths, answers);
  const open = asked.filter((id) => answers[id] === undefined || !isAnswer(id, answers[id]));
  const flags = asked.filter((id) => redFlags.includes(id) && answers[id] !== "no");
  if (open.length > 0) throw new DomainError("fever.unanswered", { questions: open });
  if (flags.length > 0)
    return {
      venue: "emergency",
      call120: true,
      stayPut: false,
      route: null,
      reasons: flags as FeverReason[],
    };
  const hot = isHot(rules, answers);
  const route = routeOf(ageMonths, answers);
  const reasons: FeverReason[] = [
    ...(hot === "measured" ? (["temperature"] as const) : []),
    ...(hot === "possible" ? (["temperature-unknown"] as const) : []),
  ];
  const base = { call120: false, route } as const;
  if (hot && (route === "infant" || route === "chemotherapy"))
    return { ...base, venue: "emergency", stayPut: false, reasons: [route, ...reasons] };
  if (hot && route) reasons.push(route);
  if (hot && !route && answers.condition === "unknown") reasons.push("condition-unknown");
  const met = asked.filter((id) => exposures.includes(id) && answers[id] === "yes");
  const perhaps = asked.some((id) => exposures.includes(id) && answers[id] === "unknown");
  reasons.push(...(met as FeverReason[]), ...(perhaps ? (["exposure-unknown"] as const) : []));
  if (reasons.length === 0)
    return { ...base, venue: "ordinary", stayPut: false, reasons: ["no-sign"] };
  return { ...base, venue: "fever-clinic", stayPut: met.includes("marmot"), reasons };
}

function isHot(rules: FeverRules, answers: FeverAnswers): "measured" | "possible" | null {
  const tenths = tenthsOf(answers.temperature ?? "");
  if (tenths !== null) return tenths >= rules.temperatureTenths ? "measured" : null;
  return answers["feels-hot"] === "no" ? null : "possible";
}

function routeOf(ageMonths: number | null, answers: FeverAnswers): SpecialRoute | null {
  // An age that is not known counts as the younger one.
  const infant =
    ageMonths === null ? answers.infant !== "no" : ageMonths >= 0 && ageMonths < infantMonths;
  if (infant) return "infant";
  const named = answers.condition;
  return named === "pregnancy" || named === "chemotherapy" || named === "dialysis" ? named : null;
}

export type Reading = { tenths: number; at: Date };
/**
 * What the temperatures at the desk say. A raised first one is measured again after two or three
 * minutes (domain.md); the last one counts.
 */
export function judgeTemperature(
  rules: FeverRules,
  readings: readonly Reading[],
): {
  kind: "none" | "usual" | "repeat" | "fever";
  repeatFrom: Date | null;
  repeatUntil: Date | null;
} {
  const nothing = { repeatFrom: null, repeatUntil: null };
  const last = readings.at(-1);
  if (!last) return { kind: "none", ...nothing };
  if (last.tenths < rules.temperatureTenths) return { kind: "usual", ...nothing };
  const first = readings.find((one) => one.tenths >= rules.temperatureTenths) ?? last;
  if (addMinutes(first.at, rules.repeatMinMinutes) <= last.at) return { kind: "fever", ...nothing };
  return {
    kind: "repeat",
    repeatFrom: addMinutes(first.at, rules.repeatMinMinutes),
    repeatUntil: addMinutes(first.at, rules.repeatMaxMinutes),
  };
}

/** Points below the usual range at which a saturation is an alarm: 93 % at sea level (recalled). */
const alarmBelowBand = 2;
/**
 * A saturation by the range of the place where it was measured, not of the institution: 88 % is usual
 * for a child at 4,000 m and an alarm in Shanghai. Symptoms always win over the range.
 * @param band null where the table knows none: then the number stands alone
 */
export function judgeOxygen(
  percent: number,
  band: { low: number; high: number } | null,
): "usual" | "low" | "alarm" | "unjudged" {
  if (!band) return "unjudged";
  if (percent >= band.low) return "usual";
  return percent <= band.low - alarmBelowBand ? "alarm" : "low";
}

export const addMinutes = (at: Date, minutes: number): Date =>
  new Date(at.getTime() + minutes * 60_000);
export const addHours = (at: Date, hours: number): Date => addMinutes(at, hours * 60);

export const feverSiteKinds = ["fever-clinic", "sentinel"] as const;
export type FeverSiteKind = (typeof feverSiteKinds)[number];
export const feverRoomKinds = ["room", "isolation", "observation"] as const;
export type FeverRoomKind = (typeof feverRoomKinds)[number];
export const feverArrivals = ["booked", "walk-in", "transfer", "testing-site"] as const;
export type FeverArrival = (typeof feverArrivals)[number];
export const feverPolicyStates = ["draft", "published"] as const;
/** What a laboratory says of a single swab; again: it could not tell, another one is taken. */
export const sampleResults = ["negative", "positive", "again"] as const;
export type SampleResult = (typeof sampleResults)[number];
export const feverMeasurements = ["temperature", "spo2"] as const;

/** A number that is read out at the desk: six letters without those that look alike. */
const letters = "23456789BCDFGHJKLMNPQRSTVWXYZ";
export const screeningCode = (random: Uint8Array): string =>
  Array.from(random.subarray(0, 6), (byte) => letters[byte % letters.length]).join("");
