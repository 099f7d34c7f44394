import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { exportJWK, generateKeyPair } from "jose";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import { addRule, callerParameter, type StoreContext } from "../../server/fhir/service.ts";
import { type Deliverer, startDeliverer } from "../../server/fhir/subscriptions/deliverer.ts";
import { extensions } from "../../server/fhir/subscriptions/names.ts";
import { issueToken } from "../../server/smart/token.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

const json = { "content-type": "application/fhir+json" };
const topic = (id: string) => `https://yilian.example.org/fhir/SubscriptionTopic/${id}`;
let test: TestApp;
/** A doctor of 萨迦, one of 徐汇, and who answers for the records of 徐汇. */
let danzeng: Client;
let zhou: Client;
let keeper: Client;
let receiver: Receiver;
let deliverer: Deliverer;
let sakya: string;
let xuhui: string;
/** A registered system of 徐汇, which may read at 徐汇's and, by consent, at 萨迦's store. */
let system: string;

type Receiver = {
  url: string;
  got: { type: string; text: string; headers: IncomingMessage["headers"]; body: Parsed }[];
  answer: (response: ServerResponse, type: string) => void;
  close: () => Promise<void>;
};
// biome-ignore lint/suspicious/noExplicitAny: a Bundle as it came
type Parsed = any;

const part = (body: Parsed, name: string) =>
  body.entry[0].resource.parameter.find((one: { name: string }) => one.name === name);
const numbers = (body: Parsed): number[] =>
  body.entry[0].resource.parameter
    .filter((one: { name: string }) => one.name === "notification-event")
    .map((one: Parsed) => Number(one.part[0].valueString));
const fine = (response: ServerResponse) => void response.writeHead(204).end();
const status =
  (code: number, headers = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(code, headers).end();

async function startReceiver(): Promise<Receiver> {
  const server: Server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (one: Buffer) => parts.push(one));
    request.on("end", () => {
      const text = Buffer.concat(parts).toString();
      const body = JSON.parse(text);
      const type = part(body, "type").valueCode;
      own.got.push({ type, text, headers: request.headers, body });
      own.answer(response, type);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const own: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    got: [],
    answer: fine,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return own;
}

beforeAll(async () => {
  test = await buildTestApp();
  await signIn();
  sakya = (await test.services.records.find({ code: "sakya-chc" })).tenant;
  xuhui = (await test.services.records.find({ code: "xuhui-central" })).tenant;
  receiver = await startReceiver();
  deliverer = newDeliverer();
  const { publicKey } = await generateKeyPair("ES384");
  const jwk = { ...(await exportJWK(publicKey)), kid: "k", alg: "ES384", use: "sig" };
  const made = await keeper.post("/api/smart/clients", {
    name: "转诊系统",
    scopes: ["system/*.cruds"],
    jwks: { keys: [jwk] },
  });
  expect(made.status, made.raw.body).toBe(200);
  system = made.body.client.id;
});
afterEach(async () => {
  // Each test has its own subscriptions; those of others stay quiet.
  receiver.answer = fine;
  receiver.got.length = 0;
  for (const [base, ids] of made)
    for (const id of ids.splice(0)) await client().delete(`${base}/Subscription/${id}`, bearer());
});
afterAll(async () => {
  await deliverer.close();
  await receiver.close();
  await test.close();
});
const made = new Map<string, string[]>();
const newDeliverer = (tickMs = 0) =>
  startDeliverer(test.services, {
    log: { warn: (...said: unknown[]) => console.error(...said) },
    tickMs,
  });
/** Sessions end while a day goes by. */
async function signIn() {
  danzeng = await test.as("danzeng");
  zhou = await test.as("zhouminhua");
  keeper = await test.as("zhenglan");
}
const later = (seconds: number) => {
  test.clock.now = new Date(test.clock.now.getTime() + seconds * 1000);
};
const client = () => test.anonymous;
const bearer = (scopes = ["system/*.cruds"], institution = xuhui, id = system) => ({
  ...json,
  authorization: `Bearer ${issueToken(test.services, { client: id, name: "转诊系统", institution, scopes })}`,
});

const subscription = (
  more: {
    criteria?: string[];
    content?: string;
    channel?: object;
    topic?: string;
    [name: string]: unknown;
  } = {},
) => {
  const {
    criteria = [],
    content = "id-only",
    channel = {},
    topic: about = "resource-change",
    ...rest
  } = more;
  return {
    resourceType: "Subscription",
    status: "requested",
    reason: "told of changes",
    criteria: topic(about),
    ...(criteria.length > 0
      ? {
          _criteria: {
            extension: criteria.map((one) => ({
              url: extensions.filterCriteria,
              valueString: one,
            })),
          },
        }
      : {}),
    channel: {
      type: "rest-hook",
      endpoint: receiver.url,
      payload: "application/fhir+json",
      _payload: { extension: [{ url: extensions.payloadContent, valueCode: content }] },
      ...channel,
    },
    ...rest,
  };
};
const own = "/stores/xuhui-central/fhir";
const theirs = "/stores/sakya-chc/fhir";
async function subscribed(more: Parameters<typeof subscription>[0] = {}, base = own) {
  const answer = await client().post(`${base}/Subscription`, subscription(more), bearer());
  expect(answer.status, answer.raw.body).toBe(201);
  const id = String(answer.body.id);
  made.set(base, [...(made.get(base) ?? []), id]);
  return id;
}
async function active(more: Parameters<typeof subscription>[0] = {}, base = own) {
  const id = await subscribed(more, base);
  await deliverer.run();
  expect((await read(id, base)).status).toBe("active");
  receiver.got.length = 0;
  return id;
}
const read = async (id: string, base = own) =>
  (await client().get(`${base}/Subscription/${id}`, bearer())).body;
const statusOf = async (id: string, base = own) => {
  const answer = await client().get(`${base}/Subscription/${id}/$status`, bearer());
  expect(answer.status, answer.raw.body).toBe(200);
  return { entry: [{ resource: answer.body.entry[0].resource }] };
};
const events = async (id: string, base = own) =>
  Number(part(await statusOf(id, base), "events-since-subscription-start").valueString);

const person = (name: string) => ({ resourceType: "Patient", name: [{ text: name }] });
async function created(resource: { resourceType: string }, by = zhou) {
  const answer = await by.post(`/fhir/${resource.resourceType}`, resource, json);
  expect(answer.status, answer.raw.body).toBe(201);
  return answer.body as Parsed;
}
async function says(patient: string, decision: "permit" | "deny") {
  const { store, tenant } = await test.services.records.find({ code: "sakya-chc" });
  const context = contextAt(tenant);
  await store.transaction(context, (tx) =>
    addRule(tx, context, {
      patient,
      recipient: xuhui,
      label: null,
      decision,
      startsAt: new Date(test.clock.now.getTime() - 1000),
      endsAt: null,
      source: null,
    }),
  );
}
const contextAt = (tenant: string): StoreContext => ({
  tenant,
  at: test.clock.now,
  base: "http://localhost:8080/fhir",
  caller: {
    kind: "client",
    actor: "test",
    name: null,
    institution: tenant,
    purpose: "operations",
    reason: null,
    scopes: null,
    mayWrite: true,
    correlationId: "test",
    address: null,
  },
});
async function rows(code: string, text: string, values: unknown[]) {
  const { store, tenant } = await test.services.records.find({ code });
  const context = contextAt(tenant);
  return store.transaction(context, async (tx) => {
    await tx.unsafe("SELECT fhir.enter($1::text::jsonb)", [callerParameter(context)]);
    return tx.unsafe(text, values);
  });
}

describe("who may subscribe, and to what", () => {
  it("refuses strangers, families, doctors, other scopes, and bundles; a keeper may", async () => {
    const body = subscription();
    for (const [who, by, headers, wanted] of [
      ["nobody", test.anonymous, json, 401],
      ["family", await test.as("13800138001"), json, 403],
      ["doctor", zhou, json, 403],
      ["another scope", test.anonymous, bearer(["system/Patient.cruds"]), 403],
      ["read only", test.anonymous, bearer(["system/*.rs"]), 403],
    ] as const) {
      const answer = await by.post(`${own}/Subscription`, body, headers);
      expect(answer.status, who).toBe(wanted);
      expect(answer.body.resourceType, who).toBe("OperationOutcome");
    }
    const bundle = {
      resourceType: "Bundle",
      type: "transaction",
      entry: [{ resource: body, request: { method: "POST", url: "Subscription" } }],
    };
    expect((await client().post(own, bundle, bearer())).status).toBe(400);
    expect((await client().put(`${own}/Subscription?status=active`, body, bearer())).status).toBe(
      400,
    );
    const id = await subscribed();
    for (const url of [
      `Subscription/${id}`,
      "Subscription",
      "?_type=Subscription",
      `Subscription/${id}/$status`,
      `Subscription/${id}/$events`,
      `Subscription/${id}/_history`,
    ])
      expect((await zhou.get(`${own}/${url}`)).status, url).toBe(403);
    // Nor by asking for everything.
    for (const url of [`?_id=${id}`, "_history", "?_count=1000&_lastUpdated=gt2000"]) {
      const everything = await zhou.get(`${own}/${url}`);
      expect([everything.status, everything.raw.body.includes(`Subscription/${id}`)], url).toEqual([
        200,
        false,
      ]);
    }
    expect((await keeper.get(`${own}/Subscription/${id}`)).status).toBe(200);
    expect((await keeper.get(`${own}/Subscription?_revinclude=Provenance:target`)).status).toBe(
      400,
    );
    const told = `${own}/Subscription/${id}/$events?content=`;
    expect((await client().get(`${told}zzz`, bearer())).status).toBe(400);
    expect((await client().get(`${told}empty`, bearer())).status).toBe(200);
    const theirOwn = await keeper.post("/fhir/Subscription", body, json);
    expect(theirOwn.status, theirOwn.raw.body).toBe(201);
    // What a keeper subscribed to is told like a system's.
    await deliverer.run();
    receiver.got.length = 0;
    const patient = await created(person("零"));
    await deliverer.run();
    const mine = receiver.got.filter((got) => got.text.includes(theirOwn.body.id));
    expect(mine.map((got) => [numbers(got.body), got.text.includes(patient.id)])).toEqual([
      [[1], true],
    ]);
    expect((await keeper.delete(`/fhir/Subscription/${theirOwn.body.id}`)).status).toBe(204);
  });

  it("keeps one institution's subscriptions from another, but not from whose records they are about", async () => {
    const id = await subscribed({}, theirs);
    const other = bearer(["system/*.cruds"], sakya);
    expect((await client().get(`${theirs}/Subscription/${id}`, bearer())).status).toBe(200);
    expect((await client().get(`${theirs}/Subscription/${id}`, other)).status).toBe(200);
    const mine = await client().post(`${theirs}/Subscription`, subscription(), other);
    expect(mine.status, mine.raw.body).toBe(201);
    for (const url of [
      `Subscription/${mine.body.id}`,
      `Subscription/${mine.body.id}/$status`,
      `Subscription/${mine.body.id}/$events`,
    ])
      expect((await client().get(`${theirs}/${url}`, bearer())).status, url).toBe(404);
    const listed = await client().get(`${theirs}/Subscription`, bearer());
    expect(listed.body.entry.map((one: Parsed) => one.resource.id)).toEqual([id]);
    expect((await client().delete(`${theirs}/Subscription/${mine.body.id}`, bearer())).status).toBe(
      404,
    );
    expect(
      (await client().put(`${theirs}/Subscription/${id}`, subscription({ id }), other)).status,
    ).toBe(404);
    expect((await client().delete(`${theirs}/Subscription/${mine.body.id}`, other)).status).toBe(
      204,
    );
  });

  it("refuses other topics, channels, criteria, headers and addresses of inner networks", async () => {
    for (const [what, more] of [
      ["a topic of nobody's", { topic: "weather" }],
      ["a websocket", { channel: { type: "websocket" } }],
      ["XML", { channel: { payload: "application/fhir+xml" } }],
      ["a content that is none", { content: "everything" }],
      ["a criterion that is none", { criteria: ["all of it"] }],
      ["a parameter that is not offered", { criteria: ["Observation?code=x"] }],
      ["a type the topic is not about", { topic: "result-change", criteria: ["Patient?_id=1"] }],
      ["a patient that is no id", { criteria: ["Observation?patient=../1"] }],
      ["a header of the connection's", { channel: { header: ["Host: example.org"] } }],
      ["a header of two lines", { channel: { header: ["X-A: 1\r\nX-B: 2"] } }],
      ["no https", { channel: { endpoint: "http://example.org/hook" } }],
      ["a private network", { channel: { endpoint: "https://10.0.0.7/hook" } }],
      ["the cloud's own", { channel: { endpoint: "https://169.254.169.254/latest" } }],
      [
        "this machine by another name",
        { channel: { endpoint: "https://[::ffff:127.0.0.1]/hook" } },
      ],
      ["a name and a password", { channel: { endpoint: "https://a:b@example.org/" } }],
      ["an end that is over", { end: "2020-01-01T00:00:00Z" }],
      ["a file", { channel: { endpoint: "file:///etc/passwd" } }],
    ] as const) {
      const answer = await client().post(
        `${own}/Subscription`,
        subscription(more as never),
        bearer(),
      );
      expect(answer.status, what).toBe(400);
    }
    expect(
      (
        await client().post(
          `${own}/Subscription`,
          { ...subscription(), reason: undefined },
          bearer(),
        )
      ).status,
    ).toBe(422);
  });

  it("lists its topics where R4 lists them", async () => {
    const { body } = await test.anonymous.get("/fhir/metadata");
    const stated = body.rest[0].resource.find((one: Parsed) => one.type === "Subscription");
    const canonicals = stated.extension.map((one: Parsed) => one.valueCanonical);
    expect(canonicals).toContain(topic("resource-change"));
    const listed = await test.anonymous.get("/fhir/SubscriptionTopic");
    expect(listed.body.entry.map((one: Parsed) => one.fullUrl)).toEqual(canonicals);
    expect(
      (await test.anonymous.get("/fhir/SubscriptionTopic/result-change")).body.resourceType,
    ).toBe("Basic");
    expect((await test.anonymous.get("/fhir/SubscriptionTopic/weather")).status).toBe(404);
  });
});

describe("the handshake", () => {
  it("makes it active when it is answered; headers go along and are not shown", async () => {
    const id = await subscribed({ channel: { header: ["Authorization: Bearer secret-1"] } });
    expect((await read(id)).status).toBe("requested");
    await deliverer.run();
    const [got] = receiver.got;
    expect([receiver.got.length, got!.type]).toEqual([1, "handshake"]);
    expect(got!.headers).toMatchObject({
      authorization: "Bearer secret-1",
      "content-type": expect.stringContaining("application/fhir+json"),
    });
    expect(got!.body).toMatchObject({ resourceType: "Bundle", type: "history" });
    expect(part(got!.body, "topic").valueCanonical).toBe(topic("resource-change"));
    const now = await read(id);
    expect([now.status, now.channel.header]).toEqual(["active", ["Authorization: ***"]]);
    const kept = await rows(
      "xuhui-central",
      "SELECT headers_sealed, (SELECT string_agg(content::text, '') FROM resource WHERE type = 'Subscription') AS all FROM subscription_run WHERE id = $1",
      [id],
    );
    expect(JSON.stringify(kept)).not.toContain("secret-1");
    // Sent back as it is shown, the header stays what it was.
    receiver.got.length = 0;
    expect(
      (await client().put(`${own}/Subscription/${id}`, { ...now, reason: "told again" }, bearer()))
        .status,
    ).toBe(200);
    await deliverer.run();
    expect(receiver.got[0]!.headers.authorization).toBe("Bearer secret-1");
    // To another address it is not handed on: neither by who may change it, nor in any way of changing.
    receiver.got.length = 0;
    const elsewhere = { ...now, channel: { ...now.channel, endpoint: `${receiver.url}/other` } };
    const path = `${own}/Subscription/${id}`;
    const patch = [{ op: "replace", path: "/channel/endpoint", value: `${receiver.url}/other` }];
    const patched = { ...bearer(), "content-type": "application/json-patch+json" };
    for (const refused of [
      await client().put(path, elsewhere, bearer()),
      await client().patch(path, patch, patched),
      await keeper.put(path, elsewhere, json),
      await client().post(`${own}/Subscription`, { ...elsewhere, id: undefined }, bearer()),
    ]) {
      expect(refused.status, refused.raw.body).toBe(400);
      expect(refused.body.issue[0].details.text).toContain("Authorization");
    }
    await deliverer.run();
    expect(receiver.got).toEqual([]);
  });

  it("is not given to another system of the institution: only its maker and a keeper change it", async () => {
    const id = await subscribed({ channel: { header: ["Authorization: Bearer secret-2"] } });
    const path = `${own}/Subscription/${id}`;
    const now = await read(id);
    const other = bearer(["system/*.cruds"], xuhui, randomUUID());
    const patch = [{ op: "replace", path: "/reason", value: "mine now" }];
    const asPatch = { "content-type": "application/json-patch+json" };
    expect((await client().get(path, other)).body.channel.header).toEqual(["Authorization: ***"]);
    for (const refused of [
      await client().put(path, now, other),
      await client().patch(path, patch, { ...other, ...asPatch }),
      await client().delete(path, other),
    ])
      expect(refused.status, refused.raw.body).toBe(403);
    // A keeper mends it and does not take it over: it goes on in the name of who made it.
    expect((await keeper.patch(path, patch, asPatch)).status).toBe(200);
    expect((await client().put(path, now, bearer())).status).toBe(200);
    await deliverer.run();
    expect(receiver.got.map((got) => got.headers.authorization)).toEqual(["Bearer secret-2"]);
  });

  it("ends in error with a sentence: at once where a redirect leads away, after a quarter of an hour where nobody takes it", async () => {
    receiver.answer = status(307, { location: "http://127.0.0.1:1/" });
    const away = await subscribed();
    await deliverer.run();
    expect((await read(away)).status).toBe("error");
    expect((await read(away)).error).toMatch(/points elsewhere/);
    receiver.answer = status(500);
    const failing = await subscribed();
    await deliverer.run();
    expect((await read(failing)).status).toBe("requested");
    later(14 * 60);
    await deliverer.run();
    expect((await read(failing)).status).toBe("requested");
    later(16 * 60);
    await deliverer.run();
    expect((await read(failing)).error).toMatch(/handshake.*500/);
    // And begins again when it is asked to.
    receiver.answer = fine;
    const again = { ...(await read(failing)), status: "requested" };
    expect(
      (await client().put(`${own}/Subscription/${failing}`, again, bearer())).body.error,
    ).toBeUndefined();
    await deliverer.run();
    expect((await read(failing)).status).toBe("active");
  });
});

describe("notifications", () => {
  it("tell what happened, in order and with numbers without gaps, and nothing of others", async () => {
    const watched = await created(person("一"));
    const id = await active({ criteria: [`Patient?patient=Patient/${watched.id}`] });
    await created(person("二"));
    await zhou.put(`/fhir/Patient/${watched.id}`, { ...watched, active: true }, json);
    await zhou.delete(`/fhir/Patient/${watched.id}`);
    await deliverer.run();
    expect(receiver.got).toHaveLength(1);
    const { body } = receiver.got[0]!;
    expect(numbers(body)).toEqual([1, 2]);
    expect(
      body.entry
        .slice(1)
        .map((one: Parsed) => [one.request.method, one.fullUrl.split("/fhir/")[1], one.resource]),
    ).toEqual([
      ["PUT", `Patient/${watched.id}`, undefined],
      ["DELETE", `Patient/${watched.id}`, undefined],
    ]);
    expect(await events(id)).toBe(2);
    await deliverer.run();
    expect(receiver.got).toHaveLength(1);
  });

  it("carry the version that the event made with full-resource, nothing with empty, and at most as many as asked", async () => {
    const whole = await active({
      content: "full-resource",
      criteria: ["Patient?"],
      channel: { extension: [{ url: extensions.maxCount, valuePositiveInt: 2 }] },
    });
    const bare = await active({ content: "empty", criteria: ["Patient?"] });
    const one = await created(person("三"));
    await zhou.put(`/fhir/Patient/${one.id}`, { ...one, active: true }, json);
    await created(person("四"));
    await deliverer.run();
    const of = (id: string) =>
      receiver.got.filter((got) => got.text.includes(`Subscription/${id}`));
    expect(of(whole).map((got) => numbers(got.body))).toEqual([[1, 2], [3]]);
    const resources = of(whole)[0]!
      .body.entry.slice(1)
      .map((entry: Parsed) => entry.resource);
    expect(resources.map((each: Parsed) => [each.id, each.meta.versionId])).toEqual([
      [one.id, "1"],
      [one.id, "2"],
    ]);
    expect(of(bare).map((got) => numbers(got.body))).toEqual([[1, 2, 3]]);
    expect(of(bare)[0]!.body.entry).toHaveLength(1);
    expect(of(bare)[0]!.text).not.toContain(one.id);
    const audited = await rows(
      "xuhui-central",
      "SELECT resource_id, actor, institution FROM audit_event WHERE interaction = 'notify' AND patients && $1::text[]",
      [[one.id]],
    );
    expect([...audited]).toEqual([{ resource_id: whole, actor: system, institution: xuhui }]);
    const asked = await client().get(
      `${own}/Subscription/${whole}/$events?eventsSinceNumber=2&eventsUntilNumber=2`,
      bearer(),
    );
    expect([
      numbers(asked.body),
      part(asked.body, "type").valueCode,
      asked.body.entry[1].resource.meta.versionId,
    ]).toEqual([[2], "query-event", "2"]);
    expect((await client().get(`${own}/Subscription/${whole}/$events?x=1`, bearer())).status).toBe(
      400,
    );
    const posted = await client().post(
      `${own}/Subscription/$status`,
      { resourceType: "Parameters", parameter: [{ name: "id", valueId: bare }] },
      bearer(),
    );
    expect([posted.body.total, part(posted.body, "status").valueCode]).toEqual([1, "active"]);
  });

  it("of another institution's patients stop when consent does, and no number says that there was something", async () => {
    const seen = await created(person("五"), danzeng);
    const hidden = await created(person("六"), danzeng);
    await says(seen.id, "permit");
    const id = await active({ content: "full-resource", criteria: ["Patient?"] }, theirs);
    const change = (who: Parsed, birthDate: string) =>
      danzeng.put(`/fhir/Patient/${who.id}`, { ...who, birthDate }, json);
    await change(hidden, "1950-01-01");
    await change(seen, "1950-01-02");
    await deliverer.run();
    expect(receiver.got.map((got) => numbers(got.body))).toEqual([[1]]);
    expect(receiver.got[0]!.text).toContain("1950-01-02");
    expect(receiver.got[0]!.text).not.toContain(hidden.id);
    // A thousand that may not be seen stand in nobody's way.
    receiver.got.length = 0;
    for (let n = 0; n < 2; n += 1)
      await danzeng.post(
        "/stores/sakya-chc/fhir",
        {
          resourceType: "Bundle",
          type: "transaction",
          entry: Array.from({ length: 510 }, () => ({
            resource: person("众"),
            request: { method: "POST", url: "Patient" },
          })),
        },
        json,
      );
    await change(seen, "1950-02-02");
    await deliverer.run();
    expect(receiver.got.map((got) => numbers(got.body))).toEqual([[2]]);
    // Withdrawn between the change and the notification.
    await change(seen, "1950-01-03");
    await says(seen.id, "deny");
    await deliverer.run();
    // Withdrawn while a notification was on its way again and again: the number stays, what it was about does not.
    expect(receiver.got).toHaveLength(1);
    const other = await created(person("七"), danzeng);
    await deliverer.run();
    await says(other.id, "permit");
    receiver.answer = status(500);
    await change(other, "1950-01-04");
    await deliverer.run();
    await says(other.id, "deny");
    receiver.answer = fine;
    later(60);
    await deliverer.run();
    const last = receiver.got.at(-1)!;
    expect(numbers(last.body)).toEqual([3]);
    expect(last.text).not.toContain(other.id);
    expect(await events(id, theirs)).toBe(3);
    const asked = await client().get(`${theirs}/Subscription/${id}/$events`, bearer());
    expect(numbers(asked.body)).toEqual([1, 2, 3]);
    expect(asked.raw.body).not.toContain("1950");
  });

  it("hold to the scopes that the system has now, and end when it is not registered any more", async () => {
    const id = await active({ criteria: ["Patient?"] });
    const { publicKey } = await generateKeyPair("ES384");
    const jwk = { ...(await exportJWK(publicKey)), kid: "k2", alg: "ES384", use: "sig" };
    const registered = await keeper.post("/api/smart/clients", {
      name: "只看预约",
      scopes: ["system/Subscription.cruds", "system/Appointment.rs"],
      jwks: { keys: [jwk] },
    });
    const narrow = String(registered.body.client.id);
    const wide = bearer(["system/*.cruds"], xuhui, narrow);
    const other = await client().post(
      `${own}/Subscription`,
      subscription({ criteria: ["Patient?"] }),
      wide,
    );
    await deliverer.run();
    receiver.got.length = 0;
    await created(person("八"));
    await deliverer.run();
    expect(receiver.got.map((got) => got.text.includes(`Subscription/${id}`))).toEqual([true]);
    expect((await keeper.post(`/api/smart/clients/${narrow}/end`)).status).toBeLessThan(300);
    await created(person("九"));
    await deliverer.run();
    expect((await read(other.body.id)).status).toBe("off");
  });

  it("are tried again until they arrive, no sooner than the receiver asks, and nothing is lost", async () => {
    const id = await active({ criteria: ["Patient?"] });
    receiver.answer = status(503, { "retry-after": "120" });
    await created(person("十"));
    await deliverer.run();
    expect(receiver.got).toHaveLength(1);
    later(60);
    await created(person("十一"));
    await deliverer.run();
    expect(receiver.got).toHaveLength(1);
    later(61);
    receiver.answer = status(500);
    await deliverer.run();
    receiver.answer = fine;
    later(15);
    await deliverer.run();
    expect(receiver.got.map((got) => numbers(got.body))).toEqual([[1], [1, 2], [1, 2]]);
    // A day of refusals ends it, and the sentence says where it stands.
    receiver.answer = status(403);
    await created(person("十二"));
    await deliverer.run();
    later(23 * 3600);
    await deliverer.run();
    expect((await read(id)).status).toBe("active");
    later(2 * 3600);
    await deliverer.run();
    expect(await read(id)).toMatchObject({
      status: "error",
      error: expect.stringMatching(/refused it \(403\).*last event that arrived is 2/),
    });
    // What changed meanwhile is told when it begins again.
    await signIn();
    await created(person("十三"));
    receiver.answer = fine;
    receiver.got.length = 0;
    await client().patch(
      `${own}/Subscription/${id}`,
      [{ op: "replace", path: "/status", value: "requested" }],
      { ...bearer(), "content-type": "application/json-patch+json" },
    );
    await deliverer.run();
    expect(receiver.got.map((got) => [got.type, numbers(got.body)])).toEqual([
      ["handshake", []],
      ["event-notification", [3, 4]],
    ]);
  });

  it("do not wait for ever, and one receiver that hangs keeps no other waiting", async () => {
    const slow = await active({
      criteria: ["Patient?"],
      channel: { extension: [{ url: extensions.timeout, valueUnsignedInt: 1 }] },
    });
    const quick = await active({ criteria: ["Patient?"] });
    const arrived: string[] = [];
    receiver.answer = (response) => {
      const { text } = receiver.got.at(-1)!;
      if (text.includes(`Subscription/${slow}`)) return;
      arrived.push("quick");
      fine(response);
    };
    await created(person("十四"));
    await deliverer.run();
    expect(arrived).toEqual(["quick"]);
    const [row] = await rows(
      "xuhui-central",
      "SELECT failures, fault, delivered::int FROM subscription_run WHERE id = $1",
      [slow],
    );
    expect(row).toEqual({
      failures: 1,
      fault: "the receiver did not answer in time",
      delivered: 0,
    });
    expect(await events(quick)).toBe(1);
  });

  it("of two deliverers at once arrive once and in order", async () => {
    await active({
      criteria: ["Patient?"],
      channel: { extension: [{ url: extensions.maxCount, valuePositiveInt: 1 }] },
    });
    const second = newDeliverer();
    for (let n = 0; n < 6; n += 1) await created(person(`两${n}`));
    await Promise.all([deliverer.run(), second.run(), deliverer.run(), second.run()]);
    await deliverer.run();
    await second.close();
    expect(receiver.got.flatMap((got) => numbers(got.body))).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("survive a process that is killed in the middle of one, and what is written while nobody delivers", async () => {
    await active({ criteria: ["Patient?"] });
    receiver.answer = () => {};
    const child = spawn(
      process.execPath,
      [fileURLToPath(new URL("../support/deliverer-process.ts", import.meta.url))],
      {
        env: {
          ...process.env,
          DELIVERER: JSON.stringify({
            databaseUrl: test.database.app,
            recordsUrl: await test.database.records(),
            secrets: inject("cluster").secrets,
            now: test.clock.now,
          }),
        },
        stdio: "inherit",
      },
    );
    const ended = once(child, "exit");
    try {
      await created(person("杀"));
      await expect.poll(() => receiver.got.length, { timeout: 10_000 }).toBe(1);
    } finally {
      child.kill("SIGKILL");
    }
    await ended;
    await created(person("后"));
    receiver.answer = fine;
    later(61);
    await deliverer.run();
    expect(receiver.got.map((got) => numbers(got.body))).toEqual([[1], [1, 2]]);
    expect(receiver.got[1]!.body.entry[1].fullUrl).toBe(receiver.got[0]!.body.entry[1].fullUrl);
  });

  it("survive whoever died in the middle: the same event comes again with the same number", async () => {
    const id = await active({ criteria: ["Patient?"], content: "full-resource" });
    const held: ServerResponse[] = [];
    receiver.answer = (response) => void held.push(response);
    await created(person("断"));
    const dying = newDeliverer();
    const first = dying.run();
    await expect.poll(() => held.length).toBe(1);
    // Another server finds it taken, and takes it when the other's time is over.
    receiver.answer = fine;
    await deliverer.run();
    expect(receiver.got).toHaveLength(1);
    await created(person("续"));
    later(61);
    await deliverer.run();
    expect(receiver.got.map((got) => numbers(got.body))).toEqual([[1], [1, 2]]);
    // The dead one's answer, if it comes after all, changes nothing.
    held[0]!.writeHead(500).end();
    await first;
    await dying.close();
    expect((await read(id)).status).toBe("active");
    await created(person("再"));
    await deliverer.run();
    expect(numbers(receiver.got.at(-1)!.body)).toEqual([3]);
  });

  it("say now and then that there is nothing, and end when their time is over", async () => {
    const id = await active({
      criteria: ["Patient?"],
      end: new Date(test.clock.now.getTime() + 3600_000).toISOString(),
      channel: { extension: [{ url: extensions.heartbeatPeriod, valueUnsignedInt: 60 }] },
    });
    later(59);
    await deliverer.run();
    expect(receiver.got).toHaveLength(0);
    later(2);
    await deliverer.run();
    await deliverer.run();
    expect(receiver.got.map((got) => [got.type, numbers(got.body)])).toEqual([["heartbeat", []]]);
    later(3600);
    await deliverer.run();
    expect((await read(id)).status).toBe("off");
    await created(person("完"));
    expect(await events(id)).toBe(0);
  });

  it("come from the transaction of the change: what is rolled back is not told", async () => {
    await active({ criteria: ["Patient?"] });
    const bundle = (second: object) => ({
      resourceType: "Bundle",
      type: "transaction",
      entry: [
        { resource: person("甲"), request: { method: "POST", url: "Patient" } },
        { resource: second, request: { method: "POST", url: "Patient" } },
      ],
    });
    expect(
      (await zhou.post(own, bundle({ resourceType: "Patient", gender: "whoever" }), json)).status,
    ).toBe(422);
    await deliverer.run();
    expect(receiver.got).toHaveLength(0);
    expect((await zhou.post(own, bundle(person("乙")), json)).status).toBe(200);
    await deliverer.run();
    expect(receiver.got.map((got) => numbers(got.body))).toEqual([[1, 2]]);
    // And by itself, when somebody writes.
    const running = newDeliverer(25);
    await created(person("丙"));
    await expect.poll(() => receiver.got.map((got) => numbers(got.body))).toEqual([[1, 2], [3]]);
    await running.close();
  });
});
