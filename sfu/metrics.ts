import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";

const EVENT_LOOP_MS = 100;

export type Gauges = {
  rooms: () => number;
  peers: () => number;
  consumers: () => number;
  sockets: () => number;
  workers: () => number;
  pendingCallbacks: () => number;
  droppedCallbacks: () => number;
};

export type Metrics = {
  readonly registry: Registry;
  readonly messages: Counter<"name" | "outcome">;
  readonly workerDeaths: Counter;
  /** Connects gauges to what they measure, once it exists. */
  observe(gauges: Gauges): void;
};

/** Prometheus figures of one node, in a registry of its own. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({
    register: registry,
    prefix: "sfu_",
    // The timer behind it wakes an idle process as often.
    eventLoopMonitoringPrecision: EVENT_LOOP_MS,
  });
  const registers = [registry];
  return {
    registry,
    messages: new Counter({
      name: "sfu_messages_total",
      help: "Signalling messages by name and outcome",
      labelNames: ["name", "outcome"],
      registers,
    }),
    workerDeaths: new Counter({
      name: "sfu_worker_deaths_total",
      help: "Media workers that died and were replaced",
      registers,
    }),
    observe(gauges) {
      const help: Record<keyof Gauges, [name: string, help: string]> = {
        rooms: ["sfu_rooms", "Open rooms"],
        peers: ["sfu_peers", "People in rooms"],
        consumers: ["sfu_consumers", "Streams sent to listeners"],
        sockets: ["sfu_sockets", "Signalling connections"],
        workers: ["sfu_workers", "Living media workers"],
        pendingCallbacks: ["sfu_callbacks_pending", "Events the server has not taken yet"],
        droppedCallbacks: ["sfu_callbacks_dropped", "Events given up because the queue was full"],
      };
      for (const [key, [name, text]] of Object.entries(help)) {
        new Gauge({
          name,
          help: text,
          registers,
          collect() {
            this.set(gauges[key as keyof Gauges]());
          },
        });
      }
    },
  };
}
