/** Where triage sends somebody, and how soon: lists that the database, the rules and the pages share. Pure. */

/** From the least to the most cautious: of several answers the higher one counts. */
export const triageOutcomes = [
  "home-advice",
  "community-visit",
  "remote-consult",
  "specialist-slot",
  "fever-clinic",
  "emergency",
] as const;
export type TriageOutcome = (typeof triageOutcomes)[number];

/** How soon: whenever convenient, today, at once. */
export const triageUrgencies = ["routine", "urgent", "emergency"] as const;
export type TriageUrgency = (typeof triageUrgencies)[number];

export const triageSetStates = ["draft", "published"] as const;

/** A region's own set comes before the alliance's (`CN`). */
export const triageRegions = ["CN", "CN-31", "CN-54"] as const;
export type TriageRegion = (typeof triageRegions)[number];

/** What somebody says a day after home advice. */
export const triageCheckAnswers = ["better", "same", "worse"] as const;
export type TriageCheckAnswer = (typeof triageCheckAnswers)[number];

/** Home advice is looked after so many hours later (domain.md: Tiered care). */
export const checkAfterHours = 24;
