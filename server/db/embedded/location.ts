/** Where a cluster lies: beside the other data when PostgreSQL's account may go there, else elsewhere. */
import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepareDataDir } from "../../data-dir.ts";
import { OperatorError } from "../../operator-error.ts";
import { type Account, accountFor, mayTraverse } from "./account.ts";

export type Location = {
  /** Holds `data`, `log`, the configuration and the chosen port. */
  readonly root: string;
  readonly socketDir: string;
  readonly account: Account | undefined;
};

/** A socket path holds 107 bytes on Linux; PostgreSQL appends about 20. */
const SOCKET_DIR_BYTES_MAX = 80;

/** Chooses the folder once; a choice away from DATA_DIR is written down there, so it outlives a move. */
export function locate(dataDir: string, log: (line: string) => void): Location {
  prepareDataDir(dataDir);
  const beside = join(realpathSync(dataDir), "postgres");
  const note = join(dataDir, "postgres.path");
  let root = existsSync(note) ? readFileSync(note, "utf8").trim() : beside;
  let account = accountFor(root);
  if (account && root === beside && !mayTraverse(dataDir, account)) {
    root = join("/var/lib", `yilian-${shortHash(realpathSync(dataDir))}`);
    account = accountFor(root);
    writeFileSync(note, `${root}\n`);
  }
  if (root !== beside)
    log(`The database lies in ${root}, because its account may not enter ${dataDir}.`);
  makePrivate(root, account);
  const inside = join(root, "socket");
  const socketDir =
    Buffer.byteLength(inside) <= SOCKET_DIR_BYTES_MAX
      ? inside
      : join(tmpdir(), `yilian-socket-${shortHash(root)}`);
  makePrivate(socketDir, account);
  return { root, socketDir, account };
}

/** Creates a folder that only the database's account may enter, or checks that it is one. */
export function makePrivate(folder: string, account: Account | undefined): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (account && statSync(folder).uid === 0) chownSync(folder, account.uid, account.gid);
    const owner = statSync(folder).uid;
    if (owner !== (account?.uid ?? process.getuid?.() ?? owner)) {
      throw new OperatorError(
        `The database folder ${folder} belongs to user ${owner}: start as that user, or set DATA_DIR to another folder.`,
      );
    }
    chmodSync(folder, 0o700);
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    throw new OperatorError(
      `The database folder ${folder} cannot be made (${String(error)}): set DATA_DIR to a folder of this user.`,
    );
  }
}

function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 10);
}
