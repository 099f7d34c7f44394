/**
 * One evening: people come with their phones, samplers take swabs at their own pace and their phones send
 * what they did, some late and twice; couriers, a laboratory. Random, with a fixed seed.
 */
import { randomUUID } from "node:crypto";
import type { StepAnswer } from "../../../server/sampling/contract.ts";
import { makeTubeCode } from "../../../server/sampling/service.ts";
import type { SurgeBoard } from "../../../server/surge/contract.ts";
import type { Balanced } from "../../../server/surge/service.ts";
import { ask, type Client, inParallel, seeded } from "./client.ts";
import type { Order } from "./server.ts";
import type { World } from "./world.ts";

type Step = {
  id: string;
  step: "open" | "sample" | "seal" | "void";
  station: string;
  tube: string;
  registration: string | null;
  purpose: null;
  retest: false;
  reason: string | null;
  at: string;
};
type Sampler = {
  client: Client;
  station: string;
  size: 10 | 20;
  /** Seconds for one swab; nobody is the same twice. */
  pace: number;
  freeAt: number;
  tube: { code: string; people: string[] } | null;
  idleSince: number;
  pending: Step[];
  /** Without a line until then. */
  offUntil: number;
};

export type Frame = {
  minute: number;
  registered: number;
  sampled: number;
  waiting: number;
  hall: number;
  perHour: number;
  filling: number;
  inTransit: number;
  inLaboratory: number;
  overdue: number;
  moved: number;
  queues: number[];
};
export type Evening = {
  /** Minutes from the opening until the last one was sampled. */
  minutes: number;
  frames: Frame[];
  samples: number;
  syncSeconds: number;
  requests: number;
  millis: number[];
  moved: number;
  admitted: number;
  voided: number;
  problems: Map<string, number>;
  repeated: number;
  turnMillis: number[];
  arriveMillis: number[];
};

const width = 24;
/** Autovacuum looks every minute of an evening; the compressed one has few real minutes. */
const statisticsMinutes = 10;
/** Phones send what they have about so often, simulated minutes. */
const syncMinutes = 4;
const transportMinutes = 30;

export async function runEvening(options: {
  world: World;
  url: string;
  surgeId: string;
  sites: readonly string[];
  samplers: readonly { client: Client; station: string }[];
  from: Date;
  seed: number;
  tell: <Answer>(order: Order) => Promise<Answer>;
  log: (line: string) => void;
}): Promise<Evening> {
  const { world, url, surgeId, sites, from, tell, log } = options;
  const { admin } = world;
  const random = seeded(options.seed);
  let serial = 0;
  const samplers: Sampler[] = options.samplers.map(({ client, station }, index) => ({
    client,
    station,
    // A quarter of the tables uses tubes of twenty.
    size: index % 4 === 3 ? 20 : 10,
    pace: 3600 / (58 + random() * 44),
    freeAt: random() * 60,
    tube: null,
    idleSince: 0,
    pending: [],
    offUntil: 0,
  }));
  const evening: Evening = {
    minutes: 0,
    frames: [],
    samples: 0,
    syncSeconds: 0,
    requests: 0,
    millis: [],
    moved: 0,
    admitted: 0,
    voided: 0,
    problems: new Map(),
    repeated: 0,
    turnMillis: [],
    arriveMillis: [],
  };
  /** Swabs taken that the server may not know of yet. */
  const taken = new Set<string>();
  const at = (second: number) => new Date(from.getTime() + second * 1000);
  const step = (
    sampler: Sampler,
    kind: Step["step"],
    tube: string,
    second: number,
    registration: string | null = null,
    reason: string | null = null,
  ) =>
    sampler.pending.push({
      id: randomUUID(),
      step: kind,
      station: sampler.station,
      tube,
      registration,
      purpose: null,
      retest: false,
      reason,
      at: at(second).toISOString(),
    });

  const finish = (sampler: Sampler, second: number) => {
    const { tube } = sampler;
    if (!tube) return;
    sampler.tube = null;
    // One in two hundred is spilled or its label is lost: everybody again.
    if (random() < 0.005) {
      step(sampler, "void", tube.code, second, null, "漏液");
      for (const one of tube.people) taken.delete(one);
      evening.voided += 1;
    } else step(sampler, "seal", tube.code, second);
  };

  const work = (minute: number, queues: Map<string, string[]>) => {
    for (const sampler of samplers) {
      const end = (minute + 1) * 60;
      const queue = queues.get(sampler.station) ?? [];
      let second = Math.max(sampler.freeAt, minute * 60);
      while (second < end) {
        const person = queue.shift();
        if (!person) {
          if (sampler.tube && second - sampler.idleSince > 600) finish(sampler, second);
          break;
        }
        if (!sampler.tube) {
          sampler.tube = { code: makeTubeCode(sampler.size, serial++), people: [] };
          step(sampler, "open", sampler.tube.code, second);
        }
        second += sampler.pace * (0.7 + random() * 0.6);
        step(sampler, "sample", sampler.tube.code, second, person);
        sampler.tube.people.push(person);
        taken.add(person);
        sampler.idleSince = second;
        if (sampler.tube.people.length === sampler.size) finish(sampler, second + 1);
      }
      sampler.freeAt = Math.max(second, sampler.freeAt);
      // Now and then a phone has no line for a quarter of an hour; its sampler goes on.
      if (sampler.offUntil <= minute && random() < 0.0008) sampler.offUntil = minute + 15;
    }
  };

  const sync = async (minute: number, everybody: boolean) => {
    const due = samplers.filter(
      (one, index) =>
        one.pending.length > 0 &&
        (everybody || (one.offUntil <= minute && (minute + index) % syncMinutes === 0)),
    );
    const began = performance.now();
    await inParallel(due, width, async (sampler) => {
      const wasOff = sampler.offUntil > 0 && sampler.pending.length > 12;
      if (wasOff) sampler.offUntil = 0;
      while (sampler.pending.length > 0) {
        const steps = sampler.pending.splice(0, 100);
        // What was swabbed a moment after the clock's minute is sent with it.
        const body = { sentAt: at((minute + 1) * 60).toISOString(), steps };
        const send = async () => {
          const start = performance.now();
          const { answers } = await ask<{ answers: StepAnswer[] }>(
            url,
            sampler.client,
            "POST",
            "/api/sampling/steps",
            body,
          );
          evening.requests += 1;
          evening.millis.push(performance.now() - start);
          return answers;
        };
        const answers = await send();
        // The answer was lost on the way: everything once more.
        if (wasOff || random() < 0.01)
          for (const answer of await send()) if (answer.repeated) evening.repeated += 1;
        for (const [index, answer] of answers.entries()) {
          if (answer.problem)
            evening.problems.set(answer.problem, (evening.problems.get(answer.problem) ?? 0) + 1);
          else if (steps[index]!.step === "sample") evening.samples += 1;
        }
      }
    });
    evening.syncSeconds += (performance.now() - began) / 1000;
  };

  const standing = async () => {
    const rows = await admin<{ station: string; registration: string }[]>`
      select station_id as station, registration_id as registration from surge_place
      where surge_id = ${surgeId} and state = 'waiting' and station_id is not null order by station_id, priority desc, number`;
    const queues = new Map<string, string[]>();
    for (const row of rows) {
      if (taken.has(row.registration)) continue;
      const queue = queues.get(row.station);
      if (queue) queue.push(row.registration);
      else queues.set(row.station, [row.registration]);
    }
    return queues;
  };

  const boxes = async (now: Date) => {
    await admin.begin(async (tx) => {
      await tx`update tube set state = 'received', received_at = ${now}, received_by = ${world.analysts[0]!.personId}, version = version + 1
        where state = 'in-transit' and picked_up_at <= ${new Date(now.getTime() - 25 * 60_000)}`;
      await tx`update tube set state = 'in-transit', picked_up_at = ${now}, version = version + 1 where state = 'sealed' and sealed_at <= ${now}`;
    });
  };

  let next = 0;
  for (let minute = 0; minute < 12 * 60; minute += 1) {
    const now = at((minute + 1) * 60);
    await tell({ kind: "clock", now: now.toISOString() });
    const coming = [];
    while (next < world.parties.length && world.parties[next]!.minute <= minute)
      coming.push(world.parties[next++]!);
    await inParallel(coming, width, async (party) => {
      const siteId = sites[Math.floor(random() * sites.length)]!;
      const began = performance.now();
      await ask(url, party.client, "POST", "/api/my/surge", {
        siteId,
        patientIds: party.patients,
      });
      evening.arriveMillis.push(performance.now() - began);
    });
    const began = performance.now();
    const turn = await tell<Balanced>({ kind: "turn", surgeId });
    evening.turnMillis.push(performance.now() - began);
    evening.moved += turn.moved;
    evening.admitted += turn.admitted;
    work(minute, await standing());
    await sync(minute, next >= world.parties.length && minute % 5 === 4);
    if (minute % statisticsMinutes === 2)
      await admin`analyze surge_place, surge_station, test_registration, sampling_group, sampling_group_member, tube, tube_member, sampling_op, recall`;
    if (minute % transportMinutes === transportMinutes - 1) await boxes(now);
    const board =
      minute % 5 === 4
        ? await ask<SurgeBoard>(url, world.commanders[0]!, "GET", `/api/surges/${surgeId}/board`)
        : null;
    if (board) {
      evening.frames.push(frameOf(minute + 1, board, evening.moved));
      if (minute % 30 === 29)
        log(
          `minute ${minute + 1}: ${board.sampled} of ${board.registered} sampled, ${board.waiting} wait, ${board.perHour} an hour, ${turn.moved} moved just now`,
        );
    }
    if (board && next >= world.parties.length && board.sampled >= world.people) {
      evening.minutes = minute + 1;
      break;
    }
  }
  // The last tubes are sealed, the last boxes go.
  const last = evening.minutes * 60;
  for (const sampler of samplers) {
    if (sampler.tube) step(sampler, "seal", sampler.tube.code, last);
    sampler.tube = null;
  }
  await tell({ kind: "clock", now: at(last + 60).toISOString() });
  await sync(evening.minutes, true);
  await boxes(at(last + 120));
  await boxes(at(last + 120 + 30 * 60));
  await tell({ kind: "clock", now: at(last + 3 * 3600).toISOString() });
  return evening;
}

function frameOf(minute: number, board: SurgeBoard, moved: number): Frame {
  return {
    minute,
    registered: board.registered,
    sampled: board.sampled,
    waiting: board.waiting,
    hall: board.sites.reduce((sum, one) => sum + one.hall, 0),
    perHour: board.perHour,
    filling: board.tubes.filling + board.tubes.toCollect,
    inTransit: board.tubes.inTransit,
    inLaboratory: board.tubes.inLaboratory + board.tubes.done,
    overdue: board.tubes.overdue,
    moved,
    queues: board.sites.flatMap((site) => site.stations.map((one) => one.queue)),
  };
}
