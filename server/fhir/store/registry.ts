import { eq } from "drizzle-orm";
import type { Database } from "../../db/client.ts";
import { institution } from "../../directory/schema.ts";
import { DomainError } from "../../errors/domain-error.ts";
import { systemActor } from "../../identity/service.ts";
import { recordStore } from "../../records/schema.ts";
import { openStoreDatabase, type StoreDatabase } from "./database.ts";
import { createRecordStore, type RecordStore } from "./service.ts";

export type HostedStore = {
  /** Institution (uuid) whose records these are. */
  readonly tenant: string;
  /** The institution's code in addresses. */
  readonly code: string;
  readonly store: RecordStore;
};

/** The record stores that are hosted here, opened when first asked for. */
export type RecordStores = {
  /**
   * @param wanted an institution by its code or by its id
   * @throws DomainError `fhir.no-store`, `fhir.paused`
   */
  find(wanted: { code: string } | { institutionId: string }): Promise<HostedStore>;
  /** Forget what is remembered of the table of stores, after it was changed. */
  refresh(): void;
  /** Whoever is told that an institution's records were written here (the record locator, subscriptions). */
  listen(listener: (tenant: string) => void): void;
  close(): Promise<void>;
};

/** How long a row of `record_store` is believed: a paused store is silent within a second everywhere. */
const believedMs = 1000;

type Row = { institutionId: string; code: string; location: string; paused: boolean };

/**
 * @param urlOf address of a store's database for the application role, by its name
 */
export function createRecordStores(
  db: Database,
  urlOf: (database: string) => Promise<string>,
): RecordStores {
  const open = new Map<string, Promise<{ database: StoreDatabase; store: RecordStore }>>();
  let known: { at: number; rows: Promise<Row[]> } | null = null;
  const listeners: ((tenant: string) => void)[] = [];
  const written = (tenant: string) => {
    for (const listener of listeners) listener(tenant);
  };

  const load = () =>
    db.withActor(systemActor("records"), async (tx) => {
      const rows = await tx
        .select({ row: recordStore, code: institution.slug })
        .from(recordStore)
        .innerJoin(institution, eq(institution.id, recordStore.institutionId))
        .where(eq(recordStore.kind, "hosted"));
      return rows.map(({ row, code }) => ({
        institutionId: row.institutionId,
        code,
        location: row.location,
        paused: row.pausedAt !== null,
      }));
    });
  const rowsNow = (): Promise<Row[]> => {
    const now = performance.now();
    if (known && now - known.at < believedMs) return known.rows;
    const rows = load();
    known = { at: now, rows };
    rows.catch(() => {
      known = null;
    });
    return rows;
  };
  const storeAt = (location: string) => {
    let found = open.get(location);
    if (!found) {
      found = urlOf(location).then((url) => {
        const database = openStoreDatabase(url);
        return {
          database,
          store: telling(createRecordStore(database), written),
        };
      });
      open.set(location, found);
      found.catch(() => open.delete(location));
    }
    return found;
  };
  return {
    find: async (wanted) => {
      const row = (await rowsNow()).find((one) =>
        "code" in wanted ? one.code === wanted.code : one.institutionId === wanted.institutionId,
      );
      if (!row) throw new DomainError("fhir.no-store");
      if (row.paused) throw new DomainError("fhir.paused");
      const { store } = await storeAt(row.location);
      return { tenant: row.institutionId, code: row.code, store };
    },
    refresh: () => {
      known = null;
    },
    listen: (listener) => {
      listeners.push(listener);
    },
    close: async () => {
      const opened = await Promise.allSettled(open.values());
      open.clear();
      await Promise.all(
        opened.map((one) => (one.status === "fulfilled" ? one.value.database.close() : undefined)),
      );
    },
  };
}

/** The same store, which says after a write whose records changed. */
function telling(store: RecordStore, tell: (tenant: string) => void): RecordStore {
  return {
    ...store,
    write: async (context, interaction, operations) => {
      const results = await store.write(context, interaction, operations);
      tell(context.tenant);
      return results;
    },
    transaction: async (context, work) => {
      const result = await store.transaction(context, work);
      if (context.caller.mayWrite) tell(context.tenant);
      return result;
    },
  };
}
