import os from "node:os";
import * as mediasoup from "mediasoup";
import type { WebRtcServer, Worker } from "mediasoup/types";
import type { NodeConfig } from "../config.ts";
import { SignalError } from "../errors.ts";
import type { Log } from "../log.ts";

const RESPAWN_DELAYS_MS = [0, 200, 500, 1_000, 2_000, 5_000];

/** A room that has just opened will have about as many streams. */
const CONSUMERS_OF_A_ROOM = 12;

/** One mediasoup worker with its one UDP and TCP port. */
export type WorkerSlot = {
  readonly index: number;
  readonly worker: Worker;
  readonly webRtcServer: WebRtcServer;
  /** Rooms placed on it, and streams that it sends; kept by the pool's users. */
  rooms: number;
  consumers: number;
};

export type WorkerPool = {
  /** The worker with the least to do; waits for a respawn when none lives. */
  acquire(): Promise<WorkerSlot>;
  /** It carries as many streams as it should: further people go to another one. */
  isFull(slot: WorkerSlot): boolean;
  readonly live: readonly WorkerSlot[];
  close(): void;
};

export type WorkerPoolOptions = {
  config: Pick<
    NodeConfig,
    "workers" | "rtcPort" | "announcedAddress" | "workerBin" | "consumersPerWorker"
  >;
  log: Log;
  onDied: (index: number) => void;
};

function weight({ consumers, rooms }: WorkerSlot): number {
  return consumers + rooms * CONSUMERS_OF_A_ROOM;
}

/**
 * Where to listen for an announced address. When it is one of this machine's own, exactly there: a
 * socket on all addresses answers from the one that routing prefers, and a browser on the same
 * machine then drops the answers (and falls back to TCP). Else (NAT, a host name) on all.
 */
export function listenAddress(announced: string): { ip: string; announcedAddress: string } {
  const announcedAddress = announced === "localhost" ? "127.0.0.1" : announced;
  const own = Object.values(os.networkInterfaces()).flatMap((entries) => entries ?? []);
  const isOwn = own.some((entry) => entry.address === announcedAddress);
  return { ip: isOwn ? announcedAddress : "0.0.0.0", announcedAddress };
}

/**
 * Starts one worker per configured core and replaces each that dies on the same ports. Rooms learn
 * of a death from their router; the pool only sees to it that there is somewhere to go.
 */
export async function createWorkerPool({
  config,
  log,
  onDied,
}: WorkerPoolOptions): Promise<WorkerPool> {
  const slots: (WorkerSlot | null)[] = [];
  const waiting: ((slot: WorkerSlot) => void)[] = [];
  let isClosed = false;

  async function start(index: number): Promise<WorkerSlot> {
    const worker = await mediasoup.createWorker({
      logLevel: "warn",
      ...(config.workerBin ? { workerBin: config.workerBin } : {}),
    });
    try {
      const listen = {
        ...listenAddress(config.announcedAddress),
        port: config.rtcPort + index,
      };
      const webRtcServer = await worker.createWebRtcServer({
        listenInfos: [
          { protocol: "udp", ...listen },
          { protocol: "tcp", ...listen },
        ],
      });
      return { index, worker, webRtcServer, rooms: 0, consumers: 0 };
    } catch (error) {
      worker.close();
      throw error;
    }
  }

  function install(slot: WorkerSlot): void {
    slots[slot.index] = slot;
    slot.worker.on("died", () => {
      slots[slot.index] = null;
      log.error({ worker: slot.index, pid: slot.worker.pid }, "worker died");
      if (isClosed) return;
      onDied(slot.index);
      void respawn(slot.index);
    });
    for (const resolve of waiting.splice(0)) resolve(slot);
  }

  async function respawn(index: number): Promise<void> {
    for (let attempt = 0; !isClosed; attempt++) {
      const delayMs = RESPAWN_DELAYS_MS[Math.min(attempt, RESPAWN_DELAYS_MS.length - 1)]!;
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      if (isClosed) return;
      try {
        const slot = await start(index);
        if (isClosed) return slot.worker.close();
        install(slot);
        log.info({ worker: index }, "worker started again");
        return;
      } catch (error) {
        log.error({ worker: index, error: String(error) }, "worker cannot be started");
      }
    }
  }

  const live = () =>
    slots.filter((slot): slot is WorkerSlot => slot !== null && slot !== undefined);
  const pool: WorkerPool = {
    get live() {
      return live();
    },
    async acquire() {
      if (isClosed) throw new SignalError("node-closing");
      const [first, ...rest] = live();
      if (!first) return await new Promise<WorkerSlot>((resolve) => waiting.push(resolve));
      return rest.reduce((least, slot) => (weight(slot) < weight(least) ? slot : least), first);
    },
    isFull: (slot) => slot.consumers >= config.consumersPerWorker,
    close() {
      isClosed = true;
      for (const slot of live()) slot.worker.close();
    },
  };

  const started = await Promise.allSettled(
    Array.from({ length: config.workers }, (_, index) => start(index)),
  );
  const failed = started.find((result) => result.status === "rejected");
  for (const result of started) {
    if (result.status === "rejected") continue;
    if (failed) result.value.worker.close();
    else install(result.value);
  }
  if (failed) throw failed.reason;
  return pool;
}
