import { setTimeout as delay } from "node:timers/promises";

export type OutgoingSms = {
  /** Stable over retries: a gateway that knows it sends once. */
  id: string;
  phone: string;
  text: string;
};

/** Hands a message to a gateway. Throws {@link SmsRefusedError} when trying again is of no use. */
export type SmsProvider = { name: string; send: (message: OutgoingSms) => Promise<void> };

/** The gateway said no for good; the message names no phone and no text. */
export class SmsRefusedError extends Error {
  constructor(status: number) {
    super(`The SMS gateway refused the message (${status})`);
    this.name = "SmsRefusedError";
  }
}

/** Sends nothing: the demo's page shows what would have been sent. */
export function createDemoSmsProvider(): SmsProvider {
  return { name: "demo", send: async () => {} };
}

export type HttpSmsOptions = {
  url: string;
  token: string;
  /** Name in front of the text that the gateway has registered for us. */
  signature?: string;
  timeoutMs?: number;
  /** Waits before the second and later tries. */
  retryDelaysMs?: readonly number[];
};

/**
 * A gateway that takes `POST {id, to, text, signature}` with a bearer token. A redirect is refused:
 * the token goes to the configured address only.
 */
export function createHttpSmsProvider(options: HttpSmsOptions): SmsProvider {
  const { url, token, signature, timeoutMs = 5_000, retryDelaysMs = [500, 2_000] } = options;
  const attempt = async ({ id, phone, text }: OutgoingSms) => {
    const answer = await fetch(url, {
      method: "POST",
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        "idempotency-key": id,
      },
      body: JSON.stringify({ id, to: phone, text, signature }),
    });
    // The body is of no interest, but unread it would hold the connection.
    await answer.body?.cancel();
    if (answer.ok) return;
    const passing = answer.status === 408 || answer.status === 429 || answer.status >= 500;
    if (!passing) throw new SmsRefusedError(answer.status);
    throw new Error(`The SMS gateway answered ${answer.status}`);
  };
  return {
    name: "http",
    send: async (message) => {
      for (const waitMs of [...retryDelaysMs, null]) {
        try {
          return await attempt(message);
        } catch (error) {
          if (error instanceof SmsRefusedError || waitMs === null) throw error;
          await delay(waitMs);
        }
      }
    },
  };
}
