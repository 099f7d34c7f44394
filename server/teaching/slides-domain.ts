/** Rules of slides. Pure. */
export const deckStates = ["uploading", "rendering", "ready", "refused"] as const;
export type DeckState = (typeof deckStates)[number];

/** Why a file became no slides; each has a sentence (`teaching.slides-…`). */
export const deckRefusals = [
  "content",
  "encrypted",
  "broken",
  "pages",
  "heavy",
  "slow",
  "empty",
] as const;
export type DeckRefusal = (typeof deckRefusals)[number];

export const deckLimits = {
  bytes: 100 * 1024 * 1024,
  pages: 300,
  perSession: 20,
  /** One page, and all of them. */
  pageSeconds: 20,
  totalSeconds: 600,
  /** Resident memory of the process that draws. */
  memoryMegabytes: 700,
} as const;

/** A page is drawn so wide (or high, when it stands) at most. */
export const fullPixels = 1600;
export const fullBytes = 400 * 1024;
/** What a page costs at most on a thin line: at one each 30 s that is 11 kbit/s. */
export const thinBytes = 40_000;
/** How fast such a page is sent: beside the sound of a lecture, on a line that has little more than both. */
export const thinBytesPerSecond = 10_000;

/** Tried in turn until a version is light enough; the last always is, or the smallest is taken. */
export const fullTries = [
  { pixels: fullPixels, quality: 82 },
  { pixels: fullPixels, quality: 65 },
  { pixels: 1280, quality: 60 },
  { pixels: 1024, quality: 50 },
] as const;
export const thinTries = [
  { pixels: 1024, quality: 62 },
  { pixels: 1024, quality: 45 },
  { pixels: 800, quality: 40 },
  { pixels: 640, quality: 30 },
  { pixels: 480, quality: 20 },
  { pixels: 320, quality: 10 },
  { pixels: 200, quality: 5 },
] as const;

/** A PDF names itself within its first kilobyte (ISO 32000-1, annex H.3.4.1). */
export const isPdf = (head: Buffer): boolean => head.subarray(0, 1024).includes("%PDF-");

/** The heading of a page: its first line with words. */
export function titleOf(text: string): string | null {
  const line = text
    .split(/\r?\n/)
    .map((one) => one.trim())
    .find((one) => /[\p{L}\p{N}]/u.test(one));
  return line ? [...line].slice(0, 80).join("") : null;
}

/** What PostgreSQL and pages can hold of a page's text. */
export const cleanText = (text: string): string =>
  text
    .toWellFormed()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "")
    .slice(0, 20_000);
