/**
 * Behind npm run bench: runs the suites of tests/load. Alone it lists them; `-- <suite>` runs one
 * and prints a table, with `--json` also one last line of JSON; `--quick` keeps under a minute,
 * `--long` adds what takes longer than ten. Exit status 0 says that it ran to the end, not that
 * every target was met.
 */
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { BenchResult, Suite } from "../tests/load/suite.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, "tests", "load");
const FLAGS = ["--json", "--quick", "--long"];

const args = process.argv.slice(2);
const flags = args.filter((arg) => arg.startsWith("--"));
const names = args.filter((arg) => !arg.startsWith("--"));
process.exitCode = await main();
// A suite may leave a handle open; what it measured is told.
process.exit();

async function main(): Promise<number> {
  const unknown = flags.filter((flag) => !FLAGS.includes(flag));
  if (unknown.length > 0 || names.length > 1) {
    console.error(`Write npm run bench -- <suite> [${FLAGS.join("] [")}].`);
    return 2;
  }
  const suites = await loadSuites();
  const [name] = names;
  if (!name) {
    list(suites);
    return 0;
  }
  const suite = suites.find((candidate) => candidate.name === name);
  if (!suite) {
    console.error(
      `There is no suite ${name}: write one of ${suites.map((one) => one.name).join(", ")}.`,
    );
    return 2;
  }
  return await run(suite);
}

async function run(suite: Suite): Promise<number> {
  try {
    const results = await suite.run({
      root,
      quick: flags.includes("--quick"),
      long: flags.includes("--long"),
      log: (line) => console.log(line),
    });
    printTable(results);
    if (flags.includes("--json")) console.log(JSON.stringify({ suite: suite.name, results }));
    return 0;
  } catch (error) {
    console.error(error);
    return 1;
  }
}

/** A module of tests/load is a suite when it exports one; the others are what suites share. */
async function loadSuites(): Promise<Suite[]> {
  const suites: Suite[] = [];
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith(".ts") || file === "suite.ts") continue;
    const module: { suite?: Suite } = await import(pathToFileURL(join(folder, file)).href);
    if (module.suite) suites.push(module.suite);
  }
  return suites;
}

function list(suites: readonly Suite[]): void {
  console.log(
    "npm run bench -- <suite> [--json] [--quick: at most a minute] [--long: everything]\n",
  );
  const width = Math.max(0, ...suites.map(({ name }) => name.length));
  for (const { name, minutes, describe } of suites) {
    console.log(`  ${name.padEnd(width)}  about ${minutes} min  ${describe}`);
  }
}

function printTable(results: readonly BenchResult[]): void {
  const rows = results.map(({ name, value, unit, target, met }) => [
    name,
    `${round(value)} ${unit}`,
    target ?? "",
    met === null ? "" : met ? "met" : "NOT MET",
  ]);
  const widths = [0, 1, 2].map((column) =>
    Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  console.log("");
  for (const row of rows) {
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    );
  }
  console.log("");
}

function round(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(3);
}
