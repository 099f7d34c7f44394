/**
 * A test result as a signed card: on the patient's phone, at the verifier's camera, without a line, on
 * paper; and the paper code of somebody without a phone, from the window to the door.
 */
import { generateKeyPairSync } from "node:crypto";
import type { Browser, Page } from "@playwright/test";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { cardClaims, signCard } from "../../server/cards/card.ts";
import type { CardAnswer, MyResults } from "../../server/cards/contract.ts";
import { cardDigits } from "../../web/cards/card-digits.ts";
import { cardCode } from "../../web/cards/card-qr.ts";
import { askAxe } from "../support/axe.ts";
import { createPerson, launchBrowser, type Person, reportFailure } from "../support/people.ts";
import { keepPicture } from "../support/picture.ts";
import { see } from "../support/see.ts";
import { type SignedIn, signedIn } from "../support/signed-in.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { correctTest, seedTest } from "../support/test-results.ts";

const hourMs = 60 * 60_000;
const hoursAgo = (hours: number) => new Date(Date.now() - hours * hourMs);

let stack: Stack;
let browser: Browser;
let owner: postgres.Sql;
let zhou: Person;
let guard: Person;
let window: Person;
let asZhou: SignedIn;
let asLuosang: SignedIn;
let zhouTube: string;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
  owner = postgres(stack.database.owner, { max: 1, onnotice: () => {} });
  [asZhou, asLuosang] = (await Promise.all(
    ["13800138003", "13800138004"].map((who) => signedIn(stack, who)),
  )) as [SignedIn, SignedIn];
  const [zhouId, luosangId, dawaId] = (await Promise.all(
    ["13800138003", "13800138004", "13800138001"].map(patientOf),
  )) as [string, string, string];
  const [pengpu] = await owner`select id from institution where slug = 'pengpu'`;
  const institutionId = pengpu!.id as string;
  const seed = (patientId: string, hours: number, result: "negative" | "positive") =>
    seedTest(owner, {
      institutionId,
      patientIds: [patientId],
      sampledAt: hoursAgo(hours),
      result,
    });
  zhouTube = (await seed(zhouId, 6, "negative")).tubeId;
  await seed(luosangId, 50, "negative");
  await seed(dawaId, 6, "positive");
  [zhou, guard, window] = await Promise.all([
    phoneOf({ phone: "13800138003" }),
    phoneOf(null),
    createPerson(browser, stack, { device: "desktop" }),
  ]);
  await window.context.request.post("/api/session/demo", { data: { loginName: "wangjianguo" } });
});
afterAll(async () => {
  await Promise.all([asZhou, asLuosang].map((one) => one?.close()));
  await owner?.end();
  await browser?.close();
  await stack?.stop();
});
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await reportFailure({ zhou, guard, window });
  expect([...zhou.problems, ...guard.problems, ...window.problems]).toEqual([]);
});

async function patientOf(phone: string): Promise<string> {
  const client = await signedIn(stack, phone);
  const { patients } = await client.get<{ patients: { id: string }[] }>("/api/session");
  await client.close();
  return patients[0]!.id;
}

/** A phone; its camera shows what `hold` gives it. */
async function phoneOf(account: { phone: string } | { loginName: string } | null) {
  const person = await createPerson(browser, stack, { device: "phone" });
  await person.context.addInitScript(installCamera);
  if (account) await person.context.request.post("/api/session/demo", { data: account });
  return person;
}

declare global {
  var cameraShows: ((rows: string[] | null) => void) | undefined;
}
/** In the page: a camera that sees a grey table, or a printed code somewhat turned on it. */
function installCamera(): void {
  const side = 720;
  const canvas = document.createElement("canvas");
  canvas.width = side;
  canvas.height = side;
  const context = canvas.getContext("2d", { alpha: false })!;
  let shown: string[] | null = null;
  const draw = () => {
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = "#8d8f8c";
    context.fillRect(0, 0, side, side);
    if (!shown) return;
    const scale = Math.floor((side * 0.8) / (shown.length + 8));
    const paper = scale * (shown.length + 8);
    context.translate(side / 2, side / 2);
    context.rotate(0.04);
    context.translate(-paper / 2, -paper / 2);
    context.fillStyle = "#fdfdfb";
    context.fillRect(0, 0, paper, paper);
    context.fillStyle = "#111";
    for (const [y, row] of shown.entries())
      for (let x = 0; x < row.length; x += 1)
        if (row[x] === "1") context.fillRect((x + 4) * scale, (y + 4) * scale, scale, scale);
  };
  globalThis.cameraShows = (rows) => {
    shown = rows;
    draw();
  };
  draw();
  setInterval(draw, 200);
  if (navigator.mediaDevices)
    navigator.mediaDevices.getUserMedia = async () => canvas.captureStream(10);
}

/** Holds a card before the verifier's camera. */
async function hold(person: Person, jws: string): Promise<void> {
  const code = cardCode(jws);
  const rows = Array.from({ length: code.size }, (_, y) =>
    Array.from({ length: code.size }, (_, x) => (code.get(x, y) ? "1" : "0")).join(""),
  );
  await person.page.evaluate((shown) => globalThis.cameraShows?.(shown), rows);
}

async function cardOf(who: SignedIn): Promise<string> {
  const { results } = await who.get<MyResults>("/api/my/results");
  const { jws } = await who.get<CardAnswer>(`/api/my/results/${results[0]!.id}/card`);
  return jws;
}

async function paste(page: Page, text: string): Promise<void> {
  await next(page);
  const field = page.getByLabel("二维码里的文字");
  if (!(await field.isVisible())) await page.getByText("粘贴文字或输入纸上编号").click();
  await field.fill(text);
  await page.getByRole("button", { name: "核验", exact: true }).click();
}

/** Back to the beginning, when an answer is shown. */
async function next(page: Page): Promise<void> {
  const again = page.getByRole("button", { name: "核验下一位" });
  if (await again.isVisible()) await again.click();
}

const answer = (page: Page) => page.locator(".answer").last();
const shot = (page: Page, name: string) => keepPicture(page, `cards-${name}`, { fullPage: true });
async function clean(page: Page, name: string): Promise<void> {
  await shot(page, name);
  const { violations } = await askAxe(page);
  expect(violations.map(({ id, nodes }) => [name, id, nodes[0]?.html])).toEqual([]);
}

describe("on the patient's phone", () => {
  it("the result is an icon and a word, with its time and its card, three taps from home", async () => {
    const { page } = zhou;
    await zhou.open("/");
    await see(page.getByRole("link", { name: "检测结果" })).toBeVisible();
    await shot(page, "home");
    await page.getByRole("link", { name: "检测结果" }).click();
    await see(page.getByText("阴性")).toBeVisible();
    await clean(page, "list");
    await page.getByRole("link", { name: "周桂英 阴性" }).click();
    await see(page.locator(".result-state")).toHaveText("阴性");
    await see(page.getByText("从采样算起 48 小时")).toBeVisible();
    await see(page.locator(".card-code")).toBeVisible();
    await clean(page, "result");
    // The file for wallets holds the same card.
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "存为凭证文件" }).click(),
    ]);
    expect(file.suggestedFilename()).toMatch(/\.smart-health-card$/);
  });

  it("opens without a line, prints with big words, and reads well in every language and size", async () => {
    const { page, context } = zhou;
    await see
      .poll(() => page.evaluate(async () => (await caches.keys()).length))
      .toBeGreaterThan(0);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    // What the page is made of is kept by the worker after it was shown.
    await see
      .poll(() =>
        page.evaluate(async () => {
          const cache = await caches.open("yilian-pages-1");
          const kept = (await cache.keys()).map(({ url }) => new URL(url).pathname);
          return kept.includes("/") && kept.some((path) => path.includes("result-page"));
        }),
      )
      .toBe(true);
    await context.setOffline(true);
    await page.reload();
    await see(page.locator(".card-code")).toBeVisible();
    await see(page.getByText("凭证照常能用")).toBeVisible();
    await shot(page, "result-offline");
    await context.setOffline(false);
    await page.reload();
    await see(page.locator(".card-code")).toBeVisible();
    await page.emulateMedia({ media: "print" });
    await shot(page, "result-print");
    await page.emulateMedia({ media: "screen" });
    for (const [language, word] of [
      ["bo", "ནད་དུག་མེད།"],
      ["en", "Negative"],
    ] as const) {
      await prefer(page, { language });
      await see(page.locator(".result-state")).toHaveText(word);
      await clean(page, `result-${language}`);
    }
    await prefer(page, { language: "zh-CN", elder: true });
    await see(page.locator(".result-state")).toHaveText("阴性");
    await clean(page, "result-elder");
    await page.setViewportSize({ width: 320, height: 700 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
      320,
    );
    await page.setViewportSize({ width: 390, height: 844 });
    const shown = page.url();
    await page.goto("/");
    await see(page.getByRole("link", { name: "报告和病历" })).toBeVisible();
    await shot(page, "home-elder");
    await page.goto(shown);
    await prefer(page, { elder: false });
    await see(page.locator(".card-code")).toBeVisible();
  });

  it("a recall asks to test again, without the word positive and without a card", async () => {
    const mother = await phoneOf({ phone: "13800138001" });
    await mother.open("/results");
    await mother.page.getByRole("link", { name: /请重新检测/ }).click();
    await see(mother.page.locator(".result-state")).toHaveText("请重新检测");
    await see(mother.page.getByText("不是说您有病")).toBeVisible();
    await see(mother.page.locator(".card-code")).toHaveCount(0);
    expect(await mother.page.locator("main").innerText()).not.toContain("阳性");
    await clean(mother.page, "again");
    await mother.close();
  });
});

async function prefer(page: Page, change: Record<string, unknown>): Promise<void> {
  await page.evaluate((wanted) => {
    const kept = JSON.parse(localStorage.getItem("yilian.preferences") ?? "{}");
    localStorage.setItem("yilian.preferences", JSON.stringify({ ...kept, ...wanted }));
  }, change);
  await page.reload();
}

describe("at the verifier", () => {
  it("a card before the camera is valid, with the word to check the identity card", async () => {
    const { page } = guard;
    await guard.open("/verify");
    await see(page.getByText(/密钥和作废名单是/)).toBeVisible();
    await clean(page, "verify");
    // It can be put on the phone's home screen.
    const address = await page.locator("link[rel=manifest]").getAttribute("href");
    const manifest = await (await page.request.get(address!)).json();
    expect(manifest).toMatchObject({ start_url: "/verify", display: "standalone" });
    await page.getByRole("button", { name: "扫码" }).click();
    await see(page.getByText("把二维码放进方框")).toBeVisible();
    await shot(page, "verify-camera");
    await hold(guard, await cardOf(asZhou));
    await see(answer(page)).toContainText("有效");
    await see(page.locator(".identity-name")).toHaveText("周桂英");
    await see(page.getByText("凭证不是身份证明")).toBeVisible();
    await see(page.getByText("6 小时前")).toBeVisible();
    await clean(page, "verify-valid");
  });

  it("one sampled too long ago is not, and how long is asked for is chosen at the door", async () => {
    const { page } = guard;
    // The other card is there before the camera opens again.
    await hold(guard, await cardOf(asLuosang));
    await next(page);
    await see(answer(page)).toContainText("无效");
    await see(answer(page)).toContainText("采样已超过 48 小时");
    await clean(page, "verify-expired");
    await page.getByRole("radio", { name: "72 小时" }).check();
    await see(answer(page)).toContainText("有效");
    await page.getByRole("radio", { name: "24 小时" }).check();
    await see(answer(page)).toContainText("采样已超过 24 小时");
    await page.getByRole("radio", { name: "48 小时" }).check();
  });

  it("reads a photograph of the code, and says what is wrong with everything else", async () => {
    const { page } = guard;
    await guard.page.evaluate(() => globalThis.cameraShows?.(null));
    await next(page);
    const picture = await zhou.page.locator(".card-code").screenshot();
    const file = page.locator("input[type=file]");
    await file.setInputFiles({ name: "code.png", mimeType: "image/png", buffer: picture });
    await see(answer(page)).toContainText("有效");
    await next(page);
    const blank = await page.locator("h1").screenshot();
    await file.setInputFiles({ name: "x.png", mimeType: "image/png", buffer: blank });
    await see(page.getByText("照片里没有找到二维码")).toBeVisible();

    const jws = await cardOf(asZhou);
    const [header, payload, signature] = jws.split(".") as [string, string, string];
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const strange = (issuer: string) =>
      signCard(
        cardClaims({
          issuer,
          issuedAt: new Date(),
          rid: "x",
          content: {
            fullName: "陌生人",
            birthDate: null,
            code: "94500-6",
            result: "negative",
            sampledAt: hoursAgo(1),
            laboratory: "别处",
          },
        }),
        { kid: "A".repeat(43), privateJwk: privateKey.export({ format: "jwk" }) },
      );
    const flipped = signature.startsWith("A") ? `B${signature.slice(1)}` : `A${signature.slice(1)}`;
    for (const [text, word, why] of [
      [`${header}.${payload}.${flipped}`, "无效", "签名对不上"],
      [
        `shc:/${cardDigits(`${header}.${payload.slice(0, -4)}.${signature}`)}`,
        "无效",
        "签名对不上",
      ],
      [strange("https://elsewhere.example"), "无法判断", "https://elsewhere.example"],
      [strange(stack.url), "无效", "密钥已停用"],
      [`shc:/1/2/${cardDigits(jws.slice(0, 200))}`, "无法判断", "分成几张"],
      ["https://example.org/menu", "无法判断", "这不是检测凭证"],
      [`YLP1:${"0".repeat(16)}.29000000.00000000.${"0".repeat(103)}`, "无效", "签名对不上"],
    ] as const) {
      await paste(page, text);
      await see(answer(page)).toContainText(word);
      await see(answer(page)).toContainText(why);
    }
    await shot(page, "verify-unknown");
  });

  it("works without a line after the first visit, and says from when its keys are", async () => {
    const { page, context } = guard;
    await see
      .poll(() =>
        page.evaluate(async () => {
          const cache = await caches.open("yilian-pages-1");
          const kept = (await cache.keys()).map(({ url }) => new URL(url).pathname);
          return ["/verify", "decode", "qr-scanner", "paper-answer"].every((part) =>
            kept.some((path) => path.includes(part)),
          );
        }),
      )
      .toBe(true);
    const printed = await printAtWindow();
    await context.setOffline(true);
    await page.reload();
    await see(page.getByText(/密钥和作废名单是/)).toBeVisible();
    // The whole printed page, photographed: its code is found, decoded and verified without a line.
    await page
      .locator("input[type=file]")
      .setInputFiles({ name: "card.png", mimeType: "image/png", buffer: printed });
    await see(answer(page)).toContainText("有效");
    await see(page.locator(".identity-name")).toHaveText("周桂英");
    await next(page);
    await page.getByRole("button", { name: "扫码" }).click();
    await hold(guard, await zhouCardKept());
    await see(answer(page)).toContainText("有效");
    await shot(page, "verify-offline");
    // A month later, never updated: a warning, and the card too old.
    await page.clock.setFixedTime(Date.now() + 30 * 24 * hourMs);
    await page.reload();
    await see(page.getByText("已超过一天没有更新")).toBeVisible();
    await paste(page, await zhouCardKept());
    await see(answer(page)).toContainText("采样已超过 48 小时");
    // A device whose clock lags a month behind: the card is from the future.
    await page.clock.setFixedTime(Date.now() - 30 * 24 * hourMs);
    await paste(page, await zhouCardKept());
    await see(answer(page)).toContainText("时间还没有到");
    await page.clock.setFixedTime(Date.now());
    await context.setOffline(false);
    await page.reload();
    await paste(page, await zhouCardKept());
    await see(answer(page)).toContainText("有效");
  });

  it("still takes a card after its key was renewed by the operator's command", async () => {
    const { page } = guard;
    const jws = await zhouCardKept();
    expect(stack.run("scripts/card-key.ts", ["rotate"])).toMatch(/signs from now on[\s\S]*retired/);
    await page.reload();
    await see(page.getByText(/密钥和作废名单是/)).toBeVisible();
    await paste(page, jws);
    await see(answer(page)).toContainText("有效");
  });

  it("knows what the laboratory took back, as soon as it has read the list", async () => {
    const { page } = guard;
    const jws = await zhouCardKept();
    await correctTest(owner, zhouTube, "grey-zone", hoursAgo(0));
    await page.reload();
    await see(page.getByText(/密钥和作废名单是/)).toBeVisible();
    await paste(page, jws);
    await see(answer(page)).toContainText("无效");
    await see(answer(page)).toContainText("收回这张凭证");
    await shot(page, "verify-revoked");
    await zhou.open("/results");
    await see(zhou.page.getByText("请重新检测")).toBeVisible();
  });
});

/** Somebody without a phone asks at the window: the released result, made, and printed as on an A4 sheet. */
async function printAtWindow(): Promise<Buffer> {
  const { page } = window;
  await window.open("/workbench/paper");
  await page.getByLabel("姓名、身份证号或电话").fill("周桂英");
  await page.getByRole("button", { name: "选他" }).first().click();
  await see(page.getByRole("heading", { name: "打印检测结果" })).toBeVisible();
  await page.getByRole("button", { name: "出结果卡" }).click();
  await see(page.locator(".paper-card .card-code")).toBeVisible();
  await see(page.locator(".paper-card-result")).toHaveText("阴性");
  await clean(page, "window-card");
  await page.emulateMedia({ media: "print" });
  // A4 at 96 dots per inch.
  await page.setViewportSize({ width: 794, height: 1123 });
  const printed = await page.screenshot();
  expect(await page.locator(".no-print, .shell-head, h1").first().isVisible()).toBe(false);
  const box = (await page.locator(".paper-card").boundingBox())!;
  // One card of A6, whole, on the sheet.
  expect(box.width).toBeGreaterThan(380);
  expect(box.x + box.width).toBeLessThanOrEqual(794);
  expect(box.y + box.height).toBeLessThanOrEqual(1123);
  await page.emulateMedia({ media: "screen" });
  await page.setViewportSize({ width: 1440, height: 900 });
  for (const language of ["bo", "en"]) {
    await page.locator(`.language-switch button[lang="${language}"]`).click();
    await see(page.locator(`html[lang="${language}"]`)).toBeAttached();
    await clean(page, `window-card-${language}`);
  }
  await page.locator('.language-switch button[lang="zh-CN"]').click();
  return printed;
}

/** The card as the phone has it, however often it is asked for. */
let zhouCard = "";
async function zhouCardKept(): Promise<string> {
  zhouCard ||= await cardOf(asZhou);
  return zhouCard;
}

describe("a paper code", () => {
  let nurse: Person;
  let first: Buffer;

  it("is made and printed at the window, without any result on it", async () => {
    const { page } = window;
    await window.open("/workbench/paper");
    await page.getByLabel("姓名、身份证号或电话").fill("周桂英");
    await page.getByRole("button", { name: "选他" }).first().click();
    await see(page.getByText("60 岁及以上，可以办")).toBeVisible();
    await page.getByRole("button", { name: "办理并打印" }).click();
    await see(page.locator(".paper-card")).toContainText("周*英");
    await clean(page, "paper-desk");
    await page.setViewportSize({ width: 1024, height: 768 });
    await shot(page, "paper-desk-1024");
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
      1024,
    );
    expect(await page.locator(".paper-card").innerText()).not.toMatch(/阴性|阳性|周桂英/);
    first = await page.locator(".paper-card .qr").screenshot();
    await page.emulateMedia({ media: "print" });
    // A6 at 96 dots per inch.
    await page.setViewportSize({ width: 397, height: 560 });
    await shot(page, "paper-print");
    expect(await page.locator(".shell-head, h1").first().isVisible()).toBe(false);
    await page.emulateMedia({ media: "screen" });
    await page.setViewportSize({ width: 1440, height: 900 });
  });

  it("is looked up and made again at the window, which ends the one before at once", async () => {
    const { page } = window;
    await window.open("/workbench/paper");
    await page.getByLabel("姓名、身份证号或电话").fill("周桂英");
    await page.getByRole("button", { name: "选他" }).first().click();
    await see(page.getByText(/现有一张/)).toBeVisible();
    await clean(page, "paper-desk-found");
    await page.getByRole("button", { name: /补办/ }).click();
    await see(page.locator(".paper-card")).toBeVisible();
    const second = await page.locator(".paper-card .qr").screenshot();
    const { page: door } = guard;
    await guard.open("/verify");
    await see(door.getByText(/密钥和作废名单是/)).toBeVisible();
    const scan = (buffer: Buffer) =>
      door
        .locator("input[type=file]")
        .setInputFiles({ name: "paper.png", mimeType: "image/png", buffer });
    await scan(first);
    await see(answer(door)).toContainText("已经作废");
    await next(door);
    await scan(second);
    await see(answer(door)).toContainText("码是真的");
    await next(door);
    first = second;
  });

  it("says nothing of its person to strangers, and to staff a masked name to compare", async () => {
    const scan = (person: Person, picture: Buffer) =>
      person.page
        .locator("input[type=file]")
        .setInputFiles({ name: "paper.png", mimeType: "image/png", buffer: picture });
    const { page } = guard;
    await guard.open("/verify");
    await scan(guard, first);
    await see(answer(page)).toContainText("码是真的");
    await see(page.getByText("登录工作台的采样员")).toBeVisible();
    expect(await page.locator("main").innerText()).not.toContain("周");
    await clean(page, "verify-paper");

    nurse = await phoneOf({ loginName: "fangyun" });
    await nurse.open("/verify");
    await scan(nurse, first);
    await nurse.page.getByRole("button", { name: "看是谁的码" }).click();
    await see(nurse.page.locator(".identity-name")).toHaveText("周*英");
    await clean(nurse.page, "verify-paper-staff");
    await nurse.page.getByRole("button", { name: "身份证一致，看结果" }).click();
    await see(answer(nurse.page)).toContainText("需要重新检测");

    // The relative makes a new one: the first one is over, also where there is no line.
    await zhou.open("/results");
    await zhou.page.getByRole("link", { name: /周桂英.*有效到/ }).click();
    await see(zhou.page.locator(".paper-card")).toBeVisible();
    await clean(zhou.page, "paper-phone");
    await zhou.page.getByRole("button", { name: /^补办/ }).click();
    await zhou.page.getByRole("button", { name: "确定补办" }).click();
    await see(zhou.page.getByRole("button", { name: "确定补办" })).toBeHidden();
    await nurse.page.reload();
    await see(nurse.page.getByText(/密钥和作废名单是/)).toBeVisible();
    await scan(nurse, first);
    await see(answer(nurse.page)).toContainText("已经作废");
    await shot(nurse.page, "verify-paper-revoked");
    await nurse.context.setOffline(true);
    await nurse.page.reload();
    await scan(nurse, first);
    await see(answer(nurse.page)).toContainText("已经作废");
    expect(nurse.problems).toEqual([]);
    await nurse.close();
  });
});

describe("how long they count", () => {
  it("is entered with its day and source, and what was recalled awaits a clinician", async () => {
    const [admin, clinician] = await Promise.all(
      ["zhenglan", "fanrong"].map(async (loginName) => {
        const person = await createPerson(browser, stack, { device: "desktop" });
        await person.context.request.post("/api/session/demo", { data: { loginName } });
        return person;
      }),
    );
    const { page } = admin!;
    await admin!.open("/workbench/card-policy");
    await see(page.getByText("凭记忆填写，等医生核对")).toBeVisible();
    await page.getByLabel("从哪天起").fill("2031-01-01");
    await page.getByLabel("阴性结果时效").selectOption("24");
    await page.getByLabel("依据").fill("区防控办通知，2030-12-20");
    await page.getByLabel("凭记忆填写，还没有看到文件").check();
    await clean(page, "policy-form");
    await page.getByRole("button", { name: "保存这一条" }).click();
    await see(page.getByText("阴性结果 24 小时，纸质码 180 天")).toBeVisible();
    await see(page.getByText("将生效")).toBeVisible();
    await clean(page, "policy");
    await clinician!.open("/workbench/card-policy");
    await clinician!.page.getByRole("button", { name: "我核对过，属实 2031-01-01" }).click();
    await see(clinician!.page.getByText("范蓉 已核对")).toBeVisible();
    for (const language of ["bo", "en"]) {
      await clinician!.page.locator(`.language-switch button[lang="${language}"]`).click();
      await see(clinician!.page.locator(`html[lang="${language}"]`)).toBeAttached();
      await clean(clinician!.page, `policy-${language}`);
    }
    expect([...admin!.problems, ...clinician!.problems]).toEqual([]);
    await Promise.all([admin!.close(), clinician!.close()]);
  });
});
