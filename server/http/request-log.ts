import type { FastifyReply, FastifyRequest } from "fastify";
import { LogController } from "fastify";

/** One line a request, when it is answered: what was asked, what was answered, how long it took. */
export class RequestLog extends LogController {
  override incomingRequest(): void {}

  override requestCompleted(
    error: Error | null | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
  ): void {
    const line = { req: request, res: reply, responseTime: reply.elapsedTime };
    if (error) reply.log.error({ ...line, err: error }, "request failed while it was answered");
    else reply.log.info(line, "request");
  }
}
