/**
 * Set-up behind npm start, npm test, npm run check and npm run bench: installs what is missing and
 * does nothing when all is there. Plain JavaScript on the machine's own Node, without dependencies.
 *
 *   --tests       also what the tests need from the system (a browser among it)
 *   --code-only   the npm packages alone
 */
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const NODE_MIN = [20, 19];

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const log = (line) => console.log(`[set-up] ${line}`);

async function main(flags) {
  const [major, minor] = process.versions.node.split(".").map(Number);
  const { SetupError } = await import("./setup/setup-error.mjs");
  if (major < NODE_MIN[0] || (major === NODE_MIN[0] && minor < NODE_MIN[1])) {
    throw new SetupError(
      `This is Node ${process.versions.node}: Node ${NODE_MIN.join(".")} or newer is needed to set up (it then brings Node 24 along).`,
    );
  }
  const { installPackages, packagesAreReady, requireNode } = await import("./setup/packages.mjs");
  if (!packagesAreReady(root)) {
    // biome-ignore lint/correctness/useImportExtensions: plain JavaScript, typed in lock.d.mts
    const { waitForLock } = await import("./setup/lock.mjs");
    const lock = await waitForLock(path.join(root, ".setup.lock"), (pid) =>
      log(`Another set-up is at work (process ${pid}); waiting for it.`),
    );
    try {
      // It may have done everything meanwhile.
      if (!packagesAreReady(root)) await installPackages({ root, log, lock });
    } finally {
      lock.release();
    }
  }
  requireNode(root);
  // biome-ignore lint/correctness/useImportExtensions: plain JavaScript, typed in fhir-definitions.d.mts
  const { ensureFhirDefinitions } = await import("./setup/fhir-definitions.mjs");
  ensureFhirDefinitions(root, log);
  if (flags.includes("--code-only")) return;
  // biome-ignore lint/correctness/useImportExtensions: plain JavaScript, typed in debian.d.mts
  const { ensureFfmpeg, ensureTestPackages } = await import("./setup/debian.mjs");
  if (flags.includes("--tests")) ensureTestPackages(log);
  else ensureFfmpeg(log);
  // biome-ignore lint/correctness/useImportExtensions: plain JavaScript, typed in worker.d.mts
  const { ensureWorker } = await import("./worker.mjs");
  const worker = await ensureWorker({ log, packageDir: root });
  writeWhenDifferent(path.join(root, "node_modules", ".media-worker"), worker);
}

/** Where the scripts that follow find the media worker. */
function writeWhenDifferent(file, text) {
  try {
    if (fs.readFileSync(file, "utf8") === text) return;
  } catch {
    // Not written yet.
  }
  fs.writeFileSync(file, text);
}

main(process.argv.slice(2)).catch((error) => {
  const isSentence = ["SetupError", "WorkerSetupError"].includes(error?.name);
  console.error(isSentence ? `\n${error.message}\n` : error);
  process.exitCode = 1;
});
