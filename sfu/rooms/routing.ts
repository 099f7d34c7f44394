/**
 * Who gets what: the one place that decides whether a stream reaches a listener. Pure. Everything
 * that holds a stream back (a private talk, the line, an unseen tile, mute) is decided here, by the
 * node, and nothing a page says can widen it.
 */
import type { HeldReason, Source, VideoLevel } from "../protocol.ts";
import { NO_LAYER } from "../quality/demand.ts";

export type Speaker = {
  peerId: string;
  /** May take part in private talks. */
  private: boolean;
  /** Takes part in them by sound (not by text only). */
  privateAudio: boolean;
  /** What the line from this person allows. */
  videoUp: VideoLevel;
};

export type RoutedStream = {
  source: Source;
  paused: boolean;
  channel: string | undefined;
};

export type Listener = Speaker & {
  chosenChannel: string | null;
  /** What the line towards this person allows. */
  videoDown: VideoLevel;
  /** The line is new and unknown: pictures begin small, so that they do not fill its queue. */
  isNewLine: boolean;
};

export type Route =
  | { exists: false }
  | { exists: true; held: HeldReason | null; maxSpatialLayer: number };

/**
 * Decides one stream for one listener.
 * @param neededLayer what the listener's tile needs (NO_LAYER: unseen); ignored for sound
 */
export function route(
  stream: RoutedStream,
  speaker: Speaker,
  listener: Listener,
  privateTalk: boolean,
  neededLayer: number,
): Route {
  if (stream.source === "interpretation" && listener.chosenChannel !== stream.channel) {
    return { exists: false };
  }
  const held = heldReason(stream, speaker, listener, privateTalk, neededLayer);
  const isThin = listener.isNewLine || listener.videoDown !== "full" || speaker.videoUp !== "full";
  return { exists: true, held, maxSpatialLayer: isThin ? Math.min(0, neededLayer) : neededLayer };
}

function heldReason(
  stream: RoutedStream,
  speaker: Speaker,
  listener: Listener,
  privateTalk: boolean,
  neededLayer: number,
): HeldReason | null {
  if (privateTalk && isPrivacySensitive(stream.source) && !mayHear(speaker, listener)) {
    return "private";
  }
  if (stream.paused) return "muted";
  if (stream.source === "video" || stream.source === "screen") {
    if (listener.videoDown === "off" || speaker.videoUp === "off") return "line";
    // A screen has one layer of high bitrate: on a thin line it would take the sound's place.
    if (stream.source === "screen" && listener.videoDown === "low") return "line";
    if (neededLayer === NO_LAYER) return "unseen";
  }
  return null;
}

/** Faces stay visible on hold, so that nobody thinks the line is lost; sound and screens do not. */
function isPrivacySensitive(source: Source): boolean {
  return source !== "video";
}

/** During a private talk, sound stays among those who talk, or among those on hold. */
function mayHear(speaker: Speaker, listener: Speaker): boolean {
  if (speaker.private !== listener.private) return false;
  return !speaker.private || (speaker.privateAudio && listener.privateAudio);
}
