/**
 * See my doctor by video: the patient asks on a phone in a few presses, the doctor calls, both see and hear each other,
 * it is decided to be a follow-up, something is prescribed, and the patient reads the summary.
 */
import type { Browser, Frame, Page } from "@playwright/test";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { askAxe } from "../support/axe.ts";
import {
  createPerson,
  faces,
  hears,
  launchBrowser,
  type Person,
  passDeviceCheck,
  reportFailure,
  seesMoving,
} from "../support/people.ts";
import { keepPicture } from "../support/picture.ts";
import { see } from "../support/see.ts";
import { type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
let browser: Browser;
let doctor: Person;
let patient: Person;
let hasFailed = false;
let visitId = "";

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
  doctor = await createPerson(browser, stack, { device: "desktop", face: faces.attending });
  patient = await createPerson(browser, stack, { device: "phone", face: faces.family });
  await doctor.context.request.post("/api/session/demo", { data: { loginName: "wangjianguo" } });
  await patient.context.request.post("/api/session/demo", { data: { phone: "13800138003" } });
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});
// Each step stands on the one before it: after a failure the others would only wait in vain.
beforeEach(({ skip }) => {
  if (hasFailed) skip("an earlier step failed");
});
afterEach(async ({ task }) => {
  if (task.result?.state !== "fail") return;
  hasFailed = true;
  await reportFailure({ doctor, patient });
});

async function right(page: Page, name: string): Promise<void> {
  await page.waitForFunction(() => document.fonts.status === "loaded");
  await keepPicture(page, name, { fullPage: true });
  const { violations } = await askAxe(page);
  expect(violations.map(({ id, nodes }) => [name, id, nodes[0]?.html])).toEqual([]);
}
const press = (page: Page, name: string | RegExp) => page.getByRole("button", { name }).click();
const say = async (page: Page, label: string, text: string) => {
  const field = page.getByLabel(label, { exact: true });
  await field.fill(text);
  const saved = page.waitForResponse(
    (one) => one.request().method() === "PUT" && one.url().includes("/api/visits/"),
  );
  await Promise.all([saved, field.press("Tab")]);
};

describe("a video visit", () => {
  it("is none with a danger sign: 120 is the answer, before a doctor is chosen", async () => {
    const phone = patient.page;
    await patient.open("/visit");
    await phone.locator('a[href^="/visit/ask/"]').first().click();
    await phone.getByRole("button", { name: /原发性高血压/ }).click();
    await phone.getByRole("checkbox", { name: /胸口有没有压着/ }).check();
    await press(phone, "有，看该怎么办");
    await see(phone).toHaveURL(/\/triage\/result\//);
    await see(phone.locator('a[href="tel:120"]').first()).toBeVisible();
    await see(phone.getByRole("button", { name: /排 .* 的队/ })).toHaveCount(0);
    await right(phone, "visit-danger-answer");
  });

  it("is asked for on a phone in three presses, with nothing that the alliance knows", async () => {
    const { page } = doctor;
    await doctor.open("/workbench/visits");
    await page.getByRole("heading", { name: "视频复诊", level: 1 }).waitFor();
    // The demo's doctor receives already; whoever came later opens it.
    await see(page.getByText(/正在接诊/)).toBeVisible();
    const phone = patient.page;
    await patient.open("/visit");
    const begin = phone.locator('a[href^="/visit/ask/"]').first();
    await begin.waitFor();
    await right(phone, "visit-start");
    await begin.click();
    await phone.getByRole("button", { name: /原发性高血压/ }).click();
    await phone.getByRole("button", { name: "都没有，继续" }).waitFor();
    await right(phone, "visit-danger");
    await press(phone, "都没有，继续");
    await phone.getByText("签约医生").waitFor();
    await right(phone, "visit-doctor");
    await press(phone, "排 王建国 的队");
    await phone.getByText("位在您前面").waitFor();
    visitId = phone.url().split("/").at(-1)!;
    await right(phone, "visit-waiting");
  });

  it("calls, and both see and hear each other", async () => {
    const { page } = doctor;
    await page
      .getByRole("link", { name: /周桂英/ })
      .first()
      .click();
    await page.getByRole("heading", { name: /周桂英/ }).waitFor();
    await right(page, "visit-before-call");
    await press(page, "叫进诊室");
    const room = page.frameLocator(".visit-frame");
    await room.locator(".device-check").waitFor();
    const frame = page.frames().find((one: Frame) => one.url().includes(`/visit-room/${visitId}`))!;
    await passDeviceCheck(frame);

    const phone = patient.page;
    const enter = phone.getByRole("link", { name: "进入诊室" });
    await enter.waitFor();
    await right(phone, "visit-called");
    await enter.click();
    await passDeviceCheck(phone);
    await seesMoving({ page: phone }, "王建国", faces.attending);
    await seesMoving({ page: frame }, "周桂英", faces.family);
    await hears({ page: phone }, faces.attending);
    await hears({ page: frame }, faces.family);
    await see(page.getByText("就诊中", { exact: true }).first()).toBeVisible();
    await keepPicture(page, "visit-room");
  });

  it("is decided, prescribed in and written down beside the room, and ended", async () => {
    const { page } = doctor;
    await press(page, "可以复诊");
    await see(page.getByText("可以复诊").first()).toBeVisible();
    await press(page, "为这次就诊开处方");
    await page.getByRole("searchbox", { name: "加药" }).waitFor();
    await say(page, "主诉（S）", "血压平稳，无头晕");
    await say(page, "判断（A）", "高血压，控制好");
    await say(page, "给患者的话", "血压控制得好，药照旧吃，少吃盐。");
    await say(page, "什么时候再看", "一个月后再视频复诊");
    await say(page, "什么情况马上打电话", "胸痛、头痛厉害，马上打 120");
    await right(page, "visit-written");
    await press(page, "结束就诊");
    await see(page.getByText("已结束", { exact: true }).first()).toBeVisible();
  });

  it("leaves the patient a summary in plain words", async () => {
    const phone = patient.page;
    await patient.open(`/visit/${visitId}`);
    await phone.getByText("血压控制得好，药照旧吃，少吃盐。").waitFor();
    await see(phone.getByText("一个月后再视频复诊")).toBeVisible();
    await see(phone.getByText("胸痛、头痛厉害，马上打 120")).toBeVisible();
    await right(phone, "visit-summary");
  });
});
