/** One question and its answer over HTTP, within limits; nothing is followed and nothing is believed. */
import { type IncomingMessage, Agent as PlainAgent, request as plainRequest } from "node:http";
import { Agent as SecureAgent, request as secureRequest } from "node:https";
import { assertOpenHost, openLookup, privateLookup } from "./address.ts";
import { PartnerError } from "./fault.ts";
import { retryAfterMs } from "./retry.ts";

export type Limits = {
  readonly connectMs: number;
  /** For one whole answer. */
  readonly answerMs: number;
  readonly bodyBytes: number;
};

export type Exchange = {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** Where the connection goes when not to the URL's own host: a store hosted by this very process. */
  readonly via: URL | null;
  /** The partner was registered as lying in a private network. */
  readonly privateNetwork: boolean;
  readonly limits: Limits;
  /** Milliseconds that are left of the whole question. */
  readonly leftMs: number;
  /** A receiver of ours: any 2xx will do, and what it says is not read. */
  readonly expects?: "nothing";
  /** Told what a good answer says of its being kept (`Cache-Control`; null: nothing). */
  readonly onPolicy?: (cacheControl: string | null) => void;
};

const options = { keepAlive: true, maxSockets: 32, timeout: 15_000 };
const agentsOf = () => ({ plain: new PlainAgent(options), secure: new SecureAgent(options) });
/**
 * A connection that is kept goes to an address that was judged when it was made: one that was made into a
 * private network is not used by whoever may not go there.
 */
const agents = { open: agentsOf(), private: agentsOf() };
const jsonType = /^application\/(fhir\+json|json)\s*(;|$)/i;
/** Of an answer that is refused so much is read that the connection can be used again. */
const drainBytes = 64 * 1024;
const drainMs = 5000;

/**
 * @returns the body of a 2xx answer in FHIR JSON
 * @throws PartnerError
 */
export function exchange(input: Exchange): Promise<Buffer> {
  const { url, via, limits } = input;
  const target = via ?? url;
  if (target.protocol !== "http:" && target.protocol !== "https:")
    return Promise.reject(new PartnerError("off-origin"));
  if (!via) {
    try {
      assertOpenHost(url.hostname, input.privateNetwork);
    } catch (error) {
      return Promise.reject(error);
    }
    // Tokens and records do not cross the open internet in the clear.
    if (url.protocol === "http:" && !input.privateNetwork)
      return Promise.reject(new PartnerError("insecure"));
  }
  const isSecure = target.protocol === "https:";
  const kept = agents[input.privateNetwork || via ? "private" : "open"];
  return new Promise((resolve, reject) => {
    const timers = new Set<NodeJS.Timeout>();
    let done = false;
    const finish = (end: () => void) => {
      if (done) return;
      done = true;
      for (const timer of timers) clearTimeout(timer);
      end();
    };
    const request = (isSecure ? secureRequest : plainRequest)({
      method: input.method,
      hostname: target.hostname.replace(/^\[|\]$/g, ""),
      port: target.port || (isSecure ? 443 : 80),
      path: `${url.pathname}${url.search}`,
      agent: isSecure ? kept.secure : kept.plain,
      headers: {
        ...input.headers,
        host: url.host,
        // An archive of a few kilobytes may be gigabytes.
        "accept-encoding": "identity",
        ...(input.body === undefined
          ? {}
          : { "content-length": String(Buffer.byteLength(input.body)) }),
      },
      ...(via ? {} : { lookup: input.privateNetwork ? privateLookup : openLookup }),
      // Our own certificate is made out to the public name, and this connection never leaves the machine.
      ...(via && isSecure ? { rejectUnauthorized: false } : {}),
    });
    const fail = (error: unknown) =>
      finish(() => {
        request.destroy();
        reject(
          error instanceof PartnerError ? error : new PartnerError("unreachable", { cause: error }),
        );
      });
    const limit = (milliseconds: number, error: () => PartnerError) => {
      const timer = setTimeout(() => fail(error()), milliseconds);
      timers.add(timer);
      return () => clearTimeout(timer);
    };
    limit(Math.max(1, Math.min(limits.answerMs, input.leftMs)), () => new PartnerError("timeout"));
    request.on("socket", (socket) => {
      if (!socket.connecting) return;
      const connected = limit(limits.connectMs, () => new PartnerError("unreachable"));
      socket.once(isSecure ? "secureConnect" : "connect", connected);
    });
    request.on("error", fail);
    request.on("response", (response) => {
      try {
        assertGood(response, input.expects);
        input.onPolicy?.(response.headers["cache-control"] ?? null);
      } catch (error) {
        drain(response);
        return finish(() => reject(error as PartnerError));
      }
      if (input.expects === "nothing") {
        drain(response);
        return finish(() => resolve(Buffer.alloc(0)));
      }
      readBody(response, limits.bodyBytes).then((body) => finish(() => resolve(body)), fail);
    });
    request.end(input.body);
  });
}

function assertGood(response: IncomingMessage, expects?: "nothing"): void {
  const status = response.statusCode ?? 0;
  const wait = retryAfterMs(response.headers["retry-after"], new Date());
  if (status >= 300 && status < 400) throw new PartnerError("redirect", { status });
  if (status === 401 || status === 403) throw new PartnerError("refused", { status });
  if (status === 429 || status === 503)
    throw new PartnerError("busy", { status, retryAfterMs: wait });
  if (status < 200 || status >= 300)
    throw new PartnerError("failed", { status, retryAfterMs: wait });
  if (expects === "nothing") return;
  const type = response.headers["content-type"] ?? "";
  if (!jsonType.test(type)) throw new PartnerError("not-fhir", { status });
  const charset = /charset\s*=\s*"?([\w.:-]+)/i.exec(type)?.[1]?.toLowerCase();
  if (charset && charset !== "utf-8" && charset !== "utf8") throw new PartnerError("unreadable");
  const coding = response.headers["content-encoding"];
  if (coding && coding !== "identity") throw new PartnerError("unreadable");
}

async function readBody(response: IncomingMessage, bytes: number): Promise<Buffer> {
  const said = Number(response.headers["content-length"] ?? 0);
  if (said > bytes) throw new PartnerError("too-large");
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of response) {
    size += (part as Buffer).length;
    if (size > bytes) throw new PartnerError("too-large");
    parts.push(part as Buffer);
  }
  // A connection that breaks in mid-answer ends the stream early.
  if (!response.complete) throw new PartnerError("unreachable");
  return Buffer.concat(parts);
}

function drain(response: IncomingMessage): void {
  let size = 0;
  const timer = setTimeout(() => response.destroy(), drainMs).unref();
  response.on("close", () => clearTimeout(timer));
  response.on("data", (part: Buffer) => {
    size += part.length;
    if (size > drainBytes) response.destroy();
  });
  response.on("error", () => {});
}
