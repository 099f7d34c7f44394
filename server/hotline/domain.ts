/** Rules of the hotline: a call's states, the questions first, what counts as the operator's time. Pure. */

/**
 * A call's way. `dropped`: the line went before it was done; it keeps its draft and is called back.
 * `transferred`: handed to a nurse or to 120, with the draft.
 */
export const hotlineStates = ["open", "dropped", "transferred", "ended"] as const;
export type HotlineState = (typeof hotlineStates)[number];
/** Steps that exist; the table `hotline_transition` holds the same rows and a test compares. */
export const hotlineSteps: Readonly<Record<HotlineState, readonly HotlineState[]>> = {
  open: ["dropped", "transferred", "ended"],
  dropped: ["open", "ended"],
  transferred: ["open", "ended"],
  ended: [],
};

/** What came of a call. */
export const hotlineOutcomes = [
  "booked",
  "waitlisted",
  "waiting-room",
  "cancelled",
  "moved",
  "place-told",
  "preference-set",
  "emergency",
  "handed-over",
  "not-reached",
  "nothing",
] as const;
export type HotlineOutcome = (typeof hotlineOutcomes)[number];

/** To whom a call goes on while the caller stays on the line. */
export const transferTargets = ["120", "nurse"] as const;
export type TransferTarget = (typeof transferTargets)[number];

/** A version of the questions; a draft is asked of nobody. */
export const hotlineSetStates = ["draft", "published"] as const;

/** Answers to a red-flag question. "Don't know" escalates like a yes (domain.md, Triage). */
export const flagAnswers = ["no", "yes", "unknown"] as const;
export type FlagAnswer = (typeof flagAnswers)[number];

/** How the caller gets what was booked in writing. */
export const confirmWays = ["sms", "read-out", "post"] as const;
export type ConfirmWay = (typeof confirmWays)[number];

/**
 * The page says every 20 s that it is still there, a tab in the background once a minute (browsers slow
 * its clock down); after two such minutes in vain the line counts as closed.
 */
export const silentSeconds = 130;

/** The number of emergency care. */
export const emergencyNumber = "120";

/**
 * Whether somebody who knows medicine has to take over: any yes, any "don't know", any question that was
 * left out.
 */
export function isFlagged(answers: readonly FlagAnswer[], questions: number): boolean {
  return answers.length < questions || answers.some((answer) => answer !== "no");
}

/**
 * Where a flagged call goes. A yes goes where its question says, anything to 120 before a nurse;
 * a "don't know" is asked again by a nurse.
 */
export function routeOf(
  answers: readonly FlagAnswer[],
  yesRoutes: readonly TransferTarget[],
): TransferTarget | null {
  const routes = answers.flatMap((answer, index): TransferTarget[] =>
    answer === "yes" ? [yesRoutes[index] ?? "nurse"] : answer === "unknown" ? ["nurse"] : [],
  );
  if (routes.includes("120")) return "120";
  return routes[0] ?? null;
}
