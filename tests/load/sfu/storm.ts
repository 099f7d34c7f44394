/** Hundreds enter a lecture within seconds: what the speaker's encoder hears of it, and who waits. */
import { setTimeout as sleep } from "node:timers/promises";
import { type BenchResult, result } from "../suite.ts";
import type { Application } from "./application.ts";
import { mostWithin } from "./fit.ts";
import type { Pair } from "./sweep.ts";

/** Two requests a second apart may arrive a little closer. */
const A_SECOND_MS = 950;

/**
 * @param pair its sender makes key frames on demand only
 */
export async function joinStorm(
  application: Application,
  { sender, viewers }: Pair,
  { viewers: count, seconds: within }: { viewers: number; seconds: number },
  log: (line: string) => void,
): Promise<BenchResult[]> {
  sender.tell("ondemand");
  await application.publish(sender);
  await sleep(1_000);
  sender.keyFrameRequests.length = 0;
  const bySignalling = application.keyFrameRequests.length;
  const settled = await Promise.allSettled(
    Array.from({ length: count }, async (_, index) => {
      await sleep((1000 * index * within) / count);
      const from = Date.now();
      return (await application.attachAndSee(viewers, `storm${index}`)) - from;
    }),
  );
  const times = settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const refused = settled.find((one) => one.status === "rejected");
  if (refused) {
    log(`join storm: ${count - times.length} of ${count} saw nothing (${refused.reason})`);
  }
  const asked = [...sender.keyFrameRequests, ...application.keyFrameRequests.slice(bySignalling)];
  asked.sort((a, b) => a - b);
  times.sort((a, b) => a - b);
  // From request to request: one alone has no rate.
  const spanSeconds = ((asked.at(-1) ?? 0) - (asked[0] ?? 0)) / 1000;
  // Timers are a few milliseconds early or late.
  const rate = asked.length > 1 ? Math.round((100 * (asked.length - 1)) / spanSeconds) / 100 : 0;
  const at = (part: number) =>
    (times[Math.min(times.length - 1, Math.floor(part * times.length))] ?? 0) / 1000;
  const name = `join storm, ${count} within ${within} s`;
  return [
    result(`${name}, all see a whole frame`, times.length / count, "ratio", "== 1"),
    result(`${name}, key frame requests to the sender`, rate, "1/s", "<= 1"),
    result(`${name}, most requests in any second`, mostWithin(asked, A_SECOND_MS), "", "<= 1"),
    result(`${name}, slowest until a whole frame`, times.length ? at(1) : 99, "s", "<= 3"),
    result(`${name}, median until a whole frame`, at(0.5), "s"),
  ];
}
