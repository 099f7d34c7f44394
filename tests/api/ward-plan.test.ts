/**
 * From a published way of a specialty alliance to the ward's suggestion and the way home by it, on the demo's own
 * ward: of one all is known, of one a critical value is open, of one something is not known.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

let test: TestApp;
let gu: Client;
let wang: Client;
beforeAll(async () => {
  test = await buildTestApp();
  [gu, wang] = [await test.as("gumingyuan"), await test.as("wangjianguo")];
});
afterAll(() => test.close());

const house = (slug: string) => test.ids.institutions.get(slug)!;
type Suggestion = {
  patient: { id: string; name: string };
  diagnoses: { code: string; text: string }[];
  way: { id: string; names: { zh: string }; reviewDays: number };
  wayUpId: string;
  begunId: string | null;
  facts: { kind: string | null; verdict: string; names: { zh: string } | null }[];
};
const ward = async () => {
  const { body } = await gu.get("/api/ward/down-suggestions");
  return body as { looked: number; suggestions: Suggestion[] };
};
const named = ({ suggestions }: { suggestions: Suggestion[] }, name: string) =>
  suggestions.find((one) => one.patient.name === name);
const verdicts = (one: Suggestion | undefined) =>
  Object.fromEntries((one?.facts ?? []).map((fact) => [fact.kind ?? "asked", fact.verdict]));

describe("the demo's ward", () => {
  it("suggests whom nothing speaks against, says what nobody knows, and not whose critical value is open", async () => {
    const seen = await ward();
    expect(verdicts(named(seen, "单桂珍"))).toMatchObject({
      "stay-planned": "met",
      "stable-vitals": "met",
      "no-open-critical-value": "met",
      "no-high-care-device": "met",
    });
    expect(verdicts(named(seen, "祁秀兰"))).toMatchObject({
      "stay-planned": "unknown",
      "stable-vitals": "unknown",
      "no-open-critical-value": "met",
      "no-high-care-device": "unknown",
    });
    expect(named(seen, "路志明")).toBeUndefined();
    expect(seen.looked).toBeGreaterThan(seen.suggestions.length);
    // The doctor has done something about it: now nothing speaks against him either.
    const mine = (await gu.get("/api/critical-values")).body.values.find(
      (one: { itemText: string; state: string }) => one.itemText === "血钾",
    );
    expect(mine.state).toBe("received");
    const acted = await gu.post(`/api/critical-values/${mine.id}/actions`, {
      action: "recordAction",
      version: mine.version,
      text: "葡萄糖酸钙静推，停螺内酯，两小时后复查 4.6 mmol/L",
    });
    expect(acted.status, JSON.stringify(acted.body)).toBe(200);
    expect(verdicts(named(await ward(), "路志明"))).toMatchObject({
      "no-open-critical-value": "met",
    });
  });
});

describe("a way that an alliance publishes", () => {
  it("is the one that the ward suggests, begins and sends home by", async () => {
    const before = named(await ward(), "祁秀兰")!;
    const [shen, fang] = [await test.as("shenruolan"), await test.as("fangwenbo")];
    await shen.post("/api/session/institution", { institutionId: house("changzheng") });
    await fang.post("/api/session/institution", { institutionId: house("zhabei-central") });
    const { alliances } = (await shen.get("/api/pathway-plans")).body;
    expect(alliances).toHaveLength(1);
    const [{ alliance, plans }] = alliances;
    const current = plans.find((one: { current: boolean }) => one.current);
    const { content } = (await shen.get(`/api/pathway-plans/${current.id}`)).body;
    const way = {
      ...content.ways[0],
      code: "nerve-rehabilitation-down",
      direction: "down",
      names: {
        zh: "神经损伤康复下转",
        en: "Nerve injury, on to rehabilitation",
        bo: "དབང་རྩ་རྨས་པའི་སླར་གསོ་མར་སྤོ།",
      },
      diagnosisPrefixes: ["I63", "S06"],
      criteria: [
        {
          code: "calm",
          names: { zh: "生命体征平稳 6 小时", en: "Calm for 6 hours", bo: null },
          evidence: null,
          wardFact: { fact: "stable-vitals", hours: 6 },
        },
        {
          code: "swallows",
          names: { zh: "吞咽评估通过", en: "Swallowing was assessed", bo: null },
          evidence: null,
          wardFact: null,
        },
      ],
      receivers: [],
      wantedResults: [],
      followUpDays: [5, 30],
      returnTriggers: [{ code: "oxygen", kind: "value", measure: "spo2Percent", atMost: 90 }],
    };
    const written = await shen.post("/api/pathway-plans", {
      allianceId: alliance.id,
      validFrom: "2026-11-23",
      note: "脑梗死恢复期就近康复",
      content: { ways: [...content.ways, way] },
    });
    expect(written.status, JSON.stringify(written.body)).toBe(200);
    // A draft changes nothing on the ward.
    expect(named(await ward(), "祁秀兰")!.way.id).toBe(before.way.id);
    const published = await fang.post(`/api/pathway-plans/${written.body.id}/publish`, {});
    expect(published.status, JSON.stringify(published.body)).toBe(200);

    const now = named(await ward(), "祁秀兰")!;
    expect(now.way.names.zh).toBe("神经损伤康复下转");
    expect(now.facts.filter((one) => one.kind === null)).toMatchObject([
      { verdict: "ask", names: { zh: "吞咽评估通过" } },
    ]);
    // Another diagnosis keeps its way.
    expect(named(await ward(), "单桂珍")!.way.id).toBe(before.way.id);

    // One tap, as the page sends it.
    const made = await gu.post("/api/referrals", {
      patientId: now.patient.id,
      direction: "down",
      previousId: now.wayUpId,
      content: { urgency: "routine", impression: now.diagnoses, pathwayId: now.way.id },
    });
    expect(made.status, JSON.stringify(made.body)).toBe(200);
    const id = made.body.id as string;
    expect(named(await ward(), "祁秀兰")!.begunId).toBe(id);
    const medicine = {
      text: "阿司匹林 100 mg",
      dose: "每日一次",
      until: null,
      available: null,
      substitute: null,
    };
    const filled = await gu.put(`/api/referrals/${id}/draft`, {
      version: made.body.version,
      content: {
        requesterPhone: "021-56628584",
        admissionNumber: "Z8640",
        results: "头颅磁共振：左侧基底节区梗死",
        treatmentSoFar: "抗血小板、调脂，肌力 4 级",
        plan: "每日康复训练，阿司匹林长期",
        rehabilitationAdvice: "步态训练",
        reviewOn: "2026-11-28",
        medicines: [medicine],
        returnTriggers: [{ kind: "value", code: "oxygen", measure: "spo2Percent", atMost: 90 }],
        criteria: [
          { code: "calm", evidence: null },
          { code: "swallows", evidence: null },
        ],
      },
    });
    expect(filled.status, JSON.stringify(filled.body)).toBe(200);
    const agreed = await gu.post(`/api/referrals/${id}/consents`, {
      given: true,
      method: "fingerprint",
      language: "zh-CN",
      textVersion: "referral-2026-11",
      signerName: "祁秀兰",
      signerRelation: "本人",
      witnessName: "顾明远",
      reason: "按指印，读给本人听过",
    });
    expect(agreed.status, JSON.stringify(agreed.body)).toBe(200);
    const act = async (client: Client, body: object) => {
      const { version } = (await client.get(`/api/referrals/${id}`)).body;
      return client.post(`/api/referrals/${id}/actions`, { version, ...body });
    };
    // Who is sent home is ready for it first.
    const { version } = (await gu.get(`/api/referrals/${now.wayUpId}`)).body;
    await gu.post(`/api/referrals/${now.wayUpId}/actions`, { action: "readyForDown", version });
    const sent = await act(gu, { action: "submit" });
    expect(sent.body.state, JSON.stringify(sent.body)).toBe("submitted");
    const there = (await wang.get(`/api/referrals/${id}`)).body;
    expect(there.content.pathwayId).toBe(now.way.id);
    const accepted = await act(wang, {
      action: "accept",
      medicines: [{ ...medicine, available: true }],
    });
    expect(accepted.body.state, JSON.stringify(accepted.body)).toBe("accepted");
    expect((await act(gu, { action: "discharge" })).body.state).toBe("sent-down");
    // The bed of the way up is free, and the ward looks at her no more.
    expect(named(await ward(), "祁秀兰")).toBeUndefined();
    // The community books what the way's version says.
    const { pathways } = (await wang.get(`/api/pathways?direction=down&also=${now.way.id}`)).body;
    const { followUpDays } = pathways.find((one: { id: string }) => one.id === now.way.id);
    expect(followUpDays).toEqual([5, 30]);
    const followUps = ["2026-11-28", "2026-12-23"].map((dueOn) => ({
      dueOn,
      kind: "visit",
      purpose: "看肌力和血压",
    }));
    const taken = await act(wang, { action: "takeOn", followUps });
    expect(taken.body.state, JSON.stringify(taken.body)).toBe("continued-in-community");
    const booked = (await wang.get("/api/follow-ups?scope=all")).body.followUps.filter(
      (one: { patient: { id: string } }) => one.patient.id === now.patient.id,
    );
    expect(booked.map((one: { dueOn: string }) => one.dueOn).toSorted()).toEqual([
      "2026-11-28",
      "2026-12-23",
    ]);
  });
});
