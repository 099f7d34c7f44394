/** What is projected, in the order of the first walk: what others point to comes first. */
export const projectionKinds = [
  "directory",
  "patient",
  "consult",
  "schedule",
  "appointment",
  "clinic-day",
  "fever-visit",
] as const;
export type ProjectionKind = (typeof projectionKinds)[number];
