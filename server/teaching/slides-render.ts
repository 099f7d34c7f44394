import { type ChildProcessByStdio, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Readable, Writable } from "node:stream";
import sharp from "sharp";
import {
  cleanText,
  type DeckRefusal,
  deckLimits,
  deckRefusals,
  fullBytes,
  fullPixels,
  fullTries,
  thinBytes,
  thinTries,
  titleOf,
} from "./slides-domain.ts";

/** The file became no slides; the process that tried is gone, the server goes on. */
export class SlidesRefused extends Error {
  readonly reason: DeckRefusal;

  constructor(reason: DeckRefusal) {
    super(`slides refused: ${reason}`);
    this.name = "SlidesRefused";
    this.reason = reason;
  }
}

export type DrawnSlide = {
  page: number;
  width: number;
  height: number;
  title: string | null;
  text: string;
  full: Buffer;
  thin: Buffer;
};
export type RenderLimits = {
  pages: number;
  pageSeconds: number;
  totalSeconds: number;
  memoryMegabytes: number;
};

type Frame = {
  bytes: number;
  refused?: string;
  pages?: number;
  page?: number;
  width?: number;
  height?: number;
  text?: string;
  done?: true;
};
type Child = ChildProcessByStdio<Writable, Readable, null>;
const memoryLookMs = 100;

/**
 * Draws a PDF page by page, in a process of its own with limits of time and memory (decision 0025).
 * @param onPages told once, before the first page
 * @throws SlidesRefused
 */
export async function* renderSlides(
  pdf: Buffer,
  onPages: (pages: number) => Promise<void>,
  limits: RenderLimits = deckLimits,
): AsyncGenerator<DrawnSlide> {
  const child = start(limits);
  let stopped: DeckRefusal | null = null;
  const stop = (reason: DeckRefusal) => {
    stopped ??= reason;
    child.kill("SIGKILL");
  };
  const total = setTimeout(() => stop("slow"), limits.totalSeconds * 1000);
  const watch = setInterval(() => void watchMemory(), memoryLookMs);
  const watchMemory = async () => {
    if (child.pid === undefined) return;
    const status = await readFile(`/proc/${child.pid}/statm`, "utf8").catch(() => "");
    const resident = (Number(status.split(" ")[1]) || 0) * 4096;
    if (resident > limits.memoryMegabytes * 1024 * 1024) stop("heavy");
  };
  // It dies while it is written to when it has refused already.
  child.stdin.on("error", () => {});
  child.stdin.end(pdf);
  let page: NodeJS.Timeout | undefined;
  const expectPage = () => {
    clearTimeout(page);
    page = setTimeout(() => stop("slow"), limits.pageSeconds * 1000);
  };
  try {
    expectPage();
    let done = false;
    for await (const { frame, data } of frames(child.stdout)) {
      clearTimeout(page);
      if (frame.refused !== undefined)
        throw new SlidesRefused(deckRefusals.find((one) => one === frame.refused) ?? "broken");
      if (frame.pages !== undefined) await onPages(frame.pages);
      if (frame.page !== undefined)
        yield await encode(frame.page, frame.width ?? 1, frame.height ?? 1, frame.text ?? "", data);
      done ||= frame.done === true;
      if (!done) expectPage();
    }
    if (!done) throw new SlidesRefused(stopped ?? "broken");
  } catch (error) {
    throw stopped ? new SlidesRefused(stopped) : error;
  } finally {
    clearTimeout(total);
    clearTimeout(page);
    clearInterval(watch);
    child.kill("SIGKILL");
  }
}

function start(limits: RenderLimits): Child {
  const file = join(import.meta.dirname, "slides-child.ts");
  const library = dirname(createRequire(import.meta.url).resolve("@hyzyla/pdfium"));
  const root = join(import.meta.dirname, "..", "..");
  return spawn(
    process.execPath,
    [
      "--permission",
      ...[
        file,
        join(library, "*"),
        join(library, "..", "package.json"),
        join(root, "package.json"),
      ].map((path) => `--allow-fs-read=${path}`),
      "--max-old-space-size=256",
      "--no-warnings",
      file,
      String(limits.pages),
      String(fullPixels),
    ],
    { env: {}, stdio: ["pipe", "pipe", "ignore"] },
  );
}

/** @throws SlidesRefused when what comes is no frame: the process is not trusted either */
async function* frames(stream: Readable): AsyncGenerator<{ frame: Frame; data: Buffer }> {
  let held: Buffer[] = [];
  let size = 0;
  const take = (count: number): Buffer => {
    const all = held.length === 1 ? held[0]! : Buffer.concat(held);
    held = [all.subarray(count)];
    size -= count;
    return all.subarray(0, count);
  };
  let head: Frame | null = null;
  let jsonBytes: number | null = null;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    held.push(chunk);
    size += chunk.length;
    for (;;) {
      if (jsonBytes === null) {
        if (size < 4) break;
        jsonBytes = take(4).readUInt32BE();
        if (jsonBytes > 4_000_000) throw new SlidesRefused("heavy");
      }
      if (head === null) {
        if (size < jsonBytes) break;
        head = JSON.parse(take(jsonBytes).toString("utf8")) as Frame;
        if (!(head.bytes >= 0 && head.bytes <= fullPixels * fullPixels * 4))
          throw new SlidesRefused("heavy");
      }
      if (size < head.bytes) break;
      yield { frame: head, data: take(head.bytes) };
      head = null;
      jsonBytes = null;
    }
  }
}

async function encode(
  page: number,
  width: number,
  height: number,
  text: string,
  pixels: Buffer,
): Promise<DrawnSlide> {
  const raw = { width, height, channels: 4 as const };
  const lightest = async (
    tries: readonly { pixels: number; quality: number }[],
    mostBytes: number,
  ): Promise<Buffer> => {
    let last = Buffer.alloc(0);
    for (const one of tries) {
      last = await sharp(pixels, { raw })
        .resize({ width: one.pixels, height: one.pixels, fit: "inside", withoutEnlargement: true })
        .removeAlpha()
        .webp({ quality: one.quality, effort: 3 })
        .toBuffer();
      if (last.length <= mostBytes) break;
    }
    return last;
  };
  const words = cleanText(text);
  return {
    page,
    width,
    height,
    title: titleOf(words),
    text: words,
    full: await lightest(fullTries, fullBytes),
    thin: await lightest(thinTries, thinBytes),
  };
}
