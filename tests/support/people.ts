/** People in front of real browsers: each in a context of its own, signed in by a click in the page. */
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Frame,
  type Locator,
  type Page,
} from "@playwright/test";
import { browserPath } from "./browser-path.ts";
import { type Face, installPageMedia } from "./page-media.ts";
import type { Stack } from "./stack.ts";

export type Device = "desktop" | "phone";
export type { Face };

const devices: Record<Device, BrowserContextOptions> = {
  desktop: { viewport: { width: 1440, height: 900 } },
  phone: {
    viewport: { width: 390, height: 844 },
    isMobile: true,
    hasTouch: true,
    deviceScaleFactor: 2,
  },
};

/** Colours far apart, pitches that share no harmonics. */
export const faces = {
  attending: { red: 200, green: 60, blue: 50, hertz: 440 },
  specialist: { red: 50, green: 90, blue: 200, hertz: 700 },
  family: { red: 60, green: 170, blue: 70, hertz: 1130 },
  interpreter: { red: 190, green: 170, blue: 40, hertz: 1810 },
} as const satisfies Record<string, Face>;

/** Below this nothing is heard; a voice arrives at about −25 dB. */
export const SILENCE_DB = -65;
const VOICE_DB = -45;
const COLOUR_TOLERANCE = 45;

const FAILED = "tests/output/failed";
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--autoplay-policy=no-user-gesture-required",
  "--use-fake-ui-for-media-stream",
  "--use-fake-device-for-media-stream",
  "--disable-background-timer-throttling",
  "--disable-renderer-backgrounding",
  "--disable-backgrounding-occluded-windows",
  "--disable-features=WebRtcHideLocalIpsWithMdns",
];

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: browserPath,
    args: FLAGS,
  });
}

/** SHA-256 of what an address gives to a person. */
export const fileHash = (person: Person, address: string): Promise<string> =>
  person.page.evaluate(async (url) => {
    const response = await fetch(url);
    const digest = await crypto.subtle.digest("SHA-256", await response.arrayBuffer());
    return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }, address);

/** A page, or a frame in one. */
export type Viewer = { readonly page: Page | Frame };

export type Person = {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the page threw; a journey ends with none. */
  readonly problems: string[];
  /** Opens an address of the product. */
  open(path: string): Promise<void>;
  close(): Promise<void>;
};

export async function createPerson(
  browser: Browser,
  stack: Stack,
  options: { device: Device; face?: Face; language?: string },
): Promise<Person> {
  const context = await browser.newContext({
    ...devices[options.device],
    baseURL: stack.url,
    locale: options.language ?? "zh-CN",
    timezoneId: "Asia/Shanghai",
    reducedMotion: "reduce",
    permissions: ["camera", "microphone"],
  });
  context.setDefaultTimeout(20_000);
  if (options.face) await context.addInitScript(installPageMedia, options.face);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.stack || String(error)));
  page.on("console", (message) => {
    if (process.env.PAGE_LOG) process.stderr.write(`[page] ${message.text()}\n`);
    // Refused by the content security policy, or React's own complaints; lost lines are expected.
    if (message.type() === "error" && /Content Security Policy|React/.test(message.text()))
      problems.push(message.text());
  });
  return {
    page,
    context,
    problems,
    open: async (path) => void (await page.goto(path)),
    close: () => context.close(),
  };
}

/** After a failed test: what everybody saw, and what their pages threw. */
export async function reportFailure(people: Record<string, Person | undefined>): Promise<void> {
  mkdirSync(FAILED, { recursive: true });
  for (const [name, person] of Object.entries(people)) {
    await person?.page.screenshot({ path: `${FAILED}/${name}.png` }).catch(() => {});
    for (const problem of person?.problems ?? []) console.error(`${name}: ${problem}`);
  }
}

/** One click on an account of the demo, on the page where it is listed. */
export async function signIn(person: Person, who: string, kind: "staff" | "patient" = "staff") {
  await person.open(kind === "staff" ? "/workbench/sign-in" : "/");
  await person.page
    .locator(".demo-account")
    .filter({ has: person.page.getByText(who, { exact: true }) })
    .click();
  await person.page.locator(".demo-account").first().waitFor({ state: "detached" });
}

/** Through the device check into the room. */
export async function enterRoom(person: Person, path?: string): Promise<void> {
  if (path) await person.open(path);
  await passDeviceCheck(person.page);
}

/** Waits until the page has its fonts and the level says that one is heard, then enters. */
export async function passDeviceCheck(page: Page | Frame): Promise<void> {
  const check = page.locator(".device-check");
  await check.locator(".level .status-good").waitFor();
  await page.waitForFunction(() => document.fonts.status === "loaded");
  await check.locator(".button-primary").click();
  await check.waitFor({ state: "detached" });
}

/** Draws a name with the mouse. */
export async function drawSignature(pad: Locator): Promise<void> {
  const { page, box } = { page: pad.page(), box: await seenBox(pad) };
  const at = (x: number, y: number) => [box.x + box.width * x, box.y + box.height * y] as const;
  await page.mouse.move(...at(0.2, 0.7));
  await page.mouse.down();
  for (const [x, y] of [
    [0.3, 0.2],
    [0.4, 0.8],
    [0.5, 0.3],
    [0.7, 0.6],
  ] as const)
    await page.mouse.move(...at(x, y), { steps: 4 });
  await page.mouse.up();
}

async function seenBox(locator: Locator) {
  await locator.scrollIntoViewIfNeeded();
  const box = await locator.boundingBox();
  if (!box) throw new Error("it is not on the page");
  return box;
}

/** The number that the check page asks for, read from the printed opinion as a person would. */
export async function printedDocumentId(person: Person, consultId: string): Promise<string> {
  const found = documentIdPattern.exec(await printedOpinion(person, consultId))?.[0];
  if (!found) throw new Error("the printed opinion has no document number");
  return found;
}

/** The words of the printed opinion. */
export async function printedOpinion(person: Person, consultId: string): Promise<string> {
  const answer = await person.context.request.get(`/api/consults/${consultId}/opinion.pdf`);
  const type = answer.headers()["content-type"];
  if (answer.status() !== 200 || !type?.startsWith("application/pdf"))
    throw new Error(`no printed opinion: ${answer.status()} ${type}`);
  return execFileSync("pdftotext", ["-layout", "-", "-"], {
    input: await answer.body(),
    encoding: "utf8",
  });
}
const documentIdPattern = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/;

/** Waits until new frames from a person are shown, and looks whether they are that person's. */
export async function seesMoving(viewer: Viewer, name: string, face?: Face): Promise<void> {
  await viewer.page.evaluate((who) => globalThis.measures.mark(who), name);
  await waitFor(viewer, `sees ${name} moving`, {
    run: (who: string) => globalThis.measures.framesSince(who) >= 5,
    with: name,
  });
  if (!face) return;
  await waitFor(viewer, `sees the colour of ${name}`, {
    run: ({ who, red, green, blue, tolerance }) => {
      const seen = globalThis.measures.colour(who);
      return (
        seen !== null &&
        Math.abs(seen[0] - red) < tolerance &&
        Math.abs(seen[1] - green) < tolerance &&
        Math.abs(seen[2] - blue) < tolerance
      );
    },
    with: { who: name, ...face, tolerance: COLOUR_TOLERANCE },
  });
}

/** Waits until a person's voice arrives. */
export async function hears(listener: Viewer, face: Face): Promise<void> {
  await waitFor(listener, `hears ${face.hertz} Hz`, {
    run: ({ hertz, least }) => globalThis.measures.loudness(hertz) > least,
    with: { hertz: face.hertz, least: VOICE_DB },
  });
}

/** Waits until a person's voice arrives no more. */
export async function hearsNoMore(listener: Viewer, face: Face): Promise<void> {
  await waitFor(listener, `no longer hears ${face.hertz} Hz`, {
    run: ({ hertz, most }) => globalThis.measures.loudness(hertz) < most,
    with: { hertz: face.hertz, most: SILENCE_DB },
  });
}

/** Waits until more audio energy has arrived than at the moment of asking. */
export async function soundArrives(listener: Viewer): Promise<void> {
  const before = await listener.page.evaluate(() => globalThis.measures.received());
  await waitFor(listener, "receives sound", {
    run: async (energy: number) => (await globalThis.measures.received()).energy > energy,
    with: before.energy,
  });
}

async function waitFor<Argument>(
  person: Viewer,
  what: string,
  condition: { run: (argument: Argument) => boolean | Promise<boolean>; with: Argument },
): Promise<void> {
  try {
    await person.page.waitForFunction(
      condition.run as (argument: unknown) => boolean,
      condition.with as unknown,
      { polling: 100 },
    );
  } catch (error) {
    const seen = await person.page.locator("body").innerText();
    throw new Error(`${what}: did not happen. The page says:\n${seen.slice(0, 1500)}`, {
      cause: error,
    });
  }
}
