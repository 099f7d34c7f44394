/**
 * Reads the Matroska stream that ffmpeg writes to a pipe, far enough to cut it between clusters:
 * its head (everything before the first cluster) and each cluster with the times of its frames.
 * RFC 9559 (Matroska), RFC 8794 (EBML).
 */

export type Cluster = {
  bytes: Buffer;
  /** Times of the frames, in milliseconds since the first frame of the stream, ascending. */
  firstMs: number;
  lastMs: number;
  frames: number;
  /** Time of the first key frame in it; null without one. Every frame of sound is one. */
  keyMs: number | null;
  /** Times between frames that are longer than `gapMs`. */
  gaps: { fromMs: number; toMs: number }[];
};

const ID = { segment: 0x18538067, cluster: 0x1f43b675, timestamp: 0xe7, simpleBlock: 0xa3 };
const ID_BLOCK_GROUP = 0xa0;
const ID_BLOCK = 0xa1;

export class MatroskaCutter {
  private readonly gapMs: number;
  private buffer: Buffer = Buffer.alloc(0);
  private headParts: Buffer[] = [];
  private lastMs: number | null = null;
  private isInside = false;
  head: Buffer | null = null;

  /** @param gapMs two frames further apart than this have a gap between them */
  constructor(gapMs: number) {
    this.gapMs = gapMs;
  }

  /** Takes the next bytes; @returns the clusters that became whole. */
  push(chunk: Buffer): Cluster[] {
    this.buffer = this.buffer.length === 0 ? chunk : Buffer.concat([this.buffer, chunk]);
    const clusters: Cluster[] = [];
    for (;;) {
      const element = elementAt(this.buffer, 0);
      if (!element) return clusters;
      if (element.id === ID.segment && !this.isInside) {
        // Its size is unknown in a stream: only its own head is taken, the rest lies inside.
        this.isInside = true;
        this.takeHead(element.dataAt);
        continue;
      }
      if (element.size === null) throw new Error("a Matroska element without a size");
      const end = element.dataAt + element.size;
      if (this.buffer.length < end) return clusters;
      if (element.id === ID.cluster) {
        this.head ??= Buffer.concat(this.headParts);
        clusters.push(this.read(Buffer.from(this.buffer.subarray(0, end)), element.dataAt));
        this.buffer = this.buffer.subarray(end);
      } else if (this.head === null) {
        this.takeHead(end);
      } else {
        // Cues and tags at the end: nobody needs them.
        this.buffer = this.buffer.subarray(end);
      }
    }
  }

  private takeHead(end: number): void {
    this.headParts.push(Buffer.from(this.buffer.subarray(0, end)));
    this.buffer = this.buffer.subarray(end);
  }

  private read(bytes: Buffer, dataAt: number): Cluster {
    let clusterMs = 0;
    let frames = 0;
    let firstMs = Number.POSITIVE_INFINITY;
    let lastMs = Number.NEGATIVE_INFINITY;
    let keyMs: number | null = null;
    const gaps: Cluster["gaps"] = [];
    const frame = (at: number, isKey: boolean) => {
      const number = vint(bytes, at);
      if (!number) return;
      const timeMs = clusterMs + bytes.readInt16BE(at + number.length);
      if (this.lastMs !== null && timeMs - this.lastMs > this.gapMs) {
        gaps.push({ fromMs: this.lastMs, toMs: timeMs });
      }
      this.lastMs = timeMs;
      firstMs = Math.min(firstMs, timeMs);
      lastMs = Math.max(lastMs, timeMs);
      if (isKey) keyMs ??= timeMs;
      frames++;
    };
    const walk = (from: number, to: number) => {
      for (let at = from; at < to; ) {
        const element = elementAt(bytes, at);
        if (!element || element.size === null) return;
        const { id, dataAt: begin, size } = element;
        if (id === ID.timestamp) clusterMs = bytes.readUIntBE(begin, size);
        else if (id === ID.simpleBlock) {
          const number = vint(bytes, begin);
          if (number) frame(begin, (bytes[begin + number.length + 2]! & 0x80) !== 0);
        } else if (id === ID_BLOCK_GROUP) walk(begin, begin + size);
        else if (id === ID_BLOCK) frame(begin, false);
        at = begin + size;
      }
    };
    walk(dataAt, bytes.length);
    return { bytes, firstMs, lastMs, frames, keyMs, gaps };
  }
}

type Element = { id: number; dataAt: number; size: number | null };

/** @returns null when its head is not all here yet */
function elementAt(buffer: Buffer, at: number): Element | null {
  const first = buffer[at];
  if (first === undefined) return null;
  const idLength = Math.clz32(first) - 23;
  if (idLength > 4 || buffer.length < at + idLength) return idLength > 4 ? refuse() : null;
  const id = buffer.readUIntBE(at, idLength);
  const size = vint(buffer, at + idLength);
  if (!size) return null;
  return { id, dataAt: at + idLength + size.length, size: size.value };
}

/** A number of variable length; its value is null when it says "unknown". */
function vint(buffer: Buffer, at: number): { value: number | null; length: number } | null {
  const first = buffer[at];
  if (first === undefined) return null;
  const length = Math.clz32(first) - 23;
  if (length > 8) return refuse();
  if (buffer.length < at + length) return null;
  let value = first & (0xff >> length);
  let isUnknown = value === 0xff >> length;
  for (let index = 1; index < length; index++) {
    const byte = buffer[at + index]!;
    value = value * 256 + byte;
    isUnknown &&= byte === 0xff;
  }
  return { value: isUnknown ? null : value, length };
}

function refuse(): never {
  throw new Error("not a Matroska stream");
}
