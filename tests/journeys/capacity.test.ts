/**
 * Beds: a head nurse's map of her wards, what a community doctor sees of it, and a ward that is switched
 * to an emergency by two people, emptied, disinfected bed by bed and given back.
 */
import type { Browser, Page } from "@playwright/test";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { askAxe } from "../support/axe.ts";
import { createPerson, launchBrowser, type Person, reportFailure } from "../support/people.ts";
import { keepPicture } from "../support/picture.ts";
import { see } from "../support/see.ts";
import { type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
let browser: Browser;
const people: Record<string, Person> = {};

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
  for (const [name, loginName] of [
    ["nurse", "caiyufen"],
    ["leader", "zhenglan"],
    ["second", "xuwenjuan"],
    ["community", "wangjianguo"],
  ] as const) {
    people[name] = await createPerson(browser, stack, { device: "desktop" });
    await people[name].context.request.post("/api/session/demo", { data: { loginName } });
  }
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await reportFailure(people);
  expect(Object.values(people).flatMap(({ problems }) => problems)).toEqual([]);
});

/** Kept for whoever wants to look; nothing that axe-core objects to, nothing that scrolls sideways. */
async function picture(page: Page, name: string): Promise<void> {
  await page.waitForFunction(
    () => document.querySelectorAll(".skeleton").length === 0 && document.fonts.status === "loaded",
  );
  await keepPicture(page, name, { fullPage: true });
  const { violations } = await askAxe(page);
  expect(violations.map(({ id, nodes }) => [name, id, nodes[0]?.html])).toEqual([]);
  const sideways = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect([name, sideways]).toEqual([name, 0]);
}
const speak = (page: Page, language: string) =>
  page.evaluate((wanted) => {
    localStorage.setItem(
      "yilian.preferences",
      JSON.stringify({
        ...JSON.parse(localStorage.getItem("yilian.preferences") ?? "{}"),
        language: wanted,
      }),
    );
  }, language);
const ward = (page: Page, name: string) => page.getByRole("region", { name, exact: true });

describe("the head nurse", () => {
  it("opens her wards first, admits by keyboard, discharges, and has the bed cleaned", async () => {
    const { page, open } = people.nurse!;
    await open("/workbench/");
    await see(page).toHaveURL(/\/workbench\/beds$/);
    await see(page.getByRole("heading", { level: 1, name: "本院床位" })).toBeVisible();
    await picture(page, "beds-desk-zh-CN");
    const cardiology = ward(page, "心内科一病区");
    const cleaning = cardiology.getByRole("button", { name: /待清洁/ });
    await cleaning.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "清洁完成" }).click();
    await see(cardiology.getByRole("button", { name: /待清洁/ })).toHaveCount(0);
    await see(cardiology.getByRole("button", { name: /空床/ })).toHaveCount(2);
    const panel = cardiology.locator(".bed-panel");
    await cardiology.getByRole("button", { name: /有人/ }).first().click();
    await panel.getByRole("button", { name: "出院离床" }).click();
    await panel.getByRole("button", { name: "确定已离床" }).click();
    await see(cardiology.getByRole("button", { name: /待清洁/ })).toHaveCount(1);
  });

  it("keeps a bed for somebody, by the clock, longer and no longer", async () => {
    const { page } = people.nurse!;
    const rehabilitation = ward(page, "康复科病区");
    await rehabilitation.getByRole("button", { name: /空床/ }).first().click();
    await rehabilitation.getByRole("searchbox").fill("裴国安");
    await rehabilitation.getByRole("button", { name: "就是这位" }).click();
    await rehabilitation.getByRole("button", { name: "占这一类床 24 小时" }).click();
    const held = rehabilitation.getByRole("button", { name: /已占/ });
    await see(held).toContainText("裴国安");
    await see(page.getByRole("heading", { name: "等人来的床" })).toBeVisible();
    await held.click();
    await rehabilitation.getByRole("button", { name: "延长" }).click();
    await rehabilitation.getByLabel("延长几小时").fill("60");
    await rehabilitation.getByRole("button", { name: "延长" }).click();
    await see(rehabilitation.getByText(/占床最多到/).first()).toBeVisible();
    await rehabilitation.getByLabel("延长几小时").fill("12");
    await picture(page, "beds-panel-desk-zh-CN");
    await rehabilitation.getByRole("button", { name: "延长" }).click();
    await see(rehabilitation.getByText("已延长：患者已出发")).toBeVisible();
    await rehabilitation.getByRole("button", { name: "退回" }).click();
    await rehabilitation.getByLabel("原因").fill("改期");
    await rehabilitation.getByRole("button", { name: "退回" }).click();
    await see(rehabilitation.getByRole("button", { name: /空床/ })).toHaveCount(3);
  });

  it("says who is away, in three languages and on a narrow screen too", async () => {
    const { page, open } = people.nurse!;
    await open("/workbench/beds/absences");
    await see(page.getByText("吴启航 顶班")).toBeVisible();
    await page.getByLabel("谁", { exact: true }).selectOption({ label: "周敏华 · 会诊专家" });
    await page.getByLabel("科室").selectOption({ label: "血液科" });
    await page.getByRole("button", { name: "登记", exact: true }).click();
    await see(page.getByText("无人顶班")).toBeVisible();
    await picture(page, "absences-desk-zh-CN");
    for (const [language, title] of [
      ["en", "Our beds"],
      ["bo", "རང་གི་ཉལ་ཁྲི།"],
    ] as const) {
      await speak(page, language);
      await page.setViewportSize({ width: language === "en" ? 320 : 1440, height: 900 });
      await open("/workbench/beds");
      await see(page.getByRole("heading", { level: 1, name: title })).toBeVisible();
      await picture(page, `beds-${language === "en" ? "narrow" : "desk"}-${language}`);
    }
    await speak(page, "zh-CN");
    await page.setViewportSize({ width: 1440, height: 900 });
  });
});

describe("the community doctor", () => {
  it("sees where beds are free in the alliance, what is old, and nobody's name", async () => {
    const { page, open } = people.community!;
    await open("/workbench/capacity");
    await see(page.getByRole("heading", { name: "徐汇区中心医院" })).toBeVisible();
    await see(page.getByText(/没有更新，请先电话核实/).first()).toBeVisible();
    await keepPicture(page, "capacity-desk-zh-CN", { fullPage: true });
    await page.getByLabel("床位类别").selectOption("intensive");
    await see(ward(page, "徐汇区中心医院").getByText("心脏监护室")).toBeVisible();
    await page.getByLabel("只看有空床的").check();
    await see(page.getByText("心脏监护室")).toHaveCount(0);
    await page.getByLabel("床位类别").selectOption("");
    await page.setViewportSize({ width: 390, height: 844 });
    await picture(page, "capacity-phone-zh-CN");
  });
});

describe("the switch", () => {
  it("is ordered by one, confirmed by another, emptied, disinfected bed by bed, and given back", async () => {
    const [leader, second] = [people.leader!.page, people.second!.page];
    await people.leader!.open("/workbench/beds/switch");
    await leader.getByLabel("病区", { exact: true }).selectOption({ label: "心内科 · 心脏监护室" });
    await see(leader.getByRole("heading", { name: "要安排的患者" })).toBeVisible();
    await leader.getByLabel("指令文号").fill("徐卫应急〔2026〕9号");
    await leader.getByLabel("事由").fill("呼吸道疫情扩容");
    await picture(leader, "switch-preview-desk-zh-CN");
    await leader.getByRole("button", { name: "下达，等另一人确认" }).click();
    await see(leader.getByText("您下达的，需要另一位有权限的人确认。")).toBeVisible();
    await people.second!.open("/workbench/beds/switch");
    await second.getByRole("button", { name: "确认执行" }).click();
    const order = second.getByRole("region", { name: /徐卫应急/ });
    await see(order.getByText("正在腾空")).toBeVisible();
    for (let left = 2; left > 0; left -= 1) {
      const done = order.getByRole("button", { name: /已安排/ });
      await see(done).toHaveCount(left);
      await order.getByRole("combobox").first().selectOption("home");
      await done.first().click();
    }
    await see(order.getByText("应急中")).toBeVisible();
    // The other page hears it without being asked.
    await see(leader.getByRole("region", { name: /徐卫应急/ }).getByText("应急中")).toBeVisible();
    await order.getByRole("button", { name: "结束应急，开始消毒" }).click();
    await see(order.getByText("还有 3 张床没有签字")).toBeVisible();
    await order.getByRole("button", { name: "转回平时" }).click();
    await see(order.getByText(/还有床位没有消毒签字/).first()).toBeVisible();
    for (let left = 3; left > 0; left -= 1) {
      const sign = order.getByRole("button", { name: /床签字/ });
      await see(sign).toHaveCount(left);
      if (left === 2) await keepPicture(second, "switch-disinfect-desk-zh-CN");
      await sign.first().click();
    }
    await see(order.getByRole("button", { name: /床签字/ })).toHaveCount(0);
    await order.getByRole("button", { name: "转回平时" }).click();
    await see(order.getByText("已转回平时")).toBeVisible();
  });
});
