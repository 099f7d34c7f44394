/** The sandbox as a shop's server and as a person's browser see it. */
import { z } from "zod";
import { yuan } from "../billing/domain.ts";
import { assertSigned, orderBody, refundBody } from "../billing/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { App } from "../http/context.ts";
import { day, uuid } from "../http/contract.ts";
import { type Sandbox, tellings } from "./service.ts";

const byId = z.object({ id: uuid });
const byReference = z.object({ reference: z.string().regex(/^SB[0-9A-F]{16}$/) });
const choice = z.object({
  do: z.enum(["paid", "declined"]),
  told: z.enum(tellings).default("at-once"),
});

export async function sandboxRoutes(app: App, sandbox: Sandbox): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    ["application/json", "application/x-www-form-urlencoded"],
    { parseAs: "string", bodyLimit: 20_000 },
    (_request, body, done) => done(null, body),
  );
  const hidden = { hide: true } as const;
  const config = { rateLimit: false } as const;

  /** @throws DomainError `billing.forged` unless the shop asks */
  const fromShop = <Body>(
    request: { headers: Record<string, unknown>; method: string; url: string; body: unknown },
    schema?: z.ZodType<Body>,
  ): Body => {
    const text = typeof request.body === "string" ? request.body : "";
    const said = text || `${request.method} ${request.url}`;
    assertSigned(sandbox.secret, request.headers, said, sandbox.clock());
    if (!schema) return undefined as Body;
    const parsed = schema.safeParse(JSON.parse(text));
    if (!parsed.success) throw new DomainError("request.invalid");
    return parsed.data;
  };

  app.post("/orders", { config, schema: hidden }, async (request) =>
    sandbox.order(fromShop(request, orderBody)),
  );
  app.get("/orders/:id", { config, schema: { ...hidden, params: byId } }, async (request) => {
    fromShop(request);
    return sandbox.view(request.params.id);
  });
  app.post("/refunds", { config, schema: hidden }, async (request) =>
    sandbox.refund(fromShop(request, refundBody)),
  );
  app.get("/refunds/:id", { config, schema: { ...hidden, params: byId } }, async (request) => {
    fromShop(request);
    return sandbox.viewRefund(request.params.id);
  });
  app.get(
    "/statements/:day",
    { config, schema: { ...hidden, params: z.object({ day }) } },
    async (request) => {
      fromShop(request);
      return sandbox.statement(request.params.day);
    },
  );

  app.get(
    "/pay/:reference",
    { schema: { ...hidden, params: byReference } },
    async (request, reply) => {
      const order = await sandbox.byReference(request.params.reference);
      if (!order) throw new DomainError("request.not-found");
      return reply
        .header(
          "content-security-policy",
          "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        )
        .type("text/html; charset=utf-8")
        .send(page(order.reference, yuan(order.amountFen), order.state === "open"));
    },
  );
  app.post(
    "/pay/:reference",
    {
      // Another company's page: nobody's session of ours counts there.
      config: { anyOrigin: true, ownSession: true },
      schema: { ...hidden, params: byReference, querystring: choice },
    },
    async (request, reply) => {
      const { reference } = request.params;
      const back = await sandbox.end(reference, request.query.do, request.query.told);
      const order = await sandbox.byReference(reference);
      if (!order) throw new DomainError("request.not-found");
      void sandbox.deliver();
      return reply.redirect(back ?? order.returnUrl, 303);
    },
  );
}

const ways = [
  ["paid", "at-once", "付款 · Pay"],
  ["paid", "late", "付款，两分钟后才通知 · Pay, told two minutes late"],
  ["paid", "twice", "付款，通知两次 · Pay, told twice"],
  ["paid", "never", "付款，通知丢失 · Pay, the message is lost"],
  ["declined", "at-once", "不付 · Decline"],
] as const;

function page(reference: string, amount: string, isOpen: boolean): string {
  const buttons = ways
    .map(
      ([state, told, words]) =>
        `<form method="post" action="?do=${state}&amp;told=${told}"><button>${words}</button></form>`,
    )
    .join("");
  return `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>支付沙盒 · Payment sandbox</title>
<style>body{font:18px/1.5 system-ui,sans-serif;max-width:26rem;margin:2rem auto;padding:0 1rem;color:#1c2b33}p{color:#46555e}strong{font-size:2.2rem}button{width:100%;min-height:52px;margin:.4rem 0;font:inherit;border:1px solid #7a8a93;border-radius:8px;background:#fff;color:inherit}form:first-of-type button{background:#0b6e6e;border-color:#0b6e6e;color:#fff}</style>
<h1>支付沙盒</h1><p>演示用，不动真钱。 This is a sandbox: no money moves.</p><p><strong>¥${amount}</strong><br>${reference}</p>${isOpen ? buttons : "<p>这笔订单已结束。 This order is over.</p>"}</html>`;
}
