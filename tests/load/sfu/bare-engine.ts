/**
 * A process with nothing but mediasoup in it: one worker, one router, and what the parent asks for.
 * The measure for what our node puts on top.
 */
import * as mediasoup from "mediasoup";
import type {
  DtlsParameters,
  RtpCapabilities,
  RtpParameters,
  WebRtcTransport,
} from "mediasoup/types";
import { routerCodecs } from "../../../sfu/transports/codecs.ts";

export type BareRequest =
  | { ask: "ingest"; audio: RtpParameters; video: RtpParameters }
  | { ask: "transport" }
  | { ask: "connect"; transportId: string; dtlsParameters: DtlsParameters }
  | { ask: "produce"; transportId: string; audio: RtpParameters; video: RtpParameters }
  | { ask: "consume"; transportId: string; rtpCapabilities: RtpCapabilities }
  | { ask: "close"; transportId: string };

const worker = await mediasoup.createWorker({
  logLevel: "error",
  ...(process.env.MEDIASOUP_WORKER_BIN ? { workerBin: process.env.MEDIASOUP_WORKER_BIN } : {}),
});
const listen = { ip: "127.0.0.1", protocol: "udp" } as const;
const webRtcServer = await worker.createWebRtcServer({ listenInfos: [listen] });
const router = await worker.createRouter({ mediaCodecs: structuredClone(routerCodecs) });
const transports = new Map<string, WebRtcTransport>();
let producerIds: readonly string[] = [];

function transportOf(id: string): WebRtcTransport {
  const transport = transports.get(id);
  if (!transport) throw new Error(`no transport ${id}`);
  return transport;
}

async function answer(request: BareRequest): Promise<unknown> {
  switch (request.ask) {
    case "ingest": {
      const plain = await router.createPlainTransport({
        listenInfo: listen,
        comedia: true,
        rtcpMux: true,
      });
      const audio = await plain.produce({ kind: "audio", rtpParameters: request.audio });
      const video = await plain.produce({ kind: "video", rtpParameters: request.video });
      producerIds = [audio.id, video.id];
      return { port: plain.tuple.localPort };
    }
    case "transport": {
      const transport = await router.createWebRtcTransport({ webRtcServer });
      transports.set(transport.id, transport);
      const { id, iceParameters, iceCandidates, dtlsParameters } = transport;
      return { id, iceParameters, iceCandidates, dtlsParameters };
    }
    case "connect":
      await transportOf(request.transportId).connect({ dtlsParameters: request.dtlsParameters });
      return {};
    case "produce": {
      const transport = transportOf(request.transportId);
      const audio = await transport.produce({ kind: "audio", rtpParameters: request.audio });
      const video = await transport.produce({ kind: "video", rtpParameters: request.video });
      producerIds = [audio.id, video.id];
      return {};
    }
    case "consume": {
      const transport = transportOf(request.transportId);
      const { rtpCapabilities } = request;
      return await Promise.all(
        producerIds.map(async (producerId) => {
          const { kind, rtpParameters } = await transport.consume({ producerId, rtpCapabilities });
          return { kind, rtpParameters };
        }),
      );
    }
    case "close":
      transportOf(request.transportId).close();
      transports.delete(request.transportId);
      return {};
  }
}

process.on("message", async ({ id, request }: { id: number; request: BareRequest }) => {
  try {
    process.send?.({ id, data: await answer(request) });
  } catch (error) {
    process.send?.({ id, error: String(error) });
  }
});
process.on("disconnect", () => worker.close());
process.send?.({ id: 0, data: { workerPid: worker.pid } });
