/** A recording is kept in pieces, so that a lost line costs one of them. Pure. */

/** Large enough for few requests, small enough to be there in seconds on a thin line. */
export const pieceBytes = 1 << 20;

export type Piece = { index: number; from: number; to: number };

/** All pieces of a file; `to` is its last byte, as in a Range header. */
export function piecesOf(totalBytes: number, size = pieceBytes): Piece[] {
  return Array.from({ length: Math.ceil(totalBytes / size) }, (_, index) => ({
    index,
    from: index * size,
    to: Math.min((index + 1) * size, totalBytes) - 1,
  }));
}

/** What is still to be fetched. */
export function lackingPieces(
  totalBytes: number,
  kept: ReadonlySet<number>,
  size = pieceBytes,
): Piece[] {
  return piecesOf(totalBytes, size).filter((piece) => !kept.has(piece.index));
}

/** Part of the file that is kept, in whole percent; 100 only when all of it is. */
export function percentOf(
  totalBytes: number,
  kept: ReadonlySet<number>,
  size = pieceBytes,
): number {
  const pieces = piecesOf(totalBytes, size);
  const bytes = pieces
    .filter((piece) => kept.has(piece.index))
    .reduce((sum, piece) => sum + piece.to - piece.from + 1, 0);
  return totalBytes === 0 ? 100 : Math.floor((bytes / totalBytes) * 100);
}

/**
 * Whether an answer is the piece that was asked for, of the file that the others are of.
 * @param range the answer's Content-Range
 */
export function isPiece(range: string | null, piece: Piece, totalBytes: number): boolean {
  const found = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(range ?? "");
  return (
    found !== null &&
    Number(found[1]) === piece.from &&
    Number(found[2]) === piece.to &&
    Number(found[3]) === totalBytes
  );
}
