import { z } from "zod";
import { DomainError } from "../errors/domain-error.ts";
import { type App, read, requireStaff, type Services, write } from "../http/context.ts";
import { empty, instant, uuid } from "../http/contract.ts";
import { listDemoMessages, listNotices, readNotice } from "./service.ts";

export const noticeList = z.object({
  notices: z.array(
    z.object({
      id: uuid,
      kind: z.string(),
      entityType: z.string(),
      entityId: z.string(),
      detail: z.record(z.string(), z.unknown()),
      at: instant,
      readAt: instant.nullable(),
      /** Held, or gone into one message with others: not news by itself. */
      waits: z.boolean(),
    }),
  ),
});
export const demoMessageList = z.object({
  messages: z.array(z.object({ at: instant, phone: z.string(), text: z.string() })),
});

/** Notices of the signed-in member of staff; text messages of the demo. */
export async function noticeRoutes(app: App, services: Services): Promise<void> {
  app.get("/api/notices", { schema: { response: { 200: noticeList } } }, async (request) => {
    const rows = await read(services, request, requireStaff(request), listNotices);
    return {
      notices: rows.map((row) => ({
        id: row.id,
        kind: row.kind,
        entityType: row.entityType,
        entityId: row.entityId,
        detail: (row.detail ?? {}) as Record<string, unknown>,
        at: row.at.toISOString(),
        readAt: row.readAt?.toISOString() ?? null,
        waits: (row.heldUntil !== null && row.releasedAt === null) || row.digestId !== null,
      })),
    };
  });

  app.post(
    "/api/notices/:id/read",
    { schema: { params: z.object({ id: uuid }), response: { 200: empty } } },
    async (request) => {
      const { id } = request.params;
      return write(services, request, requireStaff(request), async (work) => {
        await readNotice(work, id);
        return { ok: true as const };
      });
    },
  );

  app.get("/api/demo/sms", { schema: { response: { 200: demoMessageList } } }, async () => {
    if (!services.demo) throw new DomainError("auth.no-demo");
    const actor = { kind: "system", reason: "demo", language: "zh-CN" } as const;
    const messages = await services.db.withActor(actor, (tx) =>
      listDemoMessages(tx, services.vault),
    );
    return { messages };
  });
}
