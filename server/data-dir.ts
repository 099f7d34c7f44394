/** The folder that holds everything this installation keeps. */
import { accessSync, chmodSync, constants, existsSync, mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { OperatorError } from "./operator-error.ts";

/**
 * Makes DATA_DIR when it is not there. As root it is left passable, because PostgreSQL's account
 * keeps its folder inside; what lies in it guards itself.
 * @throws {OperatorError} when it cannot be made or written
 */
export function prepareDataDir(dataDir: string): void {
  const isNew = !existsSync(dataDir);
  try {
    mkdirSync(dataDir, { recursive: true });
    if (isNew) chmodSync(dataDir, process.getuid?.() === 0 ? 0o711 : 0o700);
    accessSync(dataDir, constants.W_OK | constants.X_OK);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : error;
    throw new OperatorError(
      `The data folder ${resolve(dataDir)} cannot be ${isNew ? "made" : "written"} (${code}): set DATA_DIR to a folder of this user.`,
    );
  }
}
