import { spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ask } from "../../../scripts/start/health.ts";
import { generateSecrets } from "../../../server/secrets.ts";

export type BenchServer = {
  readonly url: string;
  stop: () => Promise<void>;
  /** As when the machine dies: nothing is finished, nobody is told. */
  kill: () => Promise<void>;
};

/** The server as a process of its own. Replicas share the data folder, and with it the secrets. */
export async function startServer(options: {
  root: string;
  urls: { app: string; owner: string; jobs: string };
  dataDir: string;
  port: number;
  /** With the demo's people and records. */
  demo?: boolean;
  /** What media nodes sign with; left out: nobody knows it. */
  sfuSecret?: string;
  /** Further settings. */
  env?: Readonly<Record<string, string>>;
}): Promise<BenchServer> {
  const { root, urls, dataDir, port } = options;
  const child = spawn(process.execPath, [join(root, "server/main.ts")], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      NODE_ENV: "production",
      DEMO: options.demo ? "1" : "0",
      DATA_DIR: dataDir,
      PORT: String(port),
      HOST: "127.0.0.1",
      PUBLIC_URL: `http://localhost:${port}`,
      DATABASE_URL: urls.app,
      MIGRATION_DATABASE_URL: urls.owner,
      JOBS_DATABASE_URL: urls.jobs,
      SFU_SECRET: options.sfuSecret ?? generateSecrets().sfuSecret,
      ...options.env,
    },
  });
  const url = `http://127.0.0.1:${port}`;
  for (const end = Date.now() + 60_000; ; ) {
    if ((await ask(`${url}/healthz`))?.status === 200) break;
    if (child.exitCode !== null || Date.now() > end) throw new Error("the server does not start");
    await delay(100);
  }
  const end = async (signal: "SIGTERM" | "SIGKILL") => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await new Promise((resolve) => child.once("exit", resolve));
  };
  return { url, stop: () => end("SIGTERM"), kill: () => end("SIGKILL") };
}
