import { createHash, randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isValid, validateResource } from "../../server/fhir/service.ts";
import { issueToken } from "../../server/smart/token.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

let test: TestApp;
/** Answers for the records of 徐汇; a doctor there and one of 萨迦. */
let keeper: Client;
let doctor: Client;
let danzeng: Client;
let dawa: string;
let house: string;
let doctorId: string;
let sakyaId: string;
/** A patient of 徐汇, read and searched by the doctor, as the tests find it. */
let patient: string;
const reading = "gate-reading-1";

type Event = {
  id: string;
  recorded: string;
  action: string;
  outcome: string;
  subtype: { code: string }[];
  agent: { who?: { reference: string }; name?: string; network?: { address: string } }[];
  source: { site: string };
  entity?: { what?: { reference?: string }; query?: string }[];
};
type Bundle = {
  total?: number;
  link?: { relation: string; url: string }[];
  entry?: { resource: Event }[];
};
const eventsOf = (body: Bundle): Event[] => (body.entry ?? []).map(({ resource }) => resource);
const tick = () => {
  test.clock.now = new Date(test.clock.now.getTime() + 1000);
};
const search = async (query: string, by = keeper) => {
  tick();
  const answer = await by.get(`/fhir/AuditEvent?${query}`);
  expect(answer.status, `${query} ${answer.raw.body.slice(0, 300)}`).toBe(200);
  return answer.body as Bundle;
};

/** All that a search finds, page by page. */
async function everyEvent(first: string): Promise<Event[]> {
  const found: Event[] = [];
  for (let url: string | undefined = first; url; ) {
    tick();
    const { body, status }: { body: Bundle; status: number } = await keeper.get(url);
    expect(status).toBe(200);
    found.push(...eventsOf(body));
    url = body.link
      ?.find(({ relation }) => relation === "next")
      ?.url.replace(test.services.publicUrl, "");
  }
  return found;
}

beforeAll(async () => {
  test = await buildTestApp();
  // The database stamps the alliance's trace by its own clock: both traces are of the same hours.
  test.clock.now = new Date();
  [keeper, doctor, danzeng] = (await Promise.all(
    ["zhenglan", "zhouminhua", "danzeng"].map((who) => test.as(who)),
  )) as [Client, Client, Client];
  dawa = test.ids.patients.get("dawa")!;
  const session = (await doctor.get("/api/session")).body;
  house = session.institution.id;
  doctorId = session.person.id;
  sakyaId = (await danzeng.get("/api/session")).body.institution.id;
  tick();
  patient = (await doctor.get("/fhir/Patient?_count=1")).body.entry[0].resource.id;
  tick();
  await doctor.get(`/fhir/Patient/${patient}`);
  tick();
  await doctor.get(`/fhir/Patient/${reading}`);
});
afterAll(() => test.close());

/** Headers of a system of a house with these scopes. */
const systemOf = (institution: string, scopes: string[]) => ({
  authorization: `Bearer ${issueToken(test.services, { client: doctorId, name: "审计系统", institution, scopes })}`,
});
const asSystem = (institution: string, scopes: string[], url: string) =>
  test.app.inject({ method: "GET", url, headers: systemOf(institution, scopes) });

describe("who is refused", () => {
  it("shows the trace to nobody but those who answer for it", async () => {
    expect((await test.anonymous.get("/fhir/AuditEvent")).status).toBe(401);
    for (const path of ["/fhir/AuditEvent", "/fhir/AuditEvent/r1", "/fhir/AuditEvent/imported-1"])
      for (const client of [doctor, danzeng]) expect((await client.get(path)).status).toBe(403);
    // Another house's trace is not even a manager's.
    expect((await keeper.get("/stores/sakya-chc/fhir/AuditEvent")).status).toBe(403);
    const of = (scopes: string[], path = "/fhir/AuditEvent") => asSystem(house, scopes, path);
    expect((await of(["system/Patient.rs"])).statusCode).toBe(403);
    expect((await of(["system/AuditEvent.r"])).statusCode).toBe(403);
    expect((await of(["system/AuditEvent.s"], "/fhir/AuditEvent/r1")).statusCode).toBe(403);
    expect(
      (await of(["system/AuditEvent.rs"], "/stores/sakya-chc/fhir/AuditEvent")).statusCode,
    ).toBe(403);
    expect((await of(["system/AuditEvent.rs"])).statusCode).toBe(200);
  });

  it("lets nobody write it, one by one or in a bundle", async () => {
    const [event] = eventsOf(await search("_count=1"));
    const url = `/fhir/AuditEvent/${event!.id}`;
    const headers = { "content-type": "application/fhir+json" };
    const made = await doctor.post("/fhir/AuditEvent", { ...event, id: undefined }, headers);
    expect(made.status).toBe(405);
    expect((await doctor.put(url, event, headers)).status).toBe(405);
    expect((await doctor.delete(url)).status).toBe(405);
    const bundle = {
      resourceType: "Bundle",
      type: "transaction",
      entry: [{ request: { method: "DELETE", url: `AuditEvent/${event!.id}` } }],
    };
    expect((await doctor.post("/fhir", bundle, headers)).status).toBe(405);
    expect((await keeper.get(`${url}/_history`)).status).toBe(404);
  });

  it("refuses what it does not understand", async () => {
    for (const query of [
      "nonsense=1",
      "agent.name=x",
      "agent-name:not=x",
      "date=yesterday",
      "date:exact=2026",
      "_sort=agent",
      "_cursor=rubbish",
      "_include=AuditEvent:patient",
      "action=",
      "altid=%00",
    ])
      expect((await keeper.get(`/fhir/AuditEvent?${query}`)).status, query).toBe(400);
    const inject = "x' OR '1'='1";
    for (const name of [
      "agent-name",
      "altid",
      "address",
      "entity-name",
      "site",
      "subtype",
      "agent-role",
    ])
      expect(eventsOf(await search(`${name}=${encodeURIComponent(inject)}`)), name).toEqual([]);
    const lenient = await keeper.get("/fhir/AuditEvent?nonsense=1&_count=1", {
      prefer: "handling=lenient",
    });
    expect(lenient.raw.body).toContain("nonsense was left out");
  });
});

describe("what it tells", () => {
  it("finds by every parameter what is there and nothing else", async () => {
    const [read] = eventsOf(
      await search(`entity=Patient/${patient}&subtype=read&agent=Practitioner/${doctorId}`),
    );
    expect(read).toMatchObject({ action: "R", outcome: "0", source: { site: "records" } });
    const pairs: [hit: string, miss: string][] = [
      [`_id=${read!.id}`, "_id=r999999999"],
      [`_lastUpdated=ge${read!.recorded}`, "_lastUpdated=lt2000"],
      [`date=${read!.recorded}`, "date=2001-01-01"],
      ["action=R", "action=C,D"],
      ["address=127.0", "address=10.9"],
      [`agent=Practitioner/${doctorId}`, "agent=Practitioner/nobody"],
      [`agent=Organization/${house}`, "agent=Organization/nobody"],
      [`agent-name=${encodeURIComponent("周")}`, "agent-name=zzz"],
      ["agent-role=person", "agent-role=app"],
      [`altid=${doctorId}`, "altid=nobody"],
      [`entity=Patient/${patient}`, "entity=Patient/nobody"],
      [`entity-name=patient/${patient}`, "entity-name=Group"],
      ["entity-role=4", "entity-role=24"],
      ["entity-type=1", "entity-type=9"],
      ["outcome=0", "outcome=4"],
      [`patient=${patient}`, "patient=nobody"],
      [`patient:Patient=${patient}`, "patient:missing=true"],
      ["policy:missing=true", "policy=urn:x"],
      ["site=records", "site=alliance"],
      [`source=Organization/${house}`, "source=Organization/nobody"],
      ["subtype=http://hl7.org/fhir/restful-interaction|read", "subtype=search"],
      ["type=rest", "type=110100"],
      ["action:not=E", "action:not=R"],
      ["agent-name:contains=%E6%95%8F", "agent-name:exact=%E5%91%A8"],
    ];
    for (const [hit, miss] of pairs) {
      // Only the one row is asked about: whatever else there is answers neither.
      const found = async (query: string) =>
        eventsOf(await search(`_id=${read!.id}&${query}`)).map(({ id }) => id);
      expect(await found(hit), hit).toEqual([read!.id]);
      expect(await found(miss), miss).toEqual([]);
    }
    for (const event of eventsOf(await search("_count=50"))) {
      const issues = validateResource(event);
      expect(isValid(issues), JSON.stringify(issues)).toBe(true);
    }
    const missed = eventsOf(await search(`outcome=4&entity-name=Patient/${reading}`));
    expect(missed).toHaveLength(1);
  });

  it("tells both traces of the house in one order, page by page, with totals", async () => {
    const { total } = await search("_count=1&_total=accurate");
    // The look itself leaves a row, which is newer than what is counted.
    const newest = await everyEvent("/fhir/AuditEvent?_count=500");
    const whole = newest.slice(-total!);
    expect(whole).toHaveLength(total!);
    const sites = new Set(whole.map(({ source }) => source.site));
    expect([...sites].sort()).toEqual(["alliance", "records"]);
    const times = whole.map(({ recorded }) => recorded);
    expect(times).toEqual([...times].sort().reverse());
    const seen = await everyEvent(
      `/fhir/AuditEvent?_count=37&_sort=date&date=le${whole[0]!.recorded}`,
    );
    expect(seen.map(({ id }) => id)).toEqual(whole.map(({ id }) => id).reverse());
    const count = await search("_summary=count&site=records");
    expect(count.entry).toBeUndefined();
    expect(count.total).toBeGreaterThan(3);
  });

  it("leaves one row of each look at it, and pages in the order of time come to an end", async () => {
    const before = (await search("_summary=count&entity-name=AuditEvent")).total!;
    await search("_count=1");
    expect((await search("_summary=count&entity-name=AuditEvent")).total).toBe(before + 2);
    let url: string | undefined = "/fhir/AuditEvent?_count=3&_sort=date&entity-name=AuditEvent";
    let pages = 0;
    while (url && pages < 200) {
      tick();
      const { body } = await keeper.get(url);
      pages += 1;
      url = (body as Bundle).link
        ?.find(({ relation }) => relation === "next")
        ?.url.replace(test.services.publicUrl, "");
    }
    expect(pages).toBeLessThan(200);
  });

  it("is read by its id, and inside a batch", async () => {
    const [event] = eventsOf(await search("_count=1&subtype=read"));
    const one = await keeper.get(`/fhir/AuditEvent/${event!.id}`);
    expect(one.body).toEqual(event);
    expect((await keeper.get("/fhir/AuditEvent/r999999999")).status).toBe(404);
    const bundle = {
      resourceType: "Bundle",
      type: "batch",
      entry: [{ request: { method: "GET", url: `AuditEvent?_id=${event!.id}` } }],
    };
    const batch = await test.app.inject({
      method: "POST",
      url: "/fhir",
      headers: {
        ...systemOf(house, ["system/AuditEvent.rs"]),
        "content-type": "application/fhir+json",
      },
      payload: JSON.stringify(bundle),
    });
    expect(eventsOf(batch.json().entry[0].resource).map(({ id }) => id)).toEqual([event!.id]);
    const posted = await test.app.inject({
      method: "POST",
      url: "/fhir/AuditEvent/_search",
      headers: {
        cookie: keeper.cookie,
        "x-csrf-token": keeper.csrfToken,
        "content-type": "application/x-www-form-urlencoded",
      },
      payload: `_id=${event!.id}`,
    });
    expect(eventsOf(posted.json()).map(({ id }) => id)).toEqual([event!.id]);
  });
});

describe("a patient's own app", () => {
  it("sees who looked at him, and of shared rows nothing of the others", async () => {
    const mother = await test.as("13800138001");
    const back = "https://trace.example.org/back";
    const { client } = (
      await keeper.post("/api/smart/clients", {
        name: "谁看过",
        kind: "public-app",
        redirectUris: [back],
        scopes: ["patient/*.rs"],
      })
    ).body;
    await danzeng.get(`/fhir/Patient/${dawa}`);
    await danzeng.get("/fhir/Patient?_count=50");
    tick();
    const verifier = randomBytes(32).toString("base64url");
    const tokenOf = async (scope: string) => {
      const allowed = await mother.post("/api/smart/authorization/allow", {
        patient: dawa,
        request: {
          response_type: "code",
          client_id: client.id,
          redirect_uri: back,
          scope,
          state: "s",
          aud: `${test.services.publicUrl}/stores/sakya-chc/fhir`,
          code_challenge: createHash("sha256").update(verifier).digest("base64url"),
          code_challenge_method: "S256",
        },
      });
      const answer = await test.app.inject({
        method: "POST",
        url: "/auth/token",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        payload: new URLSearchParams({
          grant_type: "authorization_code",
          client_id: client.id,
          redirect_uri: back,
          code: new URL(allowed.body.redirectTo).searchParams.get("code")!,
          code_verifier: verifier,
        }).toString(),
      });
      return answer.json().access_token as string;
    };
    const ask = async (bearer: string) => {
      const answer = await test.app.inject({
        method: "GET",
        url: "/stores/sakya-chc/fhir/AuditEvent?_count=200&_total=accurate",
        headers: { authorization: `Bearer ${bearer}` },
      });
      return { status: answer.statusCode, body: answer.json() as Bundle };
    };
    expect((await ask(await tokenOf("patient/Patient.rs"))).status).toBe(403);
    const { body } = await ask(await tokenOf("patient/AuditEvent.rs"));
    const events = eventsOf(body);
    expect(events.length).toBeGreaterThan(1);
    expect(body.total).toBe(events.length);
    for (const event of events) {
      const people = (event.entity ?? []).flatMap(({ what }) =>
        what?.reference?.startsWith("Patient/") ? what.reference : [],
      );
      expect(new Set(people)).toEqual(new Set([`Patient/${dawa}`]));
    }
    // The mother reads the same in plain words: doctors, the house's systems, her own app, exports.
    const system = systemOf(sakyaId, ["system/*.rs"]);
    for (const url of [`/fhir/Patient/${dawa}`, `/fhir/Patient/${dawa}/$everything`])
      expect((await test.app.inject({ method: "GET", url, headers: system })).statusCode).toBe(200);
    // Saying that it was for the patient hides nobody.
    await danzeng.get(`/fhir/Patient/${dawa}`, { "x-purpose-of-use": "PATRQT" });
    const { entries } = (await mother.get("/api/my/record/access")).body as {
      entries: { who: string; action: string; source: string | null; purpose: string }[];
    };
    const told = (who: string) =>
      entries
        .filter((one) => one.who === who && one.source?.startsWith("萨迦"))
        .map(({ action }) => action);
    // Two readings of one day are one line.
    expect(told("审计系统")).toEqual(["record.system-read"]);
    expect(told("谁看过")).toEqual(["record.own-app"]);
    expect(entries.some(({ action }) => action === "record.read")).toBe(true);
    expect(entries.every(({ who }) => who !== "")).toBe(true);
    expect(
      entries.some(
        ({ action, purpose }) => action === "record.read" && purpose === "patient-request",
      ),
    ).toBe(true);
    const shared = events.find(({ subtype }) => subtype.some(({ code }) => code === "search"))!;
    expect(shared.entity!.some(({ query }) => query !== undefined)).toBe(false);
  });
});
