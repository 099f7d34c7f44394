/**
 * Whoever answers for an institution's records brings a file in, reads what was left out and why,
 * registers a system, connects an outside server by a signed JWT after one that is not there, sees what
 * goes wrong with it, and pauses the store with a reason; joins somebody who was registered twice.
 */
import { generateKeyPairSync } from "node:crypto";
import type { Browser } from "@playwright/test";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { askAxe, wcagRules } from "../support/axe.ts";
import { type Partner, sendFhir, startPartner } from "../support/hostile-partner.ts";
import {
  createPerson,
  launchBrowser,
  type Person,
  reportFailure,
  signIn,
} from "../support/people.ts";
import { keepPicture } from "../support/picture.ts";
import { see } from "../support/see.ts";
import { signedIn } from "../support/signed-in.ts";
import { type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
let browser: Browser;
let keeper: Person;
let partner: Partner;

beforeAll(async () => {
  [stack, browser, partner] = await Promise.all([startStack(), launchBrowser(), startPartner()]);
  keeper = await createPerson(browser, stack, { device: "desktop" });
  await signIn(keeper, "陆蔚虹");
});
afterAll(async () => {
  await browser?.close();
  await partner?.close();
  await stack?.stop();
});
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await reportFailure({ keeper });
});

async function looksRight(name: string) {
  const { page } = keeper;
  await page.evaluate(() => document.fonts.ready);
  await keepPicture(page, `connections-${name}`, { fullPage: true });
  const { violations } = await askAxe(page, wcagRules);
  expect(violations.map((one) => `${one.id}: ${one.nodes[0]?.html}`)).toEqual([]);
  expect(await page.locator("body").innerText()).not.toMatch(/\bconnections\.[a-z]/i);
  expect(
    await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
    "nothing to scroll sideways",
  ).toBe(true);
}

it("brings records in, says what was left out, and who may ask for them", async () => {
  const { page } = keeper;
  await page.getByRole("link", { name: "病历连接" }).click();
  await see(page.getByRole("heading", { name: "病历连接" })).toBeVisible();
  const lines = [
    { resourceType: "Patient", id: "journey-1", name: [{ text: "卓玛" }] },
    { resourceType: "Patient", id: "journey-2", gender: "unsaid" },
    { resourceType: "Nonsense" },
  ];
  await page.getByLabel("选择文件").setInputFiles({
    name: "县医院.ndjson",
    mimeType: "application/x-ndjson",
    buffer: Buffer.from(lines.map((one) => JSON.stringify(one)).join("\n")),
  });
  const row = page.getByRole("listitem").filter({ hasText: "县医院.ndjson" });
  await see(row).toContainText("已完成");
  await row.getByRole("button", { name: "原因" }).click();
  await see(row.getByRole("row").filter({ hasText: "Patient/journey-2" })).toContainText(
    "不符合 FHIR R4",
  );
  const report = await page.evaluate(
    async (href) => (await fetch(href)).text(),
    String(await row.getByRole("link", { name: "下载报告" }).getAttribute("href")),
  );
  expect(report).toContain("不是 FHIR R4 资源");

  await page.getByRole("button", { name: "开始导出" }).click();
  await see(page.getByRole("link", { name: /^Patient（\d+ 份）$/ })).toBeVisible();

  const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
  const key = { ...publicKey.export({ format: "jwk" }), kid: "lis", alg: "ES384" };
  await page.getByRole("button", { name: "登记系统" }).first().click();
  await page.getByLabel("系统名称").fill("检验系统");
  await page.getByLabel("公钥（JWKS）").fill("not json");
  await page.locator("form").getByRole("button", { name: "登记系统" }).click();
  await see(page.getByText("这不是 JSON")).toBeVisible();
  await page.getByLabel("公钥（JWKS）").fill(JSON.stringify(key));
  await page.locator("form").getByRole("button", { name: "登记系统" }).click();
  await see(page.getByRole("listitem").filter({ hasText: "检验系统" })).toContainText("使用中");
  // An app that people open: how it is answered is written down, and a loose address is refused beside it.
  await page.getByRole("button", { name: "登记系统" }).first().click();
  await page.getByRole("radio", { name: "手机或网页应用" }).check();
  await page.getByLabel("系统名称").fill("血压日记");
  await page.getByLabel("返回地址").fill("http://diary.example.org/back");
  await page.locator("form").getByRole("button", { name: "登记系统" }).click();
  await see(page.getByText("有一个地址不行")).toBeVisible();
  await page.getByLabel("返回地址").fill("https://diary.example.org/back");
  await page.locator("form").getByRole("button", { name: "登记系统" }).click();
  await see(page.getByRole("listitem").filter({ hasText: "血压日记" })).toContainText(
    "手机或网页应用",
  );
});

it("connects an outside server, changes it, pauses it with a reason and sees what goes wrong", async () => {
  const { page } = keeper;
  partner.answer = (request, response) => {
    if (request.url === "/token")
      response
        .writeHead(200, { "content-type": "application/json" })
        .end('{"access_token":"right","token_type":"bearer"}');
    else if (request.headers.authorization !== "Bearer right") response.writeHead(401).end();
    else if (request.url?.endsWith("/metadata"))
      sendFhir(response, {
        resourceType: "CapabilityStatement",
        fhirVersion: "4.0.1",
        software: { name: "PACS" },
        rest: [{ mode: "server", resource: [{ type: "Patient" }, { type: "DiagnosticReport" }] }],
      });
    else response.writeHead(200, { "content-type": "text/html" }).end("<p>");
  };
  await page.getByRole("button", { name: "连接服务器" }).click();
  await page.getByLabel("名称", { exact: true }).fill("影像平台");
  await page.getByLabel("FHIR 基础地址").fill("http://127.0.0.1:1/fhir");
  await page.getByLabel("在医院专线或 VPN 里").check();
  await page.getByRole("button", { name: "试一下" }).click();
  await see(page.getByText("这个端口没有程序在听")).toBeVisible();
  await page.getByLabel("登录方式").selectOption("signed-jwt");
  await page.getByRole("button", { name: "生成公钥" }).click();
  await see(page.getByText("/stores/xuhui-central/jwks.json")).toBeVisible();
  await page.getByLabel("FHIR 基础地址").fill(partner.base);
  await page.getByLabel("令牌地址").fill(`${partner.origin}/token`);
  await page.getByLabel("客户端编号").fill("yilian");
  await looksRight("form-zh");
  await page.getByRole("button", { name: "测试并保存" }).click();
  const row = page.getByRole("listitem").filter({ hasText: partner.base });
  await see(row).toContainText("可以问");
  await see(row).toContainText("逐类查询");

  await row.getByRole("button", { name: "修改影像平台" }).click();
  await row.getByLabel("名称", { exact: true }).fill("影像中心");
  await row.getByLabel("可保留的时间（分钟）").fill("30");
  await row.getByRole("button", { name: "测试并保存" }).click();
  await see(row).toContainText("副本最多保留 30 分钟");
  await see(row.getByRole("heading", { name: "影像中心" })).toBeVisible();

  // A doctor of the house opens a record: the server answers with a web page.
  const doctor = await signedIn(stack, "zhouminhua");
  const owner = postgres(stack.database.owner, { max: 1 });
  const [patient] = await owner`select id from patient where full_name = '扎西'`;
  await owner.end();
  await doctor.text(`/api/patients/${patient!.id}/record`);
  await doctor.close();
  await page.reload();
  await see(
    page.getByRole("region", { name: /近 30 天的问题/ }).getByRole("row", { name: /影像中心/ }),
  ).toContainText("不是 FHIR");

  await row.getByRole("button", { name: "暂停影像中心" }).click();
  await row.getByLabel("理由").fill("对方夜间迁移");
  await row.getByRole("button", { name: "现在暂停" }).click();
  await see(row).toContainText("理由：对方夜间迁移");
  await looksRight("zh");
});

it("pauses a store with a reason and lets it answer again", async () => {
  const { page } = keeper;
  await page.getByRole("button", { name: /^暂停.*徐汇/ }).click();
  await page.getByLabel("理由").fill("夜间迁移");
  await page.getByRole("button", { name: "现在暂停" }).click();
  const resume = page.getByRole("button", { name: /^恢复.*徐汇/ });
  await see(resume).toBeVisible();
  await see(page.getByText("理由：夜间迁移")).toBeVisible();
  await resume.click();
  await see(page.getByRole("button", { name: /^暂停.*徐汇/ })).toBeVisible();
});

it("reads well in English and Tibetan, and at 1024 px", async () => {
  const { page } = keeper;
  await page.setViewportSize({ width: 1024, height: 800 });
  for (const language of ["en", "bo"]) {
    await page.evaluate(
      (code) => localStorage.setItem("yilian.preferences", JSON.stringify({ language: code })),
      language,
    );
    await page.reload();
    await see(page.locator(".connections-figures").first()).toBeVisible();
    await looksRight(language);
  }
});

it("takes a connection away, in two steps", async () => {
  const { page } = keeper;
  await page.setViewportSize({ width: 390, height: 844 });
  await page.evaluate(() =>
    localStorage.setItem("yilian.preferences", JSON.stringify({ language: "zh-CN" })),
  );
  await page.reload();
  const row = page.getByRole("listitem").filter({ hasText: partner.base });
  await row.getByRole("button", { name: "移除影像中心" }).click();
  await looksRight("phone");
  await row.getByRole("button", { name: "确定移除" }).click();
  await see(row).toHaveCount(0);
});

it("finds somebody who was registered twice, joins him with a reason, and takes it back", async () => {
  const { page } = keeper;
  const hotline = await signedIn(stack, "lumin");
  const person = { fullName: "顾双份", sex: "male", birthDate: "1949-09-09" };
  for (const fact of [{}, { address: "天钥桥路 100 号" }])
    await hotline.send("POST", "/api/patients", {
      ...person,
      ...fact,
      contacts: [{ relation: "self", phone: "13911119999" }],
    });
  await hotline.close();
  await page.getByRole("link", { name: "重复登记" }).click();
  const pair = page.getByRole("listitem").filter({ hasText: "顾双份" });
  await see(pair).toContainText("很可能是同一个人");
  await looksRight("duplicates");
  await pair.getByRole("button", { name: "并排核对" }).click();
  await see(page.getByText("不一样的：住址")).toBeVisible();
  await looksRight("duplicates-compare");
  await page.setViewportSize({ width: 390, height: 844 });
  await looksRight("duplicates-compare-phone");
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByLabel("怎么知道是同一个人").selectOption("identity-card");
  await page.getByLabel("说明").fill("窗口看过身份证");
  await page.getByRole("button", { name: "合成一个人" }).click();
  await see(page.getByText("已合成一个人")).toBeVisible();
  const joined = page.getByRole("listitem").filter({ hasText: "窗口看过身份证" });
  await see(joined).toContainText("已合并");
  await joined.getByRole("button", { name: "合错了" }).click();
  await joined.getByLabel("为什么是两个人").fill("是父子两人");
  await looksRight("duplicates-joined");
  await joined.getByRole("button", { name: "分开", exact: true }).click();
  await see(joined).toContainText("合并以后没有新写的内容");
});
