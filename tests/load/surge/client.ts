import { createHash, randomUUID } from "node:crypto";
import { Agent, request } from "node:http";

/** Somebody with a session: a phone, or a member of staff. */
export type Client = { cookie: string; readonly csrf: string; readonly address: string };

export const hashOf = (secret: string) => createHash("sha256").update(secret).digest("hex");
const agent = new Agent({ keepAlive: true, maxSockets: 64 });

export function clientOf(secret: string, index: number): Client {
  return {
    cookie: `__Host-yilian=${secret}`,
    csrf: "bench-forgery-token",
    address: `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`,
  };
}

/** One request as a page sends it; a session's new token is kept. @throws when it is refused */
export function ask<Answer>(
  url: string,
  client: Client,
  method: "GET" | "POST",
  path: string,
  body?: object,
  key: string = randomUUID(),
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const text = body ? JSON.stringify(body) : undefined;
    const sent = request(
      `${url}${path}`,
      {
        agent,
        method,
        headers: {
          cookie: client.cookie,
          "x-csrf-token": client.csrf,
          "x-forwarded-for": client.address,
          ...(text === undefined
            ? {}
            : {
                "content-type": "application/json",
                "content-length": String(Buffer.byteLength(text)),
                "idempotency-key": key,
              }),
        },
      },
      (answer) => {
        const fresh = answer.headers["set-cookie"]?.[0]?.split(";")[0];
        if (fresh) client.cookie = fresh;
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("end", () => {
          const whole = Buffer.concat(chunks).toString();
          if (answer.statusCode !== 200)
            reject(new Error(`${method} ${path}: ${answer.statusCode} ${whole.slice(0, 300)}`));
          else resolve(JSON.parse(whole) as Answer);
        });
      },
    );
    sent.on("error", reject);
    sent.end(text);
  });
}

/** So many at once, in the order of the list. */
export async function inParallel<Item>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: Math.min(width, items.length) }, async () => {
      for (let index = next++; index < items.length; index = next++) await work(items[index]!);
    }),
  );
}

/** A fixed seed gives the same evening again (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  };
}
