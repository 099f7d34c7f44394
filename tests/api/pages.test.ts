import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildTestApp, type TestApp } from "../support/app.ts";

let test: TestApp;
let scratch: string;
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "yilian-pages-"));
  const root = join(scratch, "dist");
  mkdirSync(root);
  for (const folder of ["assets", "workbench", "room", "check", "story", "apps"]) {
    mkdirSync(join(root, folder));
    writeFileSync(join(root, folder, "index.html"), `<title>${folder}</title>`);
  }
  writeFileSync(join(root, "index.html"), "<title>patient</title>");
  writeFileSync(join(root, "assets", "a-1.js"), "1");
  writeFileSync(join(root, "assets", "a-1.js.br"), brotliCompressSync("1"));
  writeFileSync(join(root, "..", "secret.txt"), "secret");
  test = await buildTestApp({ webRoot: root });
});
afterAll(async () => {
  await test.close();
  rmSync(scratch, { recursive: true, force: true });
});

describe("pages", () => {
  it.each([
    ["/", "patient"],
    ["/records", "patient"],
    ["/workbench", "workbench"],
    ["/workbench/consults/1", "workbench"],
    ["/room/1", "room"],
    ["/join/abc", "room"],
    ["/check/1", "check"],
    ["/story", "story"],
  ])("%s is answered by the page %s", async (url, page) => {
    const answer = await test.anonymous.get(url);
    expect(answer.raw.body).toBe(`<title>${page}</title>`);
    expect(answer.headers["cache-control"]).toBe("no-cache");
  });

  it("let no other page frame the one on which an app is let in", async () => {
    const { headers, raw } = await test.anonymous.get("/apps/authorize?client_id=x");
    expect(raw.body).toBe("<title>apps</title>");
    expect(headers["x-frame-options"]).toBe("DENY");
    expect(headers["content-security-policy"]).toContain("frame-ancestors 'none'");
  });

  it("keep hashed assets for a year and say when one is gone", async () => {
    const asset = await test.anonymous.get("/assets/a-1.js");
    expect(asset.headers["cache-control"]).toContain("immutable");
    expect((await test.anonymous.get("/assets/old.js")).status).toBe(404);
  });

  it("send a file as the build has packed it to whoever can unpack it", async () => {
    const ask = async (encoding: string) =>
      await test.app.inject({ url: "/assets/a-1.js", headers: { "accept-encoding": encoding } });
    const packed = await ask("gzip, br");
    expect(packed.headers).toMatchObject({
      "content-encoding": "br",
      "content-type": expect.stringContaining("javascript"),
      vary: "accept-encoding",
    });
    expect(packed.headers["cache-control"]).toContain("immutable");
    expect(packed.rawPayload).toEqual(brotliCompressSync("1"));
    const plain = await ask("identity");
    expect(plain.headers["content-encoding"]).toBeUndefined();
    expect(plain.body).toBe("1");
  });

  it("never answer for the APIs, and never leave their folder", async () => {
    for (const url of [
      "/api/nothing",
      "/fhir/nothing/at/all",
      "/..%2fsecret.txt",
      "/assets/..%2f..%2fsecret.txt",
      "/%2e%2e/secret.txt",
    ]) {
      const answer = await test.anonymous.get(url);
      expect([400, 403, 404], url).toContain(answer.status);
      expect(answer.raw.body, url).not.toContain("secret");
    }
  });

  it("run under a policy without inline scripts, styles or other people's frames", async () => {
    const policy = String((await test.anonymous.get("/")).headers["content-security-policy"]);
    expect(policy).not.toContain("unsafe");
    for (const part of [
      "default-src 'self'",
      "frame-ancestors 'self'",
      "object-src 'none'",
      "ws://localhost:8081",
    ])
      expect(policy).toContain(part);
  });
});
