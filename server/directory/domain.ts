/** Kinds and levels of institutions and alliances, as the field names them. */
export const institutionKinds = [
  "hospital",
  "community-centre",
  "county-centre",
  "township-clinic",
  "rehabilitation-hospital",
  "specialty-institute",
  "disease-control",
  /** Looks after people, treats nobody by itself (养老护理机构). */
  "nursing-home",
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

export type Position = { latitude: number; longitude: number };
const earthRadiusMetres = 6_371_000;
const radians = (degrees: number) => (degrees * Math.PI) / 180;

/** As the crow flies, metres (haversine); streets are longer. */
export function distanceMetres(from: Position, to: Position): number {
  const [a, b] = [radians(from.latitude), radians(to.latitude)];
  const across = radians(to.longitude - from.longitude);
  const half = Math.sin((b - a) / 2) ** 2 + Math.cos(a) * Math.cos(b) * Math.sin(across / 2) ** 2;
  return 2 * earthRadiusMetres * Math.asin(Math.min(1, Math.sqrt(half)));
}
