import type { MediaKind, RtpParameters } from "mediasoup/types";
import type { ConsumeOptions, ProduceOptions, SiteConsumer, SiteProducer } from "./site.ts";

/** A stream that comes in on another node. */
export function createRemoteProducer(
  { id, kind, paused }: ProduceOptions,
  layers: number,
  set: (to: "paused" | "flowing" | "closed") => Promise<void>,
): SiteProducer {
  const state = { paused, closed: false };
  return {
    id,
    kind,
    layers,
    get paused() {
      return state.paused;
    },
    get closed() {
      return state.closed;
    },
    async pause() {
      state.paused = true;
      await set("paused");
    },
    async resume() {
      state.paused = false;
      await set("flowing");
    },
    close() {
      if (state.closed) return;
      state.closed = true;
      set("closed").catch(() => {});
    },
  };
}

type RemoteConsumerOptions = Pick<
  ConsumeOptions,
  "producerId" | "onClosed" | "onNoKeyFrame" | "onLayers"
> & {
  id: string;
  kind: MediaKind;
  rtpParameters: RtpParameters;
  set: (change: { to?: "paused" | "flowing" | "closed"; maxSpatialLayer?: number }) => void;
  onGone: () => void;
};

export type RemoteConsumer = SiteConsumer & {
  /** What the other node tells. */
  ended(): void;
  lacksKeyFrame(): void;
  changed(layer: number | null): void;
};

/** A stream on its way to a listener on another node. */
export function createRemoteConsumer(options: RemoteConsumerOptions): RemoteConsumer {
  const { id, producerId, kind, rtpParameters, set, onGone } = options;
  let isClosed = false;
  let layer: number | null = null;
  return {
    id,
    producerId,
    kind,
    rtpParameters,
    get closed() {
      return isClosed;
    },
    get currentLayers() {
      return layer === null ? undefined : { spatialLayer: layer };
    },
    pause: () => set({ to: "paused" }),
    resume: () => set({ to: "flowing" }),
    setMaxSpatialLayer: (maxSpatialLayer) => set({ maxSpatialLayer }),
    close() {
      if (isClosed) return;
      isClosed = true;
      onGone();
      set({ to: "closed" });
    },
    ended() {
      if (isClosed) return;
      isClosed = true;
      onGone();
      options.onClosed();
    },
    lacksKeyFrame: () => options.onNoKeyFrame(),
    changed(now) {
      layer = now;
      options.onLayers?.(now);
    },
  };
}
