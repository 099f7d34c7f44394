/** A child process that is started again whenever it ends unasked. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";

const RESTART_DELAY_MS = 200;
const RESTART_DELAY_MAX_MS = 10_000;
/** A child that lived this long was healthy: its next restart does not wait longer than the first. */
const HEALTHY_AFTER_MS = 30_000;
const LINES_KEPT = 30;

export type SupervisedOptions = {
  readonly name: string;
  /** Run by this same Node. */
  readonly script: string;
  /** V8 else sizes its young generation by the machine's memory: 130 MB at rest where 20 do. */
  readonly semiSpaceMegabytes: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onLine: (line: string) => void;
  /** Told each new pid. */
  readonly onStart: (pid: number) => void;
  /** Told how a child ended unasked, before it is started again. */
  readonly onEnd: (how: string) => void;
};

export class Supervised {
  readonly name: string;
  /** How often it ended unasked. */
  deaths = 0;
  #options: SupervisedOptions;
  #child: ChildProcess | undefined;
  #stopping = false;
  #delayMs = RESTART_DELAY_MS;
  #lines: string[] = [];

  constructor(options: SupervisedOptions) {
    this.name = options.name;
    this.#options = options;
    this.#start();
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** What it printed last, for a person who must find out why it does not start. */
  get lastLines(): readonly string[] {
    return this.#lines;
  }

  /** Asks it to end, and ends it after `patienceMs`. */
  async stop(patienceMs: number): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (!child || hasEnded(child)) return;
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), patienceMs);
    await ended;
    clearTimeout(timer);
  }

  /** Ends it at once, for a second Ctrl-C. */
  kill(): void {
    this.#stopping = true;
    this.#child?.kill("SIGKILL");
  }

  #start(): void {
    const { script, semiSpaceMegabytes, env, onLine, onStart } = this.#options;
    // In a process group of its own, so that Ctrl-C reaches only the supervisor; with a channel,
    // whose end tells it that the supervisor is gone.
    const child = spawn(process.execPath, [`--max-semi-space-size=${semiSpaceMegabytes}`, script], {
      detached: true,
      env,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.#child = child;
    this.#lines = [];
    const startedAt = Date.now();
    if (child.pid) onStart(child.pid);
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on("line", (line) => {
        this.#lines = [...this.#lines.slice(1 - LINES_KEPT), line];
        onLine(line);
      });
    }
    let isOver = false;
    const over = (how: string) => {
      if (isOver) return;
      isOver = true;
      void this.#restart(how, Date.now() - startedAt);
    };
    child.once("error", (error) => over(error.message));
    child.once("exit", (code, signal) => over(signal ?? `exit code ${code}`));
  }

  async #restart(how: string, livedMs: number): Promise<void> {
    if (this.#stopping) return;
    this.deaths += 1;
    this.#options.onEnd(how);
    if (livedMs > HEALTHY_AFTER_MS) this.#delayMs = RESTART_DELAY_MS;
    await delay(this.#delayMs);
    this.#delayMs = Math.min(RESTART_DELAY_MAX_MS, this.#delayMs * 2);
    if (!this.#stopping) this.#start();
  }
}

const hasEnded = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null;
