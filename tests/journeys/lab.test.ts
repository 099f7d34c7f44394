/**
 * The laboratory's day: a box is unpacked against what was sent, a file with bad rows is taken, two people look
 * at a positive pool, and whoever was in it is asked again. Real server, real pages, real jobs.
 */
import type { Browser, Page } from "@playwright/test";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { makeTubeCode } from "../../server/sampling/tube-code.ts";
import { askAxe } from "../support/axe.ts";
import { createSampling } from "../support/lab.ts";
import { createPerson, launchBrowser, type Person, reportFailure } from "../support/people.ts";
import { keepPicture } from "../support/picture.ts";
import { see as expectPage } from "../support/see.ts";
import { signedIn } from "../support/signed-in.ts";
import { type Stack, startStack } from "../support/stack.ts";

const see = expectPage.configure({ timeout: 15_000 });

let stack: Stack;
let browser: Browser;
let qian: Person;
let li: Person;
let yan: Person;
let sampling: Awaited<ReturnType<typeof createSampling>>;
let tubes: Record<"good" | "broken" | "pool" | "lost" | "late", string>;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
  sampling = await createSampling({
    as: async (who) => {
      const client = await signedIn(stack, who);
      return {
        get: async (url) => ({ status: 200, body: await client.get(url) }),
        post: async (url, body) => ({ status: 200, body: await client.send("POST", url, body) }),
      };
    },
    clock: {
      get now() {
        return new Date();
      },
    },
  });
  const person = (name: string, more = {}) => sampling.person(name, more);
  tubes = {
    good: await sampling.tube([await person("卢建华"), await person("温玉兰")]),
    broken: await sampling.tube([await person("施文斌")]),
    pool: await sampling.tube([
      await person("沈国强"),
      await person("许阿宝", { phone: "021-56885678", birthDate: "1944-01-01", priority: "elder" }),
    ]),
    lost: await sampling.tube([await person("季春燕")]),
    late: await lateTube(await person("毛小燕")),
  };
  await sampling.box([tubes.good, tubes.broken, tubes.pool, tubes.lost]);
  [qian, li, yan] = (await Promise.all(["qianwei", "liqing", "yanping"].map(personOf))) as [
    Person,
    Person,
    Person,
  ];
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await reportFailure({ qian, li, yan });
  expect([qian, li, yan].flatMap((one) => one.problems)).toEqual([]);
});

/** Sealed, and swabbed longer ago than a tube may take to the laboratory: the sampler's phone says so. */
async function lateTube(person: { registrationId: string }): Promise<string> {
  const sampler = await signedIn(stack, "taoxiaohui");
  const work = await sampler.get<{ station: { id: string } }>("/api/sampling/work");
  const tube = makeTubeCode(10, 11_990);
  const at = new Date(Date.now() - 150 * 60_000).toISOString();
  const step = (kind: string, registration: string | null) => ({
    id: crypto.randomUUID(),
    step: kind,
    station: work.station.id,
    tube,
    registration,
    purpose: null,
    retest: false,
    reason: null,
    at,
  });
  await sampler.send("POST", "/api/sampling/steps", {
    sentAt: new Date().toISOString(),
    steps: [step("open", null), step("sample", person.registrationId), step("seal", null)],
  });
  await sampler.close();
  return tube;
}

async function personOf(loginName: string): Promise<Person> {
  const person = await createPerson(browser, stack, { device: "desktop" });
  await person.context.request.post("/api/session/demo", { data: { loginName } });
  return person;
}

async function looksWell(page: Page, name: string): Promise<void> {
  await keepPicture(page, `lab-${name}`, { fullPage: true });
  const { violations } = await askAxe(page);
  expect(
    violations.map(({ id, nodes }) => `${name} ${id}: ${nodes.map(({ html }) => html).join(" ")}`),
  ).toEqual([]);
  const sideways = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(sideways, `${name} scrolls sideways`).toBeLessThanOrEqual(0);
}

describe("the laboratory", () => {
  it("unpacks a box: signed for, scanned, one broken, one missing", async () => {
    const { page } = qian;
    await qian.open("/workbench/lab");
    await page.locator(".lab-line").first().click();
    await see(page.locator(".lab-tubes li")).toHaveCount(4);
    await page.getByRole("button", { name: "签收" }).click();
    await see(page.getByText(/钱伟.*签收，清点 4 管/)).toBeVisible();
    const field = page.getByLabel("采样管编码");
    for (const tube of [tubes.good, tubes.pool]) {
      await field.fill(tube);
      await field.press("Enter");
      await see(page.getByText(`已接收 ${tube}`)).toBeVisible();
    }
    await field.fill("YT1000000000");
    await field.press("Enter");
    await see(page.getByText(/不是采样管编码/).first()).toBeVisible();
    await page.getByRole("radio", { name: "封口破损" }).check();
    await field.fill(tubes.broken);
    await field.press("Enter");
    await see(page.getByText("已通知管内 1 人重新采样。")).toBeVisible();
    // Late: rejected, unless somebody answers for it with a remark.
    await page.getByRole("radio", { name: "完好" }).check();
    await field.fill(tubes.late);
    await field.press("Enter");
    await see(page.getByRole("button", { name: /我负责，照常检测/ })).toBeDisabled();
    await page.getByLabel("为什么仍可检测").fill("全程 4 ℃ 冷链，路上堵车");
    await looksWell(page, "late");
    await page.getByRole("button", { name: "我负责，照常检测（1 人）" }).click();
    await see(page.getByText(`已接收 ${tubes.late}`)).toBeVisible();
    await see(page.getByText("超时仍收下检测")).toBeVisible();
    await page.getByRole("button", { name: "箱已空，其余记为缺管" }).click();
    await see(page.getByText("缺 1 管")).toBeVisible();
    await looksWell(page, "reception");
  });

  it("takes a file: good rows in, bad ones by line; the same again changes nothing", async () => {
    const { page } = qian;
    await page.getByRole("link", { name: "导入文件" }).click();
    await looksWell(page, "import-empty");
    const file = {
      name: "20261122-板3.csv",
      mimeType: "text/csv",
      buffer: Buffer.from(
        `\uFEFF管号,结果,CtORF1ab,CtN\r\n${tubes.good},阴性,,\r\n${tubes.pool},阳性,31.2,32.8\r\n${tubes.lost},阴性,,\r\nYT1000000000,阴性,,\r\n${tubes.broken},也许,,\r\n`,
      ),
    };
    await page.locator('input[type="file"]').setInputFiles(file);
    await see(page.getByText("没有导入的 3 行")).toBeVisible();
    for (const line of ["第 4 行", "第 5 行", "第 6 行"])
      await see(page.getByText(line)).toBeVisible();
    await looksWell(page, "import");
    await page.getByRole("button", { name: "导入 2 行" }).click();
    await see(page.getByText("已导入 2 行")).toBeVisible();
    await page.locator('input[type="file"]').setInputFiles(file);
    await see(page.getByText(/已导入过，再导入不会改变什么/)).toBeVisible();
    await page.getByRole("link", { name: "结果", exact: true }).click();
    await see(page.getByText("1 管待复核").first()).toBeVisible();
    await looksWell(page, "plates");
    await page.getByRole("link", { name: /20261122-板3/ }).click();
    await see(page.getByText("待第二人复核")).toBeVisible();
  });

  it("releases what two people have looked at, by keyboard", async () => {
    const { page } = li;
    await li.open("/workbench/lab/results");
    await page.getByRole("link", { name: /20261122-板3/ }).click();
    await see(page.locator(".lab-table tbody tr")).toHaveCount(2);
    const rows = page.locator(".lab-table tbody tr");
    await page.keyboard.press("j");
    if (!(await rows.nth(0).innerText()).includes(tubes.pool)) await page.keyboard.press("j");
    await page.getByRole("button", { name: "复核确认：阳性" }).click();
    await see(page.getByText("已复核")).toBeVisible();
    await looksWell(page, "plate");
    await page.getByRole("button", { name: /^发布 2 管/ }).click();
    await see(page.getByText("已发布 2 管")).toBeVisible();
    await see(page.getByText("2 人需要重新采样，正在通知。")).toBeVisible();
  });

  it("a lead sees who has to come again, who was told, and whom to call with which words", async () => {
    const { page } = yan;
    await yan.open("/workbench/recalls");
    const reader = page.locator(".recall").filter({ hasText: "沈国强" });
    const elder = page.locator(".recall").filter({ hasText: "许阿宝" });
    await see(elder.getByText("021-56885678").or(elder.getByText("02156885678"))).toBeVisible();
    await see(reader).toBeVisible();
    await elder.getByRole("button", { name: "要说的话" }).click();
    await see(elder.locator(".recall-words")).toContainText("需要重新检测");
    expect(await elder.locator(".recall-words").innerText()).not.toMatch(/阳性|positive/);
    await looksWell(page, "recalls");
    await elder.getByRole("button", { name: "已告知本人" }).click();
    await see(elder.getByText("已告知（电话）")).toBeVisible();
    await page.getByRole("button", { name: "按时间召回" }).click();
    await see(page.getByText("先数出人数，再发出。")).toBeVisible();
    await looksWell(page, "exposure");
    for (const language of ["en", "bo"] as const) {
      await page.locator(`.language-switch button[lang="${language}"]`).click();
      await see(page.locator(`html[lang="${language}"]`)).toBeAttached();
      await looksWell(page, `recalls-${language}`);
    }
  });
});
