import type { Database } from "../db/client.ts";
import { systemActor } from "../identity/service.ts";
import { enqueue } from "../queue/enqueue.ts";
import { findDue } from "./caller-wait-repository.ts";
import { callersTask } from "./caller-wait-service.ts";
import { allowance, firstRate, nextRate } from "./release-domain.ts";
import * as repository from "./release-repository.ts";

/** How far a room is: the same for everybody in it, so it is told to all at once. */
export type RoomProgress = {
  roomId: string;
  releaseAt: string;
  admittedTo: number;
  lastNumber: number;
  perSecond: number;
  /** Nobody has them, not even for some minutes; null before the release. */
  seatsLeft: number | null;
  soldOut: boolean;
  closed: boolean;
};
export type PlaceState = { progress: RoomProgress; number: number | null; people: number };

type Listeners = {
  room: (progress: RoomProgress) => void;
  /** Somebody has a number now. */
  place: (patientId: string, place: { placeId: string; number: number }) => void;
};

export type ReleaseRooms = {
  /** Hear how far the rooms are, from now on. */
  listen: (listeners: Listeners) => void;
  /** Somebody came in. */
  entered: (roomId: string, placeId: string) => void;
  /** Somebody is being given a seat, until the answer is called: the rate of admission follows how long it takes. */
  holding: () => () => void;
  /** From memory, so that thousands may ask; null for a place that nobody has. */
  place: (placeId: string) => Promise<PlaceState | null>;
  /** One step; the timer calls it, and tests do. */
  tick: () => Promise<void>;
  start: () => void;
  close: () => Promise<void>;
};

const busyTickMs = 250;
const idleTickMs = 5_000;
const rateEveryMs = 1_000;
/** A room is remembered this long after its release; it is open for an hour at most. */
const rememberedMs = 2 * 3_600_000;

/**
 * Runs the waiting rooms of releases: every server looks, the database lets one of them do the step
 * (app.tick_rooms), and each remembers the numbers to answer from memory.
 */
export function createReleaseRooms(options: {
  db: Database;
  clock: () => Date;
  onError: (error: unknown) => void;
}): ReleaseRooms {
  const { db, clock } = options;
  const rooms = new Map<string, RoomProgress>();
  const numbers = new Map<string, { roomId: string; number: number | null }>();
  const known = new Map<string, number>();
  /** How many came in here, before they have numbers. */
  const people = new Map<string, number>();
  let rate = firstRate;
  let took: number[] = [];
  /** When those began who wait for their seat at this moment. */
  const waiting = new Set<{ since: number }>();
  /** How late the timer rang, at worst: so long everything waits here. */
  let lag = 0;
  let rated = performance.now();
  let ticked = performance.now();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | null = null;
  let closed = false;
  let listeners: Listeners = { room: () => {}, place: () => {} };

  const step = async () => {
    const at = performance.now();
    if (at - rated >= rateEveryMs) {
      rate = nextRate(rate, [...took, ...[...waiting].map(({ since }) => at - since)], lag);
      took = [];
      lag = 0;
      rated = at;
    }
    const allowed = allowance(rate, at - ticked, waiting.size);
    ticked = at;
    const told: RoomProgress[] = [];
    const drawn: repository.PlaceRow[] = [];
    await db.withActor(systemActor("release"), async (tx) => {
      const rows = await repository.tickRooms(tx, allowed, clock());
      for (const { id, releaseAt, ...row } of rows) {
        const progress = { roomId: id, releaseAt: releaseAt.toISOString(), ...row };
        const from = known.get(id) ?? 0;
        if (row.lastNumber > from || !known.has(id)) {
          for (const place of await repository.findNumbers(tx, id, from)) {
            numbers.set(place.id, { roomId: id, number: place.number });
            if (place.number !== null) drawn.push(place);
          }
          known.set(id, row.lastNumber);
        }
        const before = rooms.get(id);
        rooms.set(id, progress);
        if (JSON.stringify(before) !== JSON.stringify(progress)) told.push(progress);
      }
      // Callers who hung up have no page that goes on by itself.
      if (rows.length > 0 && (await findDue(tx, clock())).length > 0)
        await enqueue(tx, { task: callersTask, payload: {}, jobKey: callersTask });
      // Who was in a room asks for a while after its end, and is answered from memory too.
      for (const [id, room] of rooms)
        if (clock().getTime() - Date.parse(room.releaseAt) > rememberedMs) forget(id);
    });
    // After commit.
    for (const { id, patientId, number } of drawn)
      listeners.place(patientId, { placeId: id, number: number! });
    for (const progress of told) listeners.room(progress);
  };
  const forget = (roomId: string) => {
    rooms.delete(roomId);
    known.delete(roomId);
    people.delete(roomId);
    for (const [id, place] of numbers) if (place.roomId === roomId) numbers.delete(id);
  };
  const tick = () => {
    running ??= step()
      .catch(options.onError)
      .finally(() => {
        running = null;
      });
    return running;
  };
  const plan = (ms: number) => {
    clearTimeout(timer);
    if (closed) return;
    const due = performance.now() + ms;
    timer = setTimeout(() => {
      lag = Math.max(lag, performance.now() - due);
      void tick().then(() => plan(isBusy() ? busyTickMs : idleTickMs));
    }, ms);
    timer.unref();
  };
  /** Something happens within the next moments: a release that comes is hit within a quarter of a second. */
  const isBusy = () =>
    [...rooms.values()].some(
      (room) => !room.closed && Date.parse(room.releaseAt) - clock().getTime() < 2 * idleTickMs,
    );

  return {
    listen: (given) => {
      listeners = given;
    },
    entered: (roomId, placeId) => {
      if (!numbers.has(placeId)) numbers.set(placeId, { roomId, number: null });
      people.set(roomId, (people.get(roomId) ?? 0) + 1);
      if (timer && !isBusy()) plan(0);
    },
    holding: () => {
      const one = { since: performance.now() };
      waiting.add(one);
      return () => {
        if (waiting.delete(one)) took.push(performance.now() - one.since);
      };
    },
    place: async (placeId) => {
      const kept = numbers.get(placeId);
      const row =
        kept ??
        (await db.withActor(systemActor("release"), (tx) => repository.findPlace(tx, placeId)));
      if (!row) return null;
      if (!rooms.has(row.roomId)) await tick();
      const progress = rooms.get(row.roomId);
      if (!progress) return null;
      const count = Math.max(progress.lastNumber, people.get(row.roomId) ?? 0);
      return { progress, number: row.number, people: count };
    },
    tick,
    start: () => plan(0),
    close: async () => {
      closed = true;
      clearTimeout(timer);
      await running;
    },
  };
}
