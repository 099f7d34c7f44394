/**
 * The main pages for people who enlarge them: 200 % of a 1440×900 screen, and 320 px wide (400 % of
 * 1280; WCAG 2.2 reflow). Nothing scrolls sideways, nothing is cut off, and whoever goes by keyboard
 * sees where the focus is: it has a ring and nothing lies over it.
 */
import type { Browser, Page } from "@playwright/test";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createPerson,
  enterRoom,
  faces,
  launchBrowser,
  type Person,
  signIn,
} from "../support/people.ts";
import { keepPicture } from "../support/picture.ts";
import { see } from "../support/see.ts";
import { type Stack, startStack } from "../support/stack.ts";

const sizes = [
  { name: "zoom200", width: 720, height: 450 },
  { name: "narrow", width: 320, height: 640 },
] as const;
type Size = (typeof sizes)[number];
const RING_PX = 2;
/** More stops than any of these pages has. */
const MOST_STOPS = 150;

let stack: Stack;
let browser: Browser;
let visitor: Person;
let patient: Person;
let attending: Person;
let opinionPath: string;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
  [visitor, patient, attending] = await Promise.all([
    createPerson(browser, stack, { device: "desktop" }),
    createPerson(browser, stack, { device: "desktop" }),
    createPerson(browser, stack, { device: "desktop", face: faces.attending }),
  ]);
  await signIn(patient, "洛桑", "patient");
  await signIn(attending, "旦增");
  opinionPath = await patient.page.evaluate(async () => {
    const { consults } = await (await fetch("/api/my/consults")).json();
    return `/records/${consults[0].id}`;
  });
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

async function settled(page: Page): Promise<void> {
  await page.locator("h1:visible, h2:visible").first().waitFor();
  await page.waitForFunction(
    () =>
      document.querySelectorAll(".skeleton, [aria-busy='true']").length === 0 &&
      document.fonts.status === "loaded",
  );
}

/** What leaves the page at its side, and what is cut off inside a box that does not scroll. */
function lookForCuts(page: Page) {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const name = (element: Element) =>
      `${element.tagName.toLowerCase()}.${String(element.className)}: ${element.textContent?.trim().slice(0, 24)}`;
    const hidden = (element: Element) =>
      element.closest(".visually-hidden, .skip-link, [hidden], svg, video, canvas") !== null ||
      // For ears alone at this width: what the class does, done by a media query.
      getComputedStyle(element).clipPath === "inset(50%)" ||
      !element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    /** A box that scrolls by itself may hold more than it shows. */
    const scrolls = (element: Element): boolean => {
      for (let one: Element | null = element.parentElement; one; one = one.parentElement)
        if (
          /auto|scroll/.test(getComputedStyle(one).overflowX) &&
          one.scrollWidth > one.clientWidth
        )
          return one !== document.documentElement && one !== document.body;
      return false;
    };
    const shown = [...document.querySelectorAll("body *")].filter((one) => !hidden(one));
    const outside = shown
      .filter((one) => {
        const { left, right, width } = one.getBoundingClientRect();
        return width > 0 && (right > clientWidth + 1 || left < -1) && !scrolls(one);
      })
      .map(name);
    const cut = shown
      .filter((one) => {
        const style = getComputedStyle(one);
        const clips = /hidden|clip/;
        // A summary of some lines is whole on the page behind it.
        if (style.webkitLineClamp !== "none") return false;
        const ownText = [...one.childNodes].some(
          (node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim(),
        );
        return (
          (clips.test(style.overflowX) && one.scrollWidth > one.clientWidth + 1) ||
          (ownText && clips.test(style.overflowY) && one.scrollHeight > one.clientHeight + 1)
        );
      })
      .map(name);
    return {
      sideways: scrollWidth - clientWidth,
      outside: outside.slice(0, 6),
      cut: cut.slice(0, 6),
    };
  });
}

/** Goes through the page by Tab. @returns what has no ring, and what something else lies over */
async function walkByKeyboard(page: Page) {
  const problems: string[] = [];
  let stops = 0;
  await page.evaluate(() => {
    (document.activeElement as HTMLElement | null)?.blur();
    document.querySelector("[data-seen]")?.removeAttribute("data-seen");
  });
  for (; stops < MOST_STOPS; stops += 1) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate((ring) => {
      const element = document.activeElement;
      if (!element || element === document.body) return "end";
      if (element.hasAttribute("data-seen")) return "end";
      element.setAttribute("data-seen", "");
      const words = `${element.tagName.toLowerCase()}.${String(element.className)}: ${(element.textContent || element.getAttribute("aria-label") || "").trim().slice(0, 24)}`;
      // A box drawn over a native choice carries its ring.
      const drawn = element.matches("input[type=checkbox], input[type=radio]")
        ? [element, element.closest("label"), ...(element.parentElement?.children ?? [])]
        : [element, element.parentElement];
      const ringed = drawn.some((one) => {
        if (!one) return false;
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
        return (
          (outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= ring) ||
          boxShadow !== "none"
        );
      });
      if (!ringed) return `no ring: ${words}`;
      const box = element.getBoundingClientRect();
      // Somewhere in it the pointer would meet it: at least a part is not covered (WCAG 2.4.11).
      const points = [0.1, 0.5, 0.9].flatMap((x) =>
        [0.15, 0.5, 0.85].map((y) => [box.left + box.width * x, box.top + box.height * y] as const),
      );
      const met = points.some(([x, y]) => {
        const top = document.elementFromPoint(x, y);
        return element.contains(top) || element.closest("label")?.contains(top) === true;
      });
      return met || box.width < 2 ? null : `covered: ${words}`;
    }, RING_PX);
    if (stop === "end") break;
    if (stop) problems.push(stop);
  }
  await page.evaluate(() => {
    for (const one of document.querySelectorAll("[data-seen]")) one.removeAttribute("data-seen");
  });
  return { stops, problems };
}

async function check({ page }: Person, name: string, { name: size, width, height }: Size) {
  await page.setViewportSize({ width, height });
  await settled(page);
  await keepPicture(page, `${name}-${size}`);
  const cuts = await lookForCuts(page);
  const { stops, problems } = await walkByKeyboard(page);
  await keepPicture(page, `${name}-${size}-focus`);
  expect(stops).toBeGreaterThan(2);
  expect({ name, size, ...cuts, problems }).toEqual({
    name,
    size,
    sideways: 0,
    outside: [],
    cut: [],
    problems: [],
  });
}

async function prefer({ page }: Person, change: { language?: string; elder?: boolean }) {
  await page.evaluate(
    (preferences) => localStorage.setItem("yilian.preferences", JSON.stringify(preferences)),
    { language: "zh-CN", elder: false, textStep: 1, highContrast: false, ...change },
  );
}

// Each test has people of its own, and much of it is waiting.
describe.each(sizes)("at $name ($width × $height)", (size) => {
  it.concurrent("the doors", async () => {
    await visitor.page.setViewportSize(size);
    await visitor.open("/workbench/sign-in");
    await check(visitor, "sign-in", size);
    await visitor.open("/");
    await check(visitor, "patient-sign-in", size);
  });

  it.concurrent("the patient's pages", async () => {
    await patient.page.setViewportSize(size);
    for (const language of ["zh-CN", "bo", "en"]) {
      await prefer(patient, { language });
      await patient.open("/");
      await check(patient, `home-${language}`, size);
    }
    await prefer(patient, {});
    for (const [name, path] of [
      ["records", "/records"],
      ["opinion", opinionPath],
      ["me", "/me"],
    ] as const) {
      await patient.open(path);
      await check(patient, name, size);
    }
    for (const language of ["zh-CN", "bo", "en"]) {
      await prefer(patient, { language, elder: true });
      await patient.open("/");
      await check(patient, `elder-${language}`, size);
    }
    await prefer(patient, {});
  });

  it.concurrent("the workbench", async () => {
    const { page } = attending;
    await page.setViewportSize(size);
    await attending.open("/workbench/mine");
    await page.locator(".queue-item").first().waitFor();
    await check(attending, "queue", size);
    await page.locator(".queue-item").filter({ hasText: "洛桑" }).first().click();
    await page.waitForURL(/mine\/./);
    await check(attending, "consult", size);
    await attending.open("/workbench/mine");
    await page.locator(".queue-item").filter({ hasText: "达娃" }).click();
    await see(page.locator("#request-invitedInstitutionId")).not.toHaveValue("");
    await check(attending, "request", size);
    await attending.open("/workbench/account");
    await page.locator(".device").first().waitFor();
    await check(attending, "account", size);
  });
});

// Opening the story's room takes the request out of its draft: after all else.
describe.each(sizes)("the room at $name", (size) => {
  it("and the check before it", async () => {
    const { page } = attending;
    await page.setViewportSize(size);
    const story = await attending.context.request.post("/api/demo/story/room");
    const { consultId } = (await story.json()) as { consultId: string };
    await attending.open(`/room/${consultId}`);
    await page.locator(".device-check .status").first().waitFor();
    await check(attending, "device-check", size);
    await enterRoom(attending, `/room/${consultId}`);
    await page.getByRole("tab").first().waitFor({ state: "attached" });
    await check(attending, "room", size);
    await attending.open("/workbench/mine");
  });
});
