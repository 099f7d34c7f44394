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

/** What it takes to say whether two registrations may be one person. */
export type JoinFacts = {
  id: string;
  residentId: string | null;
  unknownPerson: boolean;
  /** In how many beds he lies at this moment. */
  openBeds: number;
};

/** What keeps two registrations from being joined; null: nothing. */
export function joinObstacle(one: JoinFacts, other: JoinFacts): "identity" | "two-beds" | null {
  // Two ID cards are two people, whatever else is the same.
  if (one.residentId !== null && other.residentId !== null && one.residentId !== other.residentId)
    return "identity";
  return one.openBeds + other.openBeds > 1 ? "two-beds" : null;
}

/** Which has to go on: the one whose identity is known; null: either may. */
export function goingOn(one: JoinFacts, other: JoinFacts): string | null {
  if ((one.residentId === null) !== (other.residentId === null))
    return one.residentId === null ? other.id : one.id;
  if (one.unknownPerson !== other.unknownPerson) return one.unknownPerson ? other.id : one.id;
  return null;
}
