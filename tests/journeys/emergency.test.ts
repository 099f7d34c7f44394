/**
 * An emergency about a person nobody knows: five things on one page, the rest follows while the desk
 * already reads, and the specialist answers in writing because a picture would only cost time.
 */
import type { Browser } from "@playwright/test";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFailed } from "vitest";
import {
  createPerson,
  launchBrowser,
  type Person,
  printedOpinion,
  reportFailure,
  signIn,
} from "../support/people.ts";
import { see } from "../support/see.ts";
import { type Stack, startStack } from "../support/stack.ts";

const complaint = "昏迷，呼吸急促";
const history = "同行者称上山第二天头痛、呕吐。";
const advice = "按高原脑水肿处理：立即吸氧，地塞米松 10 mg 静注。";

let stack: Stack;
let browser: Browser;
let attending: Person;
let desk: Person;
let specialist: Person;
let consultId: string;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
  [attending, desk, specialist] = await Promise.all([
    createPerson(browser, stack, { device: "desktop" }),
    createPerson(browser, stack, { device: "desktop" }),
    createPerson(browser, stack, { device: "desktop" }),
  ]);
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});
beforeEach(() => onTestFailed(() => reportFailure({ attending, desk, specialist })));

describe("an emergency", () => {
  it("goes out with five things: who, what, vital signs, the question, a number", async () => {
    const { page } = attending;
    await signIn(attending, "旦增");
    await page.getByRole("link", { name: "新的会诊申请" }).click();
    await page.getByRole("button", { name: "登记新患者" }).click();
    await page.getByLabel("不知道是谁").check();
    await page.getByLabel("特征").fill("男，约 40 岁，国道边被发现，深蓝色藏袍");
    await page.getByRole("button", { name: "登记并写申请" }).click();
    await page.waitForURL(/\/workbench\/mine\/[0-9a-f-]{36}$/);
    consultId = page.url().split("/").at(-1)!;

    await page.getByRole("radio", { name: "紧急" }).check();
    // Whom to ask is filled in: the hospital that is usually asked.
    await see(page.getByLabel("受邀方").locator("option:checked")).toHaveText("徐汇区中心医院");
    await page.getByRole("button", { name: "紧急提交" }).click();
    await page.getByRole("alert").getByText("还差 4 项就能提交").waitFor();
    await page.getByLabel("主诉").fill(complaint);
    await page.getByLabel("想问", { exact: true }).fill("是否高原脑水肿？怎样处理？");
    await page.getByLabel("回拨电话").fill("0892-8242100");
    await page.getByLabel("血氧 SpO₂ (%)").fill("62");
    await page.getByRole("button", { name: "紧急提交" }).click();
    await page.getByText("已提交，等答复").first().waitFor();
  });

  it("is completed while the desk already reads", async () => {
    await signIn(desk, "李佳");
    await desk.page.getByRole("link", { name: new RegExp(complaint) }).click();
    await see(desk.page.getByRole("button", { name: "补充申请" })).toHaveCount(0);

    const { page } = attending;
    await page.getByRole("button", { name: "补充申请" }).click();
    await see(page.getByRole("radio", { name: "紧急" })).toHaveCount(0);
    await page.getByLabel("现病史").fill(history);
    await page.getByRole("button", { name: "补充好了" }).click();
    await page.getByText(history).waitFor();
    await desk.page.getByText(history).waitFor();
  });

  it("is answered in writing, signed, and read by those who asked", async () => {
    await desk.page.getByRole("button", { name: "先文字答复" }).click();
    const choice = desk.page.getByLabel("由哪位专家写");
    const option = choice.locator("option", { hasText: "周敏华" });
    await choice.selectOption(await option.getAttribute("value"));
    await desk.page.getByRole("button", { name: "交给这位专家" }).click();
    await see(desk.page.getByRole("button", { name: "交给这位专家" })).toHaveCount(0);

    await signIn(specialist, "周敏华");
    const { page } = specialist;
    await page.getByRole("link", { name: new RegExp(complaint) }).click();
    await page.getByText(history).waitFor();
    // There is no room to enter.
    await see(page.getByRole("link", { name: /进入会诊室/ })).toHaveCount(0);
    await page.getByLabel("看过的资料").fill("病史与生命体征。");
    await page.getByRole("combobox", { name: "诊断编码" }).pressSequentially("T70.2");
    await page
      .getByRole("option", { name: /T70\.2/ })
      .first()
      .click();
    await page.getByLabel("诊断意见").fill("高原脑水肿可能性大。");
    await page.getByLabel("处理", { exact: true }).fill(advice);
    await page.getByLabel("给患者的话").fill("病情很重，正在当地抢救。");
    await page
      .getByText(/草稿已存/)
      .first()
      .waitFor();
    await page.getByRole("button", { name: "核对并签名" }).click();
    await page.getByLabel("再输一次密码").fill("yilian-demo");
    await page.getByRole("button", { name: "生成并登记密钥" }).click();
    await page.getByRole("button", { name: "用我的密钥签名" }).click();
    await page.getByText("意见已签名").first().waitFor();

    await attending.page.getByText(advice).first().waitFor();
    await attending.page.getByLabel("治疗决定").fill("照办，吸氧、用药，同时联系转运。");
    await attending.page.getByRole("button", { name: "确认并决定" }).click();
    await attending.page.getByText(/旦增 于 .* 向 周敏华 电话复述/).waitFor();
    expect(await printedOpinion(attending, consultId)).toContain("身份不明");
    for (const person of [attending, desk, specialist]) expect(person.problems).toEqual([]);
  });
});
