/**
 * An app asks a mother to see her child's record: she signs in on the way, reads who asks and for what,
 * allows it, finds it in her list and ends it. A doctor lets one in for one patient whom he finds himself.
 */
import { createHash, randomBytes } from "node:crypto";
import type { Browser } from "@playwright/test";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { askAxe, wcagRules } from "../support/axe.ts";
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

const back = "https://diary.example.org/back";
let stack: Stack;
let browser: Browser;
let doctor: Person;
let mother: Person;
let app: string;
const verifier = randomBytes(32).toString("base64url");

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
  [doctor, mother] = await Promise.all([
    createPerson(browser, stack, { device: "desktop" }),
    createPerson(browser, stack, { device: "phone" }),
  ]);
  for (const { context } of [doctor, mother])
    await context.route("https://diary.example.org/**", (route) =>
      route.fulfill({ contentType: "text/html", body: "<h1>diary</h1>" }),
    );
  await signIn(doctor, "郑岚");
  app = await doctor.page.evaluate(async (redirect) => {
    const { csrfToken } = await (await fetch("/api/session")).json();
    const answer = await fetch("/api/smart/clients", {
      method: "POST",
      headers: { "content-type": "application/json", "x-csrf-token": csrfToken },
      body: JSON.stringify({
        name: "血压日记",
        kind: "public-app",
        redirectUris: [redirect],
        scopes: ["patient/*.rs", "user/*.cruds", "offline_access"],
      }),
    });
    return (await answer.json()).client.id as string;
  }, back);
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await reportFailure({ doctor, mother });
});

const address = (scope: string, endpoint: string) =>
  `/auth/authorize?${new URLSearchParams({
    response_type: "code",
    client_id: app,
    redirect_uri: back,
    scope,
    state: "s1",
    aud: `${stack.url}${endpoint}`,
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
  })}`;

async function looksRight({ page }: Person, name: string) {
  await page.evaluate(() => document.fonts.ready);
  await keepPicture(page, `apps-${name}`, { fullPage: true });
  const { violations } = await askAxe(page, wcagRules);
  expect(violations.map((one) => `${one.id}: ${one.nodes[0]?.html}`)).toEqual([]);
  expect(await page.locator("body").innerText()).not.toMatch(/\bapps\.[a-z]/i);
  expect(
    await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
    "nothing to scroll sideways",
  ).toBe(true);
}

it("asks a mother, who signs in on the way, reads it in her language, allows it and ends it", async () => {
  const { page } = mother;
  await mother.open(
    address("launch/patient patient/*.rs offline_access", "/stores/sakya-chc/fhir"),
  );
  await page.getByRole("button", { name: "我是病人或家属" }).click();
  await page.locator(".demo-account").filter({ hasText: "央金" }).first().click();
  await see(page.getByRole("heading", { name: "“血压日记”想看病历" })).toBeVisible();
  await see(page.getByText("会回到 diary.example.org")).toBeVisible();
  await looksRight(mother, "phone-zh");
  for (const [language, elder] of [
    ["bo", false],
    ["en", false],
    ["zh-CN", true],
  ] as const) {
    await page.evaluate(
      (preferences) => localStorage.setItem("yilian.preferences", JSON.stringify(preferences)),
      { language, elder },
    );
    await page.reload();
    await see(page.locator(".apps-answer")).toBeVisible();
    await looksRight(mother, `phone-${elder ? "elder" : language}`);
  }
  await see(page.getByRole("radio", { name: /达娃/ })).toBeChecked();
  await page.getByRole("button", { name: "同意", exact: true }).click();
  await page.waitForURL(`${back}?**`);
  const code = new URL(page.url()).searchParams.get("code")!;
  const answer = await fetch(`${stack.url}/auth/token`, {
    method: "POST",
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      origin: "https://diary.example.org",
    },
    body: new URLSearchParams({
      grant_type: "authorization_code",
      client_id: app,
      redirect_uri: back,
      code,
      code_verifier: verifier,
    }),
  });
  const tokens = (await answer.json()) as { access_token: string; patient: string };
  const read = async () =>
    (
      await fetch(`${stack.url}/stores/sakya-chc/fhir/Patient/${tokens.patient}`, {
        headers: { authorization: `Bearer ${tokens.access_token}` },
      })
    ).status;
  expect(await read()).toBe(200);

  await mother.open("/me");
  const row = page.getByRole("listitem").filter({ hasText: "血压日记" });
  await see(row).toContainText("达娃");
  await looksRight(mother, "phone-list");
  await row.getByRole("button", { name: /让它停/ }).click();
  await see(page.getByText("它什么都看不到了")).toBeVisible();
  expect(await read()).toBe(401);
});

it("lets a doctor choose a patient, or say no; an app that nobody registered gets nothing", async () => {
  const { page } = doctor;
  await page.evaluate(async () => {
    const { csrfToken } = await (await fetch("/api/session")).json();
    await fetch("/api/session", { method: "DELETE", headers: { "x-csrf-token": csrfToken } });
  });
  await doctor.open(
    address("launch/patient patient/Observation.rs patient/AllergyIntolerance.rs", "/fhir"),
  );
  await page.getByRole("button", { name: "我是医院工作人员" }).click();
  await page
    .locator(".demo-account")
    .filter({ has: page.getByText("周敏华", { exact: true }) })
    .click();
  await see(page.getByRole("heading", { name: "“血压日记”想看病历" })).toBeVisible();
  await page.getByRole("button", { name: "同意", exact: true }).click();
  await see(page.getByText("请先选给谁用")).toBeVisible();
  const someone = await page.evaluate(async () => {
    const found = await (await fetch("/fhir/Patient?_count=1")).json();
    return found.entry[0].resource.name[0].text as string;
  });
  await page.getByLabel("病人姓名").fill(someone);
  await page.getByRole("button", { name: "查找" }).click();
  await page.getByRole("radio").first().check();
  await looksRight(doctor, "desktop");
  await page.getByRole("button", { name: "不同意" }).click();
  await page.waitForURL(`${back}?**`);
  expect(new URL(page.url()).searchParams.get("error")).toBe("access_denied");

  await doctor.open(
    address("patient/*.rs", "/fhir").replace(app, "00000000-0000-4000-8000-000000000000"),
  );
  await see(page.getByRole("heading", { name: "这个应用现在不能看病历" })).toBeVisible();
  expect(page.url()).toContain("/apps/authorize?problem=client");
});
