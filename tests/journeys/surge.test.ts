/**
 * An evening of mass testing as it is commanded: one form, a second person, samplers at their tables, a board
 * that moves, a phone that is told of another station, and the replay of the story.
 */
import type { Browser, Page } from "@playwright/test";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { SurgeBoard } from "../../server/surge/contract.ts";
import { askAxe } from "../support/axe.ts";
import { createPerson, launchBrowser, type Person, reportFailure } from "../support/people.ts";
import { keepPicture } from "../support/picture.ts";
import { see } from "../support/see.ts";
import { type SignedIn, signedIn } from "../support/signed-in.ts";
import { type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
let browser: Browser;
let yan: Person;
let yu: Person;
let phone: Person;
let tao: Person;
let desk: SignedIn;
let family: SignedIn;
let owner: postgres.Sql;
let board: SurgeBoard;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
  owner = postgres(stack.database.owner, { max: 1, onnotice: () => {} });
  [desk, family] = (await Promise.all([
    signedIn(stack, "yuhong"),
    signedIn(stack, "13800138001"),
  ])) as [SignedIn, SignedIn];
  [yan, yu, phone, tao] = (await Promise.all([
    personOf({ loginName: "yanping" }, "desktop"),
    personOf({ loginName: "yuhong" }, "desktop"),
    personOf({ phone: "13800138001" }, "phone"),
    personOf({ loginName: "taoxiaohui" }, "phone"),
  ])) as [Person, Person, Person, Person];
});
afterAll(async () => {
  await Promise.all([desk, family].map((one) => one?.close()));
  await owner?.end();
  await browser?.close();
  await stack?.stop();
});
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await reportFailure({ yan, yu, phone, tao });
  expect([yan, yu, phone, tao].flatMap((one) => one.problems)).toEqual([]);
});

async function personOf(
  who: object,
  device: "phone" | "desktop",
  language?: string,
): Promise<Person> {
  const person = await createPerson(browser, stack, { device, ...(language ? { language } : {}) });
  await person.context.request.post("/api/session/demo", { data: who });
  return person;
}

async function looksWell(page: Page, name: string): Promise<void> {
  await keepPicture(page, `surge-${name}`, { fullPage: true });
  const { violations } = await askAxe(page);
  expect(
    violations.map(({ id, nodes }) => `${name} ${id}: ${nodes.map(({ html }) => html).join(" ")}`),
  ).toEqual([]);
  const sideways = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(sideways, `${name} scrolls sideways`).toBeLessThanOrEqual(0);
}

async function prefer(page: Page, change: Record<string, unknown>): Promise<void> {
  await page.evaluate((wanted) => {
    const kept = JSON.parse(localStorage.getItem("yilian.preferences") ?? "{}");
    localStorage.setItem("yilian.preferences", JSON.stringify({ ...kept, ...wanted }));
  }, change);
  await page.reload();
}

/** People who stand at the entrance; as their own phones would do it. */
async function arrive(count: number): Promise<void> {
  const { id } = board.sites[0]!;
  const now = new Date().toISOString();
  await owner.begin(async (tx) => {
    await tx`select set_config('yilian.kind', 'system', true)`;
    await tx`
      with made as (insert into patient (full_name, sex, birth_date, managing_institution_id, updated_at)
        select '人' || n, 'unknown', '1980-01-01', institution_id, ${now} from sampling_site, generate_series(1, ${count}::int) n where id = ${id} returning id)
      insert into test_registration (patient_id, site_id, institution_id, code, source, purpose, day, expected_at, arrived_at, state)
      select made.id, s.id, s.institution_id, upper(substr(made.id::text, 1, 8)), 'walk-in', 'surge', (${now}::timestamptz at time zone 'Asia/Shanghai')::date, ${now}, ${now}, 'waiting'
      from made, sampling_site s where s.id = ${id}`;
  });
}

const readBoard = async () => {
  board = await desk.get<SurgeBoard>(`/api/surges/${board.surge.id}/board`);
  return board;
};

describe("an evening", () => {
  it("is opened by one form, when a second person has signed", async () => {
    const { page } = yan;
    await yan.open("/workbench/surge");
    await page.getByRole("button", { name: "今晚开采样台" }).click();
    await page.getByLabel("名称", { exact: true }).fill("园区夜间采样");
    await page.getByLabel("指令编号").fill("静疫指 2026-77");
    await page.getByLabel("对象范围").fill("园区当晚全部在场人员");
    await page.getByLabel("预计人数").fill("5000");
    await page.getByLabel("采样点名称").fill("东门广场");
    await page.getByLabel("具体位置").fill("东门内侧草坪");
    await page.getByLabel("采样台数").fill("4");
    await page.getByLabel("转运安排").fill("每 30 分钟一趟，两辆车");
    await page.getByLabel("发热的人带到哪里").fill("东门外发热引导点");
    // Too few: it is said before anything is opened.
    await see(page.getByText(/至少要 13 个台/)).toBeVisible();
    await looksWell(page, "form");
    await page.getByLabel("预计人数").fill("1500");
    await see(page.getByText(/最早 .* 采完 1500 人/)).toBeVisible();
    await page.getByRole("button", { name: "交第二人签字" }).click();
    await see(page.getByText("要由另一个人签字后才开放。")).toBeVisible();
    await yu.open("/workbench/surge");
    await see(yu.page.getByRole("button", { name: "签字并开放 4 个采样台" })).toBeVisible();
    await looksWell(yu.page, "sign");
    await yu.page.getByRole("button", { name: "签字并开放 4 个采样台" }).click();
    await yu.page.getByRole("link", { name: "看板" }).click();
    await see(yu.page.getByRole("heading", { name: "园区夜间采样" })).toBeVisible();
    // A sampler who is there already chooses a table on his own phone.
    await tao.open("/sampling");
    await tao.page.getByRole("button", { name: "去今晚的集中采样" }).click();
    await see(tao.page.getByText("优先通道").first()).toBeVisible();
    await looksWell(tao.page, "tables");
    await tao.page.getByRole("button", { name: "坐这个台：东门广场 2 号台" }).click();
    await see(tao.page.getByRole("heading", { name: "2 号台" })).toBeVisible();
    await see(tao.page.locator(".sampling-head").getByText("东门广场")).toBeVisible();
    await yu.page.getByRole("button", { name: /安排 \d+ 位空闲采样员上台/ }).click();
    await see(yu.page.getByText(/已安排 \d+ 位/)).toBeVisible();
    const { surges } = await desk.get<{ surges: { id: string }[] }>("/api/surges");
    board = await desk.get<SurgeBoard>(`/api/surges/${surges[0]!.id}/board`);
    // A third pair of hands, so that there are two ordinary tables beside the priority lane.
    await owner.begin(async (tx) => {
      await tx`select set_config('yilian.kind', 'system', true)`;
      const [extra] = await tx<
        { id: string }[]
      >`insert into person (name) values ('临时采样员') returning id`;
      await tx`update sampling_station set state = 'open', sampler_id = ${extra!.id} where site_id = ${board.sites[0]!.id} and number = 3`;
    });
    // The board of whoever signed shows it without being asked: the socket says so.
    await yan.open(`/workbench/surge/${board.surge.id}`);
    await see(yan.page.getByRole("heading", { name: "东门广场" })).toBeVisible();
  });

  it("shows each phone its table, and tells it of a quicker one", async () => {
    await arrive(24);
    await phone.open("/test");
    await phone.page.getByRole("link", { name: /今晚集中采样/ }).click();
    await see(phone.page.getByRole("heading", { name: "谁来采样？" })).toBeVisible();
    await phone.page.getByRole("radio", { name: "有团体码" }).check();
    await phone.page.getByLabel("团体码", { exact: true }).fill("GXXXXX");
    await phone.page.getByRole("button", { name: "我已到现场，排队（1 人）" }).click();
    await see(phone.page.getByText(/没有找到这个团体码/)).toBeVisible();
    await looksWell(phone.page, "phone-group");
    await phone.page.getByRole("radio", { name: "自己或一家人" }).check();
    for (const [name, change] of [
      ["elder", { elder: true }],
      ["bo", { elder: false, language: "bo" }],
      ["en", { language: "en" }],
    ] as const) {
      await prefer(phone.page, change);
      await see(phone.page.locator(".test-people")).toBeVisible();
      await looksWell(phone.page, `phone-join-${name}`);
    }
    await prefer(phone.page, { language: "zh-CN" });
    await phone.page.getByRole("button", { name: "我已到现场，排队（1 人）" }).click();
    await see(phone.page.getByRole("heading", { name: "已在排队" })).toBeVisible();
    await phone.page.getByRole("link", { name: /看几号台/ }).click();
    await see(phone.page.getByRole("heading", { name: /请到 \d 号采样台/ })).toBeVisible();
    await see(phone.page.getByText(/前面还有 \d+ 人/)).toBeVisible();
    await looksWell(phone.page, "phone-place");
    const places = await family.get<{ places: { station: number }[] }>("/api/my/surge");
    const { station } = places.places[0]!;
    // The table turns out to be slow; the next turn of the job sends the end of its queue elsewhere.
    await owner.begin(async (tx) => {
      await tx`select set_config('yilian.kind', 'system', true)`;
      await tx`update surge_station set per_hour = 8 where site_id = ${board.sites[0]!.id} and number = ${station}`;
    });
    await see(phone.page.getByText(/已为您换到更快的台/)).toBeVisible({ timeout: 25_000 });
    await looksWell(phone.page, "phone-moved");
    await see(yan.page.getByText(new RegExp(`：${station} 号 → \\d 号`)).first()).toBeVisible();
    await see(yan.page.getByText(/共登记 25 人/)).toBeVisible();
    await looksWell(yan.page, "board");
    await readBoard();
    expect(board.waiting).toBe(25);
  });

  it("lets a sampler hand the table over, take another and close it", async () => {
    const { page } = tao;
    await page.reload();
    await page.getByRole("button", { name: "交班、收台或换台" }).click();
    await see(page.getByRole("combobox", { name: "交给谁" })).toBeVisible();
    await looksWell(page, "table-leave");
    await page.getByRole("combobox", { name: "交给谁" }).selectOption({ label: "严萍" });
    await page.getByRole("button", { name: "交班", exact: true }).click();
    await see(page.getByText("今天还没有安排您的台位")).toBeVisible();
    await looksWell(page, "table-choose");
    await page.getByRole("button", { name: "坐这个台：东门广场 4 号台" }).click();
    await see(page.getByRole("heading", { name: "4 号台" })).toBeVisible();
    await page.getByRole("button", { name: "交班、收台或换台" }).click();
    await page.getByRole("button", { name: "收台" }).click();
    await see(page.getByText(/会被请到别的台/)).toBeVisible();
    await page.getByRole("button", { name: "收台" }).click();
    await see(page.getByText("今天还没有安排您的台位")).toBeVisible();
  });

  it("is right again when the board comes back to its line", async () => {
    await yan.context.setOffline(true);
    await arrive(2);
    await yan.context.setOffline(false);
    await see(yan.page.getByText(/共登记 27 人/)).toBeVisible({ timeout: 10_000 });
  });

  it("speaks English and Tibetan, and fits the phone of whoever walks about", async () => {
    for (const [language, device] of [
      ["en", "desktop"],
      ["bo", "phone"],
    ] as const) {
      const other = await personOf({ loginName: "yanping" }, device, language);
      await other.open(`/workbench/surge/${board.surge.id}`);
      await see(other.page.locator("h1")).toBeVisible();
      await looksWell(other.page, `board-${language}`);
      await other.close();
    }
  });

  it("is replayed in the story, and says that it is a replay", async () => {
    const { page } = phone;
    await phone.open("/story/replay");
    await see(page.getByText(/回放：一次模拟运行记录下的数字/)).toBeVisible();
    await page.getByRole("button", { name: "播放" }).click();
    await see(page.getByRole("button", { name: "暂停" })).toBeVisible();
    await page.getByLabel("看哪一刻").fill("450");
    await see(page.getByRole("button", { name: "播放" })).toBeVisible();
    await looksWell(page, "replay-phone");
    await yu.open("/story/replay");
    await yu.page.getByLabel("看哪一刻").fill("450");
    await looksWell(yu.page, "replay");
  });
});
