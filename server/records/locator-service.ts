/** Who holds something about whom: kept from what the stores receive, asked before anybody is asked. */
import { and, eq, inArray, isNull, lt, or, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { institution } from "../directory/schema.ts";
import { DomainError } from "../errors/domain-error.ts";
import { callerParameter, type HostedStore, type StoreContext } from "../fhir/service.ts";
import type { Services } from "../http/context.ts";
import { systemActor } from "../identity/service.ts";
import {
  identifierIndex,
  type KnownIdentifier,
  patientsIn,
  type ScannedPatient,
  type ScannedRow,
} from "./locator.ts";
import type { OutsideRow } from "./record-source.ts";
import {
  recordIndexState,
  recordLocation,
  recordOutside,
  recordOutsideLocation,
  recordStore,
} from "./schema.ts";

const actor = systemActor("record-locator");
const rowsPerScan = 5000;
/** A transaction that began earlier may commit later: so much is read again. */
const overlapMs = 60_000;
/** How exactly it is known when an outside server last answered. */
const answeredStepMs = 60_000;

/**
 * Read what a hosted store received since the last time into the locator. Repeatable.
 * @throws DomainError `fhir.no-store`, `fhir.paused`
 */
export async function indexStore(services: Services, institutionId: string): Promise<void> {
  const hosted = await services.records.find({ institutionId });
  const [state] = await services.db.withActor(actor, (tx) =>
    tx.select().from(recordIndexState).where(eq(recordIndexState.institutionId, institutionId)),
  );
  let from = {
    at: state ? new Date(state.scannedTo.getTime() - overlapMs) : new Date(0),
    key: "0",
  };
  for (;;) {
    const { rows, last } = await scan(services, hosted, from);
    const now = services.clock();
    await services.db.withActor(actor, async (tx) => {
      await keep(services, tx, institutionId, patientsIn(rows), now);
      const scannedTo = last?.at ?? state?.scannedTo ?? from.at;
      await tx
        .insert(recordIndexState)
        .values({ institutionId, scannedTo, indexedAt: now })
        .onConflictDoUpdate({
          target: recordIndexState.institutionId,
          set: { scannedTo, indexedAt: now },
        });
    });
    if (!last || rows.length < rowsPerScan) return;
    from = last;
  }
}

/** All hosted stores; one that is paused or broken does not keep the others from it. */
export async function indexStores(services: Services): Promise<void> {
  const stores = await services.db.withActor(actor, (tx) =>
    tx.select().from(recordStore).where(eq(recordStore.kind, "hosted")),
  );
  for (const { institutionId } of stores)
    await indexStore(services, institutionId).catch((error: unknown) => {
      if (!(error instanceof DomainError)) throw error;
    });
}

async function scan(
  services: Services,
  { store, tenant, code }: HostedStore,
  from: { at: Date; key: string },
): Promise<{ rows: ScannedRow[]; last: { at: Date; key: string } | null }> {
  const context: StoreContext = {
    tenant,
    at: services.clock(),
    base: `${services.publicUrl}/stores/${code}/fhir`,
    caller: {
      kind: "client",
      actor: "record-locator",
      name: null,
      institution: tenant,
      purpose: "operations",
      reason: null,
      scopes: null,
      mayWrite: false,
      correlationId: "record-locator",
      address: null,
    },
  };
  const rows = await store.transaction(context, async (tx) => {
    await tx.unsafe("SELECT fhir.enter($1::text::jsonb)", [callerParameter(context)]);
    return tx.unsafe(
      `SELECT r.key, r.last_updated, r.type, r.id, r.deleted, r.patients,
         CASE WHEN r.type = 'Patient' THEN r.content->'identifier' END AS identifiers
       FROM resource r WHERE r.tenant = $1 AND (r.last_updated, r.key) > ($2::timestamptz, $3::bigint)
       ORDER BY r.last_updated, r.key LIMIT ${rowsPerScan}`,
      [tenant, from.at.toISOString(), from.key],
    );
  });
  const last = rows.at(-1);
  return {
    rows: rows as unknown as ScannedRow[],
    last: last ? { at: new Date(last.last_updated), key: String(last.key) } : null,
  };
}

async function keep(
  services: Services,
  tx: Tx,
  institutionId: string,
  patients: ReadonlyMap<string, ScannedPatient>,
  now: Date,
): Promise<void> {
  for (const [localId, one] of patients) {
    const here = and(
      eq(recordLocation.institutionId, institutionId),
      eq(recordLocation.localId, localId),
    );
    if (one.identifiers !== null) {
      const known = await tx.select().from(recordLocation).where(here);
      const kinds = new Set(known.flatMap((row) => row.kinds));
      for (const kind of one.kinds) kinds.add(kind);
      await tx.delete(recordLocation).where(here);
      await insert(services, tx, institutionId, localId, one.identifiers, [...kinds], now);
    } else if (one.kinds.size > 0) {
      await tx
        .update(recordLocation)
        .set({
          lastSeenAt: now,
          kinds: sql`(select coalesce(array_agg(distinct k order by k), '{}') from unnest(${recordLocation.kinds} || ${sql.param([...one.kinds])}::text[]) k)`,
        })
        .where(here);
    }
  }
}

async function insert(
  services: Services,
  tx: Tx,
  institutionId: string,
  localId: string,
  identifiers: readonly KnownIdentifier[],
  kinds: readonly string[],
  now: Date,
): Promise<void> {
  if (identifiers.length === 0) return;
  await tx
    .insert(recordLocation)
    .values(
      identifiers.map((one) => ({
        institutionId,
        localId,
        identifierIndex: identifierIndex(services.vault, one),
        kinds: [...kinds].sort(),
        lastSeenAt: now,
      })),
    )
    .onConflictDoUpdate({
      target: [
        recordLocation.institutionId,
        recordLocation.identifierIndex,
        recordLocation.localId,
      ],
      set: { kinds: [...kinds].sort(), lastSeenAt: now },
    });
}

/** What a remote store or an outside server was found to hold, by being asked. */
export async function noteAnswer(
  services: Services,
  { institutionId, outside }: Pick<Holder, "institutionId" | "outside">,
  found: {
    identifiers: readonly KnownIdentifier[];
    patientIds: readonly string[];
    kinds: readonly string[];
  },
): Promise<void> {
  const now = services.clock();
  if (outside) return noteOutside(services, outside, found, now);
  await services.db.withActor(actor, async (tx) => {
    for (const localId of found.patientIds)
      await insert(services, tx, institutionId, localId, found.identifiers, found.kinds, now);
    await tx
      .insert(recordIndexState)
      .values({ institutionId, scannedTo: now, indexedAt: now })
      .onConflictDoUpdate({ target: recordIndexState.institutionId, set: { indexedAt: now } });
  });
}

async function noteOutside(
  services: Services,
  { id: outsideId, base }: OutsideRow,
  found: Parameters<typeof noteAnswer>[2],
  now: Date,
): Promise<void> {
  await services.db.withActor(actor, async (tx) => {
    const here = and(
      eq(recordOutside.id, outsideId),
      eq(recordOutside.base, base),
      isNull(recordOutside.removedAt),
    );
    // To the minute: many doctors open records at once, and one row is told of all of them.
    await tx
      .update(recordOutside)
      .set({ answeredAt: now })
      .where(
        and(
          here,
          or(
            isNull(recordOutside.answeredAt),
            lt(recordOutside.answeredAt, new Date(now.getTime() - answeredStepMs)),
          ),
        ),
      );
    // Removed, or moved to another address, while it was asked: what was learnt there counts no more.
    const standing = await tx
      .select({ id: recordOutside.id })
      .from(recordOutside)
      .where(here)
      .for("share");
    if (standing.length === 0) return;
    const indexes = found.identifiers.map((one) => identifierIndex(services.vault, one));
    // Whom it does not know any more is looked for again the next time.
    if (found.patientIds.length === 0)
      await tx
        .delete(recordOutsideLocation)
        .where(
          and(
            eq(recordOutsideLocation.outsideId, outsideId),
            inArray(recordOutsideLocation.identifierIndex, indexes),
          ),
        );
    const values = found.patientIds.flatMap((localId) =>
      indexes.map((index) => ({
        outsideId,
        localId,
        identifierIndex: index,
        kinds: [...found.kinds].sort(),
        lastSeenAt: now,
      })),
    );
    if (values.length === 0) return;
    await tx
      .insert(recordOutsideLocation)
      .values(values)
      .onConflictDoUpdate({
        target: [
          recordOutsideLocation.outsideId,
          recordOutsideLocation.identifierIndex,
          recordOutsideLocation.localId,
        ],
        set: { kinds: [...found.kinds].sort(), lastSeenAt: now },
      });
  });
}

export type Holder = {
  readonly institutionId: string;
  /** Of its institution; of an outside server its id. */
  readonly code: string;
  readonly store: Pick<typeof recordStore.$inferSelect, "kind" | "location" | "pausedAt">;
  /** Beside the institution's own records: a server that it connected. */
  readonly outside: OutsideRow | null;
  readonly localIds: readonly string[];
  readonly kinds: readonly string[];
  /** When the locator last heard of the patient there, and of the store at all. */
  readonly lastSeenAt: Date | null;
  readonly indexedAt: Date | null;
};

/**
 * Who holds something about whom these identifiers name; remote stores and outside servers that were
 * never asked for him are among them, for they tell nobody by themselves.
 */
export async function findHolders(
  services: Services,
  tx: Tx,
  identifiers: readonly KnownIdentifier[],
): Promise<Holder[]> {
  if (identifiers.length === 0) return [];
  const stores = await tx
    .select({ store: recordStore, code: institution.slug, state: recordIndexState })
    .from(recordStore)
    .innerJoin(institution, eq(institution.id, recordStore.institutionId))
    .leftJoin(recordIndexState, eq(recordIndexState.institutionId, recordStore.institutionId))
    .orderBy(institution.slug);
  const places = await tx
    .select()
    .from(recordLocation)
    .where(
      inArray(
        recordLocation.identifierIndex,
        identifiers.map((one) => identifierIndex(services.vault, one)),
      ),
    );
  const outside = await findOutside(services, tx, identifiers);
  const inside = stores.flatMap(({ store, code, state }): Holder[] => {
    const own = places.filter((one) => one.institutionId === store.institutionId);
    if (own.length === 0 && store.kind === "hosted") return [];
    return [
      {
        institutionId: store.institutionId,
        code,
        store,
        outside: null,
        localIds: [...new Set(own.map((one) => one.localId))],
        kinds: [...new Set(own.flatMap((one) => one.kinds))].sort(),
        lastSeenAt: own.reduce<Date | null>(
          (newest, one) => (!newest || one.lastSeenAt > newest ? one.lastSeenAt : newest),
          null,
        ),
        indexedAt: state?.indexedAt ?? null,
      },
    ];
  });
  return [...inside, ...outside];
}

async function findOutside(
  services: Services,
  tx: Tx,
  identifiers: readonly KnownIdentifier[],
): Promise<Holder[]> {
  const servers = await tx
    .select()
    .from(recordOutside)
    .where(isNull(recordOutside.removedAt))
    .orderBy(recordOutside.createdAt);
  if (servers.length === 0) return [];
  const places = await tx
    .select()
    .from(recordOutsideLocation)
    .where(
      inArray(
        recordOutsideLocation.identifierIndex,
        identifiers.map((one) => identifierIndex(services.vault, one)),
      ),
    );
  return servers.map((server) => {
    const own = places.filter((one) => one.outsideId === server.id);
    return {
      institutionId: server.institutionId,
      code: server.id,
      store: { kind: "remote", location: server.base, pausedAt: server.pausedAt },
      outside: server,
      localIds: [...new Set(own.map((one) => one.localId))],
      kinds: [...new Set(own.flatMap((one) => one.kinds))].sort(),
      lastSeenAt: own.reduce<Date | null>(
        (newest, one) => (!newest || one.lastSeenAt > newest ? one.lastSeenAt : newest),
        null,
      ),
      indexedAt: server.answeredAt,
    };
  });
}

export type LocatorUpkeep = { settled(): Promise<void> };

/**
 * Keeps the locator up with what is written here: soon after each write, one scan per institution at a
 * time. What a crash leaves out is read by the job of the minute.
 */
export function keepLocator(
  services: Services,
  onError: (error: unknown) => void,
  delayMs = 100,
): LocatorUpkeep {
  const running = new Map<string, Promise<void>>();
  const again = new Set<string>();
  const run = async (tenant: string): Promise<void> => {
    do {
      again.delete(tenant);
      await new Promise((resolve) => setTimeout(resolve, delayMs).unref());
      await indexStore(services, tenant).catch((error: unknown) => {
        if (!(error instanceof DomainError)) onError(error);
      });
    } while (again.has(tenant));
  };
  services.records.listen((tenant) => {
    again.add(tenant);
    if (running.has(tenant)) return;
    running.set(
      tenant,
      run(tenant).finally(() => running.delete(tenant)),
    );
  });
  return {
    settled: async () => {
      while (running.size > 0) await Promise.all(running.values());
    },
  };
}
