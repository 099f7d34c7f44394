/** Kinds and levels of institutions and alliances, as the field names them. */
export const institutionKinds = [
  "hospital",
  "community-centre",
  "county-centre",
  "township-clinic",
  "rehabilitation-hospital",
  "specialty-institute",
  "disease-control",
] as const;
export type InstitutionKind = (typeof institutionKinds)[number];

export const institutionLevels = ["tertiary", "secondary", "primary"] as const;
export type InstitutionLevel = (typeof institutionLevels)[number];

/** An institution may belong to several alliances of different kinds. */
export const allianceKinds = [
  "city-medical-group",
  "county-community",
  "specialty",
  "telemedicine-network",
] as const;
export type AllianceKind = (typeof allianceKinds)[number];
