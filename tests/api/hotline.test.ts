import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hotlineSteps } from "../../server/hotline/domain.ts";
import { systemActor } from "../../server/identity/service.ts";
import { callSteps } from "../../server/notices/domain.ts";
import { buildTestApp, type TestApp } from "../support/app.ts";

let test: TestApp;
beforeAll(async () => {
  test = await buildTestApp();
});
afterAll(() => test?.close());

const asSystem = <Answer>(work: Parameters<typeof test.services.db.withActor<Answer>>[1]) =>
  test.services.db.withActor(systemActor("test"), work);

describe("state tables", () => {
  it("are the same in the database as in the code", async () => {
    for (const [table, steps] of [
      ["hotline_transition", hotlineSteps],
      ["call_task_transition", callSteps],
    ] as const) {
      const rows = await asSystem((tx) =>
        tx.execute<{ step: string }>(
          sql`select from_state || '>' || to_state as step from ${sql.identifier(table)}`,
        ),
      );
      const own = Object.entries(steps).flatMap(([from, to]) => to.map((one) => `${from}>${one}`));
      expect(rows.map((row) => row.step).sort()).toEqual(own.sort());
    }
  });
});
