import { describe, expect, it } from "vitest";
import { deviceOf } from "../../server/identity/device.ts";
import { proofsOf } from "../../server/identity/domain.ts";

describe("proofs of identity", () => {
  it.each([
    [{ totp: false, passkey: false }, ["password"]],
    [{ totp: true, passkey: false }, ["password-and-code"]],
    [{ totp: false, passkey: true }, ["passkey"]],
    [{ totp: true, passkey: true }, ["passkey", "password-and-code"]],
  ])("with %j are %j", (factors, proofs) => {
    expect(proofsOf(factors)).toEqual(proofs);
  });
});

describe("the device of a user agent", () => {
  const webkit = "AppleWebKit/537.36 (KHTML, like Gecko)";
  it.each([
    [null, null, null, "other"],
    ["curl/8.5", null, null, "other"],
    [
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Chrome/140.0.0.0 Safari/537.36 Edg/140.0`,
      "Edge",
      "Windows",
      "computer",
    ],
    [
      `Mozilla/5.0 (X11; Linux x86_64) ${webkit} HeadlessChrome/140.0.0.0 Safari/537.36`,
      "Chrome",
      "Linux",
      "computer",
    ],
    [
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
      "Safari",
      "iPhone",
      "phone",
    ],
    [
      `Mozilla/5.0 (Linux; Android 14; SM-X710) ${webkit} Chrome/140.0.0.0 Safari/537.36`,
      "Chrome",
      "Android",
      "tablet",
    ],
    [
      `Mozilla/5.0 (Linux; Android 12; HarmonyOS; NOH-AN00) ${webkit} Chrome/114.0.0.0 HuaweiBrowser/15.0 Mobile Safari/537.36`,
      "Huawei",
      "HarmonyOS",
      "phone",
    ],
    [
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:130.0) Gecko/20100101 Firefox/130.0",
      "Firefox",
      "macOS",
      "computer",
    ],
    [
      `Mozilla/5.0 (Linux; Android 14; V2) ${webkit} Chrome/130.0 Mobile Safari/537.36 MicroMessenger/8.0.50`,
      "微信 WeChat",
      "Android",
      "phone",
    ],
  ])("%s", (agent, browser, system, form) => {
    expect(deviceOf(agent)).toEqual({ browser, system, form });
  });
});
