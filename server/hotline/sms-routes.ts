import { createHash, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { DomainError } from "../errors/domain-error.ts";
import type { App, Services } from "../http/context.ts";
import { empty } from "../http/contract.ts";
import { systemActor } from "../identity/service.ts";
import { receiptBody, receiveReceipt } from "../notices/service.ts";
import { demoAnswerBody, inboundSms } from "./contract.ts";
import { receiveSms } from "./sms-service.ts";

const received = z.object({ ok: z.literal(true), outcome: z.string() });

/**
 * Messages that people answer. The gateway posts `{id, from, text}` with the bearer token of
 * `SMS_INBOUND_TOKEN`; without one configured nobody gets in. In the demo a page answers in place of a phone.
 */
export async function smsRoutes(
  app: App,
  options: { services: Services; inboundToken: string | undefined },
): Promise<void> {
  const { services, inboundToken } = options;
  app.post(
    "/api/sms/inbound",
    {
      schema: { body: inboundSms, response: { 200: received } },
      config: { rateLimit: { max: 600, timeWindow: "1 minute" } },
      // Before the body is looked at: a stranger learns nothing about its form.
      preValidation: async (request) => {
        if (!inboundToken || !sameSecret(request.headers.authorization, `Bearer ${inboundToken}`))
          throw new DomainError("auth.required");
      },
    },
    async (request) => {
      const { outcome } = await receiveSms(services, request.body);
      return { ok: true as const, outcome };
    },
  );
  // What the gateway says of a message that we sent: `{id, state}`, with the same token.
  app.post(
    "/api/sms/receipts",
    {
      schema: { body: receiptBody, response: { 200: empty } },
      config: { rateLimit: { max: 1200, timeWindow: "1 minute" } },
      preValidation: async (request) => {
        if (!inboundToken || !sameSecret(request.headers.authorization, `Bearer ${inboundToken}`))
          throw new DomainError("auth.required");
      },
    },
    async (request) => {
      await services.db.withActor(systemActor("sms-receipts"), (tx) =>
        receiveReceipt(tx, services.vault, request.body, services.clock()),
      );
      return { ok: true as const };
    },
  );
  if (!services.demo) return;
  app.post(
    "/api/demo/sms",
    {
      config: { startsSession: true },
      schema: {
        body: demoAnswerBody,
        response: { 200: received.extend({ reply: z.string().nullable() }) },
      },
    },
    async (request) => {
      const { phone, text } = request.body;
      const { outcome, reply } = await receiveSms(services, {
        id: `demo:${request.id}`,
        from: phone,
        text,
      });
      return { ok: true as const, outcome, reply };
    },
  );
}

function sameSecret(given: string | undefined, wanted: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given ?? ""), digest(wanted));
}
