/** The folder that holds everything this installation keeps. */
import { chmodSync, existsSync, mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { OperatorError } from "./operator-error.ts";

/**
 * Makes DATA_DIR when it is not there. As root it is left passable, because PostgreSQL's account
 * keeps its folder inside; what lies in it guards itself.
 * @throws {OperatorError} when it cannot be made
 */
export function prepareDataDir(dataDir: string): void {
  if (existsSync(dataDir)) return;
  try {
    mkdirSync(dataDir, { recursive: true });
    chmodSync(dataDir, process.getuid?.() === 0 ? 0o711 : 0o700);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : error;
    throw new OperatorError(
      `The data folder ${resolve(dataDir)} cannot be made (${code}): set DATA_DIR to a folder of this user.`,
    );
  }
}
