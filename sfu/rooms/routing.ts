/**
 * Who gets what: the one place that decides whether a stream reaches a listener. Pure. Everything
 * that holds a stream back (a private talk, the line, an unseen tile, mute) is decided here, by the
 * node, and nothing a page says can widen it.
 */
import type { HeldReason, ListenWay, Source, VideoLevel } from "../protocol.ts";
import { NO_LAYER } from "../quality/demand.ts";
import { isHeard, type Place } from "./floor.ts";

export type Speaker = {
  peerId: string;
  /** May take part in private talks. */
  private: boolean;
  /** Takes part in them by sound (not by text only). */
  privateAudio: boolean;
  /** What the line from this person allows. */
  videoUp: VideoLevel;
  /** In a teaching room: among those whom the audience hears and sees. */
  place: Place;
  /** Sends its voice a second time, for the audience. */
  hasLecture: boolean;
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
  /** Everybody in a consult; in a teaching room whoever may publish. */
  isOnStage: boolean;
  chosenWay: ListenWay;
  /** Somebody speaks on the chosen interpretation channel. */
  isInterpreted: boolean;
  /** Cameras that an audience gets at most. */
  mostCameras: number;
};

/** Voices of the stage that an audience gets: of the last two who spoke, one on a thin line. */
export const MOST_VOICES = 2;
export const MOST_VOICES_THIN = 1;

export type Route =
  | { exists: false }
  | {
      exists: true;
      held: HeldReason | null;
      maxSpatialLayer: number;
      /** Need not be made now; once it is there it stays, held back. */
      isSpare: boolean;
    };

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
  if (!isItsVoice(stream.source, speaker, listener)) return { exists: false };
  const held = heldReason(stream, speaker, listener, privateTalk, neededLayer);
  const isThin = listener.isNewLine || listener.videoDown !== "full" || speaker.videoUp !== "full";
  return {
    exists: true,
    held,
    maxSpatialLayer: isThin ? Math.min(0, neededLayer) : neededLayer,
    // A voice must be there before its first word, a picture may follow.
    isSpare: (held === "last-n" || held === "way") && !isVoice(stream.source),
  };
}

/** The stage converses; the audience gets the lecture track of each voice, once there is one. */
function isItsVoice(source: Source, speaker: Speaker, listener: Listener): boolean {
  if (source === "lecture") return !listener.isOnStage;
  return source !== "audio" || listener.isOnStage || !speaker.hasLecture;
}

function isVoice(source: Source): boolean {
  return source === "audio" || source === "lecture";
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
  if (isVoice(stream.source) && !listener.isOnStage) {
    return isHeard(speaker.place, voicesFor(listener)) ? null : "last-n";
  }
  if (stream.source === "video" || stream.source === "screen") {
    if (listener.chosenWay !== "full") return "way";
    if (listener.videoDown === "off" || speaker.videoUp === "off") return "line";
    // A screen has one layer of high bitrate: on a thin line it would take the sound's place.
    if (stream.source === "screen" && listener.videoDown === "low") return "line";
    const isLeftOut = !listener.isOnStage && speaker.place.camera >= listener.mostCameras;
    if (stream.source === "video" && isLeftOut) return "last-n";
    if (neededLayer === NO_LAYER) return "unseen";
  }
  return null;
}

/**
 * How many voices fit beside what else is sent. Where there is room for one, the interpreter is
 * that one, instead of a floor that would be played quietly behind.
 */
function voicesFor({ chosenWay, videoDown, isInterpreted }: Listener): number {
  if (chosenWay === "full" && videoDown === "full") return MOST_VOICES;
  return MOST_VOICES_THIN - (isInterpreted ? 1 : 0);
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
