/** What a page of a lecture does with signalling: enters with a token, sends or watches, reports. */
import type { ConsumerInfo, Entry, MediaSetup } from "../../../sfu/protocol.ts";
import type { RoomClaims } from "../../../sfu/tokens.ts";
import { roomToken } from "../../sfu/support/node.ts";
import { createGuest, type Guest } from "../../sfu/support/socket.ts";
import { SENT } from "./engine.ts";
import type { LoadProgram } from "./load.ts";
import {
  dtlsOf,
  layerLine,
  publishLine,
  remoteOf,
  sentParameters,
  viewerCapabilities,
} from "./webrtc.ts";

const SENDER_ID = "sender";
const ROOM = "bench";
/** An audience whose line is good. */
const AUDIENCE_REPORT_MS = 5_000;

export type Size = { readonly width: number; readonly height: number };

export type Watching = {
  /** Shows the picture in another size. */
  show(size: Size): Promise<void>;
  close(): void;
};

export type WatchOptions = {
  size: Size;
  /** Public address of the node that carries this viewer's media, if not the room's home. */
  site?: string;
  /** Called when the viewer's program is ready, before anything can come. */
  beforeMedia?: () => void;
  reportMs?: number;
};

async function enter(url: string, id: string, claims: Partial<RoomClaims>) {
  const guest = await createGuest(url);
  const entry = await guest.get<Entry>("room:join", {
    token: await roomToken({ room: ROOM, kind: "teaching", sub: id, name: id, ...claims }),
    rtpCapabilities: viewerCapabilities,
  });
  if (entry.state !== "joined" || !entry.media) throw new Error(`${id} was not let in`);
  return { guest, media: entry.media };
}

/**
 * Enters as presenter and begins to play.
 * @param size of the captured picture
 * @param layers how many captures the sender has, one for each layer
 * @param onKeyFrameAsked the node asks the page itself
 */
export async function present(
  url: string,
  sender: LoadProgram,
  { size, layers = 1, onKeyFrameAsked }: { size: Size; layers?: number; onKeyFrameAsked(): void },
): Promise<Guest> {
  const { guest, media } = await enter(url, SENDER_ID, {
    pub: ["audio", "video"],
    role: "presenter",
  });
  guest.socket.on("producer:keyframe", () => {
    onKeyFrameAsked();
    sender.tell("restart");
  });
  await sender.open(SENDER_ID);
  const transportId = media.send.id;
  await guest.get("transport:connect", { transportId, dtlsParameters: dtlsOf(sender) });
  await sender.connect(SENDER_ID, remoteOf(media.send, SENT.video.payloadType));
  for (const kind of ["audio", "video"] as const) {
    const id = crypto.randomUUID();
    const rtpParameters = sentParameters(kind, layers);
    const picture = kind === "video" ? size : {};
    const request = { transportId, id, kind, source: kind, paused: false, rtpParameters };
    await guest.get("producer:create", { ...request, ...picture });
  }
  sender.tell(publishLine(SENDER_ID));
  for (let layer = 1; layer < layers; layer++) sender.tell(layerLine(SENDER_ID, layer));
  sender.tell("play");
  return guest;
}

/** Enters as one of the audience and connects the viewer of this name in the program. */
export async function watch(
  url: string,
  viewers: LoadProgram,
  id: string,
  { size, site, beforeMedia, reportMs = AUDIENCE_REPORT_MS }: WatchOptions,
): Promise<Watching> {
  const claims = { pub: [], role: "viewer", ...(site === undefined ? {} : { site }) };
  const { guest, media } = await enter(url, id, claims);
  const consumerIds = media.consumers.map((consumer) => consumer.id);
  if (consumerIds.length > 0) await guest.get("consumer:resume", { consumerIds });
  const video = media.consumers.find(({ kind }) => kind === "video");
  const show = async (shown: Size) => {
    if (!video) return;
    const { peerId, source } = video;
    await guest.get("consumer:demand", {
      demands: [{ peerId, source, visible: true, ...shown }],
    });
  };
  await show(size);
  await viewers.open(id);
  beforeMedia?.();
  await connect(guest, media, viewers, id, video);
  const reports = report(guest, media.consumers, reportMs);
  return {
    show,
    close() {
      clearInterval(reports);
      guest.close();
    },
  };
}

async function connect(
  guest: Guest,
  { recv }: MediaSetup,
  viewers: LoadProgram,
  id: string,
  video: ConsumerInfo | undefined,
): Promise<void> {
  const dtlsParameters = dtlsOf(viewers);
  await guest.get("transport:connect", { transportId: recv.id, dtlsParameters });
  const payloadType = video?.rtpParameters.codecs[0]?.payloadType ?? SENT.video.payloadType;
  await viewers.connect(id, remoteOf(recv, payloadType));
}

/** What a page with a good line tells. */
function report(
  guest: Guest,
  consumers: readonly ConsumerInfo[],
  intervalMs: number,
): NodeJS.Timeout {
  const seconds = intervalMs / 1000;
  const sound = { bitrateBps: 32_000, samples: 48_000 * seconds, concealed: 0, silentConcealed: 0 };
  const picture = { bitrateBps: 960_000, fps: 30, freezes: 0, frozenMs: 0 };
  const figures = consumers.map(({ id, kind }) => ({
    consumerId: id,
    received: (kind === "audio" ? 50 : 110) * seconds,
    lost: 0,
    jitterMs: 2,
    ...(kind === "audio" ? sound : picture),
  }));
  return setInterval(() => {
    guest.socket.emit("quality:report", {
      intervalMs,
      uplink: { limited: false, bitrateBps: 0 },
      downlink: { rttMs: 1, consumers: figures },
    });
  }, intervalMs);
}
