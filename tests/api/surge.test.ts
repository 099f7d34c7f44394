import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemActor } from "../../server/identity/service.ts";
import { surgeSteps } from "../../server/surge/domain.ts";
import { buildTestApp, type TestApp } from "../support/app.ts";

let test: TestApp;
beforeAll(async () => {
  test = await buildTestApp();
});
afterAll(() => test.close());

describe("the database's tables", () => {
  it("have the steps of the domain", async () => {
    const rows = await test.services.db.withActor(systemActor("test"), (tx) =>
      tx.execute<{ from: string; to: string }>(
        sql`select from_state as from, to_state as to from surge_transition`,
      ),
    );
    const expected = Object.entries(surgeSteps).flatMap(([from, tos]) =>
      tos.map((to) => `${from} ${to}`),
    );
    expect(rows.map((row) => `${row.from} ${row.to}`).sort()).toEqual(expected.sort());
  });
});
