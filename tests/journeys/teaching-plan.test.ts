/** A specialist plans a broadcast: a draft that saves itself, slides from a PDF, a case without who it is about, its preview. */
import { NodeCompiler } from "@myriaddreamin/typst-ts-node-compiler";
import type { Browser, Page } from "@playwright/test";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { askAxe } from "../support/axe.ts";
import { createPerson, launchBrowser, type Person, reportFailure } from "../support/people.ts";
import { keepPicture } from "../support/picture.ts";
import { type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
let browser: Browser;
const people: Record<string, Person> = {};

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
  for (const [name, loginName] of [
    ["teacher", "zhouminhua"],
    ["listener", "danzeng"],
    ["manager", "zhenglan"],
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

describe("planning a teaching broadcast", () => {
  it("goes from a draft to slides, a case and its preview, and to the invited site", async () => {
    const page = people.teacher!.page;
    await page.goto("/workbench/teaching");
    await page.getByRole("heading", { name: "教学直播", level: 1 }).waitFor();
    await picture(page, "teaching-list");
    await page.getByRole("button", { name: "新建直播" }).click();
    await page.getByLabel("题目", { exact: true }).fill("高原红细胞增多症：什么时候放血");
    await page.getByLabel("内容简介").fill("给县乡医生：怎样判断，什么时候转。");
    await page.getByLabel("开始时间").fill("2030-03-01T15:00");
    await page.getByLabel("时长（分钟）").fill("45");
    await page.getByLabel("找人").fill("周敏华");
    await page.getByRole("button", { name: /请 周敏华/ }).click();
    await page.getByLabel("萨迦县卫生服务中心").first().check();
    // It saves itself: the button waits for that.
    const announce = page.getByRole("button", { name: "发布并邀请" });
    await expect.poll(() => announce.isEnabled(), { timeout: 20_000 }).toBe(true);

    const pdf = NodeCompiler.create({}).pdf({
      mainFileContent:
        "#set page(width: 25.4cm, height: 14.29cm)\n= Polycythaemia\nOne\n#pagebreak()\n= When\nTwo",
    });
    await page
      .locator('input[type="file"]')
      .setInputFiles({ name: "课件.pdf", mimeType: "application/pdf", buffer: pdf });
    await page.getByRole("img", { name: "第 2 页：When" }).waitFor({ timeout: 60_000 });

    await page.getByRole("button", { name: "加一个病例" }).click();
    await page.getByRole("searchbox").fill("扎西");
    await page.getByRole("button", { name: "选这位患者" }).first().click();
    await page.getByLabel("病例题目").fill("一例高原红细胞增多症");
    await page.getByLabel("诊断编码（ICD-10）").fill("D75.1");
    await page
      .getByLabel("主诉和经过")
      .fill("扎西，头痛两周，11月2日到萨迦县人民医院，电话 13800138002。");
    await page.getByRole("button", { name: "生成预览" }).click();
    const card = page.locator(".teaching-preview").first();
    await card.waitFor();
    // Beside it stands what was struck out, for the maker alone.
    const shown = await card.locator("ul:not(.teaching-struck) > li > span").allInnerTexts();
    expect(shown.join(" ")).toContain("头痛两周");
    expect(shown.join(" ")).not.toMatch(/扎西|13800138002|萨迦县人民医院|11月2日/);
    expect(await card.locator("del").allInnerTexts()).toEqual(
      expect.arrayContaining(["扎西", "13800138002"]),
    );
    await picture(page, "teaching-plan");
    await announce.click();
    await page.getByText("已发布").first().waitFor();

    const listener = people.listener!.page;
    await listener.goto("/workbench/teaching");
    await listener.getByRole("link", { name: "高原红细胞增多症：什么时候放血" }).click();
    await listener.getByText("给县乡医生：怎样判断，什么时候转。").waitFor();
    await picture(listener, "teaching-session");
  });

  it("replays slides, board and chat of what was not recorded, without a line too", async () => {
    const { page } = people.teacher!;
    const ask = async (path: string, body?: unknown, method = body ? "POST" : "GET") => {
      const { context } = people.teacher!;
      const { csrfToken } = await (await context.request.get("/api/session")).json();
      const answer = await context.request.fetch(path, {
        method,
        headers: { "x-csrf-token": csrfToken, "idempotency-key": crypto.randomUUID() },
        ...(body === undefined ? {} : { data: body }),
      });
      expect(answer.ok(), `${path}: ${await answer.text()}`).toBe(true);
      return answer.json();
    };
    const own = (await ask(`/api/teaching/people?q=${encodeURIComponent("周敏华")}`)).people[0];
    const { alliances } = await ask("/api/teaching/choices");
    const houses = alliances.flatMap(
      (one: { houses: { id: string; name: { zh: string } }[] }) => one.houses,
    );
    const county = houses.find(
      (one: { name: { zh: string } }) => one.name.zh === "萨迦县卫生服务中心",
    );
    const made = await ask("/api/teaching/sessions", {
      title: "没有录制的一场",
      topic: "课件、图片和聊天，没有声音。",
      startsAt: new Date(Date.now() + 600_000).toISOString(),
      lengthMinutes: 30,
      record: false,
      speakers: [{ personId: own.personId, institutionId: own.institutionId, role: "presenter" }],
      audience: [{ kind: "institution", institutionId: county.id }],
    });
    const path = `/api/teaching/sessions/${made.id}`;
    await page.goto(`/workbench/teaching/${made.id}`);
    const pdf = NodeCompiler.create({}).pdf({
      mainFileContent:
        "#set page(width: 25.4cm, height: 14.29cm)\n= Bleeding\nOne\n#pagebreak()\n= Numbers\nTwo",
    });
    await page
      .locator('input[type="file"]')
      .setInputFiles({ name: "课件.pdf", mimeType: "application/pdf", buffer: pdf });
    await page.getByRole("img", { name: "第 2 页：Numbers" }).waitFor({ timeout: 60_000 });
    const { version } = await ask(path);
    await ask(`${path}/actions`, { action: "plan", version });
    await ask(`${path}/enter`, { deviceId: crypto.randomUUID(), device: "person", way: "full" });
    await ask(`${path}/live`, { step: "go-live" });
    const deckId = (await ask(`${path}/decks`)).decks[0].id;
    const write = (kind: string, data: object) =>
      ask(`${path}/entries`, { clientId: crypto.randomUUID(), kind, data });
    await write("slide", { deckId, page: 1 });
    const { csrfToken } = await ask("/api/session");
    const still = await people.teacher!.context.request.post(`${path}/stills?deidentified=true`, {
      headers: {
        "content-type": "image/png",
        "x-csrf-token": csrfToken,
        "idempotency-key": crypto.randomUUID(),
      },
      data: await sharp({
        create: { width: 64, height: 48, channels: 3, background: "#8a3b3b" },
      })
        .png()
        .toBuffer(),
    });
    await write("still", { stillId: (await still.json()).id });
    await write("chat", { text: "这张图是第几天？", question: true });
    await write("slide", { deckId, page: 2 });
    await ask(`${path}/live`, { step: "end" });

    const listener = people.listener!.page;
    await listener.goto(`/teaching/${made.id}/replay`);
    const why = listener.getByText("讲者没有开录制。");
    const last = listener.getByRole("img", { name: /第 2 页.*Numbers/ });
    const board = listener.getByRole("img", { name: "讲者的图片" });
    await why.waitFor();
    expect(await last.count()).toBe(0);
    // By its own clock, to the end of what happened.
    await listener.getByRole("button", { name: "播放" }).click();
    await last.waitFor();
    await listener.getByRole("tab", { name: "聊天" }).click();
    await listener.getByText("这张图是第几天？").click();
    await board.waitFor();
    await picture(listener, "teaching-replay-silent");
    await listener.getByRole("button", { name: "存到这台设备（课件和聊天）" }).click();
    await listener.getByText("已存在这台设备上，没有网络也能看").waitFor();
    const { context } = people.listener!;
    await context.setOffline(true);
    await listener.reload();
    await listener.getByText("没有网络，正在放这台设备上存的").waitFor();
    await why.waitFor();
    await listener.getByRole("tab", { name: "聊天" }).click();
    await listener.getByText("这张图是第几天？").click();
    await board.waitFor();
    await expect
      .poll(() => board.evaluate((image: HTMLImageElement) => image.naturalWidth))
      .toBeGreaterThan(0);
    await listener.getByRole("tab", { name: "目录" }).click();
    await listener.getByRole("button", { name: /Numbers$/ }).click();
    await last.waitFor();
    await context.setOffline(false);
  });

  it("joins sessions to a course, and its house decides how long things are kept", async () => {
    const page = people.teacher!.page;
    // A door that was passed leads to where one wanted, never elsewhere.
    await page.goto("/workbench/sign-in?to=/workbench/teaching/series");
    await page.waitForURL("**/workbench/teaching/series");
    await page.getByRole("button", { name: "新建课程" }).click();
    await page.getByLabel("课程名").fill("高原常见病系列课");
    await page.getByLabel("课程学分").fill("5");
    await page.getByRole("button", { name: "保存" }).click();
    await page.getByRole("heading", { name: "高原常见病系列课", level: 1 }).waitFor();
    await page.getByText("听够 80% 的场次，结课后得 5 学分。").waitFor();
    await picture(page, "teaching-course");
    await page.getByRole("button", { name: "加一场直播" }).click();
    await page.getByLabel("题目", { exact: true }).waitFor();
    expect(await page.getByLabel("题目", { exact: true }).inputValue()).toBe(
      "高原常见病系列课：新的一场",
    );

    const manager = people.manager!.page;
    await manager.setViewportSize({ width: 320, height: 720 });
    await manager.goto("/workbench/sign-in?to=//evil.example/teaching");
    await manager.goto("/workbench/teaching/house");
    await manager.getByText("还没有定过：按保存 3 年、少于 10 人算。").waitFor();
    await manager.getByLabel("保存几年").fill("5");
    await manager.getByLabel("依据").fill("院务会 2026-11 第 3 条");
    await manager.getByRole("button", { name: "加上" }).click();
    await manager.getByText("保存 5 年；当地患者少于 10 人要复核").waitFor();
    await picture(manager, "teaching-house-phone");
  });
});
