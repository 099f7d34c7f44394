/**
 * Sampling as it is done: a family books on one phone, a sampler works through a lost line, a courier hands a
 * box over, a lead sees it all. Real server, real pages, real loss of the line.
 */
import type { Browser, Page } from "@playwright/test";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { SamplerWork } from "../../server/sampling/contract.ts";
import { makeTubeCode } from "../../server/sampling/tube-code.ts";
import { askAxe } from "../support/axe.ts";
import { createPerson, launchBrowser, type Person, reportFailure } from "../support/people.ts";
import { keepPicture } from "../support/picture.ts";
import { see as expectPage } from "../support/see.ts";
import { type SignedIn, signedIn } from "../support/signed-in.ts";
import { type Stack, startStack } from "../support/stack.ts";

const see = expectPage.configure({ timeout: 15_000 });
/** Two stations of one site and who works there, of the demo. */
const firstSerial = 10_100;

let stack: Stack;
let browser: Browser;
let family: Person;
let tao: Person;
let ma: Person;
let yan: Person;
let desk: SignedIn;
let shi: SignedIn;
let qian: SignedIn;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
  [desk, shi, qian] = (await Promise.all(
    ["taoxiaohui", "shilei", "qianwei"].map((who) => signedIn(stack, who)),
  )) as [SignedIn, SignedIn, SignedIn];
  [family, tao, ma, yan] = (await Promise.all([
    personOf({ phone: "13800138001" }, "phone"),
    personOf({ loginName: "taoxiaohui" }, "phone"),
    personOf({ loginName: "maqiang" }, "phone"),
    personOf({ loginName: "yanping" }, "desktop"),
  ])) as [Person, Person, Person, Person];
});
afterAll(async () => {
  await Promise.all([desk, shi, qian].map((one) => one?.close()));
  await browser?.close();
  await stack?.stop();
});
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await reportFailure({ family, tao, ma, yan });
  expect([family, tao, ma, yan].flatMap((one) => one.problems)).toEqual([]);
});

async function personOf(who: object, device: "phone" | "desktop"): Promise<Person> {
  const person = await createPerson(browser, stack, { device });
  await person.context.request.post("/api/session/demo", { data: who });
  return person;
}

async function looksWell(page: Page, name: string): Promise<void> {
  await keepPicture(page, `sampling-${name}`, { fullPage: true });
  const { violations } = await askAxe(page);
  expect(
    violations.map(({ id, nodes }) => `${name} ${id}: ${nodes.map(({ html }) => html).join(" ")}`),
  ).toEqual([]);
  const sideways = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(sideways, `${name} scrolls sideways`).toBeLessThanOrEqual(0);
}

async function register(fullName: string, phone: string, purpose = "voluntary") {
  const { people } = await desk.send<{ people: SamplerWork["people"] }>(
    "POST",
    "/api/sampling/walk-ins",
    {
      residentId: null,
      fullName,
      phone,
      birthDate: "1950-03-03",
      sex: "female",
      purpose,
      priority: null,
    },
  );
  return people![0]!;
}

async function type(page: Page, text: string): Promise<void> {
  await page.getByRole("textbox").first().fill(text);
  await page.getByRole("textbox").first().press("Enter");
}

describe("a family", () => {
  it("books one time for two on one phone, and each has a pass that opens without a line", async () => {
    const { page } = family;
    await family.open("/");
    await page.getByRole("link", { name: /核酸检测/ }).click();
    await see(page.getByRole("heading", { name: "核酸检测", level: 1 })).toBeVisible();
    await looksWell(page, "family-home");
    await page.getByRole("link", { name: "约采样时间" }).click();
    await page.getByRole("button", { name: "加一位就诊人" }).click();
    await page.locator("#person-fullName").fill("次央");
    await page.locator("#person-relation").selectOption("relative");
    await page.getByRole("checkbox", { name: /同意/ }).check();
    await page.getByRole("button", { name: "加上，继续预约" }).click();
    await see(page.getByRole("checkbox", { name: "次央" })).toBeChecked();
    await page.getByLabel("次央 走优先通道吗").selectOption("pregnant");
    await looksWell(page, "family-people");
    await page.getByRole("button", { name: "下一步（2 人）" }).click();
    await see(page.getByRole("button", { name: /彭浦新村便民采样点/ })).toBeVisible();
    // Said, not measured: the sites come by distance from there.
    await page.getByLabel("您在哪里").selectOption({ label: "天平路街道" });
    await see(page.locator(".list li").first()).toContainText("徐汇区中心医院采样点");
    await page.getByLabel("您在哪里").selectOption({ label: "彭浦新村街道" });
    await see(page.locator(".list li").first()).toContainText(/彭浦新村便民采样点.*最近/);
    await see(page.getByText(/约 \d+ 米/).first()).toBeVisible();
    await looksWell(page, "family-sites");
    await page.getByRole("button", { name: /彭浦新村便民采样点/ }).click();
    await see(page.locator("button.slot").first()).toBeVisible();
    await looksWell(page, "family-time");
    await page.locator("button.slot").first().click();
    await looksWell(page, "family-check");
    await page.getByRole("button", { name: "确认预约（2 人）" }).click();
    await see(page.getByText("2 人中约成 2 人")).toBeVisible();
    await see(page.getByRole("link", { name: "看凭证" })).toHaveCount(2);
    await looksWell(page, "family-done");
    await page.getByRole("link", { name: "看凭证" }).last().click();
    await see(page.getByText("到采样点给采样员扫这个码")).toBeVisible();
    await see(page.getByText("孕妇")).toBeVisible();
    await looksWell(page, "family-pass");
    await family.context.setOffline(true);
    await page.getByRole("link", { name: "核酸检测" }).first().click();
    await page.getByRole("link", { name: /次央/ }).click();
    await see(page.getByText("到采样点给采样员扫这个码")).toBeVisible();
    await family.context.setOffline(false);
    for (const language of ["bo", "en"]) {
      const other = await createPerson(browser, stack, { device: "phone", language });
      await other.context.request.post("/api/session/demo", { data: { phone: "13800138001" } });
      await other.open("/test/book");
      await see(other.page.locator("h1")).toBeVisible();
      await looksWell(other.page, `family-people-${language}`);
      await other.close();
    }
  });

  it("makes a code under which a company comes", async () => {
    const { page } = family;
    await family.open("/test/group");
    await page.getByRole("radio", { name: "新建团体" }).check();
    await page.getByRole("radio", { name: "单位" }).check();
    await page.getByLabel("团体名称").fill("彭浦新村物业");
    await page.getByRole("button", { name: "建团体码" }).click();
    await see(page.getByText("团体已建好")).toBeVisible();
    const code = await page.locator(".pass-letters").first().innerText();
    expect(code).toMatch(/^G[A-Z0-9]{5}$/);
    await looksWell(page, "group-made");
  });
});

describe("a sampler", () => {
  const tube = makeTubeCode(10, firstSerial);

  it("opens a tube, reads back, one tap, next; wrong codes and people are told in words", async () => {
    const { page } = tao;
    const [li, wang] = [
      await register("李秀英", "13911112222"),
      await register("王福贵", "13911113333"),
    ];
    await tao.open("/sampling");
    await see(page.getByRole("heading", { name: "1 号台" })).toBeVisible();
    await looksWell(page, "sampler-begin");
    await type(page, li.code);
    await see(page.getByText("先开一支管，再扫人。")).toBeVisible();
    await type(page, `${tube.slice(0, -1)}${(Number(tube.at(-1)) + 1) % 10}`);
    await see(page.getByText("不是采样管编码，或有一位输错了")).toBeVisible();
    await type(page, makeTubeCode(10, 20_100));
    await see(page.getByText("这支管不是本机构领的")).toBeVisible();
    await type(page, tube);
    await see(page.getByText(/已开管/)).toBeVisible();
    // A handheld scanner: keys without a field, ended by Enter.
    await page.locator("h1").focus();
    await page.keyboard.type(li.code);
    await page.keyboard.press("Enter");
    await see(page.getByRole("heading", { name: "李秀英" })).toBeVisible();
    await see(page.locator(".person-digits strong")).toHaveText("2222");
    await looksWell(page, "sampler-person");
    await page.getByRole("button", { name: "采样完成" }).click();
    await see(page.getByText("李秀英 已采，1 / 10")).toBeVisible();
    // The last four digits do as well.
    await type(page, "3333");
    await page.getByRole("button", { name: "采样完成" }).click();
    await see(page.locator(".tube-count strong")).toHaveText("2");
    await type(page, wang.code);
    await see(page.getByText("已经采过")).toBeVisible();
    await page.getByRole("button", { name: "下一位" }).click();
    await page.getByText("管里 2 人").click();
    await page.getByRole("button", { name: "撤销 王福贵" }).click();
    await see(page.locator(".tube-count strong")).toHaveText("1");
    await see(page.getByText("都已上传")).toBeVisible();
    await looksWell(page, "sampler-tube");
  });

  it("goes on without a line, keeps it over a reload, and hears by person and tube what did not work", async () => {
    const { page, context } = tao;
    const [zhao, qianDama, sun] = [
      await register("赵大爷", "13922220001"),
      await register("钱大妈", "13922220002"),
      await register("孙小妹", "13922220003"),
    ];
    await page.reload();
    // The three, and whoever was undone before.
    await see(page.locator(".sampling-counts strong").nth(1)).toHaveText("4");
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await context.setOffline(true);
    for (const [index, one] of [zhao, qianDama].entries()) {
      await type(page, one.code);
      await page.getByRole("button", { name: "采样完成" }).click();
      await see(page.locator(".tube-count strong")).toHaveText(String(2 + index));
    }
    await see(page.getByText("没有网络，采样照常")).toBeVisible();
    // Somebody who is on no list: registered on the phone, his code on paper, a swab like everybody's.
    await page.getByRole("button", { name: "不在名单上" }).click();
    await page.getByRole("radio", { name: "姓名和手机" }).check();
    await page.getByLabel("姓名", { exact: true }).fill("断网的人");
    await page.getByLabel("手机号").fill("12");
    await page.getByRole("button", { name: "登记", exact: true }).click();
    await see(page.getByText(/电话不对/)).toBeVisible();
    await page.getByLabel("手机号").fill("13922220009");
    await page.getByRole("button", { name: "登记", exact: true }).click();
    await see(page.getByText("把这个码写给他")).toBeVisible();
    const letters = (await page.locator(".paper-letters .pass-letters").innerText()).trim();
    expect(letters).toMatch(/^[2-9A-Z]{4} [2-9A-Z]{4}$/);
    await looksWell(page, "sampler-draft");
    await page.getByRole("button", { name: "采样完成" }).click();
    await see(page.locator(".tube-count strong")).toHaveText("4");
    await see(page.getByText("1 人登记在这台手机上，等网络")).toBeVisible();
    await looksWell(page, "sampler-offline");
    // Nothing is lost when the page is opened again, still without a line.
    await page.reload();
    await see(page.locator(".tube-count strong")).toHaveText("4");
    await see(page.getByText("4 步存在这台手机上")).toBeVisible();
    // His paper finds him again.
    await type(page, letters);
    await see(page.getByRole("heading", { name: "断网的人" })).toBeVisible();
    await page.getByRole("button", { name: "下一位" }).click();
    // Meanwhile the other station takes one of them, and a third whom this phone takes as well.
    const other = await shi.get<SamplerWork>("/api/sampling/work");
    const theirs = makeTubeCode(10, firstSerial + 1);
    const step = (kind: string, registration: string | null) => ({
      id: crypto.randomUUID(),
      step: kind,
      station: other.station!.id,
      tube: theirs,
      registration,
      purpose: null,
      retest: false,
      reason: null,
      at: new Date().toISOString(),
    });
    await shi.send("POST", "/api/sampling/steps", {
      sentAt: new Date().toISOString(),
      steps: [step("open", null), step("sample", sun.registrationId)],
    });
    await type(page, sun.code);
    await page.getByRole("button", { name: "采样完成" }).click();
    await see(page.locator(".tube-count strong")).toHaveText("5");
    await context.setOffline(false);
    await see(page.getByText("孙小妹（末四位 0003）这一次没有记上")).toBeVisible();
    await see(page.getByText(/已在 2 号台的管/)).toBeVisible();
    await see(page.locator(".tube-count strong")).toHaveText("4");
    await see(page.getByText("都已上传")).toBeVisible();
    const list = (await desk.get<SamplerWork>("/api/sampling/work?people=all")).people!;
    expect(list.filter((one) => one.name === "断网的人")).toMatchObject([
      { code: letters.replace(" ", ""), state: "sampled", lastFour: "0009" },
    ]);
    await looksWell(page, "sampler-conflict");
    await page.getByRole("button", { name: "知道了" }).click();
    await page.getByRole("button", { name: "封管", exact: true }).click();
    await page.getByRole("button", { name: "封管（4 人）" }).click();
    await see(page.getByText(/已封管，4 人/)).toBeVisible();
    await see(page.getByText(/前到实验室/)).toBeVisible();
  });

  it("leads feverish people away and voids a tube that fell", async () => {
    const { page } = tao;
    const [hot, alone] = [
      await register("何发热", "13933330001"),
      await register("单采人", "13933330002", "fever"),
    ];
    await type(page, makeTubeCode(10, firstSerial + 2));
    await see(page.getByText(/已开管/)).toBeVisible();
    await type(page, hot.code);
    await page.getByRole("button", { name: "发热，引导就诊" }).click();
    // With the person's word the fever desk knows before anybody stands there.
    await page.getByRole("button", { name: "同意，通知发热门诊" }).click();
    await see(page.getByText(/何发热 请跟引导员去/)).toBeVisible();
    await type(page, alone.code);
    await see(page.getByText("发热病人，要单独一管")).toBeVisible();
    await looksWell(page, "sampler-single");
    await page.getByRole("button", { name: "下一位" }).click();
    await page.getByRole("button", { name: "作废" }).click();
    await page.getByLabel("为什么作废").fill("管子掉在地上");
    await page.getByRole("button", { name: "作废这支管" }).click();
    await see(page.getByText(/已作废/)).toBeVisible();
  });
});

describe("a courier and a lead", () => {
  it("a box is packed by scans, leaves, and is signed for by the laboratory", async () => {
    const { page } = ma;
    await ma.open("/workbench");
    await page.waitForURL("**/sampling/courier");
    await see(page.getByRole("heading", { name: "彭浦新村便民采样点" })).toBeVisible();
    await page.getByLabel("箱号").fill("A-17");
    await page.getByRole("button", { name: "开始装箱" }).click();
    await see(page.getByRole("heading", { name: "转运箱 A-17" })).toBeVisible();
    await type(page, makeTubeCode(10, firstSerial + 1));
    await see(page.getByText(/不能装进这个箱/)).toBeVisible();
    await type(page, makeTubeCode(10, firstSerial));
    await see(page.locator(".tube-count strong")).toHaveText("1");
    await looksWell(page, "courier-box");
    await page.getByRole("button", { name: "取走 1 支管，出发" }).click();
    await see(page.getByText("到实验室后请对方扫这个码签收")).toBeVisible();
    await looksWell(page, "courier-way");
    const { runs } = await qian.get<{ runs: { id: string }[] }>("/api/sampling/runs/incoming");
    await qian.send("POST", `/api/sampling/runs/${runs[0]!.id}/receive`, { count: 1, note: "" });
    await page.reload();
    await see(page.getByText(/钱伟 .*签收/)).toBeVisible();
  });

  it("a lead sees the queue and the pace, and sees to what did not work", async () => {
    const { page } = yan;
    await yan.open("/workbench");
    await see(page.getByRole("heading", { name: "采样点", level: 1 })).toBeVisible();
    await see(page.getByText("孙小妹")).toBeVisible();
    await looksWell(page, "sites");
    await page.getByRole("button", { name: "已处理" }).click();
    await see(page.getByText("孙小妹")).toHaveCount(0);
    await page.getByRole("combobox", { name: "3 号台的采样员" }).selectOption({ label: "石磊" });
    await see(page.getByRole("combobox", { name: "2 号台的采样员" })).toHaveValue("");
    await page.getByRole("button", { name: "开放 3 号台" }).click();
    await see(page.getByRole("button", { name: "关闭 3 号台" })).toBeVisible();
  });
});
