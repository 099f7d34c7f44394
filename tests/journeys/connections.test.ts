/**
 * Whoever answers for an institution's records brings a file in, reads what was left out and why,
 * registers a system, tries an outside server that is not there, and pauses the store with a reason.
 */
import { generateKeyPairSync } from "node:crypto";
import { mkdirSync } from "node:fs";
import type { Browser } from "@playwright/test";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { askAxe, wcagRules } from "../support/axe.ts";
import {
  createPerson,
  launchBrowser,
  type Person,
  reportFailure,
  signIn,
} from "../support/people.ts";
import { see } from "../support/see.ts";
import { type Stack, startStack } from "../support/stack.ts";

const SCREENS = "tests/output/screens";
let stack: Stack;
let browser: Browser;
let keeper: Person;

beforeAll(async () => {
  mkdirSync(SCREENS, { recursive: true });
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
  keeper = await createPerson(browser, stack, { device: "desktop" });
  await signIn(keeper, "郑岚");
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await reportFailure({ keeper });
});

async function looksRight(name: string) {
  const { page } = keeper;
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: `${SCREENS}/connections-${name}.png`, fullPage: true });
  const { violations } = await askAxe(page, wcagRules);
  expect(violations.map((one) => `${one.id}: ${one.nodes[0]?.html}`)).toEqual([]);
  expect(await page.locator("body").innerText()).not.toMatch(/\bconnections\.[a-z]/i);
  expect(
    await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
    "nothing to scroll sideways",
  ).toBe(true);
}

it("brings records in, says what was left out, and who may ask for them", async () => {
  const { page } = keeper;
  await page.getByRole("link", { name: "病历连接" }).click();
  await see(page.getByRole("heading", { name: "病历连接" })).toBeVisible();
  const lines = [
    { resourceType: "Patient", id: "journey-1", name: [{ text: "卓玛" }] },
    { resourceType: "Patient", id: "journey-2", gender: "unsaid" },
    { resourceType: "Nonsense" },
  ];
  await page.getByLabel("选择文件").setInputFiles({
    name: "县医院.ndjson",
    mimeType: "application/x-ndjson",
    buffer: Buffer.from(lines.map((one) => JSON.stringify(one)).join("\n")),
  });
  const row = page.getByRole("listitem").filter({ hasText: "县医院.ndjson" });
  await see(row).toContainText("已完成");
  await row.getByRole("button", { name: "原因" }).click();
  await see(row.getByRole("row").filter({ hasText: "Patient/journey-2" })).toContainText(
    "不符合 FHIR R4",
  );
  const report = await page.evaluate(
    async (href) => (await fetch(href)).text(),
    String(await row.getByRole("link", { name: "下载报告" }).getAttribute("href")),
  );
  expect(report).toContain("不是 FHIR R4 资源");

  const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
  const key = { ...publicKey.export({ format: "jwk" }), kid: "lis", alg: "ES384" };
  await page.getByRole("button", { name: "登记系统" }).first().click();
  await page.getByLabel("系统名称").fill("检验系统");
  await page.getByLabel("公钥（JWKS）").fill("not json");
  await page.locator("form").getByRole("button", { name: "登记系统" }).click();
  await see(page.getByText("这不是 JSON")).toBeVisible();
  await page.getByLabel("公钥（JWKS）").fill(JSON.stringify(key));
  await page.locator("form").getByRole("button", { name: "登记系统" }).click();
  await see(page.getByRole("listitem").filter({ hasText: "检验系统" })).toContainText("使用中");

  await page.getByLabel("FHIR 基础地址").fill("http://127.0.0.1:1/fhir");
  await page.getByLabel("在医院专线或 VPN 里").check();
  await page.getByRole("button", { name: "试一下" }).click();
  await see(page.getByText("这个端口没有程序在听")).toBeVisible();
  await looksRight("zh");
});

it("pauses a store with a reason and lets it answer again", async () => {
  const { page } = keeper;
  await page.getByRole("button", { name: /^暂停.*徐汇/ }).click();
  await page.getByLabel("理由").fill("夜间迁移");
  await page.getByRole("button", { name: "现在暂停" }).click();
  const resume = page.getByRole("button", { name: /^恢复.*徐汇/ });
  await see(resume).toBeVisible();
  await resume.click();
  await see(page.getByRole("button", { name: /^暂停.*徐汇/ })).toBeVisible();
});

it("reads well in English and Tibetan, and at 1024 px", async () => {
  const { page } = keeper;
  await page.setViewportSize({ width: 1024, height: 800 });
  for (const language of ["en", "bo"]) {
    await page.evaluate(
      (code) => localStorage.setItem("yilian.preferences", JSON.stringify({ language: code })),
      language,
    );
    await page.reload();
    await see(page.locator(".connections-figures").first()).toBeVisible();
    await looksRight(language);
  }
});
