/**
 * The road of a referral on the patient's phone: asked and agreed there, heard live while two houses work on
 * it, set off, cancelled by a handshake, read without a line; home again with signs, medicines and a date; a
 * child's mother says no and yes; and the board on which every loop of it is counted.
 */
import type { Browser, Page } from "@playwright/test";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFailed } from "vitest";
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
import { type SignedIn, signedIn } from "../support/signed-in.ts";
import { type Stack, startStack } from "../support/stack.ts";

const hospital = "静安区闸北中心医院";
let stack: Stack;
let browser: Browser;
let doctor: SignedIn;
let desk: SignedIn;
let phone: Person;
let home: Person;
let mother: Person;
let administrator: Person;
let referralId: string;

type Target = {
  institution: { id: string; name: string };
  department: { id: string; name: string };
};

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
  [doctor, desk] = await Promise.all([
    signedIn(stack, "wangjianguo"),
    signedIn(stack, "qinxuemei"),
  ]);
  [phone, home, mother, administrator] = await Promise.all([
    createPerson(browser, stack, { device: "phone" }),
    createPerson(browser, stack, { device: "phone" }),
    createPerson(browser, stack, { device: "phone" }),
    createPerson(browser, stack, { device: "desktop" }),
  ]);
});
afterAll(async () => {
  for (const person of [phone, home, mother, administrator])
    expect(person?.problems ?? []).toEqual([]);
  await Promise.all([doctor?.close(), desk?.close()]);
  await browser?.close();
  await stack?.stop();
});
beforeEach(() => onTestFailed(() => reportFailure({ phone, home, mother, administrator })));

async function assertClean(page: Page): Promise<void> {
  // The bar at the foot lies over nothing at the end of a page.
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  const { violations } = await askAxe(page, wcagRules);
  expect(violations.map((one) => [one.id, one.nodes.map((node) => node.target.join(" "))])).toEqual(
    [],
  );
}
async function assertFits(page: Page): Promise<void> {
  const wider = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(wider).toBeLessThanOrEqual(0);
}
const shot = (page: Page, name: string) => keepPicture(page, `road-${name}`, { fullPage: true });

async function step(who: SignedIn, id: string, body: object): Promise<void> {
  const { version } = await who.get<{ version: number }>(`/api/referrals/${id}`);
  await who.send("POST", `/api/referrals/${id}/actions`, { ...body, version });
}

/** The phone of somebody whom the demo's first page does not list. */
async function signInAs(person: Person, number: string): Promise<void> {
  const answer = await person.page.request.post("/api/session/demo", { data: { phone: number } });
  expect(answer.status()).toBe(200);
}

describe("the way up", () => {
  it("is agreed to on the phone, after reading who sees what", async () => {
    await signInAs(phone, "13800138003");
    const { patients } = (await (await phone.page.request.get("/api/session")).json()) as {
      patients: { id: string; name: string }[];
    };
    const { targets } = await doctor.get<{ targets: Target[] }>(
      "/api/referrals/targets?direction=up&specialty=03",
    );
    const target = targets.find((one) => one.institution.name === hospital)!;
    const made = await doctor.send<{ id: string }>("POST", "/api/referrals", {
      patientId: patients[0]!.id,
      direction: "up",
      content: {
        urgency: "urgent",
        toInstitutionId: target.institution.id,
        toDepartmentId: target.department.id,
        requesterPhone: "021-56914949",
        reason: "血压 182/110，头晕两天",
        impression: [{ code: "I10", text: "原发性高血压" }],
        presentHistory: "头晕两天，休息后复测仍高",
        pastHistory: "高血压 12 年",
        treatmentSoFar: "氨氯地平 5 mg",
        criteria: [{ code: "severe", evidence: null }],
      },
    });
    referralId = made.id;
    await step(doctor, referralId, { action: "askPatient" });
    const { page } = phone;
    await page.goto("/");
    await see(page.getByRole("heading", { name: `去${hospital}，请您决定` })).toBeVisible();
    await shot(page, "home");
    await page.getByRole("link", { name: "看整个过程" }).click();
    await see(page.getByRole("heading", { name: `同意把病历发给${hospital}吗？` })).toBeVisible();
    await see(page.getByText("看什么：姓名、年龄、电话、住址")).toBeVisible();
    await shot(page, "asked");
    await assertClean(page);
    await page.getByRole("button", { name: "同意", exact: true }).click();
    await see(page.getByRole("heading", { name: "您已同意，等医生发出" })).toBeVisible();
  });

  it("is heard as it moves, with whom to call and what to bring", async () => {
    const { page } = phone;
    await step(doctor, referralId, { action: "submit" });
    await see(page.getByRole("heading", { name: `等${hospital}答复` })).toBeVisible();
    await see(page.getByText(/最晚 .*\d\d:\d\d 会有答复/)).toBeVisible();
    await see(page.getByRole("link", { name: /打给彭浦/ })).toHaveAttribute("href", /^tel:/);
    await step(desk, referralId, { action: "accept", answer: "周四上午来，空腹" });
    await see(page.getByRole("heading", { name: `${hospital}答应接您了` })).toBeVisible();
    await see(page.getByText("周四上午来，空腹")).toBeVisible();
    await see(page.getByText("身份证、医保卡")).toBeVisible();
    await see(page.getByRole("link", { name: /打给静安区闸北/ })).toHaveAttribute("href", /^tel:/);
    await shot(page, "accepted");
    await assertClean(page);
    await page.getByRole("button", { name: "我们出发了" }).click();
    await see(page.getByRole("heading", { name: `您在去${hospital}的路上` })).toBeVisible();
    expect((await desk.get<{ state: string }>(`/api/referrals/${referralId}`)).state).toBe(
      "on-the-way",
    );
  });

  it("is cancelled only when the hospital says so", async () => {
    const { page } = phone;
    await page.getByRole("button", { name: "不想去了，请求取消" }).click();
    await page.getByRole("radio", { name: "路太远，没人陪" }).check();
    await shot(page, "cancel");
    await page.getByRole("button", { name: "请求取消", exact: true }).click();
    await see(page.getByRole("heading", { name: `您请求取消，等${hospital}确认` })).toBeVisible();
    await step(desk, referralId, { action: "refuseCancel", reason: "已安排接送" });
    await see(page.getByText(`${hospital}请您还是来`)).toBeVisible();
  });

  it("is read without a line, with its time, and offers nothing that needs one", async () => {
    const { page, context } = phone;
    await page.goto("/road");
    await see(page.getByRole("button", { name: "我们出发了" })).toBeVisible();
    await page.waitForFunction(async () => {
      const { active } = await navigator.serviceWorker.ready;
      const [name] = await caches.keys();
      if (active?.state !== "activated" || !name) return false;
      const kept = (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname);
      const needed = performance
        .getEntriesByType("resource")
        .map((entry) => new URL(entry.name).pathname)
        .filter((path) => path.startsWith("/assets/"));
      return kept.includes("/") && needed.every((path) => kept.includes(path));
    });
    await context.setOffline(true);
    await page.reload();
    await see(page.getByText(/存在手机里的/)).toBeVisible();
    await see(page.getByRole("heading", { name: `${hospital}答应接您了` })).toBeVisible();
    await see(page.getByRole("link", { name: /打给/ }).first()).toBeVisible();
    await see(page.getByRole("button", { name: "我们出发了" })).toHaveCount(0);
    await shot(page, "offline");
    await context.setOffline(false);
    await see(page.getByRole("button", { name: "我们出发了" })).toBeVisible();
  });
});

describe("an emergency", () => {
  it("does not wait for an answer, and shows 120", async () => {
    const { page } = phone;
    const { episodes } = (await (await page.request.get("/api/me/road")).json()) as {
      episodes: { patient: { id: string } }[];
    };
    const { targets } = await doctor.get<{ targets: Target[] }>(
      "/api/referrals/targets?direction=up&specialty=03.04",
    );
    const made = await doctor.send<{ id: string }>("POST", "/api/referrals", {
      patientId: episodes[0]!.patient.id,
      direction: "up",
      content: {
        urgency: "emergency",
        toInstitutionId: targets[0]!.institution.id,
        toDepartmentId: targets[0]!.department.id,
        requesterPhone: "021-56914949",
        reason: "胸痛 40 分钟，出汗",
        vitals: { systolicMmHg: 88 },
      },
    });
    await step(doctor, made.id, { action: "submit" });
    await see(page.getByRole("heading", { name: /^马上去.*不用等$/ })).toBeVisible();
    await see(page.getByText("病情紧急，可以马上出发")).toBeVisible();
    await see(page.getByText(/不用等答复，现在就可以出发/)).toBeVisible();
    await see(page.getByRole("link", { name: "打 120" })).toHaveAttribute("href", "tel:120");
    await see(page.getByRole("button", { name: "我们出发了" })).toBeVisible();
    await shot(page, "emergency");
  });
});

describe("home again", () => {
  it("says when to come back at once, what to take, and the next day", async () => {
    await signInAs(home, "13800138102");
    const { page } = home;
    await page.goto("/road");
    await see(page.getByRole("heading", { name: /继续治疗$/ })).toBeVisible();
    await see(page.getByText("血压上面的数 180 或更高")).toBeVisible();
    await see(page.getByText("气促加重，躺不平")).toBeVisible();
    await see(page.getByText("左氧氟沙星 0.5 g")).toBeVisible();
    await see(page.getByRole("link", { name: "打 120" })).toHaveAttribute("href", "tel:120");
    await shot(page, "home-again");
    await assertClean(page);
  });

  it("is one road in large type, and in three languages at 320 px", async () => {
    const { page } = home;
    await page.goto("/");
    await page.getByRole("button", { name: "长辈版" }).click();
    await see(page.locator(".road-elder")).toBeVisible();
    await shot(page, "elder-home");
    await page.locator(".road-elder").click();
    await see(page.getByRole("heading", { name: /继续治疗$/ })).toBeVisible();
    const targets = await page
      .locator(".road .button")
      .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().height));
    for (const height of targets) expect(height).toBeGreaterThanOrEqual(60);
    await shot(page, "elder");
    await assertClean(page);
    await page.setViewportSize({ width: 320, height: 640 });
    await assertFits(page);
    for (const [language, title] of [
      ["bo", "ངའི་གནས་སྤོ།"],
      ["en", "My referral"],
    ] as const) {
      await page.evaluate((wanted) => {
        const kept = JSON.parse(localStorage.getItem("yilian.preferences") ?? "{}");
        const next = JSON.stringify({ ...kept, language: wanted, elder: false });
        localStorage.setItem("yilian.preferences", next);
      }, language);
      await page.reload();
      await see(page.getByRole("heading", { name: title })).toBeVisible();
      await assertFits(page);
      if (language === "bo") await assertClean(page);
      await shot(page, language);
    }
  });
});

describe("a child", () => {
  it("is agreed for by a mother who says who she is; no weighs the same as yes", async () => {
    await signInAs(mother, "13800138103");
    const { page } = mother;
    await page.goto("/road");
    await see(page.getByText("金家栋未满 14 岁，要由监护人同意。")).toBeVisible();
    await page.getByRole("button", { name: "不同意", exact: true }).click();
    await see(page.getByRole("heading", { name: `您没有同意去${hospital}` })).toBeVisible();
    await page.getByRole("button", { name: "同意", exact: true }).click();
    await see(page.getByText("请写姓名，医院要知道是谁同意的")).toBeVisible();
    await shot(page, "child");
    await page.getByLabel("您的姓名").fill("金雪芳");
    await page.getByRole("button", { name: "同意", exact: true }).click();
    await see(page.getByRole("heading", { name: "您已同意，等医生发出" })).toBeVisible();
  });
});

describe("the board", () => {
  it("counts every loop by its clock, with sums of its rows and nobody's name", async () => {
    await signIn(administrator, "郑岚");
    const { page } = administrator;
    await page.goto("/workbench/loops");
    await see(page.getByRole("heading", { name: "现在没办完的" })).toBeVisible();
    const sums = await page.locator("#loops-open ~ .loops-scroll table").evaluate((table) => {
      const numbers = (row: Element) =>
        [...row.querySelectorAll("td")].map((one) => Number(one.textContent?.replace("—", "0")));
      const rows = [...table.querySelectorAll("tbody tr")].map(numbers);
      return { rows, foot: numbers(table.querySelector("tfoot tr")!) };
    });
    expect(sums.rows.length).toBeGreaterThan(0);
    for (const [column, total] of sums.foot.entries())
      expect(sums.rows.reduce((sum, row) => sum + row[column]!, 0)).toBe(total);
    expect(await page.locator("main").innerText()).not.toMatch(/仁青|旺久|朱美英/);
    await keepPicture(page, "loops-desktop");
    await assertClean(page);
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "导出表格" }).click();
    expect((await download).suggestedFilename()).toBe("loops-30.csv");
    await keepPicture(page, "loops-answering-desktop", { fullPage: true });
    // Behind a number: its list, under an address that can be sent, as long as the number says.
    const total = page.locator("#loops-open ~ .loops-scroll tfoot .loops-number").last();
    const counted = Number(await total.textContent());
    await total.click();
    await page.waitForURL("**/workbench/loops/open?days=30");
    await see(page.getByRole("heading", { name: `没办完 ${counted}` })).toBeVisible();
    expect(await page.locator(".loops-list > li").count()).toBe(Math.min(50, counted));
    expect(await page.locator("main").innerText()).not.toMatch(/仁青|旺久|朱美英/);
    await keepPicture(page, "loops-behind-desktop");
    await assertClean(page);
    const saved = page.waitForEvent("download");
    await page.getByRole("button", { name: "导出表格" }).click();
    expect((await saved).suggestedFilename()).toBe("loops-open-1.csv");
    const wide = page.viewportSize()!;
    await page.setViewportSize({ width: 320, height: 844 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(
      true,
    );
    await keepPicture(page, "loops-behind-320");
    await page.goto("/workbench/loops/names");
    await see(page.getByText("没有这个数")).toBeVisible();
    await page.setViewportSize(wide);
    await page.goto("/workbench/referral-clocks");
    await page
      .getByLabel("从哪天起")
      .fill(new Date(Date.now() + 172_800_000).toISOString().slice(0, 10));
    await page.getByLabel("紧急：几分钟内答复").fill("90");
    await page.getByLabel("依据").fill("医联体会议纪要");
    await page.getByRole("button", { name: "从那天起用" }).click();
    await see(page.getByText("以后用")).toBeVisible();
    await keepPicture(page, "referral-clocks-desktop", { fullPage: true });
    await assertClean(page);
  });
});
