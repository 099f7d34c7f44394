/**
 * The hospital's referral desk in its browser: passes somebody on, which the patient agrees to anew and which goes
 * in no ring; books a time; ends by asking and confirming; and two browsers want the last bed.
 */
import type { Browser } from "@playwright/test";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
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
import { type SignedIn, signedIn } from "../support/signed-in.ts";
import { type Stack, startStack } from "../support/stack.ts";

const hospital = "静安区闸北中心医院";
const centre = "彭浦新村社区卫生服务中心";
const rehabilitation = "上海市第三康复医院";

let stack: Stack;
let browser: Browser;
let community: Person;
let desk: Person;
let third: Person;
let doctor: SignedIn;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
  [community, desk, third] = (await Promise.all(
    [1, 2, 3].map(() => createPerson(browser, stack, { device: "desktop" })),
  )) as [Person, Person, Person];
  [doctor] = await Promise.all([
    signedIn(stack, "wangjianguo"),
    signIn(community, "王建国"),
    signIn(desk, "秦雪梅"),
    signIn(third, "施慧芬"),
  ]);
});
afterAll(async () => {
  await doctor?.close();
  await browser?.close();
  await stack?.stop();
});
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await reportFailure({ community, desk, third });
  expect([community, desk, third].flatMap((person) => person?.problems ?? [])).toEqual([]);
});

async function check({ page }: Person, name: string): Promise<void> {
  await page.waitForFunction(
    () =>
      document.querySelectorAll(".skeleton, [aria-busy='true']").length === 0 &&
      document.fonts.status === "loaded",
  );
  await keepPicture(page, name);
  const { violations } = await askAxe(page, wcagRules);
  const found = violations.map(({ id, nodes }) => [id, nodes.map((node) => node.target.join(" "))]);
  expect([name, found]).toEqual([name, []]);
}
const openIn = async (person: Person, address: string) => {
  await person.page.goto(address);
  await person.page.locator("main .consult-head").waitFor();
};
const step = (person: Person, name: string) =>
  person.page.locator(".desk-bar").getByRole("button", { name, exact: true });
const last = (person: Person, name: string) =>
  person.page.getByRole("button", { name, exact: true }).last();
const stateIs = (person: Person, words: string) =>
  see(person.page.locator(".consult-head .row .status").filter({ hasText: words })).toHaveCount(1);

type Place = { id: string; name: string };
type Written = { id: string; version: number };

/** A way up to the hospital's medical department, as the community's system writes it. @returns its id */
async function draft(name: string): Promise<Written> {
  const { patient } = await doctor.send<{ patient: { id: string } }>("POST", "/api/patients", {
    fullName: name,
    sex: "female",
    birthDate: "1958-05-06",
    contacts: [{ relation: "self", phone: "13922220001" }],
  });
  const { targets } = await doctor.get<{ targets: { institution: Place; department: Place }[] }>(
    "/api/referrals/targets?direction=up",
  );
  const to = targets.find(
    (one) => one.institution.name === hospital && one.department.name === "内科",
  )!;
  return doctor.send<Written>("POST", "/api/referrals", {
    patientId: patient.id,
    direction: "up",
    content: {
      urgency: "urgent",
      toInstitutionId: to.institution.id,
      toDepartmentId: to.department.id,
      requesterPhone: "021-56914949",
      reason: "左侧肢体无力十天，请专科评估",
      impression: [{ code: null, text: "脑梗死恢复期" }],
      presentHistory: "左侧肢体无力十天，不再加重",
      pastHistory: "高血压",
      treatmentSoFar: "口服阿司匹林",
      criteria: [{ code: "undiagnosed", evidence: null }],
      vitals: { systolicMmHg: 142, diastolicMmHg: 88 },
    },
  });
}
async function send(name: string): Promise<string> {
  const { id } = await draft(name);
  const { version } = await doctor.send<Written>("POST", `/api/referrals/${id}/consents`, {
    given: true,
    method: "fingerprint",
    language: "zh-CN",
    textVersion: "referral-2026-11",
    signerName: name,
    signerRelation: "本人",
    witnessName: "王建国",
    reason: "按指印，读给本人听过",
  });
  await doctor.send("POST", `/api/referrals/${id}/actions`, { action: "submit", version });
  return `/workbench/referrals/${id}`;
}

describe("passing somebody on", () => {
  it("is asked of the patient again before the next house knows, and leads back to nobody", async () => {
    const path = await send("邹文英");
    await Promise.all([openIn(desk, path), openIn(community, path)]);
    await step(desk, "改转别家").click();
    // Neither where to nor why: both are asked for.
    await last(desk, "改转").click();
    await desk.page.getByText("请选一家").waitFor();
    await desk.page.getByLabel(`${rehabilitation} · 康复科`).check();
    await desk.page.getByLabel("改转的原因").fill("急性期已过，请康复医院接着治");
    await check(desk, "referral-redirect");
    await last(desk, "改转").click();
    await Promise.all([stateIs(desk, "已改转"), stateIs(community, "已改转")]);

    // The further one is the community's draft: the other house knows of nobody yet.
    const next = community.page.locator(".side-list a", { hasText: rehabilitation });
    await next.click();
    await see(community.page.getByLabel("转诊原因")).toHaveValue(/左侧肢体无力十天/);
    const address = new URL(community.page.url()).pathname;
    const id = address.split("/").at(-1);
    const early = await third.context.request.get(`/api/referrals/${id}`);
    expect(early.status()).toBe(404);
    await community.page.getByRole("button", { name: "当面签同意，转出" }).click();
    await community.page
      .getByRole("heading", { name: `请患者同意转到 ${rehabilitation}` })
      .waitFor();
    await drawSignature(community.page.locator(".signature-sheet"));
    await community.page.getByRole("button", { name: "记录同意，并转出" }).click();
    await stateIs(community, "待答复");

    await third.page.goto("/workbench/referrals");
    await third.page.locator(".queue-item", { hasText: "邹文英" }).click();
    await see(third.page).toHaveURL(new RegExp(`${id}$`));
    await step(third, "改转别家").click();
    await third.page.getByLabel(`${hospital} · 内科`).check();
    await third.page.getByLabel("改转的原因").fill("请内科先看");
    await last(third, "改转").click();
    await third.page.getByText("这份转诊已经问过这个科室，不能再转回去").waitFor();
    await see(third.page.getByLabel("改转的原因")).toHaveValue("请内科先看");
    await third.page.getByRole("button", { name: "取消", exact: true }).click();
    await step(third, "接收").click();
    await last(third, "接收").click();
    await Promise.all([stateIs(third, "已接收"), stateIs(community, "已接收")]);
  });
});

describe("a time that the desk books", () => {
  it("is taken in one press, and ends only when both houses say so", async () => {
    const path = await send("戴秀兰");
    await Promise.all([openIn(desk, path), openIn(community, path)]);
    await step(desk, "接收").click();
    await last(desk, "接收").click();
    await stateIs(desk, "已接收");
    await step(desk, "约本院的号").click();
    const times = desk.page.locator(".segment-list button");
    await times.first().waitFor();
    await check(desk, "referral-book");
    await times.first().click();
    await Promise.all([stateIs(desk, "已约号"), stateIs(community, "已约号")]);
    await step(community, "请求取消").click();
    await community.page.getByLabel("取消的原因").fill("家里人陪不了");
    await last(community, "请求取消").click();
    // Asked is not ended: the hospital may have somebody waiting.
    await Promise.all([stateIs(community, "请求取消"), stateIs(desk, "请求取消")]);
    await see(step(community, "取消")).toHaveCount(0);
    await desk.page.getByText("家里人陪不了").first().waitFor();
    await step(desk, "同意取消").click();
    await Promise.all([stateIs(desk, "已取消"), stateIs(community, "已取消")]);
    await see(step(desk, "患者到了")).toHaveCount(0);
  });
});

describe("the last bed", () => {
  type Beds = {
    departments: {
      name: { zh: string };
      units: { bedList: { id: string; state: string }[] }[];
    }[];
  };
  /** The head nurse takes all free beds but one out of use. */
  async function leaveOne(): Promise<void> {
    const nurse = await signedIn(stack, "hemin");
    const { departments } = await nurse.get<Beds>("/api/capacity/beds");
    const free = departments
      .filter((one) => one.name.zh === "内科")
      .flatMap((one) => one.units.flatMap((unit) => unit.bedList))
      .filter((bed) => bed.state === "free");
    expect(free.length).toBeGreaterThan(0);
    for (const bed of free.slice(1))
      await nurse.send("POST", `/api/capacity/beds/${bed.id}/actions`, {
        action: "out-of-use",
        reason: "病房维修",
      });
    await nurse.close();
  }
  const refusal = ({ page }: Person) => page.getByText(/没有空床：最先空出的床由/);
  const kept = ({ page }: Person) => page.getByText(/^床位保留到/);
  /** Whether this browser got it, as soon as its page says so. */
  async function got(person: Person): Promise<boolean> {
    await refusal(person).or(kept(person)).first().waitFor();
    return (await kept(person).count()) > 0;
  }

  it("goes to one of two browsers; the other reads who has it and where else, and goes on without", async () => {
    await leaveOne();
    const [waiting, { id }] = [await send("金佩华"), await draft("汪银娣")];
    await Promise.all([openIn(desk, waiting), openIn(community, `/workbench/referrals/${id}`)]);
    await step(desk, "接收").click();
    await desk.page.getByLabel("为患者留一张床").check();
    await community.page.getByLabel("请对方留一张床（空床 1）").check();
    await community.page.getByRole("button", { name: "当面签同意，转出" }).click();
    await drawSignature(community.page.locator(".signature-sheet"));
    await Promise.all([
      last(desk, "接收").click(),
      community.page.getByRole("button", { name: "记录同意，并转出" }).click(),
    ]);
    const [deskGot, communityGot] = [await got(desk), await got(community)];
    expect([deskGot, communityGot].filter(Boolean)).toHaveLength(1);
    const loser = deskGot ? community : desk;
    await see(refusal(loser)).toContainText(`由 ${deskGot ? hospital : centre} 占用`);
    await see(refusal(loser)).toContainText(/没有为患者占床.*可以改去：.*\d/);
    await check(loser, "referral-last-bed");
    if (deskGot) await step(community, "转出").click();
    else {
      await desk.page.getByLabel("为患者留一张床").uncheck();
      await last(desk, "接收").click();
    }
    await stateIs(desk, "已接收");
    await stateIs(community, "待答复");
    await see(kept(loser)).toHaveCount(0);
  });
});
