import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

let test: TestApp;
let danzeng: Client;
let lijia: Client;
let consultId: string;

beforeAll(async () => {
  test = await buildTestApp();
  [danzeng, lijia] = [await test.as("danzeng"), await test.as("lijia")];
});
afterAll(() => test.close());

const detail = async (client: Client) => (await client.get(`/api/consults/${consultId}`)).body;
const act = (client: Client, body: object) =>
  client.post(`/api/consults/${consultId}/actions`, body);
const save = async (content: object) =>
  danzeng.put(`/api/consults/${consultId}/draft`, {
    version: (await detail(danzeng)).version,
    content,
  });

/** Identity or "unknown person", complaint, vital signs, the question, a call-back number (domain.md). */
describe("an emergency", () => {
  it("is asked about a person nobody knows, of the hospital that is usually asked", async () => {
    const registered = await danzeng.post("/api/patients", {
      unknownPerson: true,
      unknownNote: "男，约 40 岁，318 国道边被发现，深蓝色藏袍",
      sex: "male",
    });
    expect(registered.status).toBe(200);
    const created = await danzeng.post("/api/consults", {
      patientId: registered.body.patient.id,
      content: { urgency: "emergency" },
    });
    expect(created.status).toBe(200);
    consultId = created.body.id;
    expect(await detail(danzeng)).toMatchObject({
      invited: { id: test.ids.institutions.get("xuhui-central") },
      mayAmend: true,
    });
    expect([...created.body.missing].sort()).toEqual(
      ["callbackPhone", "complaint", "question", "vitals"].sort(),
    );
  });

  it("does not count the altitude of the place as a vital sign", async () => {
    const saved = await save({
      urgency: "emergency",
      complaint: "昏迷，呼吸急促",
      question: "是否高原脑水肿？怎样处理？",
      callbackPhone: "0892-8242100",
      vitals: { altitudeMetres: 4300 },
    });
    expect(saved.body.missing).toEqual(["vitals"]);
    const refused = await act(danzeng, { action: "submit", version: saved.body.version });
    expect(refused.status).toBe(422);
    expect(refused.body.params.missing).toEqual(["vitals"]);
  });

  it("goes out with five things and without consent, which is written down", async () => {
    const saved = await save({ vitals: { spo2Percent: 62, altitudeMetres: 4300 } });
    expect(saved.body.missing).toEqual([]);
    const sent = await act(danzeng, { action: "submit", version: saved.body.version });
    expect(sent.body).toMatchObject({ state: "submitted", mayAmend: true });
    const owner = postgres(test.database.admin, { max: 1 });
    const traces = await owner`
      select 1 from audit_event
      where entity_id = ${consultId} and action = 'consult.emergency-without-consent'`;
    await owner.end();
    expect(traces).toHaveLength(1);
  });

  it("is completed afterwards by its own side only", async () => {
    expect((await detail(lijia)).mayAmend).toBe(false);
    const foreign = await lijia.put(`/api/consults/${consultId}/draft`, {
      version: (await detail(lijia)).version,
      content: { presentHistory: "?" },
    });
    expect([403, 404, 409]).toContain(foreign.status);
    const saved = await save({ presentHistory: "同行者称上山第二天头痛、呕吐。" });
    expect(saved.status).toBe(200);
    expect((await detail(lijia)).content.presentHistory).toBe("同行者称上山第二天头痛、呕吐。");
  });

  it("keeps whom it was sent to and how urgent it is", async () => {
    for (const content of [
      { urgency: "routine" },
      { invitedInstitutionId: test.ids.institutions.get("changzheng") },
    ]) {
      await save(content);
      expect(await detail(danzeng)).toMatchObject({
        urgency: "emergency",
        invited: { id: test.ids.institutions.get("xuhui-central") },
      });
    }
  });
});
