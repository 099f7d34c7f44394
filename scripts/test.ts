/**
 * Behind npm test: one vitest run over every tier, closed by the line `N passed, N failed`. What
 * was skipped counts as failed: a test that needs something absent must not pass in silence.
 * Arguments go on to vitest: `npm test -- tests/domain`.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { OperatorError } from "../server/operator-error.ts";
import { ensureWebBuild } from "./start/web-build.ts";

/** The parts of vitest's JSON report that are read. */
type Report = {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
};

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const SIGNALS = ["SIGINT", "SIGTERM"] as const;

const args = process.argv.slice(2);
try {
  await main();
} catch (error) {
  console.error(error);
  console.log("0 passed, 1 failed");
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const pagesFailed = (await buildPages()) ? 0 : 1;
  const folder = mkdtempSync(join(tmpdir(), "yilian-report-"));
  const reportFile = join(folder, "report.json");
  try {
    const code = await runVitest(reportFile);
    const { passed, failed, skipped: notRun } = count(reportFile);
    // Asking for one test by name leaves out the others on purpose.
    const skipped = args.some((arg) => /^(-t|--testNamePattern)/.test(arg)) ? [] : notRun;
    for (const name of skipped) console.log(`SKIPPED, which counts as failed: ${name}`);
    // Errors outside tests and a run without any test fail without a failed test to show for it.
    const inTests = failed + skipped.length || (code === 0 && passed > 0 ? 0 : 1);
    const total = inTests + pagesFailed;
    process.exitCode = total === 0 ? 0 : 1;
    console.log(`${passed} passed, ${total} failed`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Journeys open the pages as people get them; that they build at all is a test of its own. */
async function buildPages(): Promise<boolean> {
  if (args.length > 0 && !args.some((arg) => arg.includes("journeys"))) return true;
  try {
    await ensureWebBuild(root, (line) => console.log(line));
    return true;
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    console.error(error.message);
    return false;
  }
}

function runVitest(reportFile: string): Promise<number | null> {
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  const child = spawn(
    process.execPath,
    [
      vitest,
      "run",
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${reportFile}`,
      ...args,
    ],
    {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...testEnvironment(), MEDIASOUP_WORKER_BIN: workerBinary() },
    },
  );
  // It gets the signal from the terminal too, takes the database down and ends; we close after it.
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
}

/** A developer's own settings must not decide whether tests pass. */
function testEnvironment(): NodeJS.ProcessEnv {
  const ours =
    /^(SFU_|TLS_|TURN_|S3_|SMS_)|^(PORT|HOST|DATA_DIR|DEMO|PUBLIC_URL|LOG_LEVEL)$|DATABASE_URL$/;
  const kept = Object.entries(process.env).filter(([name]) => !ours.test(name));
  return { ...Object.fromEntries(kept), NODE_ENV: "test" };
}

function workerBinary(): string | undefined {
  if (process.env.MEDIASOUP_WORKER_BIN) return process.env.MEDIASOUP_WORKER_BIN;
  const note = join(root, "node_modules", ".media-worker");
  return existsSync(note) ? readFileSync(note, "utf8").trim() : undefined;
}

function count(reportFile: string) {
  if (!existsSync(reportFile)) return { passed: 0, failed: 0, skipped: [] };
  const report: Report = JSON.parse(readFileSync(reportFile, "utf8"));
  let passed = 0;
  let failed = 0;
  const skipped: string[] = [];
  for (const file of report.testResults) {
    const failedBefore = failed;
    for (const test of file.assertionResults) {
      if (test.status === "passed") passed += 1;
      else if (test.status === "failed") failed += 1;
      else skipped.push(test.fullName);
    }
    // A file that does not even load has no test to fail.
    if (file.status === "failed" && failed === failedBefore) failed += 1;
  }
  return { passed, failed, skipped };
}
