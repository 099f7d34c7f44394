import { setTimeout as sleep } from "node:timers/promises";

/** As much as one packet of TCP carries. */
const CHUNK_BYTES = 1_400;

/**
 * Bytes at a steady pace instead of all at once. On a thin line a file that is sent at once fills the queue in front of
 * it, and who speaks is not heard until it is empty.
 * @param bytesPerSecond at most, over the whole of it
 */
export async function* paced(bytes: Buffer, bytesPerSecond: number): AsyncGenerator<Buffer> {
  const began = performance.now();
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    const wait = began + (at * 1_000) / bytesPerSecond - performance.now();
    if (wait > 0) await sleep(wait);
    yield bytes.subarray(at, at + CHUNK_BYTES);
  }
}
