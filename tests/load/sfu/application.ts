/**
 * Our whole media node as its own process, with a lecture in it: every viewer has a token and a
 * socket, and reports its quality as an audience's page does.
 */
import { availableParallelism } from "node:os";
import { createCallbackSink } from "../../sfu/support/node.ts";
import { startNodeProcess } from "../../sfu/support/process.ts";
import type { Guest } from "../../sfu/support/socket.ts";
import type { Engine } from "./engine.ts";
import type { LoadProgram } from "./load.ts";
import { present, type Watching, watch } from "./page.ts";
import { place } from "./processes.ts";

const SIZE = { width: 640, height: 360 };

export type Application = Engine & {
  /** Unix milliseconds at which the sender's page was asked for a key frame by signalling. */
  readonly keyFrameRequests: readonly number[];
  /** A viewer's way in, up to the first whole key frame. @returns Unix milliseconds of that frame */
  attachAndSee(viewers: LoadProgram, id: string): Promise<number>;
};

/** @param core the only one that it may use, with one worker; null: all, with a worker for each */
export async function startApplication(core: number | null): Promise<Application> {
  const server = await createCallbackSink();
  const workers = core === null ? availableParallelism() : 1;
  const node = await startNodeProcess({
    SFU_WORKERS: String(workers),
    SFU_SERVER_URL: server.url,
  });
  const pids = [node.pid, ...node.workerPids()];
  await place(pids, core);
  const watching = new Map<string, Watching>();
  const keyFrameRequests: number[] = [];
  let presenter: Guest | null = null;

  return {
    name: "our node",
    pids: () => pids,
    keyFrameRequests,
    async publish(sender) {
      presenter = await present(node.url, sender, {
        size: SIZE,
        onKeyFrameAsked: () => keyFrameRequests.push(Date.now()),
      });
    },
    async attach(viewers, id) {
      watching.set(id, await watch(node.url, viewers, id, { size: SIZE }));
    },
    async attachAndSee(viewers, id) {
      let seen: Promise<number> | undefined;
      const beforeMedia = () => {
        seen = viewers.firstFrame(id);
        // Whoever never gets so far is told by the failure of `watch`.
        seen.catch(() => {});
      };
      watching.set(id, await watch(node.url, viewers, id, { size: SIZE, beforeMedia }));
      return (await seen) ?? Number.NaN;
    },
    async detach(viewers, id) {
      viewers.close(id);
      watching.get(id)?.close();
      watching.delete(id);
    },
    async close() {
      for (const viewer of watching.values()) viewer.close();
      presenter?.close();
      await node.close();
      await server.close();
    },
  };
}
