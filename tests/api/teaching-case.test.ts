import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { demoActor } from "../../server/demo/load.ts";
import { systemActor } from "../../server/identity/session-service.ts";
import { caseTransitions } from "../../server/teaching/case-domain.ts";
import { findSession } from "../../server/teaching/repository.ts";
import { takeTeachingStep } from "../../server/teaching/service.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

let test: TestApp;
let teacher: Client;
let coHost: Client;
let reviewer: Client;
let observer: Client;
let listener: Client;
let stranger: Client;
let mother: Client;
let sessionId: string;
let patientId: string;
const house = (slug: string) => test.ids.institutions.get(slug)!;
const staff = (login: string) => demoActor(test.ids, login);

beforeAll(async () => {
  test = await buildTestApp();
  // Records are asked for over HTTP, of this very server.
  await test.app.listen({ port: 0, host: "127.0.0.1" });
  [teacher, coHost, reviewer, observer, listener, stranger, mother] = (await Promise.all(
    ["zhouminhua", "wuqihang", "luweihong", "sunxiao", "danzeng", "wangjianguo", "13800138001"].map(
      (who) => test.as(who),
    ),
  )) as [Client, Client, Client, Client, Client, Client, Client];
  const [girl] = await asSystem<{ id: string }>(
    sql`select p.id from patient p where p.full_name = '达娃' and exists (select 1 from consult c where c.patient_id = p.id)`,
  );
  patientId = girl!.id;
  // The house that teaches knows her.
  await asSystem(
    sql`insert into patient_institution (patient_id, institution_id, source) values (${patientId}, ${house("xuhui-central")}, 'test') on conflict do nothing`,
  );
  const made = await teacher.post("/api/teaching/sessions", {
    title: "病例讨论",
    topic: "病例讨论",
    startsAt: "2026-11-25T08:00:00Z",
    lengthMinutes: 30,
    speakers: [
      {
        personId: staff("zhouminhua").personId,
        institutionId: house("xuhui-central"),
        role: "presenter",
      },
      {
        personId: staff("wuqihang").personId,
        institutionId: house("xuhui-central"),
        role: "co-host",
      },
    ],
    audience: [{ kind: "institution", institutionId: house("sakya-chc") }],
  });
  sessionId = made.body.id;
  await teacher.post(`/api/teaching/sessions/${sessionId}/actions`, {
    action: "plan",
    version: made.body.version,
  });
});
afterAll(() => test.close());

const asSystem = <Row extends Record<string, unknown>>(statement: ReturnType<typeof sql>) =>
  test.services.db.withActor(systemActor("test"), (tx) => tx.execute<Row>(statement));
const body = (more: object = {}) => ({
  patientId,
  title: "达娃的皮疹",
  dayZero: "2026-11-20",
  codes: ["D69.0"],
  texts: [
    {
      title: "主诉",
      text: "达娃，双下肢紫癜 3 天，11月21日由母亲央金送到麻布加乡卫生院，电话 13800138001。",
    },
  ],
  keys: [] as string[],
  stills: [] as string[],
  ...more,
});
const consentBody = (more: object = {}) => ({
  patientId,
  given: true,
  replay: true,
  method: "signature",
  language: "bo",
  textVersion: "2026-11",
  signerName: "央金",
  signerRelation: "mother",
  signature: {
    strokes: [
      [
        [0, 0],
        [1, 1],
      ],
    ],
  },
  present: "周敏华、央金、口译",
  withoutObservers: true,
  ...more,
});
const post = (who: Client, url: string, payload: object) =>
  who.post(`/api/teaching/${url}`, payload);
const casesOf = async (who: Client) =>
  (await who.get(`/api/teaching/sessions/${sessionId}/cases`)).body.cases as {
    id: string;
    state: string;
    items: { struck: unknown[] }[];
    picked: unknown;
  }[];
const step = (action: "goLive" | "end") =>
  test.services.db.withActor(staff("zhouminhua"), async (tx) =>
    takeTeachingStep(
      {
        tx,
        actor: staff("zhouminhua"),
        origin: { correlationId: "t", address: null },
        now: test.clock.now,
      },
      (await findSession(tx, sessionId))!,
      { action },
    ),
  );

describe("a case from the record", () => {
  it("is nothing for other houses, observers, or the audience before it is live", async () => {
    for (const who of [listener, stranger, observer, reviewer]) {
      expect(
        (await who.get(`/api/teaching/sessions/${sessionId}/case-source?patientId=${patientId}`))
          .status,
      ).toBeGreaterThanOrEqual(400);
      expect(
        (await post(who, `sessions/${sessionId}/cases`, body())).status,
      ).toBeGreaterThanOrEqual(400);
      expect(
        (await post(who, `sessions/${sessionId}/consents`, consentBody())).status,
      ).toBeGreaterThanOrEqual(400);
    }
    expect((await reviewer.get(`/api/teaching/reviews`)).body.reviews).toEqual([]);
    expect((await stranger.get(`/api/teaching/reviews`)).status).toBe(403);
  });

  it("is picked of the record, shown without who it is about, agreed to, reviewed by another, and taken back", async () => {
    const source = (
      await teacher.get(`/api/teaching/sessions/${sessionId}/case-source?patientId=${patientId}`)
    ).body;
    expect(source.items, JSON.stringify(source)).toBeInstanceOf(Array);
    expect(source.items.length).toBeGreaterThan(0);
    const keys = source.items.slice(0, 8).map((one: { key: string }) => one.key);
    const made = (await post(teacher, `sessions/${sessionId}/cases`, body({ keys }))).body;
    expect(made, JSON.stringify(made)).toMatchObject({
      state: "draft",
      who: "女，9 岁",
      needsReview: true,
      consented: false,
    });
    const shown = JSON.stringify({
      ...made,
      items: made.items.map((one: { struck: unknown }) => ({ ...one, struck: null })),
      patientId: null,
      picked: null,
    });
    for (const secret of [
      "达娃",
      "央金",
      "ཟླ་བ",
      "13800138001",
      "麻布加",
      "萨迦",
      "徐汇",
      "2026-11-21",
    ])
      expect(shown).not.toContain(secret);
    expect(made.items[0].lines[0].text).toContain("第 1 天");
    expect(made.items[0].struck.map((one: { kind: string }) => one.kind)).toEqual(
      expect.arrayContaining(["name", "phone", "date", "institution"]),
    );

    const act = (who: Client, version: number, action: object) =>
      post(who, `cases/${made.id}/actions`, { version, ...action });
    // Rare in a small place: nobody releases it alone.
    expect(
      (await act(teacher, made.version, { action: "release", confirmed: true })).body.code,
    ).toBe("teaching.case-review");
    const asked = (await act(teacher, made.version, { action: "askReview", confirmed: true })).body;
    expect(asked.state).toBe("review-asked");
    expect((await reviewer.get("/api/teaching/reviews")).body.reviews).toMatchObject([
      { caseId: made.id },
    ]);
    // Nobody reviews his own, and nobody without the right.
    for (const who of [teacher, coHost, listener])
      expect(
        (await act(who, asked.version, { action: "approve", note: null })).status,
      ).toBeGreaterThanOrEqual(400);
    // Not before the patient has agreed, in private.
    expect((await act(reviewer, asked.version, { action: "approve", note: null })).body.code).toBe(
      "teaching.case-consent",
    );
    expect(
      (
        await post(
          teacher,
          `sessions/${sessionId}/consents`,
          consentBody({ withoutObservers: false }),
        )
      ).status,
    ).toBe(400);
    expect(
      (await post(teacher, `sessions/${sessionId}/consents`, consentBody({ signature: null }))).body
        .code,
    ).toBe("consent.evidence");
    const consent = (await post(teacher, `sessions/${sessionId}/consents`, consentBody())).body;
    expect(consent, JSON.stringify(consent)).toMatchObject({
      given: true,
      present: "周敏华、央金、口译",
    });
    const back = (await act(reviewer, asked.version, { action: "return", note: "把学校去掉" }))
      .body;
    expect(back.state).toBe("returned");
    // What it was made of lies ready for its maker to change, for nobody else.
    expect(back.picked).toBeNull();
    const mineAgain = (await casesOf(teacher)).find((one) => one.id === made.id);
    expect(mineAgain?.picked).toMatchObject({ codes: body({}).codes, keys });
    const changed = (
      await teacher.put(`/api/teaching/cases/${made.id}`, {
        ...body({ keys }),
        version: back.version,
      })
    ).body;
    expect(changed).toMatchObject({ state: "draft", consented: true });
    const again = (await act(teacher, changed.version, { action: "askReview", confirmed: true }))
      .body;
    const ready = (await act(reviewer, again.version, { action: "approve", note: "看过" })).body;
    expect(ready.state, JSON.stringify(ready)).toBe("ready");

    expect(await casesOf(listener)).toEqual([]);
    await step("goLive");
    const [seen] = await casesOf(listener);
    expect(seen).toMatchObject({ id: made.id, patientId: null, dayZero: null, actions: [] });
    expect(seen!.items.every((one) => one.struck.length === 0)).toBe(true);
    expect(await casesOf(observer)).toHaveLength(1);
    // From live on nobody is asked any more.
    expect((await post(teacher, `sessions/${sessionId}/consents`, consentBody())).body.code).toBe(
      "teaching.consent-observers",
    );
    await step("end");

    const mine = (await mother.get("/api/teaching/my-consents")).body.consents;
    expect(mine).toMatchObject([{ id: consent.id, withdrawnAt: null, withheld: false }]);
    expect((await post(listener, `consents/${consent.id}/withdraw`, {})).status).toBe(404);
    for (const _ of [1, 2])
      expect((await post(mother, `my-consents/${consent.id}/withdraw`, {})).status).toBe(200);
    expect(await casesOf(listener)).toEqual([]);
    expect((await teacher.get(`/api/teaching/sessions/${sessionId}`)).body.withheld).toBe(true);
    expect((await mother.get("/api/teaching/my-consents")).body.consents[0].withheld).toBe(true);
    const told = await asSystem<{ person_id: string }>(
      sql`select person_id from notice where kind = 'teaching-consent-withdrawn' and entity_id = ${sessionId}`,
    );
    expect(new Set(told.map((one) => one.person_id))).toEqual(
      new Set(["zhouminhua", "wuqihang", "luweihong"].map((login) => staff(login).personId)),
    );
    expect(told).toHaveLength(3);
  });

  it("keeps its order in the database too", async () => {
    const rows = await asSystem<{ row: string }>(
      sql`select from_state || '>' || to_state || ':' || side as row from teaching_case_transition order by 1`,
    );
    expect(rows.map((one) => one.row)).toEqual(
      caseTransitions.map((one) => `${one.from}>${one.to}:${one.side}`).toSorted(),
    );
  });

  it("of the story's lecture is agreed to and looked at by two before anybody listens", async () => {
    const { sessionId: story } = (await test.anonymous.post("/api/demo/story/lecture")).body;
    const found = await asSystem<{ state: string; two: boolean; lines: string }>(
      sql`select c.state, c.reviewed_by is not null as two, (select string_agg(i.lines::text, '') from teaching_case_item i where i.case_id = c.id) as lines
          from teaching_case c where c.session_id = ${story}`,
    );
    expect(found).toMatchObject([{ state: "ready", two: true }]);
    expect(found[0]?.lines).toContain("双下肢紫癜");
    expect(found[0]?.lines).not.toMatch(/达娃|央金|麻布加|萨迦/);
  });
});
