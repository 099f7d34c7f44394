/**
 * Tiered care's numbers: clocks that fire in time and once, a desk's queue among 50,000 episodes, the last
 * bed, and a triage decision.
 */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { startEmbedded } from "../../server/db/embedded.ts";
import { migrate } from "../../server/db/migrate.ts";
import { generateSecrets } from "../../server/secrets.ts";
import { createServices } from "../../server/services.ts";
import { percentile } from "./booking/clients.ts";
import { startServer } from "./booking/server.ts";
import { benchLastBed } from "./capacity/last-bed.ts";
import { benchClocks } from "./referral/clocks.ts";
import { buildReferralWorld, type ReferralWorld } from "./referral/world.ts";
import { type BenchResult, result, type Suite } from "./suite.ts";
import { benchTriage } from "./triage.ts";

const PORT = 18_490;

export const suite: Suite = {
  name: "referral",
  describe: "clocks of 5,000 referrals, a desk's queue among 50,000 episodes, the last bed, triage",
  minutes: 7,
  async run({ root, quick, log }) {
    const folder = mkdtempSync(join(tmpdir(), "yilian-referral-"));
    chmodSync(folder, 0o711);
    const secrets = generateSecrets();
    const database = await startEmbedded({ dataDir: folder, secrets });
    const urls = await database.createDatabase("bench");
    await migrate({ ownerUrl: urls.owner, jobsUrl: urls.jobs, log: () => {} });
    const options = { root, urls, dataDir: folder, port: PORT };
    let server = await startServer(options);
    const admin = postgres(urls.admin, { max: 4, onnotice: () => {} });
    try {
      const episodes = quick ? 5_000 : 50_000;
      log(`Writing ${episodes} episodes.`);
      const world = await buildReferralWorld(admin, episodes);
      const queue = await deskQueue(server.url, world, episodes, quick);
      const clocks = await benchClocks({
        admin,
        world,
        server,
        options,
        count: quick ? 300 : 5_000,
        seconds: quick ? 18 : 300,
        log,
      });
      server = clocks.server;
      const services = createServices({
        databaseUrl: urls.app,
        secrets,
        demo: false,
        publicUrl: server.url,
        poolSize: 20,
      });
      try {
        return [...queue, ...clocks.results, ...(await benchLastBed(services)), benchTriage()];
      } finally {
        await services.db.close();
      }
    } finally {
      await server.stop();
      await admin.end();
      await database.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** The queue as the desk's page asks for it, one after the other and by four desks at once. */
async function deskQueue(
  url: string,
  world: ReferralWorld,
  episodes: number,
  quick: boolean,
): Promise<BenchResult[]> {
  const ask = async () => {
    const at = performance.now();
    const answer = await fetch(`${url}/api/referrals?scope=desk`, {
      headers: { cookie: world.cookie },
    });
    const body = (await answer.json()) as { referrals?: unknown[] };
    if (answer.status !== 200 || !body.referrals?.length)
      throw new Error(`the queue answers ${answer.status}: ${JSON.stringify(body).slice(0, 300)}`);
    return performance.now() - at;
  };
  for (let n = 0; n < 20; n++) await ask();
  const millis: number[] = [];
  for (let n = 0; n < (quick ? 60 : 300); n++) millis.push(await ask());
  return [
    result(
      `desk's queue, ${episodes} episodes in the alliance, p95`,
      percentile(millis, 0.95),
      "ms",
      "<= 50",
    ),
  ];
}
