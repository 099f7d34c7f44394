import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Board,
  type LoopList,
  loopAnswers,
  loopClocks,
} from "../../server/referral/board-contract.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

const monday = new Date("2026-11-23T02:00:00Z");
let test: TestApp;
let admin: postgres.Sql;
let wang: Client;
let qin: Client;
let gu: Client;
let zheng: Client;
let commission: Client;
let patients: Record<string, string>;

const house = (slug: string) => test.ids.institutions.get(slug)!;
const board = async (client: Client, days = 7): Promise<Board> => {
  const answer = await client.get(`/api/referral-board?days=${days}`);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body;
};
const numbersOf = (view: Board, slug: string) => view.houses.find((one) => one.id === house(slug))!;
const openSum = (open: Board["houses"][number]["open"]) =>
  Object.values(open).reduce((sum, one) => sum + (one ?? 0), 0);
const act = async (client: Client, id: string, body: object) => {
  const { version } = (await client.get(`/api/referrals/${id}`)).body;
  const answer = await client.post(`/api/referrals/${id}/actions`, { ...body, version });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body;
};

/** A referral of pengpu to the medical department of Zhabei, sent. */
async function sent(patientId: string, urgency: "urgent" | "routine"): Promise<string> {
  const [unit] = await admin<{ id: string }[]>`select id from department
    where institution_id = ${house("zhabei-central")} and slug = 'medicine'`;
  const made = await wang.post("/api/referrals", {
    patientId,
    direction: "up",
    content: {
      urgency,
      toInstitutionId: house("zhabei-central"),
      toDepartmentId: unit!.id,
      requesterPhone: "021-56914949",
      reason: "血压控制不满意",
      impression: [{ code: "I10", text: "原发性高血压" }],
      presentHistory: "两次随访血压 168/100",
      pastHistory: "高血压 12 年",
      treatmentSoFar: "氨氯地平 5 mg",
      criteria: [{ code: "twice-uncontrolled", evidence: null }],
    },
  });
  expect(made.status, JSON.stringify(made.body)).toBe(200);
  await wang.post(`/api/referrals/${made.body.id}/consents`, {
    given: true,
    method: "fingerprint",
    language: "zh-CN",
    textVersion: "referral-2026-11",
    signerName: "患者",
    signerRelation: "本人",
    witnessName: "王建国",
    reason: "不便签字",
  });
  await act(wang, made.body.id, { action: "submit" });
  return made.body.id;
}

beforeAll(async () => {
  test = await buildTestApp();
  admin = postgres(test.database.admin, { max: 1, onnotice: () => {} });
  // A database of its own: what the demo referred is not counted here.
  await admin`truncate referral, referral_step, referral_message, referral_consent, follow_up, episode, alarm cascade`;
  test.clock.now = monday;
  [wang, qin, gu, zheng] = (await Promise.all(
    ["wangjianguo", "qinxuemei", "gumingyuan", "zhenglan"].map((one) => test.as(one)),
  )) as [Client, Client, Client, Client];
  // The health commission sits in no house of the demo: somebody of the CDC stands for it.
  await admin`insert into role_assignment (person_id, institution_id, role_code)
    values (${test.ids.people.get("jiangwei")!}, ${house("jingan-cdc")}, 'health-commission')`;
  commission = await test.as("jiangwei");
  const rows = await admin<{ id: string }[]>`select p.id from patient p
    join patient_institution i on i.patient_id = p.id where i.institution_id = ${house("pengpu")} order by p.created_at limit 4`;
  patients = Object.fromEntries(rows.map((row, n) => [String(n), row.id]));
}, 60_000);
afterAll(async () => {
  await admin.end();
  await test.close();
});

describe("who may", () => {
  it("refuses whoever is nobody, or has no right to it", async () => {
    expect((await test.anonymous.get("/api/referral-board")).status).toBe(401);
    for (const client of [wang, qin, gu]) {
      expect((await client.get("/api/referral-board")).status).toBe(403);
      expect((await client.get("/api/referral-board/list?what=open")).status).toBe(403);
      expect((await client.get("/api/referral-policy")).status).toBe(403);
      expect((await client.post("/api/referral-policy", clocks("2026-12-01"))).status).toBe(403);
    }
    expect((await commission.get("/api/referral-policy")).status).toBe(403);
    // The function itself answers nobody else.
    const [row] = await admin<
      { board: unknown }[]
    >`select app.referral_board(now() - interval '7 days', now(), current_date, current_date) as board`;
    expect(row!.board).toBeNull();
    const [list] = await admin<
      { list: unknown; answers: unknown }[]
    >`select app.referral_board_list(now() - interval '7 days', now(), 'open', null, 50, 0) as list,
      app.referral_board_answers(now() - interval '7 days', now()) as answers`;
    expect(list).toEqual({ list: null, answers: [] });
  });
  it("lists nothing of a house outside the alliance, and knows the numbers that there are", async () => {
    expect((await test.anonymous.get("/api/referral-board/list?what=open")).status).toBe(401);
    const outside = `/api/referral-board/list?what=open&house=${house("zhabei-central")}`;
    expect((await zheng.get(outside)).status).toBe(403);
    expect((await commission.get(outside)).status).toBe(200);
    for (const bad of ["what=names", "what=open&house=1", "what=open&page=0", "house=", ""])
      expect((await zheng.get(`/api/referral-board/list?${bad}`)).status).toBe(400);
  });
  it("shows the houses of one's own alliances, and all of them to the commission", async () => {
    const own = (await board(zheng)).houses.map((one) => one.id);
    expect(own).toContain(house("pengpu"));
    expect(own).not.toContain(house("zhabei-central"));
    const all = (await board(commission)).houses.map((one) => one.id);
    expect(all).toContain(house("zhabei-central"));
    expect(all).toContain(house("sakya-hospital"));
  });
  it("knows three periods", async () => {
    expect((await zheng.get("/api/referral-board?days=8")).status).toBe(400);
    expect((await board(zheng, 90)).days).toBe(90);
  });
});

describe("the numbers", () => {
  let first: string;
  it("counts a loop once, at the house that was asked, by its clock", async () => {
    first = await sent(patients["0"]!, "urgent");
    await sent(patients["1"]!, "routine");
    let at = numbersOf(await board(commission), "zhabei-central");
    expect(at.open).toEqual({ due: 2 });
    expect(at).toMatchObject({ received: 2, up: 2, waiting: 2, late: 0 });
    expect(at.nextDueAt).not.toBeNull();
    test.clock.now = new Date(monday.getTime() + 61 * 60_000);
    at = numbersOf(await board(commission), "zhabei-central");
    expect(at.open).toEqual({ soon: 1, due: 1 });
    test.clock.now = new Date(monday.getTime() + 121 * 60_000);
    at = numbersOf(await board(commission), "zhabei-central");
    expect(at.open).toEqual({ desk: 1, due: 1 });
    expect(at.late).toBe(1);
  });
  it("adds up: answers to what came, levels to the rows, open loops to the own list", async () => {
    await act(qin, first, { action: "accept", answer: "周四上午来" });
    await act(qin, first, { action: "arrive" });
    const back = await sent(patients["2"]!, "urgent");
    await act(qin, back, { action: "return", reason: "先调药，两周后复查再议" });
    const view = await board(commission);
    const at = numbersOf(view, "zhabei-central");
    expect(at).toMatchObject({ received: 3, accepted: 1, returned: 1, waiting: 1 });
    expect(at.minutesToAccepted).toBe(121);
    expect(at.minutesToSeen).toBe(121);
    for (const one of view.houses) {
      const { received, accepted, returned, redirected, advised, waiting, ended } = one;
      expect(accepted + returned + redirected + advised + waiting + ended).toBe(received);
      expect(one.up + one.down).toBe(received);
    }
    for (const level of view.levels) {
      const rows = view.houses.filter((one) => one.level === level.level);
      expect(rows.reduce((sum, one) => sum + one.visits, 0)).toBe(level.visits);
      expect(rows.reduce((sum, one) => sum + one.up, 0)).toBe(level.up);
    }
    expect(openSum(at.open)).toBe(2);
  });
  it("has behind every number the list that it counts, and no name in it", async () => {
    const view = await board(commission);
    const at = numbersOf(view, "zhabei-central");
    const of = async (client: Client, what: string) => {
      const answer = await client.get(
        `/api/referral-board/list?what=${what}&days=7&house=${house("zhabei-central")}`,
      );
      expect(answer.status, JSON.stringify(answer.body)).toBe(200);
      expect(answer.body.rows).toHaveLength(answer.body.total);
      return answer.body as LoopList;
    };
    for (const what of loopClocks)
      expect((await of(commission, what)).total, what).toBe(at.open[what] ?? 0);
    for (const what of loopAnswers) expect((await of(commission, what)).total, what).toBe(at[what]);
    expect((await of(commission, "open")).total).toBe(openSum(at.open));
    const [back] = (await of(commission, "returned")).rows;
    expect(back).toMatchObject({ id: null, code: "return", reason: null, state: "returned" });
    const everywhere = await commission.get("/api/referral-board/list?what=received&days=7");
    expect(everywhere.body.total).toBe(view.houses.reduce((sum, one) => sum + one.received, 0));
    const second = await commission.get("/api/referral-board/list?what=received&days=7&page=2");
    expect(second.body).toMatchObject({ rows: [], total: everywhere.body.total, page: 2 });
    const names = await admin<
      { full_name: string }[]
    >`select full_name from patient where full_name is not null`;
    for (const { full_name } of names)
      expect(JSON.stringify(everywhere.body)).not.toContain(full_name);
    const traces = await admin<
      { detail: { what: string } }[]
    >`select detail from audit_event where action = 'referral-board.list'`;
    expect(traces.some((one) => one.detail.what === "returned")).toBe(true);
    // Asked three times: one answered after 121 minutes, one returned at once, one waits.
    const answers = view.answering.find((one) => one.id === house("zhabei-central"))!;
    expect(answers).toMatchObject({ asked: 3, answered: 2, medianMinutes: 61, overdue: 0 });
    expect(answers.oldestOpenAt).not.toBeNull();
    expect(view.answering.map((one) => one.id)).not.toContain(house("sakya-hospital"));
  });
  it("gives reasons and single loops to a house that is a side, and nobody's name to anybody", async () => {
    const asked = await board(commission);
    expect(asked.reasons).toEqual([]);
    expect(asked.own).toEqual([]);
    await admin`insert into role_assignment (person_id, institution_id, role_code)
      values (${test.ids.people.get("tangli")!}, ${house("zhabei-central")}, 'alliance-administrator')`;
    const tang = await test.as("tangli");
    const side = await board(tang);
    const mine = await tang.get(
      `/api/referral-board/list?what=returned&days=7&house=${house("zhabei-central")}`,
    );
    expect(mine.body.rows[0]).toMatchObject({ reason: "先调药，两周后复查再议", code: "return" });
    expect(mine.body.rows[0].id).not.toBeNull();
    expect(side.reasons.map((one) => one.reason)).toEqual(["先调药，两周后复查再议"]);
    expect(side.own).toHaveLength(openSum(numbersOf(side, "zhabei-central").open));
    const names = await admin<
      { full_name: string }[]
    >`select full_name from patient where full_name is not null`;
    for (const view of [asked, side])
      for (const { full_name } of names) expect(JSON.stringify(view)).not.toContain(full_name);
  });
  it("counts a follow-up that nobody made, and one who did not come", async () => {
    await act(qin, first, { action: "admit", admissionNumber: "Z1" });
    await act(gu, first, { action: "readyForDown" });
    const { body: made } = await gu.post("/api/referrals", {
      patientId: patients["0"],
      direction: "down",
      previousId: first,
      content: {
        requesterPhone: "021-56628584",
        impression: [{ code: "I10", text: "高血压" }],
        admissionNumber: "Z1",
        results: "无异常",
        treatmentSoFar: "联合用药",
        plan: "自测血压",
        rehabilitationAdvice: "限盐",
        reviewOn: "2026-11-25",
        returnTriggers: [{ kind: "words", code: "headache", text: "剧烈头痛" }],
      },
    });
    await gu.post(`/api/referrals/${made.id}/consents`, {
      given: true,
      method: "fingerprint",
      language: "zh-CN",
      textVersion: "referral-2026-11",
      signerName: "患者",
      signerRelation: "本人",
      witnessName: "顾明远",
      reason: "不便签字",
    });
    await act(gu, made.id, { action: "submit" });
    await act(wang, made.id, { action: "accept" });
    await act(gu, made.id, { action: "discharge" });
    await act(wang, made.id, { action: "takeOn" });
    const view = await board(commission);
    // The episode is one open loop: at the house that has the patient.
    expect(numbersOf(view, "zhabei-central").open).toEqual({ due: 1 });
    expect(numbersOf(view, "pengpu").open).toEqual({ home: 1 });
    test.clock.now = new Date("2026-11-27T02:00:00Z");
    commission = await test.as("jiangwei");
    expect(numbersOf(await board(commission), "pengpu")).toMatchObject({
      followUps: 1,
      missedFollowUps: 1,
    });
    // And behind the number stands whose it was and when, without a name.
    const { body: missed } = await commission.get(
      `/api/referral-board/list?what=missed&days=7&house=${house("pengpu")}`,
    );
    expect(missed.total).toBe(1);
    expect(missed.rows).toMatchObject([
      {
        id: null,
        number: made.number,
        reason: null,
        dueAt: null,
        missedOn: "2026-11-25",
        to: { id: house("pengpu") },
      },
    ]);
    expect(JSON.stringify(missed)).not.toContain(made.patient.fullName);
  });
});

function clocks(validFrom: string, more: object = {}) {
  return {
    validFrom,
    emergencyMinutes: 10,
    urgentMinutes: 60,
    routineMinutes: null,
    headMinutes: 20,
    administratorMinutes: 40,
    holdHours: 48,
    dutyPhone: "021-31270810",
    source: "院办〔2026〕12 号",
    ...more,
  };
}

describe("the clocks of a house", () => {
  it("are entered from a day on, and what was is kept", async () => {
    test.clock.now = monday;
    expect((await zheng.get("/api/referral-policy")).body.rows).toEqual([]);
    const entered = await zheng.post("/api/referral-policy", clocks("2026-11-23"));
    expect(entered.status, JSON.stringify(entered.body)).toBe(200);
    expect(entered.body.rows[0]).toMatchObject({ urgentMinutes: 60, when: "current" });
    expect(entered.body.defaults.routineMinutes).toBe(480);
    const coming = await zheng.post("/api/referral-policy", clocks("2026-12-01"));
    expect(coming.body.rows.map((one: { when: string }) => one.when)).toEqual([
      "coming",
      "current",
    ]);
  });
  it("refuses a past day, a day that has a row, and numbers that are none", async () => {
    expect((await zheng.post("/api/referral-policy", clocks("2026-11-01"))).status).toBe(422);
    expect((await zheng.post("/api/referral-policy", clocks("2026-11-23"))).status).toBe(409);
    for (const [more, status] of [
      [{ urgentMinutes: 0 }, 400],
      [{ holdHours: 1000 }, 400],
      [{ dutyPhone: "12" }, 422],
    ] as const)
      expect((await zheng.post("/api/referral-policy", clocks("2026-12-09", more))).status).toBe(
        status,
      );
  });
});
