/**
 * A clinic's morning: a patient books and checks in by phone, somebody comes without an appointment,
 * the nurse calls, the corridor's screen and the phone follow by themselves.
 */
import type { Browser } from "@playwright/test";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFailed } from "vitest";
import {
  createPerson,
  launchBrowser,
  type Person,
  reportFailure,
  signIn,
} from "../support/people.ts";
import { keepPicture } from "../support/picture.ts";
import { see } from "../support/see.ts";
import { type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
let browser: Browser;
let nurse: Person;
let corridor: Person;
let mother: Person;

type Held = { appointment: { id: string; ticket: string; day: string; scheduleId: string } };

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
  [nurse, corridor, mother] = await Promise.all([
    createPerson(browser, stack, { device: "desktop" }),
    createPerson(browser, stack, { device: "desktop" }),
    createPerson(browser, stack, { device: "phone" }),
  ]);
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});
beforeEach(() => onTestFailed(() => reportFailure({ nurse, corridor, mother })));

/** The patient's own requests, as her page makes them. */
const ask = <Answer>(person: Person, method: string, path: string, body?: unknown) =>
  person.page.evaluate(
    async ([verb, url, content]) => {
      const session = await (await fetch("/api/session")).json();
      const answer = await fetch(url as string, {
        method: verb as string,
        headers: { "content-type": "application/json", "x-csrf-token": session.csrfToken },
        ...(content === undefined ? {} : { body: JSON.stringify(content) }),
      });
      return answer.json();
    },
    [method, path, body] as const,
  ) as Promise<Answer>;

describe("a clinic", () => {
  let held: Held["appointment"];

  it("shows who comes, as soon as somebody books", async () => {
    await signIn(mother, "央金", "patient");
    await signIn(nurse, "德吉");
    const { places } = await ask<{
      places: { name: { zh: string }; departments: { id: string }[] }[];
    }>(mother, "GET", "/api/booking/places?kind=clinic");
    const department = places.find((one) => one.name.zh === "萨迦县卫生服务中心")!.departments[0]!
      .id;
    const { days } = await ask<{ days: { day: string; state: string }[] }>(
      mother,
      "GET",
      `/api/booking/availability?departmentId=${department}&days=14`,
    );
    const day = days.find((one, index) => index > 0 && one.state === "free")!.day;
    const { schedules } = await ask<{
      schedules: { segments: { id: string; state: string }[] }[];
    }>(mother, "GET", `/api/booking/segments?departmentId=${department}&day=${day}`);
    const segment = schedules.flatMap((one) => one.segments).find((one) => one.state === "free")!;
    const session = await ask<{ patients: { id: string }[] }>(mother, "GET", "/api/session");
    const answer = await ask<Held>(mother, "POST", "/api/appointments/hold", {
      segmentId: segment.id,
      patientId: session.patients[0]!.id,
      relation: "mother",
    });
    held = answer.appointment;
    await nurse.open(`/workbench/clinic/${held.day}/${held.scheduleId}`);
    await nurse.page.getByText("签到的患者会按顺序出现在这里。").waitFor();
    await see(nurse.page.getByText("达娃")).toHaveCount(0);
    await ask(mother, "POST", `/api/appointments/${held.id}/confirm`, {});
    // Without a reload.
    await nurse.page.getByText("达娃").waitFor();
  });

  it("takes a walk-in, and puts the booked one before", async () => {
    const { page } = nurse;
    await page.getByLabel("姓名、身份证号或电话").fill("洛桑");
    await page.getByRole("button", { name: "排队" }).first().click();
    await page.getByRole("button", { name: /叫下一位：W001 洛桑/ }).waitFor();
    await page.getByRole("button", { name: "签到" }).first().click();
    await page.getByText("候诊（2）").waitFor();
  });

  it("calls on the screen in the corridor, by ticket and masked name", async () => {
    await corridor.open(`/screen/${held.scheduleId}?day=${held.day}`);
    await corridor.page.getByText("还没有叫号").waitFor();
  });

  it("calls, calls again, lets pass and takes back", async () => {
    const { page } = nurse;
    await page.keyboard.press("n");
    const inside = page.locator(".clinic-inside");
    await inside.waitFor();
    const ticket = await inside.locator(".clinic-ticket").textContent();
    await page.getByRole("button", { name: "再叫一次" }).click();
    await page.getByText(/第 2 次/).waitFor();
    await corridor.page.locator(".screen-called").waitFor();
    await keepPicture(nurse.page, "clinic");
    await keepPicture(corridor.page, "call-screen");
    await inside.getByRole("button", { name: "过号" }).click();
    await page.getByText("诊室里没有患者").waitFor();
    await page.getByRole("button", { name: "回到队里" }).click();
    await page.getByText("候诊（2）").waitFor();
    expect(ticket).toMatch(/^[AW]\d{3}$/);
    for (const name of ["洛桑", "达娃"]) expect(await corridor.page.content()).not.toContain(name);
  });

  it("is stopped without blame; the phone says so", async () => {
    const { page } = nurse;
    await page.getByRole("button", { name: "停诊…" }).click();
    await page.getByLabel("原因（患者会看到）").fill("医生去抢救患者");
    await page.getByRole("button", { name: "停诊并通知" }).click();
    await page.getByText(/已通知 \d 人/).waitFor();
    // The news and whom to call stay when the page has read that the clinic is stopped.
    await page.getByText("医生去抢救患者").waitFor();
    await see(page.getByText(/已通知 \d 人/)).toBeVisible();
    const mine = await ask<{ appointments: { state: string; stopReason: string }[] }>(
      mother,
      "GET",
      "/api/my/appointments",
    );
    expect(mine.appointments[0]).toMatchObject({
      state: "clinic-stopped",
      stopReason: "医生去抢救患者",
    });
    for (const person of [nurse, corridor, mother]) expect(person.problems).toEqual([]);
  });

  it("is heard by a phone whose line was away when it wanted to listen", async () => {
    // No worker keeps the page: what the network refuses is what the page lacks.
    const context = await browser.newContext({ serviceWorkers: "block" });
    await context.request.post(`${stack.url}/api/session/demo`, { data: { phone: "13800138004" } });
    const page = await context.newPage();
    const thrown: string[] = [];
    page.on("pageerror", (error) => thrown.push(String(error)));
    const listening = /\/assets\/live-.*\.js$/;
    await page.route(listening, (route) => route.abort("internetdisconnected"));
    const refused = page.waitForEvent("requestfailed", (one) => listening.test(one.url()));
    await page.goto(`${stack.url}/`);
    await refused;
    await page.unroute(listening);
    const heard = page.waitForEvent("websocket");
    await page.evaluate(() => dispatchEvent(new Event("online")));
    expect((await heard).url()).toContain("/realtime");
    expect(thrown).toEqual([]);
    await context.close();
  });
});
