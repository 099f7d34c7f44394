/**
 * One-night mass testing: everybody through the product's own routes, the evening compressed by the clock that
 * is given to the server. What is sustained is measured in real seconds, over what phones of samplers send.
 */
import { type ChildProcess, fork } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { createVault } from "../../server/crypto/vault.ts";
import { startEmbedded } from "../../server/db/embedded.ts";
import { migrate } from "../../server/db/migrate.ts";
import { phoneContext } from "../../server/patients/service.ts";
import { generateSecrets, loadSecrets } from "../../server/secrets.ts";
import type { SurgeBoard } from "../../server/surge/contract.ts";
import { percentile } from "./booking/clients.ts";
import { result, type Suite } from "./suite.ts";
import { check } from "./surge/check.ts";
import { ask } from "./surge/client.ts";
import { type Evening, runEvening } from "./surge/evening.ts";
import { runLaboratory } from "./surge/laboratory.ts";
import type { Order } from "./surge/server.ts";
import { buildWorld, type World } from "./surge/world.ts";

const PORT = 18_490;
const seed = 20_211_031;
/** An evening of tomorrow: nothing of the queue's own time falls into it. */
const evening = () => {
  const day = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
  return new Date(`${day}T10:00:00Z`);
};

export const suite: Suite = {
  name: "surge",
  describe: "one evening of mass testing: 34,000 people, 200 stations, couriers, a laboratory",
  minutes: 8,
  async run({ root, quick, log }) {
    const size = quick
      ? { people: 1_400, stations: 16, sites: 2, arrivalMinutes: 60 }
      : { people: 34_000, stations: 200, sites: 10, arrivalMinutes: 170 };
    const folder = mkdtempSync(join(tmpdir(), "yilian-surge-"));
    chmodSync(folder, 0o711);
    const database = await startEmbedded({ dataDir: folder, secrets: generateSecrets() });
    const from = evening();
    let server: SimServer | null = null;
    let admin: postgres.Sql | null = null;
    try {
      const urls = await database.createDatabase("bench");
      await migrate({ ownerUrl: urls.owner, jobsUrl: urls.jobs, log: () => {} });
      server = await startServer(root, folder, urls, from);
      // Whoever brings boxes here acts as the server itself; triggers and constraints count all the same.
      admin = postgres(urls.admin, {
        max: 4,
        onnotice: () => {},
        connection: { "yilian.kind": "system" },
      });
      log("Building the people.");
      const world = await buildWorld(admin, {
        people: size.people,
        samplers: size.stations,
        arrivalMinutes: size.arrivalMinutes,
        seed,
        now: from,
        phoneCipher: sealedPhone(folder),
      });
      const url = `http://127.0.0.1:${PORT}`;
      const { surgeId, sites, samplers } = await openStations(world, url, from, size);
      log(`${samplers.length} stations at ${sites.length} sites are open.`);
      const ran = await runEvening({
        world,
        url,
        surgeId,
        sites,
        samplers,
        from,
        seed,
        tell: server.tell,
        log,
      });
      const findings = await runLaboratory({ world, url, seed: seed + 1, log });
      const seen = await check(admin, surgeId);
      keep(root, quick, ran, size.stations);
      const problems = [...ran.problems].map((pair) => pair.join(" ")).join(", ");
      if (problems) log(`steps refused: ${problems}`);
      log(
        `${ran.requests} requests of samplers' phones, ${ran.repeated} steps sent twice, ${ran.voided} tubes voided, ${findings.other} of ${findings.tubes} tubes not negative`,
      );
      return [
        result(
          `everybody sampled, ${size.people} people at ${size.stations} stations`,
          Math.round((ran.minutes / 60) * 100) / 100,
          "simulated hours",
          "<= 6",
        ),
        result("not sampled at the end", seen.unsampled, "people", "== 0"),
        result("tubes over capacity", seen.overCapacity + seen.replayOver, "tubes", "== 0"),
        result("sampled twice", seen.twice + seen.replayTwice, "people", "== 0"),
        result("log of the phones and tubes differ", seen.replayDiffers, "swabs", "== 0"),
        result("recalls not issued", seen.recallsMissing, "people", "== 0"),
        result("recalled out of negative tubes", seen.recallsExtra, "people", "== 0"),
        result("neither result nor recall", seen.withoutAnswer, "people", "== 0"),
        result(
          "samples recorded, sustained",
          Math.round(ran.samples / ran.syncSeconds),
          "a second",
          ">= 100",
        ),
        result("a sampler's phone answered, p50", Math.round(percentile(ran.millis, 0.5)), "ms"),
        result("a sampler's phone answered, p99", Math.round(percentile(ran.millis, 0.99)), "ms"),
        result(
          "a party given its place, p99",
          Math.round(percentile(ran.arriveMillis, 0.99)),
          "ms",
        ),
        result(
          "a turn of spreading people, p99",
          Math.round(percentile(ran.turnMillis, 0.99)),
          "ms",
        ),
        result("sent to a quicker table", ran.moved, "people"),
        result("tubes voided", ran.voided, "tubes"),
        result("tubes later than two hours", seen.lateToLab, "tubes"),
      ];
    } finally {
      await admin?.end();
      await server?.stop();
      await database.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** By the form, the second person, and samplers who come to the tables, all over HTTP. */
async function openStations(
  world: World,
  url: string,
  from: Date,
  size: { people: number; stations: number; sites: number },
) {
  const [first, second] = world.commanders;
  const made = await ask<{ id: string }>(url, first!, "POST", "/api/surges", {
    title: "测速之夜",
    orderId: null,
    order: { number: "测速 1", issuedOn: from.toISOString().slice(0, 10), scope: "全部" },
    places: Array.from({ length: size.sites }, (_, index) => ({
      name: `${index + 1} 号点`,
      place: `${index + 1} 号门`,
      stations: size.stations / size.sites,
      priority: 2,
    })),
    expectedPeople: size.people,
    startsAt: from.toISOString(),
    endsAt: new Date(from.getTime() + 6 * 3_600_000).toISOString(),
    plannedPerHour: 80,
    poolSize: 10,
    queueLimit: 60,
    guides: 400,
    transport: "每 30 分钟一趟",
    feverPlace: "东门",
    laboratoryId: world.laboratoryId,
  });
  await ask(url, second!, "POST", `/api/surges/${made.id}/open`, {});
  const samplers: { client: World["samplers"][number]["client"]; station: string }[] = [];
  await Promise.all(
    world.samplers.map(async ({ client }) => {
      const table = await ask<{ stationId: string }>(
        url,
        client,
        "POST",
        `/api/surges/${made.id}/table`,
        {},
      );
      samplers.push({ client, station: table.stationId });
    }),
  );
  const board = await ask<SurgeBoard>(url, first!, "GET", `/api/surges/${made.id}/board`);
  const order = board.sites.flatMap((site) => site.stations.map((one) => one.id));
  samplers.sort((left, right) => order.indexOf(left.station) - order.indexOf(right.station));
  return { surgeId: made.id, sites: board.sites.map((one) => one.id), samplers };
}

/** A number that nobody has, under the server's own key. */
function sealedPhone(dataDir: string): string {
  const secrets = loadSecrets(dataDir, {});
  const vault = createVault({
    dataKeys: Object.fromEntries(
      Object.entries(secrets.dataKeys).map(([id, key]) => [id, Buffer.from(key, "base64")]),
    ),
    currentDataKeyId: secrets.currentDataKeyId,
    blindIndexKey: Buffer.from(secrets.blindIndexKey, "base64"),
  });
  return vault.seal(phoneContext, "13900000000");
}

/** Numbers of the evening for the replay of the story (web/surge): nothing else is kept. */
function keep(root: string, quick: boolean, ran: Evening, stations: number): void {
  if (quick) return;
  const folder = join(root, "tests", "output");
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "surge-evening.json"),
    JSON.stringify({ seed, stations, minutes: ran.minutes, frames: ran.frames }),
  );
}

type SimServer = { tell: <Answer>(order: Order) => Promise<Answer>; stop: () => Promise<void> };

async function startServer(
  root: string,
  dataDir: string,
  urls: { app: string; jobs: string },
  now: Date,
): Promise<SimServer> {
  const child = fork(join(root, "tests/load/surge/server.ts"), {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      NODE_ENV: "production",
      DATA_DIR: dataDir,
      PORT: String(PORT),
      PUBLIC_URL: `http://localhost:${PORT}`,
      DATABASE_URL: urls.app,
      JOBS_DATABASE_URL: urls.jobs,
      SIM_NOW: now.toISOString(),
    },
  });
  const tell = async <Answer>(order: Order): Promise<Answer> => {
    const answer = next<Answer>(child);
    child.send(order);
    return answer;
  };
  await next(child);
  return {
    tell,
    stop: async () => {
      if (child.exitCode !== null) return;
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.send({ kind: "stop" } satisfies Order);
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 10_000))]);
      child.kill("SIGKILL");
    },
  };
}

/** The next answer; orders are given one after the other. */
function next<Answer>(child: ChildProcess): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error("the server ended"));
    child.once("exit", ended);
    child.once("message", (message: { ok: boolean; answer: Answer; error?: string }) => {
      child.off("exit", ended);
      if (message.ok) resolve(message.answer);
      else reject(new Error(message.error));
    });
  });
}
