import type { Consumer } from "mediasoup/types";

/**
 * A first picture needs a key frame. Chromium ignores a request that follows the last one within
 * 300 ms, and a worker repeats a request only after 1 s; so when no key frame has passed after this
 * while, the sender's page is asked itself.
 */
export const ASK_AGAIN_MS = 350;
const MOST_TRIES = 8;

/** Keeps requests of one producer this far apart in the worker (option of `produce`). */
export const KEY_FRAME_REQUEST_DELAY_MS = 310;

/** With many listeners somebody always asks: once a second is enough, and all get what it brings. */
const CROWD_KEY_FRAME_DELAY_MS = 1_000;

/** Requests for key frames of one stream are merged to one in this time. */
export function keyFrameDelayMs(isCrowd: boolean): number {
  return isCrowd ? CROWD_KEY_FRAME_DELAY_MS : KEY_FRAME_REQUEST_DELAY_MS;
}

export type KeyFrameWatch = {
  /** The stream has begun to flow: see that a key frame comes through. */
  start(): void;
  stop(): void;
};

/**
 * Watches one video consumer.
 * @param isConnected whether anything can reach the listener yet; before that no time counts
 * @param askSender makes the sending page produce a key frame
 */
export function createKeyFrameWatch(
  consumer: Consumer,
  isConnected: () => boolean,
  askSender: () => void,
): KeyFrameWatch {
  let timer: NodeJS.Timeout | undefined;
  let tries = 0;
  let isTracing = false;
  // Only while it is waited for: else the worker would tell of each key frame of each listener.
  const trace = (on: boolean) => {
    if (isTracing === on || consumer.closed) return;
    isTracing = on;
    consumer.enableTraceEvent(on ? ["keyframe"] : []).catch(() => {});
  };
  const stop = () => {
    clearInterval(timer);
    timer = undefined;
    trace(false);
  };
  consumer.on("trace", ({ type }) => {
    if (type === "keyframe") stop();
  });
  consumer.observer.on("close", stop);
  return {
    start() {
      clearInterval(timer);
      trace(true);
      tries = 0;
      timer = setInterval(() => {
        if (consumer.closed || tries > MOST_TRIES) return stop();
        if (consumer.producerPaused || consumer.paused || !isConnected()) return;
        // The first tick after the connection may come too early to judge.
        if (tries++ === 0) return;
        consumer.requestKeyFrame().catch(() => {});
        askSender();
      }, ASK_AGAIN_MS / 2);
    },
    stop,
  };
}
