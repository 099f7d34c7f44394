/** Brings a store to what is projected: compares first, so that what is the same writes no version. */
import {
  callerParameter,
  type FhirResource,
  type HostedStore,
  projectionSource,
  put,
  type StoreContext,
  type StoreTx,
  type Write,
} from "../../fhir/service.ts";
import type { Services } from "../../http/context.ts";
import type { Projected } from "./projected.ts";

/** So many are compared and written at once: a clinic's weeks are thousands of slots. */
const perStatement = 250;

type Found = {
  n: number;
  version: number;
  deleted: boolean;
  source: string;
  same: boolean;
};

// Version and time are the store's own words about it.
const compareStatement = `SELECT e.n, r.version, r.deleted, r.source,
    NOT r.deleted AND r.content - 'meta' = e.content - 'meta'
      AND (r.content->'meta') - 'versionId' - 'lastUpdated' = e.content->'meta' AS same
  FROM jsonb_to_recordset($2::text::jsonb) AS e(n int, type text, id text, content jsonb)
  JOIN resource r ON r.tenant = $1 AND r.type = e.type AND r.id = e.id`;

/**
 * Write what differs, delete what has ended, in one transaction. What a system of the institution wrote
 * under the same name stays as it is: the projection takes nothing over.
 * @param whole types of which every projected resource that `items` do not name has ended
 * @returns how many versions were written
 */
export async function writeProjected(
  services: Services,
  hosted: HostedStore,
  items: readonly Projected[],
  whole: readonly string[] = [],
): Promise<number> {
  const wanted = new Map(items.map((one) => [`${one.type}/${one.id}`, one]));
  if (wanted.size === 0 && whole.length === 0) return 0;
  const context = contextOf(services, hosted, [...wanted.values()]);
  return hosted.store.transaction(context, async (tx) => {
    await tx.unsafe(
      "SELECT fhir.enter($1::text::jsonb), set_config('fhir.projecting', 'on', true)",
      [callerParameter(context)],
    );
    if (whole.length > 0) {
      const there = await tx.unsafe(
        "SELECT type, id FROM resource WHERE tenant = $1 AND type = ANY ($2::text[]) AND source = 'projected' AND NOT deleted",
        [hosted.tenant, `{${whole.join(",")}}`],
      );
      for (const { type, id } of there)
        if (!wanted.has(`${type}/${id}`)) wanted.set(`${type}/${id}`, { type, id, resource: null });
    }
    const all = [...wanted.values()];
    let written = 0;
    for (let from = 0; from < all.length; from += perStatement)
      written += await writeSome(tx, context, all.slice(from, from + perStatement));
    return written;
  });
}

async function writeSome(
  tx: StoreTx,
  context: StoreContext,
  items: readonly Projected[],
): Promise<number> {
  const list = items.map((one) => ({ ...one, resource: sourced(one) }));
  const rows = (await tx.unsafe(compareStatement, [
    context.tenant,
    JSON.stringify(
      list.map(({ type, id, resource }, n) => ({ n, type, id, content: resource ?? {} })),
    ),
  ])) as readonly Found[];
  const found = new Map(rows.map((row) => [row.n, row]));
  const writes = list.flatMap(({ type, id, resource }, n): Write[] => {
    const one = found.get(n);
    if (one && one.source !== "projected" && !one.deleted) return [];
    if (resource === null ? !one || one.deleted : one?.same) return [];
    return [
      {
        type,
        id,
        method: resource === null ? "DELETE" : "PUT",
        resource,
        // A projector that was thought dead comes too late with what it read.
        expect: one?.version ?? 0,
        source: "projected",
      },
    ];
  });
  if (writes.length > 0) await put(tx, context, "project", writes);
  return writes.length;
}

function sourced({ resource }: Projected): FhirResource | null {
  if (!resource) return null;
  const plain = JSON.parse(JSON.stringify(resource)) as FhirResource;
  return { ...plain, meta: { ...(plain.meta as object), source: projectionSource } };
}

function contextOf(
  services: Services,
  { tenant, code }: HostedStore,
  items: readonly Projected[],
): StoreContext {
  return {
    tenant,
    at: services.clock(),
    base: `${services.publicUrl}/stores/${code}/fhir`,
    caller: {
      kind: "client",
      actor: "record-projection",
      name: null,
      institution: tenant,
      purpose: "operations",
      reason: null,
      scopes: null,
      // Whoever keeps an eye on writes (the record locator) is told of patients, not of thousands of slots.
      mayWrite: items.some((one) => one.type !== "Slot" && one.type !== "Schedule"),
      correlationId: "record-projection",
      address: null,
    },
  };
}
