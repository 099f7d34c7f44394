/** What a patient row may say. */
export const patientSexes = ["female", "male", "other", "unknown"] as const;
export type PatientSex = (typeof patientSexes)[number];

export const contactRelations = [
  "self",
  "guardian",
  "mother",
  "father",
  "spouse",
  "child",
  "relative",
  "neighbour",
  "helper",
] as const;
export type ContactRelation = (typeof contactRelations)[number];

/** How somebody knows that two registrations are one person. */
export const joinBases = ["identity-card", "person", "relative", "documents"] as const;
export type JoinBasis = (typeof joinBases)[number];
