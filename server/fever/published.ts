/** The questions as FHIR has them: every version that was ever asked. */
import type { Questionnaire } from "@medplum/fhirtypes";
import { toFhirQuestionnaire } from "../../fhir-mappings/questionnaire.ts";
import type { Tx } from "../db/client.ts";
import type { FeverRegion } from "./domain.ts";
import { questionnaireOf } from "./policy-service.ts";
import type { PolicyRow } from "./repository.ts";
import * as repository from "./repository.ts";

/** All published versions, newest first; about nobody, for everybody. */
export async function publishedQuestionnaires(tx: Tx, now: Date): Promise<Questionnaire[]> {
  const rows = await repository.findPolicies(tx);
  return rows
    .filter((row) => row.state === "published")
    .map((row) => toFhirQuestionnaire(factsOf(row, rows, now)));
}

/** Active is the version that counts today; earlier ones are retired, later ones are active from their day on. */
function factsOf(row: PolicyRow, rows: readonly PolicyRow[], now: Date) {
  const day = now.toISOString().slice(0, 10);
  const replaced = rows.some(
    (one) =>
      one.region === row.region &&
      one.state === "published" &&
      one.validFrom <= day &&
      (one.validFrom > row.validFrom ||
        (one.validFrom === row.validFrom && one.version > row.version)),
  );
  return {
    id: row.id,
    region: row.region as FeverRegion,
    version: row.version,
    status: replaced ? ("retired" as const) : ("active" as const),
    validFrom: row.validFrom,
    questions: questionnaireOf(row, null).questions,
  };
}
