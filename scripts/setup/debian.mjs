/** What tests and benches need from the system: installed from Debian as root, else named in a sentence. */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { SetupError } from "./setup-error.mjs";

const FFMPEG = { name: "ffmpeg", command: "ffmpeg" };
/** Each package with the command, or else the file, that shows that it is there. */
const PACKAGES = [
  { name: "chromium-headless-shell", command: "chromium-headless-shell" },
  FFMPEG,
  { name: "poppler-utils", command: "pdftotext" },
  { name: "coturn", command: "turnserver" },
  { name: "fonts-noto-cjk", file: "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc" },
];
const SERVICES = ["coturn", "janus"];
const LOCK_WAIT_SECONDS = 300;

/**
 * ffmpeg records, mixes and broadcasts. A closed machine does without: it starts, and says what is switched off.
 * @param {(line: string) => void} log
 */
export function ensureFfmpeg(log) {
  try {
    ensureDebianPackages([FFMPEG], "Recording needs", log);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    log(`${error.message} Until then broadcasts are not recorded, and very large ones not shown.`);
  }
}

/** @param {(line: string) => void} log */
export function ensureTestPackages(log) {
  ensureDebianPackages(PACKAGES, "The tests need", log);
}

/**
 * @param {readonly { name: string; command?: string; file?: string }[]} packages
 * @param {string} need how the sentence begins that names what is missing
 * @param {(line: string) => void} log
 */
export function ensureDebianPackages(packages, need, log) {
  const missing = packages.filter((entry) => !isPresent(entry)).map(({ name }) => name);
  if (missing.length === 0) return;
  const names = missing.join(" ");
  if (process.platform !== "linux" || !findCommand("apt-get")) {
    throw new SetupError(
      `${need} ${names} (Debian's names): install them with this system's package manager and start again.`,
    );
  }
  if (process.getuid() !== 0) {
    throw new SetupError(
      `${need} more from the system. Run: sudo apt-get update && sudo apt-get install -y --no-install-recommends ${names}`,
    );
  }
  log(`Installing from Debian: ${names}`);
  apt(["update", "-q"]);
  const install = ["install", "-y", "-q", "--no-install-recommends", ...missing];
  if (!apt(install)) {
    // A killed installation leaves packages half set up, which blocks every later one.
    spawnSync("dpkg", ["--configure", "-a"], { stdio: ["ignore", "inherit", "inherit"] });
    if (!apt(install)) {
      throw new SetupError(
        `apt-get could not install ${names} (what it said is above): put that right and start again.`,
      );
    }
  }
  // Tests and benches start servers of their own; these packages would keep one running for good.
  for (const name of SERVICES.filter((service) => missing.includes(service))) {
    if (!fs.existsSync("/run/systemd/system")) continue;
    spawnSync("systemctl", ["disable", "--now", name], { stdio: "ignore" });
  }
}

function apt(args) {
  const result = spawnSync("apt-get", ["-o", `DPkg::Lock::Timeout=${LOCK_WAIT_SECONDS}`, ...args], {
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  return result.status === 0;
}

function isPresent({ command, file }) {
  return command ? findCommand(command) : fs.existsSync(file);
}

function findCommand(name) {
  const folders = [...(process.env.PATH ?? "").split(":"), "/usr/bin", "/usr/sbin"];
  return folders.some((folder) => fs.existsSync(path.join(folder, name)));
}
