/** What consent hides of a patient from a caller, as a number. */

import { compartmentOf } from "../search/service.ts";
import type { StoreContext } from "./caller.ts";
import type { StoreTx } from "./database.ts";

/**
 * How many resources of a patient consent withholds; 0 also for whom the patient has said nothing about: that
 * something is withheld is not for strangers. One statement by the compartment's index; `fhir.enter` was called.
 * @param types empty: every type
 */
export async function withheldOf(
  tx: StoreTx,
  context: StoreContext,
  patientId: string,
  types: readonly string[] = [],
): Promise<number> {
  const [row] = await tx.unsafe(
    `SELECT CASE WHEN NOT fhir.consent_free() AND fhir.inside('Patient', ARRAY[$2::text]) AND EXISTS (
         SELECT 1 FROM consent_rule c WHERE c.tenant = $1 AND c.patient = $2
           AND (c.recipient = fhir.institution() OR c.recipient IS NULL)
           AND c.starts_at <= fhir.at() AND (c.ends_at IS NULL OR c.ends_at > fhir.at()))
       THEN (SELECT count(*) FROM search_compartment c JOIN search_entry e ON e.key = c.key
           JOIN resource r ON r.key = c.key
         WHERE c.patient = $3::bigint AND r.tenant = $1 AND NOT r.deleted
           AND (cardinality($4::text[]) = 0 OR r.type = ANY ($4))
           AND NOT fhir.consented(r.type, r.patients, r.labels) AND fhir.inside(r.type, r.patients)
           AND (fhir.types() IS NULL OR r.type = ANY (fhir.types()))) ELSE 0 END::int AS n`,
    [context.tenant, patientId, compartmentOf(patientId), [...types]],
    { prepare: true },
  );
  return Number(row?.n ?? 0);
}
