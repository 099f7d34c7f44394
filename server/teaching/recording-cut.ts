/**
 * What is heard and seen when, of what was captured. Pure. Times are milliseconds since the first
 * instant of the mix.
 */

export type Piece = {
  part: number;
  number: number;
  startMs: number;
  durationMs: number;
  partMs: number;
  headBytes: number;
  keyMs: number | null;
};
export type Track = {
  id: string;
  peerId: string;
  source: string;
  /** Language of an interpreter; null: the room's own. */
  channel: string | null;
  kind: "audio" | "video";
  pieces: readonly Piece[];
};

/** Pieces of one part that lie without a break on the clock: they are decoded together. */
export type Run = {
  track: Track;
  pieces: readonly Piece[];
  /** When its first frame is. */
  fromMs: number;
  untilMs: number;
};

/** Sound and picture may differ by 80 ms at the most; clocks that drift are put right before that. */
const DRIFT_MS = 20;

/**
 * Groups the pieces of a track. A new run begins with a new part, where pieces are missing, and where
 * the sender's clock has drifted away from ours.
 * @param zeroMs first instant of the mix, milliseconds since 1970
 */
export function runsOf(track: Track, zeroMs: number): Run[] {
  const runs: Run[] = [];
  let open: Piece[] = [];
  const close = () => {
    const [first] = open;
    const last = open.at(-1);
    if (!first || !last) return;
    const fromMs = first.startMs - zeroMs;
    const untilMs = fromMs + last.partMs + last.durationMs - first.partMs;
    runs.push({ track, pieces: open, fromMs, untilMs });
    open = [];
  };
  for (const piece of track.pieces.toSorted((a, b) => a.part - b.part || a.number - b.number)) {
    const [first] = open;
    const last = open.at(-1);
    if (first && last) {
      const drift = piece.startMs - piece.partMs - (first.startMs - first.partMs);
      const follows = piece.part === last.part && piece.number === last.number + 1;
      if (!follows || Math.abs(drift) > DRIFT_MS) close();
    }
    open.push(piece);
  }
  close();
  return runs.toSorted((a, b) => a.fromMs - b.fromMs);
}

/** Loudness of one person over time: one value (root mean square, 0 to 32767) for each step. */
export type Loudness = ReadonlyMap<string, Float32Array>;
export const STEP_MS = 200;
/** Quieter than this is nobody speaking. */
const SILENCE = 300;
/** Another one has to be the loudest for this long, so that a cough changes no picture. */
const TAKE_OVER_MS = 800;
/** A picture stays at least this long. */
const HOLD_MS = 2_500;

/** Who is the active speaker at each step; null before anybody has spoken. */
export function speakersOf(loudness: Loudness, steps: number): (string | null)[] {
  const speakers: (string | null)[] = [];
  let current: string | null = null;
  let since = Number.NEGATIVE_INFINITY;
  let rival: string | null = null;
  let rivalSteps = 0;
  for (let step = 0; step < steps; step++) {
    let loudest: string | null = null;
    let most = SILENCE;
    for (const [peerId, values] of loudness) {
      const value = values[step] ?? 0;
      if (value > most) [loudest, most] = [peerId, value];
    }
    if (loudest === null || loudest === current) {
      // Between words nobody is heard: who was about to take over still is.
      if (loudest === current) rivalSteps = 0;
    } else {
      rivalSteps = rival === loudest ? rivalSteps + 1 : 1;
      rival = loudest;
      const isLongEnough = rivalSteps * STEP_MS >= TAKE_OVER_MS;
      if (current === null || (isLongEnough && (step - since) * STEP_MS >= HOLD_MS)) {
        // The picture follows from the first word on.
        const began = current === null ? step : Math.max(0, step - rivalSteps + 1);
        for (let back = began; back < step; back++) speakers[back] = loudest;
        [current, since, rivalSteps] = [loudest, step, 0];
      }
    }
    speakers.push(current);
  }
  return speakers;
}

/** What is shown from one frame of the mix to another; null: nothing is there to be shown. */
export type Shot = { run: Run | null; fromMs: number; untilMs: number };

/**
 * The picture at each time: a shared screen before everything, else who speaks, else whoever was seen
 * last, else anybody with a camera.
 */
export function shotsOf(
  runs: readonly Run[],
  speakers: readonly (string | null)[],
  lengthMs: number,
): Shot[] {
  const shots: Shot[] = [];
  let shownPeer: string | undefined;
  for (let fromMs = 0, step = 0; fromMs < lengthMs; fromMs += STEP_MS, step++) {
    const there = runs.filter((run) => run.fromMs <= fromMs && fromMs < run.untilMs);
    const of = (peerId: string | null | undefined) =>
      there.find(({ track }) => track.source === "video" && track.peerId === peerId);
    const run: Run | null =
      there.find(({ track }) => track.source === "screen") ??
      of(speakers[step]) ??
      of(shownPeer) ??
      there[0] ??
      null;
    const last = shots.at(-1);
    const untilMs = Math.min(lengthMs, fromMs + STEP_MS);
    if (last && last.run === run) last.untilMs = untilMs;
    else shots.push({ run, fromMs, untilMs });
    if (run) shownPeer = run.track.peerId;
  }
  return shots;
}

/** Index of the last piece from which a run can be decoded up to a time; 0 if none begins alone. */
export function decodeFrom(run: Run, atMs: number): number {
  const partMs = run.pieces[0]!.partMs + (atMs - run.fromMs);
  const index = run.pieces.findLastIndex(({ keyMs }) => keyMs !== null && keyMs <= partMs);
  return Math.max(0, index);
}
