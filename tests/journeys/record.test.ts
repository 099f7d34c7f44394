/**
 * One patient, three houses: the record beside the faces in the room while one house is down, asked again
 * when it is back; what is withheld, opened in an emergency; and the family reads who looked.
 */
import type { Browser, Page } from "@playwright/test";
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFailed } from "vitest";
import { askAxe, wcagRules } from "../support/axe.ts";
import {
  createPerson,
  enterRoom,
  faces,
  launchBrowser,
  type Person,
  reportFailure,
  signIn,
} from "../support/people.ts";
import { keepPicture } from "../support/picture.ts";
import { see } from "../support/see.ts";
import { type Stack, startStack } from "../support/stack.ts";

const county = "萨迦县人民医院";
let stack: Stack;
let browser: Browser;
let guide: Person;
let specialist: Person;
let mother: Person;
let zhaxiId: string;
let dawaId: string;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
  [guide, specialist, mother] = await Promise.all([
    createPerson(browser, stack, { device: "desktop" }),
    createPerson(browser, stack, { device: "desktop", face: faces.specialist }),
    createPerson(browser, stack, { device: "phone" }),
  ]);
  const owner = postgres(stack.database.owner, { max: 1 });
  const rows = await owner`select id, full_name from patient where full_name in ('达娃', '扎西')`;
  await owner.end();
  dawaId = rows.find((row) => row.full_name === "达娃")!.id;
  zhaxiId = rows.find((row) => row.full_name === "扎西")!.id;
});
afterAll(async () => {
  for (const person of [guide, specialist, mother]) expect(person?.problems ?? []).toEqual([]);
  await browser?.close();
  await stack?.stop();
});
beforeEach(() => onTestFailed(() => reportFailure({ guide, specialist, mother })));

async function assertClean(page: Page): Promise<void> {
  const { violations } = await askAxe(page, wcagRules);
  expect(violations.map((one) => [one.id, one.nodes.map((node) => node.target.join(" "))])).toEqual(
    [],
  );
}

describe("a record of three houses", () => {
  it("is read in the room beside the faces, and names the house that is down", async () => {
    await guide.open("/story");
    await guide.page.getByRole("button", { name: "停掉这处病历源" }).click();
    await guide.page.getByText("已停", { exact: true }).waitFor();
    const made = await guide.page.request.post("/api/demo/story/room");
    const { consultId } = (await made.json()) as { consultId: string };

    await signIn(specialist, "周敏华");
    await enterRoom(specialist, `/room/${consultId}`);
    const { page } = specialist;
    await page.getByRole("tab", { name: "病历" }).click();
    const record = page.locator(".record");
    await record.getByText("青霉素 · 皮疹").waitFor();
    await record.getByText(`${county}暂停或太忙。`).waitFor();
    await see(record.getByText(/最后一次目录：\d{4}-/)).toBeVisible();
    await see(record.getByText(/秒答复/)).toHaveCount(2);
    await see(record.getByText("阿莫西林 · 荨麻疹")).toBeVisible();
    const headings = await record.getByRole("heading", { level: 3 }).allTextContents();
    expect(headings).toEqual(["警示与过敏", "问题", "用药与接种", "检验与测量", "就诊", "文书"]);
    await see(record.getByText(/海拔 4300 米同龄常见 85–92/)).toBeVisible();

    // Beside the faces, never over them.
    const panel = (await page.locator(".call-panel").boundingBox())!;
    const stage = (await page.locator(".call-main").boundingBox())!;
    expect(stage.x + stage.width).toBeLessThanOrEqual(panel.x + 1);
    await keepPicture(page, "record-room-zh-CN");
    await assertClean(page);

    await guide.page.getByRole("button", { name: "恢复这处病历源" }).click();
    await guide.page.getByText("答复正常", { exact: true }).waitFor();
    await record.getByRole("button", { name: `重试 ${county}` }).press("Enter");
    await see(record.getByText(/秒答复/)).toHaveCount(3);
    const penicillin = record.getByRole("listitem").filter({ hasText: "青霉素 · 皮疹" });
    await see(penicillin).toContainText("萨迦县卫生服务中心");
    await see(penicillin).toContainText(county);
  });

  it("has a page of its own in three languages, at 1024 px as well", async () => {
    const { page } = specialist;
    await page.goto(`/workbench/record/${dawaId}`);
    await page.getByText("青霉素 · 皮疹").waitFor();
    await see(page.locator(".record").getByText(/秒答复/)).toHaveCount(3);
    await keepPicture(page, "record-desktop-zh-CN", { fullPage: true });
    await assertClean(page);
    await page.setViewportSize({ width: 1024, height: 768 });
    const wider = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(wider).toBeLessThanOrEqual(0);
    for (const language of ["bo", "en"]) {
      await page.evaluate(
        (code) => localStorage.setItem("yilian.preferences", JSON.stringify({ language: code })),
        language,
      );
      await page.goto(`/workbench/record/${dawaId}`);
      await page.locator(".record .status-bad").first().waitFor();
      await keepPicture(page, `record-desktop-${language}`, { fullPage: true });
    }
    await page.evaluate(() =>
      localStorage.setItem("yilian.preferences", JSON.stringify({ language: "zh-CN" })),
    );
  });

  it("says that something is withheld, and opens it in an emergency with a reason", async () => {
    const { page } = specialist;
    await page.goto(`/workbench/record/${zhaxiId}`);
    await page.getByText("1 家机构有患者不开放的内容").waitFor();
    await see(page.getByText("酒精有害使用")).toHaveCount(0);
    await page.getByRole("button", { name: "急救：查看未开放的内容" }).press("Enter");
    await page.getByLabel("为什么现在必须看").fill("昏迷，无法询问");
    await keepPicture(page, "record-emergency-zh-CN");
    await assertClean(page);
    await page.getByRole("button", { name: "打开并通知" }).press("Enter");
    await page.getByText("酒精有害使用").waitFor();
    await see(page.getByText("急救查看：已记录，已通知")).toBeVisible();
  });

  it("is seen by the family: who looked, where, and why", async () => {
    await signIn(mother, "央金", "patient");
    await mother.open("/access");
    await mother.page
      .getByText(/看了机构保存的病历 · .*萨迦/)
      .first()
      .waitFor();
    await see(mother.page.getByText("周敏华").first()).toBeVisible();
    await keepPicture(mother.page, "record-access-phone-zh-CN");
    await assertClean(mother.page);
  });

  it("opens on the family's phone in plain words, and who sees it is said there", async () => {
    const { page } = mother;
    // At its end no row of a long page lies half behind the bar of tabs.
    const judge = async () => {
      await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
      await assertClean(page);
    };
    if (page.url() === "about:blank") await signIn(mother, "央金", "patient");
    await mother.open("/records");
    await page.getByRole("link", { name: "我的病历（各家医院）" }).click();
    const results = page.locator(".own-section", { hasText: "检查结果" });
    await results.getByText("血氧饱和度").first().waitFor();
    await see(results.getByText(/在您测量的海拔和年龄，一般为 85–92/).first()).toBeVisible();
    const warnings = page.locator(".own-section", { hasText: "过敏与提醒" });
    await see(warnings.getByText("青霉素")).toHaveCount(1);
    await judge();
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "下载电子版（JSON）" }).click();
    expect((await download).suggestedFilename()).toBe("patient-summary.json");
    // Nothing of a record stays on the phone: it says so, and reads again when the line is back.
    await page.getByRole("link", { name: "谁能看我的病历" }).click();
    await page.locator(".own-choice").first().waitFor();
    await mother.context.setOffline(true);
    await page.goBack();
    await see(page.getByText("这台手机不留一份")).toBeVisible();
    await mother.context.setOffline(false);
    await results.getByText("血氧饱和度").first().waitFor();

    await page.getByRole("link", { name: "谁能看我的病历" }).click();
    const shanghai = page.locator(".own-choice", { hasText: "徐汇" }).first();
    await shanghai.getByRole("button", { name: /^更改/ }).click();
    await see(shanghai.getByText("能看到记录，但看不到下面五类敏感内容。")).toBeVisible();
    await judge();
    await keepPicture(page, "own-choices-phone-zh-CN", { fullPage: true });
    await shanghai.getByRole("radio", { name: /^除敏感内容外可看/ }).check();
    await shanghai.getByRole("button", { name: "保存，立即生效" }).click();
    await see(page.getByText("您的选择已在各医院生效。")).toBeVisible();
    await see(shanghai.getByText("除敏感内容外可看")).toBeVisible();

    const looks = [
      { language: "zh-CN", elder: true, width: 390 },
      { language: "bo", elder: false, width: 320 },
      { language: "en", elder: false, width: 390 },
    ];
    for (const { language, elder, width } of looks) {
      await page.setViewportSize({ width, height: 844 });
      await page.evaluate(
        (look) => localStorage.setItem("yilian.preferences", JSON.stringify(look)),
        { language, elder, textStep: 1, highContrast: false },
      );
      for (const [name, path, ready] of [
        ["own-record", "/record", ".own-says"],
        ["own-choices", "/record/choices", ".own-choice"],
      ] as const) {
        await mother.open(path);
        await page.locator(ready).first().waitFor();
        const wider = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        expect(wider, `${name} ${language}`).toBeLessThanOrEqual(0);
        // The others of each page were judged in Chinese above.
        if (elder || (language === "bo" && name === "own-record")) await judge();
        const shown = `${name}-${elder ? "elder" : "phone"}-${language}`;
        await keepPicture(page, shown, { fullPage: true });
      }
    }
  });
});
