/** The system account that PostgreSQL runs under: the server binary refuses root. */
import { readFileSync, realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { OperatorError } from "../../operator-error.ts";

export type Account = { readonly name: string; readonly uid: number; readonly gid: number };

/**
 * The account to change to, or undefined when this process is not root and PostgreSQL simply runs
 * as the same user.
 * @param folder an existing database folder keeps its owner
 */
export function accountFor(folder: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const owner = ownerOf(folder);
  if (owner && owner.uid !== 0) return { name: `user ${owner.uid}`, ...owner };
  const accounts = readFileSync("/etc/passwd", "utf8").split("\n");
  for (const name of ["postgres", "nobody"]) {
    const fields = accounts.find((line) => line.startsWith(`${name}:`))?.split(":");
    if (fields) return { name, uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  throw new OperatorError(
    "PostgreSQL refuses to run as root and this machine has neither a postgres nor a nobody account: start as an ordinary user, or set DATABASE_URL.",
  );
}

/** Whether the account may enter this folder and all folders above it. */
export function mayTraverse(folder: string, account: Account): boolean {
  for (let at = realpathSync(folder); ; at = dirname(at)) {
    if (!allows(at, account, 0o1)) return false;
    if (at === dirname(at)) return true;
  }
}

/** Whether the account has these rights (of rwx: 4, 2, 1) on the file itself. */
export function allows(file: string, account: Account, rights: number): boolean {
  const { uid, gid, mode } = statSync(file);
  const shift = uid === account.uid ? 6 : gid === account.gid ? 3 : 0;
  return ((mode >> shift) & rights) === rights;
}

function ownerOf(folder: string): { uid: number; gid: number } | undefined {
  const stat = statSync(folder, { throwIfNoEntry: false });
  return stat && { uid: stat.uid, gid: stat.gid };
}
