import { lt, sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "../db/client.ts";
import { bucketOf, lineRetentionDays } from "./domain.ts";
import { mediaLine } from "./schema.ts";

const part = z.number().min(0).max(1e6).catch(0);
/** One person of a consult or of a stage; `org` since nodes tell it. */
const personLine = z.object({
  org: z.string().min(1).max(200),
  line: z.string(),
  ...{ lossUp: part, lossDown: part, rttMs: part },
  concealed: part.nullish(),
});
/** An audience, put together by institution; means over its people. */
const audienceLines = z.object({
  sites: z
    .array(
      z.object({
        org: z.string().max(200),
        people: z.number().int().min(1).max(100_000),
        ...{ thin: part, gone: part, lossDown: part, rttMs: part, concealed: part },
      }),
    )
    .max(2_000),
});

type Sum = Omit<typeof mediaLine.$inferInsert, "bucketAt">;

/** Adds what nodes measured of people's lines to the summaries of their institutions. */
export async function recordLines(
  tx: Tx,
  events: readonly { type: string; at: string; data?: unknown }[],
  now: Date,
): Promise<void> {
  const sums = new Map<string, Sum & { bucketAt: Date }>();
  const add = (at: string, one: Sum) => {
    if (!one.org) return;
    const bucketAt = bucketOf(new Date(at));
    const key = `${bucketAt.getTime()}/${one.org}`;
    const sum = sums.get(key);
    if (!sum) sums.set(key, { bucketAt, ...one });
    else {
      for (const name of [
        "samples",
        "lossUp",
        "lossDown",
        "rttMs",
        "concealed",
        "thin",
        "gone",
      ] as const)
        sum[name] += one[name];
      sum.people = Math.max(sum.people, one.people);
    }
  };
  for (const { type, at, data } of events) {
    if (type === "quality") {
      const one = personLine.safeParse(data).data;
      if (!one) continue;
      const { org, line, lossUp, lossDown, rttMs, concealed } = one;
      add(at, {
        ...{ org, samples: 1, people: 1, lossUp, lossDown, rttMs, concealed: concealed ?? 0 },
        thin: line === "thin" ? 1 : 0,
        gone: line === "gone" ? 1 : 0,
      });
    } else if (type === "audience-quality") {
      for (const site of audienceLines.safeParse(data).data?.sites ?? []) {
        const { org, people, thin, gone, lossDown, rttMs, concealed } = site;
        add(at, {
          ...{ org, samples: people, people, lossUp: 0, thin, gone },
          ...{ lossDown: lossDown * people, rttMs: rttMs * people, concealed: concealed * people },
        });
      }
    }
  }
  if (sums.size === 0) return;
  const added = (column: string) => sql.raw(`media_line.${column} + excluded.${column}`);
  // In one order, so that reports of two nodes at once do not wait for each other in a circle.
  const rows = [...sums.values()].sort((a, b) => (a.org < b.org ? -1 : 1));
  await tx
    .insert(mediaLine)
    .values(rows)
    .onConflictDoUpdate({
      target: [mediaLine.bucketAt, mediaLine.org],
      set: {
        samples: added("samples"),
        people: sql.raw("greatest(media_line.people, excluded.people)"),
        ...{ lossUp: added("loss_up"), lossDown: added("loss_down"), rttMs: added("rtt_ms") },
        ...{ concealed: added("concealed"), thin: added("thin"), gone: added("gone") },
      },
    });
  const oldest = new Date(now.getTime() - lineRetentionDays * 86_400_000);
  await tx.delete(mediaLine).where(lt(mediaLine.bucketAt, oldest));
}
