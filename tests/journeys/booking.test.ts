/**
 * A visit booked on the phone, from home to the doctor's door, over the real server: what is chosen,
 * what may go wrong on the way, and what the pass says while one waits.
 */
import type { Browser, Locator, Page } from "@playwright/test";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type {
  AppointmentView,
  Availability,
  BookingPlaces,
  ClinicDay,
  SegmentsOfDay,
} from "../../server/booking/contract.ts";
import { defaultPolicy } from "../../server/booking/domain.ts";
import type { SessionView } from "../../server/identity/contract.ts";
import { askAxe } from "../support/axe.ts";
import { createPerson, launchBrowser, type Person, reportFailure } from "../support/people.ts";
import { keepPicture } from "../support/picture.ts";
import { see } from "../support/see.ts";
import { type SignedIn, signedIn } from "../support/signed-in.ts";
import { type Stack, startStack } from "../support/stack.ts";

const dayMs = 24 * 60 * 60_000;
/** A hospital's own day, so many days from now. */
const dayIn = (days: number) =>
  new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Shanghai" }).format(Date.now() + days * dayMs);
/** Far enough that no row of holidays closes the time for changes; near enough to be released. */
const fullDay = dayIn(10);
const scarceDay = dayIn(11);
const releaseDay = dayIn(12);
const allDay = { startMinute: 0, endMinute: 1440, capacity: 10 };

let stack: Stack;
let browser: Browser;
let administrator: SignedIn;
let zhou: Person;
let yangjin: Person;
let luosang: SignedIn;
let zhaxi: SignedIn;
let department: string;
let queueClinic: string;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
  [administrator, luosang, zhaxi] = (await Promise.all(
    ["guxiaowen", "13800138004", "13800138002"].map((who) => signedIn(stack, who)),
  )) as [SignedIn, SignedIn, SignedIn];
  [zhou, yangjin] = await Promise.all([phoneOf("13800138003"), phoneOf("13800138001")]);
  const overview = await administrator.get<{
    departments: { id: string; name: { en: string } }[];
  }>("/api/schedules");
  department = overview.departments.find(({ name }) => name.en === "Telemedicine centre")!.id;
  await administrator.send("POST", "/api/schedules/policies", {
    ...defaultPolicy,
    validFrom: dayIn(1),
    priorityPercent: 0,
    hotlinePercent: 0,
  });
  queueClinic = await openClinic(
    "随到门诊",
    [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, ...allDay })),
    dayIn(0),
    2,
  );
  const only = (day: string, endMinute: number) => [
    {
      weekday: new Date(`${day}T00:00:00Z`).getUTCDay() || 7,
      startMinute: 9 * 60,
      endMinute,
      capacity: 1,
    },
  ];
  await openClinic("一号难求门诊", only(fullDay, 10 * 60), fullDay, 1);
  await openClinic("放号门诊", only(releaseDay, 10 * 60), releaseDay, 1);
  await openClinic("号少门诊", only(scarceDay, 12 * 60), scarceDay, 1);
});
afterAll(async () => {
  await Promise.all([administrator, luosang, zhaxi].map((one) => one?.close()));
  await browser?.close();
  await stack?.stop();
});
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await reportFailure({ zhou, yangjin });
  expect([...zhou.problems, ...yangjin.problems]).toEqual([]);
});

async function phoneOf(phone: string): Promise<Person> {
  const person = await createPerson(browser, stack, { device: "phone" });
  await person.context.request.post("/api/session/demo", { data: { phone } });
  return person;
}

async function openClinic(
  name: string,
  rules: readonly object[],
  from: string,
  days: number,
): Promise<string> {
  const { id } = await administrator.send<{ id: string }>("POST", "/api/schedules", {
    departmentId: department,
    doctorId: null,
    kind: "clinic",
    name: { zh: name, en: name, bo: null },
    place: "会诊楼 2 层",
    feeCents: 0,
    segmentMinutes: 60,
  });
  await administrator.send("PUT", `/api/schedules/${id}/week`, { validFrom: from, rules });
  await administrator.send("POST", `/api/schedules/${id}/publish`, { from, days });
  return id;
}

/** What somebody books without a page. */
async function book(who: SignedIn, day: string, index = 0): Promise<AppointmentView> {
  const session = await who.get<Extract<SessionView, { kind: "patient" }>>("/api/session");
  const { schedules } = await who.get<SegmentsOfDay>(
    `/api/booking/segments?departmentId=${department}&day=${day}`,
  );
  const free = schedules
    .flatMap(({ segments }) => segments)
    .filter(({ state }) => state === "free");
  const patient = session.patients[0]!;
  const { appointment } = await who.send<{ appointment: AppointmentView }>(
    "POST",
    "/api/appointments/hold",
    { segmentId: free[index]!.id, patientId: patient.id, relation: patient.relation },
  );
  await who.send("POST", `/api/appointments/${appointment.id}/confirm`, {});
  return appointment;
}

/** Kept for whoever wants to look; nothing that axe-core objects to. */
async function picture(page: Page, name: string): Promise<void> {
  await page.waitForFunction(() => document.fonts.status === "loaded");
  await keepPicture(page, name);
  const { violations } = await askAxe(page);
  expect(violations.map(({ id, nodes }) => [name, id, nodes[0]?.html])).toEqual([]);
}

/** A finger that counts. */
function finger() {
  const hand = {
    taps: 0,
    async tap(target: Locator) {
      await target.tap();
      hand.taps += 1;
    },
  };
  return hand;
}

const row = (page: Page, text: string | RegExp) =>
  page.locator(".list-row").filter({ hasText: text });
/** Under its house: at some hours it is the soonest of all as well, and may be the last one booked. */
const clinic = (page: Page, name: string) =>
  page.locator(".place .list-row").filter({ hasText: name });
declare global {
  /** Lets a request go that a test holds back. */
  var letItGo: (() => void) | undefined;
}

const slots = (page: Page) => page.locator("button.slot");
const confirm = (page: Page) => page.getByRole("button", { name: "确认预约" });
const letters = (page: Page) => page.locator(".pass-letters");

describe("booking on the phone", () => {
  it("takes four taps from home, and home then says what is next", async () => {
    const { page } = zhou;
    const hand = finger();
    await zhou.open("/");
    await hand.tap(page.getByRole("link", { name: /预约挂号/ }));
    await hand.tap(clinic(page, "肾内科"));
    await hand.tap(slots(page).first());
    await see(page.getByRole("timer")).toHaveText(/^1[45]:\d\d$/);
    await see(page.locator(".facts")).toContainText("周桂英");
    await see(page.locator(".facts")).toContainText("门诊楼 4 层 402 诊室");
    await hand.tap(confirm(page));
    await see(letters(page)).toHaveText(/^[2-9B-Z]{3} [2-9B-Z]{3}$/);
    expect(hand.taps).toBeLessThanOrEqual(4);
    await see(page.getByRole("img", { name: /二维码/ })).toBeVisible();
    await see(page.getByText(/前到都算数/)).toBeVisible();
    await page.getByRole("link", { name: "首页" }).tap();
    const card = page.locator(".next-card").filter({ hasText: "肾内科" });
    await see(card).toContainText("门诊楼 4 层 402 诊室");
    await card.getByRole("link", { name: "就诊码" }).tap();
    await see(letters(page)).toBeVisible();
  });

  it("remembers where one was last", async () => {
    await zhou.open("/book");
    const last = zhou.page.locator("section").filter({ hasText: "上次约的" });
    await see(last.locator(".list-row")).toContainText("肾内科");
  });

  it("keeps the pass without a line, says how old it is, and is right when the line is back", async () => {
    const { page, context } = zhou;
    await zhou.open("/appointments");
    await row(page, "肾内科").tap();
    await see(letters(page)).toBeVisible();
    const code = await letters(page).innerText();
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
    await see(letters(page)).toHaveText(code);
    await see(page.getByRole("img", { name: /二维码/ })).toBeVisible();
    await see(page.getByText(/存下的内容/)).toBeVisible();
    await context.setOffline(false);
    await see(page.getByText(/存下的内容/)).toBeHidden();
    await see(letters(page)).toHaveText(code);
  });

  it("goes into the phone's calendar", async () => {
    const { page } = zhou;
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "加到日历" }).tap(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^[2-9B-Z]{6}\.ics$/);
  });
});

describe("what may go wrong", () => {
  it("a time taken by somebody else meanwhile: says so, keeps the rest, offers the nearest", async () => {
    const { page } = zhou;
    await zhou.open(`/book/${department}?day=${scarceDay}`);
    await see(slots(page)).toHaveCount(3);
    // While the request is on its way: a page that had heard of it would not offer the time any more.
    await page.evaluate(() => {
      const send = globalThis.fetch;
      globalThis.fetch = async (input, init) => {
        if (String(input).endsWith("/hold")) {
          globalThis.fetch = send;
          await new Promise<void>((resolve) => {
            globalThis.letItGo = resolve;
          });
        }
        return send(input, init);
      };
    });
    await slots(page).nth(1).tap();
    await page.waitForFunction(() => globalThis.letItGo !== undefined);
    await book(luosang, scarceDay, 1);
    await page.evaluate(() => globalThis.letItGo?.());
    await see(page.getByRole("alert")).toContainText("刚刚约满了");
    await picture(page, "book-taken-phone-zh-CN");
    const nearest = page.getByRole("region", { name: "最近还有号的时间" });
    await nearest.getByRole("button", { name: /09:00/ }).tap();
    await see(page.locator(".facts")).toContainText("09:00");
    await confirm(page).tap();
    await see(letters(page)).toBeVisible();
  });

  it("a part of the page that does not arrive: says so, and goes on when the line is back", async () => {
    const person = await createPerson(browser, stack, { device: "phone" });
    try {
      await person.context.request.post("/api/session/demo", { data: { phone: "13800138004" } });
      await person.context.route("**/assets/choose-place*", (route) => route.abort());
      await person.open("/book");
      // It tries once by itself; then it is said.
      await see(person.page.getByRole("alert")).toContainText("已填的内容还在");
      await picture(person.page, "part-missing-phone-zh-CN");
      await person.context.unroute("**/assets/choose-place*");
      await person.page.getByRole("button", { name: "重试" }).tap();
      await see(row(person.page, "消化内科").first()).toBeVisible();
    } finally {
      await person.close();
    }
  });

  it("one visit per department and day: opens the one that is there", async () => {
    const { page } = zhou;
    await zhou.open(`/book/${department}?day=${scarceDay}`);
    await slots(page).first().tap();
    await see(page.getByRole("alert")).toContainText("已经有一个预约");
    await page.getByRole("link", { name: "打开已有的预约" }).tap();
    await see(letters(page)).toBeVisible();
  });

  it("two tabs: who chooses again lets go of the first, and the first tab says so", async () => {
    const { page, context } = yangjin;
    await yangjin.open("/book");
    await clinic(page, "康复科").tap();
    const other = await context.newPage();
    await other.goto(page.url());
    await slots(page).first().tap();
    await see(confirm(page)).toBeVisible();
    await slots(other).nth(1).tap();
    await see(confirm(other)).toBeVisible();
    await confirm(page).tap();
    await see(page.getByText(/号已放回/)).toBeVisible();
    await see(page.getByText(/您选的都还在下面/)).toBeVisible();
    await picture(page, "book-lapsed-phone-zh-CN");
    await confirm(other).tap();
    await see(letters(other)).toBeVisible();
    await page.getByRole("button", { name: "再留一次" }).tap();
    await see(page.getByText(/已经有一个预约/)).toBeVisible();
    await other.close();
  });
});

describe("afterwards", () => {
  it("another time: read once more, the old one stays until the new one is there", async () => {
    const { page } = zhou;
    await zhou.open("/appointments");
    await row(page, "远程会诊中心").tap();
    await page.getByRole("link", { name: "改时间" }).tap();
    await slots(page).first().tap();
    await see(page.locator(".facts s")).toContainText("09:00");
    await see(page.locator(".facts strong")).toContainText("11:00");
    await page.getByRole("button", { name: "确认改时间" }).tap();
    await see(page.getByText("时间改好了")).toBeVisible();
    await see(page.locator(".queue-time")).toContainText("11:00");
  });

  it("cancelling is asked once more", async () => {
    const { page } = zhou;
    await page.getByRole("button", { name: "取消预约" }).tap();
    await see(page.getByRole("button", { name: "取消这个预约" })).toBeInViewport();
    await picture(page, "pass-cancel-phone-zh-CN");
    await page.getByRole("button", { name: "不取消" }).tap();
    await see(letters(page)).toBeVisible();
    await page.getByRole("button", { name: "取消预约" }).tap();
    await page.getByRole("button", { name: "取消这个预约" }).tap();
    await see(page.getByText("号已让出")).toBeVisible();
    await see(letters(page)).toBeHidden();
    const mine = await zhou.page.evaluate(async () =>
      (await (await fetch("/api/my/appointments")).json()).appointments.map(
        (one: { state: string; department: { name: { en: string } } }) =>
          `${one.department.name.en}: ${one.state}`,
      ),
    );
    expect(mine).toContain("Telemedicine centre: cancelled");
  });

  it("a full day: waits, is offered the seat that somebody gives back, and confirms by its deadline", async () => {
    const { page } = zhou;
    const taken = await book(luosang, fullDay);
    await zhou.open(`/book/${department}?day=${fullDay}`);
    const join = page.getByRole("button", { name: "为 周桂英 候补" });
    await see(join).toBeVisible();
    await picture(page, "book-full-phone-zh-CN");
    await join.tap();
    await see(page.getByText("已候补")).toBeVisible();
    await see(page.getByText(/您排第一/)).toBeVisible();
    await page.getByRole("link", { name: "首页" }).tap();
    await see(page.locator(".next-card").first()).toBeVisible();
    await luosang.send("POST", `/api/appointments/${taken.id}/cancel`, {});
    const news = row(page, "候补到了一个号");
    await see(news).toBeVisible();
    await picture(page, "home-offer-phone-zh-CN");
    await zhou.open("/appointments");
    await see(page.locator(".waitlist-offer")).toContainText("前确认，否则给下一位");
    await picture(page, "appointments-offer-phone-zh-CN");
    await zhou.open("/");
    await news.tap();
    await see(page.locator(".facts")).toContainText("09:00");
    await confirm(page).tap();
    await see(letters(page)).toBeVisible();
  });
});

describe("for somebody else", () => {
  it("adds a relative who agreed, explains a wrong number, and books", async () => {
    const { page } = yangjin;
    await yangjin.open("/book");
    await page.getByRole("link", { name: "换人" }).tap();
    await page.getByRole("button", { name: "加一位就诊人" }).tap();
    await page.getByLabel("姓名").fill("次旺");
    await page.getByLabel("您是这位的什么人").selectOption("child");
    await page.getByLabel(/身份证号/).fill("540224195803120011");
    const add = page.getByRole("button", { name: "加上，继续预约" });
    await add.tap();
    await see(page.getByText(/最后一位由前 17 位算出/)).toBeVisible();
    await picture(page, "book-person-wrong-phone-zh-CN");
    await see(page.getByText("请先得到同意，再勾选")).toBeVisible();
    await page.getByLabel(/身份证号/).fill("");
    await page.getByLabel("这位同意由我预约，并看到预约情况").check();
    await add.tap();
    await see(page.getByText("为 次旺 预约")).toBeVisible();
    await clinic(page, "儿童口腔").tap();
    await slots(page).first().tap();
    await see(page.locator(".facts")).toContainText("次旺");
    await confirm(page).tap();
    await see(letters(page)).toBeVisible();
    await page.getByRole("link", { name: "我的预约" }).tap();
    await see(row(page, "儿童口腔")).toContainText("次旺");
    await see(row(page, "康复科")).toContainText("达娃");
  });
});

describe("a phone that nobody knows yet", () => {
  it("adds its owner without typing the number again, and books", async () => {
    const newcomer = await createPerson(browser, stack, { device: "phone" });
    const { page } = newcomer;
    await newcomer.open("/");
    await page.getByLabel("手机号").fill("139 1234 5678");
    await page.getByRole("button", { name: "发短信验证码" }).tap();
    const code = /\d{6}/.exec(await page.getByText(/验证码是 \d{6}/).innerText())![0];
    await page.getByLabel("6 位验证码").fill(code);
    await page.getByRole("button", { name: "登录", exact: true }).tap();
    await page.getByRole("link", { name: /预约挂号/ }).tap();
    await page.getByRole("link", { name: "先选给谁预约" }).tap();
    await see(page.getByLabel("您是这位的什么人")).toHaveValue("self");
    await see(page.getByLabel("登录用的手机号")).toHaveCount(0);
    await page.getByLabel("姓名").fill("平措");
    await page.getByLabel("我同意用这些资料预约").check();
    await page.getByRole("button", { name: "加上，继续预约" }).tap();
    await see(page.getByText("为 平措 预约")).toBeVisible();
    await clinic(page, "血液科").tap();
    await slots(page).first().tap();
    await confirm(page).tap();
    await see(letters(page)).toBeVisible();
    expect(newcomer.problems).toEqual([]);
    await newcomer.close();
  });
});

describe("at the clinic", () => {
  it("checks in by the code on the door, counts down live, and is called in", async () => {
    const { page } = zhou;
    const { days } = await zhaxi.get<Availability>(
      `/api/booking/availability?departmentId=${department}&days=2`,
    );
    const today = days.find(({ state }) => state === "free")!.day;
    const before = [await book(zhaxi, today), await book(luosang, today)];
    const { schedules } = await administrator.get<ClinicDay>(`/api/clinic/days/${today}`);
    const { placeCode } = schedules.find(({ id }) => id === queueClinic)!;
    for (const [who, { id }] of [
      [zhaxi, before[0]!],
      [luosang, before[1]!],
    ] as const)
      await who.send("POST", `/api/appointments/${id}/check-in`, { place: placeCode });

    await zhou.open(`/book/${department}?day=${today}`);
    await slots(page).first().tap();
    await confirm(page).tap();
    await see(letters(page)).toBeVisible();
    const code = page.getByLabel("门口牌子上的地点码");
    const checkIn = page.getByRole("button", { name: "签到" });
    await code.fill("ZZZZ");
    await checkIn.tap();
    await see(page.getByRole("alert")).toContainText("地点码对不上");
    await code.fill(placeCode);
    await checkIn.tap();
    await see(page.locator(".queue-number")).toHaveText("2");
    await see(page.locator(".queue-number")).toBeInViewport();
    await see(page.getByText(/预计 \d\d:\d\d 叫到您/)).toBeVisible();

    await picture(page, "pass-waiting-phone-zh-CN");
    const next = () =>
      administrator.send("POST", `/api/clinic/schedules/${queueClinic}/call-next`, { day: today });
    await next();
    await see(page.locator(".queue-number")).toHaveText("1");
    await next();
    await see(page.getByText("下一位就是您")).toBeVisible();
    await next();
    await see(page.getByText("请进")).toBeVisible();
    await see(page.locator(".queue-called")).toContainText("会诊楼 2 层");
    await see(page.getByText("请进")).toBeInViewport();
    await picture(page, "pass-called-phone-zh-CN");
    await zhou.open("/");
    await see(page.locator(".next-card").first()).toContainText("请进");
    await picture(page, "home-called-phone-zh-CN");
  });
});

describe("the hour of release", () => {
  it("two phones, one seat: both wait, the first in line goes on by itself, the other is told", async () => {
    const owner = postgres(stack.database.owner, { max: 1, onnotice: () => {} });
    try {
      await owner`update seat set public_from = now() + interval '3 minutes', pool_from = now() + interval '3 minutes'
        where department_id = ${department} and day = ${releaseDay}`;
      for (const { open, page } of [zhou, yangjin]) {
        await open(`/book/${department}?day=${releaseDay}`);
        await page.getByRole("button", { name: /进候号室排队/ }).tap();
        await see(page.getByText("您已经在里面，等着就好")).toBeVisible();
      }
      await picture(zhou.page, "release-waiting-phone-zh-CN");
      await owner`update release_place set lot = case patient_id
        when (select id from patient where full_name = '周桂英') then 0.1 else 0.9 end`;
      // The hour has come: everything of it three minutes earlier.
      await owner`update seat set public_from = now(), pool_from = now() where department_id = ${department} and day = ${releaseDay}`;
      await owner`update release_room set release_at = (select min(public_from) from seat where department_id = ${department} and day = ${releaseDay})`;
      await see(confirm(zhou.page)).toBeVisible({ timeout: 20_000 });
      await see(yangjin.page.getByText("号都有人在确认", { exact: false })).toBeVisible();
      await yangjin.page.reload();
      await see(yangjin.page.getByText("下一位就是您")).toBeVisible();
      await picture(yangjin.page, "release-line-phone-zh-CN");
      await confirm(zhou.page).tap();
      await see(letters(zhou.page)).toBeVisible();
      await see(yangjin.page.getByText("这一天的号约完了")).toBeVisible({ timeout: 20_000 });
      await picture(yangjin.page, "release-over-phone-zh-CN");
      await yangjin.page.getByRole("link", { name: "看候补和别的日子" }).tap();
      await see(yangjin.page.getByRole("button", { name: /候补/ })).toBeVisible();
    } finally {
      await owner.end();
    }
  });
});

describe("elder mode", () => {
  it("is the same road with larger steps", async () => {
    const { page } = zhou;
    await page.evaluate(() =>
      localStorage.setItem(
        "yilian.preferences",
        JSON.stringify({ language: "zh-CN", elder: true, textStep: 1, highContrast: false }),
      ),
    );
    await zhou.open("/");
    await see(page.locator(".elder-visit")).toContainText("请进");
    const hand = finger();
    await hand.tap(page.getByRole("link", { name: "约医生" }));
    await hand.tap(clinic(page, "消化内科"));
    await hand.tap(slots(page).first());
    await hand.tap(confirm(page));
    await see(letters(page)).toBeVisible();
    expect(hand.taps).toBeLessThanOrEqual(4);
    await zhou.open("/");
    await see(page.locator(".elder-visit")).toBeVisible();
    await page.getByRole("link", { name: "就诊码" }).tap();
    await see(page.locator(".queue-called")).toBeVisible();
  });
});

it("knows every department that can be booked by name", async () => {
  const { places } = await luosang.get<BookingPlaces>("/api/booking/places?kind=clinic");
  await yangjin.open("/book");
  for (const { departments } of places)
    for (const { name } of departments) await see(row(yangjin.page, name.zh).first()).toBeVisible();
});
