/** Keeps every hosted store up with the alliance's own tables, in the background. */
import { setTimeout as delay } from "node:timers/promises";
import { DomainError } from "../../errors/domain-error.ts";
import type { Services } from "../../http/context.ts";
import { systemActor } from "../../identity/service.ts";
import type { TaskLog } from "../../queue/task.ts";
import { findProjected, walkAgain } from "./changes.ts";
import { projectDue, projectStep } from "./step.ts";

const actor = systemActor("record-projection");
/** Between stretches of a walk others have the machine; changes do not wait. */
const walkPauseMs = 200;
/** Changes of one moment are one step. */
const gatherMs = 150;
/** In a rush it rests twice as long as it works: the cores are for those who book. */
const rest = 2;
/** After a start people come first. */
const firstWakeMs = 3_000;

export type Projector = {
  /** Something changed: it is told in a moment. */
  wake: () => void;
  /** Ends after the step that runs; repeatable. */
  close: () => Promise<void>;
};

/**
 * Bring all stores to the present, changes first, then what is left of a walk. Any number may run at once.
 * A store that is paused or away is left for later and keeps nobody up.
 * @param more false: stop as soon as may be
 */
export async function projectStores(
  services: Services,
  log: Pick<TaskLog, "warn">,
  options: { pauseMs?: number; more?: () => boolean } = {},
): Promise<number> {
  const { pauseMs = walkPauseMs, more = () => true } = options;
  let written = 0;
  const work = async (institutionId: string) => {
    written += (await projectDue(services, institutionId)).written;
    while (more()) {
      const begun = performance.now();
      const step = await projectStep(services, institutionId);
      written += step.written;
      if (step.gaps.length > 0) log.warn({ gaps: step.gaps }, "rows without a FHIR form");
      if (step.did === "nothing" || step.did === "busy") return;
      const restMs = (performance.now() - begun) * rest;
      if (pauseMs > 0)
        await delay(step.did === "walk" ? Math.max(pauseMs, restMs) : restMs, null, { ref: false });
    }
  };
  // One after the other: of two cores one is for people.
  for (const institutionId of await services.db.withActor(actor, findProjected)) {
    if (!more()) break;
    await work(institutionId).catch((error: unknown) => {
      if (error instanceof DomainError && error.code.startsWith("fhir.")) return;
      log.warn({ err: error, institutionId }, "a record store could not be brought up to date");
    });
  }
  return written;
}

/** Looks through what only time changes: seats whose day has come near or gone. */
export const projectAgain = (services: Services): Promise<void> =>
  services.db.withActor(actor, (tx) => walkAgain(tx, "clinic-day"));

/**
 * Runs a moment after each wake, one run at a time in this process. What a crash, another process or a
 * store that was away leaves behind is found by the job of the minute.
 */
export function startProjector(services: Services, log: Pick<TaskLog, "warn">): Projector {
  let closed = false;
  let wanted = false;
  let running: Promise<void> | null = null;
  const run = async () => {
    while (wanted && !closed) {
      await delay(gatherMs, null, { ref: false });
      wanted = false;
      await projectStores(services, log, { more: () => !closed });
    }
  };
  const wake = () => {
    wanted = true;
    if (closed || running) return;
    running = run()
      .catch((error: unknown) => log.warn({ err: error }, "the projection waits"))
      .finally(() => {
        running = null;
        if (wanted && !closed) wake();
      });
  };
  const first = setTimeout(wake, firstWakeMs).unref();
  return {
    wake,
    close: async () => {
      closed = true;
      clearTimeout(first);
      await running;
    },
  };
}
