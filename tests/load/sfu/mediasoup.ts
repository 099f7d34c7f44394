/** mediasoup alone, in a process of its own, fed as plain RTP or by a WebRTC peer. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { RtpParameters } from "mediasoup/types";
// biome-ignore lint/correctness/useImportExtensions: what lies beside it is its declaration
import { ensureWorker } from "../../../scripts/worker.mjs";
import type { BareRequest } from "./bare-engine.ts";
import { type Engine, SENT } from "./engine.ts";
import type { LoadProgram } from "./load.ts";
import { place, SERVER_CORE } from "./processes.ts";
import {
  dtlsOf,
  publishLine,
  remoteOf,
  sentParameters,
  type TransportDescription,
  viewerCapabilities,
} from "./webrtc.ts";

const SENDER_ID = "sender";

/** @param ingest how the capture comes in */
export async function startMediasoup(ingest: "plain" | "webrtc" = "plain"): Promise<Engine> {
  const workerBin = await ensureWorker({ log: () => {} });
  const child = fork(fileURLToPath(new URL("bare-engine.ts", import.meta.url)), {
    env: { PATH: process.env.PATH ?? "", MEDIASOUP_WORKER_BIN: workerBin },
    execArgv: [],
  });
  const waiting = new Map<number, (message: { data?: unknown; error?: string }) => void>();
  let count = 0;
  child.on("message", (message: { id: number; data?: unknown; error?: string }) => {
    waiting.get(message.id)?.(message);
    waiting.delete(message.id);
  });
  const reply = async <Data>(id: number): Promise<Data> => {
    const { data, error } = await new Promise<{ data?: unknown; error?: string }>((resolve) => {
      waiting.set(id, resolve);
      child.once("exit", () => resolve({ error: "mediasoup's process has ended" }));
    });
    if (error) throw new Error(error);
    return data as Data;
  };
  const ask = async <Data>(request: BareRequest): Promise<Data> => {
    const id = ++count;
    const answer = reply<Data>(id);
    child.send({ id, request });
    return await answer;
  };

  const { workerPid } = await reply<{ workerPid: number }>(0);
  child.setMaxListeners(0);
  const pids = [child.pid!, workerPid];
  await place(pids, SERVER_CORE);
  const transports = new Map<string, string>();

  const publishPlain = async (sender: LoadProgram) => {
    const { port } = await ask<{ port: number }>({
      ask: "ingest",
      audio: sentParameters("audio"),
      video: sentParameters("video"),
    });
    for (const kind of ["video", "audio"] as const) {
      sender.tell(`${kind} ${SENT[kind].ssrc} ${SENT[kind].payloadType} 127.0.0.1 ${port}`);
    }
  };
  const publishWebRtc = async (sender: LoadProgram) => {
    const transport = await ask<TransportDescription>({ ask: "transport" });
    const transportId = transport.id;
    await sender.open(SENDER_ID);
    await ask({ ask: "connect", transportId, dtlsParameters: dtlsOf(sender) });
    await sender.connect(SENDER_ID, remoteOf(transport, SENT.video.payloadType));
    const [audio, video] = [sentParameters("audio"), sentParameters("video")];
    await ask({ ask: "produce", transportId, audio, video });
    sender.tell(publishLine(SENDER_ID));
  };

  return {
    name: "mediasoup",
    pids: () => pids,
    async publish(sender) {
      await (ingest === "plain" ? publishPlain : publishWebRtc)(sender);
      sender.tell("play");
    },
    async attach(viewers, id) {
      await viewers.open(id);
      const transport = await ask<TransportDescription>({ ask: "transport" });
      const transportId = transport.id;
      transports.set(id, transportId);
      const consumers = await ask<{ kind: string; rtpParameters: RtpParameters }[]>({
        ask: "consume",
        transportId,
        rtpCapabilities: viewerCapabilities,
      });
      const video = consumers.find(({ kind }) => kind === "video");
      await ask({ ask: "connect", transportId, dtlsParameters: dtlsOf(viewers) });
      const payloadType = video?.rtpParameters.codecs[0]?.payloadType ?? 0;
      await viewers.connect(id, remoteOf(transport, payloadType));
    },
    async detach(viewers, id) {
      viewers.close(id);
      await ask({ ask: "close", transportId: transports.get(id)! });
      transports.delete(id);
    },
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.disconnect();
      await ended;
    },
  };
}
