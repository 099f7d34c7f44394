/**
 * A fever, from the phone to the receiving hospital: the questions, the seat that is kept, the desk with
 * its second temperature, one person a room, the report's clock, and the vehicle's register.
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
  for (const [name, device, who] of [
    ["zhou", "phone", { phone: "13800138003" }],
    ["luosang", "phone", { phone: "13800138004" }],
    ["nurse", "desktop", { loginName: "fangyun" }],
    ["doctor", "desktop", { loginName: "shaojun" }],
    ["sentinel", "desktop", { loginName: "wangjianguo" }],
  ] as const) {
    people[name] = await createPerson(browser, stack, { device });
    await people[name].context.request.post("/api/session/demo", { data: who });
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

/** Kept for whoever wants to look; nothing that axe-core objects to. */
async function picture(page: Page, name: string): Promise<void> {
  await page.waitForFunction(() => document.fonts.status === "loaded");
  await keepPicture(page, name, { fullPage: !name.includes("desk") });
  const { violations } = await askAxe(page);
  expect(violations.map(({ id, nodes }) => [name, id, nodes[0]?.html])).toEqual([]);
}
const prefer = (person: Person, change: Record<string, unknown>) =>
  person.page.evaluate((wanted) => {
    localStorage.setItem(
      "yilian.preferences",
      JSON.stringify({
        ...JSON.parse(localStorage.getItem("yilian.preferences") ?? "{}"),
        ...wanted,
      }),
    );
  }, change);
const choice = (page: Page, name: string | RegExp) =>
  page.locator("button.fever-choice").filter({ hasText: name });
const no = (page: Page) => choice(page, /^不是$/);

/** Denies the three red flags. */
async function denyRedFlags(page: Page) {
  for (const words of [/喘不上气/, /叫不醒/, /大出血/]) {
    await see(page.getByRole("heading", { level: 1 })).toHaveText(words);
    await no(page).tap();
  }
}

describe("on the phone", () => {
  it("asks one thing a page, keeps the answers through a reload, and keeps a seat: two taps to the pass", async () => {
    const { page } = people.zhou!;
    await people.zhou!.open("/");
    await page.getByRole("link", { name: /发热门诊/ }).tap();
    await see(page.getByRole("heading", { level: 1 })).toHaveText(/喘不上气/);
    await picture(page, "fever-question-phone-zh-CN");
    await denyRedFlags(page);
    await see(page.getByRole("heading", { level: 1 })).toHaveText(/有下面的情况/);
    await page.reload();
    // What was answered is still there.
    await see(page.getByRole("heading", { level: 1 })).toHaveText(/有下面的情况/);
    await choice(page, /都没有/).tap();
    const degrees = page.getByLabel("体温（℃）");
    await degrees.fill("83");
    await page.getByRole("button", { name: "下一题" }).tap();
    await see(page.getByText(/33 到 43.5/)).toBeVisible();
    await degrees.fill("38.2");
    await page.getByRole("button", { name: "下一题" }).tap();
    for (let index = 0; index < 4; index += 1) {
      await see(page.getByText(`第 ${6 + index} 题`)).toBeVisible();
      await no(page).tap();
    }
    await see(page.getByRole("heading", { level: 1 })).toHaveText("请去发热门诊");
    await see(page.getByText("体温高")).toBeVisible();
    await see(page.getByText(/共和新路侧独立入口/)).toBeVisible();
    await see(page.getByText("不坐公交地铁")).toBeVisible();
    await picture(page, "fever-result-phone-zh-CN");
    await page.getByRole("button", { name: "确认这个时间" }).tap();
    await see(page.locator(".pass-letters")).toBeVisible();
    await see(page.getByText("戴好口罩")).toBeVisible();
    await picture(page, "fever-pass-phone-zh-CN");
  });

  it("an ordinary clinic says that the fever clinic comes first, and leads there", async () => {
    const { page } = people.zhou!;
    await people.zhou!.open("/book");
    await page.locator(".place .list-row").filter({ hasText: "康复科" }).tap();
    await page.locator("button.slot").first().tap();
    await see(page.getByRole("alert")).toContainText("先看发热门诊");
    await page.getByRole("link", { name: /约发热门诊/ }).tap();
    await see(page.getByText(/普通门诊的网上预约先停着/)).toBeVisible();
  });

  it("a red flag says 120 at once, without a line too, in large type", async () => {
    const { page, context } = people.luosang!;
    await people.luosang!.open("/");
    await page.getByRole("button", { name: "长辈版" }).tap();
    await page.getByRole("link", { name: "发烧了" }).tap();
    await see(page.getByRole("heading", { level: 1 })).toHaveText(/喘不上气/);
    await picture(page, "fever-question-elder-zh-CN");
    const boxes = await page
      .locator("button.fever-choice")
      .evaluateAll((list) => list.map((one) => one.getBoundingClientRect().height));
    expect(Math.min(...boxes)).toBeGreaterThanOrEqual(60);
    await context.setOffline(true);
    await choice(page, "说不清").tap();
    await see(page.getByRole("heading", { level: 1 })).toContainText("马上打 120");
    await see(page.getByRole("link", { name: "拨打 120" })).toHaveAttribute("href", "tel:120");
    await picture(page, "fever-120-elder-zh-CN");
    // Mistyped: back to the question, as long as nothing went out.
    await page.getByRole("button", { name: "上一题" }).tap();
    await see(page.getByRole("heading", { level: 1 })).toHaveText(/喘不上气/);
    await context.setOffline(false);
  });

  it("around Sakya asks for marmots, and who met one stays where he is", async () => {
    const { page } = people.luosang!;
    await prefer(people.luosang!, { elder: false });
    await people.luosang!.open("/fever");
    await denyRedFlags(page);
    await choice(page, /都没有/).tap();
    await page.getByRole("button", { name: "没量，量不了" }).tap();
    await see(page.getByRole("heading", { level: 1 })).toHaveText(/摸着烫/);
    await choice(page, /^是$/).tap();
    for (const words of [/去过有疫情/, /接触过传染病/, /从疫区来/, /一起发烧/]) {
      await see(page.getByRole("heading", { level: 1 })).toHaveText(words);
      await no(page).tap();
    }
    await see(page.getByRole("heading", { level: 1 })).toHaveText(/旱獭/);
    await choice(page, /^是$/).tap();
    await see(page.getByRole("heading", { level: 1 })).toHaveText("先别出门，打这个电话");
    await picture(page, "fever-stay-phone-zh-CN");
  });

  it.each(["bo", "en"])("is complete in %s", async (language) => {
    const person = await createPerson(browser, stack, { device: "phone", language });
    const { page } = person;
    await person.context.request.post("/api/session/demo", { data: { phone: "13800138004" } });
    await person.open("/fever");
    await see(page.locator("html")).toHaveAttribute("lang", language);
    await see(page.locator("button.fever-choice")).toHaveCount(3);
    await page.locator("button.fever-choice").first().tap();
    await see(page.getByRole("link", { name: /120/ })).toBeVisible();
    await picture(page, `fever-120-phone-${language}`);
    expect(person.problems).toEqual([]);
    await person.close();
  });
});

describe("at the desk", () => {
  it("shows rooms and clocks, and the person who comes with his answers", async () => {
    const { page } = people.nurse!;
    await people.nurse!.open("/workbench/fever");
    await see(page.getByRole("heading", { level: 1 })).toContainText("发热门诊");
    await see(page.locator(".fever-room")).toHaveCount(8);
    await see(page.locator(".fever-room").filter({ hasText: "沈国强" })).toContainText("1 诊室");
    await picture(page, "fever-desk-zh-CN");
    // The pause of ordinary booking is lifted by a nurse, with her reason; her appointment here stays.
    const pause = page.locator(".card").filter({ hasText: "暂停网上预约的人" });
    await pause.getByRole("button", { name: /周桂英/ }).click();
    await picture(page, "fever-lift-desk-zh-CN");
    await page.getByLabel(/为什么可以恢复/).fill("电话问过：退烧三天，抗原阴性");
    await pause.getByRole("button", { name: "恢复预约", exact: true }).click();
    await see(pause.getByText("周桂英")).toHaveCount(0);
    const free = people.zhou!.page;
    await people.zhou!.open("/book");
    await free.locator(".place .list-row").filter({ hasText: "康复科" }).tap();
    await free.locator("button.slot").first().tap();
    await see(free.getByText("先看发热门诊")).toHaveCount(0);
    const coming = page.locator(".fever-arrival").filter({ hasText: "周桂英" });
    await see(coming).toContainText("已答筛查");
    await coming.getByRole("button", { name: "登记到诊" }).click();
    await see(page.getByRole("heading", { level: 1 })).toContainText("周桂英");
    await see(page.getByText(/不用再问/)).toBeVisible();
    await see(page.locator(".fever-answers")).toContainText("38.2");
  });

  it("waits for the second temperature, then one room for one person", async () => {
    const { page } = people.nurse!;
    await page.getByLabel("体温（℃）").fill("38.1");
    await page.getByRole("button", { name: "记下", exact: true }).first().click();
    await see(page.getByText(/后复测/)).toBeVisible();
    await page.getByRole("button", { name: "走发热门诊" }).click();
    await page.locator("form").getByRole("button", { name: "走发热门诊" }).click();
    await see(page.getByRole("alert")).toContainText("2～3 分钟");
    await picture(page, "fever-triage-desk-zh-CN");
    await page.getByRole("button", { name: "取消" }).click();
    // Somebody whose first temperature was taken three minutes ago.
    await page.getByRole("link", { name: /方小宁/ }).click();
    await see(page.getByText("现在复测")).toBeVisible();
    await page.getByLabel("体温（℃）").fill("38.0");
    await page.getByRole("button", { name: "再量一次" }).click();
    await see(page.getByText("两次都高：发热")).toBeVisible();
    await page.getByRole("button", { name: "走发热门诊" }).click();
    await page.locator("form").getByRole("button", { name: "走发热门诊" }).click();
    await page.getByRole("button", { name: "安排房间" }).click();
    await see(page.locator(".fever-room-choice").filter({ hasText: "1 诊室" })).toHaveCount(0);
    await page.locator(".fever-room-choice").filter({ hasText: "3 诊室" }).click();
    await page.locator("form").getByRole("button", { name: "安排房间" }).click();
    await see(page.getByText(/3 诊室 .*起/)).toBeVisible();
  });

  it("88 % is an alarm here: a named receiver, nothing typed twice", async () => {
    const { page } = people.nurse!;
    await page.getByRole("link", { name: /吴秀珍/ }).click();
    await see(page.getByText("血氧 88% 是危急值")).toBeVisible();
    await picture(page, "fever-alarm-desk-zh-CN");
    await page.getByLabel("告诉谁").selectOption({ label: "邵军 主治医师" });
    await page.getByRole("button", { name: "报危急值" }).click();
    await see(page.getByRole("link", { name: "已报危急值，等复述" })).toBeVisible();
  });

  it("the doctor's diagnosis takes its report along, and the clock runs", async () => {
    const { page } = people.doctor!;
    await people.doctor!.open("/workbench/fever");
    await page
      .getByRole("link", { name: /方小宁/ })
      .first()
      .click();
    await page.getByRole("button", { name: "接诊" }).click();
    await page.getByRole("button", { name: "下诊断" }).click();
    await page.getByLabel("诊断", { exact: true }).fill("疑似霍乱");
    await page.getByRole("combobox").fill("霍乱");
    await page.getByRole("option", { name: /霍乱/ }).first().click();
    await page.locator("form").getByRole("button", { name: "下诊断" }).click();
    await see(page.getByRole("heading", { name: /传染病报告 · 霍乱/ })).toBeVisible();
    await see(page.locator(".fever-way [aria-current=step]")).toHaveText(/轮到防保科/);
    await picture(page, "fever-report-desk-zh-CN");
    // Nobody had to reload: the nurse's list has the clock too.
    await see(
      people.nurse!.page.locator(".queue-item").filter({ hasText: "方小宁" }),
    ).toContainText("报告");
  });

  it("a sentinel room brings a patient in a closed loop, and both houses write their own lines", async () => {
    const { page } = people.sentinel!;
    const receiver = people.nurse!.page;
    await people.sentinel!.open("/workbench/fever");
    await see(page.getByRole("heading", { level: 1 })).toContainText("发热哨点");
    await page.getByRole("button", { name: "不知道是谁，先登记" }).click();
    await page.getByRole("button", { name: "走发热门诊" }).click();
    await page.locator("form").getByRole("button", { name: "走发热门诊" }).click();
    await page.getByRole("button", { name: "安排房间" }).click();
    await page.locator(".fever-room-choice").filter({ hasText: "哨点诊室" }).click();
    await page.locator("form").getByRole("button", { name: "安排房间" }).click();
    await page.getByRole("button", { name: "接诊" }).click();
    await page.getByRole("button", { name: "叫转运车" }).click();
    await page.getByLabel("车牌").fill("沪A·9921");
    await page.getByLabel("随车人员").fill("李师傅");
    await page.locator("form").getByRole("button", { name: "叫转运车" }).click();
    await receiver.goto("/workbench/fever");
    const coming = receiver.locator(".card").filter({ hasText: "转运车来" });
    await see(coming).toContainText("出发后显示患者");
    await page.getByRole("button", { name: "发车" }).click();
    await coming.getByRole("link", { name: "接收患者" }).click();
    await receiver.getByRole("button", { name: "接收患者" }).click();
    await receiver.locator("form").getByRole("button", { name: "接收患者" }).click();
    await see(receiver.getByText(/^转来/)).toBeVisible();
    await page.getByRole("button", { name: "车辆消毒" }).click();
    await page.getByLabel("怎么消毒、多久").fill("含氯消毒剂 30 分钟");
    await page.locator("form").getByRole("button", { name: "车辆消毒" }).click();
    await see(page.getByText("车辆已消毒").first()).toBeVisible();
    await picture(page, "fever-handover-desk-zh-CN");
  });

  it("a room is closed, named anew and opened on a page, never one in use", async () => {
    const { page } = people.doctor!;
    await people.doctor!.open("/workbench/fever/rooms");
    await page.getByRole("button", { name: "重新开放 5 诊室（备用）" }).click();
    await page.getByRole("button", { name: "关闭 5 诊室（备用）" }).waitFor();
    await page.getByRole("button", { name: "改名 5 诊室（备用）" }).click();
    await page.getByLabel("房间名称", { exact: true }).fill("5 诊室");
    await page.getByRole("button", { name: "保存" }).first().click();
    await page.getByRole("button", { name: "关闭 5 诊室", exact: true }).click();
    await see(page.getByRole("button", { name: "重新开放 5 诊室", exact: true })).toBeVisible();
    await see(page.getByRole("button", { name: "关闭 1 诊室" })).toHaveCount(0);
    await picture(page, "fever-rooms-desk-zh-CN");
  });

  it("a rule is written by one clinician and published by another", async () => {
    const { page } = people.doctor!;
    await people.doctor!.open("/workbench/fever/rules");
    await page.getByRole("button", { name: "写新版本 上海" }).click();
    await page.getByLabel("回问天数").selectOption("14");
    await page.getByLabel("依据").fill("区卫健委通知");
    await page.getByRole("button", { name: "存草稿" }).click();
    await see(page.getByText("要由另一位医生发布")).toBeVisible();
    await picture(page, "fever-rules-desk-zh-CN");
    await people.sentinel!.open("/workbench/fever/rules");
    await people.sentinel!.page.getByRole("button", { name: "发布" }).click();
    await see(people.sentinel!.page.getByText(/王建国 发布/)).toBeVisible();
  });
});
