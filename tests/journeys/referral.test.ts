/**
 * One episode from the community to the hospital and home again: referred up in a dozen presses, accepted,
 * admitted, sent down, taken on, and raised again by a follow-up. And an emergency that waits for nobody.
 */
import { randomUUID } from "node:crypto";
import type { Browser } from "@playwright/test";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { askAxe, wcagRules } from "../support/axe.ts";
import {
  createPerson,
  drawSignature,
  launchBrowser,
  type Person,
  reportFailure,
  signIn,
} from "../support/people.ts";
import { keepPicture } from "../support/picture.ts";
import { see } from "../support/see.ts";
import { signedIn } from "../support/signed-in.ts";
import { type Stack, startStack } from "../support/stack.ts";

/** What the field asks for: a known patient is referred in at most so many interactions. */
const MOST_INTERACTIONS = 12;

let stack: Stack;
let browser: Browser;
let community: Person;
let desk: Person;
let ward: Person;
let plateau: Person;
let hasFailed = false;
/** Address of the way up, as everybody opens it. */
let up = "";
let down = "";

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
  [community, desk, ward, plateau] = (await Promise.all(
    [1, 2, 3, 4].map(() => createPerson(browser, stack, { device: "desktop" })),
  )) as [Person, Person, Person, Person];
  await Promise.all([
    signIn(community, "王建国"),
    signIn(desk, "秦雪梅"),
    signIn(ward, "顾明远"),
    signIn(plateau, "旦增"),
  ]);
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});
// Each step stands on the one before it.
beforeEach(({ skip }) => {
  if (hasFailed) skip("an earlier step failed");
});
afterEach(async ({ task }) => {
  if (task.result?.state !== "fail") return;
  hasFailed = true;
  await reportFailure({ community, desk, ward, plateau });
});

async function shoot({ page }: Person, name: string): Promise<void> {
  await page.waitForFunction(
    () =>
      document.querySelectorAll(".skeleton, [aria-busy='true']").length === 0 &&
      document.fonts.status === "loaded",
  );
  await keepPicture(page, name);
}

async function check(person: Person, name: string): Promise<void> {
  await shoot(person, name);
  const { page } = person;
  const { violations } = await askAxe(page, wcagRules);
  const found = violations.map(({ id, nodes }) => ({
    id,
    where: nodes.map((node) => node.target.join(" ")),
  }));
  expect({ name, found }).toEqual({ name, found: [] });
  const words = await page.locator("body").innerText();
  expect(words.match(/\b(common|workbench|referral|consult|state|pathways)\.\w+(\.\w+)?/)).toBe(
    null,
  );
}

const openIn = async (person: Person, address: string) => {
  await person.page.goto(address);
  await person.page.locator("main h1").first().waitFor();
};
const step = (person: Person, name: string) =>
  person.page.locator(".desk-bar").getByRole("button", { name, exact: true });
const stateIs = (person: Person, words: string) =>
  see(person.page.locator(".consult-head .row .status").filter({ hasText: words })).toHaveCount(1);

describe("the way up", () => {
  it("is written in at most twelve interactions, filled in from the last consult, and sent", async () => {
    const { page } = community;
    await page.goto("/workbench/referrals");
    await page.getByRole("heading", { name: "双向转诊" }).waitFor();
    let count = 0;
    const interaction = async (work: Promise<unknown>) => {
      await work;
      count += 1;
    };
    await interaction(page.getByRole("link", { name: "转诊一位患者" }).click());
    await interaction(page.getByLabel("姓名、身份证号或电话").fill("周桂英"));
    await interaction(page.getByRole("button", { name: "写转诊单" }).click());
    await page.waitForURL(/\/referrals\/[0-9a-f-]{36}$/);
    up = page.url();
    // What the consult of this patient says stands in the form with where it comes from; so does the consult.
    await see(page.getByLabel("现病史")).toHaveValue(/股骨颈骨折/);
    await page
      .getByText(/来自 \d{4}-\d\d-\d\d 的会诊/)
      .first()
      .waitFor();
    await page.getByText("这位患者已有在办的").waitFor();
    await see(page.getByLabel("您的回电")).toHaveValue("021-56914949");
    await interaction(page.getByLabel("静安区闸北中心医院 · 内科").check());
    // Without a line what is typed stays on this device, and goes out by itself when it is back.
    await community.context.setOffline(true);
    await interaction(page.getByLabel("转诊原因").fill("血压居高不下，头痛两天，请专科评估。"));
    await page.getByText("线路断了，已存在这台电脑").first().waitFor();
    await community.context.setOffline(false);
    await interaction(page.getByLabel("治疗无效或加重").check());
    await page.locator(".draft-words .status-good").first().waitFor();
    await check(community, "referral-form");
    await interaction(page.getByRole("button", { name: "当面签同意，转出" }).click());
    await interaction(drawSignature(page.locator(".signature-sheet")));
    await check(community, "referral-consent");
    await interaction(page.getByRole("button", { name: "记录同意，并转出" }).click());
    await stateIs(community, "待答复");
    process.stdout.write(`An up-referral of a known patient: ${count} interactions.\n`);
    expect(count).toBeLessThanOrEqual(MOST_INTERACTIONS);
    await shoot(community, "referral-sent");
  });

  it("is on the hospital's desk by its clock and is accepted from the keyboard", async () => {
    const { page } = desk;
    await see(page).toHaveURL(/\/workbench\/referrals/);
    const item = page.locator(".queue-item", { hasText: "周桂英" });
    await item.waitFor();
    await see(item).toContainText("符合 1 条指征");
    await page.keyboard.press("j");
    await see(page).toHaveURL(/\/referrals\/[0-9a-f-]{36}$/);
    await item.click();
    await page.getByText("请答复：接收、退回或改转。").waitFor();
    await check(desk, "referral-desk");
    await page.locator("body").press("a");
    await page.getByLabel("给对方的话").fill("请带上既往血压记录，明早到内科。");
    await shoot(desk, "referral-accept");
    await page.getByRole("button", { name: "接收", exact: true }).last().click();
    await stateIs(desk, "已接收");
    await stateIs(community, "已接收");
    await community.page.getByText("请带上既往血压记录").first().waitFor();
    // Somebody is faster: what the other had typed stays, and the page says that it cannot be sent.
    await step(community, "请求取消").click();
    await community.page.getByLabel("取消的原因").fill("家属要求改去别家");
    await step(desk, "患者到了").click();
    await stateIs(desk, "已到");
    await community.page.getByText("这一步现在不能做了").waitFor();
    await see(community.page.getByLabel("取消的原因")).toHaveValue("家属要求改去别家");
    await community.page.getByRole("button", { name: "取消", exact: true }).click();
  });

  it("is admitted, and the sender's page follows", async () => {
    await step(desk, "收住院").click();
    await desk.page.getByLabel("住院号").fill("ZY20261122");
    await desk.page.getByRole("button", { name: "收住院", exact: true }).last().click();
    await stateIs(desk, "已住院");
    await stateIs(community, "已住院");
  });
});

describe("the way down", () => {
  it("begins on the ward with what is known, and says what is missing", async () => {
    const { page } = ward;
    await openIn(ward, up);
    await step(ward, "可以下转").click();
    await stateIs(ward, "可以下转");
    await shoot(ward, "referral-ward");
    await step(ward, "写下转单，送回社区").click();
    await page.waitForFunction((before) => location.href !== before, up);
    await page.getByLabel("后续方案").waitFor();
    down = page.url();
    await page.getByLabel("检查结果").fill("头颅 CT 未见出血；肾功能正常。");
    await page.getByLabel("已做的治疗").fill("调整降压方案，住院 6 天血压平稳。");
    await page.getByLabel("您的回电").fill("021-56720003");
    await page.getByRole("button", { name: "加一种药" }).click();
    await page.getByLabel("药名").fill("氨氯地平片");
    await page.getByLabel("用法用量").fill("5 mg 每日一次");
    await page.getByLabel("后续方案").fill("两周后复查血压，目标 <140/90。");
    await page.getByRole("button", { name: "当面签同意，转出" }).click();
    const missing = page.getByRole("alert").getByRole("link");
    await see(missing.filter({ hasText: "再上转的条件" })).toHaveCount(1);
    await see(missing.filter({ hasText: "康复与生活指导" })).toHaveCount(1);
    await page.getByLabel("康复与生活指导").fill("低盐饮食，每日步行 30 分钟。");
    await page.getByRole("button", { name: "血压 ≥ 180/110" }).click();
    await page.getByRole("button", { name: "加一种情况" }).click();
    await page.getByLabel("出现什么情况").fill("剧烈头痛或肢体无力");
    await check(ward, "referral-down-form");
    await page.getByRole("button", { name: "当面签同意，转出" }).click();
    await drawSignature(page.locator(".signature-sheet"));
    await page.getByRole("button", { name: "记录同意，并转出" }).click();
    await stateIs(ward, "待答复");
  });

  it("is accepted by the community medicine by medicine; then the ward may discharge", async () => {
    const { page } = community;
    await openIn(community, down);
    await see(step(ward, "办出院，交给社区")).toHaveCount(0);
    await step(community, "接收").click();
    const send = page.getByRole("button", { name: "接收", exact: true }).last();
    await send.click();
    await page.getByText("请选有或换用").waitFor();
    await page.getByLabel("没有，换用").check();
    await page.getByLabel("氨氯地平片 换用什么").fill("硝苯地平控释片 30 mg");
    await check(community, "referral-formulary");
    await send.click();
    await stateIs(community, "已接收");
    await ward.page.getByText("换用 硝苯地平控释片").first().waitFor();
    await step(ward, "办出院，交给社区").click();
    await stateIs(ward, "已下转");
    await stateIs(community, "已下转");
    await step(community, "接管").click();
    await see(page.getByLabel("做什么")).toHaveValue(/两周后复查血压/);
    await page.getByRole("button", { name: "接管，排好随访" }).click();
    await stateIs(community, "社区已接管");
    await shoot(community, "referral-taken-on");
  });

  it("is followed up; 186/112 raises the episode again", async () => {
    const { page } = community;
    await page.getByRole("navigation").getByRole("link", { name: "随访" }).first().click();
    await page.getByLabel("全部").check();
    await page.locator(".queue-item", { hasText: "周桂英" }).click();
    await page.getByLabel("收缩压 (mmHg)").fill("186");
    await page.getByLabel("舒张压 (mmHg)").fill("112");
    await page.getByText("记录后会重新上转").waitFor();
    await page.getByLabel("情况和处理").fill("头痛一天，服药规律，复测 186/112。");
    await shoot(community, "follow-up");
    await page.getByRole("button", { name: "保存，并重新上转" }).click();
    await page.getByText("达到再上转的条件").waitFor();
    await check(community, "follow-up-raised");
    await page.getByRole("link", { name: "打开上转草稿" }).click();
    await page.waitForURL(/\/referrals\/[0-9a-f-]{36}$/);
    await see(page.getByLabel("转诊原因")).toHaveValue(/186\/112/);
    // The same episode, both ways beside it.
    await see(page.locator(".side-list").first().locator("li")).toHaveCount(2);
  });
});

describe("an emergency", () => {
  it("goes out with three fields and no signature, at 1024 px", async () => {
    const { page } = plateau;
    await page.setViewportSize({ width: 1024, height: 768 });
    await page.goto("/workbench/referrals/new");
    await page.getByLabel("姓名、身份证号或电话").fill("次仁");
    await page.getByRole("button", { name: "写转诊单" }).first().click();
    await page.waitForURL(/\/referrals\/[0-9a-f-]{36}$/);
    await page.getByLabel("紧急", { exact: true }).check();
    await page.getByText("急诊转诊不用等接收，现在就可以出发").waitFor();
    await see(page.getByRole("link", { name: "拨打 120" })).toHaveAttribute("href", "tel:120");
    await page.getByLabel("萨迦县人民医院 · 内科").check();
    await page.getByRole("link", { name: "对方电话 0892-8242020" }).waitFor();
    await page.getByLabel("转诊原因").fill("静息气促加重，氧饱和度下降，考虑高原肺水肿。");
    await page.getByLabel("血氧 SpO₂ (%)").fill("68");
    await check(plateau, "referral-emergency");
    await page.getByRole("button", { name: "立即转出" }).click();
    await stateIs(plateau, "待答复");
    await page.getByText("急诊转出，当时没有签字，已留记录").waitFor();
    // Nobody's answer is waited for.
    await step(plateau, "已出发").click();
    await page.getByRole("button", { name: "记为已出发" }).click();
    await stateIs(plateau, "在路上");
    await check(plateau, "referral-emergency-sent");
  });
});

describe("what was told", () => {
  it("stands in one place, is taken in hand by one for all, and quiet hours are the person's own", async () => {
    const { page } = desk;
    const owner = postgres(stack.database.owner, { max: 1, onnotice: () => {} });
    const entity = randomUUID();
    // Two of the desk's clocks: one that rings now, one that waits for the next message of counts.
    await owner`insert into notice (person_id, institution_id, kind, entity_type, entity_id, detail, dedupe_key, at, urgency, held_until, held_for)
      select p.id, i.id, 'referral-overdue', 'referral', ${entity}, ${owner.json({ urgency: "urgent", rung: "head", number: "ZZ-1", away: 1 })}, d.key, now(), d.urgency::notice_urgency, d.until, d.hold::notice_hold
      from person p, institution i, (values ('rings', 'urgent', null::timestamptz, null), ('waits', 'routine', now() + interval '5 hours', 'digest')) as d (key, urgency, until, hold)
      where p.name = '秦雪梅' and i.slug = 'zhabei-central'`;
    await owner.end();
    await page.setViewportSize({ width: 1440, height: 900 });
    await openIn(desk, "/workbench/referrals");
    await page.getByRole("button", { name: /条新消息/ }).click();
    await page.getByRole("link", { name: "全部消息" }).click();
    await page.getByRole("heading", { name: "消息中心" }).waitFor();
    const rings = page
      .locator(".notice-line")
      .filter({ hasText: "加急" })
      .filter({ hasText: "ZZ-1" });
    await see(rings.getByText("1 人不在岗，已告诉下一位")).toHaveCount(1);
    await page
      .getByText(/和其他常规事项一起告诉您/)
      .first()
      .waitFor();
    await check(desk, "notices");
    // The same thing is in hand on every copy, the one that waits among them.
    await rings.getByRole("button", { name: /^我来处理/ }).click();
    await see(
      page
        .locator(".notice-line")
        .filter({ hasText: "ZZ-1" })
        .getByText(/秦雪梅.*接手/),
    ).toHaveCount(2);
    await page.getByLabel("查找").fill("ZZ-1");
    await see(page.locator(".notice-line").filter({ hasText: "转诊单超时未答复" })).toHaveCount(2);
    await page.getByLabel("从", { exact: true }).fill("21:30");
    await page.getByRole("button", { name: "保存" }).click();
    await page.getByText(/已保存/).waitFor();
    await page.setViewportSize({ width: 390, height: 844 });
    await shoot(desk, "notices-phone");
    await page.reload();
    await see(page.getByLabel("从", { exact: true })).toHaveValue("21:30");
  });
});

describe("the desk", () => {
  /** What the community sends by its interface; the desk works on it in its browser. */
  async function send(name: string, urgency: "emergency" | "urgent"): Promise<string> {
    const wang = await signedIn(stack, "wangjianguo");
    const made = await wang.send<{ patient: { id: string } }>("POST", "/api/patients", {
      fullName: name,
      sex: "male",
      birthDate: "1960-03-03",
      contacts: [{ relation: "self", phone: "13922220000" }],
    });
    type Place = { id: string; name: string };
    const { targets } = await wang.get<{
      targets: { institution: Place; department: Place }[];
    }>("/api/referrals/targets?direction=up");
    const to = targets.find(
      (one) => one.institution.name === "静安区闸北中心医院" && one.department.name === "内科",
    )!;
    type Sent = { id: string; version: number };
    const referral = await wang.send<Sent>("POST", "/api/referrals", {
      patientId: made.patient.id,
      direction: "up",
      content: {
        urgency,
        toInstitutionId: to.institution.id,
        toDepartmentId: to.department.id,
        requesterPhone: "021-56914949",
        reason: "胸闷三天，请专科评估",
        impression: [{ code: null, text: "胸闷待查" }],
        presentHistory: "活动后胸闷三天",
        pastHistory: "高血压",
        treatmentSoFar: "口服降压药",
        criteria: [{ code: "undiagnosed", evidence: null }],
        vitals: { systolicMmHg: 132, diastolicMmHg: 84 },
      },
    });
    const agreed =
      urgency === "emergency"
        ? referral
        : await wang.send<Sent>("POST", `/api/referrals/${referral.id}/consents`, {
            given: true,
            method: "fingerprint",
            language: "zh-CN",
            textVersion: "referral-2026-11",
            signerName: name,
            signerRelation: "本人",
            witnessName: "王建国",
            reason: "按指印，读给本人听过",
          });
    await wang.send("POST", `/api/referrals/${referral.id}/actions`, {
      action: "submit",
      version: agreed.version,
    });
    await wang.close();
    return `/workbench/referrals/${referral.id}`;
  }
  const last = (person: Person, name: string) =>
    person.page.getByRole("button", { name, exact: true }).last();

  it("asks for more, is answered, accepts, and hands back what it had accepted", async () => {
    const { page } = desk;
    const path = await send("钱一鸣", "urgent");
    await openIn(desk, path);
    await openIn(community, path);
    await step(desk, "请补充").click();
    await page.getByLabel("请对方补充什么").fill("请补心电图");
    await last(desk, "发出补充要求").click();
    await stateIs(desk, "待补充");
    await step(community, "答复补充").click();
    await community.page.getByLabel("您的补充").fill("窦性心律，ST 段无抬高");
    await last(community, "补充完毕，交回").click();
    await stateIs(community, "待答复");
    await page.getByText("ST 段无抬高").first().waitFor();
    await step(desk, "接收").click();
    await last(desk, "接收").click();
    await stateIs(desk, "已接收");
    await step(community, "请求取消").click();
    await community.page.getByLabel("取消的原因").fill("症状已缓解");
    await last(community, "请求取消").click();
    await step(desk, "不同意取消").click();
    await page.getByLabel("为什么不取消").fill("仍需复查心电图");
    await last(desk, "不取消").click();
    await stateIs(desk, "已接收");
    await step(desk, "退回（已接收）").click();
    await page.getByLabel("退回的原因和建议").fill("今日无床，明早再转");
    await check(desk, "referral-hand-back");
    await last(desk, "退回并释放保留").click();
    await stateIs(desk, "已退回");
    await stateIs(community, "已退回");
  });

  it("returns an emergency only with the call that was made; gives advice, and turns one into a consult", async () => {
    const { page } = desk;
    await openIn(desk, await send("孙二宝", "emergency"));
    await step(desk, "退回").click();
    await page.getByLabel("退回的原因和建议").fill("血流动力学稳定，先在当地观察");
    await last(desk, "退回").click();
    await page.getByText("请写通话对方和时间").first().waitFor();
    await page.getByLabel("和谁通的电话").fill("王建国");
    await check(desk, "referral-return-call");
    await last(desk, "退回").click();
    await stateIs(desk, "已退回");
    await openIn(desk, await send("赵三立", "urgent"));
    await step(desk, "给意见，不用转").click();
    await page.getByLabel("处理意见").fill("门诊随访，两周后复查心电图");
    await last(desk, "发出意见").click();
    await stateIs(desk, "已给意见");
    await openIn(desk, await send("李四维", "urgent"));
    await step(desk, "改为远程会诊").click();
    await stateIs(desk, "改为会诊");
  });
});

describe("the ways of an alliance", () => {
  it("are written field by field and tried; the head of the desk writes the ready list", async () => {
    const author = await createPerson(browser, stack, { device: "desktop" });
    await author.context.request.post("/api/session/demo", { data: { loginName: "shenruolan" } });
    const { page } = author;
    await author.open("/workbench/pathways");
    await page.getByRole("button", { name: "以此为底写新版本" }).first().click();
    await page.getByLabel("这一版改了什么").fill("加一条指征");
    await page.getByRole("button", { name: "加一条指征" }).click();
    await page.getByLabel("指征 (中文)").last().fill("意识下降");
    await page.getByLabel("指征 (英文)").last().fill("Less and less awake");
    await page.getByRole("button", { name: "用过去的转诊试算" }).click();
    await page.getByText(/次判断会不同/).waitFor();
    await check(author, "pathways-edit");
    await page.getByRole("button", { name: "保存草稿" }).click();
    await page.getByText("草稿已保存，请另一位医务人员核对发布。").waitFor();
    await see(page.getByRole("button", { name: "核对并发布" })).toHaveCount(0);
    await check(author, "pathways");
    await desk.page.goto("/workbench/ready-list");
    await desk.page.getByLabel("中文").first().fill("抢救床位和呼吸机");
    await desk.page.getByRole("button", { name: "保存", exact: true }).click();
    await desk.page.getByText("已保存，之后的转运按它准备。").waitFor();
    await check(desk, "ready-list");
    expect(author.problems).toEqual([]);
  });
});

describe("the head of the workbench", () => {
  it("is one row in three languages; what does not fit is under one button, by keyboard too", async () => {
    const { page } = community;
    for (const language of ["zh-CN", "bo", "en"]) {
      await page.evaluate((chosen) => {
        const kept = JSON.parse(localStorage.getItem("yilian.preferences") ?? "{}");
        localStorage.setItem("yilian.preferences", JSON.stringify({ ...kept, language: chosen }));
      }, language);
      await openIn(community, "/workbench/follow-ups");
      await page.waitForFunction(() => document.fonts.status === "loaded");
      const tops = await page
        .locator(".shell-head > *")
        .evaluateAll((parts) => parts.map((one) => one.getBoundingClientRect().top));
      expect(Math.max(...tops) - Math.min(...tops), language).toBeLessThan(40);
    }
    const more = page.locator(".shell-more > button");
    await more.focus();
    await page.keyboard.press("ArrowDown");
    await see(page.locator(".shell-more-list a").first()).toBeFocused();
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    await see(page.locator(".shell-more-list")).toBeHidden();
    // Where one is stays in the row.
    await see(more).toHaveAttribute("data-here", "");
    await more.press("Enter");
    await page.keyboard.press("Escape");
    await see(more).toBeFocused();
  });
});

describe("every page", () => {
  it.each(["bo", "en"])("reads in %s, and nothing scrolls sideways at 320 px", async (language) => {
    const { page } = community;
    await page.evaluate((chosen) => {
      const kept = JSON.parse(localStorage.getItem("yilian.preferences") ?? "{}");
      localStorage.setItem("yilian.preferences", JSON.stringify({ ...kept, language: chosen }));
    }, language);
    for (const [name, path] of [
      ["detail", down],
      ["new", "/workbench/referrals/new"],
      ["follow-ups", "/workbench/follow-ups"],
      ["notices", "/workbench/notices"],
    ] as const) {
      await openIn(community, path);
      await check(community, `referral-${name}-${language}`);
      await page.setViewportSize({ width: 320, height: 700 });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(wide, path).toBeLessThanOrEqual(320);
      await page.setViewportSize({ width: 1440, height: 900 });
    }
  });

  it("ended without a page that threw", () => {
    expect([community, desk, ward, plateau].flatMap((person) => person.problems)).toEqual([]);
  });
});
