/** What keeps deliveries going beside the routes. */

import { setTimeout as delay } from "node:timers/promises";
import { eq } from "drizzle-orm";
import type { FastifyBaseLogger } from "fastify";
import { DomainError } from "../../errors/domain-error.ts";
import type { Services } from "../../http/context.ts";
import { systemActor } from "../../identity/service.ts";
import { recordStore } from "../../records/schema.ts";
import { deliver, dueAt, sweepEvents } from "./deliver.ts";

export type Deliverer = {
  /** Looks once what is due at every store, and waits for what it began. */
  run(): Promise<void>;
  close(): Promise<void>;
};

/** So many receivers are spoken to at once; one that hangs keeps no other waiting. */
const atOnceMax = 32;
const closingMs = 3000;
const sweepEveryMs = 3600_000;

/**
 * Wakes with every write to a store that has subscriptions, and by the clock for what is to be tried again.
 * @param tickMs 0: only when {@link Deliverer.run} is called
 */
export function startDeliverer(
  services: Services,
  { log, tickMs = 2000 }: { log: Pick<FastifyBaseLogger, "warn">; tickMs?: number },
): Deliverer {
  const underWay = new Map<string, Promise<void>>();
  /** Stores where changes are noted: others are not asked after each write. */
  const recording = new Set<string>();
  const looking = new Map<string, Promise<void>>();
  const again = new Set<string>();
  let swept = 0;
  let isClosed = false;
  const warn = (error: unknown) => {
    // A paused store is told later.
    if (!(error instanceof DomainError)) log.warn({ err: error }, "notifications are waiting");
  };

  const look = async (institutionId: string): Promise<void> => {
    const place = await services.records.find({ institutionId });
    const { due, isRecording } = await dueAt(services, place);
    if (isRecording) recording.add(institutionId);
    else recording.delete(institutionId);
    for (const id of due) {
      const key = `${institutionId}/${id}`;
      if (isClosed || underWay.has(key) || underWay.size >= atOnceMax) continue;
      const work = deliver(services, place, id)
        .catch(warn)
        .finally(() => underWay.delete(key));
      underWay.set(key, work);
    }
  };
  /** Once at a time for a store; whoever asks meanwhile is looked for once more. */
  const lookAt = (institutionId: string): Promise<void> => {
    const running = looking.get(institutionId);
    if (running) {
      again.add(institutionId);
      return running;
    }
    const work = look(institutionId)
      .catch(warn)
      .then(() => {
        looking.delete(institutionId);
        if (again.delete(institutionId) && !isClosed) return lookAt(institutionId);
      });
    looking.set(institutionId, work);
    return work;
  };
  const tick = async (): Promise<void> => {
    const stores = await services.db.withActor(systemActor("fhir-subscriptions"), (tx) =>
      tx
        .select({ id: recordStore.institutionId })
        .from(recordStore)
        .where(eq(recordStore.kind, "hosted")),
    );
    await Promise.all(stores.map(({ id }) => lookAt(id)));
    const now = services.clock().getTime();
    if (Math.abs(now - swept) < sweepEveryMs) return;
    swept = now;
    for (const { id } of stores)
      await services.records
        .find({ institutionId: id })
        .then((place) => sweepEvents(services, place))
        .catch(warn);
  };

  services.records.listen((tenant) => {
    if (recording.has(tenant) && tickMs > 0 && !isClosed) void lookAt(tenant);
  });
  const timer = tickMs > 0 ? setInterval(() => void tick().catch(warn), tickMs) : undefined;
  timer?.unref();
  return {
    run: async () => {
      await tick();
      while (underWay.size > 0) await Promise.all(underWay.values());
    },
    close: async () => {
      isClosed = true;
      clearInterval(timer);
      // A receiver that hangs does not hold up the server's end: its event comes again.
      await Promise.race([
        Promise.all([...looking.values(), ...underWay.values()]),
        delay(closingMs, null, { ref: false }),
      ]);
    },
  };
}
