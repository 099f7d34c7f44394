/** What a mix is made of, and the bytes of what was captured. */
import type { Piece, Run, Track } from "./recording-cut.ts";

export type MixInput = {
  ffmpeg: string;
  tracks: readonly Track[];
  /** Plain Matroska bytes of a piece, its hash verified. */
  read: (track: Track, piece: Piece) => Promise<Buffer>;
  /** Private folder; taken out by the caller. */
  folder: string;
};

/** The bytes of a run from one piece on, as one Matroska stream; up to a time of the mix. */
export async function* streamOf(
  input: MixInput,
  run: Run,
  first = 0,
  untilMs = Number.POSITIVE_INFINITY,
): AsyncGenerator<Buffer> {
  const offsetMs = run.fromMs - run.pieces[0]!.partMs;
  for (const [index, piece] of run.pieces.slice(first).entries()) {
    if (piece.partMs + offsetMs > untilMs) return;
    const bytes = await input.read(run.track, piece);
    yield index === 0 ? bytes : bytes.subarray(piece.headBytes);
  }
}
