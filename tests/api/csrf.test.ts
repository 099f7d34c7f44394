import type { InjectOptions } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildTestApp, type TestApp } from "../support/app.ts";

/**
 * Writes that another site starts in a signed-in browser. Two locks of our own, in
 * `identity/session-plugin.ts`, on every route there is: the Origin must be ours, and a signed-in
 * write carries the token of its session, which another site cannot read.
 */
type Operation = { method: NonNullable<InjectOptions["method"]>; path: string };

/** Doors: they start a session (or belong to the demo), so no token can be known yet; the Origin alone guards them. */
const doors = /^\/api\/(demo|session\/(demo|staff|passkey|phone|phone-code|guest))(\/|$)/;
const unsafe = new Set(["POST", "PUT", "PATCH", "DELETE"]);

let test: TestApp;
let writes: Operation[];
beforeAll(async () => {
  test = await buildTestApp();
  const { paths } = (await test.anonymous.get("/openapi.json")).body as {
    paths: Record<string, object>;
  };
  writes = Object.entries(paths)
    .flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => ({
        method: method.toUpperCase() as Operation["method"],
        path: path.replaceAll(/\{\w+\}/g, "00000000-0000-4000-8000-000000000000"),
      })),
    )
    .filter(({ method }) => unsafe.has(method));
});
afterAll(() => test.close());

async function codesOf(operations: readonly Operation[], headers: Record<string, string>) {
  const codes: Record<string, string> = {};
  for (const { method, path } of operations) {
    const answer = await test.app.inject({ method, url: path, headers, payload: {} });
    codes[`${method} ${path}`] = answer.json<{ code: string }>().code;
  }
  return codes;
}
const allRefused = (operations: readonly Operation[]) =>
  Object.fromEntries(operations.map(({ method, path }) => [`${method} ${path}`, "auth.csrf"]));

describe("a write that another site starts", () => {
  it("is refused on every route, even with the session's token", async () => {
    const doctor = await test.as("danzeng");
    expect(writes.length).toBeGreaterThan(30);
    for (const origin of ["https://evil.example", "null", "http://localhost:8080.evil.example"])
      expect(
        await codesOf(writes, { cookie: doctor.cookie, "x-csrf-token": doctor.csrfToken, origin }),
      ).toEqual(allRefused(writes));
  });

  it("is refused without the session's token, or with another session's", async () => {
    const doctor = await test.as("danzeng");
    const other = await test.as("danzeng");
    const signedIn = writes.filter(({ path }) => !doors.test(path));
    expect(signedIn.length).toBeGreaterThan(25);
    const headers = { cookie: doctor.cookie, origin: "http://localhost:8080" };
    expect(await codesOf(signedIn, headers)).toEqual(allRefused(signedIn));
    expect(await codesOf(signedIn, { ...headers, "x-csrf-token": other.csrfToken })).toEqual(
      allRefused(signedIn),
    );
  });
});
