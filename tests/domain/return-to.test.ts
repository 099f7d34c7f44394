import { describe, expect, it } from "vitest";
import { returnPath } from "../../web/api/return-to.ts";

const origin = "https://yilian.example";

describe("back to the page that asked for the sign-in", () => {
  it.each([
    ["//evil.example"],
    ["//evil.example/teaching"],
    ["/\\evil.example"],
    ["/\t/evil.example"],
    ["/.//evil.example"],
    ["/a/..//evil.example"],
    ["https://evil.example/"],
    ["https:evil.example"],
    ["javascript:alert(1)"],
    ["teaching/1"],
    [""],
    [null],
    ["/"],
    ["/workbench/sign-in"],
    ["/workbench/sign-in?to=/workbench/sign-in"],
    ["http://[/"],
  ])("never to %j", (asked) => {
    expect(returnPath(asked, origin)).toBeNull();
  });
  it.each([
    ["/teaching/4f6b", "/teaching/4f6b"],
    ["/room/1?x=2#y", "/room/1?x=2#y"],
    ["/workbench/teaching/past", "/workbench/teaching/past"],
    ["/a/../teaching", "/teaching"],
  ])("to %s", (asked, path) => {
    expect(returnPath(asked, origin)).toBe(path);
  });
});
