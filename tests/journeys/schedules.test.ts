/**
 * A schedule administrator opens a clinic: the new clinic, its week, a day off, what will be opened and
 * the opening itself; then new rules from a day on. In three languages, and without a mouse being needed
 * anywhere that axe-core would notice.
 */
import type { Browser } from "@playwright/test";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { askAxe, wcagRules } from "../support/axe.ts";
import {
  createPerson,
  launchBrowser,
  type Person,
  reportFailure,
  signIn,
} from "../support/people.ts";
import { keepPicture } from "../support/picture.ts";
import { see } from "../support/see.ts";
import { type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
let browser: Browser;
let manager: Person;
let hasFailed = false;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
  manager = await createPerson(browser, stack, { device: "desktop" });
  await signIn(manager, "顾晓雯");
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});
// Each step stands on the one before it.
beforeEach(({ skip }) => {
  if (hasFailed) skip("an earlier step failed");
});
afterEach(async ({ task }) => {
  if (task.result?.state !== "fail") return;
  hasFailed = true;
  await reportFailure({ manager });
});

async function looksRight(name: string) {
  const { page } = manager;
  await page.evaluate(() => document.fonts.ready);
  await keepPicture(page, `schedules-${name}`);
  const { violations } = await askAxe(page, wcagRules);
  expect(violations.map((one) => `${one.id}: ${one.nodes[0]?.html}`)).toEqual([]);
  // A message that is missing shows its id.
  expect(await page.locator("body").innerText()).not.toMatch(/\bschedules\.[a-z]/i);
}

describe("a schedule administrator", () => {
  it("sees every clinic, until when it is open and how full it is", async () => {
    const { page } = manager;
    await see(page.getByRole("heading", { name: "门诊排班" })).toBeVisible();
    const clinics = await page.evaluate(async () => {
      const answer = await fetch("/api/schedules");
      return ((await answer.json()) as { schedules: unknown[] }).schedules.length;
    });
    expect(clinics).toBeGreaterThan(7);
    await see(page.locator(".queue-item")).toHaveCount(clinics);
    await see(page.locator(".queue-item").first()).toContainText("已放到");
    await looksRight("list");
  });

  it("makes a clinic", async () => {
    const { page } = manager;
    await page.getByRole("link", { name: "新建门诊" }).click();
    await page.getByLabel("科室", { exact: true }).selectOption({ label: "心内科" });
    await page.getByLabel("医生", { exact: true }).selectOption({ label: "陈立明 副主任医师" });
    await page.getByLabel("中文名称").fill("高血压门诊");
    await page.getByLabel("英文名称").fill("Hypertension clinic");
    await page.getByLabel("地点（楼、层、诊室）").fill("门诊楼 2 层 216 诊室");
    await looksRight("new");
    await page.getByRole("button", { name: "建好，去排每周" }).click();
    await see(page.getByRole("heading", { name: "心内科 · 高血压门诊" })).toBeVisible();
    await see(page.getByText("没有排出诊时间，不会放号。")).toBeVisible();
  });

  it("gives it a week that clashes with another clinic of the doctor, and sees it before opening", async () => {
    const { page } = manager;
    await page.getByRole("button", { name: "改每周" }).click();
    // Mondays the doctor has his expert clinic from 08:00 to 11:30.
    await page.getByRole("button", { name: "加一行" }).click();
    await page.getByLabel("开始", { exact: true }).fill("10:30");
    await page.getByLabel("结束", { exact: true }).fill("12:30");
    await page.getByLabel("每段号数", { exact: true }).fill("6");
    await see(page.getByText("每周共 24 号")).toBeVisible();
    await page.getByRole("button", { name: /起用这份排班/ }).click();
    await see(page.getByText("10:30–12:30").first()).toBeVisible();
    await see(page.getByText(/10:30–11:30 不放：医生同时在/).first()).toBeVisible();
  });

  it("closes a day, and the preview says why nothing is opened then", async () => {
    const { page } = manager;
    const first = page.locator(".schedules-days tbody tr").first();
    const from = await page.getByLabel("从", { exact: true }).inputValue();
    const monday = new Date(`${from}T00:00:00Z`);
    monday.setUTCDate(monday.getUTCDate() + ((8 - monday.getUTCDay()) % 7));
    await page.getByLabel("日期", { exact: true }).fill(monday.toISOString().slice(0, 10));
    await page.getByLabel("原因").fill("外出义诊");
    await page.getByRole("button", { name: "记下这一天" }).click();
    await see(first).toContainText("不开");
    await see(first).toContainText("外出义诊");
    await looksRight("preview");
  });

  it("opens what the preview shows, once", async () => {
    const { page } = manager;
    const all = Number(await page.locator(".schedules-number").innerText());
    expect(all).toBeGreaterThan(0);
    await page.getByRole("button", { name: `放出这 ${all} 个号` }).click();
    await see(page.getByText(new RegExp(`已放出 \\d+ 个时段、${all} 个号`))).toBeVisible();
    await see(page.locator(".schedules-number")).toHaveText("0");
    await see(page.getByText("这些天没有要放的新号。")).toBeVisible();
    await see(page.locator(".queue-item[aria-current]")).toContainText(`已约 0 / ${all}`);
    await looksRight("opened");
  });

  it("gives new rules from a day on, and takes them back", async () => {
    const { page } = manager;
    await page.getByRole("link", { name: "预约规则" }).click();
    await page.getByLabel("热线预留").fill("60");
    await see(page.getByText("优先和热线加起来不能超过 100%。")).toBeVisible();
    await page.getByLabel("热线预留").fill("20");
    await page.getByLabel("爽约几次").fill("5");
    await page.getByRole("button", { name: /起执行/ }).click();
    await see(page.getByText("将生效", { exact: true })).toBeVisible();
    await see(page.getByText("热线预留 10 → 20、爽约几次 3 → 5")).toBeVisible();
    await looksRight("policies");
    await page.getByRole("button", { name: /撤回 .* 起的版本/ }).click();
    await see(page.getByText("将生效", { exact: true })).toHaveCount(0);
  });

  it.each(["བོད་སྐད།", "English"])("is complete in %s", async (language) => {
    const { page } = manager;
    await page.getByRole("button", { name: language }).click();
    await page.locator(".queue-item").first().click();
    await see(page.locator(".schedules-number")).toBeVisible();
    await looksRight(language === "English" ? "en" : "bo");
    expect(manager.problems).toEqual([]);
  });
});
