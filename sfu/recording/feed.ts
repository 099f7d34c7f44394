import { createSocket } from "node:dgram";
import type { Consumer, PlainTransport, Producer, Router, RtpCapabilities } from "mediasoup/types";
import {
  endFfmpeg,
  type Ffmpeg,
  freePortPair,
  lastWords,
  startFfmpeg,
  untilBound,
} from "./ffmpeg.ts";

/** The first packet of a feed: what ffmpeg calls time 0 has this timestamp. */
export type Anchor = { rtp: number; atMs: number };

export type FeedOptions = {
  ffmpeg: string;
  router: Router;
  producer: Producer;
  /** How ffmpeg reads it, beside the usual. */
  input?: readonly string[];
  /** What ffmpeg does with it, after the input; it writes to its standard output. */
  output: readonly string[];
  /** Of several layers, this one; the nearest lower one while it is not sent. */
  spatialLayer?: number;
};

/** One stream of a room on its way into one ffmpeg. */
export type Feed = {
  readonly child: Ffmpeg;
  readonly consumer: Consumer;
  /** Known once the first packet has passed. */
  readonly anchor: Anchor | null;
  readonly lastWords: () => string;
  /** Asks the sender for a picture that can be decoded alone. */
  askKeyFrame(): void;
  /** Ends it; what ffmpeg holds is written first. */
  close(): Promise<void>;
};

const BIND_LIMIT_MS = 5_000;
const END_PATIENCE_MS = 2_000;
/** ffmpeg gives up on a stream that is silent for 10 s (rtsp.c); a report of nothing keeps it up. */
const KEEP_ALIVE_MS = 4_000;
const EMPTY_REPORT = Buffer.from([0x80, 201, 0, 1, 0, 0, 0, 0]);
/** No picture came: asked again this often, and this many times. */
const KEY_FRAME_RETRY_MS = 400;
const KEY_FRAME_TRIES = 10;
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

/**
 * Lets one stream flow into a new ffmpeg: it listens before the first packet is sent, so that its
 * time 0 is the first packet's timestamp.
 * @throws when the producer is gone or ffmpeg does not start to listen
 */
export async function openFeed(options: FeedOptions): Promise<Feed> {
  const { router, producer } = options;
  const port = await freePortPair();
  const child = startFfmpeg(options.ffmpeg, [
    ...["-loglevel", "error", "-protocol_whitelist", "pipe,udp,rtp"],
    ...["-analyzeduration", "0", "-max_delay", "500000", "-reorder_queue_size", "2000"],
    ...["-buffer_size", String(RECEIVE_BUFFER_BYTES), "-f", "sdp"],
    ...(options.input ?? []),
    ...["-i", "pipe:0"],
    ...options.output,
  ]);
  const words = lastWords(child);
  let transport: PlainTransport | undefined;
  const keeper = createSocket("udp4");
  keeper.on("error", () => {});
  const keepAlive = setInterval(
    () => keeper.send(EMPTY_REPORT, port + 1, "127.0.0.1"),
    KEEP_ALIVE_MS,
  );
  let asking: NodeJS.Timeout | undefined;
  const release = () => {
    clearInterval(keepAlive);
    clearInterval(asking);
    keeper.close();
    transport?.close();
  };
  child.once("exit", release);
  try {
    const rtpCapabilities = bareCapabilities(router);
    transport = await router.createPlainTransport({
      listenInfo: { protocol: "udp", ip: "127.0.0.1" },
      rtcpMux: true,
      comedia: false,
    });
    await transport.connect({ ip: "127.0.0.1", port });
    const consumer = await transport.consume({
      producerId: producer.id,
      rtpCapabilities,
      paused: true,
      ...(options.spatialLayer === undefined
        ? {}
        : { preferredLayers: { spatialLayer: options.spatialLayer } }),
    });
    child.stdin.end(describe(consumer, port));
    if (!(await untilBound(port, BIND_LIMIT_MS))) throw new Error(`ffmpeg: ${words()}`);
    let anchor: Anchor | null = null;
    consumer.on("trace", ({ info }) => {
      if (anchor) return;
      const rtp = timestampOf(info);
      if (rtp === null) return;
      anchor = { rtp, atMs: Date.now() };
      clearInterval(asking);
      void consumer.enableTraceEvent([]).catch(() => {});
    });
    await consumer.enableTraceEvent(["rtp"]);
    await consumer.resume();
    if (producer.kind === "video") {
      let tries = 0;
      asking = setInterval(() => {
        if (consumer.closed || tries++ >= KEY_FRAME_TRIES) return clearInterval(asking);
        if (!consumer.producerPaused) consumer.requestKeyFrame().catch(() => {});
      }, KEY_FRAME_RETRY_MS);
    }
    return {
      child,
      consumer,
      get anchor() {
        return anchor;
      },
      lastWords: words,
      askKeyFrame: () => void consumer.requestKeyFrame().catch(() => {}),
      close: async () => {
        transport?.close();
        await endFfmpeg(child, END_PATIENCE_MS);
      },
    };
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
}

/** The stream alone: no retransmission, no extensions; between two processes nothing is lost. */
function bareCapabilities(router: Router): RtpCapabilities {
  const codecs = (router.rtpCapabilities.codecs ?? [])
    .filter(({ mimeType }) => !/\/rtx$/i.test(mimeType))
    .map((codec) => ({ ...codec, rtcpFeedback: [] }));
  return { codecs, headerExtensions: [] };
}

function describe(consumer: Consumer, port: number): string {
  const codec = consumer.rtpParameters.codecs[0]!;
  const name = codec.mimeType.split("/")[1];
  const channels = codec.channels && codec.channels > 1 ? `/${codec.channels}` : "";
  return [
    "v=0",
    "o=- 0 0 IN IP4 127.0.0.1",
    "s=-",
    "c=IN IP4 127.0.0.1",
    "t=0 0",
    `m=${consumer.kind} ${port} RTP/AVP ${codec.payloadType}`,
    `a=rtpmap:${codec.payloadType} ${name}/${codec.clockRate}${channels}`,
    "a=recvonly",
    "",
  ].join("\r\n");
}

/** The trace of a packet, as the worker dumps it. */
function timestampOf(info: Record<string, unknown>): number | null {
  const packet = info.rtpPacket;
  if (typeof packet !== "object" || packet === null || !("timestamp" in packet)) return null;
  return typeof packet.timestamp === "number" ? packet.timestamp : null;
}
