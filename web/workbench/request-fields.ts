import type { ConsultContent } from "../../server/consult/contract.ts";
import type { ConsultUrgency } from "../../server/consult/domain.ts";

/** In the order of the page; the server has the last word on what is needed. */
export const consultUrgencyOrder = [
  "emergency",
  "urgent",
  "routine",
] as const satisfies readonly ConsultUrgency[];
export const ordinaryFieldOrder = [
  "question",
  "complaint",
  "reason",
  "purpose",
  "presentHistory",
  "pastHistory",
  "examination",
  "provisionalDiagnoses",
  "treatmentSoFar",
] as const satisfies readonly (keyof ConsultContent)[];
export const emergencyFieldOrder = [
  "question",
  "complaint",
  "callbackPhone",
  "vitals",
] as const satisfies readonly (keyof ConsultContent)[];
