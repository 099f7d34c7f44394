import type { Tx } from "../db/client.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { App, Services } from "../http/context.ts";
import { empty } from "../http/contract.ts";
import type { Actor } from "../identity/domain.ts";
import { recordLines } from "./lines.ts";
import { heartbeat, type MediaService, type ReportedEvent, reportedEvents } from "./service.ts";

const actor: Actor = { kind: "system", reason: "media-node", language: "zh-CN" };

/**
 * What media nodes report, signed and retried by them: a repeated report changes nothing.
 * The body stays text until its signature was checked.
 */
export async function mediaRoutes(
  app: App,
  options: {
    services: Services;
    media: MediaService;
    onEvents: (tx: Tx, events: ReportedEvent[]) => Promise<void>;
  },
): Promise<void> {
  const { services, media } = options;
  app.removeContentTypeParser("application/json");
  app.addContentTypeParser(
    "application/json",
    { parseAs: "string", bodyLimit: 1_000_000 },
    (_request, body, done) => done(null, body),
  );
  const config = { internal: true, rateLimit: false } as const;

  app.post(
    "/internal/sfu/heartbeat",
    { config, schema: { hide: true, response: { 200: empty } } },
    async (request) => {
      const beat = await parsed(request.headers.authorization, request.body as string, heartbeat);
      const { mustDrain, strayRooms } = await services.db.withActor(
        actor,
        async (tx) => await media.recordHeartbeat(tx, beat),
      );
      if (mustDrain) {
        media.orderDrain(beat.publicUrl).catch((error: unknown) => {
          request.log.warn({ node: beat.node, error: String(error) }, "node is not drained yet");
        });
      }
      media.orderMoves(beat.publicUrl, strayRooms).catch((error: unknown) => {
        request.log.warn({ node: beat.node, error: String(error) }, "rooms are not sent on");
      });
      return { ok: true as const };
    },
  );

  app.post(
    "/internal/sfu/events",
    { config, schema: { hide: true, response: { 200: empty } } },
    async (request) => {
      const report = await parsed(
        request.headers.authorization,
        request.body as string,
        reportedEvents,
      );
      await services.db.withActor(actor, async (tx) => {
        await recordLines(tx, report.events, services.clock());
        await options.onEvents(tx, report.events);
      });
      return { ok: true as const };
    },
  );

  async function parsed<Value>(
    authorization: string | undefined,
    body: string,
    schema: { safeParse: (value: unknown) => { success: boolean; data?: Value } },
  ): Promise<Value> {
    await media.verifyReport(authorization, body);
    const result = schema.safeParse(JSON.parse(body) as unknown);
    if (!result.success || result.data === undefined) throw new DomainError("request.invalid");
    return result.data;
  }
}
