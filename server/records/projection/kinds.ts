/** What is projected into a record store. */
export const projectionKinds = [
  "directory",
  "patient",
  "consult",
  "schedule",
  "appointment",
  "clinic-day",
  "fever-visit",
  "test-result",
  "referral",
  "episode",
  "bed-unit",
  "prescription",
  "video-visit",
] as const;
export type ProjectionKind = (typeof projectionKinds)[number];

/** The order of a walk through everything: what is asked for most comes first, the many slots last. */
export const walkOrder: readonly ProjectionKind[] = [
  "directory",
  "patient",
  "consult",
  "schedule",
  "appointment",
  "fever-visit",
  "test-result",
  "referral",
  "episode",
  "bed-unit",
  "prescription",
  "video-visit",
  "clinic-day",
];

/** Where a walk goes on after a kind; null: it is through. */
export const kindAfter = (kind: ProjectionKind): ProjectionKind | null =>
  walkOrder[walkOrder.indexOf(kind) + 1] ?? null;
