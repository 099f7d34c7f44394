/**
 * Gets a mediasoup-worker binary that runs on this machine: the one named by
 * MEDIASOUP_WORKER_BIN, a cached one, mediasoup's own prebuilt download, or a build from the C++
 * source inside the npm package (see sfu/native/CMakeLists.txt). Plain JavaScript on Node >= 20
 * without dependencies, because it runs before anything else works.
 *
 * Environment: MEDIASOUP_WORKER_BIN (use this binary), YILIAN_CACHE (default ~/.cache/yilian),
 * YILIAN_WORKER_BUILD=1 (never download, always build),
 * MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL (mirror of mediasoup's releases).
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const DEBIAN_PACKAGES = [
  "cmake",
  "ninja-build",
  "g++",
  "pkg-config",
  "libuv1-dev",
  "libssl-dev",
  "libsrtp2-dev",
  "libabsl-dev",
  "libflatbuffers-dev",
  "flatbuffers-compiler",
];
const DOWNLOAD_CONNECT_MS = 8_000;
const DOWNLOAD_TOTAL_MS = 60_000;
const START_CHECK_MS = 10_000;
const LOCK_POLL_MS = 500;
/** A compiler process of this source needs up to about this much memory. */
const BYTES_PER_JOB = 700 * 1024 * 1024;

const repositoryDir = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** A failure whose message is one sentence for the person at the terminal. */
export class WorkerSetupError extends Error {
  name = "WorkerSetupError";
}

/**
 * Finds, downloads or builds the worker.
 * @param {object} [options]
 * @param {(line: string) => void} [options.log] receives progress lines; default: console.log
 * @param {string} [options.packageDir] the folder that holds node_modules; default: this repository
 * @param {string} [options.cacheDir] default: YILIAN_CACHE or ~/.cache/yilian
 * @returns {Promise<string>} absolute path of a binary that was started once to check it
 * @throws {WorkerSetupError} with one sentence that says what to do
 */
export async function ensureWorker({
  log = console.log,
  packageDir = repositoryDir,
  cacheDir = process.env.YILIAN_CACHE || path.join(os.homedir(), ".cache", "yilian"),
} = {}) {
  const mediasoupDir = path.join(packageDir, "node_modules", "mediasoup");
  const version = readVersion(mediasoupDir);

  if (process.env.MEDIASOUP_WORKER_BIN) {
    const given = path.resolve(process.env.MEDIASOUP_WORKER_BIN);
    const problem = await checkWorker(given, version);
    if (problem)
      throw new WorkerSetupError(
        `MEDIASOUP_WORKER_BIN names ${given}, which does not start (${problem}): correct it or unset it.`,
      );
    return given;
  }

  const nativeDir = path.join(repositoryDir, "sfu", "native");
  const name = `mediasoup-worker-${version}-${hashOfBuildFiles(nativeDir)}-${process.platform}-${process.arch}`;
  const target = path.join(path.resolve(cacheDir), name);
  if (await isUsable(target, version)) return target;

  makeWritableDir(cacheDir);
  const release = await takeLock(path.join(cacheDir, "worker.lock"), log);
  try {
    // Another set-up may have finished while this one waited.
    if (await isUsable(target, version)) return target;
    if (
      process.env.YILIAN_WORKER_BUILD !== "1" &&
      (await download({ target, mediasoupDir, version, log }))
    )
      return target;
    await build({ target, nativeDir, mediasoupDir, version, cacheDir, log });
    return target;
  } finally {
    release();
  }
}

/**
 * Starts the binary as mediasoup would and waits for its first message.
 * @returns {Promise<string | undefined>} what is wrong with it, or undefined
 */
export async function checkWorker(binary, version) {
  if (!fs.existsSync(binary)) return "there is no such file";
  return await new Promise((resolve) => {
    const child = spawn(binary, ["--logLevel=error"], {
      env: { ...process.env, MEDIASOUP_VERSION: version },
      stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"],
    });
    let errorText = "";
    const finish = (problem) => {
      clearTimeout(timer);
      child.removeAllListeners("exit");
      child.kill("SIGKILL");
      resolve(problem);
    };
    const timer = setTimeout(() => finish("it said nothing"), START_CHECK_MS);
    child.on("error", (error) => finish(error.message));
    child.on("exit", (code, signal) =>
      finish(errorText.trim().split("\n")[0] || `it ended with ${signal ?? code}`),
    );
    child.stderr?.on("data", (chunk) => {
      errorText = (errorText + chunk).slice(0, 500);
    });
    for (const fd of [3, 4]) child.stdio[fd]?.on("error", () => {});
    child.stdio[4]?.once("data", () => finish(undefined));
  });
}

async function isUsable(binary, version) {
  return fs.existsSync(binary) && (await checkWorker(binary, version)) === undefined;
}

function readVersion(mediasoupDir) {
  try {
    return JSON.parse(fs.readFileSync(path.join(mediasoupDir, "package.json"), "utf8")).version;
  } catch {
    throw new WorkerSetupError(
      `There is no mediasoup package in ${mediasoupDir}: run npm ci --ignore-scripts first.`,
    );
  }
}

function hashOfBuildFiles(nativeDir) {
  const hash = createHash("sha256");
  const files = fs.readdirSync(nativeDir, { recursive: true, withFileTypes: true });
  const paths = files
    .filter((file) => file.isFile())
    .map((file) => path.join(file.parentPath ?? file.path, file.name));
  for (const file of paths.sort())
    hash.update(path.relative(nativeDir, file)).update(fs.readFileSync(file));
  return hash.digest("hex").slice(0, 12);
}

function makeWritableDir(dir) {
  try {
    fs.mkdirSync(dir, { recursive: true });
    fs.accessSync(dir, fs.constants.W_OK);
  } catch {
    throw new WorkerSetupError(
      `The folder ${dir} cannot be written: set YILIAN_CACHE to one that can.`,
    );
  }
}

// ---- download -------------------------------------------------------------------------------

async function download({ target, mediasoupDir, version, log }) {
  const { repository } = JSON.parse(
    fs.readFileSync(path.join(mediasoupDir, "package.json"), "utf8"),
  );
  const base =
    process.env.MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL ||
    `${repository.url.replace(/^git\+/, "").replace(/\.git$/, "")}/releases/download`;
  const kernel = process.platform === "linux" ? `-kernel${os.release().split(".")[0]}` : "";
  const url = `${base}/${version}/mediasoup-worker-${version}-${process.platform}-${process.arch}${kernel}.tgz`;
  const dir = fs.mkdtempSync(path.join(path.dirname(target), "download-"));
  const abort = new AbortController();
  let timer = setTimeout(() => abort.abort(new Error("no answer")), DOWNLOAD_CONNECT_MS);
  try {
    log("media worker: looking for mediasoup's prebuilt binary");
    const response = await fetch(url, { signal: abort.signal });
    if (!response.ok) throw new Error(`answer ${response.status}`);
    clearTimeout(timer);
    timer = setTimeout(() => abort.abort(new Error("too slow")), DOWNLOAD_TOTAL_MS);
    const archive = path.join(dir, "worker.tgz");
    fs.writeFileSync(archive, Buffer.from(await response.arrayBuffer()));
    const tar = spawnSync("tar", ["-xzf", archive, "-C", dir, "mediasoup-worker"]);
    if (tar.status !== 0) throw new Error("not an archive");
    const binary = path.join(dir, "mediasoup-worker");
    fs.chmodSync(binary, 0o755);
    const problem = await checkWorker(binary, version);
    if (problem) throw new Error(`does not run here: ${problem}`);
    fs.renameSync(binary, target);
    log("media worker: downloaded");
    return true;
  } catch (error) {
    const reason = error.cause?.code ?? error.message;
    log(`media worker: no prebuilt binary to be had (${reason}), building it`);
    return false;
  } finally {
    clearTimeout(timer);
    fs.rmSync(dir, { recursive: true, force: true });
  }
}

// ---- build ----------------------------------------------------------------------------------

async function build({ target, nativeDir, mediasoupDir, version, cacheDir, log }) {
  await ensurePackages(log);
  for (const name of fs.readdirSync(cacheDir))
    if (name.startsWith("build-"))
      fs.rmSync(path.join(cacheDir, name), { recursive: true, force: true });
  const dir = fs.mkdtempSync(path.join(cacheDir, "build-"));
  const startedAt = Date.now();
  try {
    log("media worker: configuring the build (about 3 minutes on 2 cores, once per machine)");
    await runTool(
      "cmake",
      [
        "-G",
        "Ninja",
        "-S",
        nativeDir,
        "-B",
        dir,
        "-DCMAKE_BUILD_TYPE=Release",
        `-DMEDIASOUP_WORKER_SOURCE=${path.join(mediasoupDir, "worker")}`,
      ],
      {},
    );
    let shown = 0;
    const jobs = Math.max(1, Math.min(os.cpus().length, Math.floor(os.totalmem() / BYTES_PER_JOB)));
    await runTool("ninja", ["-C", dir, "-j", String(jobs)], {
      onLine: (line) => {
        const step = /^\[(\d+)\/(\d+)\]/.exec(line);
        const percent = step ? Math.floor((100 * Number(step[1])) / Number(step[2])) : 0;
        if (percent < shown + 5) return;
        shown = percent - (percent % 5);
        log(`media worker: building, ${shown}%`);
      },
    });
    const binary = path.join(dir, "mediasoup-worker");
    spawnSync("strip", [binary]);
    const problem = await checkWorker(binary, version);
    if (problem)
      throw new WorkerSetupError(`The media worker was built but does not start: ${problem}.`);
    fs.renameSync(binary, target);
    log(`media worker: built in ${Math.round((Date.now() - startedAt) / 1000)} s`);
  } finally {
    fs.rmSync(dir, { recursive: true, force: true });
  }
}

async function ensurePackages(log) {
  const missing = missingPackages();
  if (missing.length === 0) return;
  const command = `apt-get update && apt-get install -y --no-install-recommends ${missing.join(" ")}`;
  if (process.getuid?.() !== 0)
    throw new WorkerSetupError(
      `The media worker needs packages that are missing here; run this once, then try again: sudo sh -c '${command}'`,
    );
  log(`media worker: installing ${missing.join(", ")}`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  let done = 0;
  try {
    await runTool("apt-get", ["update"], { env });
    await runTool("apt-get", ["install", "-y", "--no-install-recommends", ...missing], {
      env,
      onLine: (line) => {
        if (line.startsWith("Setting up ") && ++done % 5 === 0)
          log(`media worker: ${done} packages set up`);
      },
    });
  } catch (error) {
    throw new WorkerSetupError(
      `Packages for the media worker could not be installed; run ${command} (${error.message})`,
    );
  }
}

/** Debian packages that are not installed; elsewhere, the commands that are absent. */
function missingPackages() {
  const query = spawnSync(
    "dpkg-query",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query fills these in
    ["-W", "-f=${Package} ${db:Status-Status}\n", ...DEBIAN_PACKAGES],
    {
      encoding: "utf8",
    },
  );
  if (query.error) {
    const absent = ["cmake", "ninja", "c++", "flatc"].filter(
      (tool) => spawnSync(tool, ["--version"]).error,
    );
    if (absent.length === 0) return [];
    throw new WorkerSetupError(
      `The media worker has to be built, but ${absent.join(", ")} cannot be found: install the development packages of CMake, Ninja, a C++20 compiler, pkg-config, libuv, OpenSSL, libsrtp 2, Abseil and FlatBuffers.`,
    );
  }
  const installed = new Set();
  for (const line of query.stdout.split("\n")) {
    const [name, status] = line.split(" ");
    if (status === "installed") installed.add(name);
  }
  return DEBIAN_PACKAGES.filter((name) => !installed.has(name));
}

/** Runs a command, hands its lines to onLine, and rejects with the end of its output. */
async function runTool(command, args, { env = process.env, onLine = () => {} }) {
  await new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    let rest = "";
    let tail = [];
    const take = (chunk) => {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      tail = [...tail, ...lines].slice(-12);
      for (const line of lines) onLine(line);
    };
    child.stdout.setEncoding("utf8").on("data", take);
    child.stderr.setEncoding("utf8").on("data", take);
    child.on("error", (error) =>
      reject(new WorkerSetupError(`${command} cannot be run: ${error.message}.`)),
    );
    child.on("close", (code) =>
      code === 0
        ? resolve()
        : reject(new WorkerSetupError(`${command} failed: ${[...tail, rest].join("\n")}`)),
    );
  });
}

// ---- lock -----------------------------------------------------------------------------------

/** Takes a lock file that names its owner; one left by a dead process is taken over. */
async function takeLock(file, log) {
  const own = `${process.pid} ${startTime(process.pid)}`;
  let told = false;
  for (;;) {
    try {
      fs.writeFileSync(file, own, { flag: "wx" });
      return () => {
        if (readText(file) === own) fs.rmSync(file, { force: true });
      };
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    const holder = readText(file);
    const [pid, started] = holder.split(" ");
    // An empty file is a lock in the moment of being written, unless it stays so.
    if (holder ? startTime(pid) !== started : isOlderThan(file, 10 * LOCK_POLL_MS)) {
      const aside = `${file}.${process.pid}`;
      try {
        fs.renameSync(file, aside);
        if (readText(aside) !== holder) fs.linkSync(aside, file);
      } catch {
        // Somebody else was faster; look again.
      }
      fs.rmSync(aside, { force: true });
      continue;
    }
    if (!told) log(`media worker: waiting for another set-up (process ${pid})`);
    told = true;
    await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MS));
  }
}

function readText(file) {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function isOlderThan(file, ageMs) {
  try {
    return Date.now() - fs.statSync(file).mtimeMs > ageMs;
  } catch {
    return false;
  }
}

/** When a process began (so that a reused pid is not mistaken for it); "" when it is gone. */
function startTime(pid) {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat) return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  try {
    process.kill(Number(pid), 0);
    return "alive";
  } catch (error) {
    return error.code === "EPERM" ? "alive" : "";
  }
}

if (process.argv[1] && fs.realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  ensureWorker().then(
    (binary) => console.log(binary),
    (error) => {
      console.error(error instanceof WorkerSetupError ? error.message : error);
      process.exitCode = 1;
    },
  );
}
