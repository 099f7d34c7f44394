import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { Broadcasts } from "./broadcast/broadcasts.ts";
import { createCallbacks } from "./callbacks.ts";
import { createFigures } from "./cascade/figures.ts";
import { createLinkServer } from "./cascade/link-server.ts";
import { NodeLinks } from "./cascade/nodes.ts";
import { createRelief } from "./cascade/relief.ts";
import { createServerClock } from "./clock.ts";
import type { NodeConfig } from "./config.ts";
import { createGateway } from "./gateway.ts";
import { createHttp } from "./http.ts";
import { createLog, type Log } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import { Recordings } from "./recording/recordings.ts";
import { RoomRegistry } from "./rooms/registry.ts";
import { createRoomTokens } from "./tokens.ts";
import { createWorkerPool, type WorkerPool } from "./transports/workers.ts";

const CALLBACK_GRACE_MS = 2_000;

export type MediaNode = {
  /** Where signalling listens. */
  address: { port: number; url: string };
  /** Process ids of the workers that live now. */
  readonly workerPids: number[];
  /** Bytes over the lines to other nodes by now, for rooms of this node. */
  lineBytes(): Promise<ReadonlyMap<string, { sentBytes: number; receivedBytes: number }>>;
  close(): Promise<void>;
};

/** Puts a media node together and starts it; whatever it starts, `close` ends in reverse order. */
export async function createMediaNode(
  config: NodeConfig,
  log: Log = createLog(),
): Promise<MediaNode> {
  const clock = createServerClock(config.now);
  const startedOwnMs = (config.now ?? Date.now)();
  const metrics = createMetrics();
  const pool = await createWorkerPool({ config, log, onDied: () => metrics.workerDeaths.inc() });
  let isClosing = false;
  const callbacks = createCallbacks({
    ...{ config, log, clock },
    heartbeat: () => ({
      node: config.publicUrl,
      publicUrl: config.publicUrl,
      region: config.region,
      workers: pool.live.length,
      rooms: registry.all.length,
      peers: registry.peerCount,
      load: loadOf(pool, config),
      version,
      boot: links.identity.boot,
      linkUrl: config.linkUrl,
      draining: registry.isDraining,
      figures: figures.latest,
    }),
  });
  const links = new NodeLinks(config, log, clock.now);
  const registry = new RoomRegistry({ config, pool, links, callbacks, now: clock.now, log });
  const broadcasts = new Broadcasts({
    ...{ config, log },
    roomOf: (roomId) => registry.find(roomId),
    speakerOf: (roomId) => registry.find(roomId)?.speaker ?? null,
    onStoreRefused: (room, reason) =>
      callbacks.push({ room, type: "stream-store-refused", peer: null, data: { reason } }),
  });
  const recordings = new Recordings({
    ...{ config, callbacks, log, now: clock.now },
    roomOf: (roomId) => registry.find(roomId),
  });
  const drain = () => {
    log.warn("media node is drained");
    registry.drain();
    linkServer.drain();
  };
  const isReady = () => !isClosing && pool.live.length > 0;
  const http = createHttp({
    config,
    clock,
    metrics,
    registry,
    recordings,
    broadcasts,
    drain,
    isReady,
    log,
  });
  const tokens = createRoomTokens({
    ...{ secret: config.secret, publicUrl: config.publicUrl, now: clock.now },
    startedAt: () => startedOwnMs - clock.aheadMs,
  });
  const linkServer = createLinkServer({
    ...{ ...links.identity, http, log },
    hosted: { node: links.own, pool, trunk: links.trunk, log },
    isDraining: () => registry.isDraining,
    isHome: (room) => registry.find(room) !== undefined,
  });
  const figures = createFigures({
    ...{ pool, registry, links, linkServer: () => linkServer },
    expectedWorkers: config.workers,
  });
  const relief = createRelief({
    ...{ pool, limit: config.consumersPerWorker, everyMs: config.replanMs },
    places: () => [...registry.all, ...linkServer.hosted],
  });
  const gateway = createGateway({ http, config, registry, tokens, metrics, log });
  metrics.observe({
    rooms: () => registry.all.length,
    peers: () => registry.peerCount,
    consumers: () => registry.consumerCount,
    sockets: () => gateway.sockets,
    workers: () => pool.live.length,
    pendingCallbacks: () => callbacks.pending,
    droppedCallbacks: () => callbacks.dropped,
  });

  try {
    http.listen(config.port);
    await once(http, "listening");
  } catch (error) {
    pool.close();
    await callbacks.close(0);
    throw error;
  }
  const { port } = http.address() as AddressInfo;
  const url = `${config.tls ? "https" : "http"}://localhost:${port}`;
  log.info({ port, workers: config.workers, region: config.region }, "media node is up");

  return {
    address: { port, url },
    get workerPids() {
      return pool.live.map((slot) => slot.worker.pid);
    },
    lineBytes: async () => await figures.lineBytes(),
    async close() {
      if (isClosing) return;
      isClosing = true;
      figures.close();
      relief.close();
      registry.beginClosing();
      // Done when no connection is left, those of other nodes among them.
      const gone = gateway.close();
      // While the streams still stand.
      await Promise.all([recordings.close(), broadcasts.close()]);
      registry.closeAll("node-closing");
      links.close();
      await Promise.all([linkServer.close(), gone]);
      pool.close();
      await callbacks.close(CALLBACK_GRACE_MS);
      http.closeAllConnections();
      log.info("media node is down");
    },
  };
}

/** Streams that this node sends, as a part of what its workers should carry. */
function loadOf(pool: WorkerPool, config: NodeConfig): number {
  const consumers = pool.live.reduce((count, slot) => count + slot.consumers, 0);
  return consumers / (config.consumersPerWorker * Math.max(1, pool.live.length));
}

const version = (
  JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
    version: string;
  }
).version;
