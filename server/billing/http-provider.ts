/** A provider behind a plain HTTP interface: JSON, both sides signed. The sandbox speaks it too. */
import type { z } from "zod";
import { DomainError } from "../errors/domain-error.ts";
import {
  orderAnswer,
  orderView,
  type PaymentProvider,
  providerEvent,
  refundView,
  statementView,
} from "./provider.ts";
import { assertSigned, signed } from "./signature.ts";

const TIMEOUT_MS = 8_000;

export function createHttpProvider(options: {
  name: string;
  /** Of its interface, without a slash at the end. */
  url: string;
  secret: string;
  /** Where it finds us when it has something to tell. */
  notifyBase: string;
  clock: () => Date;
}): PaymentProvider {
  const { name, secret, notifyBase, clock } = options;
  const base = new URL(options.url);

  /** @throws DomainError `billing.provider-away` when it does not answer, or not with what was agreed */
  async function ask<Schema extends z.ZodType>(
    schema: Schema,
    path: string,
    body?: unknown,
  ): Promise<z.output<Schema>> {
    const url = new URL(base.pathname.replace(/\/$/, "") + path, base);
    const text = body === undefined ? "" : JSON.stringify(body);
    const method = body === undefined ? "GET" : "POST";
    try {
      const answer = await fetch(url, {
        method,
        headers: {
          ...signed(secret, text || `${method} ${url.pathname}`, clock()),
          ...(text && { "content-type": "application/json" }),
        },
        ...(text && { body: text }),
        redirect: "error",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (!answer.ok) throw new Error(`the provider answers ${answer.status}`);
      return schema.parse(await answer.json());
    } catch {
      throw new DomainError("billing.provider-away", { provider: name });
    }
  }

  return {
    name,
    notifyUrl: `${notifyBase}/api/payments/callbacks/${name}`,
    createOrder: (order) => ask(orderAnswer, "/orders", order),
    findOrder: (order) => ask(orderView, `/orders/${order}`),
    refund: (refund) => ask(refundView, "/refunds", refund),
    findRefund: (refund) => ask(refundView, `/refunds/${refund}`),
    statement: (day) => ask(statementView, `/statements/${day}`),
    readEvent(headers, body) {
      assertSigned(secret, headers, body, clock());
      const parsed = providerEvent.safeParse(parseJson(body));
      if (!parsed.success) throw new DomainError("request.invalid");
      return parsed.data;
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
