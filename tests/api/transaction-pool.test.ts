import { sql } from "drizzle-orm";
import { integer, jsonb, pgTable, text, timestamp, uuid } from "drizzle-orm/pg-core";
import { drizzle } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bytes } from "../../server/db/columns.ts";
import { createTransactionPool } from "../../server/db/transaction-pool.ts";
import { fromDatabase } from "../../server/errors/database-error.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

const thing = pgTable("thing", {
  id: uuid("id").primaryKey().default(sql`uuidv7()`),
  name: text("name").notNull().unique("thing_name"),
  count: integer("count"),
  tags: text("tags").array().notNull().default([]),
  ids: uuid("ids").array(),
  detail: jsonb("detail"),
  hash: bytes("hash"),
  at: timestamp("at", { withTimezone: true, mode: "date" }),
});

let database: TestDatabase;
let admin: postgres.Sql;
let client: postgres.Sql;
let orm: ReturnType<typeof drizzle>;
beforeAll(async () => {
  database = await createTestDatabase();
  admin = postgres(database.admin, { max: 1, onnotice: () => {} });
  await admin.unsafe(`create table thing (id uuid primary key default uuidv7(), name text not null constraint thing_name unique,
    count integer, tags text[] not null default '{}', ids uuid[], detail jsonb, hash bytea, at timestamptz);
    grant all on thing to yilian_app`);
  client = createTransactionPool(database.app, 4);
  orm = drizzle(client);
});
afterAll(async () => {
  await client.end();
  await admin.end();
  await database.drop();
});

const pids = () =>
  admin`select pid from pg_stat_activity where usename = 'yilian_app' and datname = current_database()`;

describe("values", () => {
  test("come back as they went in", async () => {
    const row = {
      name: "次仁 \" ' \\ {}",
      count: 7,
      tags: ["a,b", 'c"d', "次"],
      ids: ["0196b7d8-7c1e-7000-8000-000000000001"],
      detail: { deep: [1, "二", null, { x: true }] },
      hash: Buffer.from([0, 1, 255]),
      at: new Date("2026-11-22T04:00:00.123Z"),
    };
    const found = await orm.transaction(async (tx) => {
      await tx.insert(thing).values(row);
      return tx.select().from(thing);
    });
    expect(found).toMatchObject([row]);
  });

  test("of raw statements are as before: arrays, text of long numbers, parsed documents, counts", async () => {
    const [rows, changed] = await orm.transaction(async (tx) => {
      const first =
        await tx.execute(sql`select array_agg(x::text) as list, 9007199254740993::bigint as long, 1.50::numeric as exact,
        '{"a":1}'::jsonb as document, true as yes, now() as at, null as nothing from generate_series(1, 2) x`);
      return [first, await tx.update(thing).set({ count: 8 })] as const;
    });
    expect([...rows]).toEqual([
      {
        list: ["1", "2"],
        long: "9007199254740993",
        exact: "1.50",
        document: { a: 1 },
        yes: true,
        at: expect.any(String),
        nothing: null,
      },
    ]);
    expect(changed.count).toBe(1);
  });
});

describe("transactions", () => {
  test("roll back as a whole, and the connection is good again", async () => {
    await expect(
      orm.transaction(async (tx) => {
        await tx.insert(thing).values({ name: "undone" });
        throw new Error("no");
      }),
    ).rejects.toThrow("no");
    expect(await admin`select 1 from thing where name = 'undone'`).toHaveLength(0);
    expect(await orm.transaction((tx) => tx.select().from(thing))).toHaveLength(1);
  });

  test("a savepoint rolls back alone", async () => {
    await orm.transaction(async (tx) => {
      await tx.insert(thing).values({ name: "outer" });
      await tx
        .transaction(async (inner) => {
          await inner.insert(thing).values({ name: "inner" });
          await inner.insert(thing).values({ name: "outer" });
        })
        .catch(() => {});
    });
    const names = (await admin`select name from thing where name in ('outer', 'inner')`).map(
      (row) => row.name,
    );
    expect(names).toEqual(["outer"]);
  });

  test("statements started together run one after the other", async () => {
    const results = await orm.transaction((tx) =>
      Promise.all(
        [1, 2, 3].map((value) => tx.execute(sql`select ${value}::int as value, pg_sleep(0.01)`)),
      ),
    );
    expect(results.map((rows) => rows[0]?.value)).toEqual([1, 2, 3]);
  });

  test("a statement after the end is refused instead of running outside", async () => {
    let late: (() => Promise<unknown>) | undefined;
    await orm.transaction(async (tx) => {
      late = () => tx.execute(sql`select 1`);
    });
    await expect(late!()).rejects.toThrow();
  });

  test("a violated constraint names itself", async () => {
    const error = await orm
      .transaction((tx) => tx.insert(thing).values({ name: "outer" }))
      .catch((one: Error) => one);
    expect((error as Error).cause).toMatchObject({ code: "23505", constraint_name: "thing_name" });
  });

  test("three hundred at once over four connections: none is lost, none is mixed up", async () => {
    const numbers = await Promise.all(
      Array.from({ length: 300 }, (_, index) =>
        orm.transaction(async (tx) => {
          await tx.execute(sql`select set_config('yilian.person', ${String(index)}, true)`);
          const [row] = await tx.execute(sql`select current_setting('yilian.person') as value`);
          return Number(row?.value);
        }),
      ),
    );
    expect(numbers).toEqual(Array.from({ length: 300 }, (_, index) => index));
  });
});

describe("a line that breaks", () => {
  test("in mid-transaction, in every phase: an error that can be caught, then new lines", async () => {
    for (let round = 0; round < 30; round += 1) {
      const work = Array.from({ length: 6 }, () =>
        orm.transaction(async (tx) => {
          await tx.execute(sql`select 1`);
          await new Promise((resolve) => setTimeout(resolve, Math.random() * 6));
          await tx.execute(sql`select pg_sleep(${Math.random() / 200})`);
          await tx.execute(sql`select 2`);
        }),
      );
      const settled = Promise.allSettled(work);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 10));
      await admin`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'yilian_app' and datname = current_database()`;
      for (const result of await settled) {
        if (result.status === "rejected")
          expect(fromDatabase(result.reason)?.code).toBe("service.unavailable");
      }
    }
    expect(await orm.transaction((tx) => tx.execute(sql`select 1 as one`))).toMatchObject([
      { one: 1 },
    ]);
    expect((await pids()).length).toBeLessThanOrEqual(4);
  });

  test("a database that is not there: refused with a code, soon", async () => {
    const nowhere = createTransactionPool("postgres://x:y@127.0.0.1:1/none", 2);
    const error = await drizzle(nowhere)
      .transaction((tx) => tx.execute(sql`select 1`))
      .catch((one: unknown) => one);
    expect(fromDatabase(error)?.code).toBe("service.unavailable");
    await nowhere.end();
  });
});
