/**
 * A critical value from the consult to the hand that acts on it, and a Class A case from the doctor over
 * the public-health department to the district CDC: everybody's page follows without being loaded again.
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
let doctor: Person;
let nurse: Person;
let department: Person;
let cdc: Person;
let hasFailed = false;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
  [doctor, nurse, department, cdc] = (await Promise.all(
    [1, 2, 3, 4].map(() => createPerson(browser, stack, { device: "desktop" })),
  )) as [Person, Person, Person, Person];
  await signIn(doctor, "旦增");
  await signIn(nurse, "德吉");
  await signIn(department, "巴桑");
  await signIn(cdc, "其美");
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
  await reportFailure({ doctor, nurse, department, cdc });
});

/** A page that was not loaded again still has what was written into it. */
const noteInPage = ({ page }: Person) =>
  page.evaluate(() => document.documentElement.setAttribute("data-not-reloaded", ""));
const stayed = ({ page }: Person) =>
  page.evaluate(() => document.documentElement.hasAttribute("data-not-reloaded"));
const hearsChanges = ({ page }: Person) => page.locator(".shell-who .status-good").waitFor();

async function check({ page }: Person, name: string): Promise<void> {
  await page.waitForFunction(
    () =>
      document.querySelectorAll(".skeleton, [aria-busy='true']").length === 0 &&
      document.fonts.status === "loaded",
  );
  await keepPicture(page, name);
  const { violations } = await askAxe(page, wcagRules);
  const found = violations.map(({ id, nodes }) => ({
    id,
    where: nodes.map((node) => node.target.join(" ")),
  }));
  expect({ name, found }).toEqual({ name, found: [] });
  const words = await page.locator("body").innerText();
  expect(words.match(/\b(common|workbench|reporting|consult)\.\w+(\.\w+)?/)).toBe(null);
}

async function openConsult({ page }: Person): Promise<void> {
  await page.goto("/workbench/mine");
  await page.locator(".queue-item", { hasText: "洛桑" }).first().click();
  await page.getByRole("link", { name: "报危急值" }).first().waitFor();
}

describe("a critical value", () => {
  it("is raised from the consult with the patient filled in, and says what is missing", async () => {
    await nurse.page.getByRole("navigation").getByRole("link", { name: "报告" }).click();
    await see(nurse.page).toHaveURL(/\/workbench\/reporting$/);
    await nurse.page.getByText("现在没有待处理的").waitFor();
    await hearsChanges(nurse);
    await noteInPage(nurse);
    await check(nurse, "reporting-empty");

    const { page } = doctor;
    await openConsult(doctor);
    await page.getByRole("link", { name: "报危急值" }).click();
    await page.getByRole("heading", { name: "报危急值" }).waitFor();
    await page.getByRole("heading", { name: "洛桑" }).waitFor();
    await see(page.getByLabel("海拔（米）")).toHaveValue("4300");
    await page.getByLabel("接收人").selectOption("");
    await page.getByRole("button", { name: "报出 洛桑 的危急值" }).click();
    await see(page.getByRole("alert").getByRole("link")).toHaveText([
      "请填写项目",
      "请填写数值",
      "请指定接收人",
    ]);
    await check(doctor, "reporting-raise");
    await page.getByLabel("项目").fill("血钾");
    await see(page.getByLabel("单位")).toHaveValue("mmol/L");
    await page.getByLabel("数值").fill("7.1");
    const option = page.getByLabel("接收人").locator("option", { hasText: "德吉" });
    await page.getByLabel("接收人").selectOption((await option.getAttribute("value"))!);
    await page.getByRole("button", { name: "报出 洛桑 的危急值" }).click();
    await page.waitForURL(/\/workbench\/reporting\/value\/[0-9a-f-]{36}$/);
    await page.locator(".queue-item", { hasText: "血钾 7.1" }).waitFor();
    await hearsChanges(doctor);
    await noteInPage(doctor);
    await check(doctor, "reporting-value");
  });

  it("reaches the named person's page, is read back and acted on, and the finder sees it", async () => {
    const { page } = nurse;
    const item = page.locator(".queue-item", { hasText: "血钾 7.1 mmol/L" });
    await item.waitFor();
    await see(item).toContainText("等复述");
    await page.keyboard.press("j");
    await page.getByRole("button", { name: "我已复述并接收" }).waitFor();
    await check(nurse, "reporting-read-back");
    const words = page.getByLabel("复述的原话");
    await words.fill("洛桑，血钾 1.7");
    await page.getByRole("button", { name: "我已复述并接收" }).click();
    await page.getByText("复述里没有数值 7.1").waitFor();
    await see(words).toHaveValue("洛桑，血钾 1.7");
    await words.fill("洛桑，血钾 7.1，马上报告旦增医生");
    await page.getByRole("button", { name: "我已复述并接收" }).click();
    await page.getByLabel("采取的措施").waitFor();
    await doctor.page.getByText("已接收，待处理").first().waitFor();
    await page.getByLabel("采取的措施").fill("已建静脉通路，心电监护，医嘱葡萄糖酸钙");
    await page.getByRole("button", { name: "已处理，记入" }).click();
    await page.getByText("已处理").first().waitFor();
    await doctor.page.getByText("已建静脉通路").waitFor();
    await check(doctor, "reporting-acted");
    expect(await Promise.all([stayed(doctor), stayed(nurse)])).toEqual([true, true]);
    // A nurse raises and receives values; cases are not hers.
    await see(page.getByRole("link", { name: "报传染病" })).toHaveCount(0);
  });
});

describe("a Class A case", () => {
  it("is reported with its clock and arrives at the department", async () => {
    for (const person of [department, cdc]) {
      await see(person.page).toHaveURL(/\/workbench\/reporting$/);
      await see(person.page.getByRole("link", { name: "我的会诊" })).toHaveCount(0);
      await hearsChanges(person);
      await noteInPage(person);
    }
    const { page } = doctor;
    await openConsult(doctor);
    await page.getByRole("link", { name: "报传染病" }).click();
    await see(page.getByLabel("现住址")).toHaveValue("西藏自治区萨迦县萨迦镇");
    const disease = page.getByRole("combobox", { name: "病种" });
    await disease.fill("sy");
    await page.getByRole("option", { name: "鼠疫" }).waitFor();
    await keepPicture(page, "reporting-disease");
    await disease.press("ArrowDown");
    await disease.press("Enter");
    await see(disease).toHaveValue("鼠疫");
    await page.getByText("甲类").first().waitFor();
    await check(doctor, "reporting-case-form");
    await page.getByRole("button", { name: "报给防保科" }).click();
    await page.waitForURL(/\/workbench\/reporting\/case\/[0-9a-f-]{36}$/);
    await hearsChanges(doctor);
    await noteInPage(doctor);
    await page.getByText("待防保科审核").first().waitFor();
    await department.page.locator(".queue-item", { hasText: "鼠疫" }).waitFor();
    await see(cdc.page.locator(".queue-item")).toHaveCount(0);
  });

  it("is checked, sent on and filed, and every page follows", async () => {
    await department.page.locator(".queue-item", { hasText: "鼠疫" }).click();
    await department.page.getByRole("button", { name: "审核通过，报区疾控中心" }).waitFor();
    await check(department, "reporting-case-department");
    await department.page.getByRole("button", { name: "审核通过，报区疾控中心" }).click();
    const item = cdc.page.locator(".queue-item", { hasText: "鼠疫" });
    await item.waitFor();
    await item.click();
    await cdc.page.getByLabel("报告卡编号").fill("540224-2026-0001");
    await check(cdc, "reporting-case-cdc");
    await cdc.page.getByRole("button", { name: "归档" }).click();
    await doctor.page.getByText("疾控已归档").first().waitFor();
    await department.page.getByText("疾控已归档").first().waitFor();
    expect(await Promise.all([doctor, department, cdc].map(stayed))).toEqual([true, true, true]);
    await check(doctor, "reporting-filed");
  });

  it.each(["bo", "en"])("reads in %s, and nothing scrolls sideways at 320 px", async (language) => {
    const { page } = doctor;
    const address = page.url();
    await page.evaluate((chosen) => {
      const kept = JSON.parse(localStorage.getItem("yilian.preferences") ?? "{}");
      localStorage.setItem("yilian.preferences", JSON.stringify({ ...kept, language: chosen }));
    }, language);
    for (const path of [
      address,
      "/workbench/reporting/new-case",
      "/workbench/reporting/new-value",
    ]) {
      await page.goto(path);
      await page.locator("main h1").first().waitFor();
      await check(
        doctor,
        `reporting-${path === address ? "filed" : path.split("/").at(-1)}-${language}`,
      );
      await page.setViewportSize({ width: 320, height: 700 });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(wide, path).toBeLessThanOrEqual(320);
      await page.setViewportSize({ width: 1440, height: 900 });
    }
  });

  it("ended without a page that threw", () => {
    expect([doctor, nurse, department, cdc].flatMap((person) => person.problems)).toEqual([]);
  });
});
