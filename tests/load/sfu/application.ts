/**
 * Our whole media node as its own process, with a teaching room in it: every viewer has a token and a
 * socket, and reports its quality as an audience's page does.
 */
import { availableParallelism } from "node:os";
import type { ConsumerInfo, Entry, MediaSetup } from "../../../sfu/protocol.ts";
import type { RoomClaims } from "../../../sfu/tokens.ts";
import { createCallbackSink, roomToken } from "../../sfu/support/node.ts";
import { startNodeProcess } from "../../sfu/support/process.ts";
import { createGuest, type Guest } from "../../sfu/support/socket.ts";
import type { Engine } from "./engine.ts";
import { SENT } from "./engine.ts";
import type { LoadProgram } from "./load.ts";
import { place } from "./processes.ts";
import { dtlsOf, publishLine, remoteOf, sentParameters, viewerCapabilities } from "./webrtc.ts";

const SENDER_ID = "sender";
/** An audience whose line is good. */
const REPORT_MS = 5_000;
const ROOM = "bench";

export type Application = Engine & {
  readonly url: string;
  /** Unix milliseconds at which the sender's page was asked for a key frame by signalling. */
  readonly keyFrameRequests: readonly number[];
  /** A viewer's way in, up to the first whole key frame. @returns Unix milliseconds of that frame */
  attachAndSee(viewers: LoadProgram, id: string): Promise<number>;
};

type Viewer = { guest: Guest; reports: NodeJS.Timeout };

/** @param core the only one that it may use, with one worker; null: all, with a worker for each */
export async function startApplication(core: number | null): Promise<Application> {
  const server = await createCallbackSink();
  const workers = core === null ? availableParallelism() : 1;
  const node = await startNodeProcess({
    SFU_WORKERS: String(workers),
    SFU_SERVER_URL: server.url,
  });
  const pids = [node.pid, ...node.workerPids()];
  await place(pids, core);
  const viewersHere = new Map<string, Viewer>();
  const keyFrameRequests: number[] = [];
  let publisher: Guest | null = null;

  const enter = async (id: string, own: Partial<RoomClaims>) => {
    const guest = await createGuest(node.url);
    const entry = await guest.get<Entry>("room:join", {
      token: await roomToken({ room: ROOM, kind: "teaching", sub: id, name: id, ...own }),
      rtpCapabilities: viewerCapabilities,
    });
    if (entry.state !== "joined" || !entry.media) throw new Error(`${id} was not let in`);
    return { guest, media: entry.media };
  };

  /** @param beforeMedia called when the viewer's program is ready, before anything can come */
  const bring = async (viewers: LoadProgram, id: string, beforeMedia = () => {}) => {
    const { guest, media } = await enter(id, { pub: [], role: "viewer" });
    const video = await takeStreams(guest, media);
    await viewers.open(id);
    beforeMedia();
    const { recv } = media;
    const dtlsParameters = dtlsOf(viewers);
    await guest.get("transport:connect", { transportId: recv.id, dtlsParameters });
    const payloadType = video?.rtpParameters.codecs[0]?.payloadType ?? SENT.video.payloadType;
    await viewers.connect(id, remoteOf(recv, payloadType));
    viewersHere.set(id, { guest, reports: report(guest, media.consumers) });
  };

  return {
    name: "our node",
    url: node.url,
    pids: () => pids,
    keyFrameRequests,
    async publish(sender) {
      const { guest, media } = await enter(SENDER_ID, {
        pub: ["audio", "video"],
        role: "presenter",
      });
      publisher = guest;
      guest.socket.on("producer:keyframe", () => {
        keyFrameRequests.push(Date.now());
        sender.tell("restart");
      });
      await sender.open(SENDER_ID);
      const transportId = media.send.id;
      await guest.get("transport:connect", { transportId, dtlsParameters: dtlsOf(sender) });
      await sender.connect(SENDER_ID, remoteOf(media.send, SENT.video.payloadType));
      for (const kind of ["audio", "video"] as const) {
        await guest.get("producer:create", {
          transportId,
          id: crypto.randomUUID(),
          kind,
          source: kind,
          paused: false,
          rtpParameters: sentParameters(kind),
          ...(kind === "video" ? { width: 640, height: 360 } : {}),
        });
      }
      sender.tell(publishLine(SENDER_ID));
      sender.tell("play");
    },
    attach: bring,
    async attachAndSee(viewers, id) {
      let seen: Promise<number> | undefined;
      await bring(viewers, id, () => {
        seen = viewers.firstFrame(id);
        // Whoever never gets so far is told by the failure of `bring`.
        seen.catch(() => {});
      });
      return (await seen) ?? Number.NaN;
    },
    async detach(viewers, id) {
      viewers.close(id);
      leave(viewersHere.get(id));
      viewersHere.delete(id);
    },
    async close() {
      for (const viewer of viewersHere.values()) leave(viewer);
      publisher?.close();
      await node.close();
      await server.close();
    },
  };
}

/** Tells the node that the viewer's streams may flow, and how large the picture is shown. */
async function takeStreams(guest: Guest, { consumers }: MediaSetup) {
  const consumerIds = consumers.map(({ id }) => id);
  if (consumerIds.length > 0) await guest.get("consumer:resume", { consumerIds });
  const video = consumers.find(({ kind }) => kind === "video");
  if (video) {
    const { peerId, source } = video;
    const tile = { peerId, source, width: 640, height: 360, visible: true };
    await guest.get("consumer:demand", { demands: [tile] });
  }
  return video;
}

/** What a page with a good line tells. */
function report(guest: Guest, consumers: readonly ConsumerInfo[]): NodeJS.Timeout {
  const seconds = REPORT_MS / 1000;
  const figures = consumers.map(({ id, kind }) => ({
    consumerId: id,
    lost: 0,
    jitterMs: 2,
    ...(kind === "audio"
      ? {
          received: 50 * seconds,
          bitrateBps: 32_000,
          samples: 48_000 * seconds,
          concealed: 0,
          silentConcealed: 0,
        }
      : { received: 110 * seconds, bitrateBps: 960_000, fps: 30, freezes: 0, frozenMs: 0 }),
  }));
  return setInterval(() => {
    guest.socket.emit("quality:report", {
      intervalMs: REPORT_MS,
      uplink: { limited: false, bitrateBps: 0 },
      downlink: { rttMs: 1, consumers: figures },
    });
  }, REPORT_MS);
}

function leave(viewer: Viewer | undefined): void {
  if (!viewer) return;
  clearInterval(viewer.reports);
  viewer.guest.close();
}
