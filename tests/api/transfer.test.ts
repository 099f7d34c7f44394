import { afterAll, beforeAll, expect, it } from "vitest";
import { buildTestApp, type TestApp } from "../support/app.ts";

let test: TestApp;
beforeAll(async () => {
  test = await buildTestApp();
});
afterAll(() => test.close());
it("migrates", async () => {
  expect((await test.anonymous.get("/api/referrals?scope=desk")).status).toBe(401);
});
