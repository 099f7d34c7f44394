import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

let test: TestApp;
let keeper: Client;
let server: Server;
let base: string;
const statement = (fhirVersion: string) =>
  JSON.stringify({
    resourceType: "CapabilityStatement",
    fhirVersion,
    software: { name: "医院系统" },
    rest: [{ mode: "server", resource: [{ type: "Patient" }, { type: "Observation" }] }],
  });

beforeAll(async () => {
  test = await buildTestApp();
  keeper = await test.as("zhenglan");
  server = createServer((request, response) => {
    const fhir = { "content-type": "application/fhir+json" };
    const { url = "", headers } = request;
    if (url === "/good/metadata") response.writeHead(200, fhir).end(statement("4.0.1"));
    else if (url === "/old/metadata") response.writeHead(200, fhir).end(statement("3.0.2"));
    else if (url === "/page/metadata")
      response.writeHead(200, { "content-type": "text/html" }).end("<p>登录</p>");
    else if (url === "/other/metadata")
      response.writeHead(200, fhir).end('{"resourceType":"Patient"}');
    else if (url === "/torn/metadata") response.writeHead(200, fhir).end('{"resourceType":');
    else if (url === "/elsewhere/metadata")
      response.writeHead(302, { location: "http://example.org/" }).end();
    else if (url === "/busy/metadata") response.writeHead(503).end();
    else if (url === "/guarded/metadata")
      response
        .writeHead(headers.authorization === "Bearer right" ? 200 : 401, fhir)
        .end(statement("4.0.1"));
    else if (url === "/token") {
      const right =
        headers.authorization === `Basic ${Buffer.from("us:secret").toString("base64")}`;
      response
        .writeHead(right ? 200 : 401, { "content-type": "application/json" })
        .end(right ? '{"access_token":"right","token_type":"Bearer"}' : "{}");
    } else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await test.close();
});

const ask = async (body: object, client = keeper) =>
  client.post("/api/connections/test", { privateNetwork: true, ...body });

it("is tried only by whoever answers for the records", async () => {
  for (const [client, status] of [
    [test.anonymous, 401],
    [await test.as("13800138001"), 403],
    [await test.as("danzeng"), 403],
  ] as const)
    expect((await ask({ base: `${base}/good` }, client)).status).toBe(status);
});

it("says of each fault which it is", async () => {
  for (const [path, fault] of [
    ["/good", null],
    ["/good/", null],
    ["/old", "version"],
    ["/page", "not-fhir"],
    ["/other", "not-fhir"],
    ["/torn", "unreadable"],
    ["/elsewhere", "redirect"],
    ["/busy", "busy"],
    ["/guarded", "refused"],
    ["/nothing", "failed"],
  ] as const) {
    const answer = await ask({ base: base + path });
    expect(answer.status, answer.raw.body).toBe(200);
    expect(answer.body.fault, path).toBe(fault);
  }
  expect((await ask({ base: `${base}/good` })).body).toMatchObject({
    version: "4.0.1",
    software: "医院系统",
    types: 2,
  });
  expect((await ask({ base: "http://127.0.0.1:1" })).body.fault).toBe("closed");
  expect((await ask({ base: "https://no-such-name.invalid" })).body.fault).toBe("name");
});

it("signs in by client credentials, and keeps them nowhere", async () => {
  const signIn = { tokenUrl: `${base}/token`, clientId: "us", clientSecret: "secret" };
  expect((await ask({ base: `${base}/guarded`, signIn })).body.fault).toBe(null);
  const wrong = { ...signIn, clientSecret: "other" };
  expect((await ask({ base: `${base}/guarded`, signIn: wrong })).body.fault).toBe("sign-in");
});

it("looks into no private network that was not named as one, and takes no address that is none", async () => {
  for (const address of [
    "https://127.0.0.1:1/fhir",
    "https://169.254.169.254/latest",
    "https://[::1]/fhir",
  ])
    expect((await ask({ base: address, privateNetwork: false })).body.fault).toBe(
      "private-address",
    );
  for (const address of ["file:///etc/passwd", "x", "http://u:p@127.0.0.1/", "http://h/?a=b"])
    expect((await ask({ base: address })).status).toBe(400);
});
