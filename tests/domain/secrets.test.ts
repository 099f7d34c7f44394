import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OperatorError } from "../../server/operator-error.ts";
import { loadSecrets, rotateDataKey } from "../../server/secrets.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "yilian-secrets-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("loadSecrets", () => {
  it("generates once and keeps them from other accounts", () => {
    const dataDir = join(folder, "new");
    const first = loadSecrets(dataDir);
    expect(Buffer.from(first.blindIndexKey, "base64")).toHaveLength(32);
    expect(Object.keys(first.dataKeys)).toEqual([first.currentDataKeyId]);
    expect(statSync(join(dataDir, "secrets.json")).mode & 0o777).toBe(0o600);
    expect(loadSecrets(dataDir)).toEqual(first);
  });

  it("uses a given SFU_SECRET and does not write it down", () => {
    const given = "s".repeat(40);
    expect(loadSecrets(folder, { SFU_SECRET: given }).sfuSecret).toBe(given);
    expect(readFileSync(join(folder, "secrets.json"), "utf8")).not.toContain(given);
  });

  it.each(["", "{}", "not json"])("refuses a damaged file (%j) rather than replace it", (text) => {
    const file = join(folder, "secrets.json");
    writeFileSync(file, text);
    expect(() => loadSecrets(folder)).toThrow(OperatorError);
    expect(readFileSync(file, "utf8")).toBe(text);
  });
});

describe("rotateDataKey", () => {
  it("adds a key and keeps the old ones", () => {
    const before = loadSecrets(folder);
    const after = rotateDataKey(folder);
    expect(after.currentDataKeyId).not.toBe(before.currentDataKeyId);
    expect(after.dataKeys).toMatchObject(before.dataKeys);
    expect({ ...after, dataKeys: before.dataKeys, currentDataKeyId: "k1" }).toEqual(before);
    expect(loadSecrets(folder)).toEqual(after);
    expect(Object.keys(rotateDataKey(folder).dataKeys)).toEqual(["k1", "k2", "k3"]);
  });
});
