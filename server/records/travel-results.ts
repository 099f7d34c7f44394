/** What a house's own store holds of laboratory results that may go along when it refers somebody to a house outside. */
import type { Resource } from "@medplum/fhirtypes";
import { z } from "zod";
import { carriedMost } from "../../fhir-mappings/carried-result.ts";
import type { Tx } from "../db/client.ts";
import { DomainError } from "../errors/domain-error.ts";
import { callerParameter, rulesOf, type StoreContext } from "../fhir/service.ts";
import type { Services } from "../http/context.ts";
import { localIdsAt } from "./ward-facts.ts";

/** Older ones are in the record, and in the words of the referral where they matter. */
const lookBackDays = 90;
const laboratory = "laboratory";

const row = z.object({
  content: z.custom<Resource>(
    (value) => typeof value === "object" && value !== null && "resourceType" in value,
  ),
});

/**
 * Reports and values of the last 90 days, newest first, about the patient under his id here. What bears a
 * sensitive label stays, and where the person has said that this recipient or nobody else may see things of this
 * house, everything does.
 * @returns nothing where the house keeps no store here, or the store is paused
 */
export async function resultsToTravel(
  services: Services,
  tx: Tx,
  asked: { institutionId: string; recipientId: string; patientId: string },
): Promise<Resource[]> {
  const hosted = await services.records
    .find({ institutionId: asked.institutionId })
    .catch((error: unknown) => {
      if (error instanceof DomainError) return null;
      throw error;
    });
  if (!hosted) return [];
  const local = await localIdsAt(services, tx, asked.institutionId, [asked.patientId]);
  const ids = [...local.keys()];
  const { store, tenant, code } = hosted;
  const now = services.clock();
  const context: StoreContext = {
    tenant,
    at: now,
    base: `${services.publicUrl}/stores/${code}/fhir`,
    caller: {
      kind: "client",
      actor: "referral-outside",
      name: null,
      institution: tenant,
      purpose: "treatment",
      reason: null,
      scopes: null,
      mayWrite: false,
      correlationId: "referral-outside",
      address: null,
    },
  };
  const rows = await store.transaction(context, async (read) => {
    for (const id of ids) {
      const refused = (await rulesOf(read, context, id)).some(
        (rule) =>
          rule.decision === "deny" &&
          rule.label === null &&
          (rule.recipient === null || rule.recipient === asked.recipientId) &&
          rule.startsAt <= now &&
          (rule.endsAt === null || rule.endsAt > now),
      );
      if (refused) return [];
    }
    await read.unsafe("SELECT fhir.enter($1::text::jsonb)", [callerParameter(context)]);
    // Of nobody else besides: what lies in two people's records is neither's to give away.
    return read.unsafe(
      `SELECT r.content FROM resource r WHERE r.tenant = $1 AND NOT r.deleted AND r.patients && $2::text[] AND r.patients <@ $2::text[]
         AND cardinality(r.labels) = 0 AND r.content ->> 'status' IS DISTINCT FROM 'entered-in-error'
         AND (r.type = 'DiagnosticReport' OR (r.type = 'Observation' AND r.content @? $3::jsonpath))
         AND coalesce(r.content ->> 'effectiveDateTime', r.content ->> 'issued', r.last_updated::text) >= $4
       ORDER BY coalesce(r.content ->> 'effectiveDateTime', r.content ->> 'issued') DESC NULLS LAST, r.id LIMIT ${carriedMost}`,
      [
        tenant,
        ids,
        `$.category[*].coding[*].code ? (@ == "${laboratory}")`,
        new Date(now.getTime() - lookBackDays * 86_400_000).toISOString().slice(0, 10),
      ],
    );
  });
  return rows.map((one) => about(row.parse(one).content, asked.patientId));
}

/** Under the id by which the referral speaks of the patient. */
const about = (resource: Resource, patientId: string): Resource =>
  ({
    ...resource,
    ...("subject" in resource && resource.subject
      ? { subject: { reference: `Patient/${patientId}` } }
      : {}),
  }) as Resource;
