import { randomUUID } from "node:crypto";
import { Agent, request } from "node:http";
import postgres from "postgres";
import { type Buyer, csrfToken } from "./world.ts";

export type Rush = { perSecond: number; millis: number[]; refused: Map<string, number> };

/** `clients` connections that confirm one prepared hold after the other. */
export async function confirmAll(
  url: string,
  buyers: readonly Buyer[],
  clients: number,
): Promise<Rush> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const millis: number[] = [];
  const refused = new Map<string, number>();
  const queue = [...buyers];
  const started = performance.now();
  await Promise.all(
    Array.from({ length: clients }, async () => {
      for (let buyer = queue.pop(); buyer; buyer = queue.pop()) {
        const at = performance.now();
        const { status, body } = await post(agent, url, buyer);
        millis.push(performance.now() - at);
        if (status !== 200) {
          const code = /"code":"([^"]+)"/.exec(body)?.[1] ?? String(status);
          refused.set(code, (refused.get(code) ?? 0) + 1);
        }
      }
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  agent.destroy();
  return { perSecond: buyers.length / seconds, millis, refused };
}

function post(agent: Agent, url: string, buyer: Buyer): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      `${url}/api/appointments/${buyer.appointment}/confirm`,
      {
        agent,
        method: "POST",
        headers: {
          "content-type": "application/json",
          "content-length": "2",
          cookie: `__Host-yilian=${buyer.secret}`,
          "x-csrf-token": csrfToken,
          "x-forwarded-for": buyer.address,
          "idempotency-key": randomUUID(),
        },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("end", () =>
          resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
        );
      },
    );
    sent.on("error", reject);
    sent.end("{}");
  });
}

/** The least that a sale needs, over postgres.js: look at the seats, count, insert, in one transaction. */
export async function rawAll(
  adminUrl: string,
  segments: readonly string[],
  sales: number,
  clients: number,
): Promise<number> {
  const sql = postgres(adminUrl, { max: 16, onnotice: () => {} });
  await sql`create table if not exists raw_sale (id uuid primary key default gen_random_uuid(), segment_id uuid not null, patient_id uuid not null)`;
  await sql`create index if not exists raw_sale_segment on raw_sale (segment_id)`;
  await sql`truncate raw_sale`;
  let left = sales;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (left > 0) {
        left -= 1;
        const segment = segments[Math.floor(Math.random() * segments.length)]!;
        await sql.begin(async (tx) => {
          const [row] = await tx`select capacity from segment where id = ${segment}`;
          const [count] =
            await tx`select count(*)::int as sold from raw_sale where segment_id = ${segment}`;
          if (count!.sold < row!.capacity)
            await tx`insert into raw_sale (segment_id, patient_id) values (${segment}, ${randomUUID()})`;
        });
      }
    }),
  );
  const perSecond = sales / ((performance.now() - started) / 1000);
  await sql.end();
  return perSecond;
}

/** @param part between 0 and 1 */
export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}
