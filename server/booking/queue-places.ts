import { sql } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { systemActor } from "../identity/service.ts";
import type { QueuePlace } from "../realtime/contract.ts";
import * as repository from "./repository.ts";
import { expectedAt, minutesPerPatient } from "./waiting.ts";

export type ToldPlace = { patientId: string; place: QueuePlace };

/**
 * Everybody's place in one schedule's day, from one ordered source and one query; five thousand
 * phones are told from memory.
 */
export async function placesOf(
  db: Database,
  scheduleId: string,
  day: string,
  now: Date,
): Promise<ToldPlace[]> {
  return db.withActor(systemActor("queue"), async (tx) => {
    const queue = await repository.findQueue(tx, scheduleId, day);
    if (queue.length === 0) return [];
    const seen = await repository.findSeenMinutes(tx, scheduleId, day);
    const plans = await tx.execute<{
      id: string;
      startsAt: string;
      delayMinutes: number;
      segmentMinutes: number;
      capacity: number;
    }>(sql`select a.id, a.starts_at as "startsAt", g.delay_minutes as "delayMinutes",
        c.segment_minutes as "segmentMinutes", g.capacity
      from appointment a join segment g on g.id = a.segment_id join clinic_schedule c on c.id = a.schedule_id
      where a.schedule_id = ${scheduleId} and a.day = ${day} and a.state in ('waiting', 'in-consultation')`);
    const byId = new Map(plans.map((plan) => [plan.id, plan]));
    const inRoom = queue.some((one) => one.state === "in-consultation");
    let ahead = 0;
    const told: ToldPlace[] = [];
    for (const one of queue) {
      const plan = byId.get(one.id);
      if (!plan || !one.patientId) continue;
      const called = one.state === "in-consultation";
      told.push({
        patientId: one.patientId,
        place: {
          appointmentId: one.id,
          ahead: called ? 0 : ahead,
          called,
          expectedAt: expectedAt({
            now,
            startsAt: new Date(plan.startsAt),
            delayMinutes: plan.delayMinutes,
            ahead: called ? 0 : ahead,
            inRoom: inRoom && !called,
            minutesEach: minutesPerPatient(plan, seen),
          }).toISOString(),
        },
      });
      if (!called) ahead += 1;
    }
    return told;
  });
}

/**
 * Tells places whenever a queue moved. Changes that come while one is being told are told together
 * afterwards: the last one is never lost.
 */
export function createQueuePlaces(options: {
  places: (scheduleId: string, day: string) => Promise<ToldPlace[]>;
  tell: (told: ToldPlace) => void;
  onError: (error: unknown) => void;
}): { moved: (scheduleId: string, day: string) => void; settled: () => Promise<void> } {
  const running = new Map<string, Promise<void>>();
  const again = new Set<string>();
  const run = async (scheduleId: string, day: string) => {
    const key = `${scheduleId} ${day}`;
    do {
      again.delete(key);
      try {
        for (const told of await options.places(scheduleId, day)) options.tell(told);
      } catch (error) {
        options.onError(error);
      }
    } while (again.has(key));
    running.delete(key);
  };
  return {
    moved: (scheduleId, day) => {
      const key = `${scheduleId} ${day}`;
      if (running.has(key)) again.add(key);
      else running.set(key, run(scheduleId, day));
    },
    settled: async () => void (await Promise.all(running.values())),
  };
}
