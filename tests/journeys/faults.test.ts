/** What breaks during a consult, really broken: nobody has to click for it to heal. */
import type { Browser } from "@playwright/test";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  createPerson,
  enterRoom,
  faces,
  fileHash,
  hears,
  launchBrowser,
  type Person,
  reportFailure,
  seesMoving,
  signIn,
} from "../support/people.ts";
import { see } from "../support/see.ts";
import { type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
let browser: Browser;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

describe("a consult of three", () => {
  let attending: Person;
  let specialist: Person;
  let interpreter: Person;
  let consultId: string;

  const everybodySeesEverybody = () =>
    Promise.all([
      seesMoving(attending, "周敏华", faces.specialist),
      seesMoving(attending, "拉珍", faces.interpreter),
      seesMoving(specialist, "旦增", faces.attending),
      seesMoving(specialist, "拉珍", faces.interpreter),
      seesMoving(interpreter, "旦增", faces.attending),
      seesMoving(interpreter, "周敏华", faces.specialist),
    ]);
  const everybodyHearsEverybody = () =>
    Promise.all([
      hears(attending, faces.specialist),
      hears(attending, faces.interpreter),
      hears(specialist, faces.attending),
      hears(specialist, faces.interpreter),
      hears(interpreter, faces.attending),
      hears(interpreter, faces.specialist),
    ]);

  beforeAll(async () => {
    [attending, specialist, interpreter] = await Promise.all([
      createPerson(browser, stack, { device: "desktop", face: faces.attending }),
      createPerson(browser, stack, { device: "desktop", face: faces.specialist }),
      createPerson(browser, stack, { device: "desktop", face: faces.interpreter }),
    ]);
    const story = await attending.context.request.post("/api/demo/story/room");
    consultId = ((await story.json()) as { consultId: string }).consultId;
    await signIn(attending, "旦增");
    await signIn(specialist, "周敏华");
    await signIn(interpreter, "拉珍");
    await enterRoom(attending, `/room/${consultId}`);
    await enterRoom(specialist, `/room/${consultId}`);
    await enterRoom(interpreter, `/room/${consultId}`);
    await everybodySeesEverybody();
    await everybodyHearsEverybody();
  });

  // Three rooms would take the machine from the tests that follow.
  afterAll(async () => {
    for (const person of [attending, specialist, interpreter]) await person?.close();
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await reportFailure({ attending, specialist, interpreter });
  });

  it("goes on undisturbed while the server is restarted", async () => {
    const before = await Promise.all(
      [attending, specialist, interpreter].map(({ page }) =>
        page.evaluate(async () => ({
          connections: globalThis.measures.connections(),
          ...(await globalThis.measures.received()),
        })),
      ),
    );
    await stack.restartServer({
      // While nobody answers REST, pictures and sound keep coming.
      meanwhile: async () => {
        await everybodySeesEverybody();
        await everybodyHearsEverybody();
      },
    });
    for (const [index, { page }] of [attending, specialist, interpreter].entries()) {
      const now = await page.evaluate(async () => ({
        connections: globalThis.measures.connections(),
        ...(await globalThis.measures.received()),
      }));
      // The same connections: counters that only rise.
      expect(now.connections).toEqual(before[index]!.connections);
      expect(now.frames).toBeGreaterThan(before[index]!.frames);
      expect(now.energy).toBeGreaterThan(before[index]!.energy);
      await see(page.getByText("断线了，正在自动重连，不用操作")).toHaveCount(0);
    }
    // The pages find the server again by themselves: a change on one side is read on the other.
    await specialist.page.getByRole("tab", { name: "会诊意见" }).click();
    await specialist.page.getByLabel("看过的资料").fill("服务器重启以后写的。");
    await attending.page.getByRole("tab", { name: "会诊意见" }).click();
    await attending.page.getByText("服务器重启以后写的。").waitFor();
  });

  it("comes back by itself on another worker when its own is killed", async () => {
    const port = await attending.page.evaluate(() => globalThis.measures.remotePort());
    const killed = stack.killWorker(port!);
    expect(killed).toBeGreaterThan(0);
    // A new connection, to another port, without a click.
    for (const { page } of [attending, specialist, interpreter]) {
      await page.waitForFunction(
        async (old) => {
          const now = await globalThis.measures.remotePort();
          return now !== null && now !== old;
        },
        port,
        { polling: 200 },
      );
    }
    await everybodySeesEverybody();
    await everybodyHearsEverybody();
    await see(attending.page.getByRole("heading", { name: "您已离开会诊室" })).toHaveCount(0);
  });

  it("refuses whoever comes with a token that was used before", async () => {
    const thief = await createPerson(browser, stack, { device: "desktop", face: faces.family });
    await signIn(thief, "吴启航");
    // What the attending doctor's own page was given for an entry that took place.
    const [answer] = await Promise.all([
      attending.page.waitForResponse(/\/room-token$/),
      (async () => {
        await attending.page.reload();
        await enterRoom(attending);
      })(),
    ]);
    const used = await answer.text();
    await seesMoving(attending, "周敏华", faces.specialist);
    await thief.page.route("**/room-token", (route) =>
      route.fulfill({ contentType: "application/json", body: used }),
    );
    const signal = thief.page.waitForEvent("websocket", (one) =>
      one.url().startsWith(stack.mediaUrl.replace("http", "ws")),
    );
    await enterRoom(thief, `/room/${consultId}`);
    await (await signal).waitForEvent("framereceived", ({ payload }) =>
      payload.toString().includes("token-used"),
    );
    await see(thief.page.locator(".tile[data-peer]")).toHaveCount(0);
    await see(specialist.page.getByText("吴启航 ·")).toHaveCount(0);
    // The one whose token it was is not put out by it.
    await seesMoving(attending, "周敏华", faces.specialist);
    await seesMoving(specialist, "旦增", faces.attending);
    await thief.close();
  });

  it("brings a still whole although the network went away while it was sent", async () => {
    const { page, context } = attending;
    let pieces = 0;
    await page.route("**/api/uploads/*", async (route) => {
      if (route.request().method() === "PATCH") pieces += 1;
      if (pieces === 3) await context.setOffline(true);
      await route.continue();
    });
    await page.getByRole("button", { name: "清晰照片" }).click();
    await page.getByText("断线了，正在自动重连，不用操作").waitFor();
    expect(pieces).toBe(3);
    await page.unroute("**/api/uploads/*");
    await context.setOffline(false);
    const image = specialist.page.locator(".board img");
    await image.waitFor();
    const [photo] = await page.evaluate(() => globalThis.measures.photos);
    const arrived = await fileHash(specialist, (await image.getAttribute("src"))!);
    expect(arrived).toBe(photo!.sha256);
    await seesMoving(specialist, "旦增", faces.attending);
    await hears(specialist, faces.attending);
  });

  it("left no page with an error", () => {
    for (const [name, person] of Object.entries({ attending, specialist, interpreter }))
      expect({ name, problems: person.problems }).toEqual({ name, problems: [] });
  });
});

describe("two people at one desk", () => {
  it("lets one accept, and tells the other who did", async () => {
    const [one, two] = await Promise.all([
      createPerson(browser, stack, { device: "desktop" }),
      createPerson(browser, stack, { device: "desktop" }),
    ]);
    await signIn(one, "李佳");
    await signIn(two, "李佳");
    for (const { page } of [one, two]) {
      await page.getByRole("link", { name: /血红蛋白 226/ }).click();
      await page.getByRole("button", { name: /^受理并通知/ }).waitFor();
    }
    // The second one has not heard yet: both act on what they see.
    await two.context.setOffline(true);
    const accept = two.page.getByRole("button", { name: /^受理并通知/ });
    const release = Promise.withResolvers<void>();
    await two.page.route("**/api/consults/**", async (route) => {
      if (route.request().method() === "GET") await release.promise;
      await route.continue();
    });
    await one.page.getByRole("button", { name: /^受理并通知/ }).click();
    await one.page.getByText("已约定时间").first().waitFor();
    await two.context.setOffline(false);
    await accept.click();
    await two.page.getByRole("alert").getByText(/李佳/).waitFor();
    release.resolve();
    await two.page.getByRole("main").getByText("已约定时间").first().waitFor();
    expect([one.problems, two.problems]).toEqual([[], []]);
    await one.close();
    await two.close();
  });
});
