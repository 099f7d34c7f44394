/** Registered helpers: volunteers and neighbours who book for elders. Pure. */

/** How an elder agreed. */
export const helperConsentMethods = ["spoken", "written", "fingerprint"] as const;
export type HelperConsentMethod = (typeof helperConsentMethods)[number];

/** What a helper is to the people helped. */
export const helperKinds = ["volunteer", "neighbour", "committee"] as const;
export type HelperKind = (typeof helperKinds)[number];
