/** Creates the files of a new cluster, and gives an existing one its configuration. */
import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OperatorError } from "../../operator-error.ts";
import type { Account } from "./account.ts";
import type { Location } from "./location.ts";
import { makePrivate } from "./location.ts";
import { dataFolder } from "./postmaster.ts";
import { accessFile, settingsFile } from "./settings.ts";

export const ADMIN_ROLE = "yilian_admin";

/** @returns whether a new cluster was made */
export function initialise(
  { root, account }: Location,
  binaries: string,
  adminPassword: string,
  fast: boolean,
): boolean {
  const data = dataFolder(root);
  if (existsSync(join(data, "PG_VERSION"))) return false;
  // Made aside and renamed, so that a killed first start leaves nothing half-made.
  const unfinished = `${data}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  const passwordFile = join(root, "initial-password");
  writePrivate(passwordFile, adminPassword, account);
  const result = spawnSync(
    join(binaries, "bin", "initdb"),
    [
      `--pgdata=${unfinished}`,
      `--username=${ADMIN_ROLE}`,
      `--pwfile=${passwordFile}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      // Built in: sorts the same on every machine, whatever its C library.
      "--locale=C",
      "--locale-provider=builtin",
      "--builtin-locale=C.UTF-8",
      ...(fast ? ["--no-sync"] : []),
    ],
    {
      cwd: root,
      encoding: "utf8",
      env: { PATH: process.env.PATH, LC_ALL: "C" },
      ...(account && { uid: account.uid, gid: account.gid }),
    },
  );
  rmSync(passwordFile, { force: true });
  if (result.status !== 0) {
    const said = result.error ? String(result.error) : result.stderr.trim().slice(-1000);
    throw new OperatorError(`PostgreSQL could not make its folder ${root}. initdb said: ${said}`);
  }
  renameSync(unfinished, data);
  return true;
}

export function configure({ root, account, socketDir }: Location, port: number, fast: boolean) {
  const logDir = join(root, "log");
  makePrivate(logDir, account);
  writePrivate(
    join(root, "postgresql.conf"),
    settingsFile({ port, socketDir, logDir, fast }),
    account,
  );
  writePrivate(join(root, "pg_hba.conf"), accessFile, account);
}

function writePrivate(file: string, text: string, account: Account | undefined): void {
  writeFileSync(file, text, { mode: 0o600 });
  chmodSync(file, 0o600);
  if (account) chownSync(file, account.uid, account.gid);
}
