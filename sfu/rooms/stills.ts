import { SignalError } from "../errors.ts";
import type { Still, Stroke } from "../protocol.ts";

const MOST_STILLS = 100;
const MOST_STROKES = 500;

/** Sharp stills announced in the room, and what was drawn on them together. */
export class Stills {
  private readonly byId = new Map<string, Still>();
  shown: string | null = null;

  /** @returns false when it was announced before */
  announce(still: Still): boolean {
    if (this.byId.has(still.attachmentId)) return false;
    if (this.byId.size >= MOST_STILLS) throw new SignalError("conflict", "too many stills");
    this.byId.set(still.attachmentId, still);
    this.shown = still.attachmentId;
    return true;
  }

  annotate(attachmentId: string, stroke: Stroke & { by: string }): void {
    const still = this.get(attachmentId);
    const index = still.strokes.findIndex((other) => other.id === stroke.id);
    const old = still.strokes[index];
    if (old && old.by !== stroke.by) throw new SignalError("forbidden");
    if (old) still.strokes[index] = stroke;
    else if (still.strokes.length >= MOST_STROKES) throw new SignalError("conflict");
    else still.strokes.push(stroke);
  }

  /** Erases strokes; those of others only with `mayEraseAll`. @returns the erased ones' ids */
  erase(attachmentId: string, ids: readonly string[], by: string, mayEraseAll: boolean): string[] {
    const still = this.get(attachmentId);
    const isErased = (stroke: Stroke & { by: string }) =>
      ids.includes(stroke.id) && (mayEraseAll || stroke.by === by);
    const erased = still.strokes.filter(isErased).map((stroke) => stroke.id);
    still.strokes = still.strokes.filter((stroke) => !isErased(stroke));
    return erased;
  }

  show(attachmentId: string | null): void {
    if (attachmentId !== null) this.get(attachmentId);
    this.shown = attachmentId;
  }

  get all(): Still[] {
    return [...this.byId.values()];
  }

  private get(attachmentId: string): Still {
    const still = this.byId.get(attachmentId);
    if (!still) throw new SignalError("not-found", "no such still", "attachmentId");
    return still;
  }
}
