import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { feverVisitTransitions } from "../../server/fever/domain.ts";
import { systemActor } from "../../server/identity/session-service.ts";
import { buildTestApp, type TestApp } from "../support/app.ts";

let test: TestApp;
beforeAll(async () => {
  test = await buildTestApp();
});
afterAll(() => test.close());

describe("the order of a visit", () => {
  it("is the same in the database as in the domain", async () => {
    const rows = await test.services.db.withActor(systemActor("test"), (tx) =>
      tx.execute<{ from: string; to: string; side: string }>(
        sql`select from_state as "from", to_state as "to", side from fever_visit_transition`,
      ),
    );
    const text = (one: { from: string; to: string; side: string }) =>
      `${one.from} > ${one.to} (${one.side})`;
    expect(rows.map(text).sort()).toEqual([...new Set(feverVisitTransitions.map(text))].sort());
  });
});
