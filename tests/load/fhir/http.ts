/**
 * The FHIR API over HTTP as another system uses it, with its token: transactions with full validation,
 * then reads in a closed loop beside a bare route that sends the same rows. Server, bare route,
 * PostgreSQL and the load generator share the machine.
 */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import postgres from "postgres";
import { ask } from "../../../scripts/start/health.ts";
import { databaseOf } from "../../../server/records/domain.ts";
import { patientRecord, sharedResources } from "../fhir-record.ts";
import { type BenchContext, type BenchResult, result } from "../suite.ts";
import { closedLoop } from "./closed-loop.ts";
import { signInTo, startDemoServer } from "./demo-server.ts";

const PORT = 19_470;
const BARE_PORT = 19_471;
/** Whose administrator registers systems in the demo. */
const STORE = "xuhui-central";
const ADMINISTRATOR = "zhenglan";
const CLIENTS = 16;
const ROUNDS = 5;
const IMPORTERS = 4;
const WARM_UP_PATIENTS = 6;

export async function httpFigures({ root, quick, log }: BenchContext): Promise<BenchResult[]> {
  const demo = await startDemoServer(root, PORT);
  try {
    const { url } = demo.server;
    // Each is allowed a thousand requests a second.
    const systems = await Promise.all(Array.from({ length: 6 }, () => registerSystem(url)));
    const imported = await importRecords(url, systems[0]!, quick ? 5_000 : 20_000);
    log(`${imported.resources} resources came in as transactions`);
    const admin = demo.cluster.urls.admin.replace(/\/[^/]*$/, `/${databaseOf(STORE)}`);
    const read = await readRatios(root, url, systems, admin, quick ? 1 : 4, log);
    return [
      result(
        "transaction import with full validation",
        imported.perSecond,
        "resources/s",
        ">= 1500",
      ),
      result(
        `read, closed loop, ${CLIENTS} clients, of a bare route of the same app`,
        read.ofOurs,
        "ratio",
        ">= 0.5",
      ),
      result(`the same, of a Fastify with nothing but a bare route`, read.ofAlone, "ratio"),
      result(`read, closed loop, ${CLIENTS} clients`, read.perSecond, "requests/s"),
    ];
  } finally {
    await demo.stop();
  }
}

/** @returns a function that gives a token which is valid for another minute at least */
async function registerSystem(url: string): Promise<() => Promise<string>> {
  const { cookie, csrf } = await signInTo(url, ADMINISTRATOR);
  const { privateKey, publicKey } = await generateKeyPair("ES384");
  const kid = "bench";
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: "ES384", use: "sig" };
  const answer = await fetch(`${url}/api/smart/clients`, {
    method: "POST",
    headers: {
      cookie,
      "content-type": "application/json",
      "x-csrf-token": csrf,
      "idempotency-key": randomUUID(),
    },
    body: JSON.stringify({ name: "bench", scopes: ["system/*.cruds"], jwks: { keys: [jwk] } }),
  });
  if (!answer.ok) throw new Error(`no system was registered: ${await answer.text()}`);
  const { client } = (await answer.json()) as { client: { id: string } };
  const configuration = await fetch(`${url}/fhir/.well-known/smart-configuration`);
  const { token_endpoint: audience } = (await configuration.json()) as { token_endpoint: string };
  let held: { token: string; until: number } | undefined;
  return async () => {
    if (held && held.until > Date.now() + 60_000) return held.token;
    const seconds = Math.floor(Date.now() / 1000);
    const assertion = await new SignJWT({
      iss: client.id,
      sub: client.id,
      aud: audience,
      jti: randomUUID(),
      exp: seconds + 120,
    })
      .setProtectedHeader({ alg: "ES384", kid })
      .sign(privateKey);
    const given = await fetch(`${url}/auth/token`, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "client_credentials",
        scope: "system/*.cruds",
        client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        client_assertion: assertion,
      }),
    });
    const { access_token: token } = (await given.json()) as { access_token?: string };
    if (!token) throw new Error("no token is given");
    held = { token, until: Date.now() + 300_000 };
    return token;
  };
}

/** One transaction a patient, four at a time. */
async function importRecords(
  url: string,
  system: () => Promise<string>,
  wanted: number,
): Promise<{ resources: number; perSecond: number }> {
  const bundle = (resources: readonly { resourceType: string; id: string }[]) =>
    JSON.stringify({
      resourceType: "Bundle",
      type: "transaction",
      entry: resources.map((resource) => ({
        resource,
        request: { method: "PUT", url: `${resource.resourceType}/${resource.id}` },
      })),
    });
  const send = async (body: string) => {
    const answer = await fetch(`${url}/fhir`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${await system()}`,
        "content-type": "application/fhir+json",
        prefer: "return=minimal",
      },
      body,
    });
    if (!answer.ok) throw new Error(`a transaction was refused: ${await answer.text()}`);
    await answer.arrayBuffer();
  };
  await send(bundle(sharedResources()));
  for (let n = 0; n < WARM_UP_PATIENTS; n += 1) await send(bundle(patientRecord(n)));
  const bodies: string[] = [];
  let resources = 0;
  for (let n = WARM_UP_PATIENTS; resources < wanted; n += 1) {
    const record = patientRecord(n);
    resources += record.length;
    bodies.push(bundle(record));
  }
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: IMPORTERS }, async () => {
      for (let body = bodies.pop(); body !== undefined; body = bodies.pop()) await send(body);
    }),
  );
  return { resources, perSecond: resources / ((performance.now() - startedAt) / 1000) };
}

/** Rounds by turns, so that a busy moment of the machine meets all; medians of the rounds' ratios. */
async function readRatios(
  root: string,
  url: string,
  systems: readonly (() => Promise<string>)[],
  admin: string,
  seconds: number,
  log: BenchContext["log"],
): Promise<{ ofOurs: number; ofAlone: number; perSecond: number }> {
  const sql = postgres(admin, { max: 1, onnotice: () => {} });
  const rows = await sql<{ key: string; id: string }[]>`
    select key::text, id from resource where type = 'Observation' and id like 'obs-%' limit 5000`;
  // As autovacuum does within a minute; until then reads of what has just come cost about double.
  await sql.unsafe("analyze");
  await sql.end();
  const [inOurs, alone] = [BARE_PORT, BARE_PORT + 1].map((port) => `http://127.0.0.1:${port}`);
  const bare = spawn(process.execPath, [join(root, "tests/load/fhir/bare.ts")], {
    stdio: ["ignore", "ignore", "inherit"],
    env: { PATH: process.env.PATH, DATABASE_URL: admin, PORT: String(BARE_PORT) },
  });
  try {
    const pick = () => rows[Math.floor(Math.random() * rows.length)]!;
    while ((await ask(`${alone}/bare/${pick().key}`))?.status !== 200) {
      if (bare.exitCode !== null) throw new Error("the bare route does not start");
      await delay(50);
    }
    const head = (path: string, more = "") =>
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`;
    const plain = (of: string) =>
      closedLoop(of, CLIENTS, seconds, () => head(`/bare/${pick().key}`));
    const ours = async () => {
      const tokens = await Promise.all(systems.map((token) => token()));
      let asked = 0;
      return await closedLoop(url, CLIENTS, seconds, () => {
        asked += 1;
        const token = tokens[asked % tokens.length];
        return head(`/fhir/Observation/${pick().id}`, `Authorization: Bearer ${token}\r\n`);
      });
    };
    const median = (values: readonly number[]) =>
      [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
    const rounds: { ours: number; inOurs: number; alone: number }[] = [];
    for (let round = 0; round <= ROUNDS; round += 1) {
      const one = { ours: await ours(), inOurs: await plain(inOurs!), alone: await plain(alone!) };
      // The first one warms up.
      if (round > 0) rounds.push(one);
      log(
        `${Math.round(one.ours)} reads a second; bare ${Math.round(one.inOurs)}, alone ${Math.round(one.alone)}`,
      );
    }
    return {
      ofOurs: median(rounds.map((one) => one.ours / one.inOurs)),
      ofAlone: median(rounds.map((one) => one.ours / one.alone)),
      perSecond: median(rounds.map((one) => one.ours)),
    };
  } finally {
    bare.kill("SIGTERM");
  }
}
