import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dawaRequest, draft, submitDemoConsult } from "../../server/demo/consults.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

let test: TestApp;
let admin: postgres.Sql;
let danzeng: Client;
let lijia: Client;
beforeAll(async () => {
  test = await buildTestApp();
  admin = postgres(test.database.admin, { max: 1, onnotice: () => {} });
  [danzeng, lijia] = [await test.as("danzeng"), await test.as("lijia")];
});
afterAll(async () => {
  await admin.end();
  await test.close();
});

const strokes = [
  [
    [0, 0],
    [10, 10],
  ],
];
const consent = (kind: string, more: object = {}) => ({
  kind,
  given: true,
  method: "signature",
  language: "bo",
  textVersion: "2026-01",
  signerName: "央金",
  signerRelation: "mother",
  signature: { strokes },
  ...more,
});
const started = (patient: string, content: object = {}) =>
  draft(test.services, test.ids, "danzeng", patient, { ...dawaRequest, ...content });
const sent = async (patient: string, content: object = {}) =>
  (await submitDemoConsult(test.services, test.ids, "danzeng", await started(patient, content))).id;
const read = async (client: Client, id: string) => (await client.get(`/api/consults/${id}`)).body;
const record = (client: Client, id: string, body: object) =>
  client.post(`/api/consults/${id}/consents`, body);
const act = async (client: Client, id: string, body: object) =>
  client.post(`/api/consults/${id}/actions`, {
    version: (await read(client, id)).version,
    ...body,
  });
const standing = async (id: string, kind: string) =>
  (await read(danzeng, id)).consents.filter(
    (one: { kind: string; given: boolean; withdrawnAt: string | null }) =>
      one.kind === kind && one.given && !one.withdrawnAt,
  );
const withdraw = (client: Client, id: string, consentId: string) =>
  client.post(`/api/consults/${id}/consents/${consentId}/withdraw`, { reason: "不愿意" });
const notices = async (client: Client, id: string) =>
  (await client.get("/api/notices")).body.notices.filter(
    (one: { kind: string; entityId: string }) =>
      one.kind === "consent-withdrawn" && one.entityId === id,
  );

describe("consents", () => {
  it("are recorded and taken back by the inviting side only", async () => {
    const id = await sent("dawa");
    expect((await record(lijia, id, consent("observers"))).status).toBe(403);
    const [given] = await standing(id, "consult");
    expect((await withdraw(lijia, id, given.id)).status).toBe(403);
  });

  it("without a signature are an emergency's, for the consult and the records only", async () => {
    const urgent = (await started("dawa")).id;
    const { id } = await started("dawa", { urgency: "emergency" });
    const emergency = { method: "emergency", signature: null, reason: "昏迷" };
    for (const kind of ["observers", "recording", "relative"]) {
      const answer = await record(
        danzeng,
        id,
        consent(kind, { ...emergency, relativeName: "央金" }),
      );
      expect(answer.body.code, kind).toBe("consent.evidence");
    }
    expect((await record(danzeng, urgent, consent("consult", emergency))).body.code).toBe(
      "consent.evidence",
    );
    for (const kind of ["consult", "record-sharing"])
      expect((await record(danzeng, id, consent(kind, emergency))).status, kind).toBe(200);
  });

  it("of a child under 14 are signed by a guardian or near relative", async () => {
    const { id } = await started("dawa");
    for (const signerRelation of ["self", "本人", "རང་ཉིད།"]) {
      const answer = await record(danzeng, id, consent("consult", { signerRelation }));
      expect([answer.status, answer.body.code]).toEqual([422, "consent.guardian"]);
      expect(answer.body.detail).toContain("14");
    }
    expect((await record(danzeng, id, consent("consult"))).status).toBe(200);
    const adult = (await started("ciren")).id;
    const own = consent("consult", { signerRelation: "self" });
    expect((await record(danzeng, adult, own)).status).toBe(200);
  });

  it("end with a later refusal, and with them what they allowed", async () => {
    const id = await sent("dawa");
    await act(lijia, id, { action: "accept" });
    await record(danzeng, id, consent("observers"));
    const person = (login: string) => test.ids.people.get(login);
    const assigned = await lijia.put(`/api/consults/${id}/participants`, {
      participants: [
        { personId: person("zhouminhua"), role: "specialist", lead: true },
        { personId: person("sunxiao"), role: "observer" },
      ],
    });
    expect(assigned.status).toBe(200);
    const invite = (name: string) =>
      danzeng.post(`/api/consults/${id}/guests`, {
        name,
        relation: "母亲",
        consent: consent("relative"),
      });
    expect((await invite("央金")).status).toBe(200);
    expect((await invite("边巴")).status).toBe(200);
    const no = { given: false, signature: null, reason: "改变主意" };
    const refused = await record(danzeng, id, consent("observers", no));
    expect(
      refused.body.participants.filter((one: { role: string }) => one.role === "observer"),
    ).toEqual([]);
    expect(await standing(id, "observers")).toEqual([]);
    const relative = consent("relative", { ...no, relativeName: "央金" });
    const { guests } = (await record(danzeng, id, relative)).body;
    expect(
      guests.map((one: { name: string; revokedAt: string | null }) => [
        one.name,
        one.revokedAt !== null,
      ]),
    ).toEqual([
      ["央金", true],
      ["边巴", false],
    ]);
    // What only concerns the meeting's company does not stop the consult.
    expect(await notices(lijia, id)).toEqual([]);
    expect((await record(danzeng, id, consent("consult", no))).status).toBe(200);
    expect(await standing(id, "consult")).toEqual([]);
    expect(await notices(lijia, id)).toHaveLength(1);
    expect(await notices(await test.as("zhouminhua"), id)).toHaveLength(1);
  });

  it("stop the consult when they are taken back, until they are given again", async () => {
    const id = await sent("dawa");
    const [sharing] = await standing(id, "record-sharing");
    expect((await withdraw(danzeng, id, sharing.id)).status).toBe(200);
    expect(await notices(lijia, id)).toHaveLength(1);
    const [given] = await standing(id, "consult");
    expect((await withdraw(danzeng, id, given.id)).status).toBe(200);
    expect(await notices(lijia, id)).toHaveLength(2);
    const specialistId = test.ids.people.get("zhouminhua");
    for (const body of [{ action: "accept" }, { action: "adviseOnly", specialistId }]) {
      const answer = await act(lijia, id, body);
      expect([answer.status, answer.body.code], body.action).toEqual([
        409,
        "consult.consent-missing",
      ]);
    }
    await record(danzeng, id, consent("consult"));
    expect((await act(lijia, id, { action: "accept" })).status).toBe(200);
    const [again] = await standing(id, "consult");
    await withdraw(danzeng, id, again.id);
    const time = { start: "2026-11-23T03:00:00.000Z", end: "2026-11-23T03:30:00.000Z" };
    expect((await act(lijia, id, { action: "schedule", ...time })).body.code).toBe(
      "consult.consent-missing",
    );
  });

  it("are not waited for in an emergency", async () => {
    const { id } = await started("dawa", { urgency: "emergency" });
    expect((await act(danzeng, id, { action: "submit" })).status).toBe(200);
    expect((await act(lijia, id, { action: "accept" })).status).toBe(200);
  });

  it("are taken back once: the first moment stays", async () => {
    const id = await sent("ciren");
    const [given] = await standing(id, "consult");
    const { consents, version } = (await withdraw(danzeng, id, given.id)).body;
    const at = consents.find((one: { id: string }) => one.id === given.id).withdrawnAt;
    test.clock.now = new Date(test.clock.now.getTime() + 60_000);
    const again = await withdraw(danzeng, id, given.id);
    expect(again.body.version).toBe(version);
    expect(again.body.consents.find((one: { id: string }) => one.id === given.id).withdrawnAt).toBe(
      at,
    );
    const [traces] = await admin<{ count: number }[]>`
      select count(*)::int as count from audit_event where action = 'consent.withdrawn' and entity_id = ${given.id}`;
    expect(traces!.count).toBe(1);
  });
});
