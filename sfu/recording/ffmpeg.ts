import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { Readable, Writable } from "node:stream";

/** A child that reads from us and writes to us; its messages are kept for the log. */
export type Ffmpeg = ChildProcessByStdio<Writable, Readable, Readable>;

/** Where ffmpeg lies, or null: recording and broadcasting are then switched off. */
export function findFfmpeg(path: string = process.env.PATH ?? ""): string | null {
  const folders = [...path.split(delimiter), "/usr/bin", "/usr/local/bin"];
  return folders.map((folder) => join(folder, "ffmpeg")).find((file) => existsSync(file)) ?? null;
}

/** Starts ffmpeg at a lower priority than the rooms: a recording may wait, people may not. */
export function startFfmpeg(binary: string, args: readonly string[]): Ffmpeg {
  const child = spawn("nice", ["-n", "5", binary, "-hide_banner", "-nostdin", ...args], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  // What is written to one that has just died is lost anyhow; its end is told by `exit`.
  child.stdin.on("error", () => {});
  child.stdout.on("error", () => {});
  child.on("error", () => {});
  return child;
}

/** The last words of a process, for the log. */
export function lastWords(child: Ffmpeg, most = 400): () => string {
  let text = "";
  child.stderr.on("data", (chunk: Buffer) => {
    text = (text + chunk.toString()).slice(-most);
  });
  return () => text.trim();
}

/** Ends a process: by a word first, so that it writes what it holds, by force after `patienceMs`. */
export async function endFfmpeg(child: Ffmpeg, patienceMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  child.kill("SIGINT");
  const timer = setTimeout(() => child.kill("SIGKILL"), patienceMs);
  await ended;
  clearTimeout(timer);
}

/** Two free ports in a row on loopback, the first even: sound or picture, and its reports. */
export async function freePortPair(): Promise<number> {
  for (;;) {
    const first = createSocket("udp4");
    const second = createSocket("udp4");
    try {
      const port = await bind(first, 0);
      if (port % 2 === 0 && (await bind(second, port + 1).catch(() => 0))) return port;
    } finally {
      first.close();
      second.close();
    }
  }
}

function bind(socket: Socket, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.bind({ port, address: "127.0.0.1", exclusive: true }, () =>
      resolve(socket.address().port),
    );
  });
}

const BOUND_POLL_MS = 10;

/**
 * Waits until somebody listens on a UDP port of this machine.
 * @returns false when nobody did within `limitMs`
 */
export async function untilBound(port: number, limitMs: number): Promise<boolean> {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, "0")} `;
  for (let waitedMs = 0; waitedMs < limitMs; waitedMs += BOUND_POLL_MS) {
    const table = await readFile("/proc/net/udp", "latin1").catch(() => null);
    // Elsewhere than on Linux there is no such table: the usual time has to do.
    if (table === null) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(limitMs, 500)));
      return true;
    }
    if (table.includes(wanted)) return true;
    await new Promise((resolve) => setTimeout(resolve, BOUND_POLL_MS));
  }
  return false;
}
