import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type EmbeddedDatabase, startEmbedded } from "../../server/db/embedded.ts";
import { OperatorError } from "../../server/operator-error.ts";
import { generateSecrets } from "../../server/secrets.ts";

const secrets = generateSecrets();
let folder: string;
let database: EmbeddedDatabase;
const clients: postgres.Sql[] = [];

function connect(url: string): postgres.Sql {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  clients.push(sql);
  return sql;
}

const start = () => startEmbedded({ dataDir: folder, secrets });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "yilian-embedded-"));
  chmodSync(folder, 0o711);
  database = await start();
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((sql) => sql.end({ timeout: 1 })));
});
afterAll(async () => {
  await database.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe("embedded PostgreSQL", () => {
  it("gives roles that no row policy lets past, each with its own password", async () => {
    const roles = await connect(database.urls.admin)`
      select rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication
      from pg_roles where rolname like 'yilian\\_%' and rolname <> 'yilian_admin' order by 1`;
    expect(roles.map((role) => role.rolname)).toEqual([
      "yilian_app",
      "yilian_jobs",
      "yilian_owner",
    ]);
    for (const { rolname, ...rights } of roles) {
      expect(Object.values(rights), rolname).not.toContain(true);
    }
    for (const role of ["app", "jobs", "owner"] as const) {
      const [row] = await connect(database.urls[role])`select current_user as name`;
      expect(row?.name).toBe(`yilian_${role}`);
    }
    const wrong = database.urls.app.replace(secrets.databasePasswords.app, "wrong");
    await expect(connect(wrong)`select 1`).rejects.toMatchObject({ code: "28P01" });
  });

  it("lets the application neither make tables nor databases", async () => {
    const app = connect(database.urls.app);
    await expect(app`create table t (a int)`).rejects.toMatchObject({ code: "42501" });
    await expect(app`create database d`).rejects.toMatchObject({ code: "42501" });
    await expect(app`create temporary table t (a int)`).rejects.toMatchObject({ code: "42501" });
  });

  it("listens on this machine only", async () => {
    const [row] = await connect(database.urls.admin)`
      select current_setting('listen_addresses') as addresses`;
    expect(row?.addresses).toBe("127.0.0.1");
  });

  it("makes a further database once, closed to others", async () => {
    const first = await database.createDatabase("record_store_one");
    expect(await database.createDatabase("record_store_one")).toEqual(first);
    await connect(first.owner)`create table document (id int primary key)`;
    await expect(connect(first.app)`select * from document`).rejects.toMatchObject({
      code: "42501",
    });
    await expect(database.createDatabase('x"; drop')).rejects.toThrow("not a database name");
  });

  it("comes back by itself after kill -9, on the same port, with everything acknowledged", async () => {
    const owner = connect(database.urls.owner);
    await owner`create table kept (id int primary key)`;
    const ends: string[] = [];
    database.onExit((how) => ends.push(how));
    let acknowledged = 0;
    const writing = (async () => {
      for (let id = 1; id <= 10_000; id += 1) {
        await owner`insert into kept values (${id})`;
        acknowledged = id;
      }
    })().catch(() => "interrupted");
    await expect.poll(() => acknowledged).toBeGreaterThan(20);
    process.kill(postmasterPid(), "SIGKILL");
    expect(await writing).toBe("interrupted");
    const count = await eventually(async () => {
      const [row] = await connect(database.urls.owner)`select count(*)::int as n from kept`;
      return Number(row?.n);
    });
    expect(count).toBeGreaterThanOrEqual(acknowledged);
    expect(ends).toEqual(["SIGKILL"]);
  });

  it("keeps data and port over a stop, and takes stopping twice", async () => {
    await connect(database.urls.owner)`create table lasting as select 7 as n`;
    await database.stop();
    await database.stop();
    const again = await start();
    expect(again.port).toBe(database.port);
    database = again;
    expect(await connect(again.urls.owner)`select n from lasting`).toMatchObject([{ n: 7 }]);
  });

  it("says which file is missing when the secrets do not fit", async () => {
    await database.stop();
    const foreign = startEmbedded({ dataDir: folder, secrets: generateSecrets() });
    await expect(foreign).rejects.toThrow(OperatorError);
    await expect(foreign).rejects.toThrow(/secrets\.json .* does not fit/);
    database = await start();
  });
});

function postmasterPid(): number {
  const text = readFileSync(join(database.folder, "data", "postmaster.pid"), "utf8");
  return Number(text.split("\n")[0]);
}

async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (tries > 200) throw error;
      await delay(50);
    }
  }
}
