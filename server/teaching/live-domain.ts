/** Rules of a running broadcast. Pure. */

/** What a device plays: all, slides with sound, or sound alone (sfu/protocol `ListenWay`). */
export const listenWays = ["full", "slides-and-sound", "sound-only"] as const;
export type ListenWay = (typeof listenWays)[number];

/** Somebody's own device, or the one screen of a room full of people. */
export const deviceKinds = ["person", "site"] as const;
export type DeviceKind = (typeof deviceKinds)[number];

/** How sound and picture come: from the media node, or as HLS some seconds later. */
export const carriers = ["webrtc", "hls"] as const;
export type Carrier = (typeof carriers)[number];

/** What counts where the house that teaches has set nothing. Ours, by measurement; a house changes them. */
export const defaultLivePolicy = {
  /** Devices of the audience at the media node; who comes after gets HLS. */
  hlsAbove: 300,
  /** People on the stage at once, speakers included. */
  stageMost: 6,
  /** So long after the line of who leads was lost a co-host goes on, seconds. */
  leadLostSeconds: 15,
  /** Between two lines of chat of one listener, seconds. */
  chatSeconds: 2,
  /** Whether the pause grows by itself while the chat is flooded. */
  slowMode: true,
  /** Names in front of a screen may be corrected so long after the end, hours. */
  correctHours: 24,
} as const;
export type LivePolicy = {
  -readonly [Key in keyof typeof defaultLivePolicy]: (typeof defaultLivePolicy)[Key] extends boolean
    ? boolean
    : number;
};

/**
 * The pause between two lines of one listener by what is sent to a session, lines a second (refused ones
 * too), seconds. It grows at `from` and shrinks only below half of it, so that it does not flicker. The
 * database has the same steps (`app.teaching_slow_seconds`); a test compares.
 */
export const slowSteps = [
  { from: 60, seconds: 45 },
  { from: 20, seconds: 20 },
  { from: 5, seconds: 8 },
] as const;

/** @param now seconds of the step that counts at the moment; 0: as usual */
export function slowSeconds(perSecond: number, now: number): number {
  for (const { from, seconds } of slowSteps)
    if (perSecond >= (seconds <= now ? from / 2 : from)) return seconds;
  return 0;
}

/** A page that plays HLS says so often that it is there; silent for `goneAfter`, it has left. Seconds. */
export const heartbeatSeconds = 30;
export const goneAfterSeconds = 90;

/** May publish when asked to the stage from the audience. */
export const guestPublishes = ["audio", "video"] as const;

/** The name under which the media node knows a device: a screen is not the person who switched it on. */
export const subOf = (device: { kind: DeviceKind; deviceId: string; personId: string }): string =>
  device.kind === "site" ? `site:${device.deviceId}` : `${device.personId}:${device.deviceId}`;

/** Whose device a name at the media node is. */
export const deviceIdOfSub = (sub: string): string => sub.slice(sub.lastIndexOf(":") + 1);

/** Seconds from the beginning, for chapters of the replay; never negative. */
export const offsetSeconds = (at: Date, from: Date): number =>
  Math.max(0, Math.round((at.getTime() - from.getTime()) / 1_000));

export type Chapter = { offsetSeconds: number; deckId: string; page: number; title: string | null };

/** Slides as chapters: where one lay for less than `least` seconds it was only leafed through. */
export function chaptersOf(
  slides: readonly { at: Date; deckId: string; page: number; title: string | null }[],
  range: { from: Date; until: Date },
  least = 3,
): Chapter[] {
  return slides.flatMap((slide, index) => {
    const next = slides[index + 1]?.at ?? range.until;
    if (next.getTime() - slide.at.getTime() < least * 1_000 && index < slides.length - 1) return [];
    const { at, ...rest } = slide;
    return [{ offsetSeconds: offsetSeconds(at, range.from), ...rest }];
  });
}
