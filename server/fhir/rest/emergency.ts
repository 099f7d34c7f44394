/** Families are told when somebody breaks the glass through this API, as when he does on the page. */
import type { FastifyRequest } from "fastify";
import type { Services } from "../../http/context.ts";
import { tellOfEmergency } from "../../records/service.ts";
import { enter } from "../store/conditions.ts";
import type { Endpoint } from "./get.ts";

/**
 * Told before the answer leaves, of the patients whose records it shows: the request's own rows of audit say who
 * they are. A question of the page carries a token and was told there.
 */
export async function tellFamilies(
  services: Services,
  request: FastifyRequest,
  { store, context }: Endpoint,
): Promise<void> {
  const { caller, tenant, at } = context;
  if (caller.kind !== "person" || caller.purpose !== "emergency" || caller.reason === null) return;
  if (caller.institution === tenant || request.headers.authorization !== undefined) return;
  const rows = await store.transaction(context, async (tx) => {
    await enter(tx, context);
    return tx.unsafe(
      `SELECT DISTINCT i->>'system' AS system, i->>'value' AS value
       FROM (SELECT DISTINCT p FROM audit_event a, unnest(a.patients) p
         WHERE a.tenant = $1 AND a.at = $2 AND a.correlation_id = $3 AND a.purpose = 'emergency' AND a.outcome = 'ok') seen
       JOIN resource r ON r.tenant = $1 AND r.type = 'Patient' AND r.id = seen.p AND NOT r.deleted,
         jsonb_array_elements(r.content->'identifier') i
       WHERE i->>'system' IS NOT NULL AND i->>'value' IS NOT NULL`,
      [tenant, at.toISOString(), caller.correlationId],
    );
  });
  await tellOfEmergency(
    services,
    { personId: caller.actor, institutionId: caller.institution, reason: caller.reason },
    rows as readonly { system: string; value: string }[],
  );
}
