import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EmbeddedDatabase, startEmbedded } from "../../../server/db/embedded.ts";
import { migrate } from "../../../server/db/migrate.ts";
import { demoStores } from "../../../server/demo/record-stores.ts";
import { migrateStores } from "../../../server/fhir/store/migrate.ts";
import { databaseOf } from "../../../server/records/domain.ts";
import { loadSecrets } from "../../../server/secrets.ts";
import { type BenchServer, startServer } from "../booking/server.ts";

export type DemoServer = {
  readonly cluster: EmbeddedDatabase;
  readonly server: BenchServer;
  stop: () => Promise<void>;
};

/** The server as a process of its own, with the demo's people and two hosted record stores. */
export async function startDemoServer(root: string, port: number): Promise<DemoServer> {
  const folder = mkdtempSync(join(tmpdir(), "yilian-records-"));
  chmodSync(folder, 0o711);
  const secrets = loadSecrets(folder, {});
  const cluster = await startEmbedded({ dataDir: folder, secrets, log: () => {} });
  const stop = async () => {
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await Promise.all(demoStores.map((code) => cluster.createDatabase(databaseOf(code))));
    await migrate({ ownerUrl: cluster.urls.owner, jobsUrl: cluster.urls.jobs, log: () => {} });
    await migrateStores(cluster.urls.owner);
    const server = await startServer({
      root,
      urls: cluster.urls,
      dataDir: folder,
      port,
      demo: true,
    });
    return {
      cluster,
      server,
      stop: async () => {
        await server.stop();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** @returns the session's cookie and its token against forgery */
export async function signInTo(
  url: string,
  loginName: string,
): Promise<{ cookie: string; csrf: string }> {
  const answer = await fetch(`${url}/api/session/demo`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ loginName }),
  });
  const cookie = String(answer.headers.get("set-cookie")).split(";")[0]!;
  const session = await fetch(`${url}/api/session`, { headers: { cookie } });
  const { csrfToken } = (await session.json()) as { csrfToken: string };
  return { cookie, csrf: csrfToken };
}
