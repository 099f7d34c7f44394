/** Lines of an NDJSON file, or a whole JSON file as one; read as a stream. */
import type { Readable } from "node:stream";

export type Line = {
  /** From 1. */
  readonly number: number;
  readonly start: number;
  /** Of the byte after its end, the line break included. */
  readonly end: number;
  /** Without blanks around it; null: larger than is read. */
  readonly text: Buffer | null;
};
/** A Synthea patient's whole life is 10 MB; larger things come as NDJSON. */
export const wholeMax = 64 * 1024 * 1024;

/** A file whose first line is longer is one of lines. */
const headMax = 256 * 1024;
const newline = 0x0a;

/**
 * @param open reads the file from a byte on
 * @param from where the lines that were dealt with end
 */
export async function* linesOf(
  open: (from: number) => Readable,
  from: { readonly offset: number; readonly line: number },
  sizeBytes: number,
): AsyncGenerator<Line> {
  if (from.offset >= sizeBytes) return;
  if (from.offset === 0 && (await isOneDocument(open(0)))) {
    yield { number: 1, start: 0, end: sizeBytes, text: await whole(open(0), sizeBytes) };
    return;
  }
  let number = from.line;
  let start = from.offset;
  let parts: Buffer[] = [];
  let held = 0;
  let dropped = false;
  const finish = (end: number): Line => {
    const text = dropped ? null : trimmed(Buffer.concat(parts));
    number += 1;
    const line = { number, start, end, text };
    start = end;
    parts = [];
    held = 0;
    dropped = false;
    return line;
  };
  let position = from.offset;
  for await (const chunk of open(from.offset) as AsyncIterable<Buffer>) {
    let rest = chunk;
    for (let at = rest.indexOf(newline); at >= 0; at = rest.indexOf(newline)) {
      keep(rest.subarray(0, at));
      position += at + 1;
      yield finish(position);
      rest = rest.subarray(at + 1);
    }
    keep(rest);
    position += rest.length;
  }
  if (position > start) yield finish(position);

  function keep(part: Buffer): void {
    if (dropped || part.length === 0) return;
    held += part.length;
    if (held > wholeMax) {
      dropped = true;
      parts = [];
    } else parts.push(part);
  }
}

/** A pretty-printed file: what stands before its first line break is no whole object. */
async function isOneDocument(stream: Readable): Promise<boolean> {
  let head = "";
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    head = (head + chunk.toString("latin1")).replace(/^(\xef\xbb\xbf)?\s+/, "");
    const at = head.indexOf("\n");
    if (at >= 0) return head.startsWith("{") && !/[}\]]\s*$/.test(head.slice(0, at));
    if (head.length > headMax) return false;
  }
  return false;
}

async function whole(stream: Readable, sizeBytes: number): Promise<Buffer | null> {
  if (sizeBytes > wholeMax) {
    stream.destroy();
    return null;
  }
  const parts: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) parts.push(chunk);
  return trimmed(Buffer.concat(parts));
}

function trimmed(bytes: Buffer): Buffer {
  let from = 0;
  let to = bytes.length;
  // A byte order mark is no part of the text.
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) from = 3;
  while (from < to && isBlank(bytes[from]!)) from += 1;
  while (to > from && isBlank(bytes[to - 1]!)) to -= 1;
  return bytes.subarray(from, to);
}

const isBlank = (code: number) => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
