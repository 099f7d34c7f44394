/**
 * The main pages as people see them, in three languages, on desk and phone, plain and in elder mode:
 * nothing that scrolls sideways at 320 px, every word translated, targets and text large where promised.
 * axe-core judges each page in two languages at least, and each of the patient's in all three and in
 * both modes. PICTURES=1 keeps them in tests/output/screens for whoever wants to look.
 */
import { readFileSync } from "node:fs";
import type { Browser, Page } from "@playwright/test";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type {
  AppointmentView,
  BookingPlaces,
  SegmentsOfDay,
} from "../../server/booking/contract.ts";
import type { SessionView } from "../../server/identity/contract.ts";
import { compareCatalogues } from "../../web/i18n/compare.ts";
import { askAxe, wcagRules } from "../support/axe.ts";
import {
  createPerson,
  enterRoom,
  faces,
  launchBrowser,
  type Person,
  passDeviceCheck,
  printedDocumentId,
  seesMoving,
  signIn,
  soundArrives,
} from "../support/people.ts";
import { keepPicture } from "../support/picture.ts";
import { see } from "../support/see.ts";
import { signedIn } from "../support/signed-in.ts";
import { type Stack, startStack } from "../support/stack.ts";

const languages = ["zh-CN", "bo", "en"] as const;
type Language = (typeof languages)[number];
type Look = { language: Language; elder?: boolean; highContrast?: boolean };

const NARROW = { width: 320, height: 700 };
const ELDER_TEXT_PX = 18;
const ELDER_TARGET_PX = 60;

let stack: Stack;
let browser: Browser;
let visitor: Person;
let phone: Person;
let patient: Person;
/** The same patient on a second phone, in elder mode: both are looked at side by side. */
let elderly: Person;
let attending: Person;
let desk: Person;
let specialist: Person;
let consultId: string;
let opinionPath: string;
/** The road to a visit of the patient's, step by step. */
let bookingPages: readonly (readonly [name: string, path: string])[];
let documentId: string;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
  [visitor, phone, patient, elderly, attending, desk, specialist] = await Promise.all([
    createPerson(browser, stack, { device: "desktop" }),
    createPerson(browser, stack, { device: "phone" }),
    createPerson(browser, stack, { device: "phone" }),
    createPerson(browser, stack, { device: "phone" }),
    createPerson(browser, stack, { device: "desktop", face: faces.attending }),
    createPerson(browser, stack, { device: "desktop" }),
    createPerson(browser, stack, { device: "desktop", face: faces.specialist }),
  ]);
  await signIn(patient, "洛桑", "patient");
  await signIn(elderly, "洛桑", "patient");
  await signIn(attending, "旦增");
  await signIn(desk, "李佳");
  await signIn(specialist, "周敏华");
  opinionPath = await patient.page.evaluate(async () => {
    const { consults } = await (await fetch("/api/my/consults")).json();
    return `/records/${consults[0].id}`;
  });
  bookingPages = await bookVisits();
  documentId = await printedDocumentId(patient, opinionPath.split("/").at(-1)!);
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

/** One visit booked and one seat held, by the patient's phone. */
async function bookVisits(): Promise<typeof bookingPages> {
  const phone = await signedIn(stack, "13800138004");
  const { patients } = await phone.get<Extract<SessionView, { kind: "patient" }>>("/api/session");
  const { places } = await phone.get<BookingPlaces>("/api/booking/places?kind=clinic");
  const departments = places
    .flatMap((place) => place.departments)
    .filter(({ nextFree }) => nextFree !== null)
    .slice(0, 2);
  const held = [];
  for (const { id, nextFree } of departments) {
    const day = new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Shanghai" }).format(
      new Date(nextFree!),
    );
    const query = `departmentId=${id}&day=${day}`;
    const { schedules } = await phone.get<SegmentsOfDay>(`/api/booking/segments?${query}`);
    const free = schedules.flatMap((one) => one.segments).find(({ state }) => state === "free")!;
    const body = { segmentId: free.id, patientId: patients[0]!.id };
    held.push(
      await phone.send<{ appointment: AppointmentView }>("POST", "/api/appointments/hold", body),
    );
  }
  const [visit, seat] = held.map(({ appointment }) => appointment);
  await phone.send("POST", `/api/appointments/${visit!.id}/confirm`, {});
  await phone.close();
  return [
    ["book", "/book"],
    ["book-time", `/book/${seat!.department.id}?day=${seat!.day}`],
    ["book-person", "/book/person"],
    ["book-check", `/book/check/${seat!.id}`],
    ["appointments", "/appointments"],
    ["pass", `/appointments/${visit!.id}`],
  ];
}

/** The words are those of this device's owner, kept on it. */
async function look({ page }: Person, { language, elder, highContrast }: Look): Promise<void> {
  await page.evaluate(
    (preferences) => localStorage.setItem("yilian.preferences", JSON.stringify(preferences)),
    { language, elder: elder ?? false, textStep: 1, highContrast: highContrast ?? false },
  );
}

/** A page is there when its fonts are and nothing says that it is still being read. */
async function settled(page: Page): Promise<void> {
  // The head's further entries have headings of their own, folded away.
  await page.locator("h1, h2").filter({ visible: true }).first().waitFor();
  await page.waitForFunction(
    () =>
      document.querySelectorAll(".skeleton, [aria-busy='true']").length === 0 &&
      document.fonts.status === "loaded",
  );
}

/** As a link does: the document stays, and the page in it is another one. */
async function follow({ page }: Person, path: string): Promise<void> {
  await page.evaluate((to) => history.pushState(null, "", to), path);
}

/** Each desk page in Chinese and in one of the others, by turns. */
const isJudged = (index: number, language: Language) =>
  language === "zh-CN" || language === (index % 2 === 0 ? "bo" : "en");
/** Each of the patient's pages in every language once, Tibetan plain and in elder mode by turns. */
const isPhoneJudged = (index: number, language: Language, elder: boolean) =>
  language === (elder ? "en" : "zh-CN") || (language === "bo" && elder === (index % 2 === 1));

/** The whole page; a phone as tall as its page, so that what sticks to its edge covers nothing. */
async function wholePage<Found>(page: Page, name: string, look: () => Promise<Found>) {
  const { width, height } = page.viewportSize()!;
  const isPhone = width < 600;
  const tall = await page.evaluate(() => document.documentElement.scrollHeight);
  if (isPhone) await page.setViewportSize({ width, height: Math.max(height, tall) });
  await keepPicture(page, name, { fullPage: true });
  const found = await look();
  if (isPhone) await page.setViewportSize({ width, height });
  return found;
}

/** @param judge whether axe-core is asked as well */
async function check({ page }: Person, name: string, judge: boolean): Promise<void> {
  await settled(page);
  await wholePage(page, name, async () => {
    if (!judge) return;
    const { violations, passes } = await askAxe(page, wcagRules);
    expect(passes.length).toBeGreaterThan(5);
    const found = violations.map(({ id, nodes }) => ({
      id,
      where: nodes.map((node) => node.target.join(" ")),
    }));
    expect({ name, found }).toEqual({ name, found: [] });
  });
  // What the catalogue lacks would show as its id.
  const words = await page.locator("body").innerText();
  expect(words.match(/\b(common|workbench|patient|room|consult|check|story|demo)\.\w+\.\w+/)).toBe(
    null,
  );
}

async function doesNotScrollSideways(page: Page, name: string): Promise<void> {
  const before = page.viewportSize()!;
  await page.setViewportSize(NARROW);
  const { wanted, wide } = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const wide = [...document.querySelectorAll("body *")]
      .filter((one) => one.getBoundingClientRect().right > clientWidth + 1)
      .slice(0, 4)
      .map((one) => `${one.tagName}.${one.className}`);
    return { wanted: scrollWidth - clientWidth, wide };
  });
  await page.setViewportSize(before);
  expect({ name, wanted, wide: wanted > 0 ? wide : [] }).toEqual({ name, wanted: 0, wide: [] });
}

/** On a desk's screen and on a laptop's. */
async function headIsOneRow(page: Page, name: string): Promise<void> {
  const before = page.viewportSize()!;
  for (const width of [1440, 1280]) {
    await page.setViewportSize({ width, height: 900 });
    const rows = await page.locator(".shell-head").evaluate((head) => {
      const boxes = [...head.children].map((part) => part.getBoundingClientRect());
      const [lowestTop, highestBottom] = [
        Math.max(...boxes.map(({ top }) => top)),
        Math.min(...boxes.map(({ bottom }) => bottom)),
      ];
      return lowestTop < highestBottom ? 1 : 2;
    });
    expect({ name, width, rows }).toEqual({ name, width, rows: 1 });
  }
  await page.setViewportSize(before);
}

/** What would have to be pushed aside to be read. */
const cutOff = (page: Page, selector: string) =>
  page.locator(selector).evaluate((one) => one.scrollWidth - one.clientWidth);

// Each test has people of its own, and much of it is waiting.
describe.each(languages)("pages in %s", (language) => {
  it.concurrent("sign-in, check and story", async () => {
    await visitor.open("/workbench/sign-in");
    await look(visitor, { language });
    const pages = [
      ["sign-in", "/workbench/sign-in"],
      ["check", `/check/${documentId}`],
      ["story", "/story"],
    ] as const;
    for (const [index, [name, path]] of pages.entries()) {
      await visitor.open(path);
      await check(visitor, `${name}-desktop-${language}`, isJudged(index, language));
      await doesNotScrollSideways(visitor.page, `${name}-${language}`);
    }
    await phone.open("/");
    await look(phone, { language });
    await phone.open("/");
    await check(phone, `sign-in-phone-${language}`, isJudged(3, language));
    await doesNotScrollSideways(phone.page, `sign-in-phone-${language}`);
  });

  it.concurrent.each([
    ["the patient's phone", false],
    ["the patient's phone in elder mode", true],
  ])("%s", async (_, elder) => {
    const person = elder ? elderly : patient;
    await look(person, { language, elder });
    await person.open("/");
    const pages = [
      ["home", "/"],
      ["records", "/records"],
      ["opinion", opinionPath],
      ["who-looked", "/access"],
      ["me", "/me"],
      ["own-record", "/record"],
      ["own-choices", "/record/choices"],
      ...bookingPages,
    ] as const;
    for (const [index, [name, path]] of pages.entries()) {
      await follow(person, path);
      const shown = `${name}-${elder ? "elder" : "phone"}-${language}`;
      await check(person, shown, isPhoneJudged(index, language, elder));
      await doesNotScrollSideways(person.page, shown);
      if (!elder) continue;
      const sizes = await measure(person.page);
      expect({ name, ...sizes }).toEqual({ name, smallText: [], smallTargets: [] });
    }
    if (!elder) return;
    // The hospital that keeps the record and 120 are two calls; both can be made without a network.
    const noSession = "**/api/session";
    for (const withoutLine of [false, true]) {
      if (withoutLine) await person.page.route(noSession, (route) => route.abort());
      await person.open("/");
      await see(person.page.locator('a[href^="tel:0892-0000-"]')).toBeVisible();
      await see(person.page.locator('a[href="tel:120"]')).toBeVisible();
    }
    await person.page.unroute(noSession);
  });

  it.concurrent("the workbench", async () => {
    await look(attending, { language });
    await look(desk, { language });
    await attending.open("/workbench/mine");
    await settled(attending.page);
    await attending.page.locator(".queue-item").filter({ hasText: "达娃" }).click();
    // The list of hospitals comes after the form.
    await see(attending.page.locator("#request-invitedInstitutionId")).not.toHaveValue("");
    await check(attending, `request-desktop-${language}`, isJudged(0, language));
    await doesNotScrollSideways(attending.page, `request-${language}`);
    await desk.open("/workbench/desk");
    await check(desk, `desk-desktop-${language}`, isJudged(1, language));
    await headIsOneRow(desk.page, `desk-${language}`);
    await desk.page.locator(".queue-item").filter({ hasText: "扎西" }).click();
    await desk.page.locator(".desk-bar").waitFor();
    await check(desk, `consult-desktop-${language}`, isJudged(2, language));
    await doesNotScrollSideways(desk.page, `consult-${language}`);
    await follow(desk, "/workbench/account");
    await desk.page.locator(".device").first().waitFor();
    await check(desk, `account-desktop-${language}`, isJudged(3, language));
    await doesNotScrollSideways(desk.page, `account-${language}`);
    if (language !== "zh-CN") return;
    await desk.page.goBack();
    await look(desk, { language, highContrast: true });
    await desk.page.reload();
    await desk.page.locator(".desk-bar").waitFor();
    await check(desk, `consult-contrast-${language}`, true);
  });
});

describe("the room", () => {
  beforeAll(async () => {
    const story = await attending.context.request.post("/api/demo/story/room");
    consultId = ((await story.json()) as { consultId: string }).consultId;
  });

  // The story's room is the same one: nobody else is to be in it then.
  afterAll(async () => {
    await attending.close();
    await specialist.close();
  });

  it("at the desk and at 320 px, in every language", async () => {
    for (const language of languages) {
      await look(specialist, { language });
      await specialist.open(`/room/${consultId}`);
      await specialist.page.locator(".device-check .status").first().waitFor();
      await check(specialist, `device-check-desktop-${language}`, language !== "en");
      await doesNotScrollSideways(specialist.page, `device-check-${language}`);
    }
    await look(attending, { language: "zh-CN" });
    await look(specialist, { language: "zh-CN" });
    await enterRoom(attending, `/room/${consultId}`);
    await enterRoom(specialist, `/room/${consultId}`);
    await seesMoving(specialist, "旦增", faces.attending);
    await check(specialist, "room-desktop-zh-CN", true);
    for (const language of ["bo", "en"] as const) {
      await specialist.page.evaluate(
        (next) =>
          localStorage.setItem(
            "yilian.preferences",
            JSON.stringify({ language: next, elder: false, textStep: 1, highContrast: false }),
          ),
        language,
      );
      await specialist.page.reload();
      await passDeviceCheck(specialist.page);
      await seesMoving(specialist, "旦增", faces.attending);
      await check(specialist, `room-desktop-${language}`, language === "en");
      expect(await cutOff(specialist.page, ".panel-tabs")).toBe(0);
    }
    await doesNotScrollSideways(specialist.page, "room-en");
  });
});

describe("the story", () => {
  it("opens the scenes of the consult, each as the right person", async () => {
    const { page } = visitor;
    await visitor.open("/story");
    await look(visitor, { language: "zh-CN" });
    await visitor.open("/story");
    for (const title of ["萨迦请上海会诊", "会诊室", "家里人的手机"])
      await page.getByRole("heading", { name: title, exact: true }).waitFor();
    await page.getByRole("button", { name: "打开申请" }).click();
    await page.waitForURL(/\/workbench\/mine/);
    await page.getByText("旦增").first().waitFor();
    await visitor.open("/story");
    await page.getByRole("button", { name: "打开受理台" }).click();
    await page.waitForURL(/\/workbench\/desk/);
    await page.getByText("李佳").first().waitFor();
    await visitor.open("/story");
    await page.getByRole("button", { name: "打开手机页" }).click();
    await page.getByText(/达娃/).first().waitFor();
  });

  it("shows scripted partners in the room, who move and speak like anybody", async () => {
    const newcomer = await createPerson(browser, stack, { device: "desktop", face: faces.family });
    await newcomer.open("/story");
    await newcomer.page
      .getByRole("listitem")
      .filter({ hasText: "以周敏华（血液科专家）进入会诊室" })
      .getByRole("button", { name: "进入会诊室" })
      .click();
    const stage = newcomer.page.locator("iframe.story-stage");
    await stage.waitFor();
    const room = (await (await stage.elementHandle())?.contentFrame())!;
    await passDeviceCheck(room);
    await seesMoving({ page: room }, "旦增（演示）");
    await soundArrives({ page: room });
    await keepPicture(newcomer.page, "story-room-desktop-zh-CN");
    await newcomer.page.getByRole("button", { name: /^请来：吴启航/ }).waitFor();
    expect(newcomer.problems).toEqual([]);
    await newcomer.close();
  });
});

describe("the catalogue", () => {
  it("has every message in every language, with the same places to fill in", () => {
    const catalogues = Object.fromEntries(
      languages.map((language) => [
        language,
        JSON.parse(readFileSync(`web/i18n/${language}.json`, "utf8")) as Record<string, string>,
      ]),
    );
    expect(compareCatalogues(catalogues)).toEqual([]);
  });
});

/** What elder mode promises, measured: text of the page's own and whatever is pressed. */
async function measure(page: Page) {
  return page.evaluate(
    ({ text, target }) => {
      const seen = (element: Element) => {
        const box = element.getBoundingClientRect();
        return box.width > 1 && box.height > 1;
      };
      const name = (element: Element) =>
        `${element.tagName.toLowerCase()}.${element.className}: ${element.textContent?.trim().slice(0, 20)}`;
      const smallText = [...document.querySelectorAll("main *, nav *")]
        .filter(
          (element) =>
            seen(element) &&
            [...element.childNodes].some(
              (node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim(),
            ) &&
            !element.closest(".visually-hidden") &&
            Number.parseFloat(getComputedStyle(element).fontSize) < text,
        )
        .map((element) => `${name(element)} ${getComputedStyle(element).fontSize}`);
      const smallTargets = [
        ...document.querySelectorAll("main a, main button, nav a, .segment, .check-field"),
      ]
        .filter((element) => {
          const { height, width } = element.getBoundingClientRect();
          const inText = element.matches("p a");
          return seen(element) && !inText && (height < target - 0.5 || width < target - 0.5);
        })
        .map((element) => {
          const { width, height } = element.getBoundingClientRect();
          return `${name(element)} ${Math.round(width)}×${Math.round(height)}`;
        });
      return { smallText, smallTargets };
    },
    { text: ELDER_TEXT_PX, target: ELDER_TARGET_PX },
  );
}
