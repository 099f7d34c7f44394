/** The C++ program that is sender and viewers: built once, kept in the cache by its sources' hash. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
// biome-ignore lint/correctness/useImportExtensions: what lies beside it is its declaration
import { ensureDebianPackages } from "../../../scripts/setup/debian.mjs";

const run = promisify(execFile);
const sources = fileURLToPath(new URL("native", import.meta.url));
const FLAGS = ["-std=c++20", "-O2", "-Wall", "-Wextra"];
const LIBRARIES = ["-lssl", "-lcrypto", "-lsrtp2"];

/** What this suite needs beyond the product and its tests, by Debian's names. */
const PACKAGES = [
  { name: "janus", command: "janus" },
  { name: "ffmpeg", command: "ffmpeg" },
  { name: "g++", command: "g++" },
  { name: "libsrtp2-dev", file: "/usr/include/srtp2/srtp.h" },
  { name: "libssl-dev", file: "/usr/include/openssl/ssl.h" },
];

export function cacheFolder(): string {
  return process.env.YILIAN_CACHE || join(homedir(), ".cache", "yilian");
}

/**
 * Installs what is missing (as root) and builds the program.
 * @returns its path
 * @throws {Error} a sentence that names the Debian packages to install
 */
export async function ensureProgram(log: (line: string) => void): Promise<string> {
  ensureDebianPackages(PACKAGES, "The sfu bench needs", log);
  const names = readdirSync(sources).sort();
  const hash = createHash("sha256").update(FLAGS.join(" "));
  for (const name of names) hash.update(name).update(readFileSync(join(sources, name)));
  const target = join(cacheFolder(), `sfu-load-${hash.digest("hex").slice(0, 12)}`);
  if (existsSync(target)) return target;
  log("building the load program");
  mkdirSync(cacheFolder(), { recursive: true });
  const half = `${target}.${process.pid}`;
  const units = names.filter((name) => name.endsWith(".cc")).map((name) => join(sources, name));
  try {
    await run("g++", [...FLAGS, "-o", half, ...units, ...LIBRARIES]);
    renameSync(half, target);
  } finally {
    rmSync(half, { force: true });
  }
  return target;
}
