/** A real coturn on this machine, with the settings that docs/turnserver.conf gives for a hospital. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePorts } from "./stack.ts";

export type TurnServer = {
  /** As in TURN_URLS and TURN_SECRET: the same port over UDP and over TCP. */
  readonly urls: readonly string[];
  readonly secret: string;
  /** What it says to one of its people who wants packets carried to an address. */
  carriesTo(address: string): Promise<"yes" | "forbidden">;
  stop(): Promise<void>;
};

const HOST = "127.0.0.1";
const RELAY_PORTS = 60;
const START_TIMEOUT_MS = 20_000;
const POLL_MS = 50;

export async function startTurnServer(): Promise<TurnServer> {
  const folder = mkdtempSync(join(tmpdir(), "yilian-turn-"));
  const [port, relay] = [await freePorts(1), await freePorts(RELAY_PORTS)];
  const secret = randomBytes(32).toString("hex");
  writeFileSync(
    join(folder, "turnserver.conf"),
    configFor({ port, relay, secret }, readFileSync(documented, "utf8")),
    { mode: 0o600 },
  );
  const child = spawn(
    "turnserver",
    [
      ...["-c", join(folder, "turnserver.conf"), "--userdb", join(folder, "turndb")],
      ...["--pidfile", join(folder, "pid"), "--log-file", "stdout", "--simple-log"],
    ],
    { cwd: folder, stdio: ["ignore", "pipe", "pipe"] },
  );
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4_000);
      if (process.env.STACK_LOG) process.stderr.write(`[turn] ${chunk}`);
    });
  const killIt = () => child.kill("SIGKILL");
  process.once("exit", killIt);
  const stop = async () => {
    process.off("exit", killIt);
    if (!hasEnded(child)) {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await answers(port))) {
    if (hasEnded(child) || Date.now() > deadline) {
      await stop();
      throw new Error(`turnserver does not start. It said last:\n${said}`);
    }
    await delay(POLL_MS);
  }
  return {
    urls: ["udp", "tcp"].map((transport) => `turn:${HOST}:${port}?transport=${transport}`),
    secret,
    carriesTo: (address) => askToCarry({ port, secret, address }),
    stop,
  };
}

/** coturn's own client, ended as soon as it has its first answer. */
async function askToCarry(to: {
  port: number;
  secret: string;
  address: string;
}): Promise<"yes" | "forbidden"> {
  const client = spawn(
    "turnutils_uclient",
    ["-v", "-c", "-n", "1", "-W", to.secret, "-e", to.address, "-p", String(to.port), HOST],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let said = "";
  try {
    for await (const chunk of client.stdout) {
      said += chunk as string;
      if (/success: 0x/.test(said)) return "yes";
      if (/channel bind: error 403/.test(said)) return "forbidden";
    }
    throw new Error(`turnutils_uclient had no answer:\n${said}`);
  } finally {
    client.kill("SIGKILL");
  }
}

const documented = fileURLToPath(new URL("../../docs/turnserver.conf", import.meta.url));

/** What a hospital runs, but on loopback, which coturn relays to only when it is asked to. */
function configFor(own: { port: number; relay: number; secret: string }, text: string): string {
  const values: Readonly<Record<string, string | null>> = {
    "listening-port": String(own.port),
    "tls-listening-port": null,
    cert: null,
    pkey: null,
    "relay-ip": HOST,
    "min-port": String(own.relay),
    "max-port": String(own.relay + RELAY_PORTS - 1),
    "static-auth-secret": own.secret,
    realm: "yilian.test",
    "allowed-peer-ip": HOST,
  };
  const missing = new Set(Object.keys(values));
  const lines = text.split("\n").flatMap((line) => {
    const [name = ""] = line.split("=");
    const value = values[name];
    if (value === undefined) return line;
    missing.delete(name);
    return value === null ? [] : `${name}=${value}`;
  });
  if (missing.size > 0) throw new Error(`docs/turnserver.conf lacks ${[...missing].join(", ")}`);
  return [...lines, `listening-ip=${HOST}`, "allow-loopback-peers", "no-tls", "no-dtls"].join("\n");
}

const hasEnded = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null;

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, HOST);
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

export type RelayTransport = "udp" | "tcp";

/** The way a page's connection really takes, by the browser's own account. */
export type Path = { type: string; relayProtocol: string; remotePort: number };

declare global {
  /** For each connection that stands, the way it takes. */
  var paths: () => Promise<Path[]>;
}

/**
 * Installed with `addInitScript`: a network that lets nothing through but one way to the TURN server.
 * Uses nothing from outside itself.
 */
export function installRelayOnly(transport: RelayTransport): void {
  const made = new Set<RTCPeerConnection>();
  const Plain = globalThis.RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Plain {
    constructor(configuration: RTCConfiguration = {}) {
      super({
        ...configuration,
        iceTransportPolicy: "relay",
        iceServers: (configuration.iceServers ?? []).map((server) => ({
          ...server,
          urls: [server.urls].flat().filter((url) => url.endsWith(`transport=${transport}`)),
        })),
      });
      made.add(this);
    }
  };
  globalThis.paths = async () => {
    const found: Path[] = [];
    for (const connection of made) {
      if (connection.connectionState !== "connected") continue;
      const stats = await connection.getStats();
      const all = [...stats.values()] as Record<string, unknown>[];
      const carrier = all.find((stat) => stat.type === "transport");
      const pair = all.find((stat) => stat.id === carrier?.selectedCandidatePairId);
      const local = all.find((stat) => stat.id === pair?.localCandidateId);
      const remote = all.find((stat) => stat.id === pair?.remoteCandidateId);
      found.push({
        type: String(local?.candidateType),
        relayProtocol: String(local?.relayProtocol),
        remotePort: Number(remote?.port),
      });
    }
    return found;
  };
}
