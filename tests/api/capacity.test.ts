import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultCapacityPolicy } from "../../server/capacity/domain.ts";
import { systemActor } from "../../server/identity/session-service.ts";
import { buildTestApp, type TestApp } from "../support/app.ts";

let test: TestApp;
beforeAll(async () => {
  test = await buildTestApp();
});
afterAll(() => test.close());
const asSystem = <Row extends Record<string, unknown>>(statement: ReturnType<typeof sql>) =>
  test.services.db.withActor(systemActor("test"), (tx) => tx.execute<Row>(statement));

describe("the database's own rules", () => {
  it("has the numbers of the domain", async () => {
    const [row] = await asSystem(
      sql`select (app.capacity_policy_of(${test.ids.institutions.get("xuhui-central")!}, now())).*`,
    );
    expect(row).toMatchObject({
      hold_hours: defaultCapacityPolicy.holdHours,
      max_hold_hours: defaultCapacityPolicy.maxHoldHours,
      priority_percent: defaultCapacityPolicy.priorityPercent,
      beds_per_absence: defaultCapacityPolicy.bedsPerAbsence,
      average_stay_days: defaultCapacityPolicy.averageStayDays,
      stale_hours: defaultCapacityPolicy.staleHours,
    });
  });
});
