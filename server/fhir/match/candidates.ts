/** Who could be meant: by index, within bounds, and only whom the caller may see. */
import { codeHash, hash32, systemHash } from "../search/hash.ts";
import { rangeOf } from "../search/instant-range.ts";
import { type FoundResource, foundResource } from "../search/transaction.ts";
import { type StoreContext, seenPredicate } from "../store/caller.ts";
import type { StoreTx } from "../store/database.ts";
import type { FhirResource } from "../store/resource.ts";
import { indexedNamesOf, indexedPhonesOf, traitsOf } from "./traits.ts";

/** So many are taken from each index before they are judged. */
const perIndex = 200;
const slots = {
  identifier: hash32("Patient.identifier"),
  phone: hash32("Patient.telecom[system=phone]"),
  name: hash32("Patient.name"),
  birthDate: hash32("Patient.birthDate"),
};

/**
 * Patients with one of the identifiers, one of the phones, or one of the names and the birth date.
 * A name alone is nobody: it would be hundreds. `fhir.enter` was called.
 */
export async function candidatesFor(
  tx: StoreTx,
  context: StoreContext,
  patient: FhirResource,
): Promise<FoundResource[]> {
  const { identifiers, birthDate } = traitsOf(patient);
  const day = birthDate?.length === 10 ? rangeOf(birthDate) : undefined;
  // Codes are compared with an array: a cast in each row would not be leakproof, and no index would serve it.
  const rows = await tx.unsafe(
    `WITH found AS (
       (SELECT t.key FROM search_token t WHERE t.slot = ${slots.identifier}
          AND t.code = ANY ($2::text[]::bigint[]) AND t.system = ANY ($3::int[]) LIMIT ${perIndex})
       UNION
       (SELECT t.key FROM search_token t WHERE t.slot = ${slots.phone} AND t.code = ANY ($4::text[]::bigint[])
        LIMIT ${perIndex})
       UNION
       (SELECT d.key FROM search_date d WHERE d.slot = ${slots.birthDate} AND d.low = $5::timestamptz
          AND d.high = $6::timestamptz AND EXISTS (SELECT 1 FROM search_string s
            WHERE s.key = d.key AND s.slot = ${slots.name} AND s.value = ANY ($7::text[]))
        LIMIT ${perIndex})
     )
     SELECT r.key::text AS key, r.type, r.id, r.version, r.last_updated, r.content::text AS content
     FROM found f JOIN resource r ON r.key = f.key
     WHERE r.tenant = $1 AND r.type = 'Patient' AND NOT r.deleted AND ${seenPredicate}
     ORDER BY r.key LIMIT ${3 * perIndex}`,
    [
      context.tenant,
      identifiers.map((one) => codeHash(one.value)),
      identifiers.map((one) => systemHash(one.system)),
      indexedPhonesOf(patient).map(codeHash),
      day?.low ?? null,
      day?.high ?? null,
      indexedNamesOf(patient),
    ],
    { prepare: true },
  );
  return rows.map((row) => foundResource(row));
}
