import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createFederation } from "../../server/records/federation/federation.ts";
import type { RecordSource } from "../../server/records/federation/source.ts";
import { warmUp } from "../../server/records/federation/warm-up.ts";
import { type Partner, searchset, sendFhir, startPartner } from "../support/hostile-partner.ts";

const identifier = { system: "urn:oid:2.16.156.10011.1.3", value: "540224198001010011" };
const patient = { resourceType: "Patient", id: "p1", identifier: [identifier] };
const other = { resourceType: "Patient", id: "p2", identifier: [{ ...identifier, value: "x" }] };
const observation = (id: string, whose = "p1") => ({
  resourceType: "Observation",
  id,
  status: "final",
  code: { text: "血红蛋白" },
  subject: { reference: `Patient/${whose}` },
  valueQuantity: { value: 148, unit: "g/L" },
});
const limits = { connectMs: 300, answerMs: 500, totalMs: 1200, bodyBytes: 64 * 1024 };

let partner: Partner;
let elsewhere: Partner;
beforeAll(async () => {
  await warmUp();
  [partner, elsewhere] = await Promise.all([startPartner(), startPartner()]);
});
afterAll(async () => {
  await Promise.all([partner.close(), elsewhere.close()]);
});
beforeEach(() => {
  partner.asked.length = 0;
  elsewhere.asked.length = 0;
});

const sourceOf = (more: Partial<RecordSource> = {}): RecordSource => ({
  institutionId: "00000000-0000-4000-8000-000000000001",
  code: "partner",
  kind: "remote",
  base: partner.base,
  via: null,
  privateNetwork: true,
  signIn: null,
  ...more,
});
const ask = async (
  options: {
    source?: RecordSource;
    federation?: ReturnType<typeof createFederation>;
    localIds?: string[];
    isWanted?: boolean;
  } = {},
) => {
  const pages: string[][] = [];
  const outcome = await (options.federation ?? createFederation(limits)).ask({
    source: options.source ?? sourceOf(),
    localIds: options.localIds ?? ["p1"],
    identifiers: [identifier],
    callerToken: null,
    address: null,
    isWanted: options.isWanted ?? false,
    onPage: (resources) => pages.push(resources.map((one) => one.id ?? "")),
  });
  return { ...outcome, pages, shown: pages.flat(), fault: outcome.error?.fault ?? null };
};

describe("a partner that answers well", () => {
  it("is found by identifier, which is in no address, and read page by page", async () => {
    partner.answer = (request, response) => {
      if (request.url === "/fhir/Patient/_search") sendFhir(response, searchset([patient]));
      else if (request.url?.includes("page=2"))
        sendFhir(
          response,
          searchset([observation("b"), { resourceType: "Organization", id: "o", name: "院" }]),
        );
      else
        sendFhir(
          response,
          searchset([patient, observation("a")], `${partner.base}/Patient/p1/$everything?page=2`),
        );
    };
    const found = await ask({ localIds: [] });
    expect(found.fault).toBeNull();
    expect(found.pages).toEqual([["p1", "a"], ["b"]]);
    expect(found.record).toMatchObject({ state: "answered", patientIds: ["p1"], setAside: 0 });
    expect(partner.asked.some((one) => one.url.includes(identifier.value))).toBe(false);
    expect(partner.asked[0]!.body).toContain(encodeURIComponent(identifier.value));
  });

  it("knows nobody: that is an answer, not a fault", async () => {
    partner.answer = (_request, response) => sendFhir(response, searchset([]));
    expect(await ask({ localIds: [] })).toMatchObject({
      fault: null,
      record: { state: "nothing" },
    });
  });

  it("says that something is withheld", async () => {
    partner.answer = (_request, response) =>
      sendFhir(response, {
        ...searchset([]),
        entry: [
          {
            search: { mode: "outcome" },
            resource: {
              resourceType: "OperationOutcome",
              issue: [{ severity: "information", code: "suppressed" }],
            },
          },
        ],
      });
    expect((await ask()).record).toMatchObject({ state: "withheld", withholds: true });
  });
});

describe("a partner that must not be believed", () => {
  it.each([
    ["HTML", { "content-type": "text/html" }, "<html>", "not-fhir"],
    ["no type", {}, "{}", "not-fhir"],
    [
      "another charset",
      { "content-type": "application/fhir+json; charset=gb18030" },
      "{}",
      "unreadable",
    ],
    [
      "a packed body",
      { "content-type": "application/fhir+json", "content-encoding": "gzip" },
      "x",
      "unreadable",
    ],
    [
      "broken JSON",
      { "content-type": "application/fhir+json" },
      '{"resourceType":"Bundle",',
      "unreadable",
    ],
    [
      "a name twice",
      { "content-type": "application/json" },
      '{"resourceType":"Patient","resourceType":"Bundle","type":"searchset"}',
      "unreadable",
    ],
    [
      "an outcome for a bundle",
      { "content-type": "application/fhir+json" },
      '{"resourceType":"OperationOutcome","issue":[]}',
      "not-fhir",
    ],
    [
      "entries that are no list",
      { "content-type": "application/fhir+json" },
      '{"resourceType":"Bundle","type":"searchset","entry":{}}',
      "not-fhir",
    ],
  ])("%s is refused", async (_what, headers, body, fault) => {
    partner.answer = (_request, response) => response.writeHead(200, headers).end(body);
    expect(await ask()).toMatchObject({ fault, shown: [] });
  });

  it("redirects are not followed, and the token goes nowhere", async () => {
    partner.answer = (_request, response) =>
      response.writeHead(302, { location: `${elsewhere.base}/Patient` }).end();
    expect((await ask()).fault).toBe("redirect");
    expect(elsewhere.asked).toEqual([]);
  });

  it.each([
    ["another host", () => `${elsewhere.base}/Patient/p1/$everything?page=2`],
    ["the same host, another endpoint", () => `${partner.origin}/other/Patient`],
    ["a path that climbs", () => `${partner.base}/../admin`],
    ["a written-out name", () => partner.base.replace("http://", "http://user:word@")],
    ["a file", () => "file:///etc/passwd"],
  ])("a next link to %s ends the reading; what came before stands", async (_what, next) => {
    elsewhere.answer = (_request, response) => sendFhir(response, searchset([]));
    partner.answer = (_request, response) =>
      sendFhir(response, searchset([patient, observation("a")], next()));
    expect(await ask()).toMatchObject({ fault: "off-origin", shown: ["p1", "a"] });
    expect(elsewhere.asked).toEqual([]);
    expect(partner.asked).toHaveLength(1);
  });

  it("pages without end are given up", async () => {
    let page = 0;
    partner.answer = (_request, response) => {
      page += 1;
      sendFhir(
        response,
        searchset([observation(`a${page}`)], `${partner.base}/Patient/p1/$everything?page=${page}`),
      );
    };
    const found = await ask({ federation: createFederation({ ...limits, totalMs: 10_000 }) });
    expect(found.fault).toBe("too-many-pages");
    expect(partner.asked.length).toBeLessThanOrEqual(26);
  });

  it("a body without end is cut off while it comes, whatever its length says", async () => {
    let sent = 0;
    partner.answer = (_request, response) => {
      response.writeHead(200, { "content-type": "application/fhir+json" });
      const more = () => {
        while (!response.destroyed && sent < 50_000_000) {
          sent += 16_384;
          if (!response.write(" ".repeat(16_384))) break;
        }
      };
      response.on("drain", more);
      more();
    };
    expect((await ask()).fault).toBe("too-large");
    expect(sent).toBeLessThan(10_000_000);
    partner.answer = (_request, response) =>
      response
        .writeHead(200, { "content-type": "application/fhir+json", "content-length": "900000000" })
        .write("{");
    expect((await ask()).fault).toBe("too-large");
  });

  it("somebody else's record is dropped and said, somebody else's entry among his own too", async () => {
    partner.answer = (_request, response) => sendFhir(response, searchset([other]));
    expect(await ask({ localIds: [] })).toMatchObject({ fault: "other-patient", shown: [] });
    partner.answer = (_request, response) =>
      sendFhir(response, searchset([{ ...other, id: "p1" }, observation("a")]));
    expect(await ask()).toMatchObject({ fault: "other-patient", shown: [] });
    partner.answer = (_request, response) =>
      sendFhir(
        response,
        searchset([
          patient,
          observation("a"),
          observation("b", "p2"),
          other,
          { ...observation("c"), subject: { reference: `${elsewhere.base}/Patient/p1` } },
        ]),
      );
    const mixed = await ask();
    expect(mixed).toMatchObject({ fault: null, shown: ["p1", "a"], record: { otherPatient: 3 } });
  });

  it("what is no valid R4 is set aside and counted", async () => {
    partner.answer = (_request, response) =>
      sendFhir(
        response,
        searchset([
          patient,
          observation("a"),
          { ...observation("b"), status: "guess" },
          { ...observation("c"), code: undefined },
          null,
          "text",
          { resourceType: "Nonsense", id: "n" },
        ]),
      );
    expect(await ask()).toMatchObject({ shown: ["p1", "a"], record: { setAside: 5 } });
  });

  it("an address inside is not asked unless it was registered so", async () => {
    expect((await ask({ source: sourceOf({ privateNetwork: false }) })).fault).toBe(
      "private-address",
    );
    const named = sourceOf({
      privateNetwork: false,
      base: partner.base.replace("127.0.0.1", "localhost"),
    });
    // A name is judged by where it leads when it is connected to, and never asked in the clear.
    expect((await ask({ source: named })).fault).toBe("insecure");
    const secured = { ...named, base: named.base.replace("http:", "https:") };
    expect((await ask({ source: secured })).fault).toBe("private-address");
    const file = sourceOf({
      signIn: { tokenUrl: "file:///x", clientId: "a", clientSecret: "b", scope: null },
    });
    expect((await ask({ source: file })).fault).toBe("off-origin");
    for (const host of [
      "[::1]",
      "[::ffff:127.0.0.1]",
      "169.254.169.254",
      "10.0.0.1",
      "0.0.0.0",
      "2130706433",
    ])
      expect(
        (await ask({ source: sourceOf({ privateNetwork: false, base: `http://${host}/fhir` }) }))
          .fault,
        host,
      ).toBe("private-address");
    expect(partner.asked).toEqual([]);
  });
});

describe("a partner that is ill", () => {
  it("hangs before or amid its answer: given up in time", async () => {
    partner.answer = () => {};
    const silent = await ask();
    expect(silent.fault).toBe("timeout");
    expect(silent.tookMs).toBeLessThan(1300);
    partner.answer = (_request, response) => {
      response.writeHead(200, { "content-type": "application/fhir+json" });
      response.write("{");
    };
    const halfway = await ask();
    expect(halfway.fault).toBe("timeout");
    expect(halfway.tookMs).toBeLessThan(1300);
  });

  it("breaks off in mid-answer: asked again, then named", async () => {
    partner.answer = (_request, response) => {
      response.writeHead(200, { "content-type": "application/fhir+json", "content-length": "100" });
      response.write("{", () => response.destroy());
    };
    expect((await ask()).fault).toBe("unreachable");
    expect(partner.asked.length).toBeGreaterThan(1);
  });

  it("fails once and is fine after what it asked us to wait", async () => {
    let first: number | null = null;
    partner.answer = (_request, response) => {
      if (first === null) {
        first = performance.now();
        response.writeHead(500, { "retry-after": "1" }).end();
        return;
      }
      if (performance.now() - first < 990) response.writeHead(429).end();
      else sendFhir(response, searchset([patient, observation("a")]));
    };
    const found = await ask({ federation: createFederation({ ...limits, totalMs: 2500 }) });
    expect(found).toMatchObject({ fault: null, shown: ["p1", "a"], requests: 2 });
    expect(found.tookMs).toBeGreaterThanOrEqual(990);
  });

  it("asks for more patience than there is: named at once", async () => {
    partner.answer = (_request, response) =>
      response.writeHead(503, { "retry-after": "120" }).end();
    const found = await ask();
    expect(found).toMatchObject({ fault: "busy", requests: 1 });
    expect(found.tookMs).toBeLessThan(400);
  });

  it("is not there at all", async () => {
    const gone = await startPartner();
    await gone.close();
    expect((await ask({ source: sourceOf({ base: gone.base }) })).fault).toBe("unreachable");
  });

  it("rests after three failures, is tried when somebody wants it, and answers again", async () => {
    const federation = createFederation(limits);
    partner.answer = (_request, response) => response.writeHead(503, { "retry-after": "9" }).end();
    for (let n = 0; n < 3; n += 1) expect((await ask({ federation })).fault).toBe("busy");
    const before = partner.asked.length;
    const resting = await ask({ federation });
    expect(resting).toMatchObject({ fault: "resting", requests: 0 });
    expect(partner.asked.length).toBe(before);
    expect((await ask({ federation, isWanted: true })).fault).toBe("busy");
    partner.answer = (_request, response) => sendFhir(response, searchset([patient]));
    expect((await ask({ federation })).fault).toBe("resting");
    expect((await ask({ federation, isWanted: true })).fault).toBeNull();
    expect((await ask({ federation })).fault).toBeNull();
  });
});

describe("signing in at a partner", () => {
  const signIn = { clientId: "us", clientSecret: "word:1", scope: "system/*.rs" };
  it("takes a token once, renews one that is over before its time, and gives up when it is never taken", async () => {
    const federation = createFederation(limits);
    let valid = "t1";
    let given = 0;
    partner.answer = (request, response) => {
      if (request.url === "/token") {
        given += 1;
        valid = `t${given}`;
        response
          .writeHead(200, { "content-type": "application/json" })
          .end(JSON.stringify({ access_token: valid, token_type: "Bearer", expires_in: 300 }));
      } else if (request.headers.authorization !== `Bearer ${valid}`) response.writeHead(401).end();
      else sendFhir(response, searchset([patient, observation("a")]));
    };
    const source = sourceOf({ signIn: { ...signIn, tokenUrl: `${partner.origin}/token` } });
    expect((await ask({ federation, source })).fault).toBeNull();
    expect(partner.asked[0]).toMatchObject({
      method: "POST",
      body: "grant_type=client_credentials&scope=system%2F*.rs",
      token: `Basic ${Buffer.from("us:word%3A1").toString("base64")}`,
    });
    expect((await ask({ federation, source })).fault).toBeNull();
    expect(given).toBe(1);
    valid = "changed";
    expect((await ask({ federation, source })).fault).toBeNull();
    expect(given).toBe(2);
    partner.answer = (request, response) => {
      if (request.url === "/token")
        response
          .writeHead(200, { "content-type": "application/json" })
          .end(JSON.stringify({ access_token: "never", token_type: "bearer" }));
      else response.writeHead(401).end();
    };
    expect((await ask({ federation, source })).fault).toBe("refused");
  });

  it("is refused in words of its own when the sign-in is wrong or answers nonsense", async () => {
    const source = sourceOf({ signIn: { ...signIn, tokenUrl: `${partner.origin}/token` } });
    partner.answer = (_request, response) => response.writeHead(400).end();
    expect((await ask({ source })).fault).toBe("refused");
    partner.answer = (_request, response) =>
      response
        .writeHead(200, { "content-type": "application/json" })
        .end('{"access_token":"a\\nb","token_type":"bearer"}');
    expect((await ask({ source })).fault).toBe("refused");
    expect(partner.asked.every((one) => one.url === "/token")).toBe(true);
  });
});
