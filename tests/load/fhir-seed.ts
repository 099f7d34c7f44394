/**
 * A record store full of generated resources, written with COPY. Numbers per patient follow a Synthea
 * record of middle age (about 300 resources, half of them Observations, 30 encounters); the same seed
 * gives the same records. For measurements and for tests of query plans.
 */
import { once } from "node:events";
import postgres from "postgres";
import { indexRows, patientsOf } from "../../server/fhir/search/service.ts";
import { observationKinds, patientRecord, sharedResources } from "./fhir-record.ts";

type Resource = { resourceType: string; id: string; [name: string]: unknown };
export type Seed = {
  readonly patients: number;
  readonly resources: number;
  readonly seconds: number;
};

const TABLES = {
  resource: "key, tenant, type, id, version, last_updated, method, content, patients",
  search_entry: "key, self, type, realm",
  search_token: "key, slot, code, system, item, realm",
  search_string: "key, slot, value, exact, realm",
  search_date: "key, slot, low, high, realm",
  search_number:
    "key, slot, low, high, base_low, base_high, dimension, code, unit, system, item, realm",
  search_reference: "key, slot, target, type, item, realm",
  search_compartment: "realm, patient, key",
} as const;
type Table = keyof typeof TABLES;
const RESOURCES_PER_PATIENT = 300;
const FLUSH_BYTES = 8 * 1024 * 1024;
/** From here on indexes are made after the rows. */
const MANY = 50_000;

/**
 * @param adminUrl superuser's connection to a store that is migrated: COPY knows no row policies
 * @param tenant whose records they are
 * @param wanted resources, about
 */
export async function seedStore(adminUrl: string, tenant: string, wanted: number): Promise<Seed> {
  const startedAt = performance.now();
  const sql = postgres(adminUrl, { max: 1, onnotice: () => {} });
  try {
    // Nobody has subscribed to what is seeded: rows need not be collected for the trigger.
    await sql.unsafe(
      "SET synchronous_commit = off; SET maintenance_work_mem = '512MB'; SET session_replication_role = replica",
    );
    await sql`insert into search_realm (tenant) values (${tenant}) on conflict do nothing`;
    const [{ realm } = { realm: 0 }] = await sql<
      { realm: number }[]
    >`select realm from search_realm where tenant = ${tenant}`;
    const [{ last } = { last: "0" }] = await sql<
      { last: string }[]
    >`select coalesce(max(key), 0)::text as last from resource`;
    const indexes = wanted >= MANY ? await dropIndexes(sql) : [];
    const writer = createWriter(sql, tenant, realm, Number(last));
    const patients = Math.max(1, Math.round(wanted / RESOURCES_PER_PATIENT));
    for (const resource of sharedResources()) writer.add(resource);
    for (let number = 0; number < patients; number += 1) {
      for (const resource of patientRecord(number)) writer.add(resource);
      await writer.flush(false);
    }
    await writer.flush(true);
    for (const definition of indexes) await sql.unsafe(definition);
    await sql.unsafe(
      "SELECT setval(pg_get_serial_sequence('resource', 'key'), (SELECT max(key) FROM resource))",
    );
    await sql.unsafe("VACUUM ANALYZE");
    return { patients, resources: writer.count(), seconds: (performance.now() - startedAt) / 1000 };
  } finally {
    await sql.end();
  }
}

function createWriter(sql: postgres.Sql, tenant: string, realm: number, lastKey: number) {
  const buffers = Object.fromEntries(
    Object.keys(TABLES).map((table) => [table, [] as string[]]),
  ) as Record<Table, string[]>;
  let key = lastKey;
  let bytes = 0;
  const line = (table: Table, values: readonly (string | number | null)[]) => {
    const text = `${values.map((value) => (value === null ? "\\N" : escapeText(String(value)))).join("\t")}\n`;
    buffers[table].push(text);
    bytes += text.length;
  };
  return {
    count: () => key - lastKey,
    add: (resource: Resource) => {
      key += 1;
      const at = "2026-11-20T00:00:00.000Z";
      const content = {
        ...resource,
        meta: { ...(resource.meta as object), versionId: "1", lastUpdated: at },
      };
      const rows = indexRows(resource);
      const patients = patientsOf(resource).map((id) => `"${id}"`);
      line("resource", [
        key,
        tenant,
        resource.resourceType,
        resource.id,
        1,
        at,
        "PUT",
        JSON.stringify(content),
        `{${patients.join(",")}}`,
      ]);
      line("search_entry", [key, rows.self, rows.type, realm]);
      for (const row of rows.tokens) line("search_token", [key, ...row, realm]);
      for (const row of rows.strings) line("search_string", [key, ...row, realm]);
      for (const row of rows.dates) line("search_date", [key, ...row, realm]);
      for (const row of rows.numbers) line("search_number", [key, ...row, realm]);
      for (const row of rows.references) line("search_reference", [key, ...row, realm]);
      for (const patient of rows.compartment) line("search_compartment", [realm, patient, key]);
    },
    flush: async (all: boolean) => {
      if (!all && bytes < FLUSH_BYTES) return;
      bytes = 0;
      for (const [table, columns] of Object.entries(TABLES) as [Table, string][]) {
        const rows = buffers[table].splice(0);
        if (rows.length === 0) continue;
        const stream = await sql.unsafe(`COPY ${table} (${columns}) FROM STDIN`).writable();
        stream.write(rows.join(""));
        stream.end();
        await once(stream, "finish");
      }
    },
  };
}

const escapeText = (text: string): string =>
  /[\\\t\n\r]/.test(text)
    ? text
        .replaceAll("\\", "\\\\")
        .replaceAll("\t", "\\t")
        .replaceAll("\n", "\\n")
        .replaceAll("\r", "\\r")
    : text;

/** Indexes that no constraint owns; made again from their own definitions. */
async function dropIndexes(sql: postgres.Sql): Promise<string[]> {
  const found = await sql<{ name: string; definition: string }[]>`
    select i.indexname as name, i.indexdef as definition from pg_indexes i
    where i.schemaname = 'public' and (i.tablename like 'search_%' or i.tablename = 'resource')
      and not exists (select 1 from pg_constraint c where c.conname = i.indexname)`;
  for (const { name } of found) await sql.unsafe(`DROP INDEX ${name}`);
  return found.map(({ definition }) => definition);
}

export { observationKinds };
