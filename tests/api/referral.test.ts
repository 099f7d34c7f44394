import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startAlarms } from "../../server/alarms/service.ts";
import { referralAlarms } from "../../server/referral/service.ts";
import { referralTransitions } from "../../server/referral/states.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

let test: TestApp;
let wang: Client;
let qin: Client;
let gu: Client;
let danzeng: Client;
let mother: Client;
let zhou: string;

const houses = (slug: string) => test.ids.institutions.get(slug)!;
const departmentOf = async (slug: string, unit: string) =>
  (
    await test.services.db.withActor({ kind: "system", reason: "test", language: "zh-CN" }, (tx) =>
      tx.execute<{ id: string }>(
        sql`select id from department where institution_id = ${houses(slug)} and slug = ${unit}`,
      ),
    )
  )[0]!.id;
const staysOf = (patientId: string) =>
  test.services.db.withActor({ kind: "system", reason: "test", language: "zh-CN" }, async (tx) => [
    ...(await tx.execute<{ until: string | null }>(
      sql`select s.until from bed_stay s join bed_hold h on h.id = s.hold_id where s.patient_id = ${patientId} and h.purpose = 'referral'`,
    )),
  ]);
const act = (client: Client, id: string, body: object) =>
  client.post(`/api/referrals/${id}/actions`, body);
const read = async (client: Client, id: string) => (await client.get(`/api/referrals/${id}`)).body;
const consent = {
  given: true,
  method: "signature",
  language: "zh-CN",
  textVersion: "referral-2026-11",
  signerName: "周桂英",
  signerRelation: "本人",
  signature: {
    strokes: [
      [
        [0, 0],
        [9, 9],
      ],
    ],
  },
} as const;

beforeAll(async () => {
  test = await buildTestApp();
  wang = await test.as("wangjianguo");
  qin = await test.as("qinxuemei");
  gu = await test.as("gumingyuan");
  danzeng = await test.as("danzeng");
  zhou = test.ids.patients.get("zhou")!;
  mother = await test.as("13800138003");
});
afterAll(() => test.close());

async function upContent() {
  return {
    urgency: "routine",
    toInstitutionId: houses("zhabei-central"),
    toDepartmentId: await departmentOf("zhabei-central", "medicine"),
    requesterPhone: "021-56914949",
    reason: "血压控制不满意，伴头晕",
    impression: [{ code: "I10", text: "原发性高血压" }],
    presentHistory: "两次随访血压 168/100、172/102",
    pastHistory: "高血压 12 年",
    treatmentSoFar: "氨氯地平 5 mg，每日一次",
    criteria: [{ code: "twice-uncontrolled", evidence: null }],
    vitals: { systolicMmHg: 172, diastolicMmHg: 102 },
  };
}
async function begin(content: object, client = wang, patientId = zhou) {
  const made = await client.post("/api/referrals", { patientId, direction: "up", content });
  expect(made.status, JSON.stringify(made.body)).toBe(200);
  return made.body;
}

describe("who may", () => {
  it("refuses whoever is nobody, has no right, or is of another house", async () => {
    expect((await test.anonymous.get("/api/referrals?scope=desk")).status).toBe(401);
    const lijia = await test.as("lijia");
    expect((await lijia.post("/api/referrals", { patientId: zhou, direction: "up" })).status).toBe(
      403,
    );
    const draft = await begin(await upContent());
    // A draft is nobody's but the own house's: not the other house's, not a third one's, not yet the patient's.
    for (const other of [qin, danzeng])
      expect((await other.get(`/api/referrals/${draft.id}`)).status).toBe(404);
    expect((await mother.get("/api/me/road")).body.episodes).toEqual([]);
    expect((await act(qin, draft.id, { action: "accept", version: 1 })).status).toBe(404);
    const gone = await act(wang, draft.id, { action: "cancel", version: 1, reason: "写错了" });
    expect(gone.body.state).toBe("cancelled");
  });
});

describe("the database decides", () => {
  it("holds the same state order as the pages", async () => {
    const rows = await test.services.db.withActor(
      { kind: "system", reason: "test", language: "zh-CN" },
      (tx) =>
        tx.execute<{ direction: string; from_state: string; to_state: string }>(
          sql`select distinct direction::text, from_state::text, to_state::text from referral_transition`,
        ),
    );
    const inDatabase = rows.map((row) => `${row.direction} ${row.from_state} ${row.to_state}`);
    const inCode = referralTransitions.map((one) => `${one.direction} ${one.from} ${one.to}`);
    expect([...new Set(inDatabase)].sort()).toEqual([...new Set(inCode)].sort());
  });
});

describe("an episode goes up and comes home", () => {
  let up: string;
  let down: string;
  it("does not go out before everything is there and the patient has agreed", async () => {
    const content = await upContent();
    const draft = await begin({ urgency: "routine" });
    up = draft.id;
    expect(draft.missing).toContain("reason");
    const early = await act(wang, up, { action: "submit", version: 1 });
    expect(early.status).toBe(422);
    const saved = await wang.put(`/api/referrals/${up}/draft`, { version: 1, content });
    expect(saved.body.missing).toEqual(["consent"]);
    const unasked = await act(wang, up, { action: "submit", version: saved.body.version });
    expect(unasked.body.code).toBe("referral.consent-missing");
    expect((await read(wang, up)).episode.complaint).toBe(content.reason);
  });
  it("is agreed to on the patient's own phone, with a paper left out", async () => {
    const asked = await act(wang, up, {
      action: "askPatient",
      version: (await read(wang, up)).version,
    });
    expect(asked.body.patientAskedAt).not.toBeNull();
    const road = (await mother.get("/api/me/road")).body;
    const mine = road.episodes[0].referrals.find((one: { id: string }) => one.id === up);
    expect(mine.actions).toEqual(["agree"]);
    const agreed = await mother.post(`/api/me/referrals/${up}/actions`, {
      action: "agree",
      version: mine.version,
      language: "zh-CN",
      signerName: "周桂英",
      signerRelation: "本人",
    });
    expect(agreed.status, JSON.stringify(agreed.body)).toBe(200);
    const sent = await act(wang, up, {
      action: "submit",
      version: (await read(wang, up)).version,
    });
    expect(sent.body.state).toBe("submitted");
    expect(sent.body.clock.kind).toBe("respond");
  });
  it("is open once towards a department, whoever writes the second one", async () => {
    const second = await begin(await upContent());
    await wang.post(`/api/referrals/${second.id}/consents`, consent);
    const refused = await act(wang, second.id, {
      action: "submit",
      version: (await read(wang, second.id)).version,
    });
    expect(refused.body.code).toBe("referral.duplicate");
    expect(
      (await wang.get(`/api/referrals/known?patientId=${zhou}&direction=up`)).body.open.length,
    ).toBeGreaterThan(0);
    const version = (await read(wang, second.id)).version;
    await act(wang, second.id, { action: "cancel", version, reason: "重复" });
  });
  it("stands in the desk's queue, is asked about, and taken over by one of two", async () => {
    const queue = (await qin.get("/api/referrals?scope=desk")).body.referrals;
    expect(queue.map((one: { id: string }) => one.id)).toContain(up);
    let seen = await read(qin, up);
    expect(seen.patient.fullName).toBe("周桂英");
    expect(seen.actions).toEqual(expect.arrayContaining(["accept", "return", "redirect"]));
    await act(qin, up, { action: "askMore", version: seen.version, reason: "近期肌酐？" });
    seen = await read(wang, up);
    const answered = await act(wang, up, {
      action: "answerMore",
      version: seen.version,
      text: "肌酐 88 µmol/L",
    });
    const version = answered.body.version;
    const both = await Promise.all([
      act(qin, up, { action: "accept", version, answer: "周四上午来", bed: true }),
      act(qin, up, { action: "accept", version, answer: "周四上午来", bed: true }),
    ]);
    expect(both.map((one) => one.status).sort()).toEqual([200, 409]);
    expect(both.find((one) => one.status === 409)!.body.code).toBe("referral.changed-meanwhile");
    const kept = await read(wang, up);
    expect(kept.heldUntil).not.toBeNull();
    expect(kept.bed.until).toBe(kept.heldUntil);
  });
  it("keeps what is kept until somebody who set off can be there", async () => {
    const before = await read(wang, up);
    const arrivesAt = new Date(test.clock.now.getTime() + 30 * 3_600_000).toISOString();
    const gone = await act(wang, up, { action: "setOff", version: before.version, arrivesAt });
    expect(gone.body.state).toBe("on-the-way");
    expect(Date.parse(gone.body.heldUntil)).toBeGreaterThan(Date.parse(before.heldUntil));
  });
  it("is ended by a handshake: asked for, refused, and goes on", async () => {
    const asked = await mother.post(`/api/me/referrals/${up}/actions`, {
      action: "askCancel",
      version: (await read(wang, up)).version,
      reason: "家里有事",
    });
    expect(asked.status, JSON.stringify(asked.body)).toBe(200);
    const refused = await act(qin, up, {
      action: "refuseCancel",
      version: (await read(qin, up)).version,
      reason: "已通电话，患者愿意来",
    });
    expect(refused.body.state).toBe("accepted");
  });
  it("arrives, is admitted, and gets ready to go home", async () => {
    for (const body of [{ action: "arrive" }, { action: "admit", admissionNumber: "Z1122" }])
      expect((await act(qin, up, { ...body, version: (await read(qin, up)).version })).status).toBe(
        200,
      );
    expect(await staysOf(zhou)).toEqual([{ until: null }]);
    // The desk does not judge the ward.
    expect(
      (await act(qin, up, { action: "readyForDown", version: (await read(qin, up)).version }))
        .status,
    ).toBe(403);
    const ready = await act(gu, up, {
      action: "readyForDown",
      version: (await read(gu, up)).version,
    });
    expect(ready.body.state).toBe("ready-for-down");
  });
  it("is suggested to the ward with what it rests on and what nobody knows, or not yet, because", async () => {
    const ask = () => gu.get("/api/ward/down-suggestions");
    for (const [client, status] of [
      [test.anonymous, 401],
      [mother, 403],
      [wang, 403],
    ] as const)
      expect((await client.get("/api/ward/down-suggestions")).status).toBe(status);
    const mine = (await ask()).body.suggestions.find(
      (one: { patient: { id: string } }) => one.patient.id === zhou,
    );
    expect(mine).toMatchObject({ wayUpId: up, begunId: null, postponed: null });
    expect(mine.diagnoses[0].code).toBe("I10");
    const verdict = (kind: string) =>
      mine.facts.find((one: { kind: string | null }) => one.kind === kind)?.verdict;
    // Nobody measured today and nobody noted devices: said, not assumed.
    expect(verdict("stable-vitals")).toBe("unknown");
    expect(verdict("no-high-care-device")).toBe("unknown");
    expect(verdict("no-open-critical-value")).toBe("met");
    const later = (client: Client, until: string) =>
      client.post(`/api/ward/stays/${mine.stayId}/postpone`, { reason: "等肾动脉造影", until });
    expect((await later(wang, "2026-12-24")).status).toBe(403);
    expect((await later(danzeng, "2026-12-24")).status).not.toBe(200);
    expect((await later(gu, "2020-01-01")).status).toBe(400);
    const day = new Date(test.clock.now.getTime() + 2 * 86_400_000).toISOString().slice(0, 10);
    expect((await later(gu, day)).status).toBe(200);
    const shown = (await ask()).body.suggestions.find(
      (one: { patient: { id: string } }) => one.patient.id === zhou,
    );
    expect(shown.postponed).toMatchObject({ until: day, reason: "等肾动脉造影", by: "顾明远" });
  });
  it("comes down with a plan, when the community has said yes and looked at its shelf", async () => {
    const medicine = {
      text: "缬沙坦 80 mg",
      dose: "每日一次",
      until: null,
      available: null,
      substitute: null,
    };
    const made = await gu.post("/api/referrals", {
      patientId: zhou,
      direction: "down",
      previousId: up,
      content: {
        requesterPhone: "021-56628584",
        impression: [{ code: "I10", text: "原发性高血压 3 级" }],
        admissionNumber: "Z1122",
        results: "肾动脉超声未见狭窄",
        treatmentSoFar: "联合用药后 138/84",
        plan: "家庭自测血压，每日两次",
        rehabilitationAdvice: "限盐，步行 30 分钟",
        reviewOn: "2026-12-06",
        medicines: [medicine],
        returnTriggers: [
          { kind: "value", code: "pressure", measure: "systolicMmHg", atLeast: 180 },
          { kind: "words", code: "headache", text: "剧烈头痛" },
        ],
        pendingResults: [
          { what: "醛固酮", ownerName: "", ownerPhone: "", expectedOn: null, arrived: false },
        ],
      },
    });
    expect(made.status, JSON.stringify(made.body)).toBe(200);
    down = made.body.id;
    expect(made.body.to.id).toBe(houses("pengpu"));
    expect(made.body.missing).toEqual(expect.arrayContaining(["pendingResults.owner", "consent"]));
    await gu.put(`/api/referrals/${down}/draft`, {
      version: made.body.version,
      content: {
        pendingResults: [
          {
            what: "醛固酮",
            ownerName: "顾明远",
            ownerPhone: "021-56628584",
            expectedOn: "2026-11-30",
            arrived: false,
          },
        ],
      },
    });
    await gu.post(`/api/referrals/${down}/consents`, consent);
    const sent = await act(gu, down, {
      action: "submit",
      version: (await read(gu, down)).version,
    });
    expect(sent.body.state).toBe("submitted");
    // Nobody leaves the ward before the community said yes.
    const early = await act(gu, down, { action: "discharge", version: sent.body.version });
    expect(early.body.code).toBe("referral.illegal-step");
    const blind = await act(wang, down, { action: "accept", version: sent.body.version });
    expect(blind.body.code).toBe("referral.formulary");
    const other = await act(wang, down, {
      action: "accept",
      version: sent.body.version,
      medicines: [{ ...medicine, text: "别的药", available: true }],
    });
    expect(other.body.code).toBe("request.invalid");
    const accepted = await act(wang, down, {
      action: "accept",
      version: sent.body.version,
      medicines: [{ ...medicine, available: false, substitute: "厄贝沙坦 150 mg" }],
    });
    expect(accepted.status, JSON.stringify(accepted.body)).toBe(200);
  });
  it("takes the way up along, step by step", async () => {
    await act(gu, down, { action: "discharge", version: (await read(gu, down)).version });
    expect((await read(wang, up)).state).toBe("sent-down");
    expect((await staysOf(zhou))[0]!.until).not.toBeNull();
    const taken = await act(wang, down, {
      action: "takeOn",
      version: (await read(wang, down)).version,
      followUps: [{ dueOn: "2026-12-06", kind: "visit", purpose: "复查血压" }],
    });
    expect(taken.body.followUps).toHaveLength(1);
    expect((await read(wang, up)).state).toBe("continued-in-community");
    // The list says how many there are, and one is found wherever it stands; nobody else's.
    const [made] = taken.body.followUps;
    const all = (await wang.get("/api/follow-ups?scope=all")).body;
    expect(all.total).toBe(all.followUps.length);
    const cut = (await wang.get("/api/follow-ups?scope=all&limit=1")).body;
    expect([cut.followUps.length, cut.total]).toEqual([1, all.total]);
    const alone = (await wang.get(`/api/follow-ups?scope=all&id=${made.id}`)).body;
    expect(alone).toMatchObject({ total: 1, followUps: [{ id: made.id }] });
    const elsewhere = await danzeng.get(`/api/follow-ups?scope=all&id=${made.id}`);
    expect(elsewhere.body.followUps ?? []).toEqual([]);
  });
  it("goes up again when a value says so, in the same episode, told to both doctors", async () => {
    const [due] = (await read(wang, down)).followUps;
    const done = await wang.post(`/api/follow-ups/${due.id}/actions`, {
      action: "done",
      version: due.version,
      vitals: { systolicMmHg: 186, diastolicMmHg: 112 },
      findings: "休息后复测 186/112，头痛",
      triggered: ["headache"],
    });
    expect(done.status, JSON.stringify(done.body)).toBe(200);
    expect(done.body.followUp.triggered).toEqual(["pressure", "headache"]);
    const raised = await read(wang, done.body.raisedReferralId);
    expect(raised).toMatchObject({ state: "draft", urgency: "urgent", direction: "up" });
    expect(raised.episode.id).toBe((await read(wang, up)).episode.id);
    // Home again is no reason to refuse: it goes to the same department once more.
    const content = await upContent();
    await wang.put(`/api/referrals/${raised.id}/draft`, { version: raised.version, content });
    const again = await act(wang, raised.id, {
      action: "submit",
      version: (await read(wang, raised.id)).version,
    });
    expect(again.body.state, JSON.stringify(again.body)).toBe("submitted");
    const back = await act(qin, raised.id, {
      action: "return",
      version: again.body.version,
      reason: "门诊调药即可",
    });
    expect(back.body.state).toBe("returned");
    await act(wang, raised.id, { action: "revise", version: back.body.version });
    const told = (await gu.get("/api/notices")).body.notices.map(
      (one: { kind: string }) => one.kind,
    );
    expect(told).toContain("follow-up-triggered");
    const twice = await wang.post(`/api/follow-ups/${due.id}/actions`, {
      action: "done",
      version: due.version + 1,
      vitals: {},
      findings: "again",
    });
    expect(twice.status).toBe(409);
    // What is open keeps the episode open.
    const closing = await wang.post(`/api/episodes/${raised.episode.id}/close`, {
      version: raised.episode.version,
      reason: "结束",
    });
    expect(closing.body.code).toBe("referral.open-loop");
  });
  it("shows the patient the whole road in its order", async () => {
    const { episodes } = (await mother.get("/api/me/road")).body;
    const road = episodes.find((one: { referrals: { id: string }[] }) =>
      one.referrals.some((part) => part.id === up),
    );
    expect(road.referrals.map((one: { id: string }) => one.id)).toEqual(
      expect.arrayContaining([up, down]),
    );
    expect(JSON.stringify(road)).not.toContain("近期肌酐");
  });
});

describe("an emergency", () => {
  let id: string;
  let next: string;
  it("goes out with three things and starts without anybody's yes", async () => {
    const made = await danzeng.post("/api/referrals", {
      patientId: test.ids.patients.get("dawa")!,
      direction: "up",
      content: {
        urgency: "emergency",
        toInstitutionId: houses("sakya-hospital"),
        reason: "高原肺水肿可能，粉红色泡沫痰",
        vitals: { spo2Percent: 58, breathsPerMinute: 38 },
        requesterPhone: "0892-8242120",
      },
    });
    id = made.body.id;
    expect(made.body.missing).toEqual([]);
    const sent = await act(danzeng, id, { action: "submit", version: made.body.version });
    expect(sent.body.state, JSON.stringify(sent.body)).toBe("submitted");
    const away = await act(danzeng, id, { action: "setOff", version: sent.body.version });
    expect(away.body.state).toBe("on-the-way");
  });
  it("is passed on by a desk only after a call, and is with the next house in the same moment", async () => {
    const county = await test.as("zhaxidunzhu");
    const seen = await read(county, id);
    const target = { institutionId: houses("xuhui-central"), departmentId: null };
    const silent = await act(county, id, {
      action: "redirect",
      version: seen.version,
      reason: "没有呼吸机",
      ...target,
    });
    expect(silent.body.code).toBe("referral.call-first");
    const passed = await act(county, id, {
      action: "redirect",
      version: seen.version,
      reason: "没有呼吸机",
      call: { with: "旦增", at: test.clock.now.toISOString() },
      ...target,
    });
    expect(passed.status, JSON.stringify(passed.body)).toBe(200);
    const sent = (await danzeng.get("/api/referrals?scope=sent")).body.referrals;
    next = sent.find(
      (one: { to: { id: string } | null }) => one.to?.id === houses("xuhui-central"),
    ).id;
    const lijia = await test.as("lijia");
    expect((await read(lijia, next)).state).toBe("submitted");
    // Back to where it came from: a ring.
    const ring = await act(lijia, next, {
      action: "redirect",
      version: (await read(lijia, next)).version,
      reason: "转回",
      call: { with: "旦增", at: test.clock.now.toISOString() },
      institutionId: houses("sakya-hospital"),
      departmentId: null,
    });
    expect(ring.body.code).toBe("referral.redirect-ring");
    // Who passed it on keeps the work, not the file.
    expect((await read(county, id)).content).toEqual({});
  });
});

describe("a number", () => {
  const one = async <Row extends Record<string, unknown>>(statement: ReturnType<typeof sql>) =>
    (
      await test.services.db.withActor(
        { kind: "system", reason: "test", language: "zh-CN" },
        (tx) => tx.execute<Row>(statement),
      )
    )[0]!;
  const seatOf = (referralId: string) =>
    one<{ state: string; held_until: string | null; taken: string | null }>(sql`
      select a.state::text, s.held_until, s.appointment_id as taken from referral r join appointment a on a.id = r.appointment_id
      left join seat s on s.appointment_id = a.id where r.id = ${referralId}`);
  const fireDue = async () => {
    const alarms = startAlarms({
      db: test.services.db,
      clock: test.services.clock,
      handlers: referralAlarms({ vault: test.services.vault }),
      log: { info: () => {}, warn: () => {}, error: () => {} },
    });
    await alarms.fireDue();
    await alarms.close();
  };
  async function sent(): Promise<string> {
    const segment = await one<{ id: string; department_id: string; institution_id: string }>(sql`
      select g.id, g.department_id, g.institution_id from segment g join institution i on i.id = g.institution_id
      where i.slug = 'xuhui-central' and g.kind = 'clinic' and g.starts_at > ${new Date(test.clock.now.getTime() + 3 * 86_400_000).toISOString()}
        and g.stopped_at is null and exists (select 1 from seat s where s.segment_id = g.id and s.appointment_id is null and s.public_from <= ${test.clock.now.toISOString()})
        and not exists (select 1 from appointment a where a.patient_id = ${zhou} and a.department_id = g.department_id)
      order by g.starts_at limit 1`);
    const draft = await begin({
      ...(await upContent()),
      toInstitutionId: segment.institution_id,
      toDepartmentId: segment.department_id,
    });
    await wang.post(`/api/referrals/${draft.id}/consents`, consent);
    const answer = await act(wang, draft.id, {
      action: "submit",
      version: (await read(wang, draft.id)).version,
      segmentId: segment.id,
    });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    return draft.id;
  }
  it("is kept a day, not minutes, and is an appointment with the other house's yes", async () => {
    const id = await sent();
    const kept = await seatOf(id);
    expect(kept.state).toBe("held");
    expect(Date.parse(kept.held_until!) - test.clock.now.getTime()).toBe(24 * 3_600_000);
    const lijia = await test.as("lijia");
    const accepted = await act(lijia, id, {
      action: "accept",
      version: (await read(lijia, id)).version,
    });
    expect(accepted.body.state, JSON.stringify(accepted.body)).toBe("booked");
    expect((await seatOf(id)).state).toBe("booked");
    const asked = await act(wang, id, {
      action: "askCancel",
      version: accepted.body.version,
      reason: "已好转",
    });
    await act(lijia, id, { action: "confirmCancel", version: asked.body.version });
    await fireDue();
    expect(await seatOf(id)).toMatchObject({ state: "cancelled", taken: null });
  });
  it("that falls away is the desk's to replace, and one nobody came to is said to whoever referred", async () => {
    const id = await sent();
    const lijia = await test.as("lijia");
    await act(lijia, id, { action: "accept", version: (await read(lijia, id)).version });
    const seat = async () =>
      (await one<{ id: string }>(sql`select appointment_id as id from referral where id = ${id}`))
        .id;
    const first = await seat();
    const patient = await test.as("13800138003");
    expect((await patient.post(`/api/appointments/${first}/cancel`, {})).status).toBe(200);
    // Nobody loses a number twice: the clock may fire again.
    await fireDue();
    await fireDue();
    const lost = await read(lijia, id);
    expect(lost.state).toBe("accepted");
    expect(lost.steps.filter((step: { action: string }) => step.action === "loseSeat").length).toBe(
      1,
    );
    expect(await seat()).toBeNull();
    for (const login of ["lijia", "wangjianguo"]) {
      const told = await (await test.as(login)).get("/api/notices");
      expect(
        told.body.notices.filter(
          (notice: { kind: string; entityId: string }) =>
            notice.kind === "referral-seat-lost" && notice.entityId === id,
        ),
        login,
      ).toHaveLength(1);
    }
    const free = await one<{ id: string }>(sql`select g.id from segment g
      where g.department_id = (select to_department_id from referral where id = ${id}) and g.kind = 'clinic' and g.stopped_at is null
        and g.starts_at > ${new Date(test.clock.now.getTime() + 3 * 86_400_000).toISOString()}
        and exists (select 1 from seat s where s.segment_id = g.id and s.appointment_id is null and s.public_from <= ${test.clock.now.toISOString()})
      order by g.starts_at limit 1`);
    const booked = await act(lijia, id, {
      action: "book",
      version: lost.version,
      segmentId: free.id,
    });
    expect(booked.body.state, JSON.stringify(booked.body)).toBe("booked");
    await fireDue();
    expect((await read(lijia, id)).state).toBe("booked");

    await test.services.db.withActor({ kind: "system", reason: "test", language: "zh-CN" }, (tx) =>
      tx.execute(
        sql`update appointment a set state = 'no-show', version = a.version + 1, ended_at = ${test.clock.now.toISOString()} where id = (select appointment_id from referral where id = ${id})`,
      ),
    );
    await fireDue();
    expect((await read(lijia, id)).state).toBe("no-show");
  });
  it("goes back when the referral does", async () => {
    const id = await sent();
    const lijia = await test.as("lijia");
    await act(lijia, id, {
      action: "return",
      version: (await read(lijia, id)).version,
      reason: "社区可处理",
    });
    await fireDue();
    expect(await seatOf(id)).toMatchObject({ state: "cancelled", taken: null });
  });
});

describe("what triage said", () => {
  it("is filled in where it comes from, and read by the house that is asked", async () => {
    const asked = (await wang.get(`/api/triage/questionnaire?patientId=${zhou}`)).body;
    const answers: Record<string, string> = {};
    for (const one of [...asked.redFlags, ...asked.questions])
      if (
        (one.complaints === null || one.complaints.includes("cough")) &&
        (!one.kind || one.kind === "yes-no")
      )
        answers[one.key] = "no";
    const assessed = await wang.post("/api/triage/assessments", {
      ruleSetId: asked.ruleSetId,
      patientId: zhou,
      complaint: "cough",
      answers,
      values: { systolic: 182, systolicAgain: 176, diastolic: 104, diastolicAgain: 100 },
      conditions: [],
      medicines: [],
    });
    expect(assessed.status, JSON.stringify(assessed.body)).toBe(200);
    const known = (await wang.get(`/api/referrals/known?patientId=${zhou}&direction=up`)).body;
    expect(known.content).toMatchObject({
      triageAssessmentId: assessed.body.id,
      vitals: { systolicMmHg: 176, diastolicMmHg: 100 },
    });
    const draft = await begin({
      ...(await upContent()),
      urgency: "emergency",
      triageAssessmentId: assessed.body.id,
    });
    // Not before it is sent, and not after it was sent back.
    const sent = await act(wang, draft.id, { action: "submit", version: draft.version });
    expect(sent.body.state, JSON.stringify(sent.body)).toBe("submitted");
    expect((await read(qin, draft.id)).triage).toMatchObject({ complaint: "cough" });
    await act(qin, draft.id, {
      action: "return",
      version: sent.body.version,
      reason: "可在社区处理",
      call: { with: "王建国", at: test.clock.now.toISOString() },
    });
    expect((await read(qin, draft.id)).triage).toBeNull();
  });
});

describe("down to a rehabilitation hospital or a nursing home", () => {
  it.each([
    ["rehab-3", "rehabilitation", "shihuifen"],
    ["linfen-care", "nursing", "hanshuzhen"],
  ])("is offered to %s and accepted by its own desk", async (slug, unit, login) => {
    const hemin = await test.as("hemin");
    const { patient } = (
      await hemin.post("/api/patients", {
        fullName: slug === "rehab-3" ? "盛康复" : "盛护理",
        sex: "female",
        birthDate: "1944-04-04",
      })
    ).body;
    const targets = (await gu.get("/api/referrals/targets?direction=down")).body.targets;
    expect(targets.map((one: { institution: { id: string } }) => one.institution.id)).toContain(
      houses(slug),
    );
    const made = await gu.post("/api/referrals", {
      patientId: patient.id,
      direction: "down",
      content: {
        urgency: "routine",
        toInstitutionId: houses(slug),
        toDepartmentId: await departmentOf(slug, unit),
        requesterPhone: "021-56628584",
        reason: "脑梗死恢复期",
        impression: [{ code: "I63.9", text: "脑梗死" }],
        admissionNumber: "Z2001",
        results: "头颅 MRI：左侧基底节梗死",
        treatmentSoFar: "抗血小板、降压",
        plan: "继续康复训练",
        rehabilitationAdvice: "每日床边训练两次",
        reviewOn: "2026-12-20",
        returnTriggers: [{ kind: "words", code: "weakness", text: "肢体无力加重" }],
      },
    });
    expect(made.status, JSON.stringify(made.body)).toBe(200);
    await gu.post(`/api/referrals/${made.body.id}/consents`, consent);
    const sent = await act(gu, made.body.id, {
      action: "submit",
      version: (await read(gu, made.body.id)).version,
    });
    expect(sent.body.state, JSON.stringify(sent.body)).toBe("submitted");
    const desk = await test.as(login);
    const accepted = await act(desk, made.body.id, {
      action: "accept",
      version: sent.body.version,
      answer: "明天上午接",
    });
    expect(accepted.body.state, JSON.stringify(accepted.body)).toBe("accepted");
  });
});
