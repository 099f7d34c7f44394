/**
 * Which layers of a picture a line or a sender has to carry, over time. Pure. A layer that is
 * needed comes at once; one that is needed no longer goes after a while, so that resized tiles and
 * people who come and go do not make encoders and lines start and stop.
 */
import { LOWER_AFTER_MS, NO_LAYER } from "../quality/demand.ts";

/** So long has a listener to get the layer that it should, before those below are given up. */
export const STEADY_MS = 3_000;

/** When each layer was needed last; by layer. */
export type LayerDemand = readonly number[];

/** A sender begins with all its layers, a line with those that are asked for. */
export function initialLayers(layers: number, nowMs: number | null): LayerDemand {
  return Array.from({ length: layers }, () => nowMs ?? Number.NEGATIVE_INFINITY);
}

/** Takes what is needed now, and says what is to be carried. */
export function stepLayers(
  state: LayerDemand,
  needed: ReadonlySet<number>,
  nowMs: number,
): { state: LayerDemand; layers: number[] } {
  const next = state.map((at, layer) => (needed.has(layer) ? nowMs : at));
  const layers = next.flatMap((at, layer) => (nowMs - at < LOWER_AFTER_MS ? [layer] : []));
  return { state: next, layers };
}

/**
 * What one listener needs: the wanted layer, and those below it until that one has come for good. A
 * listener whose line is too thin for it falls back at once, and needs them again.
 * @param isLean false: those below are kept in any case, so that a fall costs no moment
 */
export function layersOfListener(
  wanted: number,
  current: number | undefined,
  steadyMs: number,
  isLean: boolean,
): number[] {
  if (wanted <= NO_LAYER) return [];
  if (isLean && current === wanted && steadyMs >= STEADY_MS) return [wanted];
  return Array.from({ length: wanted + 1 }, (_, layer) => layer);
}
