/** Keeps every hosted store up with the alliance's own tables, in the background. */
import { setTimeout as delay } from "node:timers/promises";
import { DomainError } from "../../errors/domain-error.ts";
import type { Services } from "../../http/context.ts";
import { systemActor } from "../../identity/service.ts";
import type { TaskLog } from "../../queue/task.ts";
import { findProjected, findWaiting, walkAgain } from "./changes.ts";
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
  /**
   * Everything that changed, then one stretch of the walk: a long one keeps no other store waiting.
   * @returns whether the store may be asked again in this run
   */
  const turn = async (institutionId: string): Promise<boolean> => {
    while (more()) {
      const begun = performance.now();
      const step = await projectStep(services, institutionId);
      written += step.written;
      if (step.gaps.length > 0) log.warn({ gaps: step.gaps }, "rows without a FHIR form");
      if (step.did === "nothing" || step.did === "busy") return step.did === "nothing";
      const restMs = (performance.now() - begun) * rest;
      if (pauseMs > 0)
        await delay(step.did === "walk" ? Math.max(pauseMs, restMs) : restMs, null, { ref: false });
      if (step.did === "walk") return true;
    }
    return false;
  };
  // One after the other: of two cores one is for people. A store that cannot now, or that another server
  // is at, is asked at the next run.
  const over = new Set<string>();
  while (more()) {
    const waiting = await services.db.withActor(actor, findWaiting);
    const left = waiting.filter((one) => !over.has(one));
    if (left.length === 0) break;
    for (const institutionId of left)
      if (!(await alone(institutionId, log, turn))) over.add(institutionId);
  }
  return written;
}

/** What one store does is no matter for the others. */
async function alone<Answer>(
  institutionId: string,
  log: Pick<TaskLog, "warn">,
  work: (institutionId: string) => Promise<Answer>,
): Promise<Answer | null> {
  try {
    return await work(institutionId);
  } catch (error) {
    if (!(error instanceof DomainError && error.code.startsWith("fhir.")))
      log.warn({ err: error, institutionId }, "a record store could not be brought up to date");
    return null;
  }
}

/** Every minute: new stores are begun with, and what has come to be true by time alone is told. */
export async function projectTimed(services: Services, log: Pick<TaskLog, "warn">): Promise<void> {
  for (const institutionId of await services.db.withActor(actor, findProjected))
    await alone(institutionId, log, (id) => projectDue(services, id));
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
  let begun = false;
  let running: Promise<void> | null = null;
  const run = async () => {
    while (wanted && !closed) {
      await delay(gatherMs, null, { ref: false });
      wanted = false;
      if (!begun) await projectTimed(services, log);
      begun = true;
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
