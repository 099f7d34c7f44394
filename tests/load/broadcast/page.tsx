/**
 * The page side of the switch between the stage and the stream: the product's own entry, player and room client, put
 * on a page that only shows what comes and notes when.
 */
import { useCallback, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { i18n } from "../../../web/i18n/i18n.ts";
import { readFrameNumber } from "../../../web/room/media/scripted-partner.ts";
import { Stream } from "../../../web/teaching/stream.tsx";
import { useEntry } from "../../../web/teaching/use-entry.ts";

type Seen = { way: "stage" | "stream"; what: "picture" | "sound"; atMs: number };
const seen: Seen[] = [];
const note = (way: Seen["way"], what: Seen["what"]) => {
  if (!seen.some((one) => one.way === way && one.what === what))
    seen.push({ way, what, atMs: Date.now() });
};

let change: (onStage: boolean) => void = () => {};
let clock: (() => number | null) | null = null;

function Listener({ sessionId }: { sessionId: string }) {
  const [onStage, setOnStage] = useState(false);
  change = setOnStage;
  const entry = useEntry(sessionId, {
    personId: "listener",
    place: "person",
    onStage,
    devices: { microphone: false, camera: false },
  });
  const follow = useCallback((next: (() => number | null) | null) => {
    clock = next;
  }, []);
  const { stream, client } = entry;
  useEffect(() => {
    const timer = setInterval(() => {
      const video = document.querySelector<HTMLVideoElement>(".stream video");
      if (video && video.currentTime > 0 && !video.paused && video.readyState >= 3) {
        // The player has begun: what it plays is sound and picture at once.
        note("stream", "picture");
        note("stream", "sound");
      }
      void hears(client).then((isHeard) => isHeard && note("stage", "sound"));
    }, 20);
    return () => clearInterval(timer);
  }, [client]);
  const camera = stream ? null : entry.room.peers.find((peer) => peer.camera)?.camera;
  const show = useCallback(
    (element: HTMLVideoElement | null) => {
      if (!element || !camera) return;
      element.srcObject = camera.stream;
      element.requestVideoFrameCallback(() => note("stage", "picture"));
    },
    [camera],
  );
  return (
    <>
      {stream ? (
        <Stream
          url={`${stream.url}?token=${encodeURIComponent(stream.token)}`}
          soundOnly={false}
          onClock={follow}
        />
      ) : null}
      {camera ? <video key={camera.consumerId} ref={show} autoPlay muted playsInline /> : null}
    </>
  );
}

/** Whether samples of somebody else have come out of the jitter buffer. */
async function hears(client: ReturnType<typeof useEntry>["client"]): Promise<boolean> {
  for (const consumer of client.debug.link.session?.consumers.values() ?? []) {
    if (consumer.kind !== "audio") continue;
    for (const stat of (await consumer.rtpReceiver?.getStats())?.values() ?? [])
      if (stat.type === "inbound-rtp" && (stat.jitterBufferEmittedCount ?? 0) > 0) return true;
  }
  return false;
}

const page = {
  begin(sessionId: string) {
    i18n.loadAndActivate({ locale: "zh-CN", messages: {} });
    const root = document.createElement("div");
    document.body.append(root);
    createRoot(root).render(<Listener sessionId={sessionId} />);
  },
  /** The timeline says that this person stands on the stage, or does not any more. */
  change(onStage: boolean) {
    seen.length = 0;
    change(onStage);
    return Date.now();
  },
  seen: () => seen,
  /** The number on the picture of the stream, and what its date-time says. */
  streamed() {
    const video = document.querySelector<HTMLVideoElement>(".stream video");
    if (!video || video.videoWidth === 0) return null;
    const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
    const context = canvas.getContext("2d")!;
    context.drawImage(video, 0, 0);
    const image = context.getImageData(0, 0, canvas.width, canvas.height);
    return { number: readFrameNumber(image), atMs: Date.now(), dateMs: clock?.() ?? null };
  },
};
export type ListenerPage = typeof page;
Object.assign(globalThis, { listenerPage: page });
