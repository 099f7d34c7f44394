import type { ConsentKind } from "../../server/consult/domain.ts";

/** In the order in which they are asked. */
export const consentKinds = [
  "consult",
  "record-sharing",
  "observers",
  "recording",
  "relative",
] as const satisfies readonly ConsentKind[];

/** Version of the consent texts in the catalogue; goes into each record. Raise it when a text changes. */
export const consentTextVersion = "2026-01";
