/** Houses outside take part in referrals through their own systems: who may, what is answered, what comes in. */
import { randomUUID } from "node:crypto";
import type { Task } from "@medplum/fhirtypes";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemActor } from "../../server/identity/service.ts";
import { smartClient } from "../../server/smart/schema.ts";
import { issueToken } from "../../server/smart/token.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";
import { takeStoreAway } from "../support/no-store.ts";

let test: TestApp;
let wang: Client;
let zhou: string;
const houses = (slug: string) => test.ids.institutions.get(slug)!;
const internally = <Result>(work: Parameters<TestApp["services"]["db"]["withActor"]>[1]) =>
  test.services.db.withActor(systemActor("test"), work) as Promise<Result>;

const all = [
  "system/Task.cruds",
  "system/ServiceRequest.cruds",
  "system/Patient.cruds",
  "system/*.rs",
];
/** A registered system of a house, as it asks. */
async function systemOf(slug: string, scopes = all) {
  const id = await internally<string>(async (tx) => {
    const [keeper] = await tx.execute<{ id: string }>(sql`select id from person limit 1`);
    const [row] = await tx
      .insert(smartClient)
      .values({
        institutionId: houses(slug),
        name: `${slug} HIS`,
        kind: "system",
        scopes,
        jwks: { keys: [] },
        redirectUris: [],
        registeredBy: keeper!.id,
      })
      .returning();
    return row!.id;
  });
  const token = () =>
    issueToken(test.services, {
      client: id,
      name: `${slug} HIS`,
      institution: houses(slug),
      scopes,
    });
  return async (
    method: "GET" | "PATCH" | "POST",
    url: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ) => {
    const answer = await test.app.inject({
      method,
      url,
      headers: {
        authorization: `Bearer ${token()}`,
        ...(body ? { "content-type": "application/fhir+json" } : {}),
        ...headers,
      },
      ...(body ? { payload: JSON.stringify(body) } : {}),
    });
    return {
      status: answer.statusCode,
      body: answer.body ? answer.json() : null,
      etag: String(answer.headers.etag ?? ""),
    };
  };
}
type System = Awaited<ReturnType<typeof systemOf>>;

const replace = (path: string, value: unknown) => ({ op: "add", path, value });
const reasoned = (text: string) => replace("/statusReason", { text });
const part = (code: string, value: object) => ({
  type: { coding: [{ system: "https://yilian.example.org/fhir/CodeSystem/service", code }] },
  ...value,
});
const output = (code: string, value: object) => replace("/output", [part(code, value)]);
const said = (code: string, value: object) => replace("/output/-", part(code, value));

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
const act = (client: Client, id: string, body: object) =>
  client.post(`/api/referrals/${id}/actions`, body);
const read = async (client: Client, id: string) => (await client.get(`/api/referrals/${id}`)).body;

/** Sent to the hospital, and nothing said yet. */
async function sent(unit: string, extra: object = {}) {
  const [department] = await internally<{ id: string }[]>((tx) =>
    tx.execute<{ id: string }>(
      sql`select id from department where institution_id = ${houses("zhabei-central")} and slug = ${unit}`,
    ),
  );
  const made = await wang.post("/api/referrals", {
    patientId: zhou,
    direction: "up",
    content: {
      urgency: "routine",
      toInstitutionId: houses("zhabei-central"),
      toDepartmentId: department!.id,
      requesterPhone: "021-56914949",
      reason: "血压控制不满意，伴头晕",
      impression: [{ code: "I10", text: "原发性高血压" }],
      presentHistory: "两次随访血压 168/100、172/102",
      pastHistory: "高血压 12 年",
      treatmentSoFar: "氨氯地平 5 mg，每日一次",
      criteria: [{ code: "twice-uncontrolled", evidence: null }],
      vitals: { systolicMmHg: 172, diastolicMmHg: 102 },
      ...extra,
    },
  });
  expect(made.status, JSON.stringify(made.body)).toBe(200);
  const agreed = await wang.post(`/api/referrals/${made.body.id}/consents`, consent);
  const out = await act(wang, made.body.id, { action: "submit", version: agreed.body.version });
  expect(out.status, JSON.stringify(out.body)).toBe(200);
  return made.body.id as string;
}

let theirs: System;
let foreign: System;
let id: string;
beforeAll(async () => {
  test = await buildTestApp();
  await takeStoreAway(test.database.owner, "zhabei-central");
  wang = await test.as("wangjianguo");
  zhou = test.ids.patients.get("zhou")!;
  theirs = await systemOf("zhabei-central");
  foreign = await systemOf("xuhui-central");
  id = await sent("medicine");
});
afterAll(() => test.close());

/** The newest version as this house may know it. */
async function newest(system: System, of = id) {
  // Brings the store to where our tables are: a patch of nothing changes nothing.
  const { etag, body } = await system("PATCH", `/fhir/Task/${of}`, [], { "if-match": "*" });
  return { etag, task: body as Task };
}
async function say(system: System, patch: object[], of = id) {
  const { etag } = await newest(system, of);
  return system("PATCH", `/fhir/Task/${of}`, patch, { "if-match": etag });
}

describe("who may", () => {
  it("refuses whoever is nobody, has not the scope, or is of another house", async () => {
    const patch = [replace("/status", "accepted")];
    const url = `/fhir/Task/${id}`;
    const nobody = await test.app.inject({ method: "PATCH", url, payload: patch });
    expect(nobody.statusCode).toBe(401);
    const reader = await systemOf("zhabei-central", ["system/Task.rs"]);
    expect((await reader("PATCH", url, patch, { "if-match": "*" })).status).toBe(403);
    // Another house's is answered as one that never was.
    for (const headers of [{}, { "if-match": "*" }] as Record<string, string>[]) {
      const asked = await foreign("PATCH", url, patch, headers);
      const never = await foreign("PATCH", `/fhir/Task/${randomUUID()}`, patch, headers);
      expect(asked.status).toBe(never.status);
      expect(asked.body.issue[0].details).toEqual(never.body.issue[0].details);
    }
    expect((await read(wang, id)).state).toBe("submitted");
  });
  it("shows a draft to nobody's system", async () => {
    const draft = await wang.post("/api/referrals", {
      patientId: zhou,
      direction: "up",
      content: { toInstitutionId: houses("zhabei-central") },
    });
    const answer = await theirs("PATCH", `/fhir/Task/${draft.body.id}`, [], { "if-match": "*" });
    expect(answer.status).toBe(404);
  });
});

describe("what is no answer", () => {
  it("wants a version, changes nothing else, and says what may be said", async () => {
    const url = `/fhir/Task/${id}`;
    expect((await theirs("PATCH", url, [replace("/status", "accepted")])).status).toBe(400);
    const old = await theirs("PATCH", url, [replace("/status", "accepted")], {
      "if-match": 'W/"999"',
    });
    expect(old.status).toBe(412);
    const other = await say(theirs, [replace("/priority", "stat")]);
    expect([other.status, other.body.issue[1].expression]).toEqual([422, ["Task.priority"]]);
    const unasked = await say(theirs, [replace("/status", "rejected")]);
    expect([unasked.status, unasked.body.issue[1].expression]).toEqual([
      422,
      ["Task.statusReason"],
    ]);
    const early = await say(theirs, [replace("/status", "cancelled")]);
    expect(early.status).toBe(409);
    expect(early.body.issue[0].details.text).toContain("accepted (3.0, accepted)");
    const contradicting = await say(theirs, [
      replace("/businessStatus", {
        coding: [
          { system: "https://yilian.example.org/fhir/CodeSystem/referral-state", code: "accepted" },
        ],
      }),
    ]);
    expect(contradicting.status).toBe(422);
    expect((await read(wang, id)).state).toBe("submitted");
  });
});

describe("an answer", () => {
  it("is a step like any other, in the house's name, and twice is once", async () => {
    const { etag } = await newest(theirs);
    const patch = [replace("/status", "accepted")];
    const first = await theirs("PATCH", `/fhir/Task/${id}`, patch, { "if-match": etag });
    expect([first.status, first.body.status]).toEqual([200, "accepted"]);
    expect(first.etag).not.toBe(etag);
    const again = await theirs("PATCH", `/fhir/Task/${id}`, patch, { "if-match": etag });
    expect([again.status, again.body.status, again.etag]).toEqual([200, "accepted", first.etag]);
    const other = await theirs(
      "PATCH",
      `/fhir/Task/${id}`,
      [replace("/status", "rejected"), reasoned("满")],
      { "if-match": etag },
    );
    expect(other.status).toBe(412);
    const seen = await read(wang, id);
    expect(seen.state).toBe("accepted");
    expect(seen.steps.filter((one: { action: string }) => one.action === "accept")).toEqual([
      expect.objectContaining({ by: "zhabei-central HIS" }),
    ]);
    const traces = await internally<{ actor_kind: string }[]>((tx) =>
      tx.execute<{ actor_kind: string }>(
        sql`select actor_kind from audit_event where entity_id = ${id} and action = 'referral.accept'`,
      ),
    );
    expect(traces.map((one) => one.actor_kind)).toEqual(["house"]);
  });
  it("goes the whole way: a number of theirs, not come, again, arrived, over", async () => {
    const { task } = await newest(theirs);
    const [bser] = task.businessStatus?.coding ?? [];
    const as = (code: string) =>
      replace("/businessStatus", { coding: [{ system: bser!.system, code }] });
    const booked = [as("5.1.1"), replace("/status", "in-progress")];
    const unsaid = await say(theirs, booked);
    expect(unsaid.body.issue?.[1]?.expression[0], JSON.stringify(unsaid.body)).toContain(
      "appointment",
    );
    const when = { valueDateTime: "2026-12-01T09:30:00+08:00" };
    expect((await say(theirs, [...booked, output("appointment", when)])).status).toBe(200);
    const seen = await read(wang, id);
    expect([seen.state, seen.appointmentId]).toEqual(["booked", null]);
    expect(seen.answer).toContain("2026-12-01T09:30");
    // Another number in place of the first: the first leaves the answer, and told twice it is booked once.
    const later = { valueDateTime: "2026-12-02T10:00:00+08:00" };
    for (const _ of [1, 2])
      expect((await say(theirs, [said("appointment", later)])).status).toBe(200);
    const moved = await read(wang, id);
    expect(moved.answer).toContain("2026-12-02T10:00");
    expect(moved.answer).not.toContain("2026-12-01T09:30");
    expect(moved.steps.filter((one: { action: string }) => one.action === "book")).toHaveLength(2);
    expect((await say(theirs, [as("5.1.2"), reasoned("没有来")])).status).toBe(200);
    expect((await read(wang, id)).state).toBe("no-show");
    expect((await say(theirs, [as("5.1.4")])).status).toBe(200);
    expect((await read(wang, id)).state).toBe("arrived");
    const over = await say(theirs, [
      replace("/status", "completed"),
      said("outcome", { valueString: "调整用药，两周后社区复诊" }),
    ]);
    expect(over.status, JSON.stringify(over.body)).toBe(200);
    expect((await read(wang, id)).outcome).toBe("调整用药，两周后社区复诊");
  });
  it("hands back after having said yes, and cancels by a handshake alone", async () => {
    const one = await sent("fever");
    await say(theirs, [replace("/status", "accepted")], one);
    const back = await say(theirs, [replace("/status", "rejected"), reasoned("床位已满")], one);
    expect(back.status).toBe(200);
    expect([(await read(wang, one)).state, (await read(wang, one)).answer]).toEqual([
      "returned",
      "床位已满",
    ]);
    const two = await sent("fever");
    await say(theirs, [replace("/status", "accepted")], two);
    const now = await read(wang, two);
    await act(wang, two, { action: "askCancel", version: now.version, reason: "已好转" });
    expect((await say(theirs, [replace("/status", "cancelled")], two)).status).toBe(200);
    expect((await read(wang, two)).state).toBe("cancelled");
  });
  it("comes too late where the patient took the agreement back, and says so", async () => {
    const one = await sent("fever");
    const now = await read(wang, one);
    await act(wang, one, { action: "withdraw", version: now.version, reason: "患者不同意了" });
    const late = await say(theirs, [replace("/status", "accepted")], one);
    expect([late.status, late.body.issue[0].details.coding[0].code]).toEqual([
      409,
      "referral.withdrawn",
    ]);
  });
});

describe("a referral from outside", () => {
  const slug = "outer-clinic";
  const category = (code: string) => ({
    coding: [{ system: "https://yilian.example.org/fhir/CodeSystem/referral-direction", code }],
  });
  const number = (value: string) => [{ system: "https://outer.example/numbers", value }];
  const kind = (code: string) => [
    { url: "https://yilian.example.org/fhir/StructureDefinition/note-kind", valueCode: code },
  ];
  const agreed = (name: string, value: object) => ({
    url: `https://yilian.example.org/fhir/StructureDefinition/${name}`,
    ...value,
  });
  /** As docs/fhir.md says it, by somebody who has never seen our maps. */
  function bundle(
    value: string,
    change: { owner?: object; consent?: object | false; code?: string; urgency?: string } = {},
  ) {
    const owner = change.owner ?? {
      identifier: {
        system: "https://yilian.example.org/fhir/identifier/institution",
        value: "zhabei-central",
      },
    };
    const entry = (type: string, resource: object) => ({
      fullUrl: `urn:uuid:${randomUUID()}`,
      resource: { resourceType: type, ...resource },
      request: { method: "POST", url: type, ifNoneExist: `identifier=${value}` },
    });
    return {
      resourceType: "Bundle",
      type: "transaction",
      entry: [
        entry("Task", {
          identifier: number(value),
          status: "requested",
          intent: "order",
          authoredOn: "2026-11-23T09:00:00+08:00",
          owner,
        }),
        entry("ServiceRequest", {
          identifier: number(value),
          status: "active",
          intent: "order",
          category: [category("up")],
          priority: change.urgency ?? "urgent",
          authoredOn: "2026-11-23T09:00:00+08:00",
          requester: { display: "外院 林医生" },
          performer: [{ type: "HealthcareService", display: "内科" }],
          reasonCode: [
            {
              coding: [{ system: "http://hl7.org/fhir/sid/icd-10", code: change.code ?? "J18.9" }],
              text: "肺炎",
            },
          ],
          note: [{ text: "发热三天，呼吸困难", extension: kind("reason") }],
        }),
        entry("Patient", { name: [{ text: "林小满" }], gender: "female", birthDate: "1990-02-03" }),
        ...(change.consent === false
          ? []
          : [
              entry("Consent", {
                status: "active",
                dateTime: "2026-11-23T08:50:00+08:00",
                performer: [{ display: "林小满" }],
                extension: [agreed("consent-method", { valueCode: "signature" })],
                ...change.consent,
              }),
            ]),
      ],
    };
  }
  let outer: System;
  let desk: Client;
  beforeAll(async () => {
    const [house] = await internally<{ id: string }[]>((tx) =>
      tx.execute<{ id: string }>(
        sql`insert into institution (slug, kind, level) values (${slug}, 'hospital', 'secondary') returning id`,
      ),
    );
    test.ids.institutions.set(slug, house!.id);
    outer = await systemOf(slug, ["system/Task.crus", "system/ServiceRequest.c"]);
    desk = await test.as("qinxuemei");
  });

  it("is refused with its path: nobody's house, no consent, an unknown code, no scope", async () => {
    const paths = async (body: object) => {
      const answer = await outer("POST", "/fhir", body);
      return [
        answer.status,
        answer.body.issue?.[1]?.expression?.[0] ?? answer.body.issue?.[0]?.details.coding[0].code,
      ];
    };
    expect(
      await paths(bundle("N-0", { owner: { identifier: { system: "x", value: "y" } } })),
    ).toEqual([422, "Task.owner"]);
    expect(await paths(bundle("N-0", { consent: false }))).toEqual([
      expect.any(Number),
      "referral.consent-missing",
    ]);
    expect(await paths(bundle("N-0", { code: "rubbish" }))).toEqual([
      422,
      "ServiceRequest.reasonCode",
    ]);
    // Who agreed, when and how: a yes of which nobody knows how it was given is none.
    const doubtful: [object, string][] = [
      [{ extension: [] }, "Consent.extension(consent-method)"],
      [
        { extension: [agreed("consent-method", { valueCode: "said so" })] },
        "Consent.extension(consent-method)",
      ],
      [
        { extension: [agreed("consent-method", { valueCode: "fingerprint" })] },
        "Consent.extension(consent-witness)",
      ],
      [{ performer: [] }, "Consent.performer"],
      [{ dateTime: undefined }, "Consent.dateTime"],
    ];
    for (const [consent, path] of doubtful)
      expect(await paths(bundle("N-0", { consent }))).toEqual([422, path]);
    const asked = await outer("POST", "/fhir", bundle("N-0", { consent: { extension: [] } }));
    expect(asked.body.issue[1].diagnostics).toContain("signature, fingerprint, own-device");
    const reader = await systemOf(slug, ["system/Task.rs"]);
    expect((await reader("POST", "/fhir", bundle("N-0"))).status).toBe(403);
    const queue = (await desk.get("/api/referrals?scope=desk")).body.referrals;
    expect(queue.filter((one: { reason: string }) => one.reason === "发热三天，呼吸困难")).toEqual(
      [],
    );
  });

  it("brings results of its patient alone: of somebody else, of nobody, or badly written none is taken", async () => {
    const withResult = (number: string, result: object) => {
      const made = bundle(number);
      const patient = made.entry.find((one) => one.request.url === "Patient")!;
      return {
        ...made,
        entry: [
          ...made.entry,
          {
            fullUrl: `urn:uuid:${randomUUID()}`,
            resource: {
              resourceType: "Observation",
              status: "final",
              code: { coding: [{ system: "http://loinc.org", code: "718-7" }], text: "血红蛋白" },
              subject: { reference: patient.fullUrl },
              effectiveDateTime: "2026-11-22T08:00:00+08:00",
              valueQuantity: { value: 96, unit: "g/L" },
              interpretation: [
                {
                  coding: [
                    {
                      system: "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation",
                      code: "L",
                    },
                  ],
                },
              ],
              ...result,
            },
            request: { method: "POST", url: "Observation", ifNoneExist: `identifier=${number}-1` },
          },
        ],
      };
    };
    const refused = async (result: object) => {
      const answer = await outer("POST", "/fhir", withResult("N-20", result));
      const issue = answer.body.issue.at(-1);
      return { status: answer.status, path: issue.expression?.[0], words: issue.diagnostics };
    };
    const others = { reference: `urn:uuid:${randomUUID()}` };
    expect(await refused({ subject: others })).toMatchObject({
      status: 422,
      path: "Observation.subject",
      words: expect.stringContaining("the Patient whom it is about"),
    });
    expect(
      await refused({ subject: { identifier: { system: "urn:x", value: "another" } } }),
    ).toMatchObject({ status: 422, path: "Observation.subject" });
    expect(await refused({ subject: undefined })).toMatchObject({
      status: 422,
      path: "Observation.subject",
    });
    expect((await refused({ valueQuantity: { value: "a lot" } })).status).toBe(422);
    const none = (await desk.get("/api/referrals?scope=desk")).body.referrals;
    expect(none.filter((one: { reason: string }) => one.reason === "发热三天，呼吸困难")).toEqual(
      [],
    );
    const taken = await outer("POST", "/fhir", withResult("N-20", {}));
    expect(taken.status, JSON.stringify(taken.body)).toBe(200);
    const mine = taken.body.entry[0].response.location.split("/").at(-1);
    const { line } = (await desk.get(`/api/referrals/${mine}/outside`)).body;
    expect(line.results).toEqual([
      expect.objectContaining({ title: "血红蛋白", value: "96 g/L", flag: "low", range: null }),
    ]);
    // Whoever sends somebody back keeps the work, and neither the file nor what came with it.
    const { version } = await read(desk, mine);
    await act(desk, mine, { action: "return", version, reason: "社区可处理" });
    expect((await desk.get(`/api/referrals/${mine}/outside`)).body.line.results).toEqual([]);
  });

  it("does not come again by the way on which our desk sent it on", async () => {
    const first = await outer("POST", "/fhir", bundle("N-8"));
    const id = first.body.entry[0].response.location.split("/").at(-1);
    const passed = await act(desk, id, {
      action: "redirect",
      version: (await read(desk, id)).version,
      reason: "请康复医院接着治",
      call: { with: "林医生", at: test.clock.now.toISOString() },
      institutionId: houses("rehab-3"),
      departmentId: null,
    });
    expect(passed.status, JSON.stringify(passed.body)).toBe(200);
    // It goes on in the name of whoever passes it on: nobody of the house outside works here.
    const mine = (await desk.get("/api/referrals?scope=sent")).body.referrals.find(
      (one: { to: { id: string } }) => one.to.id === houses("rehab-3"),
    );
    expect(mine).toMatchObject({ state: "draft", from: { id: houses("zhabei-central") } });
    const draft = await read(desk, mine.id);
    expect([draft.previousId, draft.requester.name]).toEqual([id, "秦雪梅"]);
    expect(draft.messages[0].text).toContain("外院 林医生");
    expect(draft.actions).toEqual(expect.arrayContaining(["submit", "cancel"]));
    // Another desk's person, who did not pass it on and may not refer, does not send it.
    const early = await act(desk, mine.id, { action: "submit", version: draft.version });
    expect(early.body.code).toBe("referral.incomplete");
    // What the next house wants to know and the first did not say is written by the desk.
    const [unit] = await internally<{ id: string }[]>((tx) =>
      tx.execute<{ id: string }>(
        sql`select id from department where institution_id = ${houses("rehab-3")} limit 1`,
      ),
    );
    const kept = await desk.put(`/api/referrals/${mine.id}/draft`, {
      version: draft.version,
      content: {
        toDepartmentId: unit!.id,
        presentHistory: "发热三天",
        pastHistory: "无",
        treatmentSoFar: "无",
        criteria: [{ code: "other", evidence: "专科在那里" }],
      },
    });
    expect(kept.status, JSON.stringify(kept.body)).toBe(200);
    const yes = await desk.post(`/api/referrals/${mine.id}/consents`, {
      ...consent,
      signerName: "林小满",
    });
    expect(yes.status, JSON.stringify(yes.body)).toBe(200);
    const gone = await act(desk, mine.id, { action: "submit", version: yes.body.version });
    expect([gone.status, gone.body.state], JSON.stringify(gone.body)).toEqual([200, "submitted"]);
    const back = bundle("N-9");
    for (const { resource } of back.entry)
      if ((resource as { resourceType: string }).resourceType === "ServiceRequest")
        Object.assign(resource, { replaces: [{ identifier: number("N-8")[0] }] });
    const ring = await outer("POST", "/fhir", back);
    expect([ring.status, ring.body.issue[0].details.coding[0].code]).toEqual([
      409,
      "referral.redirect-ring",
    ]);
    // The same number of another installation is another referral: it is only their own that went round.
    for (const { resource } of back.entry)
      if ((resource as { resourceType: string }).resourceType === "ServiceRequest")
        Object.assign(resource, {
          replaces: [{ identifier: { system: "https://third.example/numbers", value: "N-8" } }],
        });
    const other = await outer("POST", "/fhir", back);
    expect([other.status, other.body.issue?.[0]?.details.coding[0].code ?? null]).toEqual([
      200,
      null,
    ]);
    const otherId = other.body.entry[0].response.location.split("/").at(-1);
    await act(desk, otherId, {
      action: "return",
      version: (await read(desk, otherId)).version,
      reason: "社区可处理",
    });
    // The same person by another way is taken: only the ring was refused.
    const anew = await outer("POST", "/fhir", bundle("N-10"));
    expect(anew.body.entry[0].response.status).toBe("201 Created");
    const taken = anew.body.entry[0].response.location.split("/").at(-1);
    const { version } = await read(desk, taken);
    const returned = await act(desk, taken, { action: "return", version, reason: "社区可处理" });
    expect(returned.status).toBe(200);
  });

  it("stands on the desk's queue once, is answered there, and read by whoever sent it", async () => {
    const first = await outer("POST", "/fhir", bundle("N-1"));
    expect(first.status, JSON.stringify(first.body)).toBe(200);
    const again = await outer("POST", "/fhir", bundle("N-1"));
    const place = first.body.entry[0].response.location as string;
    expect([first.body.entry[0].response.status, again.body.entry[0].response]).toEqual([
      "201 Created",
      { status: "200 OK", location: place },
    ]);
    const mine = place.split("/").at(-1)!;
    const queue = (await desk.get("/api/referrals?scope=desk")).body.referrals;
    const waiting = queue.filter((one: { id: string }) => one.id === mine);
    expect(waiting).toEqual([
      expect.objectContaining({
        urgency: "urgent",
        patient: expect.objectContaining({ fullName: "林小满" }),
        requester: expect.objectContaining({ name: "外院 林医生" }),
        department: expect.objectContaining({ name: "内科" }),
      }),
    ]);
    const { version } = await read(desk, mine);
    expect((await act(desk, mine, { action: "accept", version, answer: "请来" })).status).toBe(200);
    const known = await outer("GET", `/fhir/Task/${mine}`);
    expect([known.status, known.body.status]).toEqual([200, "accepted"]);
    const found = await outer(
      "GET",
      `/fhir/Task?identifier=${encodeURIComponent("https://outer.example/numbers|N-1")}`,
    );
    expect(found.body.entry.map((one: { resource: Task }) => one.resource.id)).toEqual([mine]);
    // Others have it no more than if it had never come.
    expect((await foreign("GET", `/fhir/Task/${mine}`)).status).toBe(404);
    const asked = await outer("PATCH", `/fhir/Task/${mine}`, [replace("/status", "accepted")], {
      "if-match": known.etag,
    });
    expect(asked.body.status).toBe("accepted");
    const line = await desk.get(`/api/referrals/${mine}/outside`);
    expect(line.body.line).toMatchObject({ side: "from", theirNumber: "N-1", hasAddress: false });
  });
});

describe("whose server a connection is", () => {
  it("is said by who answers for the records, of a house that nobody works at here", async () => {
    const keeper = await test.as("luweihong");
    const own = (await keeper.get("/api/session")).body.institution?.id ?? houses("xuhui-central");
    const connection = await internally<string>(async (tx) => {
      const [row] = await tx.execute<{ id: string }>(
        sql`insert into record_outside (institution_id, name, base, sign_in, created_by)
          select ${own}, '外院', 'https://outer.example/fhir', 'none', id from person order by id limit 1 returning id`,
      );
      return row!.id;
    });
    const name = (client: Client, slug: string, id = connection) =>
      client.put(`/api/connections/${id}/house`, { institutionId: houses(slug) });
    expect((await name(wang, "outer-clinic")).status).toBe(403);
    expect((await wang.get("/api/connections/houses")).status).toBe(403);
    expect((await name(keeper, "zhabei-central")).body.code).toBe("referral.house-inside");
    expect((await name(keeper, "outer-clinic", randomUUID())).status).toBe(404);
    const keys = { name: "外院系统", jwks: { keys: [{ kty: "EC", kid: "1" }] } };
    const early = await keeper.post(`/api/connections/${connection}/system`, keys);
    expect(early.status).toBe(404);
    const named = await name(keeper, "outer-clinic");
    expect(named.status, JSON.stringify(named.body)).toBe(200);
    const registered = await keeper.post(`/api/connections/${connection}/system`, keys);
    expect(registered.status, JSON.stringify(registered.body)).toBe(200);
    const mine = registered.body.houses.find(
      (one: { connectionId: string }) => one.connectionId === connection,
    );
    expect([mine.institutionId, mine.system !== null]).toEqual([houses("outer-clinic"), true]);
    const secret = { name: "外院系统", jwks: { keys: [{ kty: "EC", kid: "1", d: "secret" }] } };
    expect((await keeper.post(`/api/connections/${connection}/system`, secret)).status).toBe(400);
  });
});
