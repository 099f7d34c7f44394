/**
 * Identity as people meet it: a new doctor's first day, with passkeys of Chromium's virtual
 * authenticator and codes of an authenticator app, a locked screen, and sessions ended from afar.
 */
import { type Browser, type CDPSession, type Page, request } from "@playwright/test";
import { generate } from "otplib";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
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

const noLine = "连不上服务器";

let stack: Stack;
let browser: Browser;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

describe("a new doctor", () => {
  const login = "xinyisheng";
  let doctor: Person;
  let page: Page;
  let cdp: CDPSession;
  let authenticatorId: string;
  let password: string;
  let secret: string;
  let code: string;

  beforeAll(async () => {
    const printed = stack.run("scripts/add-account.ts", [
      ...["--login", login, "--person", "新医生"],
      ...["--institution", "xuhui-central", "--role", "specialist"],
    ]);
    password = /password (\S+)/.exec(printed)![1]!;
    doctor = await createPerson(browser, stack, { device: "desktop" });
    page = doctor.page;
    cdp = await doctor.context.newCDPSession(page);
    await cdp.send("WebAuthn.enable");
    ({ authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    }));
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await reportFailure({ doctor });
  });
  afterAll(async () => {
    expect(doctor.problems).toEqual([]);
    await doctor.close();
  });

  /** Whether the finger on the reader is the owner's. */
  const isOwner = (isUserVerified: boolean) =>
    cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified });
  const button = (name: string) => page.getByRole("button", { name, exact: true });
  const card = (name: string) =>
    page.locator("section.card", { has: page.getByRole("heading", { name, exact: true }) });
  const factors = () => card("第二道验证");
  const typePassword = async () => {
    await doctor.open("/workbench/sign-in");
    await page.getByLabel("登录名").fill(login);
    await page.getByLabel("密码", { exact: true }).fill(password);
    await button("登录").click();
    // The door and the second step have a button of the same name.
    await page.getByLabel("登录名").waitFor({ state: "detached" });
  };
  const signOut = async () => {
    await doctor.open("/workbench/account");
    await button("退出登录").click();
    await page.getByLabel("登录名").waitFor();
  };
  const isInside = () => page.locator(".shell-person", { hasText: "新医生" }).waitFor();

  it("comes in by password, and can do nothing before a second factor is there", async () => {
    await doctor.open("/workbench/sign-in");
    await page.getByLabel("登录名").fill(login);
    await page.getByLabel("密码", { exact: true }).fill("not the password");
    await button("登录").click();
    await page.getByRole("alert").getByText("用户名或密码不对").waitFor();
    await typePassword();
    await page.getByText("先设好第二道验证，再开始工作").waitFor();
    await doctor.open("/workbench/mine");
    await page.getByText("先设好第二道验证，再开始工作").waitFor();
    await keepPicture(page, "account-first-desktop-zh-CN", { fullPage: true });
    expect((await doctor.context.request.get("/api/patients?q=x")).status()).toBe(403);
  });

  it("registers a passkey, also when the line breaks at the first try", async () => {
    await doctor.context.setOffline(true);
    await button("添加通行密钥").click();
    await factors().getByText(noLine).waitFor();
    await doctor.context.setOffline(false);
    // Somebody else's finger: nothing is registered, and it is said.
    await isOwner(false);
    await button("添加通行密钥").click();
    await factors().getByText("通行密钥没有完成").waitFor();
    await isOwner(true);
    await button("添加通行密钥").click();
    await factors().getByRole("listitem").filter({ hasText: "通行密钥" }).waitFor();
    await see(page.getByText("先设好第二道验证")).toHaveCount(0);
    const { credentials } = await cdp.send("WebAuthn.getCredentials", { authenticatorId });
    expect(credentials).toHaveLength(1);
    // Once more on the same device: it has one.
    await button("添加通行密钥").click();
    await factors().getByText("这台设备上已有您的通行密钥").waitFor();
  });

  it("signs in by the passkey alone", async () => {
    await signOut();
    await isOwner(false);
    await button("用通行密钥登录").click();
    await page.getByText("通行密钥没有完成").waitFor();
    await isOwner(true);
    await button("用通行密钥登录").click();
    await isInside();
  });

  it("unlocks the screen by the passkey: a password is not even asked for", async () => {
    // The server hears nothing of it yet: a reload opens nothing all the same.
    const lock = "**/api/session/lock";
    await page.route(lock, (route) => route.abort());
    await button("换人").click();
    await page.getByRole("heading", { name: "已锁屏" }).waitFor();
    await see(page.locator("input[type=password]")).toHaveCount(0);
    await page.reload();
    await page.getByRole("heading", { name: "已锁屏" }).waitFor();
    await page.unroute(lock);
    // A proof would lift the lock that is still on its way, so it is awaited.
    const told = page.waitForResponse((answer) => answer.url().endsWith("/api/session/lock"));
    await page.reload();
    await page.getByRole("heading", { name: "已锁屏" }).waitFor();
    expect((await told).ok()).toBe(true);
    await isOwner(false);
    await button("用通行密钥验证").click();
    await page.getByText("通行密钥没有完成").waitFor();
    await doctor.context.setOffline(true);
    await button("用通行密钥验证").click();
    await page.getByText(noLine).waitFor();
    await keepPicture(page, "lock-desktop-zh-CN");
    await doctor.context.setOffline(false);
    await isOwner(true);
    await button("用通行密钥验证").click();
    await isInside();
  });

  it("registers the signing key after a proof by the passkey", async () => {
    await doctor.open("/workbench/account");
    const signing = card("签名密钥");
    await signing.getByRole("button", { name: "用通行密钥验证" }).waitFor();
    await see(signing.locator("input[type=password]")).toHaveCount(0);
    await signing.getByRole("button", { name: "用通行密钥验证" }).click();
    await signing.getByText("这台电脑可以签名").waitFor();
  });

  it("signs in by password and then the passkey; a lost answer leads back to the beginning", async () => {
    await signOut();
    await typePassword();
    const verify = "**/api/session/staff/passkey/verify";
    await page.route(verify, async (route) => {
      // It is done over there, and neither the answer nor its cookie comes back.
      const asked = route.request();
      const line = await request.newContext();
      const answer = await line.fetch(asked.url(), {
        method: asked.method(),
        headers: await asked.allHeaders(),
        data: asked.postDataBuffer() ?? "",
      });
      expect(answer.status()).toBe(200);
      await line.dispose();
      await route.abort();
    });
    await button("用通行密钥登录").click();
    await page.getByText("请从头再登录一次").waitFor();
    await page.unroute(verify);
    await button("从头登录").click();
    await page.getByLabel("登录名").waitFor();
    await typePassword();
    await button("用通行密钥登录").click();
    await isInside();
  });

  it("sets up an authenticator app; the code typed while the line was lost is kept", async () => {
    await doctor.open("/workbench/account");
    await button("设置动态码").click();
    await page.getByRole("img", { name: /二维码/ }).waitFor();
    secret = (await page.locator(".totp-secret").innerText()).trim();
    const field = page.getByLabel("6 位动态码");
    await field.fill(await wrongCode(secret));
    await button("确认启用").click();
    await factors().getByText("动态码不对").waitFor();
    await keepPicture(page, "totp-desktop-zh-CN", { fullPage: true });
    const first = await generate({ secret, epoch: seconds() });
    await field.fill(first);
    await doctor.context.setOffline(true);
    await button("确认启用").click();
    await factors().getByText(noLine).waitFor();
    await see(field).toHaveValue(first);
    await doctor.context.setOffline(false);
    await button("确认启用").click();
    await factors().getByRole("listitem").filter({ hasText: "动态码" }).waitFor();
  });

  it("signs in by password and code; a wrong and a used code are refused in words", async () => {
    await signOut();
    await typePassword();
    const field = page.getByLabel("6 位动态码");
    await field.fill(await wrongCode(secret));
    await button("登录").click();
    await page.getByRole("alert").getByText("动态码不对").waitFor();
    // The next step's code: good from now on for a minute at least, and never used so far.
    code = await generate({ secret, epoch: seconds() + 30 });
    await field.fill(code);
    await doctor.context.setOffline(true);
    await button("登录").click();
    await page.getByText(noLine).waitFor();
    await see(field).toHaveValue(code);
    await doctor.context.setOffline(false);
    await button("登录").click();
    await isInside();

    await signOut();
    await typePassword();
    await field.fill(code);
    await button("登录").click();
    await page.getByRole("alert").getByText("这个动态码已经用过").waitFor();
    await keepPicture(page, "second-factor-desktop-zh-CN");
    // The other factor is still there.
    await button("用通行密钥登录").click();
    await isInside();
  });

  it("removes the passkey, but not the last factor", async () => {
    await doctor.open("/workbench/account");
    await factors()
      .getByRole("listitem")
      .filter({ hasText: "通行密钥" })
      .getByRole("button", { name: "移除" })
      .click();
    await see(factors().getByRole("listitem")).toHaveCount(1);
    // Gone there, and refused here: the browser still has it.
    await signOut();
    await button("用通行密钥登录").click();
    await page.getByRole("alert").getByText("这把通行密钥在这里没有登记").waitFor();
  });
});

describe("an account without a second factor", () => {
  it("proves itself by password before its signing key is made", async () => {
    const specialist = await createPerson(browser, stack, { device: "desktop" });
    const { page } = specialist;
    await signIn(specialist, "周敏华");
    await specialist.open("/workbench/account");
    const make = page.getByRole("button", { name: "生成并登记密钥" });
    await page.getByLabel("再输一次密码").fill("not the password");
    await make.click();
    await page.getByRole("alert").getByText("用户名或密码不对").waitFor();
    await page.getByLabel("再输一次密码").fill("yilian-demo");
    await make.click();
    await page.getByText("这台电脑可以签名").waitFor();
    expect(specialist.problems).toEqual([]);
    await specialist.close();
  });
});

describe("where I am signed in", () => {
  it("is listed with device and institution, and ends over there at once", async () => {
    const [here, there, elsewhere] = await Promise.all([
      createPerson(browser, stack, { device: "desktop" }),
      createPerson(browser, stack, { device: "desktop" }),
      createPerson(browser, stack, { device: "phone" }),
    ]);
    const stranger = await createPerson(browser, stack, { device: "desktop" });
    const people = { here, there, elsewhere, stranger };
    try {
      await signIn(here, "旦增");
      await signIn(there, "旦增");
      await signIn(elsewhere, "旦增");
      await signIn(stranger, "德吉");
      await there.page.locator(".shell-who .status-good").waitFor();
      await elsewhere.page.locator(".shell-who .status-good").waitFor();

      await here.open("/workbench/account");
      const rows = here.page.locator(".device");
      await see(rows).toHaveCount(3);
      await see(rows.first()).toContainText("这台设备");
      await see(rows.first()).toContainText(/电脑 · Chrome · Linux/);
      await see(rows.first()).toContainText("萨迦县卫生服务中心");
      await keepPicture(here.page, "account-desktop-zh-CN", { fullPage: true });
      // One: the page over there leaves without being touched.
      await there.page.evaluate(() => Object.assign(globalThis, { untouched: true }));
      const newest = rows.filter({ hasNotText: "这台设备" });
      await newest.first().getByRole("button").click();
      await see(rows).toHaveCount(2);
      await Promise.any([
        there.page.getByText("这里已退出登录").waitFor(),
        elsewhere.page.getByText("这里已退出登录").waitFor(),
      ]);
      // The other one as well.
      await newest.first().getByRole("button").click();
      await see(rows).toHaveCount(1);
      for (const { page } of [there, elsewhere]) {
        await page.getByText("这里已退出登录").waitFor();
        await page.getByLabel("登录名").waitFor();
      }
      expect(
        await there.page.evaluate(() => (globalThis as { untouched?: boolean }).untouched),
      ).toBe(true);
      // Nobody else's, and not this one.
      await stranger.page.reload();
      await stranger.page.locator(".shell-person", { hasText: "德吉" }).waitFor();
      await here.page
        .getByText("没有登录在别的设备上")
        .or(here.page.getByText("已退出，那边的页面已离开"))
        .first()
        .waitFor();
      for (const [name, { problems }] of Object.entries(people))
        expect({ name, problems }).toEqual({ name, problems: [] });
    } catch (error) {
      await reportFailure(people);
      throw error;
    } finally {
      for (const person of Object.values(people)) await person.close();
    }
  });

  it("is shown to a patient too, who ends all others at once", async () => {
    const phones = await Promise.all(
      Array.from({ length: 3 }, () => createPerson(browser, stack, { device: "phone" })),
    );
    const [mine, ...lost] = phones as [Person, Person, Person];
    try {
      for (const phone of phones) {
        await signIn(phone, "洛桑", "patient");
        await phone.page.getByRole("navigation").waitFor();
      }
      await mine.page.getByRole("link", { name: "我的", exact: true }).click();
      await see(mine.page.locator(".device")).toHaveCount(3);
      await mine.page.getByRole("button", { name: "让其他设备都退出" }).click();
      await see(mine.page.locator(".device")).toHaveCount(1);
      for (const { page } of lost) await page.locator(".demo-account").first().waitFor();
    } catch (error) {
      await reportFailure(Object.fromEntries(phones.map((one, index) => [`phone${index}`, one])));
      throw error;
    } finally {
      for (const phone of phones) await phone.close();
    }
  });
});

const seconds = () => Math.floor(Date.now() / 1000);

/** Six digits that are not good now, nor were or will be a minute away. */
async function wrongCode(secret: string): Promise<string> {
  const good = new Set<string>();
  for (const offset of [-60, -30, 0, 30, 60])
    good.add(await generate({ secret, epoch: seconds() + offset }));
  return ["000000", "111111", "222222", "333333", "444444", "555555"].find(
    (one) => !good.has(one),
  )!;
}
