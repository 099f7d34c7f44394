/** The loopback port of an embedded cluster: chosen once, kept as long as it stays free. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

/** Below the range from which the kernel takes ports for outgoing connections. */
const FIRST_PORT = 20_000;
const PORTS = 10_000;
const TRIES = 200;

export async function choosePort(root: string): Promise<number> {
  const note = join(root, "port");
  const kept = existsSync(note) ? Number(readFileSync(note, "utf8")) : undefined;
  if (kept && (await isFree(kept))) return kept;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    if (!(await isFree(port))) continue;
    writeFileSync(note, `${port}\n`);
    return port;
  }
  throw new Error(`no free port from ${FIRST_PORT} to ${FIRST_PORT + PORTS}`);
}

/** Whether a server could listen on this port of loopback now. */
export function isFree(port: number, host = "127.0.0.1"): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
