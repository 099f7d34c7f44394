import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import postgres from "postgres";

const folder = fileURLToPath(new URL("../migrations", import.meta.url));
const lockNumber = 7105230;

/**
 * Bring a record store's database to the newest schema: the files of `server/fhir/migrations` in the
 * order of their names, each once and in one transaction. Forward only; safe to repeat and to run from
 * several replicas at once.
 * @param ownerUrl connection of the role that owns the tables, in the store's own database
 * @throws Error when a file that was applied is gone or was changed: what is there cannot be known then
 */
export async function migrateStore(ownerUrl: string): Promise<void> {
  const files = readdirSync(folder)
    .filter((name) => /^\d{4}_[a-z_]+\.sql$/.test(name))
    .sort();
  const owner = postgres(ownerUrl, { max: 1, onnotice: () => {} });
  try {
    await owner`select pg_advisory_lock(${lockNumber})`;
    await owner.unsafe(`create schema if not exists migrations;
      create table if not exists migrations.store (name text primary key, sha256 text not null,
        applied_at timestamptz not null default clock_timestamp())`);
    const applied = new Map(
      (
        await owner<{ name: string; sha256: string }[]>`select name, sha256 from migrations.store`
      ).map((row) => [row.name, row.sha256]),
    );
    for (const name of files) {
      const text = readFileSync(join(folder, name), "utf8");
      const sha256 = createHash("sha256").update(text).digest("hex");
      const before = applied.get(name);
      if (before === undefined) {
        await owner.begin(async (tx) => {
          await tx.unsafe(text);
          await tx`insert into migrations.store (name, sha256) values (${name}, ${sha256})`;
        });
      } else if (before !== sha256) {
        throw new Error(
          `The record store was made by another ${name}: write a further migration instead of changing one that was applied.`,
        );
      }
    }
    await owner`select pg_advisory_unlock(${lockNumber})`;
  } finally {
    await owner.end();
  }
}

/**
 * The same for every record store of a cluster: databases `yilian_records_…` of the same owner beside the
 * alliance's.
 * @param ownerUrl connection of the owner role to the alliance database
 */
export async function migrateStores(ownerUrl: string): Promise<void> {
  const owner = postgres(ownerUrl, { max: 1, onnotice: () => {} });
  const names = await owner<
    { datname: string }[]
  >`select datname from pg_database where datname like 'yilian\\_records\\_%' and datallowconn
    and pg_get_userbyid(datdba) = current_user order by 1`;
  await owner.end();
  await Promise.all(
    names.map(({ datname }) => {
      const url = new URL(ownerUrl);
      url.pathname = `/${datname}`;
      return migrateStore(url.href);
    }),
  );
}
