/** Writes items of an import: good ones together, in few statements; what is there already stays as it is. */
import type { StoreContext } from "../store/caller.ts";
import { enter } from "../store/conditions.ts";
import type { StoreTx } from "../store/database.ts";
import { exactText } from "../store/json.ts";
import { noConditions } from "../store/operation.ts";
import { put } from "../store/put.ts";
import { conditionalOf, slotsOf } from "../store/references.ts";
import { assertNotProjected, runOperations } from "../store/run.ts";
import { matchesOf } from "../store/search-seam.ts";
import type { RecordStore } from "../store/service.ts";
import {
  derivedId,
  type Fault,
  faultAt,
  type Item,
  identifierOf,
  invalidity,
  reasonOf,
} from "./import-items.ts";

export type Written = { readonly done: number; readonly unchanged: number };
export type Writer = {
  readonly store: RecordStore;
  readonly context: StoreContext;
};

/**
 * Gives ids to items that have none: that of the one resource with the same identifier, or one made from
 * what they say. @returns those that several resources could be
 */
export async function identify(
  tx: StoreTx,
  context: StoreContext,
  items: readonly Item[],
): Promise<Fault[]> {
  const faults: Fault[] = [];
  for (const item of items) {
    if (item.id !== null || item.criteria !== null) continue;
    const known = identifierOf(item.resource);
    const matches = known
      ? await matchesOf(
          tx,
          context,
          item.resource.resourceType,
          new URLSearchParams({
            identifier: `${escaped(known.system)}|${escaped(known.value)}`,
          }).toString(),
          2,
        )
      : [];
    if (matches.length > 1) faults.push(faultAt(item, "several", item.resource));
    else item.id = matches[0]?.id ?? derivedId(context.tenant, item.resource);
  }
  return faults;
}

/** Separators of a search value are said as such (R4 search.html#escaping). */
const escaped = (text: string) => text.replace(/[\\|,$]/g, "\\$&");

/** Fills in conditional references. @returns items whose reference finds nothing, or several */
export async function resolveConditional(
  tx: StoreTx,
  context: StoreContext,
  items: readonly Item[],
  known: Map<string, string | null>,
): Promise<Fault[]> {
  const faults: Fault[] = [];
  for (const item of items) {
    if (item.resource.resourceType === "Bundle") continue;
    for (const slot of slotsOf(item.resource, () => false)) {
      if (!known.has(slot.target)) {
        const { type, criteria } = conditionalOf(slot.target)!;
        const matches = await matchesOf(tx, context, type, criteria, 2);
        known.set(slot.target, matches.length === 1 ? `${type}/${matches[0]!.id}` : null);
      }
      const place = known.get(slot.target);
      if (place) slot.assign(place);
      else {
        faults.push(faultAt(item, "reference", item.resource));
        break;
      }
    }
  }
  return faults;
}

/** Judges items by R4. @returns the good ones and the faults of the others */
export function sift(items: readonly Item[]): { good: Item[]; faults: Fault[] } {
  const good: Item[] = [];
  const faults: Fault[] = [];
  for (const item of items) {
    if (item.id !== null) item.resource.id = item.id;
    if (item.resource.resourceType === "Subscription") {
      // It is made with what delivers it, at its own address.
      faults.push(faultAt(item, "refused", item.resource, "a Subscription is not imported"));
      continue;
    }
    const detail = invalidity(item.resource);
    if (detail === null) good.push(item);
    else faults.push(faultAt(item, "invalid", item.resource, detail));
  }
  return { good, faults };
}

/** In the transaction of the caller, all or none; items have ids or criteria and were judged. */
export async function writeItems(
  tx: StoreTx,
  context: StoreContext,
  items: readonly Item[],
): Promise<Written> {
  if (items.length === 0) return { done: 0, unchanged: 0 };
  await enter(tx, context);
  const same = await unchanged(tx, context, items);
  const fresh = items.filter((_, n) => !same.has(n));
  if (fresh.length === 0) return { done: 0, unchanged: items.length };
  for (const { resource } of fresh) assertNotProjected(resource);
  if (fresh.every((item) => item.criteria === null))
    await put(
      tx,
      context,
      "import",
      fresh.map(({ resource, id }) => ({
        type: resource.resourceType,
        id: id!,
        method: "PUT" as const,
        resource,
      })),
    );
  else
    await runOperations(
      tx,
      context,
      "import",
      fresh.map(({ resource, id, criteria, fullUrl }) => ({
        ...noConditions,
        method: criteria?.kind === "ifNoneExist" ? ("POST" as const) : ("PUT" as const),
        type: resource.resourceType,
        id,
        criteria: criteria?.kind === "update" ? criteria.text : null,
        ifNoneExist: criteria?.kind === "ifNoneExist" ? criteria.text : null,
        resource,
        fullUrl,
      })),
    );
  return { done: fresh.length, unchanged: items.length - fresh.length };
}

/** Positions of items that the store holds word for word, but for version and time. */
async function unchanged(
  tx: StoreTx,
  context: StoreContext,
  items: readonly Item[],
): Promise<Set<number>> {
  const named = items.flatMap((item, n) => (item.id === null ? [] : [{ item, n }]));
  const there = await tx.unsafe(
    `SELECT e.n FROM unnest($2::int[], $3::text[], $4::text[]) e(n, type, id)
     JOIN resource r ON r.tenant = $1 AND r.type = e.type AND r.id = e.id WHERE NOT r.deleted`,
    [
      context.tenant,
      named.map(({ n }) => n),
      named.map(({ item }) => item.resource.resourceType),
      named.map(({ item }) => item.id),
    ],
  );
  if (there.length === 0) return new Set();
  const found = there.map((row) => items[Number(row.n)]!);
  const rows = await tx.unsafe(
    `SELECT e.n FROM jsonb_to_recordset($2::text::jsonb) e(n int, type text, id text, content jsonb)
     JOIN resource r ON r.tenant = $1 AND r.type = e.type AND r.id = e.id AND NOT r.deleted
     WHERE r.content - 'meta' = e.content - 'meta'
       AND (r.content->'meta') - '{versionId,lastUpdated}'::text[]
         = coalesce(e.content->'meta', '{}') - '{versionId,lastUpdated}'::text[]`,
    [
      context.tenant,
      `[${found
        .map(
          (item, at) =>
            `{"n":${there[at]!.n},"type":${JSON.stringify(item.resource.resourceType)},"id":${JSON.stringify(item.id)},"content":${exactText(item.resource)}}`,
        )
        .join(",")}]`,
    ],
  );
  return new Set(rows.map((row) => Number(row.n)));
}

/** One by one, where they could not be written together. */
export async function writeSingly(
  { store, context }: Writer,
  items: readonly Item[],
): Promise<Written & { faults: Fault[] }> {
  const sum = { done: 0, unchanged: 0, faults: [] as Fault[] };
  for (const item of items) {
    try {
      const one = await store.transaction(context, (tx) => writeItems(tx, context, [item]));
      sum.done += one.done;
      sum.unchanged += one.unchanged;
    } catch (error) {
      const { reason, detail } = reasonOf(error);
      sum.faults.push(faultAt(item, reason, item.resource, detail));
    }
  }
  return sum;
}
