/** Rules of pictures on the board. Pure. */
export const stillLimits = {
  bytes: 15 * 1024 * 1024,
  /** As it lies in the file: what is larger is refused before it is unpacked. */
  pixels: 60_000_000,
  perSession: 100,
  /** Kept so wide or high at most. */
  fullPixels: 2400,
} as const;

/** What a file says it is; whether it is, the drawing finds out. */
export const stillTypes = ["image/jpeg", "image/png", "image/webp"] as const;
