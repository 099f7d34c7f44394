/** Brings build/fhir up to date: the extracts of HL7's definitions that the server reads. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { SetupError } from "./setup-error.mjs";

/** Where the extracts lie; server/fhir/definitions/pack.ts names the same folder. */
export const definitionsFolder = (root) => path.join(root, "build", "fhir");

/** @returns {boolean} whether the extracts are those of this source and these builders */
export function definitionsAreReady(root) {
  try {
    const stamp = fs.readFileSync(path.join(definitionsFolder(root), ".stamp"), "utf8");
    return stamp === stampText(root);
  } catch {
    return false;
  }
}

/** Hash over the source package's version and everything that makes the extracts. */
export function stampText(root) {
  const scripts = path.join(root, "scripts");
  const parts = path.join(scripts, "fhir-definitions");
  const files = [
    path.join(root, "node_modules", "@medplum", "definitions", "package.json"),
    path.join(scripts, "fhir-definitions.ts"),
    ...fs
      .readdirSync(parts)
      .sort()
      .map((name) => path.join(parts, name)),
  ];
  const hash = createHash("sha256");
  for (const file of files) hash.update(fs.readFileSync(file));
  return hash.digest("hex");
}

/**
 * Makes the extracts when they are missing or old (about three seconds).
 * @param {string} root the folder of package.json
 * @param {(line: string) => void} log
 */
export function ensureFhirDefinitions(root, log) {
  if (definitionsAreReady(root)) return;
  log("Extracting the FHIR definitions.");
  const own = path.join(root, "node_modules", ".bin", "node");
  const node = fs.existsSync(own) ? own : process.execPath;
  const made = spawnSync(node, [path.join(root, "scripts", "fhir-definitions.ts")], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (made.status !== 0) {
    throw new SetupError("The FHIR definitions could not be extracted; what went wrong is above.");
  }
}
