/**
 * The direction of dependencies, as docs/ describes it: web → types of server and sfu; server →
 * fhir-mappings; sfu → nothing of ours; fhir-mappings → types; timeline → types, and server and
 * web → timeline; and between the server's capabilities only what each shows to the others. Prints
 * each import that goes against it.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

export type Import = {
  /** Path of the importing file, from the root, with slashes. */
  readonly from: string;
  readonly line: number;
  /** Path of the imported file from the root, or a package's name. */
  readonly to: string;
  readonly isPackage: boolean;
  readonly isTypeOnly: boolean;
};

const AREAS = ["server", "sfu", "web", "fhir-mappings", "timeline"];
/** Pure code that pages and the server both run: it may be imported from anywhere but the media node. */
const SHARED_AREA = "timeline";
/** Folders of server/ that every capability builds on. */
const SHARED = ["db", "errors", "http", "crypto", "outbox", "audit", "idempotency", "queue"];
/** What a capability shows to the others. */
const SHOWN = ["service.ts", "domain.ts", "contract.ts", "schema.ts"];
const STATEMENT =
  /^[ \t]*(?:import|export)\s+(type\s+)?(?:[^"'`;]*?\sfrom\s*)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/gm;

/** @returns why this import is against the rules, or undefined */
export function objection(found: Import): string | undefined {
  const [area, folder] = found.from.split("/");
  const [otherArea, otherFolder, ...rest] = found.to.split("/");
  if (area === "fhir-mappings") {
    const leaves = found.isPackage || otherArea !== area;
    return leaves && !found.isTypeOnly
      ? "fhir-mappings imports only types from outside"
      : undefined;
  }
  if (area === SHARED_AREA) {
    const leaves = found.isPackage || otherArea !== area;
    return leaves && !found.isTypeOnly
      ? `${SHARED_AREA} imports only types from outside`
      : undefined;
  }
  if (found.isPackage) return undefined;
  if (area === "sfu" && AREAS.includes(otherArea ?? "") && otherArea !== area) {
    return "the media node imports nothing of the other parts";
  }
  if (area === "server" && (otherArea === "web" || otherArea === "sfu")) {
    return `the server imports nothing of ${otherArea}/`;
  }
  if (area === "web" && otherArea === SHARED_AREA) return undefined;
  if (area === "web" && otherArea !== area && AREAS.includes(otherArea ?? "")) {
    return found.isTypeOnly ? undefined : `pages import only types of ${otherArea}/`;
  }
  const betweenCapabilities =
    area === "server" &&
    otherArea === "server" &&
    isCapability(found.from) &&
    isCapability(found.to) &&
    folder !== otherFolder;
  if (!betweenCapabilities || found.isTypeOnly || SHOWN.includes(rest.join("/"))) return undefined;
  return `of another capability only ${SHOWN.join(", ")} or types`;
}

/** All import statements of one file. */
export function importsOf(from: string, text: string): Import[] {
  return [...text.matchAll(STATEMENT)].map((match) => {
    const target = match[2] ?? match[3] ?? "";
    const isPackage = !target.startsWith(".");
    return {
      from,
      line: text.slice(0, match.index).split("\n").length,
      to: isPackage ? target : join(dirname(from), target).split(sep).join("/"),
      isPackage,
      isTypeOnly: match[1] !== undefined,
    };
  });
}

/** Checks the whole tree. */
export function checkImports(root: string): string[] {
  return AREAS.flatMap((area) => sourcesIn(join(root, area)))
    .flatMap((path) => {
      const from = relative(root, path).split(sep).join("/");
      return importsOf(from, readFileSync(path, "utf8"));
    })
    .flatMap((found) => {
      const reason = objection(found);
      return reason ? [`${found.from}:${found.line} imports ${found.to}: ${reason}.`] : [];
    });
}

function isCapability(path: string): boolean {
  const [, folder, ...rest] = path.split("/");
  return rest.length > 0 && !SHARED.includes(folder ?? "");
}

function sourcesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory())
        return ["dist", "node_modules"].includes(entry.name) ? [] : sourcesIn(path);
      return /\.(ts|tsx|mts)$/.test(entry.name) ? [path] : [];
    });
  } catch {
    return [];
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const problems = checkImports(dirname(dirname(fileURLToPath(import.meta.url))));
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
