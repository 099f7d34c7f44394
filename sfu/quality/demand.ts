/**
 * Which simulcast layer a tile needs, and which layers a sender has to send at all. Pure. A sender
 * is told to go up at once and to go down only after a while, so that a tile that is resized or
 * scrolled by does not make encoders start and stop.
 */

/** Layers of a camera: a quarter, a half and the whole of the captured size. */
export const LAYER_SCALES = [4, 2, 1] as const;
export const TOP_LAYER = LAYER_SCALES.length - 1;
/** A tile may be this much larger than the layer shown in it. */
const STRETCH = 1.15;
export const LOWER_AFTER_MS = 2_000;
/** Nobody needs the stream. */
export const NO_LAYER = -1;

export type Tile = { width: number; height: number; visible: boolean };

/**
 * The smallest layer that fills a tile without visible blur, or NO_LAYER when it is not seen.
 * Sizes in physical pixels. An unknown captured size counts as 1280 by 720.
 */
export function layerForTile(tile: Tile, captured: { width?: number; height?: number }): number {
  if (!tile.visible || tile.width === 0 || tile.height === 0) return NO_LAYER;
  const width = captured.width ?? 1280;
  const height = captured.height ?? 720;
  for (const [layer, scale] of LAYER_SCALES.entries()) {
    // A picture fills a tile by its larger side ratio (object-fit: cover).
    const ratio = Math.max((tile.width * scale) / width, (tile.height * scale) / height);
    if (ratio <= STRETCH) return layer;
  }
  return TOP_LAYER;
}

export type DemandState = {
  /** What the sender was told last. */
  readonly told: number;
  /** Since when less than that has been enough. */
  readonly lessSinceMs: number | null;
};

/** A page begins by sending everything, so that the first picture need not wait for a demand. */
export const initialDemand: DemandState = { told: TOP_LAYER, lessSinceMs: null };

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
