/**
 * A prescription from the room to the hand: the doctor writes it by keyboard and signs, the pharmacist gives it back
 * and then lets it pass, the patient reads the way and the code in large type, a daughter fetches it with both cards.
 */
import type { Browser, Page } from "@playwright/test";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { askAxe } from "../support/axe.ts";
import { createPerson, launchBrowser, type Person, reportFailure } from "../support/people.ts";
import { keepPicture } from "../support/picture.ts";
import { see } from "../support/see.ts";
import { type Stack, startStack } from "../support/stack.ts";

const password = "yilian-demo";
let stack: Stack;
let browser: Browser;
let doctor: Person;
let pharmacist: Person;
let chemist: Person;
let patient: Person;
const people: Record<string, Person> = {};

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
  for (const [name, device, who] of [
    ["doctor", "desktop", { loginName: "wangjianguo" }],
    ["pharmacist", "desktop", { loginName: "gupeilin" }],
    ["chemist", "desktop", { loginName: "jiangwentao" }],
    ["patient", "phone", { phone: "13800138003" }],
  ] as const) {
    people[name] = await createPerson(browser, stack, { device });
    await people[name].context.request.post("/api/session/demo", { data: who });
  }
  doctor = people.doctor!;
  pharmacist = people.pharmacist!;
  chemist = people.chemist!;
  patient = people.patient!;
  await callIn("周桂英", "pengpu");
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await reportFailure(people);
  expect(Object.values(people).flatMap(({ problems }) => problems)).toEqual([]);
});

/** She sits in the room of the house's clinic; how one gets there is the clinic's journey. */
async function callIn(name: string, house: string): Promise<void> {
  const sql = postgres(stack.database.owner, { max: 1, onnotice: () => {} });
  try {
    const rows = await sql`
      insert into appointment (code, segment_id, schedule_id, institution_id, department_id, patient_id, day, starts_at, ends_at, ticket, state, channel, relation, called_at)
      select 'RXJ001', g.id, g.schedule_id, g.institution_id, g.department_id, p.id, g.day, g.starts_at, g.ends_at, 'RX1', 'in-consultation', 'window', 'self', now()
      from segment g join institution i on i.id = g.institution_id, patient p
      where i.slug = ${house} and p.full_name = ${name}
        and not exists (select 1 from appointment a where a.patient_id = p.id and a.department_id = g.department_id and a.day = g.day)
      order by g.starts_at limit 1 returning id`;
    expect(rows).toHaveLength(1);
  } finally {
    await sql.end();
  }
}

async function right(page: Page, name: string): Promise<void> {
  await page.waitForFunction(() => document.fonts.status === "loaded");
  await keepPicture(page, name, { fullPage: true });
  const { violations } = await askAxe(page);
  expect(violations.map(({ id, nodes }) => [name, id, nodes[0]?.html])).toEqual([]);
}
const press = (page: Page, name: string | RegExp) => page.getByRole("button", { name }).click();
const saved = (page: Page) =>
  page.waitForResponse((one) => one.request().method() === "PUT" && one.status() === 200);
/** Leaves a field, and waits until what it says is saved and judged. */
async function say(page: Page, label: string | RegExp, text: string): Promise<void> {
  const field = page.getByLabel(label).first();
  await field.fill(text);
  await Promise.all([saved(page), field.press("Tab")]);
}

describe("a prescription", () => {
  it("is written by keyboard, each warning beside its line, and signed with the doctor's key", async () => {
    const { page } = doctor;
    await doctor.open("/workbench/prescriptions");
    await page
      .getByRole("listitem")
      .filter({ hasText: "周桂英" })
      .getByRole("button", { name: "开处方" })
      .click();
    await page.getByRole("heading", { name: /周桂英/ }).waitFor();
    // Walked through is not asked: what nobody asked stays open.
    await page.getByLabel("询问到的过敏", { exact: true }).focus();
    await page.keyboard.press("Tab");
    await say(page, "诊断", "I10 高血压");
    const search = page.getByRole("searchbox", { name: "加药" });
    await search.fill("alodp");
    await search.fill("氨氯地平");
    await page
      .getByRole("button", { name: /氨氯地平/ })
      .first()
      .waitFor();
    await Promise.all([saved(page), search.press("Enter")]);
    const line = page.locator(".rx-lines > li").first();
    await line
      .getByText(/氨氯地平/)
      .first()
      .waitFor();
    await see(page.getByText(/还有 \d+ 条警示没有解决/)).toBeVisible();
    await right(page, "prescription-warnings");
    // Both answers are given at once: neither is lost to the other.
    await page.getByLabel("问过，没有（询问到的过敏）").check();
    await page.getByLabel("问过，没有（询问到的用药）").check();
    await say(page, "体重（kg）", "58");
    await say(page, "eGFR (ml/min/1.73 m²)", "80");
    await see(page.locator(".rx-facts")).toContainText("80");
    await page.reload();
    await see(page.getByLabel("问过，没有（询问到的过敏）")).toBeChecked();
    await see(page.getByLabel("问过，没有（询问到的用药）")).toBeChecked();
    await see(page.getByLabel("体重（kg）")).toHaveValue("58");
    await see(page.getByLabel("eGFR (ml/min/1.73 m²)")).toHaveValue("80");
    // An emptied field is said beside it, in the page's words, and is not sent.
    const dose = page.getByLabel(/^每次/).first();
    await dose.fill("");
    await dose.press("Tab");
    await see(line.getByText("请填写这一项")).toBeVisible();
    // Ten times the dose: nobody signs that.
    await say(page, /^每次/, "50");
    await see(line.getByText("不能开").first()).toBeVisible();
    await say(page, /^每次/, "1");
    await see(line.getByText("不能开")).toHaveCount(0);
    await page.getByLabel("再输一次密码").fill(password);
    await press(page, "生成并登记密钥");
    const sign = page.getByRole("button", { name: "签名，送药师审核" });
    await see(sign).toBeEnabled();
    await right(page, "prescription-ready");
    await sign.click();
    await page.getByText("待审核", { exact: true }).first().waitFor();
  });

  it("is given back by the pharmacist with a reason, and corrected", async () => {
    const { page } = pharmacist;
    await pharmacist.open("/workbench/prescriptions");
    await page
      .getByRole("link", { name: /周桂英/ })
      .first()
      .click();
    await page.getByText("医生签名有效").waitFor();
    await right(page, "prescription-review");
    await page.getByLabel("退回原因").selectOption({ label: "数量疗程" });
    await page.getByLabel("对医生说明").fill("请写清早上服用");
    await press(page, "退回医生");
    await page.getByText("已退回", { exact: true }).first().waitFor();

    await doctor.page.getByText("请写清早上服用").first().waitFor();
    await press(doctor.page, "修改处方");
    await say(doctor.page, "给患者的说明", "早上吃");
    const sign = doctor.page.getByRole("button", { name: "签名，送药师审核" });
    await see(sign).toBeEnabled();
    await sign.click();
    await doctor.page.getByText("待审核", { exact: true }).first().waitFor();
  });

  it("is on the patient's phone in large type, with a code once a pharmacist has said yes", async () => {
    const phone = patient.page;
    await patient.open("/record/medicines");
    await phone.evaluate(() =>
      localStorage.setItem(
        "yilian.preferences",
        JSON.stringify({
          ...JSON.parse(localStorage.getItem("yilian.preferences") ?? "{}"),
          elder: true,
        }),
      ),
    );
    await phone.reload();
    await phone.getByText("药师审核中").waitFor();
    await see(phone.locator(".my-medicines-code")).toHaveCount(0);

    await see(pharmacist.page.getByText("早上吃")).toBeVisible();
    await press(pharmacist.page, "通过");
    await pharmacist.page.getByText("已通过", { exact: true }).first().waitFor();
    await see(phone.locator(".my-medicines-code")).toHaveText(/^\d{8}$/);
    await see(phone.getByText(/请在 今天 23:59 前取药/)).toBeVisible();
    await right(phone, "prescription-phone-elder");
    await phone.setViewportSize({ width: 320, height: 700 });
    expect(
      await phone.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth),
    ).toBe(true);
  });

  it("is filled once and fetched by the daughter, with both cards", async () => {
    const code = await patient.page.locator(".my-medicines-code").innerText();
    const { page } = chemist;
    await chemist.open("/workbench/prescriptions");
    await page.getByLabel("取药码").fill("00000000");
    await press(page, "打开处方");
    await page.getByRole("alert").waitFor();
    await page.getByLabel("取药码").fill(code);
    await press(page, "打开处方");
    await press(page, "按处方配药");
    await page.getByText("已配好", { exact: true }).first().waitFor();
    await patient.page.getByText("药已配好", { exact: true }).waitFor();
    await page.getByLabel("取药码").fill(code);
    await page.getByLabel("已核对患者身份证件").check();
    await page.getByLabel("由他人代领").check();
    await page.getByLabel("代领人姓名").fill("钱芳");
    await page.getByLabel("代领人身份证号").fill("310108197805124329");
    await right(page, "prescription-hand-out");
    await press(page, "交给患者");
    await page.getByRole("alert").waitFor();
    await page.getByLabel("代领人身份证号").fill("310108197805124328");
    await press(page, "交给患者");
    await page.getByText("已领取", { exact: true }).first().waitFor();
    await patient.page.getByText("已取药", { exact: true }).waitFor();
    // Whoever comes with the code again gets nothing.
    await chemist.open("/workbench/prescriptions");
    await page.getByLabel("取药码").fill(code);
    await press(page, "打开处方");
    await see(page.getByRole("button", { name: "按处方配药" })).toHaveCount(0);
    await see(page.getByRole("button", { name: "交给患者" })).toHaveCount(0);
  });
});
