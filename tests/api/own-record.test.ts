import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Resource } from "@medplum/fhirtypes";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toIpsDocument } from "../../fhir-mappings/ips.ts";
import { isValid, validateResource } from "../../server/fhir/service.ts";
import { createOpinionPrinter } from "../../server/opinion-document/service.ts";
import type { OwnEvent } from "../../server/records/own-contract.ts";
import { summaryPrintData } from "../../server/records/summary-print.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";
import { testStart } from "../support/cluster.ts";

let test: TestApp;
/** Doctors of 萨迦 and of 徐汇, and the mother of 达瓦. */
let danzeng: Client;
let zhou: Client;
let mother: Client;
let dawa: string;

beforeAll(async () => {
  test = await buildTestApp();
  await test.app.listen({ port: 0, host: "127.0.0.1" });
  [danzeng, zhou, mother] = (await Promise.all(
    ["danzeng", "zhouminhua", "13800138001"].map((who) => test.as(who)),
  )) as [Client, Client, Client];
  dawa = test.ids.patients.get("dawa")!;
});
afterAll(() => test.close());

type Section = { title: string; entry?: { reference: string }[]; emptyReason?: { text: string } };
const sectionsOf = (document: { entry: { resource: { section: Section[] } }[] }) =>
  document.entry[0]!.resource.section;

describe("Patient/$summary at a store", () => {
  it("refuses strangers, families, staff without a doctor's rights, unknown people and parameters", async () => {
    for (const [who, client, status] of [
      ["nobody", test.anonymous, 401],
      ["family", mother, 403],
      ["interpreter", await test.as("lazhen"), 403],
    ] as const)
      expect((await client.get(`/fhir/Patient/${dawa}/$summary`)).status, who).toBe(status);
    for (const [path, status] of [
      ["/fhir/Patient/nobody/$summary", 404],
      ["/fhir/Patient/a_b/$summary", 400],
      [`/fhir/Patient/${dawa}/$summary?profile=x`, 400],
      [`/stores/nowhere/fhir/Patient/${dawa}/$summary`, 404],
    ] as const) {
      const answer = await danzeng.get(path);
      expect(answer.status, path).toBe(status);
      expect(answer.body.resourceType).toBe("OperationOutcome");
    }
    // Nothing was shared with 徐汇: there is no such patient for it.
    const luosang = test.ids.patients.get("luosang")!;
    expect((await zhou.get(`/stores/sakya-chc/fhir/Patient/${luosang}/$summary`)).status).toBe(404);
  });

  it("is a valid document of what the caller may see, in his language, with an audit row of its own", async () => {
    const answer = await danzeng.get(`/fhir/Patient/${dawa}/$summary`, { "accept-language": "en" });
    expect(answer.status, answer.raw.body.slice(0, 300)).toBe(200);
    expect(answer.headers["content-type"]).toContain("application/fhir+json");
    expect(answer.body).toMatchObject({ resourceType: "Bundle", type: "document" });
    expect(
      isValid(validateResource(answer.body)),
      JSON.stringify(validateResource(answer.body)),
    ).toBe(true);
    expect(answer.body.entry[0].resource).toMatchObject({
      resourceType: "Composition",
      title: "International Patient Summary",
    });
    expect(sectionsOf(answer.body)[0]).toMatchObject({ title: "Allergies and intolerances" });
    expect(sectionsOf(answer.body)[0]!.entry).toHaveLength(1);

    // What the patient withholds is said to another house, not shown.
    const zhaxi = test.ids.patients.get("zhaxi")!;
    const own = await danzeng.get(`/fhir/Patient/${zhaxi}/$summary`);
    const foreign = await zhou.get(`/stores/sakya-chc/fhir/Patient/${zhaxi}/$summary`);
    expect(own.raw.body).toContain("酒精有害使用");
    expect(foreign.raw.body).not.toContain("酒精有害使用");
    expect(foreign.raw.body).toContain("继发性红细胞增多症");

    const statement = await danzeng.get("/fhir/metadata");
    const patient = statement.body.rest[0].resource.find(
      (one: { type: string }) => one.type === "Patient",
    );
    expect(patient.operation.map((one: { name: string }) => one.name)).toContain("summary");
  });
});

const own = (id: string, part = "") => `/api/my/record/people/${id}${part}`;
const institution = (code: string) => ({ about: "institution" as const, code });
const seenBy = async (client: Client, path: string) => (await client.get(path)).status;

describe("who may open a person's own record", () => {
  it("refuses strangers, staff, other families and who is no guardian any more", async () => {
    const neighbours = await test.as("13800138002");
    for (const part of ["", "/stream", "/summary", "/choices"])
      for (const [who, client, status] of [
        ["nobody", test.anonymous, 401],
        ["a doctor", danzeng, 403],
        ["another family", neighbours, 404],
      ] as const)
        expect((await client.get(own(dawa, part))).status, `${who} ${part}`).toBe(status);
    const choice = { ...institution("xuhui-central"), choice: "none" };
    expect((await danzeng.post(own(dawa, "/choices"), choice)).status).toBe(403);
    expect((await neighbours.post(own(dawa, "/choices"), choice)).status).toBe(404);
    // A daughter-in-law's phone reads for an old man who agreed; he alone decides.
    const zhaxi = test.ids.patients.get("zhaxi")!;
    expect((await neighbours.get(own(zhaxi, "/choices"))).body.mayDecide).toBe(false);
    expect((await neighbours.post(own(zhaxi, "/choices"), choice)).status).toBe(403);
    for (const wrong of [
      {},
      { about: "institution", code: "xuhui-central", choice: "hidden" },
      { about: "category", code: "teeth", choice: "hidden" },
    ])
      expect((await mother.post(own(dawa, "/choices"), wrong)).status).toBe(400);
    const nowhere = { ...institution("nowhere"), choice: "all" };
    expect((await mother.post(own(dawa, "/choices"), nowhere)).status).toBe(404);
  });
});

describe("one's own record", () => {
  it("comes from all who answer, in plain words, with a source and a day for each; who is silent is named", async () => {
    const answer = await mother.get(own(dawa));
    expect(answer.status, answer.raw.body.slice(0, 300)).toBe(200);
    const { sources, items } = answer.body;
    expect(
      sources.map((one: { code: string; state: string }) => `${one.code} ${one.state}`).sort(),
    ).toEqual(["sakya-chc answered", "sakya-hospital answered", "xuhui-central answered"]);
    const titled = (title: string) => items.filter((one: { title: string }) => one.title === title);
    expect(titled("青霉素")).toHaveLength(1);
    expect(titled("青霉素")[0].sources.sort()).toEqual(["sakya-chc", "sakya-hospital"]);
    expect(
      titled("血氧饱和度").map((one: { result: { says: string } }) => one.result.says),
    ).toContain("usual");
    for (const item of items) expect(item.sources.length).toBeGreaterThan(0);

    const manager = await test.as("zhenglan");
    await manager.post("/api/record-stores/sakya-hospital/paused", { paused: true });
    const partly = await mother.get(own(dawa));
    expect(
      partly.body.sources.find((one: { code: string }) => one.code === "sakya-hospital"),
    ).toMatchObject({ state: "down" });
    expect(partly.body.items.length).toBeGreaterThan(5);
    // The same as lines: first whom it asks, then each as it answers, who is silent by name, then the end.
    const lines = (await mother.get(own(dawa, "/stream"))).raw.body
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as OwnEvent);
    expect([lines[0]?.type, lines.at(-1)?.type]).toEqual(["start", "end"]);
    expect(
      lines.flatMap((one) => (one.type === "source" ? [`${one.source} ${one.state}`] : [])).sort(),
    ).toEqual(["sakya-chc answered", "sakya-hospital down", "xuhui-central answered"]);
    const told = lines.flatMap((one) =>
      one.type === "items" ? one.items.map((item) => item.key) : [],
    );
    const keys = partly.body.items.map((one: { key: string }) => one.key);
    expect([...new Set(told)].sort()).toEqual(keys.sort());
    await manager.post("/api/record-stores/sakya-hospital/paused", { paused: false });
  });

  it("goes along as one valid summary whose references hold in it", async () => {
    for (const language of ["zh-CN", "en", "bo"]) {
      const answer = await mother.get(own(dawa, `/summary?language=${language}`));
      expect(answer.status, answer.raw.body.slice(0, 300)).toBe(200);
      expect(answer.headers["content-type"]).toContain("application/fhir+json");
      const issues = validateResource(answer.body);
      expect(isValid(issues), JSON.stringify(issues)).toBe(true);
      const urls = new Set(answer.body.entry.map((one: { fullUrl: string }) => one.fullUrl));
      expect(urls.size).toBe(answer.body.entry.length);
      for (const [, url] of answer.raw.body.matchAll(/"reference":"(urn:uuid:[^"]+)"/g))
        expect(urls).toContain(url);
      // 青霉素 is told by two houses, 阿莫西林 by a third.
      expect(sectionsOf(answer.body)[0]!.entry).toHaveLength(2);
    }
  });
});

describe("the printed summary", () => {
  it("is one to three pages, for the family alone", async () => {
    const path = own(dawa, "/summary.pdf?language=");
    expect((await danzeng.get(`${path}en`)).status).toBe(403);
    expect((await (await test.as("13800138002")).get(`${path}en`)).status).toBe(404);
    for (const language of ["zh-CN", "en", "bo"]) {
      const answer = await mother.get(`${path}${language}`);
      expect(answer.status, answer.raw.body.slice(0, 300)).toBe(200);
      expect(answer.headers["content-type"]).toBe("application/pdf");
      const bytes = answer.raw.rawPayload;
      expect(bytes.subarray(0, 5).toString()).toBe("%PDF-");
      const file = join(mkdtempSync(join(tmpdir(), "summary-")), `${language}.pdf`);
      writeFileSync(file, bytes);
      const pages = Number(/Pages:\s+(\d+)/.exec(execFileSync("pdfinfo", [file]).toString())?.[1]);
      expect(pages).toBeGreaterThan(0);
      expect(pages).toBeLessThanOrEqual(3);
      const text = execFileSync("pdftotext", [file, "-"]).toString();
      expect(text).toContain("青霉素");
    }
  });
});

describe("a long life on paper", () => {
  it("stays within three pages, with allergies first and what is left out counted", async () => {
    const line = "持续性肌无力伴反复发作的呼吸困难与吞咽障碍待查".repeat(6);
    const resources = Array.from({ length: 200 }, (_, n) => [
      {
        resourceType: "AllergyIntolerance",
        id: `a${n}`,
        patient: {},
        code: { text: `${line}${n}` },
      },
      { resourceType: "Condition", id: `c${n}`, subject: {}, code: { text: `${line}${n}` } },
      {
        resourceType: "Procedure",
        id: `p${n}`,
        status: "completed",
        subject: {},
        code: { text: line },
      },
    ]).flat() as Resource[];
    const document = toIpsDocument({
      patient: { resourceType: "Patient", id: "1", name: [{ text: "达娃" }] },
      resources,
      author: { resourceType: "Organization", id: "o", name: "医联" },
      at: "2026-11-23T10:00:00+08:00",
      language: "bo",
      base: "http://localhost",
      withheld: 0,
      newId: randomUUID,
    });
    const data = summaryPrintData(document, {
      language: "bo",
      missing: ["萨迦"],
      day: "2026-11-23",
      demo: true,
    });
    const printer = createOpinionPrinter();
    const file = join(mkdtempSync(join(tmpdir(), "summary-")), "long.pdf");
    writeFileSync(file, await printer.printSummary(data, new Date(testStart)));
    await printer.close();
    expect(
      Number(/Pages:\s+(\d+)/.exec(execFileSync("pdfinfo", [file]).toString())?.[1]),
    ).toBeLessThanOrEqual(3);
    const [allergies] = JSON.parse(data).sections;
    expect(allergies.lines).toHaveLength(15);
    expect(allergies.note).toContain("185");
  });
});

describe("who sees it", () => {
  it("is said once for all stores at once; allergies and emergencies stay open; what was said is kept", async () => {
    const luosang = test.ids.patients.get("luosang")!;
    const phone = await test.as("13800138004");
    const store = `/stores/sakya-chc/fhir`;
    const visits = `${store}/Encounter?patient=${luosang}`;
    expect((await zhou.get(visits)).body.entry ?? []).toHaveLength(0);
    const say = async (choice: object) => {
      const answer = await phone.post(own(luosang, "/choices"), choice);
      expect(answer.status, answer.raw.body).toBe(200);
    };
    const put = (type: string, id: string, content: object) =>
      danzeng.put(
        `/fhir/${type}/${id}`,
        { resourceType: type, id, ...content },
        { "content-type": "application/fhir+json" },
      );
    const subject = { reference: `Patient/${luosang}` };
    const active = (system: string) => ({
      clinicalStatus: {
        coding: [
          { system: `http://terminology.hl7.org/CodeSystem/${system}-clinical`, code: "active" },
        ],
      },
    });
    const security = [{ system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "HIV" }];
    expect(
      (
        await put("AllergyIntolerance", "own-allergy", {
          ...active("allergyintolerance"),
          patient: subject,
          code: { text: "花生" },
        })
      ).status,
    ).toBe(201);
    expect(
      (
        await put("Condition", "own-hiv", {
          ...active("condition"),
          meta: { security },
          subject,
          code: { text: "某病" },
        })
      ).status,
    ).toBe(201);
    const allergy = `${store}/AllergyIntolerance/own-allergy`;
    const condition = `${store}/Condition/own-hiv`;
    expect(await seenBy(zhou, allergy)).toBe(404);

    await say({ ...institution("xuhui-central"), choice: "limited" });
    expect((await zhou.get(visits)).body.entry).toHaveLength(1);
    expect(await seenBy(zhou, condition)).toBe(404);
    await say({ ...institution("xuhui-central"), choice: "all" });
    expect(await seenBy(zhou, condition)).toBe(200);
    await say({ about: "category", code: "infectious", choice: "hidden" });
    expect(await seenBy(zhou, condition)).toBe(404);
    expect(await seenBy(danzeng, condition)).toBe(200);
    await say({ about: "category", code: "infectious", choice: "shown" });
    expect(await seenBy(zhou, condition)).toBe(200);
    await say({ ...institution("xuhui-central"), choice: "none" });
    await say({ ...institution("xuhui-central"), choice: "none" });
    // Nothing but that something is withheld.
    const shown: { search: { mode: string } }[] = (await zhou.get(visits)).body.entry;
    expect(shown.map((one) => one.search.mode)).toEqual(["outcome"]);
    expect(await seenBy(zhou, condition)).toBe(404);
    expect(await seenBy(zhou, allergy)).toBe(200);
    const glass = {
      "x-purpose-of-use": "ETREAT",
      "x-break-glass-reason": encodeURIComponent("昏迷，无法询问"),
    };
    expect((await zhou.get(condition, glass)).status).toBe(200);

    const { body } = await phone.get(own(luosang, "/choices"));
    expect(body.history.map((one: { choice: string }) => one.choice)).toEqual([
      "none",
      "shown",
      "hidden",
      "all",
      "limited",
    ]);
    expect(
      body.institutions.find((one: { code: string }) => one.code === "xuhui-central"),
    ).toMatchObject({ choice: "none", isOwn: true });
    expect(body.keepers).toMatchObject([{ code: "sakya-chc", follows: true, answers: true }]);

    // Who read, from where, why: read off the stores themselves.
    const access = await phone.get("/api/my/record/access");
    expect(access.status).toBe(200);
    expect(access.body.silent).toEqual([]);
    const broken = access.body.entries.find(
      (one: { purpose: string }) => one.purpose === "emergency",
    );
    expect(broken).toMatchObject({
      who: "周敏华",
      action: "record.read",
      reason: "昏迷，无法询问",
    });
    expect(
      access.body.entries.some((one: { purpose: string }) => one.purpose === "patient-request"),
    ).toBe(false);
    expect(
      [...access.body.entries].sort((a: { at: string }, b: { at: string }) =>
        b.at.localeCompare(a.at),
      ),
    ).toEqual(access.body.entries);
  });

  it("waits for a store that is paused, and is in force there before it answers anybody", async () => {
    const manager = await test.as("zhenglan");
    await manager.post("/api/record-stores/sakya-chc/paused", { paused: true });
    const luosang = test.ids.patients.get("luosang")!;
    const phone = await test.as("13800138004");
    expect(
      (
        await phone.post(own(luosang, "/choices"), {
          ...institution("xuhui-central"),
          choice: "all",
        })
      ).status,
    ).toBe(200);
    const waiting = await phone.get(own(luosang, "/choices"));
    expect(waiting.body.keepers).toMatchObject([
      { code: "sakya-chc", follows: false, answers: false },
    ]);
    expect((await phone.get("/api/my/record/access")).body.silent).toMatchObject([
      { code: "sakya-chc" },
    ]);
    const resumed = await manager.post("/api/record-stores/sakya-chc/paused", { paused: false });
    expect(resumed.status, resumed.raw.body).toBe(200);
    expect(await seenBy(zhou, "/stores/sakya-chc/fhir/Condition/own-hiv")).toBe(200);
    expect((await phone.get(own(luosang, "/choices"))).body.keepers).toMatchObject([
      { follows: true, answers: true },
    ]);
  });
});

// Last: sessions end while the clock runs.
describe("a guardian", () => {
  it("lets a mother decide until 14 and read until 18", async () => {
    const before = test.clock.now;
    const years = async (count: number) => {
      test.clock.now = new Date(before);
      test.clock.now.setUTCFullYear(before.getUTCFullYear() + count);
      return test.as("13800138001");
    };
    const choice = { ...institution("sakya-hospital"), choice: "all" };
    const of15 = await years(6);
    expect((await of15.post(own(dawa, "/choices"), choice)).status).toBe(403);
    expect((await of15.get(own(dawa))).status).toBe(200);
    const of18 = await years(10);
    expect((await of18.get(own(dawa))).status).toBe(403);
    expect((await of18.get(own(dawa, "/summary"))).status).toBe(403);
    expect((await of18.get("/api/my/record/access")).body.entries).toEqual([]);
    expect((await of18.get("/api/my/record/people")).body.people[0]).toMatchObject({
      mayRead: false,
      mayDecide: false,
    });
    test.clock.now = before;
  });
});
