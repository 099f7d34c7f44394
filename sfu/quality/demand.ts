/**
 * Which simulcast layer a tile needs, and which layers a sender has to send at all. Pure. A sender
 * is told to go up at once and to go down only after a while, so that a tile that is resized or
 * scrolled by does not make encoders start and stop.
 */

/** Most layers of a camera; each is twice as wide and high as the one below. */
export const MOST_LAYERS = 3;
/** A tile may be this much larger than the layer shown in it. */
const STRETCH = 1.15;
export const LOWER_AFTER_MS = 2_000;
/** Nobody needs the stream. */
export const NO_LAYER = -1;

export type Tile = { width: number; height: number; visible: boolean };

/**
 * The smallest layer that fills a tile without visible blur, or NO_LAYER when it is not seen.
 * Sizes in physical pixels. An unknown captured size counts as 1280 by 720.
 * @param layers how many layers the sender has; the top one is the captured size
 */
export function layerForTile(
  tile: Tile,
  captured: { width?: number; height?: number },
  layers = MOST_LAYERS,
): number {
  if (!tile.visible || tile.width === 0 || tile.height === 0) return NO_LAYER;
  const width = captured.width ?? 1280;
  const height = captured.height ?? 720;
  for (let layer = 0; layer < layers; layer++) {
    const scale = 2 ** (layers - 1 - layer);
    // A picture fills a tile by its larger side ratio (object-fit: cover).
    const ratio = Math.max((tile.width * scale) / width, (tile.height * scale) / height);
    if (ratio <= STRETCH) return layer;
  }
  return layers - 1;
}

export type DemandState = {
  /** What the sender was told last. */
  readonly told: number;
  /** Since when less than that has been enough. */
  readonly lessSinceMs: number | null;
};

/** A page begins by sending everything, so that the first picture need not wait for a demand. */
export function initialDemand(layers: number): DemandState {
  return { told: layers - 1, lessSinceMs: null };
}

/** Takes what is needed now and says whether the sender is to be told something new. */
export function stepDemand(
  state: DemandState,
  needed: number,
  nowMs: number,
): { state: DemandState; tell: number | null } {
  if (needed > state.told) {
    return { state: { told: needed, lessSinceMs: null }, tell: needed };
  }
  if (needed === state.told) return { state: { ...state, lessSinceMs: null }, tell: null };
  const lessSinceMs = state.lessSinceMs ?? nowMs;
  if (nowMs - lessSinceMs >= LOWER_AFTER_MS) {
    return { state: { told: needed, lessSinceMs: null }, tell: needed };
  }
  return { state: { ...state, lessSinceMs }, tell: null };
}
