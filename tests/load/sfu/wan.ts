/**
 * One copy over the thin line: a presenter at the room's home, sixty viewers at the edge. What
 * crosses between the two nodes, against what the presenter sends.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { startNode } from "../../sfu/support/node.ts";
import { type BenchResult, result } from "../suite.ts";
import type { Capture } from "./capture.ts";
import { present, type Size, type Watching, watch } from "./page.ts";
import type { Pair } from "./sweep.ts";

const VIEWERS = 60;
/** A new line shows first that it carries the smallest picture: reports make that short. */
const REPORT_MS = 500;
const CAPTURED: Size = { width: 1280, height: 720 };
const TOP: Size = CAPTURED;
const MIDDLE: Size = { width: 640, height: 360 };
const LOWEST: Size = { width: 160, height: 90 };
const CONNECTING_AT_ONCE = 8;

type Crossing = { name: string; sizes: readonly Size[]; layers: readonly number[]; target: string };
/** All want the same, or each layer somebody's: what is needed crosses once, whoever wants it. */
const CROSSINGS: readonly Crossing[] = [
  { name: "all want the top layer", sizes: [TOP], layers: [2], target: "<= 1.15" },
  { name: "all are thin", sizes: [LOWEST], layers: [0], target: "<= 1.15" },
  { name: "each layer wanted", sizes: [TOP, MIDDLE, LOWEST], layers: [0, 1, 2], target: "<= 1.05" },
];

/**
 * @param captures the sender's, one for each layer from the lowest, which has the sound
 * @param settleMs until layers have changed: longer than a key frame's distance
 */
export async function wanCopies(
  { sender, viewers }: Pair,
  captures: readonly Capture[],
  { settleMs, windowMs }: { settleMs: number; windowMs: number },
  log: (line: string) => void,
): Promise<BenchResult[]> {
  const [home, edge] = await Promise.all([startNode({ workers: 1 }), startNode({ workers: 1 })]);
  const watching: Watching[] = [];
  try {
    const url = home.address.url;
    const presenter = await present(url, sender, {
      size: CAPTURED,
      layers: captures.length,
      onKeyFrameAsked: () => {},
    });
    try {
      const site = edge.config.publicUrl;
      for (let from = 0; from < VIEWERS; from += CONNECTING_AT_ONCE) {
        const names = Array.from(
          { length: Math.min(CONNECTING_AT_ONCE, VIEWERS - from) },
          (_, index) => `edge${from + index}`,
        );
        watching.push(
          ...(await Promise.all(
            names.map((id) => watch(url, viewers, id, { size: TOP, site, reportMs: REPORT_MS })),
          )),
        );
      }
      const crossed = async () => {
        const lines = await home.lineBytes();
        return [...lines.values()].reduce((sum, { sentBytes }) => sum + sentBytes, 0);
      };
      const results: BenchResult[] = [];
      for (const { name, sizes, layers, target } of CROSSINGS) {
        await Promise.all(
          watching.map((one, index) => one.show(sizes[index % sizes.length] ?? TOP)),
        );
        await sleep(settleMs);
        sender.begin();
        viewers.begin();
        const before = await crossed();
        await sleep(windowMs);
        const [after, sent, got] = [await crossed(), await sender.end(), await viewers.end()];
        const soundBytes = ((captures[0]?.soundBitsPerSecond ?? 0) / 8) * sent.seconds;
        const wanted =
          layers.reduce((sum, layer) => sum + (sent.sentBytes[layer] ?? 0), 0) +
          (layers.includes(0) ? 0 : soundBytes);
        const kilobits = (bytes: number) => Math.round((8 * bytes) / sent.seconds / 1000);
        log(
          `edge, ${name}: ${kilobits(after - before)} kbit/s cross for ${kilobits(wanted)} kbit/s sent, ${kilobits(got.payloadBytes)} kbit/s to ${VIEWERS - got.silent} viewers`,
        );
        const of = layers.length === captures.length ? "all that is sent" : "this layer and sound";
        results.push(
          result(
            `${VIEWERS} at the edge, ${name}: crosses, to ${of}`,
            (after - before) / wanted,
            "ratio",
            target,
          ),
          result(
            `${VIEWERS} at the edge, ${name}: viewers with media`,
            VIEWERS - got.silent,
            "",
            `== ${VIEWERS}`,
          ),
        );
      }
      return results;
    } finally {
      presenter.close();
    }
  } finally {
    for (const one of watching) one.close();
    await Promise.all([home.close(), edge.close()]);
  }
}
