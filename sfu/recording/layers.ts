/**
 * The layer of a picture that is recorded: of three the middle one, the whole face and no more than
 * replay shows.
 * @param layers how many the sender has
 */
export function recordedLayer(layers: number): number {
  return Math.min(1, layers - 1);
}
