import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { slowSeconds, slowSteps } from "../../server/teaching/live-domain.ts";
import { buildTestApp, type TestApp } from "../support/app.ts";

let test: TestApp;
let admin: postgres.Sql;
beforeAll(async () => {
  test = await buildTestApp();
  admin = postgres(test.database.admin, { max: 2, onnotice: () => {} });
});
afterAll(async () => {
  await admin.end();
  await test.close();
});

describe("the pause of a flooded chat", () => {
  it("is the same in the database as in the rules", async () => {
    const steps = [0, ...slowSteps.map((step) => step.seconds)];
    const rates = slowSteps.flatMap(({ from }) => [from / 2 - 0.1, from / 2, from - 0.1, from]);
    for (const now of steps)
      for (const rate of rates) {
        const [row] = await admin`select app.teaching_slow_seconds(${rate}, ${now}::smallint) as s`;
        expect(row?.s, `${rate} at ${now}`).toBe(slowSeconds(rate, now));
      }
  });
});
