/** Events of a page as lines of JSON, sent as they come. */
import { PassThrough } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";

/** Somebody who closes the page ends the lines, not the work: its traces are still written. */
export function sendLines<Event>(
  request: FastifyRequest,
  reply: FastifyReply,
  work: (emit: (event: Event) => void) => Promise<void>,
): FastifyReply {
  const lines = new PassThrough();
  void work((event) => {
    if (!lines.destroyed) lines.write(`${JSON.stringify(event)}\n`);
  })
    .catch((error: unknown) => request.log.error({ err: error }, "a record could not be told"))
    .finally(() => lines.end());
  return reply
    .type("application/x-ndjson; charset=utf-8")
    .header("cache-control", "no-store")
    .header("x-accel-buffering", "no")
    .send(lines);
}
