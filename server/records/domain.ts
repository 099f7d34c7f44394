/** Where an institution's records lie. Pure. */
export const recordStoreKinds = ["hosted", "remote"] as const;
export type RecordStoreKind = (typeof recordStoreKinds)[number];

/** Name of the database that holds a hosted institution's records. */
export const databaseOf = (institutionCode: string): string =>
  `yilian_records_${institutionCode.replaceAll("-", "_")}`;

/** How we sign in at an outside server: not at all, by a secret (RFC 6749, 4.4), by a signed JWT (RFC 7523). */
export const outsideSignIns = ["none", "credentials", "signed-jwt"] as const;
export type OutsideSignIn = (typeof outsideSignIns)[number];
