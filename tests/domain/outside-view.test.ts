import type { Resource } from "@medplum/fhirtypes";
import { describe, expect, it } from "vitest";
import { isPrivateAddress, mayBeAsked } from "../../server/records/federation/address.ts";
import { firstFault } from "../../server/records/federation/check-entry.ts";
import { keepSecondsOf } from "../../server/records/federation/partner-client.ts";
import { type ViewRule, viewOf } from "../../server/records/outside-view.ts";

const us = "00000000-0000-4000-8000-000000000001";
const them = "00000000-0000-4000-8000-000000000002";
const rule = (
  decision: "permit" | "deny",
  recipient: string | null,
  label: string | null = null,
): ViewRule => ({ decision, recipient, label });
const resource = (resourceType: string, ...labels: string[]) =>
  ({ resourceType, meta: { security: labels.map((code) => ({ code })) } }) as unknown as Resource;

describe("what is shown of a server that consent does not reach", () => {
  it.each<[string, ViewRule[], plain: boolean, psychiatric: boolean]>([
    ["nothing was said", [], false, false],
    ["somebody else may", [rule("permit", them)], false, false],
    ["we may", [rule("permit", us)], true, true],
    [
      "we may, a category is hidden from all",
      [rule("permit", us), rule("deny", null, "PSY")],
      true,
      false,
    ],
    ["we may, all but a category", [rule("permit", us), rule("deny", us, "PSY")], true, false],
    ["we may that category alone", [rule("permit", us, "PSY")], false, true],
    ["a refusal and a consult's permission", [rule("permit", us), rule("deny", us)], false, false],
    ["everybody may, we may not", [rule("permit", null), rule("deny", us)], false, false],
    ["nobody may, we may", [rule("deny", null), rule("permit", us)], true, true],
  ])("%s", (_said, rules, plain, psychiatric) => {
    const { isShown, only } = viewOf(rules, us);
    expect(isShown?.(resource("Condition"))).toBe(plain);
    expect(isShown?.(resource("Condition", "PSY"))).toBe(psychiatric);
    expect(isShown?.(resource("Condition", "PSY", "ETH"))).toBe(plain && psychiatric);
    // Never hidden, whatever its label.
    expect(isShown?.(resource("AllergyIntolerance", "PSY"))).toBe(true);
    // What may not be shown at all is not asked for either.
    expect(only).toEqual(plain || psychiatric ? undefined : ["AllergyIntolerance"]);
  });

  it("has one mark for one set of rules, in whatever order and however often they were said", () => {
    const [a, b] = [rule("permit", us), rule("deny", null, "PSY")];
    expect(viewOf([a, b], us).mark).toBe(viewOf([b, a, a, rule("permit", them)], us).mark);
    expect(viewOf([a], us).mark).not.toBe(viewOf([a, b], us).mark);
  });
});

describe("how long an answer may be kept", () => {
  it.each([
    [null, null],
    ["", null],
    ["public", null],
    ["no-store", 0],
    ["no-cache, max-age=60", 0],
    ["private, max-age=60", 0],
    ["Max-Age=60", 60],
    ["max-age=60, s-maxage=5", 5],
    ["max-age=60,no-store", 0],
    ['max-age="30"', 30],
    ["max-age=-1", null],
  ])("%s: %s seconds", (header, seconds) => {
    expect(keepSecondsOf(header)).toBe(seconds);
  });
});

describe("an address", () => {
  it.each([
    ["10.1.2.3", true, true],
    ["127.0.0.1", true, true],
    ["::ffff:192.168.1.1", true, true],
    ["169.254.169.254", true, false],
    ["::ffff:169.254.169.254", true, false],
    ["fe80::1", true, false],
    ["fd00:ec2::254", true, false],
    ["0.0.0.0", true, false],
    ["::", true, false],
    ["224.0.0.1", true, false],
    ["8.8.8.8", false, true],
    ["no address", true, false],
  ])("%s: private %s, may be asked within a private network %s", (address, isPrivate, may) => {
    expect(isPrivateAddress(address)).toBe(isPrivate);
    expect(mayBeAsked(address, true)).toBe(may);
    expect(mayBeAsked(address, false)).toBe(!isPrivate);
  });
});

it("a fault is told by its path, without what stood there", () => {
  expect(firstFault({ resourceType: "Condition" })).toBe("Condition.subject");
  expect(firstFault({ resourceType: "Patient", 王小明: "1" })).toBe("Patient");
  expect(firstFault({ resourceType: "王小明" })).toMatch(/^Resource/);
  expect(firstFault(null)).toBe("Resource");
});
