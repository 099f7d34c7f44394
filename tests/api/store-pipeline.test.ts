import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openStoreDatabase, type StoreDatabase } from "../../server/fhir/store/database.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

let database: TestDatabase;
let store: StoreDatabase;
const count = async () => Number((await store.single("select count(*) as n from thing", []))[0]!.n);

beforeAll(async () => {
  database = await createTestDatabase();
  const owner = openStoreDatabase(database.admin);
  await owner.single("create table thing (name text primary key)", []);
  await owner.single("grant all on thing to yilian_app", []);
  await owner.close();
  store = openStoreDatabase(database.app, 2);
});
afterAll(async () => {
  await store.close();
  await database.drop();
});

describe("statements that are sent ahead", () => {
  it("keep their order, and the answer to each is its own", async () => {
    const seen = await store.begin(async (tx) => {
      const first = tx.unsafe("select set_config('my.word', $1, true) as word", ["one"]);
      const second = tx.unsafe("select current_setting('my.word') as word");
      return (await Promise.all([first, second])).map((rows) => rows[0]!.word);
    });
    expect(seen).toEqual(["one", "one"]);
  });

  it("undo everything when one fails that nobody waited for", async () => {
    const before = await count();
    const broken = store.begin(async (tx) => {
      await tx.unsafe("insert into thing values ('kept?')");
      void tx.unsafe("insert into thing values (null)").then(undefined, () => {});
      return "done";
    });
    await expect(broken).rejects.toMatchObject({ code: "23502" });
    expect(await count()).toBe(before);
  });

  it("undo everything when one fails that somebody swallowed", async () => {
    const before = await count();
    const broken = store.begin(async (tx) => {
      await tx.unsafe("insert into thing values ('kept?')");
      await Promise.resolve(tx.unsafe("select 1 / 0")).catch(() => {});
      return "done";
    });
    await expect(broken).rejects.toMatchObject({ code: "22012" });
    expect(await count()).toBe(before);
  });

  it("leave connections that work: many at once, good and bad in turn", async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 60 }, (_, index) =>
        store.begin(async (tx) => {
          const name = `row ${index}`;
          void tx.unsafe("insert into thing values ($1)", [name]).then(undefined, () => {});
          if (index % 3 === 0) await tx.unsafe("select no_such_column");
          return (await tx.unsafe("select name from thing where name = $1", [name]))[0]!.name;
        }),
      ),
    );
    expect(results.filter(({ status }) => status === "rejected")).toHaveLength(20);
    expect(await count()).toBe(40);
  });
});
