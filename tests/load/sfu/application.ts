/**
 * Our whole media node as its own process: every viewer has a token, a socket, and reports its
 * quality each second, as a page does.
 */
import type { ConsumerInfo, Entry, MediaSetup } from "../../../sfu/protocol.ts";
import type { RoomClaims } from "../../../sfu/tokens.ts";
import { roomToken } from "../../sfu/support/node.ts";
import { startNodeProcess } from "../../sfu/support/process.ts";
import { createGuest, type Guest } from "../../sfu/support/socket.ts";
import type { Engine } from "./engine.ts";
import { SENT } from "./engine.ts";
import type { LoadProgram } from "./load.ts";
import { pin, SERVER_CORE } from "./processes.ts";
import { dtlsOf, publishLine, remoteOf, sentParameters, viewerCapabilities } from "./webrtc.ts";

const SENDER_ID = "sender";
const REPORT_MS = 1_000;
const ROOM = "bench";

export type Application = Engine & {
  readonly url: string;
  /** Unix milliseconds at which the sender's page was asked for a key frame by signalling. */
  readonly keyFrameRequests: readonly number[];
  /** A viewer's way in, up to the first whole key frame. @returns Unix milliseconds of that frame */
  attachAndSee(viewers: LoadProgram, id: string): Promise<number>;
};

type Viewer = { guest: Guest; reports: NodeJS.Timeout };

/** @param claims what the viewers' tokens say beyond the usual */
export async function startApplication(claims: Partial<RoomClaims> = {}): Promise<Application> {
  const node = await startNodeProcess({ SFU_WORKERS: "1" });
  const pids = [node.pid, ...node.workerPids()];
  await pin(pids, SERVER_CORE);
  const viewersHere = new Map<string, Viewer>();
  const keyFrameRequests: number[] = [];
  let publisher: Guest | null = null;

  const enter = async (id: string, own: Partial<RoomClaims>) => {
    const guest = await createGuest(node.url);
    const entry = await guest.get<Entry>("room:join", {
      token: await roomToken({ room: ROOM, sub: id, name: id, ...own }),
      rtpCapabilities: viewerCapabilities,
    });
    if (entry.state !== "joined" || !entry.media) throw new Error(`${id} was not let in`);
    return { guest, media: entry.media };
  };

  const attach = async (viewers: LoadProgram, id: string): Promise<void> => {
    const { guest, media } = await enter(id, { pub: [], role: "viewer", ...claims });
    const { transport, video } = await receiving(guest, media);
    await viewers.open(id);
    await guest.get("transport:connect", {
      transportId: transport.id,
      dtlsParameters: dtlsOf(viewers),
    });
    await viewers.connect(
      id,
      remoteOf(transport, video?.rtpParameters.codecs[0]?.payloadType ?? SENT.video.payloadType),
    );
    viewersHere.set(id, { guest, reports: report(guest) });
  };

  return {
    name: "our node",
    url: node.url,
    pids: () => pids,
    keyFrameRequests,
    async publish(sender) {
      const { guest, media } = await enter(SENDER_ID, { pub: ["audio", "video"] });
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
    attach,
    async attachAndSee(viewers, id) {
      const { guest, media } = await enter(id, { pub: [], role: "viewer", ...claims });
      const { transport, video } = await receiving(guest, media);
      await viewers.open(id);
      const seen = viewers.firstFrame(id);
      await guest.get("transport:connect", {
        transportId: transport.id,
        dtlsParameters: dtlsOf(viewers),
      });
      await viewers.connect(
        id,
        remoteOf(transport, video?.rtpParameters.codecs[0]?.payloadType ?? SENT.video.payloadType),
      );
      viewersHere.set(id, { guest, reports: report(guest) });
      return await seen;
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
    },
  };
}

/** The streams that a viewer is given at its entry, with the node told that they may flow. */
async function receiving(guest: Guest, media: MediaSetup) {
  const consumers: ConsumerInfo[] = media.consumers;
  const consumerIds = consumers.map(({ id }) => id);
  if (consumerIds.length > 0) await guest.get("consumer:resume", { consumerIds });
  const video = consumers.find(({ kind }) => kind === "video");
  if (video) {
    const { peerId, source } = video;
    const tile = { peerId, source, width: 640, height: 360, visible: true };
    await guest.get("consumer:demand", { demands: [tile] });
  }
  return { transport: media.recv, video };
}

/** What a page with a good line tells each second. */
function report(guest: Guest): NodeJS.Timeout {
  return setInterval(() => {
    guest.socket.emit("quality:report", {
      intervalMs: REPORT_MS,
      uplink: { limited: false, bitrateBps: 0 },
      downlink: { rttMs: 1, consumers: [] },
    });
  }, REPORT_MS);
}

function leave(viewer: Viewer | undefined): void {
  if (!viewer) return;
  clearInterval(viewer.reports);
  viewer.guest.close();
}
