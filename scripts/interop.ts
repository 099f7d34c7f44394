/**
 * Behind npm run test:interop -- <folder>: real data that nobody here wrote, tried on by hand. Each
 * part of tests/interop looks at every resource of the folder; what goes wrong is listed by file,
 * and the last line reads `N passed, N failed`.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { InteropFile, InteropPart } from "../tests/interop/part.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const parts = join(root, "tests", "interop");

const [folder, ...rest] = process.argv.slice(2);
if (!folder || rest.length > 0 || !existsSync(folder) || !statSync(folder).isDirectory()) {
  console.error("Write npm run test:interop -- <folder with FHIR resources as JSON or NDJSON>.");
  process.exitCode = 2;
} else {
  process.exitCode = await run(resolve(folder));
}

async function run(base: string): Promise<number> {
  let passed = 0;
  let failed = 0;
  const files = filesIn(base).flatMap((path) => read(path, relative(base, path)));
  console.log(`${files.length} resources in ${base}`);
  for (const part of await loadParts()) {
    const outcome = await part.run(files, (line) => console.log(line));
    console.log(`${part.name}: ${outcome.passed} passed, ${outcome.failed} failed`);
    passed += outcome.passed;
    failed += outcome.failed;
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

/** A module of tests/interop is a part when it exports one. */
async function loadParts(): Promise<InteropPart[]> {
  const found: InteropPart[] = [];
  for (const file of readdirSync(parts).sort()) {
    if (!file.endsWith(".ts") || file === "part.ts") continue;
    const module: { part?: InteropPart } = await import(pathToFileURL(join(parts, file)).href);
    if (module.part) found.push(module.part);
  }
  return found;
}

function filesIn(path: string): string[] {
  return readdirSync(path, { withFileTypes: true })
    .sort((a, b) => a.name.localeCompare(b.name))
    .flatMap((entry) => {
      const inner = join(path, entry.name);
      if (entry.isDirectory()) return filesIn(inner);
      return /\.(nd)?json$/.test(entry.name) ? [inner] : [];
    });
}

/** The resources of one file: one, or one for each line. */
function read(path: string, name: string): InteropFile[] {
  const text = readFileSync(path, "utf8");
  if (!path.endsWith(".ndjson")) return [{ name, text }];
  return text
    .split("\n")
    .map((line, index) => ({ name: `${name}:${index + 1}`, text: line }))
    .filter(({ text: line }) => line.trim() !== "");
}
