import type { DiagnosisKind } from "../../server/reporting/domain.ts";

/** Kinds of diagnosis in the order of certainty. */
export const diagnosisKinds = [
  "suspected",
  "clinical",
  "confirmed",
  "carrier",
] as const satisfies readonly DiagnosisKind[];
