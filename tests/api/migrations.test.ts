import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import postgres from "postgres";
import { afterAll, describe, expect, it } from "vitest";
import { migrate } from "../../server/db/migrate.ts";
import { createTestDatabase } from "../support/database.ts";

// The generator takes folders below the project only.
mkdirSync("tests/output", { recursive: true });
const scratch = mkdtempSync(join("tests", "output", "drift-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe("migrations", () => {
  it("are what the schemas say: generating again finds nothing to do", () => {
    const out = join(scratch, "migrations");
    cpSync("server/db/migrations", out, { recursive: true });
    const before = readdirSync(out);
    const kit = join("node_modules", "drizzle-kit", "bin.cjs");
    const output = execFileSync(
      process.execPath,
      [
        kit,
        "generate",
        "--dialect",
        "postgresql",
        "--schema",
        "./server/*/schema.ts",
        "--out",
        `./${out}`,
      ],
      { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] },
    );
    expect(output).toContain("No schema changes");
    expect(readdirSync(out)).toEqual(before);
  });

  it("may be repeated, by several replicas at once, over data", async () => {
    const database = await createTestDatabase();
    const owner = postgres(database.owner, { max: 1 });
    await owner`insert into person (name) values ('留下')`;
    await Promise.all(
      [1, 2, 3].map(() => migrate({ ownerUrl: database.owner, jobsUrl: database.jobs })),
    );
    expect(await owner`select name from person`).toEqual([{ name: "留下" }]);
    await owner.end();
    await database.drop();
  });

  it("say in a sentence which role is missing or too mighty", async () => {
    const database = await createTestDatabase();
    const admin = postgres(database.admin, { max: 1 });
    const [row] = await admin<{ name: string }[]>`select current_database() as name`;
    expect(row!.name).toMatch(/^t_/);
    await admin`alter role yilian_jobs bypassrls`;
    await expect(migrate({ ownerUrl: database.owner, jobsUrl: database.jobs })).rejects.toThrow(
      "must be neither superuser nor BYPASSRLS",
    );
    await admin`alter role yilian_jobs nobypassrls`;
    await admin.end();
    await database.drop();
  });
});
