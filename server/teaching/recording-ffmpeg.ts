import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Where ffmpeg lies; null: recordings cannot be mixed on this machine. */
export function findFfmpeg(path: string = process.env.PATH ?? ""): string | null {
  const folders = [...path.split(delimiter), "/usr/bin", "/usr/local/bin"];
  return folders.map((folder) => join(folder, "ffmpeg")).find((file) => existsSync(file)) ?? null;
}

/** Mixing waits for whoever is in a room or at a page. */
const NICENESS = "10";

/** A run of ffmpeg: bytes in, bytes out. */
export type Run = {
  stdin: NodeJS.WritableStream;
  stdout: Readable;
  /** @throws Error with ffmpeg's own words */
  done: Promise<void>;
  kill: () => void;
};

/**
 * @param feed what it reads; left out, the caller writes to `stdin`
 */
export function ffmpeg(binary: string, args: readonly string[], feed?: AsyncIterable<Buffer>): Run {
  const child = spawn(
    "nice",
    ["-n", NICENESS, binary, "-hide_banner", "-loglevel", "error", "-nostdin", "-y", ...args],
    { stdio: ["pipe", "pipe", "pipe"] },
  );
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-600);
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) =>
      code === 0 ? resolve() : reject(new Error(`ffmpeg ended with ${code ?? signal}: ${said}`)),
    );
  });
  // One that has all it wants closes its side; what made the bytes unreadable is an error of ours.
  let failure: unknown;
  const fed = feed
    ? pipeline(Readable.from(feed), child.stdin).catch((error: unknown) => {
        const code = error instanceof Error && "code" in error ? error.code : "";
        if (code === "EPIPE" || code === "ERR_STREAM_PREMATURE_CLOSE" || code === "ECONNRESET")
          return;
        failure = error;
        child.kill("SIGKILL");
      })
    : Promise.resolve(child.stdin.on("error", () => {})).then(() => {});
  const done = (async () => {
    const [end] = await Promise.allSettled([ended, fed]);
    if (failure) throw failure;
    if (end.status === "rejected") throw end.reason;
  })();
  done.catch(() => {});
  return { stdin: child.stdin, stdout: child.stdout, done, kill: () => child.kill("SIGKILL") };
}
