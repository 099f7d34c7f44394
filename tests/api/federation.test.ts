import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RecordEvent, RecordItem } from "../../server/records/record-contract.ts";
import { indexStores } from "../../server/records/service.ts";
import { type Answer, buildTestApp, type Client, type TestApp } from "../support/app.ts";
import { type Partner, searchset, sendFhir, startPartner } from "../support/hostile-partner.ts";

let test: TestApp;
let owner: postgres.Sql;
let danzeng: Client;
let zhou: Client;
let dawa: string;
let partner: Partner;

beforeAll(async () => {
  [test, partner] = await Promise.all([buildTestApp(), startPartner()]);
  await test.app.listen({ port: 0, host: "127.0.0.1" });
  owner = postgres(test.database.owner, { max: 1, onnotice: () => {} });
  danzeng = await test.as("danzeng");
  zhou = await test.as("zhouminhua");
  dawa = test.ids.patients.get("dawa")!;
});
afterAll(async () => {
  await owner.end();
  await partner.close();
  await test.close();
});

type Told = {
  events: RecordEvent[];
  items: Map<string, RecordItem>;
  source: (code: string) => Extract<RecordEvent, { type: "source" }> | undefined;
  titles: (section: string) => string[];
};
function told(answer: Answer): Told {
  expect(answer.status, answer.raw.body.slice(0, 300)).toBe(200);
  expect(answer.headers["content-type"]).toContain("application/x-ndjson");
  const events = answer.raw.body
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as RecordEvent);
  const items = new Map<string, RecordItem>();
  for (const event of events)
    if (event.type === "items") for (const item of event.items) items.set(item.key, item);
  return {
    events,
    items,
    source: (code) => events.find((one) => one.type === "source" && one.source === code) as never,
    titles: (section) =>
      [...items.values()].filter((one) => one.section === section).map((one) => one.title),
  };
}
const record = async (client: Client, patientId = dawa, query = "") =>
  told(await client.get(`/api/patients/${patientId}/record${query}`));
const institution = (slug: string) => test.ids.institutions.get(slug)!;

describe("who may", () => {
  it("refuses strangers, families, staff without the right, and who has nothing to do with the patient", async () => {
    const pengpu = await test.as("wangjianguo");
    for (const [who, client, status] of [
      ["nobody", test.anonymous, 401],
      ["family", await test.as("13800138001"), 403],
      ["interpreter", await test.as("lazhen"), 403],
      ["another house", pengpu, 404],
    ] as const) {
      expect((await client.get(`/api/patients/${dawa}/record`)).status, who).toBe(status);
      const broken = await client.post(`/api/patients/${dawa}/record/emergency`, {
        reason: "昏迷，无法询问",
      });
      expect(broken.status, who).toBe(status);
    }
    expect((await danzeng.get("/api/patients/x/record")).status).toBe(400);
    expect((await danzeng.get(`/api/patients/${dawa}/record?source=nowhere`)).status).toBe(404);
  });

  it("takes a token of its own for one store and one minute, for reading alone", async () => {
    const { issueCallerToken } = await import("../../server/records/federation/caller-token.ts");
    const token = issueCallerToken(test.services, {
      store: "sakya-chc",
      person: "00000000-0000-4000-8000-000000000001",
      name: "旦增",
      institution: institution("sakya-chc"),
      purpose: "treatment",
      reason: null,
      correlation: "c",
      address: null,
    });
    const bearer = { authorization: `Bearer ${token}` };
    const address = `/stores/sakya-chc/fhir/Patient/${dawa}`;
    const before = test.clock.now;
    expect((await test.anonymous.get(address, bearer)).status).toBe(200);
    expect(
      (await test.anonymous.get(address.replace("sakya-chc", "xuhui-central"), bearer)).status,
    ).toBe(401);
    expect(
      (
        await test.anonymous.get(address, {
          authorization: bearer.authorization.replace(
            /.{9}$/,
            (end) => (end[0] === "A" ? "B" : "A") + end.slice(1),
          ),
        })
      ).status,
    ).toBe(401);
    expect(
      (
        await test.anonymous.put(
          address,
          { resourceType: "Patient", id: dawa },
          { ...bearer, "content-type": "application/fhir+json" },
        )
      ).status,
    ).toBe(403);
    test.clock.now = new Date(before.getTime() + 61_000);
    expect((await test.anonymous.get(address, bearer)).status).toBe(401);
    test.clock.now = before;
  });
});

describe("one record of many houses", () => {
  it("tells each source as it answers, the same thing once with all its sources, in sections", async () => {
    const seen = await record(danzeng);
    const [start] = seen.events;
    expect(start).toMatchObject({ type: "start", isUnjoined: true, isEmergency: false });
    expect(start?.type === "start" ? start.sources.map((one) => one.code).sort() : []).toEqual([
      "sakya-chc",
      "sakya-hospital",
      "xuhui-central",
    ]);
    expect(seen.events.at(-1)?.type).toBe("end");
    for (const code of ["sakya-chc", "sakya-hospital", "xuhui-central"])
      expect(seen.source(code)).toMatchObject({ state: "answered", fault: null, setAside: 0 });
    expect(seen.titles("warnings").sort()).toEqual(["阿莫西林", "青霉素"]);
    const penicillin = [...seen.items.values()].find((one) => one.title === "青霉素")!;
    expect(penicillin.sources.map((one) => one.code).sort()).toEqual([
      "sakya-chc",
      "sakya-hospital",
    ]);
    expect(penicillin).toMatchObject({ isHigh: true, detail: "皮疹" });
    expect(seen.titles("problems")).toContain("过敏性紫癜");
    expect(seen.titles("medicines")).toContain("布洛芬混悬液");
    expect(seen.titles("visits")).toContain("远程会诊：青霉素皮疹");
    expect(seen.titles("documents")).toContain("远程会诊意见");
    const saturation = [...seen.items.values()].filter((one) => one.title === "血氧饱和度");
    expect(saturation.length).toBe(6);
    for (const one of saturation)
      expect(one.result?.range).toEqual({ low: 85, high: 92, from: "place" });
    expect(seen.titles("results")).toEqual(
      expect.arrayContaining(["收缩压", "舒张压", "血红蛋白"]),
    );
    for (const item of seen.items.values()) expect(item.sources.length).toBeGreaterThan(0);
  });

  it("holds critical values with whoever answers for them", async () => {
    const deji = await test.as("deji");
    const raised = await deji.post("/api/critical-values", {
      patientId: dawa,
      itemText: "血钾",
      valueText: "7.1",
      unit: "mmol/L",
      measuredAt: test.clock.now.toISOString(),
      receiver: {
        personId: test.ids.people.get("danzeng"),
        institutionId: institution("sakya-chc"),
      },
    });
    expect(raised.status, JSON.stringify(raised.body)).toBe(200);
    const item = [...(await record(danzeng)).items.values()].find(
      (one) => one.kind === "CriticalValue",
    );
    expect(item).toMatchObject({
      title: "血钾",
      isHigh: true,
      receiver: { name: "旦增", state: "open" },
      result: { text: "7.1", flag: "critical" },
    });
  });

  it("leaves a trace for each house that was asked, and the family reads it", async () => {
    await record(danzeng);
    const rows = await owner`select action, entity_id, purpose, detail from audit_event
      where patient_id = ${dawa} and action like 'record.%' order by id desc limit 4`;
    expect(rows.filter((one) => one.action === "record.ask")).toHaveLength(3);
    expect(rows.find((one) => one.action === "record.open")).toMatchObject({
      purpose: "treatment",
    });
    const mother = await test.as("13800138001");
    const { entries } = (await mother.get("/api/my/access")).body;
    expect(entries).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          action: "record.ask",
          who: "旦增",
          source: expect.stringContaining("徐汇"),
        }),
      ]),
    );
  });

  it("shows what the patient lets each house see, and says that something is withheld", async () => {
    const zhaxi = test.ids.patients.get("zhaxi")!;
    const seen = await record(zhou, zhaxi);
    expect(seen.source("sakya-chc")).toMatchObject({ state: "answered", withholds: true });
    expect(seen.titles("problems")).toContain("继发性红细胞增多症");
    expect(seen.titles("problems")).not.toContain("酒精有害使用");
    const emergency = told(
      await zhou.post(`/api/patients/${zhaxi}/record/emergency`, { reason: "昏迷，无法询问" }),
    );
    expect(emergency.titles("problems")).toContain("酒精有害使用");
    const rows =
      await owner`select reason, institution_id from record_emergency where patient_id = ${zhaxi}`;
    expect(rows).toEqual([
      { reason: "昏迷，无法询问", institution_id: institution("xuhui-central") },
    ]);
    const [message] =
      await owner`select count(*)::int as n from sms_message where kind = 'record-emergency'`;
    expect(message!.n).toBeGreaterThan(0);
    expect(
      (await zhou.post(`/api/patients/${zhaxi}/record/emergency`, { reason: "急" })).status,
    ).toBe(400);
    expect((await zhou.post(`/api/patients/${zhaxi}/record/emergency`, {})).status).toBe(400);
  });

  it("opens a house's records by the consult's consent, and closes them when it is taken back", async () => {
    const ciren = test.ids.patients.get("ciren")!;
    const open = await record(zhou, ciren);
    expect(open.source("sakya-chc")).toMatchObject({ state: "answered" });
    expect(open.titles("results")).toContain("血红蛋白");
    await owner`update consult_consent set withdrawn_at = recorded_at where kind = 'record-sharing'
      and consult_id in (select id from consult where patient_id = ${ciren})`;
    const closed = await record(zhou, ciren);
    expect(closed.source("sakya-chc")).toMatchObject({ state: "withheld" });
    expect(closed.items.size).toBe(0);
    // The own house reads its own.
    expect((await record(danzeng, ciren)).titles("results")).toContain("血红蛋白");
  });

  it("names a house that does not answer, keeps the others, and asks it again alone", async () => {
    const admin = await test.as("wangjianguo");
    expect(
      (await admin.post("/api/record-stores/sakya-hospital/paused", { paused: true })).status,
    ).toBe(403);
    const keeper = await test.as("zhenglan");
    expect((await keeper.get("/api/record-stores")).body.stores).toEqual(
      expect.arrayContaining([expect.objectContaining({ code: "sakya-hospital", paused: false })]),
    );
    expect((await keeper.post("/api/record-stores/nowhere/paused", { paused: true })).status).toBe(
      404,
    );
    const pause = (paused: boolean) =>
      keeper.post("/api/record-stores/sakya-hospital/paused", { paused });
    expect((await pause(true)).status).toBe(200);
    const seen = await record(danzeng);
    expect(seen.source("sakya-hospital")).toMatchObject({ state: "down", fault: "busy" });
    expect(seen.source("sakya-hospital")!.tookMs).toBeLessThan(1000);
    expect(seen.titles("warnings").sort()).toEqual(["阿莫西林", "青霉素"]);
    const [start] = seen.events;
    const named =
      start?.type === "start"
        ? start.sources.find((one) => one.code === "sakya-hospital")
        : undefined;
    expect(named?.indexedAt).toMatch(/^\d{4}-/);
    expect((await pause(false)).status).toBe(200);
    const again = await record(danzeng, dawa, "?source=sakya-hospital");
    expect(again.source("sakya-hospital")).toMatchObject({ state: "answered" });
    expect(again.events.filter((one) => one.type === "source")).toHaveLength(1);
  });

  it("asks a partner's own server too, late or hostile as it is, beside the others", async () => {
    const remote = institution("jingan-central");
    await owner`insert into record_store (institution_id, kind, location) values (${remote}, 'remote', ${partner.base})`;
    await owner`insert into record_partner (institution_id, private_network) values (${remote}, true)`;
    partner.answer = () => {};
    const startedAt = performance.now();
    const late = await record(danzeng);
    expect(late.source("jingan-central")).toMatchObject({ state: "down", fault: "timeout" });
    expect(performance.now() - startedAt).toBeLessThan(3300);
    expect(late.titles("warnings")).toContain("青霉素");
    const patient = {
      resourceType: "Patient",
      id: "z9",
      identifier: [{ system: "urn:yilian:patient", value: dawa }],
    };
    const allergy = {
      resourceType: "AllergyIntolerance",
      id: "z10",
      code: { text: "头孢" },
      patient: { reference: "Patient/z9" },
      clinicalStatus: {
        coding: [
          {
            system: "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical",
            code: "active",
          },
        ],
      },
      verificationStatus: {
        coding: [
          {
            system: "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification",
            code: "confirmed",
          },
        ],
      },
    };
    partner.answer = (request, response) => {
      const { url = "" } = request;
      if (url.endsWith("/Patient/z9")) sendFhir(response, patient);
      else sendFhir(response, searchset([url.includes("/Patient/") ? patient : allergy]));
    };
    const good = await record(danzeng);
    // He said nothing about this house: allergies are never hidden, and nothing else is asked for.
    expect(good.source("jingan-central")).toMatchObject({
      state: "answered",
      resources: 2,
      withholds: true,
    });
    expect(good.titles("warnings")).toContain("头孢");
    // Its own number of him is known now: nobody is looked for again.
    partner.asked.length = 0;
    await record(danzeng, dawa, "?source=jingan-central");
    expect(partner.asked.map((one) => `${one.method} ${one.url.replace(/[?].*/, "")}`)).toEqual([
      "GET /fhir/Patient/z9",
      "GET /fhir/AllergyIntolerance",
    ]);
    await owner`delete from record_location where institution_id = ${remote}`;
    await owner`delete from record_index_state where institution_id = ${remote}`;
    await owner`delete from record_partner where institution_id = ${remote}`;
    await owner`delete from record_store where institution_id = ${remote}`;
  });
});

describe("the locator", () => {
  const json = { "content-type": "application/fhir+json" };
  const places = () =>
    owner`select local_id, kinds from record_location where institution_id = ${institution("sakya-chc")} and local_id like 'loc-%' order by local_id`;
  it("follows what a store receives, by number and never by name", async () => {
    const put = (id: string, more: object) =>
      danzeng.put(
        `/fhir/Patient/${id}`,
        { resourceType: "Patient", id, name: [{ text: "达娃" }], ...more },
        json,
      );
    expect((await put("loc-name", {})).status).toBe(201);
    await put("loc-card", { identifier: [{ system: "urn:hospital:card", value: dawa }] });
    await put("loc-old", {
      identifier: [{ use: "old", system: "urn:yilian:patient", value: dawa }],
    });
    await put("loc-same", {
      identifier: [{ system: "urn:yilian:patient", value: ` ${dawa.toUpperCase()} ` }],
    });
    await danzeng.put(
      "/fhir/Observation/loc-o",
      {
        resourceType: "Observation",
        id: "loc-o",
        status: "final",
        code: { text: "体温" },
        subject: { reference: "Patient/loc-same" },
      },
      json,
    );
    await indexStores(test.services);
    expect(await places()).toEqual([{ local_id: "loc-same", kinds: ["Observation"] }]);
    const seen = await record(danzeng);
    expect(seen.titles("results")).toContain("体温");
    await danzeng.delete("/fhir/Observation/loc-o");
    await danzeng.delete("/fhir/Patient/loc-same");
    await indexStores(test.services);
    expect(await places()).toEqual([]);
  });

  it("holds no number in the clear and shows itself to nobody", async () => {
    const rows = await owner`select identifier_index from record_location limit 5`;
    for (const row of rows) expect((row.identifier_index as Buffer).length).toBe(32);
    const app = postgres(test.database.app, { max: 1 });
    expect(await app`select * from record_location`).toEqual([]);
    await app.end();
  });
});
