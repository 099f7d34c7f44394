import { randomUUID } from "node:crypto";
import type { InjectOptions } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";
import {
  awkwardIds,
  awkwardValues,
  branchesOf,
  type JsonSchema,
  malformedBodies,
  sample,
  variantCount,
} from "./fuzz-bodies.ts";

type Operation = {
  method: NonNullable<InjectOptions["method"]>;
  path: string;
  body: JsonSchema | null;
  query: string[];
};
type Ask = {
  what: string;
  url: string;
  payload?: string | Buffer;
  headers?: Record<string, string>;
  /** Of the later roles only this one asks it: what a body or a query breaks, it breaks for anybody's rights. */
  turn?: number;
};

let tested: TestApp;
let operations: Operation[];
const clients = new Map<string, Client>();
let ids: string[] = [];
const roles = ["anonymous", "danzeng", "lijia", "zhouminhua", "13800138001"];
/** A stranger and a doctor are asked everything, the others take turns. */
const firstRoles = 2;
/** By request: the code with which each of the first two roles was refused for the request's form alone. */
const refusals = new Map<string, string[]>();

beforeAll(async () => {
  tested = await buildTestApp();
  for (const role of roles)
    clients.set(role, role === "anonymous" ? tested.anonymous : await tested.as(role));
  operations = readOperations((await tested.anonymous.get("/openapi.json")).body);
  const lists = await Promise.all(
    [...clients.values()].map((client) => client.get("/api/consults")),
  );
  const consults = lists.flatMap(({ body }) => body.consults ?? []) as {
    id: string;
    patient: { id: string };
  }[];
  ids = [...new Set(consults.flatMap((one) => [one.id, one.patient.id]))];
  expect(ids.length).toBeGreaterThan(2);
});
afterAll(() => tested.close());

function readOperations(document: { paths: Record<string, Record<string, unknown>> }): Operation[] {
  const listed = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]) => {
      const { requestBody, parameters = [] } = one as {
        requestBody?: { content: Record<string, { schema: JsonSchema }> };
        parameters?: { in: string; name: string }[];
      };
      return {
        method: method.toUpperCase() as Operation["method"],
        path,
        body: requestBody?.content["application/json"]?.schema ?? null,
        query: parameters.filter((parameter) => parameter.in === "query").map(({ name }) => name),
      };
    }),
  );
  // Those that are not for pages, and so are not in the document.
  const others = [
    ["POST", "/internal/sfu/heartbeat"],
    ["POST", "/internal/sfu/events"],
    ["GET", "/metrics"],
    ["GET", "/fhir/metadata"],
    ["GET", "/fhir/Patient/{id}"],
    ["GET", "/fhir/ServiceRequest/{id}"],
    ["GET", "/docs/static/{id}"],
    ["GET", "/{id}"],
    ["GET", "/realtime/"],
  ] as const;
  return [...listed, ...others.map(([method, path]) => ({ method, path, body: null, query: [] }))];
}

const fill = (path: string, id: string) => path.replace(/\{[^}]+\}/g, id);
const hasParameter = (path: string) => path.includes("{");
const isWrite = ({ method }: Operation) =>
  method !== "GET" && method !== "HEAD" && method !== "OPTIONS";

/** Everything that one operation is asked. */
function asksOf(operation: Operation): Ask[] {
  const { path, body, query } = operation;
  const existing = hasParameter(path) ? ids.slice(0, 2) : [""];
  const asks: Ask[] = [];
  for (const id of hasParameter(path) ? awkwardIds : [])
    asks.push({ what: `id ${id}`, url: fill(path, id) });
  for (const name of query) {
    for (const [turn, value] of awkwardValues.entries()) {
      const pair = `${name}=${encodeURIComponent(value)}`;
      asks.push({
        what: `query ${pair.slice(0, 40)}`,
        url: `${fill(path, existing[0]!)}?${pair}`,
        turn,
      });
    }
    asks.push({
      what: "query twice",
      url: `${fill(path, existing[0]!)}?${name}=1&${name}=2&${name}[x]=3`,
    });
  }
  asks.push({ what: "as it is", url: fill(path, existing[0]!) });
  asks.push({ what: "unknown query", url: `${fill(path, existing[0]!)}?unknown=%00&unknown[x]=2` });
  asks.push({
    what: "odd headers",
    url: fill(path, existing[0]!),
    headers: {
      "accept-language": ";;q=,*",
      "idempotency-key": "x".repeat(5_000),
      "if-none-match": '"',
      "upload-metadata": "\u00ff",
      range: "bytes=-",
    },
  });
  if (!isWrite(operation)) return asks;
  for (const { what, payload, type } of malformedBodies) {
    asks.push({
      what,
      url: fill(path, existing[0]!),
      ...(payload === undefined ? {} : { payload }),
      ...(type === undefined ? {} : { headers: { "content-type": type } }),
    });
  }
  for (const [place, id] of existing.entries()) {
    for (const branch of body ? branchesOf(body) : []) {
      for (let variant = 0; variant < variantCount; variant += 1) {
        asks.push({
          what: `variant ${variant}`,
          url: fill(path, id),
          payload: JSON.stringify(sample(branch, variant, ids)),
          headers: { "content-type": "application/json", "idempotency-key": randomUUID() },
          turn: variant * existing.length + place,
        });
      }
    }
  }
  return asks;
}

const leaks =
  /node_modules|\bat (async )?[\w.<>]+ \(|\.ts:\d+|Failed query|params:|PostgresError|ZodError|ECONN|syntax error at/;

/** What is wrong with an answer; null when nothing is. */
function faultOf(answer: {
  statusCode: number;
  body: string;
  headers: Record<string, unknown>;
}): string | null {
  const { statusCode, body, headers } = answer;
  // Documented: no media node runs here, and the page tries again by itself.
  if (statusCode === 503 && body.includes('"media.no-node"')) return null;
  if (statusCode >= 500 && statusCode !== 501)
    return /"code":"([^"]*)"/.exec(body)?.[1] ?? body.slice(0, 100);
  if (leaks.test(body)) return `tells too much: ${body.slice(0, 300)}`;
  if (
    statusCode >= 400 &&
    body !== "" &&
    String(headers["content-type"]).includes("application/problem+json")
  ) {
    const { code, correlationId } = JSON.parse(body) as { code?: string; correlationId?: string };
    if (!code || !correlationId) return `no code: ${body.slice(0, 200)}`;
  }
  return null;
}

/** Asked of others only at the end: it ends the session that asks. */
const endsSession = ({ method, path }: Operation) => method === "DELETE" && path === "/api/session";

const formCodes = ["request.invalid", "request.media-type", "request.too-large"];
/**
 * Form is looked at before anybody asks who is there: what a stranger and a doctor were refused for with the
 * same code never reaches a service, and is not asked of the others again.
 */
const isRefusedForAll = (key: string) => {
  const codes = refusals.get(key) ?? [];
  return codes.length === 2 && codes[0] === codes[1];
};

/** One line for each operation and kind of fault, with the first request that showed it. */
async function askAll(role: string): Promise<string[]> {
  const { cookie, csrfToken } = clients.get(role)!;
  const later = roles.indexOf(role) - firstRoles;
  const isFirst = later < 0;
  const isTurn = ({ turn }: Ask) =>
    turn === undefined || turn % (roles.length - firstRoles) === later;
  const faults = new Map<string, string>();
  for (const operation of operations) {
    if (endsSession(operation) && role !== "anonymous") continue;
    const keyed = asksOf(operation).map((ask, index) => ({
      ...ask,
      key: `${operation.method} ${operation.path} ${index}`,
    }));
    const asks = isFirst ? keyed : keyed.filter((ask) => isTurn(ask) && !isRefusedForAll(ask.key));
    for (let from = 0; from < asks.length; from += 8) {
      await Promise.all(
        asks.slice(from, from + 8).map(async ({ key, what, url, payload, headers }) => {
          const answer = await tested.app.inject({
            method: operation.method,
            url,
            ...(payload === undefined ? {} : { payload }),
            headers: { ...(cookie ? { cookie, "x-csrf-token": csrfToken } : {}), ...headers },
          });
          const code = formCodes.find((one) => answer.body.includes(`"code":"${one}"`));
          if (isFirst && code) refusals.set(key, [...(refusals.get(key) ?? []), code]);
          const fault = faultOf(answer);
          if (!fault) return;
          const kind = `${operation.method} ${operation.path} ${what.split(" ")[0]} ${answer.statusCode}`;
          if (!faults.has(kind))
            faults.set(kind, `${kind}: ${url.slice(0, 160)} (${what}): ${fault}`);
        }),
      );
    }
  }
  return [...faults.values()];
}

describe("every route, asked the wrong way", () => {
  test("the document lists what there is", () => {
    expect(operations.length).toBeGreaterThan(50);
  });

  test.each(roles)(
    "as %s: a coded answer, never a fault of ours, never a stack",
    async (role) => {
      expect(await askAll(role)).toEqual([]);
      expect((await tested.anonymous.get("/healthz")).status).toBe(200);
    },
    240_000,
  );

  test("what is refused for its form alone is many, and what is not is asked of everybody", () => {
    const refused = [...refusals.keys()].filter(isRefusedForAll).length;
    const all = operations.flatMap(asksOf).length;
    expect(refused).toBeGreaterThan(1_000);
    expect(all - refused).toBeGreaterThan(1_000);
  });

  test("writes without the session's token or from another site change nothing", async () => {
    const { cookie, csrfToken } = clients.get("danzeng")!;
    for (const operation of operations.filter(
      (one) => isWrite(one) && one.path.startsWith("/api/"),
    )) {
      const url = fill(operation.path, ids[0]!);
      // Signing in replaces whatever session there is: the Origin alone decides there.
      if (!/^\/api\/(session\/|demo\/)/.test(operation.path)) {
        const bare = await tested.app.inject({
          method: operation.method,
          url,
          headers: { cookie },
        });
        expect([url, bare.statusCode]).toEqual([url, 403]);
      }
      const foreign = await tested.app.inject({
        method: operation.method,
        url,
        headers: { cookie, "x-csrf-token": csrfToken, origin: "https://evil.example" },
      });
      expect([url, foreign.statusCode]).toEqual([url, 403]);
    }
  });

  test("after all that everybody still works", async () => {
    for (const role of roles.slice(1, 4)) {
      const client = await tested.as(role);
      expect((await client.get("/api/consults")).status).toBe(200);
    }
    expect((await tested.anonymous.get("/readyz")).status).toBe(200);
  });
});
