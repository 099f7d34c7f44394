/**
 * The green channel: a doctor sends an emergency off, the crew's phone works through a gap in the line, the
 * hospital sees it come, the record opens without a line by its code, and the hand-over is signed.
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
let transferId: string;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
  for (const [name, loginName] of [
    ["doctor", "wangjianguo"],
    ["desk", "qinxuemei"],
  ] as const) {
    people[name] = await createPerson(browser, stack, { device: "desktop" });
    await people[name].context.request.post("/api/session/demo", { data: { loginName } });
  }
  people.crew = await createPerson(browser, stack, { device: "phone" });
  people.door = await createPerson(browser, stack, { device: "phone" });
  transferId = await sendOff(people.doctor!);
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await reportFailure(people);
  expect(Object.values(people).flatMap(({ problems }) => problems)).toEqual([]);
});

/** Asks as this person's page would. @throws Error with what the server said */
async function asPage({ context }: Person) {
  const get = async (path: string) => (await context.request.get(path)).json();
  const { csrfToken } = await get("/api/session");
  const post = async (path: string, data: object) => {
    const answer = await context.request.post(path, {
      data,
      headers: { "x-csrf-token": csrfToken },
    });
    const body = await answer.json();
    if (!answer.ok()) throw new Error(`${path}: ${JSON.stringify(body)}`);
    return body;
  };
  return { get, post };
}

/** An emergency referral to the hospital that was sent, as its form does it. */
async function refer(
  person: Person,
  patientName: string,
  department: RegExp,
  content: object,
): Promise<{ id: string; patientId: string }> {
  const { get, post } = await asPage(person);
  const { patients } = await get(`/api/patients?q=${encodeURIComponent(patientName)}`);
  const patientId = patients[0].id;
  const { targets } = await get("/api/referrals/targets?direction=up");
  const target = targets.find(
    (one: { institution: { name: string }; department: { name: string } }) =>
      one.institution.name.includes("闸北") && department.test(one.department.name),
  );
  const made = await post("/api/referrals", {
    patientId,
    direction: "up",
    content: {
      urgency: "emergency",
      toInstitutionId: target.institution.id,
      toDepartmentId: target.department.id,
      requesterPhone: "021-56914949",
      criteria: [{ code: "acute", evidence: null }],
      ...content,
    },
  });
  await post(`/api/referrals/${made.id}/actions`, { action: "submit", version: made.version });
  return { id: made.id, patientId };
}

/** Its green channel, as the referral's page opens it. */
async function sendOff(person: Person): Promise<string> {
  const { id } = await refer(person, "周桂英", /./, {
    reason: "胸痛 2 小时，大汗",
    impression: [{ code: "I21.9", text: "急性心肌梗死？" }],
    presentHistory:
      "胸骨后压榨样疼痛 2 小时，含服硝酸甘油不缓解。心电图 II、III、aVF 导联 ST 段抬高。",
    pastHistory: "高血压 12 年",
    treatmentSoFar: "阿司匹林 300 mg 嚼服，吸氧 3 L/min，建立静脉通路",
    allergies: "青霉素",
    vitals: { systolicMmHg: 92, diastolicMmHg: 60, pulsePerMinute: 118, spo2Percent: 93 },
  });
  return (await (await asPage(person)).post("/api/transfers", { referralId: id })).id;
}

/** Seen in the sentinel room of the community centre, with a report that has its clock. */
async function seenInFeverRoom(person: Person, patientId: string): Promise<void> {
  const { get, post } = await asPage(person);
  const visit = await post("/api/fever/visits", { patientId });
  const { rooms } = await get("/api/fever/desk");
  const room = rooms.find((one: { state: string }) => one.state === "free");
  for (const body of [
    { action: "to-fever" },
    { action: "to-room", roomId: room.id },
    { action: "see" },
    {
      action: "suspect",
      diagnosis: "疑似霍乱",
      report: { diseaseCode: "cholera", diagnosisKind: "suspected", note: null },
    },
  ]) {
    const { version } = await get(`/api/fever/visits/${visit.id}`);
    await post(`/api/fever/visits/${visit.id}/actions`, { version, ...body });
  }
}

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
    const place = "yilian.preferences";
    const before = JSON.parse(localStorage.getItem(place) ?? "{}");
    localStorage.setItem(place, JSON.stringify({ ...before, language: wanted }));
  }, language);
/** What a page needs without a line is on the phone. */
const kept = (page: Page, path: string) =>
  page.waitForFunction(async (address) => {
    await navigator.serviceWorker.ready;
    const cache = await caches.open("yilian-pages-1");
    const names = performance
      .getEntriesByType("resource")
      .map(({ name }) => new URL(name).pathname)
      .filter((name) => name.startsWith("/assets/"));
    const found = await Promise.all([address, ...names].map((name) => cache.match(name)));
    return found.every(Boolean);
  }, path);

describe("the green channel", () => {
  it("gives the vehicle and a link for its crew", async () => {
    const { page, open } = people.doctor!;
    await open("/workbench/transfers");
    await page.getByRole("link", { name: /周桂英/ }).click();
    await see(page).toHaveURL(new RegExp(transferId));
    await page.getByLabel("车牌").fill("沪A·120XX");
    await page.getByLabel("随车人员", { exact: true }).fill("马师傅");
    await page.getByLabel("随车手机").fill("13900000001");
    await page.getByLabel(/预计多少分钟/).fill("25");
    await page.getByRole("button", { name: "派车" }).click();
    await page.getByRole("button", { name: "给随车手机开链接" }).click();
    await see(page.locator(".transfer-url")).toContainText("/escort/");
    await picture(page, "transfer-sender-desk-zh-CN");
  });

  it("works on the crew's phone through a gap in the line, each step at its own time", async () => {
    const { page, context, open } = people.crew!;
    const url = await people.doctor!.page.locator(".transfer-url").innerText();
    await context.grantPermissions(["geolocation"], { origin: stack.url });
    await context.setGeolocation({ latitude: 31.262, longitude: 121.438, accuracy: 15 });
    await open(new URL(url).pathname);
    await see(page.getByRole("heading", { level: 1 })).toContainText("闸北");
    await expect(page.locator("body").innerText()).resolves.not.toMatch(/周桂英|胸痛/);
    await picture(page, "escort-phone-zh-CN");
    await page.getByRole("button", { name: "病人已上车" }).click();
    await see(page.getByRole("button", { name: "出发" })).toBeVisible();
    await see(page.getByText(/只在您按下时|待发送/)).not.toContainText("待发送");
    await kept(page, "/escort");
    await context.setOffline(true);
    await page.getByRole("button", { name: "出发" }).click();
    await see(page.getByText("1 条待发送", { exact: false })).toBeVisible();
    await page.getByRole("button", { name: "报一次位置" }).click();
    await see(page.getByText("2 条待发送", { exact: false })).toBeVisible();
    // The phone is switched off and on in the valley: what was pressed is still there.
    await page.reload();
    await see(page.getByText("2 条待发送", { exact: false })).toBeVisible();
    await see(page.getByText("在路上")).toBeVisible();
    await picture(page, "escort-phone-offline");
    await context.setOffline(false);
    await see(page.getByText("上次报位置", { exact: false })).toBeVisible();
    for (const language of ["en", "bo"]) {
      await speak(page, language);
      await page.reload();
      await see(page.locator(".escort-to")).toBeVisible();
      await picture(page, `escort-phone-${language}`);
    }
  });

  it("is seen by the hospital, which makes ready and notes the call", async () => {
    const { page, open } = people.desk!;
    await open(`/workbench/transfers/${transferId}`);
    const main = page.locator("main");
    await see(main.getByText("在路上")).toBeVisible();
    await see(main.getByText(/还有约 [\d.]+ km/).first()).toBeVisible();
    await page.getByLabel("氧气、吸引").click();
    await see(page.getByLabel("氧气、吸引")).toBeChecked();
    await page.getByText("记一次通话").click();
    await page.getByLabel("和谁通话").fill("王建国");
    await page.getByLabel("说了什么").fill("下壁心梗可能，92/60，阿司匹林已用");
    await page.getByLabel("对方复述").fill("92/60，阿司匹林 300 已用");
    await page.getByRole("button", { name: "保存通话" }).click();
    await see(page.getByText("复述：92/60", { exact: false })).toBeVisible();
    await picture(page, "transfer-receiver-desk-zh-CN");
  });

  it("opens the sealed record without a line, by its code alone", async () => {
    const { page: doctor } = people.doctor!;
    await doctor.getByRole("button", { name: "制作随车病历" }).click();
    const code = (await doctor.locator(".transfer-code").innerText()).replaceAll(/\D/g, "");
    expect(code).toHaveLength(8);
    const link = new URL(
      (await doctor.getByRole("link", { name: "随车病历链接" }).getAttribute("href"))!,
    );
    await picture(doctor, "transfer-packet-desk-zh-CN");
    await doctor.emulateMedia({ media: "print" });
    expect(await doctor.locator(".transfer-code").isVisible()).toBe(false);
    expect(await doctor.locator(".packet-sheet").isVisible()).toBe(true);
    await doctor.emulateMedia({ media: "screen" });

    const { page, context, open } = people.door!;
    await open("/packet");
    await picture(page, "packet-phone-zh-CN");
    await kept(page, "/packet");
    await context.setOffline(true);
    await open(`/packet${link.hash}`);
    await see(page.getByText("病历已读全，还锁着")).toBeVisible();
    await page.getByLabel("8 位数").fill(code === "12345678" ? "87654321" : "12345678");
    await page.getByRole("button", { name: "打开", exact: true }).click();
    await see(page.getByText("打不开")).toBeVisible();
    expect(await page.locator("body").innerText()).not.toMatch(/周桂英|胸痛|青霉素/);
    await picture(page, "packet-phone-wrong");
    await page.getByLabel("8 位数").fill(code);
    await page.getByRole("button", { name: "打开", exact: true }).click();
    await see(page.getByRole("heading", { level: 1, name: "周桂英" })).toBeVisible();
    await see(page.getByText("青霉素")).toBeVisible();
    await see(page.getByText("阿司匹林 300 mg", { exact: false })).toBeVisible();
    // What another house holds and the patient has not opened is said, not left out in silence.
    await see(page.getByText("患者没有向转出机构开放", { exact: false }).first()).toBeVisible();
    await picture(page, "packet-phone-open");
    await page.getByRole("button", { name: "关上病历" }).click();
    await see(page.getByText("青霉素")).toHaveCount(0);
    await context.setOffline(false);
  });

  it("is handed over with a name, and the crew's link is over", async () => {
    const { page: crew } = people.crew!;
    await speak(crew, "zh-CN");
    await crew.reload();
    await crew.getByRole("button", { name: "已到达" }).click();
    const { page } = people.desk!;
    await page.getByLabel("收缩压 (mmHg)").fill("104");
    await page.getByLabel("到达时情况").fill("神清，胸痛减轻");
    await page.getByLabel("接收人签名").fill("顾明远");
    await page.getByRole("button", { name: "签字接收" }).click();
    await see(page.getByText("顾明远 已签字接收")).toBeVisible();
    await see(crew.getByRole("heading", { name: "这次随车已结束" })).toBeVisible();
    const { page: doctor } = people.doctor!;
    for (const language of ["bo"]) {
      await speak(doctor, language);
      await doctor.goto(`/workbench/transfers/${transferId}`);
      await see(doctor.locator(".transfer-steps").last()).toBeVisible();
      await picture(doctor, `transfer-desk-${language}`);
    }
  });
});

describe("a suspected infection", () => {
  it("goes from the fever room in a closed loop: report clock, isolation bed, negative pressure, signature, disinfection", async () => {
    const doctor = people.doctor!;
    const { page } = doctor;
    await speak(page, "zh-CN");
    const { id, patientId } = await refer(doctor, "沈秀兰", /发热/, {
      reason: "腹泻、脱水，疑似霍乱",
      impression: [{ code: "A00.9", text: "疑似霍乱" }],
      vitals: { systolicMmHg: 92, diastolicMmHg: 60, temperatureCelsius: 38.4 },
    });
    // Nobody has seen the patient in a fever room yet: only the ordinary way is offered.
    await doctor.open(`/workbench/referrals/${id}`);
    await see(page.getByRole("button", { name: "开始转运" })).toBeVisible();
    await see(page.getByRole("button", { name: "疑似传染病闭环转运" })).toHaveCount(0);
    await seenInFeverRoom(doctor, patientId);
    await page.reload();
    await page.getByRole("button", { name: "疑似传染病闭环转运" }).click();
    await see(page).toHaveURL(/\/transfers\//);
    const path = new URL(page.url()).pathname;
    const loop = page.locator(".notice").filter({ hasText: "疑似传染病闭环转运" });
    await see(loop).toContainText("接收方已留隔离床");
    await see(loop).toContainText("霍乱");
    await see(loop).toContainText("上报时限");
    // No other vehicle can be chosen.
    await see(page.getByLabel("车辆", { exact: true })).toBeDisabled();
    await see(page.getByLabel("车辆", { exact: true })).toHaveValue("negative-pressure");
    await page.getByLabel("车牌").fill("沪A·N0002");
    await page.getByLabel("随车人员", { exact: true }).fill("李师傅");
    await page.getByLabel("随车手机").fill("13900000002");
    await page.getByRole("button", { name: "派车" }).click();
    await page.getByRole("button", { name: "病人已上车" }).click();
    const leaves = page.getByRole("button", { name: "出发" });
    await leaves.click();
    // Taken, and not only being taken: a button that works is pale.
    await see(leaves).toHaveCount(0);
    await see(loop).toContainText("发热就诊");
    await picture(page, "transfer-infectious-desk-zh-CN");

    const { page: desk } = people.desk!;
    await people.desk!.open(path);
    await desk.getByLabel("隔离床位与通道").click();
    await see(desk.getByLabel("隔离床位与通道")).toBeChecked();
    await desk.getByRole("button", { name: "已到达" }).click();
    await desk.getByLabel("收缩压 (mmHg)").fill("98");
    await desk.getByLabel("到达时情况").fill("神清，已入隔离病房");
    await desk.getByLabel("接收人签名").fill("何敏");
    await desk.getByRole("button", { name: "签字接收" }).click();
    await see(desk.getByText("何敏 已签字接收")).toBeVisible();
    // The vehicle is nobody's until it has been disinfected, by either house.
    await page.getByRole("button", { name: "登记终末消毒" }).click();
    await page.getByLabel("用什么、多长时间").fill("过氧化氢喷雾 60 分钟");
    await page.locator("form").getByRole("button", { name: "登记终末消毒" }).click();
    await see(page.getByText("已登记消毒", { exact: false })).toBeVisible();
    await see(desk.getByText("已登记消毒", { exact: false })).toBeVisible();
    await picture(desk, "transfer-infectious-receiver-desk-zh-CN");
  });
});
