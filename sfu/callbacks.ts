import { randomUUID } from "node:crypto";
import type { NodeFigures } from "./cascade/figures.ts";
import { createServerClock, type ServerClock } from "./clock.ts";
import type { NodeConfig } from "./config.ts";
import type { Log } from "./log.ts";
import { signCallback } from "./tokens.ts";

export type EventType =
  | "peer-joined"
  | "peer-left"
  | "peer-waiting"
  | "peer-admitted"
  | "peer-refused"
  | "peer-removed"
  | "peer-promoted"
  | "peer-demoted"
  | "stage-claimed"
  | "listen-way"
  | "audience-quality"
  | "chat"
  | "still"
  | "roll-call"
  | "private-talk-started"
  | "private-talk-ended"
  | "quality"
  | "worker-died"
  | "recording-started"
  | "recording-stopped"
  | "recording-failed"
  | "stream-store-refused"
  | "room-closed";

export type EventPeer = { id: string; sub: string; name: string; role: string };

/** Something that happened in a room, as the server is told of it. */
export type RoomEvent = {
  id: string;
  /** ISO 8601, UTC. */
  at: string;
  room: string | null;
  type: EventType;
  peer: EventPeer | null;
  data: Record<string, unknown>;
};

export type Callbacks = {
  push(event: Omit<RoomEvent, "id" | "at">): void;
  /** Number of events not yet taken by the server. */
  readonly pending: number;
  readonly dropped: number;
  /** Tries to deliver what is left, for at most `waitMs`. */
  close(waitMs: number): Promise<void>;
};

/** What is told every few seconds, whether or not anything happened. */
export type Heartbeat = {
  node: string;
  publicUrl: string;
  region: string;
  workers: number;
  rooms: number;
  peers: number;
  /** Consumers per worker as a part of what a worker carries (about 500). */
  load: number;
  version: string;
  /** Changes with every start. */
  boot: string;
  /** Address under which other nodes reach it. */
  linkUrl: string;
  /** Takes no new room; empty when `figures.people` is 0. */
  draining: boolean;
  figures: NodeFigures;
};

const MAX_QUEUE = 5_000;
const MAX_BATCH = 100;
/** Below what the server takes in one body. */
const MAX_BATCH_BYTES = 400_000;
const FIRST_DELAY_MS = 250;
const MAX_DELAY_MS = 10_000;
const REQUEST_TIMEOUT_MS = 5_000;
const HEARTBEAT_MS = 5_000;

/** `refused`: saying it again would change nothing. */
type Outcome = "delivered" | "later" | "refused";

function isFinal(status: number): boolean {
  return status >= 400 && status < 500 && ![401, 408, 425, 429].includes(status);
}

/** The next events to tell, bounded in number and in bytes; at least one. */
function headOf(queue: readonly RoomEvent[], most: number): RoomEvent[] {
  const batch: RoomEvent[] = [];
  let bytes = 0;
  for (const event of queue.slice(0, most)) {
    bytes += Buffer.byteLength(JSON.stringify(event));
    if (batch.length > 0 && bytes > MAX_BATCH_BYTES) break;
    batch.push(event);
  }
  return batch;
}

export type CallbacksOptions = {
  config: Pick<NodeConfig, "serverUrl" | "secret" | "publicUrl">;
  log: Log;
  heartbeat: () => Heartbeat;
  /** Set by what the server answers. */
  clock?: ServerClock;
};

/**
 * Delivers events to the server in order and at least once (each has an id to recognise a repeat),
 * with growing pauses while the server is away. Media never waits for it: the queue is bounded and
 * quality summaries are the first to go.
 */
export function createCallbacks(options: CallbacksOptions): Callbacks {
  const { config, log, heartbeat, clock = createServerClock() } = options;
  const queue: RoomEvent[] = [];
  const node = config.publicUrl;
  let dropped = 0;
  let isClosed = false;
  let running: Promise<void> | null = null;
  let wake: (() => void) | null = null;

  async function post(path: string, payload: unknown): Promise<Outcome> {
    const body = JSON.stringify(payload);
    const askedAtMs = performance.now();
    try {
      const response = await fetch(`${config.serverUrl}${path}`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          authorization: `Bearer ${await signCallback(config.secret, body, clock.now())}`,
        },
        body,
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      });
      await response.body?.cancel();
      clock.hear(response.headers.get("date"), performance.now() - askedAtMs);
      if (response.ok) return "delivered";
      log.warn({ path, status: response.status }, "callback refused");
      return isFinal(response.status) ? "refused" : "later";
    } catch (error) {
      log.debug({ path, error: String(error) }, "callback not delivered");
      return "later";
    }
  }

  async function run(): Promise<void> {
    let delayMs = FIRST_DELAY_MS;
    let most = MAX_BATCH;
    while (queue.length > 0) {
      const batch = headOf(queue, most);
      const outcome = await post("/internal/sfu/events", { node, events: batch });
      if (outcome === "refused" && batch.length > 1) {
        // One event that the server cannot take must not hold back all that follow it.
        most = Math.floor(batch.length / 2);
        continue;
      }
      if (outcome !== "later") {
        if (outcome === "refused") log.error({ type: batch[0]?.type }, "event given up");
        const sent = new Set(batch.map((event) => event.id));
        while (queue[0] && sent.has(queue[0].id)) queue.shift();
        delayMs = FIRST_DELAY_MS;
        most = outcome === "delivered" ? MAX_BATCH : 1;
        continue;
      }
      if (isClosed) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, delayMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      delayMs = Math.min(MAX_DELAY_MS, delayMs * 2);
    }
  }

  function kick(): void {
    running ??= run().finally(() => {
      running = null;
      if (queue.length > 0 && !isClosed) kick();
    });
  }

  function makeRoom(): void {
    const quality = queue.findIndex(
      (event, index) => index > MAX_BATCH && event.type === "quality",
    );
    // The batch in flight stays as it is, so that order and delivery hold.
    queue.splice(quality >= 0 ? quality : Math.min(MAX_BATCH, queue.length - 1), 1);
    dropped++;
  }

  const timer = setInterval(() => {
    void post("/internal/sfu/heartbeat", heartbeat()).then((outcome) => {
      if (outcome === "delivered") wake?.();
    });
  }, HEARTBEAT_MS);
  timer.unref();
  /** Until the server has heard of this node it offers no room: the first beat does not wait 5 s. */
  async function introduce(): Promise<void> {
    while (!isClosed && (await post("/internal/sfu/heartbeat", heartbeat())) !== "delivered") {
      await new Promise((resolve) => setTimeout(resolve, FIRST_DELAY_MS).unref());
    }
  }
  // After the caller has put itself together: the figures come from there.
  queueMicrotask(() => void introduce());

  return {
    push(event) {
      if (isClosed) return;
      if (queue.length >= MAX_QUEUE) makeRoom();
      queue.push({ id: randomUUID(), at: new Date(clock.now()).toISOString(), ...event });
      kick();
    },
    get pending() {
      return queue.length;
    },
    get dropped() {
      return dropped;
    },
    async close(waitMs) {
      clearInterval(timer);
      isClosed = true;
      wake?.();
      let limit: NodeJS.Timeout | undefined;
      await Promise.race([
        running ?? run(),
        new Promise((resolve) => {
          limit = setTimeout(resolve, waitMs);
        }),
      ]);
      clearTimeout(limit);
    },
  };
}
