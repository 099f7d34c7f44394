/** A record store of its own for a test file, written to through fhir.put and read as the application's role. */
import { randomBytes, randomUUID } from "node:crypto";
import postgres from "postgres";
import { inject } from "vitest";
import {
  type FoundResource,
  indexRows,
  parseSearch,
  patientsOf,
  runSearch,
  type SearchPage,
} from "../../server/fhir/search/service.ts";
import { openStoreDatabase, type StoreTx } from "../../server/fhir/store/database.ts";
import { migrateStore } from "../../server/fhir/store/migrate.ts";

export type TestResource = { resourceType: string; id: string; [name: string]: unknown };
export type SearchStore = {
  tenant: string;
  base: string;
  now: Date;
  appUrl: string;
  adminUrl: string;
  put: (
    resources: readonly TestResource[],
    method?: "PUT" | "DELETE",
    tenant?: string,
  ) => Promise<void>;
  as: <Result>(work: (tx: StoreTx) => Promise<Result>, caller?: Caller) => Promise<Result>;
  search: (type: string | null, query?: string, caller?: Caller) => Promise<SearchPage>;
  /** `Type/id` of the matches, in their order. */
  ids: (type: string | null, query?: string, caller?: Caller) => Promise<string[]>;
  close: () => Promise<void>;
};
export type Caller = { institution?: string; tenant?: string; purpose?: string };

export const now = new Date("2026-11-23T02:00:00Z");

export async function createSearchStore(): Promise<SearchStore> {
  const cluster = inject("cluster");
  const name = `s_${randomBytes(6).toString("hex")}`;
  const at = (url: string, database: string) => {
    const own = new URL(url);
    own.pathname = `/${database}`;
    return own.href;
  };
  const admin = postgres(at(cluster.admin, "postgres"), { max: 1, onnotice: () => {} });
  await admin.unsafe(`create database ${name} owner yilian_owner`);
  await migrateStore(at(cluster.owner, name));
  const appUrl = at(cluster.app, name);
  const database = openStoreDatabase(appUrl, 2);
  const tenant = randomUUID();
  const base = "https://records.example/fhir";

  const callerOf = (caller: Caller = {}) =>
    JSON.stringify({
      tenant: caller.tenant ?? tenant,
      institution: caller.institution ?? caller.tenant ?? tenant,
      kind: "person",
      actor: "test",
      purpose: caller.purpose ?? "treatment",
      at: now.toISOString(),
    });
  const as: SearchStore["as"] = (work, caller) =>
    database.begin(async (tx) => {
      await tx.unsafe("SELECT fhir.enter($1::text::jsonb)", [callerOf(caller)]);
      return await work(tx);
    });
  const put: SearchStore["put"] = async (resources, method = "PUT", of = tenant) => {
    const entries = resources.map((resource, n) => ({
      n,
      type: resource.resourceType,
      id: resource.id,
      method,
      ...(method === "DELETE"
        ? {}
        : {
            content: resource,
            patients: patientsOf(resource, [base]),
            labels: labelsOf(resource),
            rows: indexRows(resource, [base]),
          }),
    }));
    await database.begin(async (tx) => {
      await tx.unsafe("SELECT n FROM fhir.put($1::text::jsonb, $2, $3::text::jsonb)", [
        callerOf({ tenant: of }),
        "transaction",
        JSON.stringify(entries),
      ]);
    });
  };
  const search: SearchStore["search"] = async (type, query = "", caller) => {
    const request = parseSearch(type, [...new URLSearchParams(query)], { strict: true, base });
    return await as((tx) => runSearch(tx, request, { now }), caller);
  };
  return {
    tenant,
    base,
    now,
    appUrl,
    adminUrl: at(cluster.admin, name),
    put,
    as,
    search,
    ids: async (type, query, caller) => (await search(type, query, caller)).matches.map(nameOf),
    close: async () => {
      await database.close();
      await admin.unsafe(`drop database if exists ${name} with (force)`);
      await admin.end();
    },
  };
}

export const nameOf = ({ type, id }: FoundResource): string => `${type}/${id}`;

function labelsOf(resource: TestResource): string[] {
  const meta = resource.meta as { security?: { code: string }[] } | undefined;
  return (meta?.security ?? []).map(({ code }) => code);
}
