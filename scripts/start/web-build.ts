/** Builds the pages when what they are made of has changed. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { OperatorError } from "../../server/operator-error.ts";
// biome-ignore lint/correctness/useImportExtensions: plain JavaScript, typed in lock.d.mts
import { waitForLock } from "../setup/lock.mjs";

const LEFT_OUT = new Set(["dist", "node_modules"]);

/** @throws {OperatorError} when the build fails */
export async function ensureWebBuild(root: string, log: (line: string) => void): Promise<void> {
  const web = join(root, "web");
  if (!existsSync(join(web, "vite.config.ts"))) {
    log("There are no pages to build: web/vite.config.ts is missing.");
    return;
  }
  if (isCurrent(root)) return;
  const lock = await waitForLock(join(root, "node_modules", ".web-build.lock"), (pid) =>
    log(`Another start builds the pages (process ${pid}); waiting for it.`),
  );
  try {
    if (isCurrent(root)) return;
    log("Building the pages.");
    const hash = hashOf(root);
    await build(root, (pid) => lock.noteChild(pid));
    mkdirSync(dirname(stampOf(root)), { recursive: true });
    writeFileSync(stampOf(root), hash);
  } finally {
    lock.release();
  }
}

const stampOf = (root: string) => join(root, "web", "dist", ".stamp");

function isCurrent(root: string): boolean {
  const stamp = stampOf(root);
  return existsSync(stamp) && readFileSync(stamp, "utf8") === hashOf(root);
}

function hashOf(root: string): string {
  const hash = createHash("sha256");
  const paths = [
    join(root, "package-lock.json"),
    ...["web", "timeline"].flatMap((folder) => filesIn(join(root, folder))),
  ].sort();
  for (const path of paths) hash.update(`${relative(root, path)}\n`).update(readFileSync(path));
  return hash.digest("hex");
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (LEFT_OUT.has(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesIn(path) : [path];
  });
}

function build(root: string, onStart: (pid: number) => void): Promise<void> {
  const vite = join(root, "node_modules", "vite", "bin", "vite.js");
  const child = spawn(
    process.execPath,
    [vite, "build", "--config", "web/vite.config.ts", "--logLevel", "warn"],
    {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NODE_ENV: "production" },
    },
  );
  if (child.pid) onStart(child.pid);
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-8_000);
    });
  }
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve();
      else reject(new OperatorError(`The pages could not be built. Vite said:\n${said.trim()}`));
    });
  });
}
