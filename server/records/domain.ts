/** Where an institution's records lie. Pure. */
export const recordStoreKinds = ["hosted", "remote"] as const;
export type RecordStoreKind = (typeof recordStoreKinds)[number];

/** Name of the database that holds a hosted institution's records. */
export const databaseOf = (institutionCode: string): string =>
  `yilian_records_${institutionCode.replaceAll("-", "_")}`;
