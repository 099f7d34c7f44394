/** Behind npm run check: format and lint without warnings, types, direction of imports. */
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

type Outcome = { readonly name: string; readonly passed: boolean; readonly output: string };

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (name: string) => join(root, "node_modules", ".bin", name);

const CHECKS: readonly { name: string; command: readonly [string, ...string[]] }[] = [
  {
    name: "format and lint",
    command: [bin("biome"), "ci", "--error-on-warnings", "--colors=off", "--max-diagnostics=20"],
  },
  { name: "types", command: [bin("tsc"), "--noEmit", "--pretty", "false", "-p", "."] },
  { name: "imports", command: [process.execPath, join(root, "scripts", "import-rules.ts")] },
];

const outcomes = await Promise.all(CHECKS.map(run));
for (const { name, passed, output } of outcomes) {
  console.log(`${passed ? "ok    " : "FAILED"} ${name}`);
  if (!passed) console.log(`${output.trim()}\n`);
}
process.exitCode = outcomes.every(({ passed }) => passed) ? 0 : 1;

function run({ name, command }: (typeof CHECKS)[number]): Promise<Outcome> {
  const [file, ...args] = command;
  const child = spawn(file, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  return new Promise((resolve) => {
    child.once("error", (error) => resolve({ name, passed: false, output: error.message }));
    child.once("close", (code) => resolve({ name, passed: code === 0, output }));
  });
}
