/** One running load program, as sender or as viewers. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { z } from "zod";
import { place } from "./processes.ts";

const quantiles = z.object({ p50: z.number(), p99: z.number(), count: z.number() });
const statsSchema = z.object({
  seconds: z.number(),
  peers: z.number(),
  connected: z.number(),
  /** Peers to which nothing came. */
  silent: z.number(),
  packets: z.number(),
  /** Of SRTP packets, without headers of RTP, UDP and IP. */
  payloadBytes: z.number(),
  /** By sequence numbers. */
  expected: z.number(),
  /** Each packet once. */
  received: z.number(),
  /** Of these by retransmission or out of order. */
  repaired: z.number(),
  duplicates: z.number(),
  nacks: z.number(),
  /** Decrypted and compared with what was sent. */
  checked: z.number(),
  bad: z.number(),
  latencyMs: quantiles.extend({ max: z.number() }),
  /** Of the plain copy that goes past the server. */
  directMs: quantiles,
  sentPackets: z.number(),
  /** Of each capture. */
  sentBytes: z.array(z.number()),
  failedPackets: z.number(),
});

/** What came to one program between `begin` and `end`. */
export type LoadStats = z.infer<typeof statsSchema>;

/** The client's side of ICE, before it knows the server's. */
export type OpenedPeer = { id: string; port: number; ufrag: string; password: string };

/** Where a client connects to, as signalling says it. */
export type RemotePeer = {
  ip: string;
  port: number;
  ufrag: string;
  password: string;
  /** SHA-256, upper-case hex with colons. */
  fingerprint: string;
  videoPayloadType: number;
};

const ANSWER_MS = 20_000;

export class LoadProgram {
  private readonly child: ChildProcess;
  private readonly waiting = new Map<string, (rest: string[]) => void>();
  private readonly refused = new Map<string, (error: Error) => void>();
  /** Unix milliseconds of every key frame request that a publishing peer got. */
  readonly keyFrameRequests: number[] = [];
  fingerprint = "";

  private constructor(child: ChildProcess) {
    this.child = child;
    createInterface({ input: child.stdout! }).on("line", (line) => this.take(line));
    child.once("exit", (code, signal) => {
      const error = new Error(`the load program ended with ${signal ?? code}`);
      for (const refuse of this.refused.values()) refuse(error);
    });
  }

  /**
   * @param profiles SRTP profiles in OpenSSL's names, the first is preferred
   * @param options.captures what a sender replays: one, or one for each layer from the lowest
   * @param options.core the only one that it may use; null: any
   */
  static async start(
    binary: string,
    profiles: string,
    { captures = [], core }: { captures?: readonly string[]; core: number | null },
  ): Promise<LoadProgram> {
    const child = spawn(binary, [profiles, ...captures], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const program = new LoadProgram(child);
    const [fingerprint = ""] = await program.answer("fingerprint");
    program.fingerprint = fingerprint;
    await place([program.pid], core);
    return program;
  }

  get pid(): number {
    return this.child.pid!;
  }

  async open(id: string): Promise<OpenedPeer> {
    const [port, ufrag = "", password = ""] = await this.ask(`open ${id}`, `opened ${id}`);
    return { id, port: Number(port), ufrag, password };
  }

  /** Resolves when SRTP may flow. @throws {Error} why it cannot */
  async connect(id: string, remote: RemotePeer): Promise<void> {
    const { ip, port, ufrag, password, fingerprint, videoPayloadType } = remote;
    await this.ask(
      `connect ${id} ${ip} ${port} ${ufrag} ${password} ${fingerprint} ${videoPayloadType}`,
      `connected ${id}`,
    );
  }

  /** @returns Unix milliseconds at which the first whole key frame was there */
  async firstFrame(id: string): Promise<number> {
    const [at] = await this.ask(`seek ${id}`, `frame ${id}`);
    return Number(at);
  }

  close(id: string): void {
    this.tell(`close ${id}`);
  }

  /** @returns the port at which the plain copy is taken */
  async openControl(): Promise<number> {
    const [port] = await this.ask("control", "control");
    return Number(port);
  }

  tell(line: string): void {
    this.child.stdin!.write(`${line}\n`);
  }

  begin(): void {
    this.tell("begin");
  }

  async end(): Promise<LoadStats> {
    const rest = await this.ask("end", "stats");
    return statsSchema.parse(JSON.parse(rest.join(" ")));
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, "exit");
    this.child.stdin!.end();
    await ended;
  }

  private async ask(line: string, key: string): Promise<string[]> {
    const answer = this.answer(key);
    this.tell(line);
    return await answer;
  }

  private async answer(key: string): Promise<string[]> {
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(() => settle(() => reject(new Error(`no ${key}`))), ANSWER_MS);
      const settle = (act: () => void) => {
        clearTimeout(timer);
        this.waiting.delete(key);
        this.refused.delete(key);
        act();
      };
      this.waiting.set(key, (rest) => settle(() => resolve(rest)));
      this.refused.set(key, (error) => settle(() => reject(error)));
    });
  }

  private take(line: string): void {
    const [name = "", id = "", ...rest] = line.split(" ");
    if (name === "keyrequest") {
      this.keyFrameRequests.push(Number(id));
    } else if (name === "failed") {
      this.refused.get(`connected ${id}`)?.(new Error(`viewer ${id}: ${rest.join(" ")}`));
    } else if (name === "error") {
      for (const refuse of [...this.refused.values()]) refuse(new Error(line));
    } else {
      (this.waiting.get(`${name} ${id}`) ?? this.waiting.get(name))?.(
        this.waiting.has(`${name} ${id}`) ? rest : [id, ...rest],
      );
    }
  }
}
