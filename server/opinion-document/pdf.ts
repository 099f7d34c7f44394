/** Prints signed opinions as A4 PDF/A, in a process of its own (decision 0010). */
import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { PdfAnswer, PdfRequest } from "./pdf-child.ts";
import { type OpinionPrint, opinionPrintData } from "./pdf-content.ts";

export const pdfErrorReasons = ["busy", "closed", "crashed", "template", "timeout"] as const;
export type PdfErrorReason = (typeof pdfErrorReasons)[number];

/** Printing failed; the opinion itself is untouched and printing may be tried again. */
export class PdfError extends Error {
  readonly reason: PdfErrorReason;

  constructor(reason: PdfErrorReason, detail?: string) {
    super(detail === undefined ? reason : `${reason}: ${detail}`);
    this.name = "PdfError";
    this.reason = reason;
  }
}

export interface OpinionPrinter {
  /**
   * Prints one signed opinion. The same input gives the same bytes.
   *
   * A print whose process died is tried once more in a new one.
   *
   * @throws PdfError `busy` too many are waiting · `timeout` · `crashed` the process
   *   died twice · `template` the compiler refused · `closed`
   * @throws TypeError `checkUrl` is no web address
   */
  print(opinion: OpinionPrint): Promise<Uint8Array>;
  /**
   * Prints a patient summary, in the same way.
   * @param data JSON of `summary.typ`
   * @throws PdfError
   */
  printSummary(data: string, at: Date): Promise<Uint8Array>;
  /**
   * Prints a credit certificate, in the same way.
   * @param data JSON of `certificate.typ`
   * @throws PdfError
   */
  printCertificate(data: string, at: Date): Promise<Uint8Array>;
  /** Ends the process; waiting calls fail with `closed`. Idempotent. */
  close(): Promise<void>;
}

interface Waiting {
  readonly resolve: (pdf: Uint8Array) => void;
  readonly reject: (error: PdfError) => void;
  readonly timer: NodeJS.Timeout;
  /** The process that was given the work. */
  readonly worker: ChildProcess;
}

/**
 * Creates a printer. Nothing is started before the first print; the process ends
 * after `idleMs` without work, so that a server at rest carries none of it.
 *
 * @param idleMs default 30 s
 * @param timeoutMs for one print, default 20 s; the process is killed when it is over
 * @param maxWaiting default 50
 */
export function createOpinionPrinter({
  idleMs = 30_000,
  timeoutMs = 20_000,
  maxWaiting = 50,
}: {
  readonly idleMs?: number;
  readonly timeoutMs?: number;
  readonly maxWaiting?: number;
} = {}): OpinionPrinter {
  const waiting = new Map<number, Waiting>();
  let child: ChildProcess | undefined;
  let idle: NodeJS.Timeout | undefined;
  let nextId = 1;
  let closed = false;

  const settle = (id: number, finish: (one: Waiting) => void) => {
    const one = waiting.get(id);
    if (!one) return;
    clearTimeout(one.timer);
    waiting.delete(id);
    finish(one);
  };
  const failAll = (reason: PdfErrorReason, worker?: ChildProcess) => {
    for (const [id, { worker: given }] of [...waiting]) {
      if (!worker || given === worker) settle(id, (one) => one.reject(new PdfError(reason)));
    }
  };

  const start = (): ChildProcess => {
    const started = fork(join(import.meta.dirname, "pdf-child.ts"), [], {
      serialization: "advanced",
      env: {},
      execArgv: [],
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    started.on("message", (answer: PdfAnswer) => {
      settle(answer.id, (one) => {
        if ("pdf" in answer) one.resolve(answer.pdf);
        else one.reject(new PdfError("template", answer.error));
      });
      if (waiting.size === 0 && child === started) {
        idle = setTimeout(() => stop(started), idleMs);
        idle.unref();
      }
    });
    const gone = () => {
      if (child === started) child = undefined;
      failAll("crashed", started);
    };
    started.once("error", gone);
    started.once("exit", gone);
    return started;
  };
  const stop = (one: ChildProcess, signal?: "SIGKILL") => {
    if (child === one) child = undefined;
    if (signal) one.kill(signal);
    else if (one.connected) one.disconnect();
  };

  const send = (request: Omit<PdfRequest, "id">): Promise<Uint8Array> => {
    if (closed) return Promise.reject(new PdfError("closed"));
    if (waiting.size >= maxWaiting) return Promise.reject(new PdfError("busy"));
    return new Promise((resolve, reject) => {
      clearTimeout(idle);
      if (!child?.connected) child = start();
      const worker = child;
      const id = nextId++;
      const timer = setTimeout(() => {
        settle(id, (one) => one.reject(new PdfError("timeout")));
        // It works on one print at a time: what hangs there hangs all others.
        stop(worker, "SIGKILL");
        failAll("crashed", worker);
      }, timeoutMs);
      waiting.set(id, { resolve, reject, timer, worker });
      worker.send({ ...request, id } satisfies PdfRequest, (error) => {
        if (error) settle(id, (one) => one.reject(new PdfError("crashed", error.message)));
      });
    });
  };

  const sendTwice = async (request: Omit<PdfRequest, "id">): Promise<Uint8Array> => {
    try {
      return await send(request);
    } catch (error) {
      if (!(error instanceof PdfError) || error.reason !== "crashed") throw error;
      return send(request);
    }
  };
  const seconds = (at: Date) => Math.floor(at.getTime() / 1000);

  return {
    // An address that is none is refused by the promise, not by the call.
    print: async (opinion) =>
      sendTwice({
        template: "opinion",
        data: opinionPrintData(opinion),
        timestamp: seconds(opinion.signature.signedAt),
      }),
    printSummary: (data, at) => sendTwice({ template: "summary", data, timestamp: seconds(at) }),
    printCertificate: (data, at) =>
      sendTwice({ template: "certificate", data, timestamp: seconds(at) }),
    async close() {
      closed = true;
      clearTimeout(idle);
      failAll("closed");
      const last = child;
      if (!last) return;
      const exited = new Promise<void>((resolve) => last.once("exit", () => resolve()));
      stop(last);
      const hard = setTimeout(() => last.kill("SIGKILL"), 2_000);
      await exited;
      clearTimeout(hard);
    },
  };
}
